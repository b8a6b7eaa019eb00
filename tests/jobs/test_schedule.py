"""Each slot of the schedule runs once, whatever is paused, restarted or doubled."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import Connection, text

from mercato.jobs.engine import Engine
from mercato.jobs.retry import Retry
from mercato.jobs.schedule import Entry, Schedule, clean_up, slot_of
from mercato.jobs.worker import Worker
from mercato.kernel.db import Database, Tx

pytestmark = pytest.mark.db

NINE = datetime(2027, 3, 1, 9, 7, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def engine(either_db: Database) -> Engine:
    return Engine(either_db)


@pytest.fixture
def moments() -> list[datetime]:
    """When the entry `dates` ran."""
    return []


@pytest.fixture
def schedule(engine: Engine, moments: list[datetime]) -> Schedule:
    return scheduled(engine, moments)


def scheduled(engine: Engine, moments: list[datetime]) -> Schedule:
    made = Schedule(engine)
    made.add(Entry("dates", 5, lambda tx: moments.append(tx.now)))
    return made


def put(tx: Tx, task: str, /, **options: Any) -> None:
    tx.enqueue(task, **options)


def count(conn: Connection, table: str) -> int:
    return int(conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


async def test_a_slot_runs_once(schedule: Schedule, moments: list[datetime]) -> None:
    assert await schedule.run_due(NINE) == ["dates"]
    assert await schedule.run_due(NINE + MINUTE) == []
    assert await schedule.run_due(NINE + 3 * MINUTE) == ["dates"]
    assert moments == [NINE, NINE + 3 * MINUTE]


async def test_an_idle_schedule_does_not_touch_the_database(
    schedule: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    await schedule.run_due(NINE)
    monkeypatch.setattr(schedule.engine, "db", None)
    assert await schedule.run_due(NINE + MINUTE) == []


async def test_a_restart_does_not_run_it_again(
    engine: Engine, schedule: Schedule, moments: list[datetime]
) -> None:
    await schedule.run_due(NINE)
    assert await scheduled(engine, moments).run_due(NINE + MINUTE) == []
    assert len(moments) == 1


async def test_after_a_pause_one_run_catches_up(schedule: Schedule, moments: list[datetime]) -> None:
    await schedule.run_due(NINE)
    assert await schedule.run_due(NINE + timedelta(days=3)) == ["dates"]
    assert await schedule.run_due(NINE + timedelta(days=3) + MINUTE) == []
    assert len(moments) == 2


async def test_many_processes_run_it_once(engine: Engine) -> None:
    ran: list[int] = []

    def work(tx: Tx) -> None:
        tx.conn.execute(text("INSERT INTO worked VALUES (1)"))

    def make(tx: Tx) -> None:
        tx.conn.execute(text("CREATE TABLE worked (n INTEGER)"))

    async def process() -> None:
        own = Schedule(engine)
        own.add(Entry("work", 5, work))
        ran.extend(1 for _ in await own.run_due(NINE))

    await engine.db.write(make)
    await asyncio.gather(*(process() for _ in range(8)))
    assert (len(ran), await engine.db.read(count, "worked")) == (1, 1)


async def test_a_failure_leaves_the_slot_open_and_the_others_alone(engine: Engine) -> None:
    schedule, outcomes, fine = Schedule(engine), iter([RuntimeError("no"), None]), list[Any]()

    def sometimes(_tx: Tx) -> None:
        outcome = next(outcomes)
        if outcome:
            raise outcome

    schedule.add(Entry("sometimes", 5, sometimes))
    schedule.add(Entry("fine", 5, fine.append))
    with pytest.raises(ExceptionGroup) as caught:
        await schedule.run_due(NINE)
    assert [str(e) for e in caught.value.exceptions] == ["no"]
    assert len(fine) == 1
    assert await schedule.run_due(NINE + MINUTE) == ["sometimes"]


async def test_async_entries_are_jobs(engine: Engine) -> None:
    schedule, ran = Schedule(engine), []

    async def month_end(db: Database) -> None:
        ran.append(db)
        if len(ran) == 1:
            raise RuntimeError("once")

    schedule.add(Entry("month end", 60, month_end))
    with time_machine.travel(NINE, tick=False) as clock:
        assert await schedule.run_due() == ["month end"]
        assert ran == []
        await engine.drain()
        clock.shift(MINUTE)
        await engine.drain()
        assert ran == [engine.db, engine.db]
        assert await schedule.run_due() == []


def test_slots_are_counted_in_utc() -> None:
    assert slot_of(NINE, 5) == datetime(2027, 3, 1, 9, 5, tzinfo=UTC)
    assert slot_of(NINE, 60) == datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
    assert slot_of(NINE, 24 * 60) == datetime(2027, 3, 1, tzinfo=UTC)


async def test_names_are_taken_once(schedule: Schedule) -> None:
    with pytest.raises(ValueError, match="has dates already"):
        schedule.add(Entry("dates", 10, lambda _tx: None))


async def test_the_worker_runs_the_schedule(schedule: Schedule, moments: list[datetime]) -> None:
    worker = Worker(schedule.engine, schedule=schedule)
    await worker.start()
    async with asyncio.timeout(2):
        while not moments:
            await asyncio.sleep(0.01)
    assert [part.name for part in worker.health() if part.running][:3] == ["jobs", "system jobs", "schedule"]
    await worker.stop()


def grow_older(tx: Tx, days: int) -> None:
    """Upstream's triggers stamp a job's history with PostgreSQL's own clock, which does not travel."""
    if tx.conn.dialect.name == "postgresql":
        sql = "UPDATE procrastinate_events SET at = at - make_interval(days => :days)"
        tx.conn.execute(text(sql), {"days": days})


async def test_the_clean_up_forgets_what_is_done(engine: Engine) -> None:
    schedule = Schedule(engine)
    schedule.add(clean_up(engine))

    async def work(_db: Database, fail: bool) -> None:
        if fail:
            raise RuntimeError("no")

    engine.add("work", work, retry=Retry(times=1))
    with time_machine.travel(NINE, tick=False) as clock:

        async def after(days: int) -> tuple[list[str | None], int]:
            await engine.db.write(grow_older, days)
            clock.shift(timedelta(days=days))
            await schedule.run_due()
            await engine.drain()
            async with engine.opened():
                left = [job.status for job in await engine.jobs.list_jobs_async(task="work")]
            return left, await engine.db.read(count, "schedule_slots")

        await engine.db.write(put, "work", fail=False)
        await engine.db.write(put, "work", fail=True)
        await engine.db.write(put, "work", at=NINE + timedelta(days=400), fail=True)
        await engine.drain()
        assert await after(6) == (["succeeded", "failed", "todo"], 1)
        assert await after(2) == (["failed", "todo"], 2)
        assert await after(84) == (["todo"], 3)
        assert await after(10) == (["todo"], 2)
