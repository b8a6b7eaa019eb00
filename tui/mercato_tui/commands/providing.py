"""Accounts at offerings, site agents, and the log of everything."""

from __future__ import annotations

import click

from mercato.schemas import accounts, events, site_agents
from mercato_tui.commands.nouns import Act, Noun, Part, group
from mercato_tui.commands.printing import Column, when

ACCOUNTS = Noun(
    name="accounts",
    one="account",
    help="People's accounts at offerings.",
    list=accounts.OFFERING_USERS,
    detail=accounts.OFFERING_USER,
    label="username",
    names=(),
    columns=(
        Column("PERSON", "user_full_name"),
        Column("OFFERING", "offering_name"),
        Column("USERNAME THERE", "username"),
        Column("STATE", "state"),
        Column("TOLD", "service_provider_comment"),
        Column("UUID", "uuid"),
    ),
    facts=(
        Column("Person", "user_full_name"),
        Column("E-mail", "user_email"),
        Column("Offering", "offering_name"),
        Column("Provider", "customer_name"),
        Column("Username there", "username"),
        Column("State", "state"),
        Column("At the backend", "runtime_state"),
        Column("Restricted", "is_restricted"),
        Column("Provider says", "service_provider_comment"),
        Column("See", "service_provider_comment_url"),
        Column("Terms accepted", "has_consent"),
        Column("Created", "created", when),
        Column("UUID", "uuid"),
    ),
    empty="No accounts.",
    acts=(
        Act(
            "request", accounts.OFFERING_USER_CREATE, "Request an account for somebody.", "Requested: {uuid}."
        ),
        Act("set-username", accounts.OFFERING_USER_UPDATE, "Set its username.", "Changed."),
        *(
            Act(
                move.path.rstrip("/").rsplit("/", 1)[-1].replace("_", "-"),
                move,
                f"{move.summary}.",
                "Done.",
            )
            for move in accounts.MOVES
        ),
        Act(
            "forget", accounts.OFFERING_USER_DELETE, "Forget a deleted one.", "Forgotten.", asks="Forget it?"
        ),
    ),
)
SITE_AGENTS = Noun(
    name="site-agents",
    one="agent",
    help="The agents of offerings.",
    list=site_agents.IDENTITIES,
    detail=site_agents.IDENTITY,
    names=("name",),
    columns=(
        Column("NAME", "name"),
        Column("VERSION", "version"),
        Column("FITS", "compatibility.status"),
        Column("SERVICES", "services.name"),
        Column("RESTARTED", "last_restarted", when),
        Column("UUID", "uuid"),
    ),
    sort="name",
    empty="No site agent has reported yet.",
    parts=(
        Part(
            "log",
            site_agents.LOGS,
            "What it logged, the latest first.",
            (
                Column("WHEN", "created", when),
                Column("LEVEL", "level"),
                Column("MODULE", "module"),
                Column("MESSAGE", "message"),
            ),
            "It has logged nothing.",
            within="agent_identity_uuid",
        ),
    ),
    acts=(
        Act(
            "forget",
            site_agents.IDENTITY_DELETE,
            "Forget one that is gone.",
            "{name} is forgotten.",
            asks="Forget {name}, with its log?",
        ),
    ),
)
LOG = Noun(
    name="log",
    one="entry",
    help="Everything that happened.",
    list=events.LOG,
    detail=None,
    label="message",
    names=(),
    columns=(
        Column("WHEN", "created", when),
        Column("WHO", "context.user_username"),
        Column("WHAT", "message"),
        Column("TYPE", "event_type"),
    ),
    sort="-created",
    empty="Nothing has happened that you can see.",
)
COMMANDS: dict[str, click.Command] = {
    "accounts": group(ACCOUNTS),
    "site-agents": group(SITE_AGENTS),
    "log": group(LOG),
}
