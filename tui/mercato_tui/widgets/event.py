"""An entry of the event log: who, where, and everything that it knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from textual.content import Content

from mercato_tui import dates
from mercato_tui.i18n import _
from mercato_tui.text import Piece, lines, prose, say
from mercato_tui.widgets.facts import facts

if TYPE_CHECKING:
    from mercato.schemas.events import Event

# The narrowest thing first: that is what an entry is about.
PLACES = ("resource", "offering", "project", "customer")
BAD = ("_failed", "_erred_on_backend", "_denied_from_ip", "_rejected")
ENDS = ("_deleted", "_revoked", "_removed", "_canceled", "_terminated", "_deletion_succeeded")


def who(event: Event) -> str:
    """Who did it; a dash where it was the system."""
    known = event.context
    return str(known.get("user_full_name") or known.get("user_username") or "–")


def where(event: Event) -> str:
    """The narrowest thing that it concerns."""
    for place in PLACES:
        if name := event.context.get(f"{place}_name"):
            return str(name)
    return ""


def tone(event_type: str) -> str:
    """Whether it is good news: what failed and what was taken away stand out."""
    if any(part in event_type for part in BAD):
        return "bad"
    return "warn" if event_type.endswith(ENDS) else ""


def about(event: Event) -> tuple[str, str] | None:
    """The kind and uuid of the thing it concerns, for those that have a page of their own."""
    for place, page in (("resource", "resource"), ("project", "project"), ("customer", "organisation")):
        if found := event.context.get(f"{place}_uuid"):
            return page, str(found)
    return None


def entry(event: Event, cells: int) -> Content:
    """Everything about an entry, `cells` wide: the sentence, when, who, where, and the rest of its context."""
    names = 14 if cells < 60 else 24
    rows: list[tuple[str, Piece]] = [
        (_("When"), dates.moment(event.created)),
        (_("By"), _person(event.context, "user")),
    ]
    if event.context.get("affected_user_uuid"):
        rows.append((_("Whom"), _person(event.context, "affected_user")))
    for place, label in zip(
        PLACES, (_("Resource"), _("Offering"), _("Project"), _("Organisation")), strict=True
    ):
        if name := event.context.get(f"{place}_name"):
            rows.append((label, str(name)))
    rest = list(_rest(event.context))
    shown = [
        *prose((event.message, "strong")).wrap(max(10, cells)),
        say((event.event_type, "faint")),
        Content(""),
    ]
    shown.append(facts(rows, cells, names))
    if rest:
        shown += [Content(""), say((_("Details"), "label")), *_details(rest, cells, names)]
    return lines(shown)


def _details(rest: list[tuple[str, Piece]], cells: int, names: int) -> Iterator[Content]:
    """A line each; what would be broken in the middle of a word stands below its name."""
    for label, value in rest:
        text = say(value)
        if " " in text.plain or text.cell_length < cells - names:
            yield facts([(label, value)], cells, names)
        else:
            yield say((label, "muted"))
            yield from (Content("  ") + part.rstrip() for part in text.wrap(max(10, cells - 2)))


def _person(context: Mapping[str, Any], which: str) -> str:
    name, username = context.get(f"{which}_full_name"), context.get(f"{which}_username")
    return f"{name} ({username})" if name and username else str(name or username or _("the system"))


def _rest(context: Mapping[str, Any]) -> Iterator[tuple[str, Piece]]:
    """What has not been said by name; identifiers last and quiet."""
    said = {f"{which}_{part}" for which in ("user", "affected_user") for part in ("full_name", "username")}
    said |= {f"{place}_name" for place in PLACES}
    left = {name: value for name, value in context.items() if name not in said and value not in ("", [], {})}
    for name in sorted(left, key=lambda name: (name.endswith("_uuid"), name)):
        label = name.replace("_", " ").capitalize()
        yield label, (_shown(left[name]), "faint" if name.endswith("_uuid") else "")


def _shown(value: object) -> str:
    import msgspec

    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and all(isinstance(part, str | int | float) for part in value):
        return ", ".join(map(str, value))
    return msgspec.json.encode(value).decode() if isinstance(value, dict | list) else str(value)
