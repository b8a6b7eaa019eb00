"""Procrastinate on SQLite: its statements run in the application's own lanes, in the application's file.

One process serves one file (`jobs.alone`). Wake-ups come from the writer thread after COMMIT.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from procrastinate import exceptions, sql
from procrastinate.connector import BaseAsyncConnector, Notify
from sqlalchemy.exc import SQLAlchemyError

from mercato.jobs import looks, statements
from mercato.jobs.patience import patiently
from mercato.jobs.rows import Notice, Rows, seconds
from mercato.kernel.db import Database, Tx

NAMES: dict[str, str] = {query: name for name, query in sql.queries.items()}
ANY_QUEUE = "procrastinate_any_queue_v1"
ENDINGS = frozenset({"finish_job", "retry_job"})
# A clock that stands still must not turn the alarm into a busy loop.
SHORTEST = 0.02


class _Listener(NamedTuple):
    channels: frozenset[str]
    heard: asyncio.Queue[Notice]


class _Outcome(NamedTuple):
    rows: Rows
    told: list[Notice]
    due: float | None


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
        if name in ENDINGS:
            return await patiently(lambda: self._once(name, arguments))
        return await self._once(name, arguments)

    async def _once(self, name: str, arguments: dict[str, Any]) -> Rows:
        try:
            if name in looks.READS:
                return await self._db.read(looks.READS[name], **arguments)
            outcome = await self._db.write(_unit, name, arguments)
        except SQLAlchemyError as error:
            raise exceptions.ConnectorException from error
        self._tell(outcome.told)
        if outcome.due is not None:
            self._set_alarm(outcome.due)
        return outcome.rows

    # -- wake-ups --------------------------------------------------------------------------------------

    def _woken(self, jobs: list[tuple[str, int]]) -> None:
        """In the writer's thread, after COMMIT."""
        if self._loop is not None:
            told = [Notice(queue, "job_inserted", job) for queue, job in jobs]
            self._loop.call_soon_threadsafe(self._tell, told)

    def _tell(self, told: list[Notice]) -> None:
        for notice in told:
            wanted = {ANY_QUEUE, f"procrastinate_queue_v1#{notice.queue}"}
            for listener in self._listeners:
                if listener.channels & wanted:
                    listener.heard.put_nowait(notice)

    def _set_alarm(self, due: float) -> None:
        if self._loop is not None:
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = self._loop.call_later(max(SHORTEST, due - seconds()), self._ring)

    def _ring(self) -> None:
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


def _unit(tx: Tx, name: str, arguments: dict[str, Any]) -> _Outcome:
    told: list[Notice] = []
    found = statements.WRITES[name](tx.conn, told, **arguments)
    # A job's moment is looked up when a worker finds nothing to do and when a job is put back.
    idle = name == "retry_job" or (name == "fetch_job" and found[0]["id"] is None)
    return _Outcome(found, told, statements.next_due(tx.conn) if idle else None)


def _nobody(_jobs: list[tuple[str, int]]) -> None:
    """No worker is running here."""
