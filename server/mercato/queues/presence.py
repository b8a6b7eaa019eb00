"""Who reads which queue in this process now. Memory only: a connection does not outlive its process.

On SQLite there is no other process; on PostgreSQL `queues.shared` keeps the readers of all of them in order.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection


def _nobody() -> None:
    """Nobody is told."""


class Octets:
    """What a connection has moved so far, in bytes."""

    __slots__ = ("received", "sent")

    def __init__(self) -> None:
        self.received = 0
        self.sent = 0


class Reader(NamedTuple):
    """A subscription of a connection. `since` in UTC."""

    connection: int
    address: str
    since: datetime
    octets: Octets


class Presence:
    """The readers of each queue (by its number), the first to come first: only that one is served.

    So the messages of a queue stay in order, and of two agents that share one only one acts on a message;
    the next takes over when the first is gone.
    """

    def __init__(self) -> None:
        self._readers: dict[int, list[Reader]] = {}
        self.on_change: Callable[[], None] = _nobody
        """Called when readers have been given places: whoever is first now should look."""

    def enter(self, queue: int, reader: Reader) -> None:
        self._readers.setdefault(queue, []).append(reader)

    def leave(self, queue: int, connection: int) -> None:
        left = [reader for reader in self._readers.get(queue, ()) if reader.connection != connection]
        if left:
            self._readers[queue] = left
        else:
            self._readers.pop(queue, None)

    def is_first(self, queue: int, connection: int) -> bool:
        readers = self._readers.get(queue, [])
        return bool(readers) and readers[0].connection == connection

    def is_served(self, _conn: Connection, queue: int, connection: int) -> bool:
        """`is_first`, of all processes, in the snapshot that messages are read from."""
        return self.is_first(queue, connection)

    def readers(self, queue: int) -> list[Reader]:
        """Those of this process."""
        return list(self._readers.get(queue, ()))

    def everywhere(self, _conn: Connection) -> dict[int, list[Reader]]:
        """The readers of each queue in all processes, the one that is served first."""
        return {queue: list(readers) for queue, readers in self._readers.items()}

    async def keep(self) -> None:
        """Nothing has to be kept up for readers of the only process."""

    @property
    def queues(self) -> list[int]:
        """The queues that somebody reads."""
        return list(self._readers)
