"""`tx.enqueue`: a job is part of the transaction, once per key, on both databases."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, text

from mercato.kernel.db import Database, Tx

pytestmark = pytest.mark.db

LATER = datetime(2031, 1, 1, 12, 30, 0, 250_000, tzinfo=UTC)


def jobs(conn: Connection) -> list[dict[str, Any]]:
    found = conn.execute(text("SELECT * FROM procrastinate_jobs ORDER BY id")).mappings()
    return [dict(row) for row in found]


def events(conn: Connection) -> list[str]:
    return [row.type for row in conn.execute(text("SELECT type FROM procrastinate_events ORDER BY id"))]


def put(tx: Tx, /, **options: Any) -> None:
    tx.enqueue("greet", **options)


async def test_what_was_asked_is_what_is_stored(either_db: Database) -> None:
    await either_db.write(put, queue="provision", key="greet:1", lock="person:1", at=LATER, person="ä'1")
    [job] = await either_db.read(jobs)
    args = job["args"] if isinstance(job["args"], dict) else json.loads(job["args"])
    at = job["scheduled_at"]
    moment = at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
    assert (job["queue_name"], job["task_name"], job["status"]) == ("provision", "greet", "todo")
    assert (job["queueing_lock"], job["lock"], args, moment) == (
        "greet:1",
        "person:1",
        {"person": "ä'1"},
        LATER,
    )
    assert sorted(await either_db.read(events)) == ["deferred", "scheduled"]


async def test_one_waiting_job_per_key(either_db: Database) -> None:
    def twice(tx: Tx) -> int:
        put(tx, key="greet:1", person=1)
        put(tx, key="greet:1", person=1)
        return len(tx.jobs)

    assert await either_db.write(twice) == 1
    await either_db.write(put, key="greet:1", person=1)
    await either_db.write(put, key="greet:2", person=2)
    await either_db.write(put, person=3)
    await either_db.write(put, person=3)
    assert [job["queueing_lock"] for job in await either_db.read(jobs)] == [
        "greet:1",
        "greet:2",
        None,
        None,
    ]


async def test_a_running_job_does_not_stand_for_a_new_one(either_db: Database) -> None:
    def start(tx: Tx) -> None:
        tx.conn.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))

    await either_db.write(put, key="greet:1", person=1)
    await either_db.write(start)
    await either_db.write(put, key="greet:1", person=1)
    assert [job["status"] for job in await either_db.read(jobs)] == ["doing", "todo"]


async def test_many_units_with_one_key_make_one_job(either_db: Database) -> None:
    await asyncio.gather(*(either_db.write(put, key="greet:1", person=1) for _ in range(20)))
    assert len(await either_db.read(jobs)) == 1


async def test_units_with_different_keys_do_not_conflict(postgres_db: Database) -> None:
    """At SERIALIZABLE a mere look for the key would make one of the two repeat itself."""
    engine: Any = postgres_db
    async with engine._writes.connect() as one, engine._writes.connect() as two:
        await one.run_sync(lambda c: put(Tx(c, now=LATER), key="greet:1", person=1))
        await two.run_sync(lambda c: put(Tx(c, now=LATER), key="greet:2", person=2))
        await one.commit()
        await two.commit()
    assert len(await postgres_db.read(jobs)) == 2


async def test_a_waiting_job_waits_for_the_unit_that_relied_on_it(postgres_db: Database) -> None:
    """Otherwise a worker could take it and look at the world as it was before the unit."""
    await postgres_db.write(put, key="greet:1", person=1)
    take = text("SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)")
    relied, finish = asyncio.Event(), asyncio.Event()
    engine: Any = postgres_db
    async with engine._engine.connect() as other:

        async def rely() -> None:
            async with engine._writes.begin() as conn:
                await conn.run_sync(lambda c: put(Tx(c, now=LATER), key="greet:1", person=1))
                relied.set()
                await finish.wait()

        task = asyncio.create_task(rely())
        await relied.wait()
        assert (await other.execute(take)).scalar() is None
        await other.rollback()
        finish.set()
        await task
        assert (await other.execute(take)).scalar() == 1


async def test_a_queue_nobody_serves_is_refused(either_db: Database) -> None:
    with pytest.raises(ValueError, match="Unknown queue: nowhere"):
        await either_db.write(put, queue="nowhere")


async def test_arguments_are_json(either_db: Database) -> None:
    with pytest.raises(TypeError):
        await either_db.write(put, person=object())
    assert await either_db.read(jobs) == []
