"""The worker in the server's event loop: quick to hear, hard to stop, and honest about its health."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from procrastinate.jobs import Status
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mercato.jobs.alone import AnotherProcess
from mercato.jobs.engine import INTERRUPTIONS, Engine
from mercato.jobs.retry import Retry
from mercato.jobs.worker import Health, Server, Worker, sweep
from mercato.kernel.db import Database, Tx, open_database

pytestmark = pytest.mark.db

SOON = 4.0  # seconds; below the poll interval, far above what a loaded machine needs


def put(tx: Tx, /, task: str = "note", **options: Any) -> None:
    tx.enqueue(task, **options)


async def until(true: Callable[[], bool], within: float = SOON) -> None:
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.002)


@asynccontextmanager
async def working(engine: Engine, **options: Any) -> AsyncIterator[Worker]:
    worker = Worker(engine, **options)
    await worker.start()
    try:
        yield worker
    finally:
        await worker.stop()


@pytest.fixture
def engine(either_db: Database) -> Engine:
    return Engine(either_db)


@pytest.fixture
async def embedded(sqlite_tables_url: str) -> AsyncIterator[Engine]:
    db = open_database(sqlite_tables_url)
    yield Engine(db)
    await db.close()


async def statuses(engine: Engine) -> list[str | None]:
    async with engine.opened():
        return [job.status for job in await engine.jobs.list_jobs_async()]


async def test_a_job_starts_at_once(engine: Engine) -> None:
    ran: list[int] = []

    async def note(_db: Database, number: int) -> None:
        ran.append(number)

    engine.add("note", note)
    waits = []
    async with working(engine):
        for number in range(10):
            await asyncio.sleep(0.02)
            began = time.monotonic()
            await engine.db.write(put, number=number)
            await until(lambda n=number: n in ran)  # type: ignore[misc]
            waits.append(time.monotonic() - began)
    assert sorted(waits)[5] < 0.5


async def test_a_job_behind_a_lock_starts_when_the_lock_is_free(engine: Engine) -> None:
    steps: list[str] = []

    async def step(_db: Database, name: str) -> None:
        steps.append(f"+{name}")
        await asyncio.sleep(0.1)
        steps.append(f"-{name}")

    engine.add("step", step)
    async with working(engine):
        for name in ("a", "b"):
            await engine.db.write(put, "step", lock="resource:1", name=name)
        await engine.db.write(put, "step", lock="resource:2", name="c")
        await until(lambda: len(steps) == 6)
    own = [s for s in steps if s[1] != "c"]
    assert own == ["+a", "-a", "+b", "-b"]
    assert steps.index("+c") < steps.index("-a")


async def test_long_work_does_not_delay_the_system_queue(engine: Engine) -> None:
    release = asyncio.Event()
    ran: list[int] = []

    async def slow(_db: Database) -> None:
        await release.wait()

    async def quick(_db: Database) -> None:
        ran.append(1)

    engine.add("slow", slow)
    engine.add("quick", quick, queue="system")
    async with working(engine, concurrency=2):
        for _ in range(3):
            await engine.db.write(put, "slow")
        await engine.db.write(put, "quick", queue="system")
        await until(lambda: ran == [1])
        release.set()


async def test_a_retry_comes_at_its_moment(embedded: Engine) -> None:
    tries: list[float] = []

    async def flaky(_db: Database) -> None:
        tries.append(time.monotonic())
        if len(tries) == 1:
            raise RuntimeError("once")

    embedded.add("flaky", flaky, retry=Retry(first=0.3))
    async with working(embedded):
        await embedded.db.write(put, "flaky")
        await until(lambda: len(tries) == 2)
    assert 0.25 < tries[1] - tries[0] < 2.0


async def test_a_job_left_for_later_comes_at_its_moment(embedded: Engine) -> None:
    ran: list[float] = []

    async def note(_db: Database) -> None:
        ran.append(time.time())

    embedded.add("note", note)
    at = datetime.now(UTC) + timedelta(seconds=0.4)
    await embedded.db.write(put, at=at)
    async with working(embedded):
        await until(lambda: len(ran) == 1)
    assert 0 <= ran[0] - at.timestamp() < 2.0


async def test_a_running_job_can_be_aborted(engine: Engine) -> None:
    started = asyncio.Event()

    async def endless(_db: Database) -> None:
        started.set()
        await asyncio.sleep(60)

    engine.add("endless", endless)
    async with working(engine):
        await engine.db.write(put, "endless")
        async with asyncio.timeout(SOON):
            await started.wait()
        assert await engine.jobs.cancel_job_by_id_async(1, abort=True)
        async with asyncio.timeout(SOON):
            while await statuses(engine) != ["aborted"]:
                await asyncio.sleep(0.01)


async def test_stopping_lets_jobs_finish(engine: Engine) -> None:
    started = asyncio.Event()

    async def short(_db: Database) -> None:
        started.set()
        await asyncio.sleep(0.2)

    engine.add("short", short)
    async with working(engine):
        await engine.db.write(put, "short")
        async with asyncio.timeout(SOON):
            await started.wait()
    assert await statuses(engine) == ["succeeded"]


async def test_what_does_not_finish_in_time_is_put_back(engine: Engine) -> None:
    """Even at its last attempt: going down is not the job's failure."""
    started = asyncio.Event()
    dead: list[Any] = []

    async def long(_db: Database) -> None:
        started.set()
        await asyncio.sleep(60)

    async def told(*args: Any) -> None:
        dead.append(args)

    engine.add("long", long, retry=Retry(times=1), on_dead=told)
    async with working(engine, grace=0.1):
        await engine.db.write(put, "long")
        async with asyncio.timeout(SOON):
            await started.wait()
    assert (await statuses(engine), dead) == (["todo"], [])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mercato.jobs.worker.FIRST_PAUSE", 0.05)


