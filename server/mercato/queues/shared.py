"""The readers of queues in all processes that serve one PostgreSQL database.

Each process writes down who reads through it, and again every few seconds that it lives; of the readers of a
queue the first that was written down, and whose process lives, is served. A process that was silent for longer
(it hung, or lost the database) has lost its places: what it wrote is removed and not taken up again, so the
reader that followed is never joined by the one before.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection, bindparam, delete, insert, select, text, update

from mercato.kernel.db import Database, Tx
from mercato.kernel.fixed import fixed
from mercato.kernel.ids import new_uuid
from mercato.queues.presence import Octets, Presence, Reader
from mercato.queues.tables import queue_readers

_log = structlog.get_logger("mercato.queues")

# Seconds.
BEAT, SILENCE = 5.0, 15.0
_ALIVE = text(f"seen > now() - interval '{SILENCE:.0f} seconds'")
_FIRST = fixed(
    select(queue_readers.c.process, queue_readers.c.connection)
    .where(queue_readers.c.queue_id == bindparam("queue"), _ALIVE)
    .order_by(queue_readers.c.id)
    .limit(1)
)
_EVERYBODY = fixed(select(queue_readers).where(_ALIVE).order_by(queue_readers.c.id))
_FORGET_SILENT = delete(queue_readers).where(text(f"seen <= now() - interval '{SILENCE:.0f} seconds'"))
_NOW: Any = text("now()")


class Place(NamedTuple):
    """A subscription of a connection of some process."""

    queue: int
    connection: int


class SharedPresence(Presence):
    """`Presence` where other processes have readers too."""

    def __init__(self, db: Database) -> None:
        super().__init__()
        self.db = db
        self.process = new_uuid()
        self._changed = asyncio.Event()
        self._written: set[Place] = set()

    def enter(self, queue: int, reader: Reader) -> None:
        super().enter(queue, reader)
        self._changed.set()

    def leave(self, queue: int, connection: int) -> None:
        super().leave(queue, connection)
        self._changed.set()

    def is_served(self, conn: Connection, queue: int, connection: int) -> bool:
        first = conn.execute(_FIRST, {"queue": queue}).first()
        return first is not None and (first.process, first.connection) == (self.process, connection)

    def everywhere(self, conn: Connection) -> dict[int, list[Reader]]:
        found: dict[int, list[Reader]] = {}
        for row in conn.execute(_EVERYBODY):
            octets = Octets()
            octets.received, octets.sent = row.received, row.sent
            reader = Reader(row.connection, row.address, row.since, octets)
            found.setdefault(row.queue_id, []).append(reader)
        return found

    def _here(self) -> dict[Place, Reader]:
        return {
            Place(queue, reader.connection): reader for queue in self.queues for reader in self.readers(queue)
        }

    async def keep(self) -> None:
        """Write down who reads here, at once when that changes and as a sign of life, until cancelled."""
        try:
            while True:
                self._changed.clear()
                here = self._here()
                if here or self._written:
                    await self._write(here)
                with contextlib.suppress(TimeoutError):
                    pause = BEAT * random.uniform(0.8, 1.0)  # noqa: S311 jitter, not a secret
                    await asyncio.wait_for(self._changed.wait(), pause)
        finally:
            if self._written:
                with contextlib.suppress(Exception):  # the others wait until it is silent for too long
                    await asyncio.wait_for(self.db.write(written, self.process, {}), 5)

    async def _write(self, here: dict[Place, Reader]) -> None:
        try:
            new = await self.db.write(written, self.process, here)
        except Exception as error:
            # The next beat tries again; until then nobody is served twice, as silence ends the lease.
            _log.warning("could not say who reads here", exc_info=error)
            await asyncio.sleep(1)
            self._changed.set()
            return
        self._written = set(here)
        if new:
            self.on_change()


def written(tx: Tx, process: str, here: dict[Place, Reader]) -> int:
    """Bring what is written of this process to what is true; how many readers were new."""
    tx.conn.execute(_FORGET_SILENT)
    mine = queue_readers.c.process == process
    found = {
        Place(row.queue_id, row.connection): row for row in tx.conn.execute(select(queue_readers).where(mine))
    }
    gone = [row.id for place, row in found.items() if place not in here]
    if gone:
        tx.conn.execute(delete(queue_readers).where(queue_readers.c.id.in_(gone)))
    if found:
        tx.conn.execute(update(queue_readers).where(mine).values(seen=_NOW))
    for place, row in found.items():
        octets = here[place].octets if place in here else None
        if octets is not None and (octets.received, octets.sent) != (row.received, row.sent):
            moved = {"received": octets.received, "sent": octets.sent}
            tx.conn.execute(update(queue_readers).where(queue_readers.c.id == row.id), moved)
    new = [place for place in here if place not in found]
    for place in new:
        reader = here[place]
        line = {
            "queue_id": place.queue,
            "process": process,
            "connection": place.connection,
            "address": reader.address[:64],
            "since": reader.since,
        }
        tx.conn.execute(insert(queue_readers).values(seen=_NOW), line)
    return len(new)


def presence_for(db: Database) -> Presence:
    """The readers of this process, or of all that share the database."""
    return SharedPresence(db) if db.dialect == "postgresql" else Presence()
