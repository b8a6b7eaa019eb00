"""Who reads which queue in this process now. Memory only: a connection does not outlive its process."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


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

    def readers(self, queue: int) -> list[Reader]:
        return list(self._readers.get(queue, ()))

    @property
    def queues(self) -> list[int]:
        """The queues that somebody reads."""
        return list(self._readers)
