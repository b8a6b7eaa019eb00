"""Of the readers of a queue in many processes one is served; the next follows, also upon a process that hangs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from mercato.kernel.db import Database, Tx, open_database
from mercato.queues.presence import Octets, Presence, Reader
from mercato.queues.shared import SharedPresence, presence_for, written

pytestmark = pytest.mark.db
QUEUE = 7


def reader(number: int) -> Reader:
    return Reader(number, "192.0.2.1", datetime(2026, 1, 1, tzinfo=UTC), Octets())


@pytest.fixture
async def both(postgres_db: Database) -> AsyncIterator[list[SharedPresence]]:
    other = open_database(postgres_db.url)
    yield [SharedPresence(postgres_db), SharedPresence(other)]
    await other.close()


async def tell(presence: SharedPresence) -> int:
    return await presence.db.write(written, presence.process, presence._here())


async def served(both: list[SharedPresence]) -> list[bool]:
    return [await p.db.read(p.is_served, QUEUE, 1) for p in both]


async def test_one_reader_of_all_processes_is_served_and_then_the_next(both: list[SharedPresence]) -> None:
    first, second = both
    assert await served(both) == [False, False]
    first.enter(QUEUE, reader(1))
    assert await tell(first) == 1
    second.enter(QUEUE, reader(1))
    assert await tell(second) == 1
    assert await tell(first) == 0
    assert await served(both) == [True, False]
    found = await first.db.read(first.everywhere)
    assert [r.address for r in found[QUEUE]] == ["192.0.2.1"] * 2
    first.leave(QUEUE, 1)
    await tell(first)
    assert await served(both) == [False, True]


async def test_a_process_that_was_silent_comes_back_behind_the_others(both: list[SharedPresence]) -> None:
    def silent(tx: Tx, process: str) -> None:
        tx.conn.execute(
            text("UPDATE queue_readers SET seen = now() - interval '20 seconds' WHERE process = :p"),
            {"p": process},
        )

    for presence in both:
        presence.enter(QUEUE, reader(1))
        await tell(presence)
    await both[0].db.write(silent, both[0].process)
    assert await served(both) == [False, True]
    # It wakes up, and finds that it has lost its place.
    assert await tell(both[0]) == 1
    assert await served(both) == [False, True]


async def test_places_are_kept_and_given_back(
    both: list[SharedPresence], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mercato.queues.shared.BEAT", 0.1)
    rung: list[int] = []
    for number, presence in enumerate(both):
        presence.on_change = lambda n=number: rung.append(n)  # type: ignore[misc]
    tasks = [asyncio.create_task(p.keep()) for p in both]
    both[0].enter(QUEUE, reader(1))
    await asyncio.sleep(0.3)
    both[1].enter(QUEUE, reader(1))
    await asyncio.sleep(0.3)
    assert rung == [0, 1]
    assert await served(both) == [True, False]
    tasks[0].cancel()
    await asyncio.gather(tasks[0], return_exceptions=True)
    assert await served(both) == [False, True]
    tasks[1].cancel()
    await asyncio.gather(tasks[1], return_exceptions=True)


async def test_a_file_has_one_process(db: Database) -> None:
    assert type(presence_for(db)) is (SharedPresence if db.dialect == "postgresql" else Presence)
