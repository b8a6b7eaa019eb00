"""The worker that lives in the server's event loop: it runs jobs and the schedule, and gets up again.

Upstream's worker ends, without an exception, when it loses the database; so each part is watched,
started again with a growing pause, and reported in the health.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime

import msgspec
from procrastinate import worker as upstream

from mercato.jobs.engine import INTERRUPTIONS, NEVER_STALLED, Engine
from mercato.jobs.schedule import Schedule
from mercato.kernel import clock
from mercato.kernel.queue import QUEUES, SYSTEM_QUEUE

log = logging.getLogger("mercato.worker")

# Seconds.
POLL = 5.0  # wake-ups are the rule; polling finds what was missed
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STALLED = 60.0  # a worker that was silent for so long is dead
EMBEDDED_HEARTBEAT = 3600.0


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the worker: whether it runs, since when (UTC), how often it had to be started again."""

    name: str
    running: bool
    since: datetime | None
    restarts: int
    last_error: str | None


class Part:
    """Something that should run for ever, and is started again when it does not."""

    def __init__(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self._run = run
        self._since: datetime | None = None
        self._restarts = 0
        self._last_error: str | None = None

    async def watch(self) -> None:
        """Runs until it is cancelled."""
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE
        while True:
            began = loop.time()
            self._since = clock.now()
            try:
                await self._run()
                self._last_error = "It ended by itself."
                log.error("%s ended by itself; starting it again", self.name)
            except Exception as error:
                self._last_error = f"{type(error).__name__}: {error}"
                log.exception("%s failed; starting it again", self.name)
            finally:
                self._since = None
            if _cancelled():
                # It failed while it was being cancelled, and its failure took the cancellation's place.
                return
            if loop.time() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            # Processes that lost one database must not all come back in the same instant.
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 jitter, not a secret
            pause = min(pause * 2, LONGEST_PAUSE)
            self._restarts += 1

    def health(self) -> Health:
        return Health(
            name=self.name,
            running=self._since is not None,
            since=self._since,
            restarts=self._restarts,
            last_error=self._last_error,
        )


class Server(upstream.Worker):
    """Upstream's worker, which ends when one of its side tasks fails: the heartbeat, or the listener.

    It watches them until the first one ends, and without periodic tasks theirs ends at once.
    """

    async def _periodic_deferrer(self) -> None:
        await asyncio.Event().wait()


class Worker:
    """Runs the engine's jobs of some queues (at most `concurrency` at once, the system's own beside them) and the
    schedule.

    `lease`: seconds of silence after which others take over what this process runs (PostgreSQL). `grace`: seconds
    that running jobs get to finish when the worker stops; then they are put back.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        schedule: Schedule | None = None,
        queues: Collection[str] = QUEUES,
        concurrency: int = 8,
        lease: float = STALLED,
        grace: float = 10.0,
    ) -> None:
        self.engine = engine
        self.lease = lease
        self.grace = grace
        rest = frozenset(queues) - {SYSTEM_QUEUE}
        self._parts: list[Part] = []
        if rest:
            self._parts.append(Part("jobs", lambda: self._serve(rest, concurrency)))
        if SYSTEM_QUEUE in queues:
            self._parts.append(Part("system jobs", lambda: self._serve({SYSTEM_QUEUE}, 1)))
        if schedule is not None:
            self._parts.append(Part("schedule", schedule.run))
        if not engine.embedded:
            self._parts.append(Part("sweep", self._sweep))
        self._tasks: list[asyncio.Task[None]] = []
        self._held = contextlib.ExitStack()

    async def start(self) -> None:
        """Raises AnotherProcess when another process runs jobs on this database file."""
        self._held.enter_context(self.engine.alone())
        try:
            await self.engine.open()
            if self.engine.embedded:
                await self.engine.jobs.prune_stalled_workers(-NEVER_STALLED)
        except BaseException:
            self._held.close()
            raise
        self._tasks = [asyncio.create_task(part.watch(), name=part.name) for part in self._parts]

    async def stop(self) -> None:
        """Let running jobs finish within the grace; the others are put back and run again later."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            _, hanging = await asyncio.wait(self._tasks, timeout=self.grace + 5)
            for task in hanging:
                log.error("%s does not stop", task.get_name())
        self._tasks = []
        await self.engine.close()
        self._held.close()

    def health(self) -> list[Health]:
        """A snapshot, cheap enough for every request."""
        return [part.health() for part in self._parts]

    async def _serve(self, queues: frozenset[str] | set[str], concurrency: int) -> None:
        embedded = self.engine.embedded
        if embedded:
            # Nobody else runs jobs here and this part is not running: whatever is "running" is orphaned.
            await self.engine.recover(queues)
        server = Server(
            self.engine.app,
            queues=sorted(queues),
            concurrency=concurrency,
            install_signal_handlers=False,
            fetch_job_polling_interval=POLL,
            abort_job_polling_interval=POLL,
            shutdown_graceful_timeout=self.grace,
            update_heartbeat_interval=EMBEDDED_HEARTBEAT if embedded else self.lease / 6,
            stalled_worker_timeout=NEVER_STALLED if embedded else self.lease,
        )
        run: Callable[[], Awaitable[None]] = server.run
        await run()

    async def _sweep(self) -> None:
        while True:
            await sweep(self.engine, self.lease)
            await asyncio.sleep(self.lease / 2 * random.uniform(0.8, 1.2))  # noqa: S311 jitter, not a secret


def _cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def sweep(engine: Engine, silence: float = STALLED) -> None:
    """Take over the jobs of workers that have been silent for `silence` seconds. PostgreSQL only."""
    from mercato.jobs.postgres import stalled, take_over

    for number in await engine.db.read(stalled, silence):
        if await engine.db.write(take_over, number, silence, INTERRUPTIONS):
            for job in await engine.jobs.list_jobs_async(id=number, status="doing"):
                await engine.give_up(job)
