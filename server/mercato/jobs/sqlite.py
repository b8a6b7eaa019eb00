"""Procrastinate on SQLite: its statements run in the application's own lanes, in the application's file.

One process serves one file (`jobs.alone`). Wake-ups come from the writer thread after COMMIT.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from contextlib import contextmanager
from typing import Any, NamedTuple

import sqlalchemy as sa
from procrastinate import exceptions, sql
from procrastinate.connector import BaseAsyncConnector, Notify
from sqlalchemy import Connection

from mercato.jobs import looks, statements
from mercato.jobs.rows import Notice, Rows, seconds
from mercato.kernel.db import Database, Tx

NAMES: dict[str, str] = {query: name for name, query in sql.queries.items()}
ANY_QUEUE = "procrastinate_any_queue_v1"
# A job that ended must be written down, or it keeps its lock until the next start.
PATIENCE = 60  # attempts, one second apart


class _Listener(NamedTuple):
    channels: frozenset[str]
    heard: asyncio.Queue[Notice]


class SqliteConnector(BaseAsyncConnector):
    """Upstream's statements by name: those that look in a reading lane, the others in the writing lane."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._listeners: list[_Listener] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._alarm: asyncio.TimerHandle | None = None

    async def open_async(self, pool: Any = None) -> None:
        """Start to hear of jobs that transactions have put in."""
        self._loop = asyncio.get_running_loop()
        self._db.wake = self._woken

    async def close_async(self) -> None:
        self._db.wake = _nobody
        self._loop = None
        if self._alarm is not None:
            self._alarm.cancel()

    async def execute_query_async(self, query: str, **arguments: Any) -> None:
        await self._run(NAMES[query], arguments)

    async def execute_query_one_async(self, query: str, **arguments: Any) -> dict[str, Any]:
        found = await self._run(NAMES[query], arguments)
        if not found:
            raise exceptions.NoResult
        return found[0]

    async def execute_query_all_async(self, query: str, **arguments: Any) -> list[dict[str, Any]]:
        return await self._run(NAMES[query], arguments)

    async def _run(self, name: str, arguments: dict[str, Any]) -> Rows:
        if name in looks.READS:
            with _upstream_errors():
                return await self._db.read(looks.READS[name], **arguments)
        for attempt in range(PATIENCE):
            try:
                return await self._db.write(self._unit, name, arguments)
            except sa.exc.OperationalError as error:
                if name not in ("finish_job", "retry_job") or attempt == PATIENCE - 1:
                    raise exceptions.ConnectorException from error
            await asyncio.sleep(1)
        raise AssertionError("unreachable")

    def _unit(self, tx: Tx, name: str, arguments: dict[str, Any]) -> Rows:
        told: list[Notice] = []
        found = statements.WRITES[name](tx.conn, told, **arguments)
        due = statements.next_due(tx.conn) if _may_need_an_alarm(name, found) else None
        if told or due is not None:
            tx.after.append(lambda: self._from_lane(told, due))
        return found

    # -- wake-ups --------------------------------------------------------------------------------------

    def _woken(self, jobs: list[tuple[str, int]]) -> None:
        self._from_lane([Notice(queue, "job_inserted", job) for queue, job in jobs], None)

    def _from_lane(self, told: list[Notice], due: float | None) -> None:
        """In the writer's thread, after COMMIT."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._in_loop, told, due)

    def _in_loop(self, told: list[Notice], due: float | None) -> None:
        for notice in told:
            wanted = {ANY_QUEUE, f"procrastinate_queue_v1#{notice.queue}"}
            for listener in self._listeners:
                if listener.channels & wanted:
                    listener.heard.put_nowait(notice)
        if due is not None and self._loop is not None:
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = self._loop.call_later(max(0.0, due - seconds()), self._due)

    def _due(self) -> None:
        for listener in self._listeners:
            listener.heard.put_nowait(Notice("", "job_inserted", 0))

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Pass on, in order, what transactions have told; runs until it is cancelled."""
        listener = _Listener(frozenset(channels), asyncio.Queue())
        self._listeners.append(listener)
        try:
            while True:
                notice = await listener.heard.get()
                payload = json.dumps({"type": notice.kind, "job_id": notice.job})
                await on_notification(channel=ANY_QUEUE, payload=payload)
        finally:
            self._listeners.remove(listener)


def _may_need_an_alarm(name: str, found: Rows) -> bool:
    """A job that waits for its moment is looked for when a worker goes to sleep or a job is put back."""
    return name == "retry_job" or (name == "fetch_job" and found[0]["id"] is None)


@contextmanager
def _upstream_errors() -> Any:
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        raise exceptions.ConnectorException from error


def _nobody(_jobs: list[tuple[str, int]]) -> None:
    """No worker is running here."""
