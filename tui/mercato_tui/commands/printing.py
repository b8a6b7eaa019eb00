"""How commands show what they found: tables and facts for people, JSON and CSV for programs.

What a server said is data: control characters and direction overrides never reach the terminal.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import click

from mercato_tui.dates import moment
from mercato_tui.money import money
from mercato_tui.text import clean, short, width

Row = Mapping[str, Any]
GAP = "  "
NARROWEST = 8


class Column(NamedTuple):
    """A heading, the field under it (`a.b` looks into an object) and how its value is written."""

    title: str
    field: str
    show: Callable[[Any], str] | None = None
    right: bool = False


def value_of(row: Row, field: str) -> Any:
    found: Any = row
    for step in field.split("."):
        if isinstance(found, list):
            found = [inner.get(step) for inner in found if isinstance(inner, Mapping)]
        else:
            found = found.get(step) if isinstance(found, Mapping) else None
    return found


def text_of(value: Any) -> str:
    """Any value of the wire in one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{clean(name)} {text_of(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(text_of(inner) for inner in value)
    return clean(value)


def when(value: Any) -> str:
    """A moment of the wire in the terminal's own time zone."""
    try:
        return moment(datetime.fromisoformat(value)) if value else ""
    except (TypeError, ValueError):
        return text_of(value)


def amount(currency: str) -> Callable[[Any], str]:
    """How amounts in this currency are written."""
    return lambda value: money(value, currency) if value not in (None, "") else ""


def cells(rows: Iterable[Row], columns: Sequence[Column]) -> list[list[str]]:
    return [[(c.show or text_of)(value_of(row, c.field)) for c in columns] for row in rows]


def table(rows: Sequence[Row], columns: Sequence[Column], *, cells_wide: int | None = None) -> str:
    """The rows under their headings; no wider than the terminal where there is one."""
    body = cells(rows, columns)
    titles = [c.title for c in columns]
    wide = [max(map(width, column)) for column in zip(titles, *body, strict=True)]
    room = cells_wide or (shutil.get_terminal_size().columns if sys.stdout.isatty() else 0)
    if room:
        wide = _squeezed(wide, room - len(GAP) * (len(wide) - 1))
    lines = []
    for line in (titles, *body):
        parts = []
        for text, size, column in zip(line, wide, columns, strict=True):
            kept = short(text, size)
            pad = " " * (size - width(kept))
            parts.append(pad + kept if column.right else kept + pad)
        lines.append(GAP.join(parts).rstrip())
    return "\n".join(lines)


def _squeezed(wide: list[int], room: int) -> list[int]:
    """The widest columns give way first, until the line fits or nothing is left to give."""
    wide = list(wide)
    while sum(wide) > room:
        widest = max(range(len(wide)), key=wide.__getitem__)
        if wide[widest] <= NARROWEST:
            break
        wide[widest] -= 1
    return wide


def facts(row: Row, columns: Sequence[Column]) -> str:
    """One thing, a line for everything that is known of it."""
    known = [
        (c.title, text) for c, text in zip(columns, cells([row], columns)[0], strict=True) if text.strip()
    ]
    left = max((width(title) for title, _ in known), default=0)
    return "\n".join(f"{title}{' ' * (left - width(title))}  {text}" for title, text in known)


def as_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=not sys.stdout.isatty())


def as_csv(rows: Iterable[Row], columns: Sequence[Column]) -> str:
    """With headings; a cell that a spreadsheet would take for a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([c.title for c in columns])
    for line in cells(rows, [c._replace(show=None) for c in columns]):
        writer.writerow(
            [f"'{text}" if text[:1] in {"=", "+", "-", "@"} and not _number(text) else text for text in line]
        )
    return out.getvalue().rstrip("\n")


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def say(text: str) -> None:
    if text:
        click.echo(text)


def aside(text: str) -> None:
    """For the person, not for the pipe."""
    click.echo(text, err=True)
