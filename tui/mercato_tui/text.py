"""Text that is safe to show. What servers, people and backends wrote is data: it becomes `Content`, never markup.

A line is made of pieces: plain strings, or pairs of a string and a tone. Tones are named here once and
resolve to the theme's colours when the line is drawn, so a change of theme recolours everything.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size
from textual.content import Content

Piece = str | tuple[str, str] | Content

TONES: dict[str, str] = {
    "": "",
    "strong": "bold",
    "title": "bold $primary",
    "muted": "$muted",
    "faint": "$faint",
    "primary": "$primary",
    "secondary": "$secondary",
    "accent": "$accent",
    "ok": "$success",
    "warn": "$warning",
    "bad": "$error",
    "key": "bold $secondary",
    "label": "bold $muted",
    "changed": "bold $primary",
}

ELLIPSIS = "…"

# Direction overrides and isolates reorder the text around them; soft hyphens and joiners hide in names.
_DIRECTION = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u00ad\u200b")


def clean(text: object, *, one_line: bool = True) -> str:
    """The text without control characters and direction overrides; on one line unless asked otherwise."""
    raw = str(text)
    if raw.isascii() and raw.isprintable():
        return raw
    out: list[str] = []
    for char in raw.replace("\r\n", "\n").replace("\t", "    "):
        if char == "\n":
            out.append(" " if one_line else "\n")
        elif char in _DIRECTION or unicodedata.category(char) in {"Cc", "Cs", "Co"}:
            continue
        else:
            out.append(char)
    return "".join(out)


def say(*pieces: Piece) -> Content:
    """One line from strings and (string, tone) pairs. Line breaks in them become spaces."""
    return _assemble(pieces, one_line=True)


def prose(*pieces: Piece) -> Content:
    """The same for text of several lines."""
    return _assemble(pieces, one_line=False)


def _assemble(pieces: Iterable[Piece], *, one_line: bool) -> Content:
    parts: list[Content | tuple[str, str]] = []
    for piece in pieces:
        if isinstance(piece, Content):
            parts.append(piece)
        elif isinstance(piece, str):
            parts.append(Content(clean(piece, one_line=one_line)))
        else:
            text, tone = piece
            parts.append((clean(text, one_line=one_line), TONES.get(tone, tone)))
    return Content.assemble(*parts)


def lines(rows: Iterable[Content]) -> Content:
    """The rows below each other."""
    return Content("\n").join(list(rows))


def width(text: str) -> int:
    """Width in terminal cells: two for wide characters, none for combining ones."""
    return cell_len(text)


def fit(text: object, cells: int, align: str = "left") -> str:
    """The text in exactly `cells` cells: padded, or cut with an ellipsis."""
    plain = clean(text)
    taken = cell_len(plain)
    if taken > cells:
        plain = short(plain, cells)
        taken = cell_len(plain)
    gap = " " * (cells - taken)
    return gap + plain if align == "right" else plain + gap


def short(text: object, cells: int) -> str:
    """The text in at most `cells` cells, cut with an ellipsis where it is longer."""
    plain = clean(text)
    if cell_len(plain) <= cells:
        return plain
    if cells <= 1:
        return ELLIPSIS[:cells]
    return set_cell_size(plain, cells - 1).rstrip() + ELLIPSIS


def fit_content(content: Content, cells: int, align: str = "left") -> Content:
    """The same for a line that already has tones."""
    if content.cell_length > cells:
        return content.truncate(cells, ellipsis=True, pad=True)
    gap = " " * (cells - content.cell_length)
    return Content(gap) + content if align == "right" else content + gap


def spread(left: Content, right: Content, cells: int) -> Content:
    """`left` at the left edge and `right` at the right one; the left gives way when both do not fit."""
    room = max(0, cells - right.cell_length - 1)
    return fit_content(left, room) + " " + right if right.cell_length else fit_content(left, cells)


def first_sentence(text: str, limit: int = 400) -> str:
    """The first paragraph of a longer text, on one line."""
    for paragraph in text.split("\n\n"):
        found = " ".join(clean(paragraph).lstrip("#").split())
        if found:
            return found[:limit]
    return ""
