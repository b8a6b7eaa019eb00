"""Projects, organizations, and the people in them."""

from __future__ import annotations

import click

from mercato.schemas import Endpoint, access, identity, tenants
from mercato_tui.commands.nouns import Act, Noun, Part, group
from mercato_tui.commands.printing import Column, when

_TEAM = (
    Column("NAME", "user_full_name"),
    Column("USERNAME", "user_username"),
    Column("ROLE", "role_name"),
    Column("UNTIL", "expiration_time", when),
    Column("E-MAIL", "user_email"),
)


def _team(members: tuple[Endpoint, ...]) -> tuple[Part, tuple[Act, ...]]:  # type: ignore[type-arg]
    listed, add, update, remove = members
    return (
        Part("team", listed, "Who is in it, in which role.", _TEAM, "Nobody."),
        (
            Act("add", add, "Give somebody a role.", "Added to {name}."),
            Act("extend", update, "Change when a role ends.", "Changed in {name}."),
            Act(
                "remove",
                remove,
                "Take a role from somebody.",
                "Removed from {name}.",
                asks="Take the role in {name} away?",
            ),
        ),
    )


_PROJECT_TEAM, _PROJECT_ACTS = _team(access.PROJECT_MEMBERS)
_CUSTOMER_TEAM, _CUSTOMER_ACTS = _team(access.CUSTOMER_MEMBERS)

PROJECTS = Noun(
    name="projects",
    one="project",
    help="Projects and their teams.",
    list=tenants.PROJECTS,
    detail=tenants.PROJECT,
    columns=(
        Column("NAME", "name"),
        Column("ORGANIZATION", "customer_name"),
        Column("RESOURCES", "resources_count", right=True),
        Column("STARTS", "start_date"),
        Column("ENDS", "end_date"),
        Column("UUID", "uuid"),
    ),
    facts=(
        Column("Name", "name"),
        Column("Description", "description"),
        Column("Organization", "customer_name"),
        Column("Resources", "resources_count"),
        Column("Starts", "start_date"),
        Column("Ends", "end_date"),
        Column("Kind", "kind"),
        Column("Field of science", "science_sub_domain_name"),
        Column("Created", "created", when),
        Column("UUID", "uuid"),
    ),
    sort="name",
    empty="No projects.",
    parts=(_PROJECT_TEAM,),
    acts=(
        Act("create", tenants.PROJECT_CREATE, "Begin a project.", "{name} is there: {uuid}."),
        Act(
            "change", tenants.PROJECT_UPDATE, "Rename it, describe it, move its dates.", "{name} is changed."
        ),
        Act("delete", tenants.PROJECT_DELETE, "Remove it.", "{name} is removed.", asks="Remove {name}?"),
        *_PROJECT_ACTS,
    ),
)
ORGANIZATIONS = Noun(
    name="organizations",
    one="organization",
    help="Organizations and their teams.",
    list=tenants.CUSTOMERS,
    detail=tenants.CUSTOMER,
    columns=(
        Column("NAME", "name"),
        Column("SHORT", "abbreviation"),
        Column("PROVIDES", "is_service_provider"),
        Column("PROJECTS", "projects_count", right=True),
        Column("PEOPLE", "users_count", right=True),
        Column("UUID", "uuid"),
    ),
    facts=(
        Column("Name", "name"),
        Column("Short", "abbreviation"),
        Column("Description", "description"),
        Column("Provides services", "is_service_provider"),
        Column("Blocked", "blocked"),
        Column("Archived", "archived"),
        Column("E-mail", "email"),
        Column("Phone", "phone_number"),
        Column("Address", "address"),
        Column("Country", "country"),
        Column("VAT", "vat_code"),
        Column("Tax percent", "default_tax_percent"),
        Column("Billed in", "time_zone"),
        Column("Projects", "projects_count"),
        Column("People", "users_count"),
        Column("UUID", "uuid"),
    ),
    sort="name",
    empty="No organizations.",
    parts=(_CUSTOMER_TEAM,),
    acts=(
        Act("create", tenants.CUSTOMER_CREATE, "Found an organization.", "{name} is there: {uuid}."),
        Act("change", tenants.CUSTOMER_UPDATE, "Change what is known of it.", "{name} is changed."),
        Act("delete", tenants.CUSTOMER_DELETE, "Remove it.", "{name} is removed.", asks="Remove {name}?"),
        *_CUSTOMER_ACTS,
    ),
)
PEOPLE = Noun(
    name="people",
    one="person",
    help="Who is who.",
    list=identity.USERS,
    detail=identity.USER,
    label="username",
    names=("username",),
    columns=(
        Column("NAME", "full_name"),
        Column("USERNAME", "username"),
        Column("E-MAIL", "email"),
        Column("ORGANIZATION", "organization"),
        Column("STAFF", "is_staff"),
        Column("ACTIVE", "is_active"),
        Column("UUID", "uuid"),
    ),
    sort="full_name",
    empty="Nobody whom you can see.",
    acts=(
        Act(
            "create",
            identity.USER_CREATE,
            "Make a local account.",
            "Created: {username}.",
            skip=frozenset({"password"}),
        ),
        Act("change", identity.USER_UPDATE, "Change what is known of somebody.", "{name} is changed."),
        Act(
            "delete", identity.USER_DELETE, "Remove an account.", "{name} is removed.", asks="Remove {name}?"
        ),
    ),
)
COMMANDS: dict[str, click.Command] = {
    "projects": group(PROJECTS),
    "organizations": group(ORGANIZATIONS),
    "people": group(PEOPLE),
}
