"""What happens by the clock: one table of entries, each run once per slot on any number of processes.

A slot is a stretch of `minutes` minutes, counted in UTC. An entry asks "what is due?" and does all of
that, so after a pause the present slot alone catches up with everything that was missed.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import text

from mercato.jobs.engine import Engine
from mercato.jobs.retry import Retry
from mercato.kernel import clock
from mercato.kernel.db import Database, Tx, moment_param
from mercato.kernel.fixed import fixed
from mercato.kernel.queue import SYSTEM_QUEUE

log = logging.getLogger("mercato.schedule")

# Also the longest that a clock set forward, or a machine that slept, goes unnoticed.
LONGEST_NAP = 30.0


class Entry(msgspec.Struct, frozen=True):
    """`fn` is `def fn(tx) -> None`, run inside the transaction that marks the slot as run, or
    `async def fn(db) -> None`, run as a job that the same transaction puts in."""

    name: str
    minutes: int
    fn: Callable[[Any], Awaitable[None] | None]


_CLAIM = fixed(
    text(
        "INSERT INTO schedule_slots (name, slot, ran_at) VALUES (:name, :slot, :now)"
        " ON CONFLICT (name, slot) DO NOTHING RETURNING id"
    )
)


def slot_of(moment: datetime, minutes: int) -> datetime:
    """The beginning of the slot that holds the moment."""
    length = minutes * 60
    return datetime.fromtimestamp(moment.timestamp() // length * length, UTC)


class Schedule:
    """The entries of one installation. Entries are added before the worker starts."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.entries: dict[str, Entry] = {}
        self._ran: dict[str, datetime] = {}

    def add(self, entry: Entry) -> None:
        """Raises ValueError for a name that is taken."""
        if entry.name in self.entries:
            raise ValueError(f"The schedule has {entry.name} already.")
        self.entries[entry.name] = entry
        if inspect.iscoroutinefunction(entry.fn):
            self.engine.add(_task(entry), entry.fn, queue=SYSTEM_QUEUE, retry=Retry(times=3))

    async def run_due(self, now: datetime | None = None) -> list[str]:
        """Run every entry whose present slot has not been run yet; say which.

        `now` is the present moment unless given, and is what `tx.now` says in the entries. An entry that
        fails leaves its slot open and does not stop the others; all failures are raised together.
        """
        moment = now or clock.now()
        ran: list[str] = []
        failures: list[Exception] = []
        for entry in self.entries.values():
            slot = slot_of(moment, entry.minutes)
            if self._ran.get(entry.name) == slot:
                continue
            try:
                if await self.engine.db.write(_run_slot, entry, slot, moment):
                    ran.append(entry.name)
            except Exception as error:
                error.add_note(f"in the schedule's {entry.name}")
                failures.append(error)
            else:
                self._ran[entry.name] = slot
        if failures:
            raise ExceptionGroup("Scheduled work failed", failures)
        return ran

    async def run(self) -> None:
        """Run what is due, for ever."""
        while True:
            await self.run_due()
            now = clock.now()
            waits = [e.minutes * 60 - (now - slot_of(now, e.minutes)).total_seconds() for e in self]
            await asyncio.sleep(min([LONGEST_NAP, *waits]))

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())


def _task(entry: Entry) -> str:
    return f"schedule.{entry.name}"


def _run_slot(tx: Tx, entry: Entry, slot: datetime, now: datetime) -> bool:
    tx.now = now
    params = {"name": entry.name, "slot": moment_param(tx.conn, slot), "now": moment_param(tx.conn, now)}
    if tx.conn.execute(_CLAIM, params).first() is None:
        return False
    if inspect.iscoroutinefunction(entry.fn):
        tx.enqueue(_task(entry), key=_task(entry), queue=SYSTEM_QUEUE)
    else:
        entry.fn(tx)
    return True


# -- the engine's own entry ------------------------------------------------------------------------------

KEEP_DONE_HOURS = 7 * 24
KEEP_FAILED_HOURS = 90 * 24
_OLD_SLOTS = fixed(text("DELETE FROM schedule_slots WHERE slot < :before"))
# Facts tell processes what is new; what happened long ago stands in the audit. In portions, the oldest first.
_OLD_FACTS = fixed(
    text("DELETE FROM facts WHERE id IN (SELECT id FROM facts ORDER BY id LIMIT 20000) AND at < :before")
)


def clean_up(engine: Engine) -> Entry:
    """Once a day: forget jobs a week after their success; after three months failed ones, slots and facts."""

    async def forget(db: Database) -> None:
        async with engine.opened():
            await engine.jobs.delete_old_jobs(KEEP_DONE_HOURS, include_cancelled=True, include_aborted=True)
            await engine.jobs.delete_old_jobs(KEEP_FAILED_HOURS, include_failed=True)
        await db.write(_forget_old)

    return Entry("clean up", 24 * 60, forget)


def _forget_old(tx: Tx) -> None:
    before = datetime.fromtimestamp(tx.now.timestamp() - KEEP_FAILED_HOURS * 3600, UTC)
    for old in (_OLD_SLOTS, _OLD_FACTS):
        tx.conn.execute(old, {"before": moment_param(tx.conn, before)})
