"""The only clock. Everything else is handed a moment, so tests and replays can travel in time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def day_of(moment: datetime, zone: str = "UTC") -> date:
    """The calendar day of a moment in the given IANA time zone."""
    return moment.astimezone(ZoneInfo(zone)).date()
