"""What one process commits is heard by the watchers of every other, in the order in which it became final."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from mercato.kernel.db import Database, Tx, open_database
from mercato.kernel.ids import new_uuid
from mercato.kernel.news import News
from mercato.schemas.facts import ProviderChanged

pytestmark = pytest.mark.db


def happens(tx: Tx) -> None:
    tx.emit(ProviderChanged(object=new_uuid()), event="customer_update_succeeded", message="")


@pytest.fixture
async def elsewhere(postgres_db: Database) -> AsyncIterator[Database]:
    """The same database, from another process as it were."""
    db = open_database(postgres_db.url)
    yield db
    await db.close()


@asynccontextmanager
async def listening(db: Database) -> AsyncIterator[list[set[str]]]:
    heard: list[set[str]] = []
    db.watchers.append(heard.append)
    task = asyncio.create_task(News(db).run())
    await asyncio.sleep(0.5)
    heard.clear()
    try:
        yield heard
    finally:
        task.cancel()


async def until(true: Callable[[], object], within: float = 4.0) -> float:
    began = time.monotonic()
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.005)
    return time.monotonic() - began


async def test_a_fact_of_another_process_is_heard_at_once(postgres_db: Database, elsewhere: Database) -> None:
    async with listening(postgres_db) as heard:
        for _ in range(3):
            before = postgres_db.versions["tenants"]
            await elsewhere.write(happens)
            assert await until(lambda: {"tenants"} in heard) < 1
            assert postgres_db.versions["tenants"] > before
            heard.clear()


async def test_what_commits_late_is_not_skipped(postgres_db: Database, elsewhere: Database) -> None:
    """The older transaction, with the lower number, commits after the younger was heard of."""
    news, heard = News(postgres_db), list[set[str]]()
    postgres_db.watchers.append(heard.append)
    await news.look()
    written, go_on = asyncio.Event(), asyncio.Event()

    async def late() -> None:
        loop = asyncio.get_running_loop()

        def unit(tx: Tx) -> None:
            happens(tx)
            tx.conn.execute(text("SELECT 1"))
            loop.call_soon(written.set)
            # Held open by the database, as a transaction in another process would be.
            tx.conn.execute(text("SELECT pg_sleep(1.0)"))

        await postgres_db.write(unit)
        go_on.set()

    task = asyncio.create_task(late())
    await written.wait()
    await elsewhere.write(happens)
    assert await news.look()  # heard early, as not final: the older one is open
    assert heard == [{"tenants"}]
    assert await news.look()
    assert heard == [{"tenants"}]
    await go_on.wait()
    await task
    heard.clear()
    assert not await news.look()
    assert {"tenants"} in heard
    heard.clear()
    assert not await news.look()
    assert heard == []


async def test_a_cut_connection_is_made_again_and_misses_nothing(
    postgres_db: Database, elsewhere: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mercato.kernel.news.RECONNECT", 0.2)

    def cut(tx: Tx) -> None:
        happens(tx)
        tx.conn.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%LISTEN%'"
            )
        )

    async with listening(postgres_db) as heard:
        await elsewhere.write(cut)
        await until(lambda: {"tenants"} in heard)
        heard.clear()
        await asyncio.sleep(0.6)
        await elsewhere.write(happens)
        assert await until(lambda: {"tenants"} in heard) < 1
