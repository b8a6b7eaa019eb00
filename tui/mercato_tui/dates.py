"""Moments as people read them, in the terminal's own time zone and the environment's language."""

from __future__ import annotations

from datetime import UTC, date, datetime

from mercato_tui.i18n import _, locale_name, some
from mercato_tui.money import _locale

DAY = 86400


def now() -> datetime:
    """The present moment, aware, in UTC: the one place where the app reads the clock."""
    return datetime.now(UTC)


def day(value: date | datetime | None) -> str:
    """`12 Nov 2026`; a dash where there is none."""
    from babel.dates import format_date

    if value is None:
        return "–"
    local = value.astimezone().date() if isinstance(value, datetime) else value
    return format_date(local, "d MMM y", locale=_locale(locale_name()))


def short_day(value: date) -> str:
    """`12 Nov`."""
    from babel.dates import format_date

    return format_date(value, "d MMM", locale=_locale(locale_name()))


def moment(value: datetime | None) -> str:
    """`12 Nov 2026 14:03`."""
    if value is None:
        return "–"
    return f"{day(value)} {value.astimezone():%H:%M}"


def month(year: int, number: int) -> str:
    """`November 2026`."""
    from babel.dates import format_date

    return format_date(date(year, number, 1), "LLLL y", locale=_locale(locale_name()))


def ago(value: datetime | None, at: datetime) -> str:
    """How long before `at`: `just now`, `5 min ago`, `3 h ago`, `2 days ago`, then the date."""
    if value is None:
        return "–"
    seconds = int((at - value).total_seconds())
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        return _("{n} min ago").format(n=seconds // 60)
    if seconds < DAY:
        return _("{n} h ago").format(n=seconds // 3600)
    if seconds < 14 * DAY:
        return some("{n} day ago", "{n} days ago", seconds // DAY)
    return day(value)


def until(value: date | datetime | None, at: datetime) -> str:
    """When something ends: `ends today`, `in 3 days`, or the date."""
    if value is None:
        return _("no end")
    today = at.astimezone().date()
    last = value.astimezone().date() if isinstance(value, datetime) else value
    days = (last - today).days
    if days < 0:
        return _("ended {day}").format(day=day(last))
    if days == 0:
        return _("ends today")
    if days <= 30:
        return some("in {n} day", "in {n} days", days)
    return day(last)


def noon(value: date) -> datetime:
    """The middle of a day, in UTC: in that day (and month) in nearly every zone."""
    return datetime(value.year, value.month, value.day, 12, tzinfo=UTC)


def read_day(text: str) -> date | None:
    """A typed `YYYY-MM-DD`; None for an empty text. Raises ValueError for anything else."""
    stripped = text.strip()
    return date.fromisoformat(stripped) if stripped else None
