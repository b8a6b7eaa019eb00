"""Facts in two columns: what it is, and its value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from textual.content import Content

from mercato_tui.i18n import _
from mercato_tui.text import Piece, fit, lines, say

if TYPE_CHECKING:
    from mercato.schemas.catalog import Options

NAMES = 18
OWN = ("name", "old_limits")


def facts(rows: Sequence[tuple[str, Piece]], cells: int, names: int = NAMES) -> Content:
    """A line for each fact, and more where its value is longer than `cells` allow."""
    found: list[Content] = []
    for name, value in rows:
        head = name
        for line in say(value).wrap(max(10, cells - names - 1)) or [Content("")]:
            found.append(say((fit(head, names), "muted"), " ", line.rstrip()))
            head = ""
    return lines(found)


def answers(given: Mapping[str, Any], form: Options | None = None) -> list[tuple[str, Piece]]:
    """What somebody answered to an offering's own questions, by the questions' labels where they are known."""
    rows: list[tuple[str, Piece]] = []
    for name, value in given.items():
        if name in OWN or name.startswith("prepaid_") or value in (None, "", [], {}):
            continue
        option = form.options.get(name) if form is not None else None
        label = option.label if option is not None and option.label else name.replace("_", " ").capitalize()
        if isinstance(value, bool):
            shown = _("yes") if value else _("no")
        else:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        rows.append((label, shown))
    return rows
