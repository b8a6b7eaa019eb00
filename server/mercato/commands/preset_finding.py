"""What a row of a preset points at. Raises ValueError naming what is not there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from mercato.kernel.db import Tx
from mercato.kernel.ids import as_hex


def hexed(value: str, what: str) -> str:
    found = as_hex(value)
    if found is None:
        raise ValueError(f"{what} {value!r} is not a UUID")
    return found


def there(tx: Tx, table: Any, uuid: str) -> bool:
    return tx.conn.execute(select(table.c.id).where(table.c.uuid == uuid)).first() is not None


def number(tx: Tx, table: Any, uuid: str, what: str) -> int:
    """The row's own number."""
    found = tx.conn.execute(select(table.c.id).where(table.c.uuid == hexed(uuid, what))).scalar()
    if found is None:
        raise ValueError(f"there is no {what} {uuid}")
    return int(found)
