"""How much work waits, how long already, and when the clock last did anything: read from the tables alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from mercato.kernel import clock
from mercato.kernel.fixed import fixed


class Backlog(NamedTuple):
    """`seconds`: since when the job waits that has waited longest (0: none does). `jobs`: by status. `dead`: those
    that were given up. `slot`: when the schedule last ran something (UTC), if ever."""

    seconds: float
    jobs: dict[str, int]
    slot: datetime | None

    @property
    def dead(self) -> int:
        return self.jobs.get("failed", 0)


_OLDEST = """
SELECT min(CASE WHEN j.scheduled_at IS NULL THEN e.at ELSE j.scheduled_at END)
FROM procrastinate_jobs AS j
JOIN procrastinate_events AS e ON e.job_id = j.id AND e.type = 'deferred'
WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= :now)
"""
_COUNT = fixed(text("SELECT status, count(*) FROM procrastinate_jobs GROUP BY status"))
_SLOT = fixed(text("SELECT max(ran_at) FROM schedule_slots"))


def look(conn: Connection) -> Backlog:
    now = clock.now()
    postgres = conn.dialect.name == "postgresql"
    oldest = conn.execute(text(_OLDEST), {"now": now if postgres else now.timestamp()}).scalar()
    waited = (now - _moment(oldest)).total_seconds() if oldest is not None else 0.0
    slot = conn.execute(_SLOT).scalar()
    return Backlog(
        seconds=max(0.0, waited),
        jobs={str(status): int(count) for status, count in conn.execute(_COUNT)},
        slot=_moment(slot) if slot is not None else None,
    )


def _moment(value: Any) -> datetime:
    """As the tables have it: a moment, seconds since 1970, or our own spelling."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return datetime.fromtimestamp(float(value), UTC)
