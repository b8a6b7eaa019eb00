"""Procrastinate's statements for SQLite that only look, named as upstream names them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, text

from mercato.jobs.rows import Rows, rows, seconds

# One of upstream's queries over a reading connection; upstream's keyword arguments.
Read = Callable[..., Rows]

_STALLED = text(
    "SELECT * FROM procrastinate_jobs WHERE status = 'doing'"
    " AND (:queue IS NULL OR queue_name = :queue) AND (:task IS NULL OR task_name = :task)"
    " AND (worker_id IS NULL"
    " OR worker_id IN (SELECT id FROM procrastinate_workers WHERE last_heartbeat < :before)) ORDER BY id"
)
_STATUS = text("SELECT status FROM procrastinate_jobs WHERE id = :job")
_CHECK = text("SELECT max(name) AS \"check\" FROM sqlite_master WHERE name = 'procrastinate_jobs'")
_COUNT = text("SELECT count(*) AS count, status FROM procrastinate_jobs GROUP BY status")
_TO_ABORT = text(
    "SELECT id FROM procrastinate_jobs WHERE status = 'doing' AND abort_requested = 1"
    " AND (:queue IS NULL OR queue_name = :queue)"
)
_FILTERS = ("id", "queue_name", "task_name", "status", "lock", "queueing_lock", "worker_id")
_LIST = text(
    "SELECT * FROM procrastinate_jobs WHERE (:id IS NULL OR id = :id)"
    " AND (:queue_name IS NULL OR queue_name = :queue_name)"
    " AND (:task_name IS NULL OR task_name = :task_name)"
    " AND (:status IS NULL OR status = :status) AND (:lock IS NULL OR lock = :lock)"
    " AND (:queueing_lock IS NULL OR queueing_lock = :queueing_lock)"
    " AND (:worker_id IS NULL OR worker_id = :worker_id) ORDER BY id"
)


def select_stalled_jobs_by_heartbeat(
    conn: Connection, /, *, queue: str | None, task_name: str | None, seconds_since_heartbeat: float
) -> Rows:
    before = seconds() - seconds_since_heartbeat
    return rows(conn, _STALLED, queue=queue, task=task_name, before=before)


def get_job_status(conn: Connection, /, *, job_id: int) -> Rows:
    return rows(conn, _STATUS, job=job_id)


def check_connection(conn: Connection, /) -> Rows:
    return rows(conn, _CHECK)


def count_jobs_status(conn: Connection, /) -> Rows:
    return rows(conn, _COUNT)


def list_jobs(conn: Connection, /, **wanted: Any) -> Rows:
    return rows(conn, _LIST, **{name: wanted.get(name) for name in _FILTERS})


def list_jobs_to_abort(conn: Connection, /, *, queue_name: str | None) -> Rows:
    return rows(conn, _TO_ABORT, queue=queue_name)


def _by(column: str) -> Read:
    def counted(conn: Connection, /, **wanted: Any) -> Rows:
        stats: dict[str, Counter[str]] = {}
        for job in list_jobs(conn, **wanted):
            if job[column] is not None:
                stats.setdefault(job[column], Counter())[job["status"]] += 1
        return [
            {"name": name, "jobs_count": count.total(), "stats": dict(count)}
            for name, count in sorted(stats.items())
        ]

    return counted


READS: dict[str, Read] = {
    "select_stalled_jobs_by_heartbeat": select_stalled_jobs_by_heartbeat,
    "get_job_status": get_job_status,
    "check_connection": check_connection,
    "count_jobs_status": count_jobs_status,
    "list_jobs": list_jobs,
    "list_jobs_to_abort": list_jobs_to_abort,
    "list_queues": _by("queue_name"),
    "list_tasks": _by("task_name"),
    "list_locks": _by("lock"),
}
