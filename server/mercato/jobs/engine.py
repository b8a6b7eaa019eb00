"""The job engine: tasks by name, run by Procrastinate on the application's own database.

Work enters by `tx.enqueue`. A job runs at least once: its function must be idempotent, and what must not
happen twice is fenced by the rows it changes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from procrastinate import App, JobContext
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import JobAborted
from procrastinate.job_context import AbortReason
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from mercato.jobs.alone import alone
from mercato.jobs.retry import Retry, Strategy, Unburied
from mercato.kernel import clock, trace
from mercato.kernel.db import Database
from mercato.kernel.fixed import fixed
from mercato.kernel.queue import QUEUES, REQUEST

log = logging.getLogger("mercato.jobs")

Work = Callable[..., Awaitable[None]]
OnDead = Callable[[Database, str, dict[str, Any], BaseException], Awaitable[None]]

# A job whose process died this often while running it is given up.
INTERRUPTIONS = 10
# Nobody else works on an embedded database, so silence proves nothing there.
NEVER_STALLED = 1e9


class Interrupted(Exception):
    """The process died each time it ran the job."""


class Task(NamedTuple):
    """Work by name."""

    name: str
    fn: Work
    retry: Retry
    on_dead: OnDead | None


_DUE = fixed(
    text(
        "SELECT 1 FROM procrastinate_jobs AS j WHERE status = 'todo' AND (scheduled_at IS NULL"
        " OR scheduled_at <= :now) AND (lock IS NULL OR NOT EXISTS (SELECT 1 FROM procrastinate_jobs AS o"
        " WHERE o.lock = j.lock AND (o.status = 'doing' OR (o.status = 'todo' AND (o.priority > j.priority"
        " OR (o.priority = j.priority AND o.id < j.id)))))) LIMIT 1"
    )
)


def anything_due(conn: Connection) -> bool:
    """Whether a job could start now."""
    now = clock.now()
    moment = now if conn.dialect.name == "postgresql" else now.timestamp()
    return conn.execute(_DUE, {"now": moment}).first() is not None


class Engine:
    """The tasks of one database and the means to run them; see `Worker` for doing so all the time."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.embedded = db.dialect == "sqlite"
        self.tasks: dict[str, Task] = {}
        self.runs = 0
        self.app = App(connector=_connector(db))
        self._open = False

    @property
    def jobs(self) -> JobManager:
        """Upstream's view of the queue: list, cancel, retry. Only while the engine is open."""
        return self.app.job_manager

    def add(
        self,
        name: str,
        fn: Work,
        *,
        queue: str = "default",
        retry: Retry | None = None,
        on_dead: OnDead | None = None,
    ) -> None:
        """Register `async fn(db, **ids)` as what jobs called `name` do.

        When it has failed for the last time, or its process has died `INTERRUPTIONS` times,
        `async on_dead(db, name, ids, error)` is told before the job is given up (status failed). It is
        repeated if it fails itself, so it must be idempotent too. Which queue a job waits in is said by
        `tx.enqueue`; `queue` is where jobs go that are put in by other means. Raises ValueError for a
        name that is taken and for a queue that is not served.
        """
        if name in self.tasks or queue not in QUEUES:
            raise ValueError(f"The task {name} exists already or the queue {queue} does not.")
        task = Task(name, fn, retry or Retry(), on_dead)
        self.tasks[name] = task

        async def run(context: JobContext, /, **ids: Any) -> None:
            await self._run(task, context, ids)

        self.app.task(name=name, queue=queue, retry=Strategy(task.retry), pass_context=True)(run)

    async def _run(self, task: Task, context: JobContext, ids: dict[str, Any]) -> None:
        self.runs += 1
        with trace.during(ids.pop(REQUEST, None)):
            await self._do(task, context, ids)

    async def _do(self, task: Task, context: JobContext, ids: dict[str, Any]) -> None:
        try:
            await task.fn(self.db, **ids)
        except asyncio.CancelledError:
            if context.abort_reason() is AbortReason.USER_REQUEST:
                raise JobAborted from None
            raise
        except Exception as error:
            if task.retry.wait(context.job.attempts) is None:
                await self._bury(task, ids, error)
            raise

    async def _bury(self, task: Task, ids: dict[str, Any], error: BaseException) -> None:
        if task.on_dead is None:
            return
        try:
            await task.on_dead(self.db, task.name, ids, error)
        except Exception as second:
            raise Unburied(f"{task.name} failed for the last time and nobody could be told") from second

    async def give_up(self, job: Job) -> None:
        """End an interrupted job as failed, after telling what depends on it."""
        task = self.tasks.get(job.task_name)
        if task is not None:
            ids = dict(job.task_kwargs)
            with trace.during(ids.pop(REQUEST, None)):
                await self._bury(task, ids, Interrupted(job.call_string))
        await self.jobs.finish_job(job, Status.FAILED, delete_job=False)

    # -- open and closed -------------------------------------------------------------------------------

    async def open(self) -> None:
        if not self._open:
            await self.app.open_async()
            self._open = True

    async def close(self) -> None:
        if self._open:
            self._open = False
            await self.app.close_async()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Open for the duration, unless it is open anyway."""
        was_open = self._open
        await self.open()
        try:
            yield
        finally:
            if not was_open:
                await self.close()

    def alone(self) -> contextlib.AbstractContextManager[None]:
        """Be the only one who runs jobs on this database file. On PostgreSQL many may.

        Raises AnotherProcess when a worker or a drain is running on the file.
        """
        if not self.embedded:
            return contextlib.nullcontext()
        return alone(Path(f"{make_url(self.db.url).database}.worker.lock"))

    async def recover(self, queues: Collection[str] = QUEUES) -> None:
        """Put back what was running in these queues when its process died. Only when `alone` there."""
        for job in await self.jobs.list_jobs_async(status="doing"):
            if job.queue not in queues:
                continue
            if job.attempts >= INTERRUPTIONS:
                await self.give_up(job)
            else:
                await self.jobs.retry_job(job, retry_at=clock.now())

    async def drain(self) -> int:
        """Run everything that is due now, and what comes of it, until nothing is left; say how many ran.

        For tests, which travel in time between drains, and for loading data. Jobs run one by one, by
        priority and age. Raises AnotherProcess on a file that a worker serves.
        """
        before = self.runs
        with self.alone():
            async with self.opened():
                if self.embedded:
                    await self.recover()
                while await self.db.read(anything_due):
                    await self.app.run_worker_async(
                        wait=False,
                        concurrency=1,
                        listen_notify=False,
                        install_signal_handlers=False,
                        stalled_worker_timeout=NEVER_STALLED,
                    )
        return self.runs - before


def _connector(db: Database) -> BaseConnector:
    if db.dialect == "sqlite":
        from mercato.jobs.sqlite import SqliteConnector

        return SqliteConnector(db)
    from mercato.jobs.postgres import PostgresConnector

    return PostgresConnector(conninfo=db.url, min_size=1, max_size=6)
