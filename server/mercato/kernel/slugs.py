"""Short names that nobody else of the same kind has: `name`, then `name-2`, `name-3`, …

On PostgreSQL numbers come from a sequence, so they leave gaps: with a counter for each name everybody who names
something alike would wait for one another, or (at SERIALIZABLE) fail and begin anew.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, select, text
from sqlalchemy.dialects.sqlite import insert

from mercato.kernel.fixed import fixed
from mercato.kernel.ids import slugify
from mercato.kernel.tables import slug_counters


@cache
def _taken(table: Table) -> Select[Any]:
    return fixed(select(table.c.id).where(table.c.slug == bindparam("slug")))


_COUNTED = insert(slug_counters).values(kind=bindparam("kind"), base=bindparam("base"), number=2)
# One more of a name.
_NEXT = fixed(
    _COUNTED.on_conflict_do_update(
        index_elements=["kind", "base"], set_={"number": slug_counters.c.number + 1}
    ).returning(slug_counters.c.number)
)
# PostgreSQL: a slug is somebody's when it is registered, as its end in digits (or none) and what is before it.
_REGISTER = fixed(
    text(
        "INSERT INTO slug_counters (kind, base, number) VALUES (:kind, :base, 1)"
        " ON CONFLICT (kind, base) DO NOTHING RETURNING id"
    )
)
_NUMBERED = fixed(
    text(
        "INSERT INTO slug_counters (kind, base, number)"
        " SELECT CAST(:kind AS text) || ':' || n, CAST(:base AS text), n FROM nextval('slug_numbers') AS n"
        " ON CONFLICT (kind, base) DO NOTHING RETURNING number"
    )
)
_DIGITS = re.compile(r"(.+)-(\d{1,18})")


def take_slug(conn: Connection, table: Table, name: str) -> str:
    """A free slug for a new row of the table, in a few statements however many rows there are."""
    base = slugify(name)
    if conn.dialect.name == "postgresql":
        return _take_number(conn, table, base)
    slug = base
    while conn.execute(_taken(table), {"slug": slug}).first() is not None:
        number = conn.execute(_NEXT, {"kind": table.name, "base": base}).scalar_one()
        slug = f"{base}-{number}"
    return slug


def _take_number(conn: Connection, table: Table, base: str) -> str:
    ends = _DIGITS.fullmatch(base)
    key = (f"{table.name}:{ends[2]}", ends[1]) if ends else (table.name, base)
    first = conn.execute(_REGISTER, {"kind": key[0], "base": key[1]}).first()
    # What was there before slugs were registered is looked for once.
    if first is not None and conn.execute(_taken(table), {"slug": base}).first() is None:
        return base
    while True:
        number = conn.execute(_NUMBERED, {"kind": table.name, "base": base}).scalar()
        if number is not None:
            return f"{base}-{number}"
