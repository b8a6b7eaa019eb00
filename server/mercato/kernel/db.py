"""The only module that opens connections. A unit of work is plain synchronous code in one transaction.

`Database.read(fn, …)` and `Database.write(fn, …)` are the only awaits around data. On SQLite they run
in lanes: one writer thread that owns the file (BEGIN IMMEDIATE) and a few reader threads. On PostgreSQL
a write runs at SERIALIZABLE and the whole unit is repeated when the database asks for it, so a unit has
no effect outside its `Tx`: no clock, no network, no memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection, text
from sqlalchemy.sql.elements import TextClause

from mercato.kernel import clock, tables
from mercato.kernel.columns import wire_moment
from mercato.kernel.ids import new_uuid
from mercato.kernel.queue import REQUEST, NewJob, insert_job
from mercato.schemas.facts import Fact

T = TypeVar("T")
P = ParamSpec("P")

XID: TextClause = text("pg_current_xact_id()::text::bigint")
_INSERT_FACT_PG = tables.facts.insert().values(xid=XID)


Listener = Callable[["Tx", Any], Any]


class Tx:
    """One unit of work: a connection, the moment it happens, who acts, and what it will announce."""

    __slots__ = ("_listeners", "conn", "jobs", "now", "request", "rooms", "who")

    def __init__(
        self,
        conn: Connection,
        *,
        now: datetime,
        who: int | None = None,
        listeners: Mapping[type, list[Listener]] | None = None,
        request: str | None = None,
    ) -> None:
        self.conn = conn
        self.request = request
        self.now = now
        self.who = who
        self.jobs: list[tuple[str, int]] = []
        self.rooms: set[str] = set()
        self._listeners: Mapping[type, list[Listener]] = listeners or {}

    def emit(self, fact: Fact, *, event: str, message: str) -> None:
        """Record what happened: the fact, the audit row and every listener's work, or none of them."""
        payload = msgspec.to_builtins(fact)
        insert = _INSERT_FACT_PG if self.conn.dialect.name == "postgresql" else tables.INSERT_FACT
        self.conn.execute(
            insert,
            {"topic": type(fact).__name__, "object": fact.object, "payload": payload, "at": self.now},
        )
        placed = tables.PLACED.get(type(fact))
        record = {
            "uuid": new_uuid(),
            "at": self.now,
            "user_id": self.who,
            "event_type": event,
            "object": fact.object,
            "message": message,
            "context": payload,
        }
        if placed is None:
            self.conn.execute(tables.INSERT_AUDIT, record)
        else:
            named = {f"of_{name}": getattr(fact, name) for name in placed.names}
            self.conn.execute(placed.statement, {**record, **named})
        self.rooms.add(type(fact).room)
        for listener in self._listeners.get(type(fact), ()):
            listener(self, fact)

    def ask(self, question: object) -> list[Any]:
        """Ask the rooms above: whoever registered for this kind of question answers, or vetoes by raising.

        A lower room declares the question; higher rooms register their answers in `web/app.py`.
        """
        return [answer(self, question) for answer in self._listeners.get(type(question), ())]

    def enqueue(
        self,
        task: str,
        *,
        key: str | None = None,
        lock: str | None = None,
        queue: str = "default",
        at: datetime | None = None,
        priority: int = 0,
        **ids: Any,
    ) -> None:
        """Put a job into this transaction: it runs if and only if the transaction commits.

        `key`: at most one waiting job with this key (a second is dropped silently). `lock`: jobs with
        the same lock run one after the other, in order. `at`: not before this moment. `priority`: those
        with a higher one come first.
        """
        if self.request is not None:
            ids[REQUEST] = self.request
        job = insert_job(
            self.conn,
            NewJob(task=task, queue=queue, key=key, lock=lock, at=at, args=ids, priority=priority),
        )
        if job is not None:
            self.jobs.append((queue, job))


class Database(Protocol):
    """Where the data is. `versions` counts committed changes per room, for caches in this process."""

    url: str
    dialect: str
    listeners: dict[type, list[Listener]]
    versions: Counter[str]
    wake: Callable[[list[tuple[str, int]]], None]
    watchers: list[Callable[[set[str]], None]]
    """Told, by whichever thread commits, in which rooms something has changed."""

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *a: P.args, **kw: P.kwargs) -> T:
        """Run `fn(connection, …)` in a read-only transaction."""
        ...

    async def look(self, fn: Callable[Concatenate[Connection, P], T], *a: P.args, **kw: P.kwargs) -> T:
        """`read` for what is probably over in a few milliseconds; `fn` may be begun twice."""
        ...

    async def write(self, fn: Callable[Concatenate[Tx, P], T], *a: P.args, **kw: P.kwargs) -> T:
        """Run `fn(tx, …)` in one transaction: all of it happens, or (on any exception) nothing."""
        ...

    async def close(self) -> None: ...


class Committed:
    """What both databases do once a transaction has been committed."""

    def __init__(self) -> None:
        self.listeners: dict[type, list[Listener]] = {}
        self.versions: Counter[str] = Counter()
        self.wake: Callable[[list[tuple[str, int]]], None] = _nobody
        self.watchers: list[Callable[[set[str]], None]] = []

    def announce(self, tx: Tx) -> None:
        for room in tx.rooms:
            self.versions[room] += 1
        if tx.jobs:
            self.wake(tx.jobs)
        for watcher in self.watchers:
            watcher(tx.rooms)


def _nobody(_jobs: list[tuple[str, int]]) -> None:
    """No worker is running here."""


def moment_param(conn: Connection, moment: datetime) -> Any:
    """A moment as this database's driver wants it in hand-written SQL."""
    return moment if conn.dialect.name == "postgresql" else wire_moment(moment)


def open_database(url: str, *, durable: bool = True) -> Database:
    """`sqlite:///file` or `postgresql://…` (the drivers are ours to choose). `durable`: see SqliteDatabase."""
    scheme = url.split(":", 1)[0].split("+", 1)[0]
    if scheme == "sqlite":
        from mercato.kernel.sqlite import SqliteDatabase

        return SqliteDatabase("sqlite:" + url.split(":", 1)[1], durable=durable)
    if scheme in ("postgresql", "postgres"):
        from mercato.kernel.postgres import PostgresDatabase

        return PostgresDatabase("postgresql:" + url.split(":", 1)[1])
    raise ValueError(f"Unknown database: {scheme}. Use sqlite:///FILE or postgresql://USER@HOST/NAME.")


def present() -> datetime:
    """The moment of a unit that starts now."""
    return clock.now()
