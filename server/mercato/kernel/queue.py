"""Jobs enter the queue here: plain SQL inside the caller's transaction, on both databases.

The tables are Procrastinate's; `mercato.jobs` runs what is in them.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from mercato.kernel import clock
from mercato.kernel.columns import wire_moment
from mercato.kernel.fixed import fixed

# `system` is served by a worker of its own, so that long work elsewhere never delays the house's own.
SYSTEM_QUEUE = "system"
# Among a job's arguments: the name of the request that it came of.
REQUEST = "request_id"
QUEUES = frozenset({"default", "provision", "events", SYSTEM_QUEUE})


class NewJob(NamedTuple):
    """What `Tx.enqueue` was asked for. `args` holds identifiers only."""

    task: str
    queue: str
    key: str | None
    lock: str | None
    at: datetime | None
    args: dict[str, Any]
    priority: int = 0


_SQLITE_JOB = fixed(
    text(
        "INSERT INTO procrastinate_jobs"
        " (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)"
        " VALUES (:queue, :task, :priority, :lock, :key, :args, :at)"
        " ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING RETURNING id"
    )
)
_SQLITE_EVENT = fixed(text("INSERT INTO procrastinate_events (job_id, type, at) VALUES (:job, :type, :at)"))
# Not procrastinate_defer_jobs_v1(), which is this INSERT without the conflict clause. The clause updates
# nothing but locks the waiting job until this transaction ends: otherwise a worker could take it, look at
# the world as it was before this transaction, and nobody would look again.
_POSTGRES_JOB = text(
    "INSERT INTO procrastinate_jobs"
    " (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)"
    " VALUES (:queue, :task, :priority, :lock, :key,"
    " CAST(CAST(:args AS text) AS jsonb), CAST(CAST(:at AS text) AS timestamptz))"
    " ON CONFLICT (queueing_lock) WHERE status = 'todo'"
    " DO UPDATE SET priority = procrastinate_jobs.priority WHERE false RETURNING id"
)
# A worker that met the lock passed by; it looks again after this transaction.
_POSTGRES_AGAIN = text(
    "SELECT pg_notify('procrastinate_queue_v1#' || queue_name,"
    " json_build_object('type', 'job_inserted', 'job_id', id)::text)"
    " FROM procrastinate_jobs WHERE queueing_lock = :key AND status = 'todo'"
)


def insert_job(conn: Connection, job: NewJob) -> int | None:
    """The id of the new job, or None when one with the same key is already waiting.

    Raises ValueError for a queue that no worker serves, TypeError for arguments that are not JSON.
    """
    if job.queue not in QUEUES:
        raise ValueError(f"Unknown queue: {job.queue}. There are {', '.join(sorted(QUEUES))}.")
    params: dict[str, Any] = {
        "queue": job.queue,
        "task": job.task,
        "priority": job.priority,
        "lock": job.lock,
        "key": job.key,
        "args": json.dumps(job.args),
    }
    if conn.dialect.name == "postgresql":
        at = wire_moment(job.at) if job.at else None
        number = conn.execute(_POSTGRES_JOB, {**params, "at": at}).scalar()
        if number is None:
            conn.execute(_POSTGRES_AGAIN, {"key": job.key})
        return number
    at_epoch = job.at.timestamp() if job.at else None
    number = conn.execute(_SQLITE_JOB, {**params, "at": at_epoch}).scalar()
    if number is not None:
        conn.execute(_SQLITE_EVENT, {"job": number, "type": "deferred", "at": clock.now().timestamp()})
        if at_epoch is not None:
            conn.execute(_SQLITE_EVENT, {"job": number, "type": "scheduled", "at": at_epoch})
    return number
