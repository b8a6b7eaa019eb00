"""The only clock. Everything else is handed a moment, so tests and replays can travel in time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


class _Replay:
    moment: datetime | None = None


def now() -> datetime:
    """The present moment, aware, in UTC; during a replay the moment that is replayed."""
    return _Replay.moment or datetime.now(UTC)


@contextmanager
def replaying(moment: datetime) -> Iterator[None]:
    """Let this whole process live at that moment: for loading a history, never beside users."""
    before, _Replay.moment = _Replay.moment, moment
    try:
        yield
    finally:
        _Replay.moment = before


def day_of(moment: datetime, zone: str = "UTC") -> date:
    """The calendar day of a moment in the given IANA time zone."""
    return moment.astimezone(ZoneInfo(zone)).date()
