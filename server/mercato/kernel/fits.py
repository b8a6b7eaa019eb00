"""What does not fit its column is refused before it is written, with the field named, alike on both databases.

SQLite would keep a text of any length and PostgreSQL answer with an error of its own; neither takes a number
beyond 64 bits, and PostgreSQL no null character.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, Insert, Integer, String, Table, Update, event
from sqlalchemy.sql.elements import ClauseElement

from mercato.kernel.errors import invalid

LARGEST = 2**63 - 1
NO_NULLS = "Null characters are not allowed."


def guard(engine: Engine) -> None:
    """Check everything that INSERT and UPDATE statements are executed with on this engine."""
    event.listen(engine, "before_execute", _check)


def _check(
    _conn: Connection,
    statement: ClauseElement,
    many: Sequence[Mapping[str, Any]],
    one: Mapping[str, Any],
    _options: Mapping[str, Any],
) -> None:
    if isinstance(statement, (Insert, Update)) and isinstance(statement.table, Table):
        limits = limits_of(statement.table)
        for row in many or (one,):
            for name, value in row.items():
                if name in limits:
                    check(name, value, limits[name])


@cache
def limits_of(table: Table) -> dict[str, int]:
    """The columns with something to check: the longest text (0: any length) or the largest number."""
    texts = {c.name: c.type.length or 0 for c in table.columns if isinstance(c.type, String)}
    return texts | {c.name: LARGEST for c in table.columns if isinstance(c.type, Integer)}


def check(name: str, value: Any, limit: int) -> None:
    """Raises Invalid naming the field."""
    if isinstance(value, str):
        if limit and len(value) > limit:
            message = f"Ensure this field has no more than {limit} characters."
            raise invalid(name, message, code="too_long", limit=limit)
        if "\0" in value:
            raise invalid(name, NO_NULLS, code="null_character")
    elif isinstance(value, int) and abs(value) > LARGEST:
        raise invalid(name, "A valid integer is required.", code="too_large")
