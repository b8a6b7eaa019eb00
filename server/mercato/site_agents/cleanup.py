"""Upkeep by staff: forgetting what agents left behind, and looking at the tasks for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, String, cast, column, exists, select, table

from mercato.kernel.columns import wire_moment
from mercato.kernel.db import Tx
from mercato.kernel.filters import instant
from mercato.orders.holds import RELEASED
from mercato.schemas import agent_upkeep as api
from mercato.site_agents import queries, service
from mercato.site_agents.tables import agent_identities, agent_services

# At most so many at once, so that one request stays one short transaction.
MOST = 1000
_jobs = table(
    "procrastinate_jobs",
    column("id"),
    column("task_name", String()),
    column("status"),
    column("scheduled_at"),
    column("worker_id"),
    column("args"),
)


def orphaned(now: datetime, hours: int) -> Any:
    """Agents without services that have not told of themselves for so long."""
    before = now - timedelta(hours=hours)
    served = exists().where(agent_services.c.identity_id == agent_identities.c.id)
    return (agent_identities.c.modified < before) & ~served


def forget_orphaned(tx: Tx, data: api.Cleanup) -> api.CleanupResult:
    rows = queries.identities_where(tx.conn, orphaned(tx.now, data.older_than_hours), MOST)
    if not data.dry_run:
        for row in rows:
            service.drop_identity(tx, row)
    return _result(rows, data, ())


def forget_stale(tx: Tx, data: api.Cleanup) -> api.CleanupResult:
    before = tx.now - timedelta(hours=data.older_than_hours)
    rows = queries.services_where(tx.conn, agent_services.c.modified < before, MOST)
    if not data.dry_run:
        for row in rows:
            service.drop_service(tx, row)
    return _result(rows, data, ("identity_name", "state"))


def _result(rows: list[Any], data: api.Cleanup, more: tuple[str, ...]) -> api.CleanupResult:
    names = ("uuid", "name", "offering_name", "created", "modified", *more)
    items = [api.CleanedUp(**{name: getattr(row, name) for name in names}) for row in rows]
    return api.CleanupResult(deleted_count=len(items), dry_run=data.dry_run, items=items)


def _when(value: Any) -> datetime | None:
    """A task's time: seconds since 1970 in SQLite, a moment in PostgreSQL."""
    return instant(value) if isinstance(value, float | int) else value


def tasks(conn: Connection, now: datetime) -> api.TaskStatistics:
    """Orders that are shown to all agents again when the one that took them has not finished in time."""
    # In PostgreSQL it is a type of its own.
    status = cast(_jobs.c.status, String()).label("status")
    columns = (_jobs.c.id, _jobs.c.task_name, status, _jobs.c.scheduled_at, _jobs.c.worker_id, _jobs.c.args)
    found = select(*columns).where(_jobs.c.task_name == RELEASED, status.in_(["todo", "doing"]))
    rows = list(conn.execute(found.order_by(_jobs.c.id).limit(MOST)))
    doing = [row for row in rows if row.status == "doing"]
    waiting = [(row, _when(row.scheduled_at)) for row in rows if row.status == "todo"]
    later = [(row, at) for row, at in waiting if at is not None and at > now]
    due = [row for row, at in waiting if at is None or at <= now]
    return api.TaskStatistics(
        active_tasks=[
            api.ActiveTask(
                id=str(row.id), name=row.task_name, worker=str(row.worker_id or ""), args=[str(row.args)]
            )
            for row in doing
        ],
        scheduled_tasks=[
            api.ScheduledTask(id=str(row.id), name=row.task_name, eta=wire_moment(at)) for row, at in later
        ],
        reserved_tasks=[api.ReservedTask(id=str(row.id), name=row.task_name) for row in due],
    )
