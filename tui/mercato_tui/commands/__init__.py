"""What the screens can do, as commands: for scripts, for pipes and for people in a hurry.

A noun (`orders`, `resources`, …) is a table of columns and acts; its options come from the same Structs that the
server reads. Nothing of it is imported before it is asked for: `mercato` itself must start at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

import click


class Entry(NamedTuple):
    """Where a command is, and what it says of itself in the list of all commands."""

    module: str
    help: str


FIND = "mercato.find"
"""In the context's `meta`: gives the server that runs on this machine, if one does (`() -> Local | None`)."""
_HERE = "mercato_tui.commands."
TWINS: dict[str, Entry] = {
    "login": Entry("signing", "Sign in to a marketplace."),
    "logout": Entry("signing", "Forget the session."),
    "whoami": Entry("signing", "Who am I, and where?"),
    "offerings": Entry("buying", "What can be ordered."),
    "orders": Entry("buying", "Order, approve, reject, cancel."),
    "resources": Entry("buying", "What was ordered: limits, plans, the end."),
    "invoices": Entry("paying", "What is billed, line by line."),
    "usage": Entry("paying", "What was used; report it."),
    "projects": Entry("people", "Projects and their teams."),
    "organizations": Entry("people", "Organizations and their teams."),
    "people": Entry("people", "Who is who."),
    "ssh-keys": Entry("mine", "My SSH keys."),
    "access-tokens": Entry("mine", "My keys for programs."),
    "notices": Entry("mine", "What I was told."),
    "accounts": Entry("providing", "People's accounts at offerings."),
    "site-agents": Entry("providing", "The agents of offerings, and what they log."),
    "log": Entry("providing", "Everything that happened."),
    "api": Entry("raw", "Ask the REST API anything."),
}


class Twins(click.Group):
    """A group that knows these commands by name and imports them when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *TWINS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = TWINS.get(cmd_name)
        if entry is None:
            return super().get_command(ctx, cmd_name)
        found: dict[str, click.Command] = import_module(_HERE + entry.module).COMMANDS
        return found[cmd_name]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Without importing what is only listed."""
        own = {name: super(Twins, self).get_command(ctx, name) for name in super().list_commands(ctx)}
        for title, rows in (
            ("The marketplace", [(name, entry.help) for name, entry in TWINS.items()]),
            (
                "Running it",
                [(name, command.get_short_help_str(limit=80)) for name, command in own.items() if command],
            ),
        ):
            with formatter.section(title):
                formatter.write_dl(rows)
