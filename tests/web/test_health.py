"""Alive, ready, well: three questions with answers of their own."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from mercato.kernel import clock
from mercato.kernel.db import Tx
from mercato.web import health
from world import World

pytestmark = pytest.mark.http


@pytest.fixture
def working(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(world.market, "worker_health", lambda: "ok")
    return world


async def asked(world: World, path: str) -> tuple[int, dict[str, str]]:
    answer = await world.get(None, path)
    return answer.status_code, answer.json()["checks"]


async def test_a_database_that_is_away_makes_it_unready_but_not_dead(
    working: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> None:
        raise ConnectionError("db.internal refused anna's password")

    monkeypatch.setattr(working.market.db, "read", away)
    assert await asked(working, "/health/live/") == (200, {})
    assert await asked(working, "/health/ready/") == (503, {"database": "ConnectionError"})
    assert (await asked(working, "/health/"))[0] == 503


async def test_a_database_that_hangs_is_not_waited_for(
    working: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hanging(*_: Any) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(working.market.db, "read", hanging)
    monkeypatch.setattr(health, "PATIENCE", 0.01)
    status, checks = await asked(working, "/health/ready/")
    assert (status, "not answered" in checks["database"]) == (503, True)


async def test_a_database_of_another_version_is_told(working: World) -> None:
    await working.market.db.write(
        lambda tx: tx.conn.execute(text("UPDATE alembic_version SET version_num = '1999_01_01_0000'"))
    )
    status, checks = await asked(working, "/health/ready/")
    assert (status, "1999_01_01_0000" in checks["database"]) == (503, True)


async def test_work_that_waits_too_long_is_told_and_takes_no_server_out(working: World) -> None:
    working.market.engine.add("nobody.runs", _nothing)
    await working.market.db.write(lambda tx: tx.enqueue("nobody.runs"))
    assert (await asked(working, "/health/"))[0] == 200
    with clock.replaying(clock.now() + timedelta(seconds=health.LONGEST_WAIT + 10)):
        status, checks = await asked(working, "/health/")
        assert (status, checks["backlog"]) == (503, "A job has waited for 310 seconds.")
        assert (await asked(working, "/health/ready/"))[0] == 200


async def _nothing(_db: Any) -> None:
    """Work of no kind."""


async def test_work_for_later_waits_rightly(working: World) -> None:
    later = clock.now() + timedelta(days=1)
    working.market.engine.add("later.runs", _nothing)

    def put(tx: Tx) -> None:
        tx.enqueue("later.runs", at=later)

    await working.market.db.write(put)
    with clock.replaying(clock.now() + timedelta(hours=1)):
        assert (await asked(working, "/health/"))[1]["backlog"] == "ok"


async def test_a_silent_schedule_is_told(working: World) -> None:
    await working.tick()
    assert (await asked(working, "/health/"))[1]["schedule"] == "ok"
    with clock.replaying(clock.now() + timedelta(seconds=health.LONGEST_SILENCE + 60)):
        assert "by the clock" in (await asked(working, "/health/"))[1]["schedule"]
