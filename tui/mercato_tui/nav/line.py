"""The `:` line: `orders state=pending-provider gpu` → a place and how to narrow it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mercato_tui.nav.registry import PAGES, find

if TYPE_CHECKING:
    from mercato_tui.nav.registry import Destination


@dataclass(frozen=True)
class Command:
    """What a line means.

    `act` is one of: go (to `target`, a destination), open (the route `target`), theme, quit, help, and
    unknown (then `target` is the word nobody knows).
    """

    act: str
    target: str = ""
    search: str = ""
    filters: dict[str, str] = field(default_factory=dict)


def parse(line: str, places: list[Destination]) -> Command | None:
    """The command of a line; None for an empty one. Unbalanced quotes are taken as they are."""
    try:
        words = shlex.split(line)
    except ValueError:
        words = line.split()
    if not words:
        return None
    head, rest = words[0].lstrip(":"), words[1:]
    if head in ("q", "quit", "exit"):
        return Command("quit")
    if head in ("help", "?"):
        return Command("help")
    if head == "theme":
        return Command("theme", rest[0] if rest else "")
    if head.partition("/")[1] and head.partition("/")[0] in PAGES:
        return Command("open", head)
    if head in PAGES and rest:
        return Command("open", f"{head}/{rest[0]}")
    place = find(head, places)
    if place is None:
        return Command("unknown", head)
    filters = dict(word.split("=", 1) for word in rest if "=" in word)
    search = " ".join(word for word in rest if "=" not in word)
    return Command("go", place.id, search, filters)


def completions(places: list[Destination], themes: list[str]) -> list[str]:
    """What the line offers while it is typed."""
    return [
        *(place.id for place in places),
        *(f"theme {name}" for name in themes),
        "help",
        "quit",
    ]
