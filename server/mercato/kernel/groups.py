"""Units that wait for the writer together are committed together.

COMMIT costs more than an ordinary unit (its pages and their checksums are written, and the disk is waited
for), so what has queued up shares one. Every unit still happens wholly or not at all, by a savepoint of its
own, sees what the units before it did, and is answered after the commit, never earlier.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, Protocol

from sqlalchemy import Connection

MOST = 32
# Seconds after which a group takes no further unit: nobody waits long for the work of others.
LONGEST = 0.005


class Unit:
    """What somebody waits for: the work, and what became of it."""

    __slots__ = ("error", "future", "loop", "result", "work")

    def __init__(self, work: Callable[[Connection], Any], loop: asyncio.AbstractEventLoop) -> None:
        self.work = work
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()
        self.result: Any = None
        self.error: BaseException | None = None

    def answer(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Lost(Exception):
    """The database gave the whole transaction up, for no fault of the unit that was last."""


class Writer(Protocol):
    """One connection, in turns."""

    def alone(self, work: Callable[[Connection], Any]) -> Any:
        """One unit in a transaction of its own."""
        ...

    def together(self, steps: Callable[[Connection], None]) -> None:
        """A transaction around several units. Raises Lost when nothing of it has been kept."""
        ...


class Groups:
    """The queue before the writer. `committed(result)` is told of every unit that has been kept."""

    def __init__(self, writer: Writer, lane: Executor, committed: Callable[[Any], Any]) -> None:
        self._writer = writer
        self._lane = lane
        self._committed = committed
        self._lock = threading.Lock()
        self._waiting: deque[Unit] = deque()
        self._running = False

    async def run(self, work: Callable[[Connection], Any]) -> Any:
        loop = asyncio.get_running_loop()
        unit = Unit(work, loop)
        with self._lock:
            self._waiting.append(unit)
            start, self._running = not self._running, True
        if start:
            # Not before what this turn of the loop still brings has joined.
            loop.call_soon(self._start)
        return await unit.future

    def _start(self) -> None:
        try:
            self._lane.submit(self._drain)
        except RuntimeError as closed:
            with self._lock:
                left = list(self._waiting)
                self._waiting.clear()
                self._running = False
            for unit in left:
                unit.error = closed
            self._answer(left)

    def _drain(self) -> None:
        while group := self._next():
            done = self._commit(group)
            with self._lock:
                self._waiting.extendleft(reversed(group[len(done) :]))
            self._answer(done)

    def _next(self) -> list[Unit]:
        with self._lock:
            group: list[Unit] = []
            while self._waiting and len(group) < MOST:
                unit = self._waiting.popleft()
                if not unit.future.cancelled():
                    group.append(unit)
            self._running = bool(group)
            return group

    def _commit(self, group: Sequence[Unit]) -> Sequence[Unit]:
        """Run the first units of the group; those that are over."""
        if len(group) > 1:
            try:
                return self._commit_together(group)
            except Lost:
                # Units have no effect outside their transaction, so they may begin again.
                pass
        for unit in group:
            self._commit_alone(unit)
        return group

    def _commit_alone(self, unit: Unit) -> None:
        unit.error = None
        try:
            unit.result = self._committed(self._writer.alone(unit.work))
        except BaseException as error:
            unit.error = error

    def _commit_together(self, group: Sequence[Unit]) -> Sequence[Unit]:
        done: list[Unit] = []

        def steps(conn: Connection) -> None:
            until = time.monotonic() + LONGEST
            for unit in group:
                _step(conn, unit)
                done.append(unit)
                if time.monotonic() > until:
                    return

        self._writer.together(steps)
        for unit in done:
            if unit.error is None:
                unit.result = self._committed(unit.result)
        return done

    @staticmethod
    def _answer(done: Sequence[Unit]) -> None:
        loops: dict[asyncio.AbstractEventLoop, list[Unit]] = {}
        for unit in done:
            loops.setdefault(unit.loop, []).append(unit)
        for loop, units in loops.items():
            # A loop that is closed has nobody left who waits.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_answer_all, units)


def _step(conn: Connection, unit: Unit) -> None:
    raw: Any = conn.connection.dbapi_connection
    raw.execute("SAVEPOINT unit")
    try:
        unit.result = unit.work(conn)
    except BaseException as error:
        unit.error = error
        if not raw.in_transaction:
            raise Lost from error
        raw.execute("ROLLBACK TO unit")
    raw.execute("RELEASE unit")


def _answer_all(units: Sequence[Unit]) -> None:
    for unit in units:
        unit.answer()
