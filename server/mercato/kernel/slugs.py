"""Short names that nobody else of the same kind has: `name`, then `name-2`, `name-3`, …"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, select
from sqlalchemy.dialects.postgresql import insert as insert_postgres
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from mercato.kernel.fixed import fixed
from mercato.kernel.ids import slugify
from mercato.kernel.tables import slug_counters


@cache
def _taken(table: Table) -> Select[Any]:
    return fixed(select(table.c.id).where(table.c.slug == bindparam("slug")))


@cache
def _next(dialect: str) -> Any:
    """The statement that counts one more of a name; two at once wait for each other."""
    make = insert_postgres if dialect == "postgresql" else insert_sqlite
    made = make(slug_counters).values(kind=bindparam("kind"), base=bindparam("base"), number=2)
    again = made.on_conflict_do_update(
        index_elements=["kind", "base"], set_={"number": slug_counters.c.number + 1}
    )
    return fixed(again.returning(slug_counters.c.number))


def take_slug(conn: Connection, table: Table, name: str) -> str:
    """A free slug for a new row of the table, in a few statements however many rows there are."""
    base = slugify(name)
    slug = base
    while conn.execute(_taken(table), {"slug": slug}).first() is not None:
        number = conn.execute(_next(conn.dialect.name), {"kind": table.name, "base": base}).scalar_one()
        slug = f"{base}-{number}"
    return slug
