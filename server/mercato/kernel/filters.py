"""How query values become conditions: one small function per kind of filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Boolean, ColumnElement, Integer, bindparam, extract, func, or_

from mercato.kernel.ids import uuid_of_link


class Filter(NamedTuple):
    """How query values become a condition: `clause(names of the bound values)`; `spellings` are the values that
    stand for one that was asked, any of which will do."""

    clause: Callable[[Sequence[str]], ColumnElement[bool]]
    value: Callable[[Any], Any] = lambda v: v
    spellings: Callable[[Any], Sequence[Any]] | None = None


def _plain(value: Any) -> Any:
    return value.hex if hasattr(value, "hex") and hasattr(value, "urn") else getattr(value, "value", value)


def equals(column: ColumnElement[Any]) -> Filter:
    """Equal to the value, or (repeated) to any of them."""

    def clause(names: Sequence[str]) -> ColumnElement[bool]:
        binds = [bindparam(name, None, type_=column.type) for name in names]
        return column == binds[0] if len(binds) == 1 else column.in_(binds)

    return Filter(clause, _plain)


def number(expr: ColumnElement[Any]) -> Filter:
    """Equal to a whole number, however clients write it: 5, 5.0."""
    return Filter(lambda names: expr == bindparam(names[0], None, type_=Integer()), _whole)


def _whole(value: float) -> int:
    """The whole number, or one that nothing is equal to."""
    return int(value) if value % 1 == 0 and abs(value) < 2**31 else -1


def part_of(part: str, day: ColumnElement[Any]) -> Filter:
    """The year or the month of a day."""
    return number(extract(part, day))


def linked(column: ColumnElement[Any]) -> Filter:
    """Equal to the uuid at the end of a hyperlink (or to a bare one)."""
    return equals(column)._replace(value=lambda value: uuid_of_link(str(value)) or "")


def contains(*columns: ColumnElement[Any]) -> Filter:
    """Any of the columns contains the words, whatever the case."""

    def clause(names: Sequence[str]) -> ColumnElement[bool]:
        return or_(
            *(
                func.lower(column).like(bindparam(name, None, type_=column.type), escape="\\")
                for column in columns
                for name in names
            )
        )

    return Filter(clause, _like, _spellings)


def _like(value: str) -> str:
    text = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{text}%"


_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _spellings(value: Any) -> Sequence[str]:
    """The words as the databases' `lower` may leave them: SQLite's (and PostgreSQL's in the C locale) lowers
    ASCII letters only, so other letters are looked for in both their cases."""
    words = str(value)
    if words.isascii():
        return (words.lower(),)
    given = words.translate(_ASCII_LOWER)
    first_upper = given[:1].upper() + given[1:]
    return tuple(dict.fromkeys((words.lower(), given, first_upper, words.upper().translate(_ASCII_LOWER))))


def _aware(value: Any) -> Any:
    """A naive moment means UTC: clients send dates with and without a zone."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


def instant(seconds: float) -> datetime:
    """The moment so many seconds after 1970; what no calendar holds lies at its nearest end."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return _FIRST if seconds < 0 else _LAST


def since(column: ColumnElement[Any]) -> Filter:
    return Filter(lambda names: column >= bindparam(names[0], None, type_=column.type), _aware)


def until(column: ColumnElement[Any]) -> Filter:
    return Filter(lambda names: column <= bindparam(names[0], None, type_=column.type), _aware)


def holds(make: Callable[[ColumnElement[Any]], ColumnElement[bool]]) -> Filter:
    """A condition of its own over one bound value."""
    return Filter(lambda names: make(bindparam(names[0], None)), _plain)


def whether(condition: ColumnElement[bool]) -> Filter:
    """True asks for the rows where the condition holds, false for the others."""
    return Filter(lambda names: condition.is_(True) == bindparam(names[0], None, type_=Boolean()))
