"""What other processes have committed, told to this process's watchers. PostgreSQL only.

Facts are read by (xid, id), the order in which they become final: numbers are given out before commits, so a
cursor of numbers alone would skip what commits late. Notifications say only that there is something to look
for; whatever they miss is found by looking anyway. A fact that is committed but not final yet (somebody's
older transaction is still open) is told at once too, as nothing is lost by hearing of it twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import structlog
from sqlalchemy import Connection, text

from mercato.kernel.db import Database
from mercato.kernel.fixed import fixed
from mercato.schemas.facts import Fact

_log = structlog.get_logger("mercato.news")

CHANNEL = "mercato_news"
# Seconds: how often it looks without being told, while something is not final yet, and between connections.
LOOK_EVERY, LOOK_AGAIN, RECONNECT = 5.0, 0.1, 1.0
AT_ONCE = 500

_START = fixed(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"))
_LOOK = fixed(
    text(
        "SELECT xid, id, topic, xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS final FROM facts"
        " WHERE (xid, id) > (:xid, :id) ORDER BY xid, id LIMIT :most"
    )
)


def _start(conn: Connection) -> int:
    return int(conn.execute(_START).scalar_one())


def _look(conn: Connection, xid: int, number: int) -> list[Any]:
    return list(conn.execute(_LOOK, {"xid": xid, "id": number, "most": AT_ONCE}))


def rooms_by_topic() -> dict[str, str]:
    """Which room a kind of fact belongs to."""
    found: dict[str, str] = {}
    kinds = list(Fact.__subclasses__())
    while kinds:
        kind = kinds.pop()
        found[kind.__name__] = kind.room
        kinds += kind.__subclasses__()
    return found


class News:
    """Runs as long as its process serves somebody who wants to hear (`Database.watchers`)."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._rooms = rooms_by_topic()
        # Everything before it is old; the number within a transaction never matters there.
        self._cursor: tuple[int, int] | None = None
        self._early: set[int] = set()
        self._heard = asyncio.Event()

    async def run(self) -> None:
        """Until it is cancelled; a lost database is looked for again."""
        while True:
            try:
                await self._listen()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("hears nothing of other processes", reason=str(error) or type(error).__name__)
            except Exception:
                _log.exception("hears nothing of other processes")
            # Processes that lost one database must not all come back in the same instant.
            await asyncio.sleep(RECONNECT * random.uniform(0.5, 1.5))  # noqa: S311 jitter, not a secret

    async def _listen(self) -> None:
        conn = await asyncpg.connect(self.db.url, timeout=10)
        try:
            conn.add_termination_listener(lambda _conn: self._heard.set())
            await conn.add_listener(CHANNEL, self._told)
            while not conn.is_closed():
                self._heard.clear()
                waits = await self.look()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._heard.wait(), LOOK_AGAIN if waits else LOOK_EVERY)
        finally:
            with contextlib.suppress(Exception):
                await conn.close(timeout=2)

    def _told(self, _conn: Any, _pid: int, _channel: str, room: str) -> None:
        """A room is named where something changed that is no fact."""
        if room:
            self._tell({room})
        else:
            self._heard.set()

    async def look(self) -> bool:
        """Tell what is new; whether to look again soon."""
        if self._cursor is None:
            self._cursor = (await self.db.read(_start), 0)
        found = await self.db.read(_look, *self._cursor)
        fresh = [row for row in found if row.id not in self._early]
        final = [row for row in found if row.final]
        if final:
            self._cursor = (final[-1].xid, final[-1].id)
        self._early = {row.id for row in found if not row.final}
        rooms = {self._rooms.get(row.topic, "") for row in fresh} - {""}
        if rooms:
            self._tell(rooms)
        return bool(self._early) or len(found) == AT_ONCE

    def _tell(self, rooms: set[str]) -> None:
        for room in rooms:
            self.db.versions[room] += 1
        for watcher in self.db.watchers:
            watcher(rooms)
