"""Writes that wait together share one commit, and each still happens wholly or not at all."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from mercato.kernel import groups
from mercato.kernel.db import Tx, open_database
from mercato.kernel.sqlite import Lane, SqliteDatabase

pytestmark = pytest.mark.db


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    opened = open_database(f"sqlite:///{tmp_path / 'x.db'}")
    assert isinstance(opened, SqliteDatabase)
    await opened.write(lambda tx: tx.conn.execute(text("CREATE TABLE seen (name TEXT PRIMARY KEY)")))
    yield opened
    await opened.close()


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What ended a transaction well."""
    said: list[str] = []
    say = Lane._say

    def listening(conn: Connection, what: str) -> None:
        say(conn, what)
        if what == "COMMIT":
            said.append(what)

    monkeypatch.setattr(Lane, "_say", staticmethod(listening))
    return said


def add(tx: Tx, name: str) -> str:
    tx.conn.execute(text("INSERT INTO seen VALUES (:name)"), {"name": name})
    return name


def refused(tx: Tx, name: str) -> None:
    add(tx, name)
    raise RuntimeError(name)


def names(conn: Connection) -> list[str]:
    return [row[0] for row in conn.execute(text("SELECT name FROM seen ORDER BY name"))]


async def held_back(db: SqliteDatabase) -> threading.Event:
    """The writer is busy until the event is set: what is written meanwhile waits together."""
    begun, go_on = threading.Event(), threading.Event()

    def busy(_tx: Tx) -> None:
        begun.set()
        go_on.wait(10)

    busy_one = asyncio.create_task(db.write(busy))
    _tasks.add(busy_one)
    busy_one.add_done_callback(_tasks.discard)
    await asyncio.to_thread(begun.wait, 10)
    return go_on


_tasks: set[asyncio.Task[Any]] = set()


async def together(db: SqliteDatabase, *units: tuple[Any, str]) -> list[Any]:
    go_on = await held_back(db)
    waiting = [asyncio.create_task(db.write(fn, name)) for fn, name in units]
    await asyncio.sleep(0.01)
    go_on.set()
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_what_waits_together_is_committed_once(db: SqliteDatabase, commits: list[str]) -> None:
    found = await together(db, *((add, name) for name in "abcdef"))
    assert found == list("abcdef")
    assert len(commits) == 2  # the busy one's, and one for all who waited
    assert await db.read(names) == list("abcdef")


async def test_one_that_fails_takes_nothing_with_it(db: SqliteDatabase) -> None:
    found = await together(db, (add, "a"), (refused, "b"), (add, "c"), (add, "a"), (add, "d"))
    assert [str(f) for f in found[:3]] == ["a", "b", "c"]
    assert "UNIQUE" in str(found[3])
    assert await db.read(names) == ["a", "c", "d"]


async def test_nobody_is_answered_before_the_commit(
    db: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_when_answered: list[list[str]] = []
    answer = groups.Unit.answer

    def look(unit: groups.Unit) -> None:
        kept_when_answered.append(db.read_here(names))
        answer(unit)

    monkeypatch.setattr(groups.Unit, "answer", look)
    await together(db, (add, "a"), (add, "b"))
    assert kept_when_answered[1:] == [["a", "b"], ["a", "b"]]


async def test_each_sees_what_was_done_before_it(db: SqliteDatabase) -> None:
    found = await together(
        db, (add, "a"), (lambda tx, _: names(tx.conn), ""), (add, "b"), (lambda tx, _: names(tx.conn), "")
    )
    assert (found[1], found[3]) == (["a"], ["a", "b"])


async def test_only_what_was_kept_is_announced(db: SqliteDatabase) -> None:
    heard: list[set[str]] = []
    db.watchers.append(heard.append)

    def told(tx: Tx, room: str) -> None:
        tx.rooms.add(room)

    def told_and_refused(tx: Tx, room: str) -> None:
        tx.rooms.add(room)
        raise RuntimeError

    await together(db, (told, "one"), (told_and_refused, "two"), (told, "three"))
    assert [rooms for rooms in heard if rooms] == [{"one"}, {"three"}]
    assert dict(db.versions) == {"one": 1, "three": 1}


async def test_when_the_whole_transaction_is_lost_each_begins_again_alone(
    db: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    say, full = Lane._say, [True]

    def failing_once(conn: Connection, what: str) -> None:
        raw: Any = conn.connection.dbapi_connection
        shared = what == "COMMIT" and raw.execute("SELECT count(*) FROM seen").fetchone()[0] > 1
        if shared and full:
            full.pop()
            raise sqlite3.OperationalError("database or disk is full")
        say(conn, what)

    monkeypatch.setattr(Lane, "_say", staticmethod(failing_once))
    found = await together(db, (add, "a"), (add, "b"), (refused, "c"))
    assert [str(f) for f in found] == ["a", "b", "c"]
    assert await db.read(names) == ["a", "b"]


async def test_a_unit_that_loses_the_transaction_loses_nobody_elses_work(db: SqliteDatabase) -> None:
    def roll_everything_back(tx: Tx, _name: str) -> None:
        raw: Any = tx.conn.connection.dbapi_connection
        raw.execute("ROLLBACK")
        raise RuntimeError("lost")

    found = await together(db, (add, "a"), (roll_everything_back, "b"), (add, "c"))
    assert [str(f) for f in found] == ["a", "lost", "c"]
    assert await db.read(names) == ["a", "c"]


async def test_a_long_unit_ends_its_group(db: SqliteDatabase, commits: list[str]) -> None:
    def slow(tx: Tx, name: str) -> str:
        time.sleep(groups.LONGEST * 2)
        return add(tx, name)

    found = await together(db, (add, "a"), (slow, "b"), (add, "c"), (add, "d"))
    assert found == list("abcd")
    assert len(commits) == 3


async def test_who_no_longer_waits_is_not_worked_for(db: SqliteDatabase) -> None:
    go_on = await held_back(db)
    gone = asyncio.create_task(db.write(add, "gone"))
    stays = asyncio.create_task(db.write(add, "stays"))
    await asyncio.sleep(0.01)
    gone.cancel()
    go_on.set()
    assert await stays == "stays"
    assert await db.read(names) == ["stays"]


async def test_a_closed_database_says_so(db: SqliteDatabase) -> None:
    await db.close()
    with pytest.raises(RuntimeError):
        await asyncio.wait_for(db.write(add, "late"), 5)
