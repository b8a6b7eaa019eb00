"""Decisions about reported amounts: values in, values out."""

from __future__ import annotations

from calendar import month_name, monthrange
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

LIMIT = Decimal(10) ** 12  # what the billing core takes for a mistyped number
MOST_PERIODS = 120
BACKFILLING = (
    "Service providers can only specify date for limit-based or prepaid billing components"
    " when backfilling past billing periods."
)


def hundredths(value: str | float) -> int | None:
    """An amount of at least 0 with at most two decimals, in hundredths; None when it is none."""
    if isinstance(value, bool):
        return None
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return None
    if not exact.is_finite() or exact < 0 or exact >= LIMIT:
        return None
    scaled = exact * 100
    return int(scaled) if scaled == scaled.to_integral_value() else None


def period_of(day: date) -> date:
    """The billing month of a day: its first day."""
    return day.replace(day=1)


def date_problem(reported_for: date, today: date, *, staff: bool, plain_usage: bool) -> str | None:
    """Why usage cannot be reported for that day (contract §7), or None."""
    if reported_for > today:
        return "Date can not be in the future."
    past = period_of(reported_for) < period_of(today)
    return BACKFILLING if past and plain_usage and not staff else None


def as_utc(moment: datetime, fallback: datetime) -> datetime:
    """Clients send naive moments too; they mean UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=fallback.tzinfo)


class Window(NamedTuple):
    """A limit period as people call it, with its first and last day; None without end on that side."""

    label: str
    first: date | None
    last: date | None

    def holds(self, period: date) -> bool:
        """Whether a billing month (its first day) lies in it."""
        return (self.first is None or self.first <= period) and (self.last is None or period <= self.last)


_MONTHS = {"month": 1, "quarterly": 3, "annual": 12}


def window(limit_period: str | None, today: date, back: int = 0) -> Window:
    """The calendar month, quarter or year that today is in, or so many of these before; a `total` has no end."""
    if limit_period == "total":
        return Window("Total", None, None)
    length = _MONTHS[limit_period or "month"]
    index = today.year * 12 + (today.month - 1) // length * length - back * length
    year, month = index // 12, index % 12 + 1
    last_year, last_month = (index + length - 1) // 12, (index + length - 1) % 12 + 1
    labels = {1: f"{month_name[month]} {year}", 3: f"Q{(month + 2) // 3} {year}", 12: str(year)}
    last = date(last_year, last_month, monthrange(last_year, last_month)[1])
    return Window(labels[length], date(year, month, 1), last)


def next_month(period: date) -> date:
    """The billing month after this one."""
    return date(period.year + period.month // 12, period.month % 12 + 1, 1)


def month_of(text: str) -> date | None:
    """`2026-05` (or a day of it) as the first day of the month; None when it is none."""
    try:
        return date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        return None