def health(worker: Worker) -> Health:
    return next(part for part in worker.health() if part.name == "jobs")


@pytest.mark.usefixtures("quick")
async def test_a_worker_that_ends_is_started_again(embedded: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes: Iterator[Any] = iter([RuntimeError("no database"), None])
    real: Any = Server.run
    ran: list[int] = []

    async def sometimes(self: Server) -> None:
        outcome = next(outcomes, "run") if self.queues != ["system"] else "run"
        if isinstance(outcome, Exception):
            raise outcome
        if outcome == "run":
            await real(self)

    async def note(_db: Database) -> None:
        ran.append(1)

    monkeypatch.setattr(Server, "run", sometimes)
    embedded.add("note", note)
    async with working(embedded) as worker:
        await until(lambda: health(worker).last_error == "RuntimeError: no database")
        assert not health(worker).running
        await embedded.db.write(put)
        await until(lambda: ran == [1])
        now = health(worker)
        assert (now.running, now.restarts, now.last_error) == (True, 2, "It ended by itself.")
    assert not any(part.running for part in worker.health())


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("side_task", ["_update_heartbeat", "_poll_jobs_to_abort"])
async def test_a_worker_without_one_of_its_side_tasks_is_started_again(
    embedded: Engine, monkeypatch: pytest.MonkeyPatch, side_task: str
) -> None:
    """A worker without a heartbeat would be taken for dead, and its jobs run twice."""
    real, calls = getattr(Server, side_task), []

    async def failing_at_first(self: Server) -> None:
        calls.append(1)
        if len(calls) <= 2:
            await asyncio.sleep(0.05)
            raise RuntimeError("no database")
        await real(self)

    monkeypatch.setattr(Server, side_task, failing_at_first)
    async with working(embedded) as worker:
        await until(lambda: health(worker).restarts == 1 and health(worker).running)


@pytest.mark.usefixtures("quick")
async def test_a_worker_that_fails_while_it_stops_is_not_started_again(
    embedded: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail_when_cancelled(_self: Server) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise RuntimeError("no database to say goodbye to") from None

    monkeypatch.setattr(Server, "run", fail_when_cancelled)
    async with working(embedded) as worker:
        await asyncio.sleep(0.05)
        began = time.monotonic()
    assert time.monotonic() - began < 1
    assert not any(part.running for part in worker.health())


@pytest.mark.usefixtures("quick")
async def test_the_worker_survives_a_lost_database_connection(postgres_db: Database) -> None:
    engine, ran = Engine(postgres_db), list[int]()

    async def note(_db: Database) -> None:
        ran.append(1)

    def cut(tx: Tx) -> None:
        tx.conn.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

    engine.add("note", note)
    async with working(engine):
        await asyncio.sleep(0.3)
        await postgres_db.write(cut)
        with contextlib.suppress(DBAPIError):
            await postgres_db.write(put)  # the pool may still hold a connection that was cut
        await postgres_db.write(put)
        await until(lambda: len(ran) >= 1, within=4)


async def test_one_worker_per_file(embedded: Engine) -> None:
    async with working(embedded):
        with pytest.raises(AnotherProcess):
            await Worker(embedded).start()


async def test_jobs_of_a_silent_worker_are_taken_over_once(postgres_db: Database) -> None:
    engine = Engine(postgres_db)
    ran: list[int] = []

    async def note(_db: Database) -> None:
        ran.append(1)

    def die_while_running(tx: Tx, silent: float) -> None:
        tx.conn.execute(
            text("UPDATE procrastinate_workers SET last_heartbeat = now() - make_interval(secs => :s)"),
            {"s": silent},
        )
        tx.conn.execute(
            text(
                "UPDATE procrastinate_jobs SET status = 'doing',"
                " worker_id = (SELECT max(id) FROM procrastinate_workers)"
            )
        )

    engine.add("note", note)
    await postgres_db.write(put)
    async with engine.opened():
        await engine.jobs.register_worker()
        await postgres_db.write(die_while_running, 50)
        await sweep(engine)
        assert await statuses(engine) == ["doing"]
        await postgres_db.write(die_while_running, 70)
        await asyncio.gather(*(sweep(engine) for _ in range(4)))
        [job] = await engine.jobs.list_jobs_async()
        assert (job.status, job.attempts) == ("todo", 1)
    await engine.drain()
    assert ran == [1]


async def test_a_worker_that_hung_does_not_end_the_run_of_another(postgres_db: Database) -> None:
    """Otherwise a job whose second run is cut off would count as done, and nobody would run it again."""
    engine, second = Engine(postgres_db), Engine(postgres_db)
    await postgres_db.write(put)

    async def fetched(by: Engine) -> tuple[Any, int]:
        worker = await by.jobs.register_worker()
        job = await by.jobs.fetch_job(queues=None, worker_id=worker)
        assert job is not None
        return job, worker

    def lapse(tx: Tx) -> None:
        tx.conn.execute(
            text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '70 seconds'")
        )

    async with engine.opened(), second.opened():
        job, _ = await fetched(engine)
        await postgres_db.write(lapse)
        await sweep(engine)
        again, _ = await fetched(second)
        assert again.id == job.id
        await engine.jobs.finish_job(job, Status.SUCCEEDED, delete_job=False)
        assert await statuses(engine) == ["doing"]
        await second.jobs.finish_job(again, Status.SUCCEEDED, delete_job=False)
        assert await statuses(engine) == ["succeeded"]


async def test_a_job_that_kills_its_processes_is_given_up(postgres_db: Database) -> None:
    engine = Engine(postgres_db)
    dead: list[Any] = []

    async def work(_db: Database, order: int) -> None:
        raise AssertionError(order)

    async def told(_db: Database, _name: str, ids: dict[str, Any], _error: BaseException) -> None:
        dead.append(ids)

    def died_often(tx: Tx) -> None:
        tx.conn.execute(
            text("UPDATE procrastinate_jobs SET status = 'doing', attempts = :n"), {"n": INTERRUPTIONS}
        )

    engine.add("work", work, on_dead=told)
    await postgres_db.write(put, "work", order=7)
    await postgres_db.write(died_often)
    async with engine.opened():
        await sweep(engine)
    assert (await statuses(engine), dead) == (["failed"], [{"order": 7}])


async def test_many_writers_and_a_worker_share_one_file(embedded: Engine) -> None:
    done: list[int] = []

    def finish(tx: Tx, number: int) -> None:
        tx.conn.execute(text("INSERT INTO finished VALUES (:n)"), {"n": number})

    async def order(db: Database, number: int) -> None:
        await db.write(finish, number)
        done.append(number)

    def make(tx: Tx) -> None:
        tx.conn.execute(text("CREATE TABLE finished (number INTEGER PRIMARY KEY)"))

    async def writer(first: int) -> None:
        for number in range(first, first + 75):
            await embedded.db.write(put, "order", key=f"order:{number}", number=number)

    embedded.add("order", order)
    await embedded.db.write(make)
    async with working(embedded):
        await asyncio.gather(*(writer(n * 75) for n in range(8)))
        await until(lambda: len(done) == 600, within=30)
    assert sorted(done) == list(range(600))
    assert await statuses(embedded) == ["succeeded"] * 600


async def test_an_idle_worker_costs_next_to_nothing(embedded: Engine) -> None:
    async with working(embedded):
        await asyncio.sleep(0.3)
        began = time.process_time()
        await asyncio.sleep(1.5)
        assert time.process_time() - began < 0.05
