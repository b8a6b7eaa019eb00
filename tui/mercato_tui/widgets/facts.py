"""Facts in two columns: what it is, and its value."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from mercato_tui.text import Piece, fit, fit_content, lines, say

NAMES = 18


def facts(rows: Sequence[tuple[str, Piece]], cells: int, names: int = NAMES) -> Content:
    """One line for each fact, at most `cells` wide."""
    return lines(
        say((fit(name, names), "muted"), " ", fit_content(say(value), max(10, cells - names - 1)).rstrip())
        for name, value in rows
    )
