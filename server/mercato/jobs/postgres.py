"""Procrastinate on PostgreSQL: upstream's connector, and the sweep that takes over from dead processes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from procrastinate import PsycopgConnector, exceptions, sql
from procrastinate.connector import Notify
from sqlalchemy import Connection, text

from mercato.jobs.patience import patiently
from mercato.kernel import clock
from mercato.kernel.db import Tx

# Upstream's procrastinate_fetch_job_v2(), except that what is due is decided by the application's clock.
FETCH = """
WITH candidate AS (
    SELECT jobs.id FROM procrastinate_jobs AS jobs
    WHERE NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs AS other_jobs
        WHERE jobs.lock IS NOT NULL AND other_jobs.lock = jobs.lock
          AND (other_jobs.status = 'doing' OR (other_jobs.status = 'todo' AND (
               other_jobs.priority > jobs.priority
               OR (other_jobs.priority = jobs.priority AND other_jobs.id < jobs.id)))))
      AND jobs.status = 'todo'
      AND (%(queues)s::varchar[] IS NULL OR jobs.queue_name = ANY(%(queues)s::varchar[]))
      AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= %(now)s)
    ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
    FOR UPDATE OF jobs SKIP LOCKED
)
UPDATE procrastinate_jobs SET status = 'doing', worker_id = %(worker_id)s
FROM candidate WHERE procrastinate_jobs.id = candidate.id RETURNING procrastinate_jobs.*
"""
# Jobs that waited for the lock may start: workers hear of it instead of finding out by polling.
TELL_THOSE_BEHIND = """
SELECT pg_notify('procrastinate_queue_v1#' || queue_name,
                 json_build_object('type', 'job_inserted', 'job_id', id)::text)
FROM (SELECT waiting.queue_name, min(waiting.id) AS id
      FROM procrastinate_jobs AS ended JOIN procrastinate_jobs AS waiting ON waiting.lock = ended.lock
      WHERE ended.id = %(job_id)s AND waiting.status = 'todo' GROUP BY waiting.queue_name) AS behind
"""


# Upstream's statements end whatever runs under the number. A worker that hung, and whose job runs elsewhere by
# now, would end that one: its note that the job is done would lose it. So only one's own run is ended.
MINE = """
WITH mine AS (
    SELECT id FROM procrastinate_jobs WHERE id = %(job_id)s AND status = 'doing'
        AND worker_id = %(worker_id)s AND attempts = %(attempts)s FOR UPDATE
)
"""
FINISH = f"""{MINE}
SELECT procrastinate_finish_job_v1(id, %(status)s::procrastinate_job_status, %(delete_job)s) FROM mine
"""  # noqa: S608 both parts are constants
RETRY = f"""{MINE}
SELECT procrastinate_retry_job_v2(id, %(retry_at)s::timestamptz, %(new_priority)s::integer,
    %(new_queue_name)s::varchar, %(new_lock)s::varchar) FROM mine
"""  # noqa: S608 both parts are constants
ENDINGS = {sql.queries["finish_job"]: FINISH, sql.queries["retry_job"]: RETRY}
ANY_QUEUE = "procrastinate_any_queue_v1"


class PostgresConnector(PsycopgConnector):
    """Upstream's connector with the application's clock, and without its waits for the next poll: for a
    job put in before it listens or while it fetches, and for one behind a lock that has become free."""

    def __init__(self, **pool: Any) -> None:
        super().__init__(**pool)
        self._heard = 0
        # The runs of this process: by the job's number, which worker took it at which attempt.
        self._runs: dict[int, tuple[int, int]] = {}

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        if query != sql.queries["fetch_job"]:
            row: dict[str, Any] = await super().execute_query_one_async(query, **arguments)
            return row
        while True:
            heard = self._heard
            found: list[dict[str, Any]] = await super().execute_query_all_async(
                FETCH, now=clock.now(), **arguments
            )
            if found:
                self._runs[found[0]["id"]] = (arguments["worker_id"], found[0]["attempts"])
                return found[0]
            if heard == self._heard:
                return {"id": None}
            # A notice came while the fetch was under way; the worker forgets it with the fetch's end.

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        if query not in ENDINGS:
            await super().execute_query_async(query, **arguments)
            return
        write = super().execute_query_async
        run = self._runs.pop(arguments["job_id"], None)
        if run is not None:
            query, arguments = ENDINGS[query], {**arguments, "worker_id": run[0], "attempts": run[1]}
        try:
            await patiently(lambda: write(query, **arguments))
        except exceptions.UniqueViolation:
            await self._give_way(arguments["job_id"])
        await write(TELL_THOSE_BEHIND, job_id=arguments["job_id"])

    async def _give_way(self, job_id: int) -> None:
        """A job with the same key waits already and will do the same work: the running one ends here."""
        status = await super().execute_query_one_async(sql.queries["get_job_status"], job_id=job_id)
        if status["status"] != "doing":
            raise exceptions.AlreadyEnqueued
        await super().execute_query_async(
            sql.queries["finish_job"], job_id=job_id, status="aborted", delete_job=False
        )

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        async def hear(*, channel: str, payload: str) -> None:
            self._heard += 1
            await on_notification(channel=channel, payload=payload)

        await super().listen_notify(hear, channels)

    async def _loop_notify(self, on_notification: Notify, connection: Any, **options: Any) -> None:
        # What was put in before this connection listened (again) has not been heard.
        await on_notification(channel=ANY_QUEUE, payload='{"type": "job_inserted", "job_id": 0}')
        await super()._loop_notify(on_notification, connection, **options)


_STALLED = text(
    "SELECT j.id FROM procrastinate_jobs AS j LEFT JOIN procrastinate_workers AS w ON w.id = j.worker_id"
    " WHERE j.status = 'doing'"
    " AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => :silence)) ORDER BY j.id"
)
_STILL_STALLED = text(
    "SELECT j.attempts, j.queueing_lock FROM procrastinate_jobs AS j"
    " LEFT JOIN procrastinate_workers AS w ON w.id = j.worker_id WHERE j.id = :job AND j.status = 'doing'"
    " AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => :silence)) FOR UPDATE OF j"
)
_SAME_KEY_WAITS = text("SELECT id FROM procrastinate_jobs WHERE queueing_lock = :key AND status = 'todo'")
_GIVE_WAY = text("SELECT procrastinate_finish_job_v1(:job, 'aborted', false)")
_AGAIN = text("SELECT procrastinate_retry_job_v2(:job, now(), NULL, NULL, NULL)")


def stalled(conn: Connection, silence: float) -> list[int]:
    """Jobs whose worker has been silent for `silence` seconds by the database's clock, or is gone."""
    return list(conn.execute(_STALLED, {"silence": silence}).scalars())


def take_over(tx: Tx, job: int, silence: float, most: int) -> bool:
    """Put a stalled job back; True when it was interrupted `most` times and should be given up instead.

    The row is locked and looked at again, so two sweeps cannot restart a job that was just taken over.
    """
    found = tx.conn.execute(_STILL_STALLED, {"job": job, "silence": silence}).first()
    if found is None:
        return False
    if found.attempts >= most:
        return True
    waits = found.queueing_lock and tx.conn.execute(_SAME_KEY_WAITS, {"key": found.queueing_lock}).first()
    tx.conn.execute(_GIVE_WAY if waits else _AGAIN, {"job": job})
    return False
