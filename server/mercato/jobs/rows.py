"""Procrastinate's rows as SQLite keeps them: moments are seconds since 1970, arguments are JSON text."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

from procrastinate import exceptions
from sqlalchemy import Connection, RowMapping, text
from sqlalchemy.sql.elements import TextClause

from mercato.kernel import clock
from mercato.kernel.fixed import fixed

Rows = list[dict[str, Any]]


class Notice(NamedTuple):
    """What a worker on the queue should hear once the transaction is committed."""

    queue: str
    kind: str
    job: int


class Refused(exceptions.ConnectorException):
    """The job is not in a state that allows this."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        # Upstream reads the database's own message from the cause.
        self.__cause__ = RuntimeError(message)


def seconds() -> float:
    """The present moment as SQLite's columns hold it."""
    return clock.now().timestamp()


def as_upstream(found: RowMapping) -> dict[str, Any]:
    """A row as upstream's `Job.from_row` takes it."""
    values = dict(found)
    if isinstance(values.get("args"), str):
        values["args"] = json.loads(values["args"])
    if isinstance(values.get("scheduled_at"), int | float):
        values["scheduled_at"] = datetime.fromtimestamp(values["scheduled_at"], UTC)
    if "abort_requested" in values:
        values["abort_requested"] = bool(values["abort_requested"])
    return values


def rows(conn: Connection, statement: TextClause, /, **args: Any) -> Rows:
    return [as_upstream(found) for found in conn.execute(statement, args).mappings()]


_EVENT = fixed(text("INSERT INTO procrastinate_events (job_id, type, at) VALUES (:job, :type, :at)"))


def event(conn: Connection, job: int, kind: str, at: float | None = None) -> None:
    """A line of the job's history."""
    conn.execute(_EVENT, {"job": job, "type": kind, "at": seconds() if at is None else at})
