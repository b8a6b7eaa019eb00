"""Decisions about reported amounts: values in, values out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

LIMIT = Decimal(10) ** 12  # what the billing core takes for a mistyped number
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
