"""What a job may count on, on both databases; time passes only between drains."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import time_machine
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from mercato.jobs.alone import AnotherProcess
from mercato.jobs.engine import INTERRUPTIONS, Engine, Interrupted
from mercato.jobs.patience import patiently
from mercato.jobs.retry import Retry
from mercato.kernel import clock
from mercato.kernel.db import Database, Tx

pytestmark = pytest.mark.db

START = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def engine(either_db: Database) -> Engine:
    return Engine(either_db)


@pytest.fixture
def ran(engine: Engine) -> list[Any]:
    """The numbers that jobs called `note` were given, in the order in which they ran."""
    numbers: list[Any] = []

    async def note(_db: Database, number: int) -> None:
        numbers.append(number)

    engine.add("note", note)
    return numbers


def put(tx: Tx, /, task: str = "note", **options: Any) -> None:
    tx.enqueue(task, **options)


async def jobs(engine: Engine) -> list[Job]:
    async with engine.opened():
        return list(await engine.jobs.list_jobs_async())


async def statuses(engine: Engine) -> list[str | None]:
    return [job.status for job in await jobs(engine)]


async def test_jobs_run_in_order_and_a_drain_with_nothing_to_do_runs_nothing(
    engine: Engine, ran: list[Any]
) -> None:
    for number in (1, 2, 3):
        await engine.db.write(put, number=number)
    assert (await engine.drain(), ran) == (3, [1, 2, 3])
    assert (await engine.drain(), ran) == (0, [1, 2, 3])
    assert await statuses(engine) == ["succeeded"] * 3


async def test_a_job_of_a_unit_that_failed_never_runs(engine: Engine, ran: list[Any]) -> None:
    def failing(tx: Tx) -> None:
        put(tx, number=1)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        await engine.db.write(failing)
    await engine.db.write(put, number=2)
    await engine.drain()
    assert ran == [2]


async def test_what_jobs_put_in_is_drained_too(engine: Engine, ran: list[Any]) -> None:
    async def parent(db: Database, number: int) -> None:
        await db.write(put, number=number + 1)
        await db.write(put, number=number + 2)

    engine.add("parent", parent, queue="provision")
    await engine.db.write(put, "parent", queue="provision", number=10)
    assert (await engine.drain(), ran) == (3, [11, 12])


async def test_a_later_moment_is_waited_for(engine: Engine, ran: list[Any]) -> None:
    with time_machine.travel(START, tick=False) as traveller:
        await engine.db.write(put, number=1, at=START + timedelta(hours=2))
        await engine.db.write(put, number=2)
        await engine.drain()
        assert ran == [2]
        traveller.shift(timedelta(hours=2))
        await engine.drain()
        assert ran == [2, 1]


async def test_a_clock_set_back_makes_jobs_wait_again(engine: Engine, ran: list[Any]) -> None:
    with time_machine.travel(datetime(2020, 1, 1, tzinfo=UTC), tick=False):
        await engine.db.write(put, number=1, at=datetime(2020, 1, 2, tzinfo=UTC))
        await engine.drain()
        assert ran == []


async def test_higher_priorities_go_first(engine: Engine, ran: list[Any]) -> None:
    def raise_priority(tx: Tx) -> None:
        tx.conn.execute(text("UPDATE procrastinate_jobs SET priority = 5 WHERE id = 2"))

    for number in (1, 2, 3):
        await engine.db.write(put, number=number)
    await engine.db.write(raise_priority)
    await engine.drain()
    assert ran == [2, 1, 3]


async def test_a_failure_is_tried_again_after_growing_pauses_and_then_given_up(engine: Engine) -> None:
    dead: list[tuple[str, dict[str, Any], str]] = []
    tries: list[datetime] = []

    async def fail(_db: Database, order: int) -> None:
        tries.append(datetime.now(UTC))
        raise RuntimeError("backend down")

    async def told(_db: Database, name: str, ids: dict[str, Any], error: BaseException) -> None:
        dead.append((name, ids, str(error)))

    engine.add("fail", fail, retry=Retry(times=4, first=10, longest=30), on_dead=told)
    with time_machine.travel(START, tick=False) as traveller:
        await engine.db.write(put, "fail", order=7)
        for _ in range(90):
            await engine.drain()
            traveller.shift(timedelta(seconds=1))
    assert [(t - START).total_seconds() for t in tries] == [0, 10, 30, 60]
    assert dead == [("fail", {"order": 7}, "backend down")]
    [job] = await jobs(engine)
    assert (job.status, job.attempts) == ("failed", 4)


async def test_success_after_a_failure_tells_nobody(engine: Engine) -> None:
    outcomes = iter([RuntimeError("once"), None])
    dead: list[Any] = []

    async def flaky(_db: Database) -> None:
        outcome = next(outcomes)
        if outcome:
            raise outcome

    async def told(*args: Any) -> None:
        dead.append(args)

    engine.add("flaky", flaky, retry=Retry(times=2, first=0), on_dead=told)
    await engine.db.write(put, "flaky")
    assert await engine.drain() == 2
    assert (dead, await statuses(engine)) == ([], ["succeeded"])


async def test_a_job_is_not_given_up_before_that_could_be_told(engine: Engine) -> None:
    told: list[str] = []

    async def fail(_db: Database) -> None:
        raise RuntimeError("backend down")

    async def tell(_db: Database, name: str, _ids: dict[str, Any], _error: BaseException) -> None:
        told.append(name)
        if len(told) == 1:
            raise RuntimeError("cannot tell")

    engine.add("fail", fail, retry=Retry(times=1), on_dead=tell)
    with time_machine.travel(START, tick=False) as traveller:
        await engine.db.write(put, "fail")
        await engine.drain()
        assert await statuses(engine) == ["todo"]
        traveller.shift(timedelta(minutes=2))
        await engine.drain()
        assert (told, await statuses(engine)) == (["fail", "fail"], ["failed"])


async def test_a_dead_job_can_be_brought_back_by_hand(engine: Engine) -> None:
    fine: list[int] = []

    async def work(_db: Database) -> None:
        if not fine:
            raise RuntimeError("not yet")

    engine.add("work", work, retry=Retry(times=1))
    await engine.db.write(put, "work")
    await engine.drain()
    [job] = await jobs(engine)
    assert job.status == "failed"
    fine.append(1)
    async with engine.opened():
        await engine.jobs.retry_job(job)
    await engine.drain()
    assert await statuses(engine) == ["succeeded"]


async def test_a_dead_job_stays_dead_while_the_same_work_is_waiting(engine: Engine) -> None:
    async def work(_db: Database) -> None:
        raise RuntimeError("no")

    engine.add("work", work, retry=Retry(times=1))
    await engine.db.write(put, "work", key="w")
    await engine.drain()
    await engine.db.write(put, "work", key="w")
    dead, _waiting = await jobs(engine)
    async with engine.opened():
        with pytest.raises(AlreadyEnqueued):
            await engine.jobs.retry_job(dead)
    assert await statuses(engine) == ["failed", "todo"]


async def test_a_failed_job_gives_way_to_one_with_the_same_key(engine: Engine) -> None:
    """Only one may wait per key; the failed one would otherwise run for ever and keep its lock."""
    runs: list[int] = []

    async def reconcile(db: Database) -> None:
        runs.append(1)
        if len(runs) == 1:
            await db.write(put, "reconcile", key="r", lock="r")
            raise RuntimeError("once")

    engine.add("reconcile", reconcile, retry=Retry(first=0))
    await engine.db.write(put, "reconcile", key="r", lock="r")
    await engine.drain()
    assert (len(runs), await statuses(engine)) == (2, ["aborted", "succeeded"])


async def test_a_waiting_job_can_be_cancelled(engine: Engine, ran: list[Any]) -> None:
    await engine.db.write(put, number=1)
    async with engine.opened():
        assert await engine.jobs.cancel_job_by_id_async(1)
        assert not await engine.jobs.cancel_job_by_id_async(1)
        assert not await engine.jobs.cancel_job_by_id_async(99)
    await engine.drain()
    assert (ran, await statuses(engine)) == ([], ["cancelled"])


async def test_a_job_nobody_knows_fails_at_once(engine: Engine) -> None:
    await engine.db.write(put, "forgotten")
    await engine.drain()
    assert await statuses(engine) == ["failed"]


async def test_upstream_accepts_only_endings_that_make_sense(engine: Engine, ran: list[Any]) -> None:
    await engine.db.write(put, number=1)
    await engine.drain()
    [job] = await jobs(engine)
    async with engine.opened():
        with pytest.raises(ConnectorException):
            await engine.jobs.finish_job(job, Status.SUCCEEDED, delete_job=False)
        with pytest.raises(ConnectorException):
            await engine.jobs.retry_job(job)


async def test_queues_tasks_and_locks_can_be_counted(engine: Engine, ran: list[Any]) -> None:
    await engine.db.write(put, number=1, lock="a")
    await engine.db.write(put, number=2, queue="events")
    await engine.drain()
    await engine.db.write(put, number=3)
    async with engine.opened():
        queues = {q["name"]: q for q in await engine.jobs.list_queues_async()}
        tasks = {t["name"]: t for t in await engine.jobs.list_tasks_async()}
        locks = {x["name"]: x for x in await engine.jobs.list_locks_async()}
        assert await engine.jobs.check_connection_async()
        assert await engine.jobs.get_job_status_async(3) is Status.TODO
    assert {n: (q["jobs_count"], q["todo"], q["succeeded"]) for n, q in queues.items()} == {
        "default": (2, 1, 1),
        "events": (1, 0, 1),
    }
    assert (tasks["note"]["jobs_count"], locks["a"]["succeeded"]) == (3, 1)


async def test_an_ending_waits_until_the_database_can_take_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mercato.jobs.patience.PAUSE", 0)
    causes = iter([OperationalError("", {}, Exception("locked")), psycopg.OperationalError("restarting")])

    async def write() -> str:
        cause = next(causes, None)
        if cause is not None:
            raise ConnectorException from cause
        return "written"

    assert await patiently(write) == "written"


async def test_an_ending_that_is_wrong_is_not_repeated() -> None:
    async def write() -> None:
        raise ConnectorException from RuntimeError("no such job")

    with pytest.raises(ConnectorException):
        await patiently(write)


@pytest.mark.parametrize("ending", ["finish_job", "retry_job"])
async def test_endings_are_patient(engine: Engine, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    asked: list[int] = []

    async def noted(write: Callable[[], Awaitable[Any]]) -> Any:
        asked.append(1)
        return await write()

    monkeypatch.setattr(f"mercato.jobs.{'sqlite' if engine.embedded else 'postgres'}.patiently", noted)

    async def work(_db: Database) -> None:
        if ending == "retry_job":
            raise RuntimeError("again")

    engine.add("work", work)
    await engine.db.write(put, "work")
    await engine.drain()
    assert asked == [1]


@pytest.fixture
def embedded(sqlite_tables_url: str) -> Engine:
    from mercato.kernel.db import open_database

    return Engine(open_database(sqlite_tables_url))


async def test_interrupted_jobs_go_on_and_in_the_end_are_given_up(embedded: Engine) -> None:
    dead: list[BaseException] = []

    async def work(_db: Database) -> None:
        raise AssertionError("it died each time")

    async def told(_db: Database, _name: str, _ids: dict[str, Any], error: BaseException) -> None:
        dead.append(error)

    def die_while_running(tx: Tx) -> None:
        tx.conn.execute(text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL"))

    embedded.add("work", work, on_dead=told)
    await embedded.db.write(put, "work")
    async with embedded.opened():
        for n in range(INTERRUPTIONS):
            await embedded.db.write(die_while_running)
            await embedded.recover()
            [job] = await jobs(embedded)
            assert (job.status, job.attempts, dead) == ("todo", n + 1, [])
        await embedded.db.write(die_while_running)
        await embedded.recover()
    assert (await statuses(embedded), [type(e) for e in dead]) == (["failed"], [Interrupted])
    await embedded.db.close()


async def test_an_interrupted_job_goes_on_in_a_replayed_past(embedded: Engine) -> None:
    ran: list[int] = []

    async def work(_db: Database) -> None:
        ran.append(1)

    def die_while_running(tx: Tx) -> None:
        tx.conn.execute(text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL"))

    embedded.add("work", work)
    with clock.replaying(datetime(2020, 1, 1, tzinfo=UTC)):
        await embedded.db.write(put, "work")
        await embedded.db.write(die_while_running)
        await embedded.drain()
    assert ran == [1]
    await embedded.db.close()


async def test_a_file_is_drained_by_one_at_a_time(embedded: Engine) -> None:
    with embedded.alone(), pytest.raises(AnotherProcess):
        await embedded.drain()
    await embedded.db.close()


async def test_names_are_taken_once(embedded: Engine) -> None:
    async def work(_db: Database) -> None:
        await asyncio.sleep(0)

    embedded.add("work", work)
    with pytest.raises(ValueError, match="exists already"):
        embedded.add("work", work)
    with pytest.raises(ValueError, match="queue nowhere does not"):
        embedded.add("other", work, queue="nowhere")
    await embedded.db.close()


def test_pauses_double_up_to_the_longest() -> None:
    retry = Retry(times=6, first=2, longest=10)
    waits = [retry.wait(n) for n in range(6)]
    assert [w and w.total_seconds() for w in waits] == [2, 4, 8, 10, 10, None]
