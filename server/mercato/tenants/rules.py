"""Decisions about organizations and projects: values in, values out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def tax_percent(value: str | float) -> Decimal | None:
    """A tax rate between 0 and 200 with at most two decimals, or None when it is none."""
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return None
    ok = exact.is_finite() and 0 <= exact <= 200 and exact == exact.quantize(Decimal("0.01"))
    return exact if ok else None


def is_zone(name: str) -> bool:
    """Whether this is an IANA time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def not_started(start: date | None, today: date) -> bool:
    """Whether the project waits for its start date."""
    return start is not None and start > today


def ended(end: date | None, today: date) -> bool:
    """Whether the project is past its last day."""
    return end is not None and end < today
