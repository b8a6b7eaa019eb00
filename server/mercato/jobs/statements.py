"""Procrastinate's statements for SQLite that change something, named as upstream names them.

On PostgreSQL the same statements are upstream's functions and triggers. Each is a plain function over
the connection of a write; what workers should hear after its COMMIT is collected in `told`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime

from procrastinate import exceptions, manager, types
from sqlalchemy import Connection, text

from mercato.jobs.rows import Notice, Refused, Rows, event, rows, seconds
from mercato.kernel.fixed import fixed
from mercato.kernel.queue import NewJob, insert_job

# One of upstream's queries over a writing connection; upstream's keyword arguments.
Write = Callable[..., Rows]


# -- putting in ------------------------------------------------------------------------------------------


def defer_jobs(conn: Connection, told: list[Notice], /, *, jobs: list[types.JobToDefer]) -> Rows:
    made: Rows = []
    for job in jobs:
        number = insert_job(
            conn,
            NewJob(
                task=job.task_name,
                queue=job.queue_name,
                key=job.queueing_lock,
                lock=job.lock,
                at=job.scheduled_at,
                args=job.args,
                priority=job.priority,
            ),
        )
        if number is None:
            raise exceptions.UniqueViolation(
                constraint_name=manager.QUEUEING_LOCK_CONSTRAINT, queueing_lock=job.queueing_lock
            )
        told.append(Notice(job.queue_name, "job_inserted", number))
        made.append({"id": number})
    return made


# -- taking ----------------------------------------------------------------------------------------------

_CANDIDATE = fixed(
    text(
        "SELECT id FROM procrastinate_jobs AS j WHERE status = 'todo'"
        " AND (:queues IS NULL OR queue_name IN (SELECT value FROM json_each(:queues)))"
        " AND (scheduled_at IS NULL OR scheduled_at <= :now)"
        " AND (lock IS NULL OR NOT EXISTS ("
        "  SELECT 1 FROM procrastinate_jobs AS o WHERE o.lock = j.lock AND (o.status = 'doing'"
        "  OR (o.status = 'todo' AND (o.priority > j.priority OR (o.priority = j.priority AND o.id < j.id))))))"
        " ORDER BY priority DESC, id LIMIT 1"
    )
)
_TAKE = fixed(
    text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :worker WHERE id = :job RETURNING *")
)
_NEXT_DUE = fixed(
    text("SELECT min(scheduled_at) FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at > :now")
)


def candidate(conn: Connection, queues: Iterable[str] | None) -> int | None:
    """The job that would be taken now."""
    wanted = None if queues is None else json.dumps(list(queues))
    found: int | None = conn.execute(_CANDIDATE, {"queues": wanted, "now": seconds()}).scalar()
    return found


def next_due(conn: Connection) -> float | None:
    """The earliest moment in the future at which a waiting job becomes due."""
    found: float | None = conn.execute(_NEXT_DUE, {"now": seconds()}).scalar()
    return found


def fetch_job(
    conn: Connection, _told: list[Notice], /, *, queues: Iterable[str] | None, worker_id: int
) -> Rows:
    job = candidate(conn, queues)
    if job is None:
        return [{"id": None}]
    taken = rows(conn, _TAKE, worker=worker_id, job=job)
    event(conn, job, "started")
    return taken


# -- ending ----------------------------------------------------------------------------------------------

_FINISH = fixed(
    text(
        "UPDATE procrastinate_jobs SET attempts = attempts + (status = 'doing'), status = :status,"
        " abort_requested = 0 WHERE id = :job AND status IN ('todo', 'doing') RETURNING lock"
    )
)
_DELETE = fixed(
    text("DELETE FROM procrastinate_jobs WHERE id = :job AND status IN ('todo', 'doing') RETURNING lock")
)
_BEHIND = fixed(
    text(
        "SELECT queue_name, min(id) AS id FROM procrastinate_jobs WHERE lock = :lock AND status = 'todo'"
        " GROUP BY queue_name"
    )
)


def tell_those_behind(conn: Connection, told: list[Notice], lock: str | None) -> None:
    """Jobs that waited for the lock may start: workers hear of it instead of finding out by polling."""
    if lock is not None:
        told.extend(Notice(r.queue_name, "job_inserted", r.id) for r in conn.execute(_BEHIND, {"lock": lock}))


def finish_job(
    conn: Connection, told: list[Notice], /, *, job_id: int, status: str, delete_job: bool
) -> Rows:
    if status not in ("succeeded", "failed", "aborted"):
        raise Refused(f'End status should be either "succeeded", "failed" or "aborted" (job id: {job_id})')
    if delete_job:
        ended = conn.execute(_DELETE, {"job": job_id}).first()
    else:
        ended = conn.execute(_FINISH, {"job": job_id, "status": status}).first()
    if ended is None:
        raise Refused(f'Job was not found or not in "doing" or "todo" status (job id: {job_id})')
    if not delete_job:
        event(conn, job_id, status)
    tell_those_behind(conn, told, ended.lock)
    return []


_CANCEL = text(
    "UPDATE procrastinate_jobs SET status = 'cancelled', abort_requested = :abort"
    " WHERE id = :job AND status = 'todo' RETURNING lock"
)
_DELETE_WAITING = text("DELETE FROM procrastinate_jobs WHERE id = :job AND status = 'todo' RETURNING lock")
_ABORT = text(
    "UPDATE procrastinate_jobs SET abort_requested = 1 WHERE id = :job AND status = 'doing'"
    " RETURNING queue_name"
)


def cancel_job(
    conn: Connection, told: list[Notice], /, *, job_id: int, abort: bool, delete_job: bool
) -> Rows:
    statement = _DELETE_WAITING if delete_job else _CANCEL
    gone = conn.execute(statement, {"job": job_id} if delete_job else {"job": job_id, "abort": abort}).first()
    if gone is not None:
        if not delete_job:
            event(conn, job_id, "cancelled")
        tell_those_behind(conn, told, gone.lock)
        return [{"id": job_id}]
    running = conn.execute(_ABORT, {"job": job_id}).first() if abort else None
    if running is None:
        return [{"id": None}]
    event(conn, job_id, "abort_requested")
    told.append(Notice(running.queue_name, "abort_job_requested", job_id))
    return [{"id": job_id}]


_TO_RETRY = text(
    "SELECT status, abort_requested, lock, queueing_lock, queue_name FROM procrastinate_jobs"
    " WHERE id = :job AND status IN ('doing', 'failed')"
)
_SAME_KEY_WAITS = text("SELECT id FROM procrastinate_jobs WHERE queueing_lock = :key AND status = 'todo'")
_RETRY = text(
    "UPDATE procrastinate_jobs SET status = 'todo', attempts = attempts + 1, scheduled_at = :at,"
    " priority = COALESCE(:priority, priority), queue_name = COALESCE(:queue, queue_name),"
    " lock = COALESCE(:lock, lock) WHERE id = :job"
)


def retry_job(
    conn: Connection,
    told: list[Notice],
    /,
    *,
    job_id: int,
    retry_at: datetime,
    new_priority: int | None = None,
    new_queue_name: str | None = None,
    new_lock: str | None = None,
) -> Rows:
    job = conn.execute(_TO_RETRY, {"job": job_id}).first()
    if job is None:
        raise Refused(f"Job was not found or has an invalid status to retry (job id: {job_id})")
    if job.status == "doing" and job.abort_requested:
        return finish_job(conn, told, job_id=job_id, status="failed", delete_job=False)
    if job.queueing_lock and conn.execute(_SAME_KEY_WAITS, {"key": job.queueing_lock}).first():
        if job.status == "doing":
            # The waiting job will do the same work, and only one may wait: this one gives way.
            return finish_job(conn, told, job_id=job_id, status="aborted", delete_job=False)
        raise exceptions.AlreadyEnqueued
    at = retry_at.timestamp()
    conn.execute(
        _RETRY,
        {"job": job_id, "at": at, "priority": new_priority, "queue": new_queue_name, "lock": new_lock},
    )
    event(conn, job_id, "deferred_for_retry" if job.status == "doing" else "retried")
    event(conn, job_id, "scheduled", at)
    if at <= seconds():
        told.append(Notice(new_queue_name or job.queue_name, "job_inserted", job_id))
    tell_those_behind(conn, told, job.lock)
    return []


_DELETE_OLD = text(
    "DELETE FROM procrastinate_jobs WHERE status IN (SELECT value FROM json_each(:statuses))"
    " AND (:queue IS NULL OR queue_name = :queue)"
    " AND (SELECT max(at) FROM procrastinate_events AS e WHERE e.job_id = procrastinate_jobs.id) < :before"
)


def delete_old_jobs(
    conn: Connection, _told: list[Notice], /, *, nb_hours: float, queue: str | None, statuses: Iterable[str]
) -> Rows:
    before = seconds() - nb_hours * 3600
    conn.execute(_DELETE_OLD, {"statuses": json.dumps(list(statuses)), "queue": queue, "before": before})
    return []


# -- workers ---------------------------------------------------------------------------------------------

_REGISTER = text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (:now) RETURNING id AS worker_id")
_UNREGISTER = text("DELETE FROM procrastinate_workers WHERE id = :worker")
_HEARTBEAT = text("UPDATE procrastinate_workers SET last_heartbeat = :now WHERE id = :worker")
_PRUNE = text("DELETE FROM procrastinate_workers WHERE last_heartbeat < :before RETURNING id AS worker_id")


def register_worker(conn: Connection, _told: list[Notice], /) -> Rows:
    return rows(conn, _REGISTER, now=seconds())


def unregister_worker(conn: Connection, _told: list[Notice], /, *, worker_id: int) -> Rows:
    conn.execute(_UNREGISTER, {"worker": worker_id})
    return []


def update_heartbeat(conn: Connection, _told: list[Notice], /, *, worker_id: int) -> Rows:
    conn.execute(_HEARTBEAT, {"worker": worker_id, "now": seconds()})
    return []


def prune_stalled_workers(
    conn: Connection, _told: list[Notice], /, *, seconds_since_heartbeat: float
) -> Rows:
    return rows(conn, _PRUNE, before=seconds() - seconds_since_heartbeat)


WRITES: dict[str, Write] = {
    fn.__name__: fn
    for fn in (
        defer_jobs,
        fetch_job,
        finish_job,
        cancel_job,
        retry_job,
        delete_old_jobs,
        register_worker,
        unregister_worker,
        update_heartbeat,
        prune_stalled_workers,
    )
}
