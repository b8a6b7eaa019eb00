"""A unit of work is atomic, loses nothing to its neighbours, and wakes the worker only when it counted."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from mercato.kernel import sqlite
from mercato.kernel.db import Database, Tx, open_database
from mercato.schemas.facts import Fact

pytestmark = pytest.mark.db

WRITERS, TIMES = 8, 100


class Counted(Fact, frozen=True, kw_only=True):
    room = "counting"


def make_counter(tx: Tx) -> None:
    tx.conn.execute(text("CREATE TABLE counter (id INTEGER PRIMARY KEY, value INTEGER NOT NULL)"))
    tx.conn.execute(text("INSERT INTO counter VALUES (1, 0)"))


def count_one(tx: Tx) -> None:
    value = tx.conn.execute(text("SELECT value FROM counter WHERE id = 1")).scalar_one()
    tx.conn.execute(text("UPDATE counter SET value = :v WHERE id = 1"), {"v": value + 1})


def counted(conn: Connection) -> int:
    return int(conn.execute(text("SELECT value FROM counter WHERE id = 1")).scalar_one())


def rows(conn: Connection, table: str) -> int:
    return int(conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


async def test_check_then_write_loses_no_update(either_db: Database) -> None:
    await either_db.write(make_counter)

    async def writer() -> None:
        for _ in range(TIMES):
            await either_db.write(count_one)

    await asyncio.gather(*(writer() for _ in range(WRITERS)))
    assert await either_db.read(counted) == WRITERS * TIMES


async def test_a_failing_unit_leaves_nothing(either_db: Database) -> None:
    woken: list[Any] = []
    either_db.wake = woken.append

    def failing(tx: Tx) -> None:
        tx.emit(Counted(object="0" * 32), event="counted", message="One more.")
        tx.enqueue("count", key="count:1", number=1)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        await either_db.write(failing)
    for table in ("facts", "audit", "procrastinate_jobs", "procrastinate_events"):
        assert await either_db.read(rows, table) == 0
    assert (woken, dict(either_db.versions)) == ([], {})


async def test_a_finished_unit_announces_itself_once(either_db: Database) -> None:
    woken: list[Any] = []
    either_db.wake = woken.append
    heard: list[str] = []
    either_db.listeners[Counted] = [lambda _tx, fact: heard.append(fact.object)]

    def unit(tx: Tx) -> None:
        tx.emit(Counted(object="a" * 32), event="counted", message="One more.")
        tx.enqueue("count", number=1)

    await either_db.write(unit)
    assert heard == ["a" * 32]
    assert either_db.versions == {"counting": 1}
    assert [[queue for queue, _ in jobs] for jobs in woken] == [["default"]]
    for table in ("facts", "audit", "procrastinate_jobs"):
        assert await either_db.read(rows, table) == 1


async def test_postgres_facts_carry_their_transaction(postgres_db: Database) -> None:
    def unit(tx: Tx) -> int:
        tx.emit(Counted(object="a" * 32), event="counted", message="One more.")
        return int(tx.conn.execute(text("SELECT pg_current_xact_id()::text::bigint")).scalar_one())

    xid = await postgres_db.write(unit)

    def stored(conn: Connection) -> int:
        return int(conn.execute(text("SELECT xid FROM facts")).scalar_one())

    assert await postgres_db.read(stored) == xid


async def test_a_read_cannot_write(either_db: Database) -> None:
    await either_db.write(make_counter)

    def sneaky(conn: Connection) -> None:
        conn.execute(text("UPDATE counter SET value = 99"))

    with pytest.raises(DBAPIError):
        await either_db.read(sneaky)
    assert await either_db.read(counted) == 0


async def test_sqlite_writes_happen_in_one_thread(sqlite_tables_url: str) -> None:
    db = open_database(sqlite_tables_url)

    def where(_tx: Tx) -> str:
        return threading.current_thread().name

    names = await asyncio.gather(*(db.write(where) for _ in range(20)))
    await db.close()
    assert len(set(names)) == 1


MOUNTS = """\
/dev/sda1 / ext4 rw,relatime 0 0
server:/export /home nfs4 rw,vers=4.2 0 0
tmpfs /home/anna/scratch tmpfs rw 0 0
store /lustre lustre rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/mercato.db", "ext4"),
        ("/home/anna/.local/mercato.db", "nfs4"),
        ("/home/anna/scratch/mercato.db", "tmpfs"),
        ("/homes/mercato.db", "ext4"),
        ("/lustre/mercato.db", "lustre"),
    ],
)
def test_the_file_system_is_read_from_the_mount_table(path: str, kind: str) -> None:
    assert sqlite.file_system_of(Path(path), MOUNTS) == kind


async def test_on_a_network_file_system_there_is_no_shared_memory(
    sqlite_tables_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "on_network", lambda _path: True)
    db = open_database(sqlite_tables_url)
    await db.write(make_counter)
    await db.write(count_one)

    def journal(conn: Connection) -> str:
        return str(conn.execute(text("PRAGMA journal_mode")).scalar_one())

    assert (await db.read(journal), await db.read(counted)) == ("delete", 1)
    await db.close()
    assert not Path(sqlite_tables_url.removeprefix("sqlite:///") + "-shm").exists()
