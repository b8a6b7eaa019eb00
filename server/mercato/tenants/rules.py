"""Decisions about organizations and projects: values in, values out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mercato.schemas.countries import COUNTRIES

_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
# As long as the contract lets them be, in characters.
LENGTHS: Final = {
    "name": 150, "native_name": 160, "abbreviation": 12, "description": 4096, "contact_details": 500, "email": 75,
    "phone_number": 255, "homepage": 255, "registration_code": 160, "vat_code": 20, "agreement_number": 160,
    "postal": 20, "address": 300, "bank_name": 150, "bank_account": 50, "backend_id": 255, "domain": 255,
    "notification_emails": 640, "city": 255, "state": 255, "parish": 255, "street": 255, "house_nr": 255,
    "apartment_nr": 255, "household": 255,
}  # fmt: skip
_DEGREES = {"latitude": 90, "longitude": 180}
LARGEST_SPONSOR = 2**31 - 1
# How long after the last look at an organization's people the next one is due.
REVIEW_EVERY = timedelta(days=90)


def customer_problem(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """The field and the reason why this cannot be said of an organization, or None."""
    for name, value in values.items():
        problem = _problem(name, value)
        if problem is not None:
            return name, problem
    return None


def _problem(name: str, value: Any) -> str | None:
    if name in LENGTHS and len(value) > LENGTHS[name]:
        return f"Ensure this field has no more than {LENGTHS[name]} characters."
    if name in _DEGREES and value is not None and not -_DEGREES[name] <= value <= _DEGREES[name]:
        return f"Degrees from -{_DEGREES[name]} to {_DEGREES[name]}."
    if name == "sponsor_number" and value is not None and not 0 <= value <= LARGEST_SPONSOR:
        return f"A whole number from 0 to {LARGEST_SPONSOR}."
    if not value:
        return None
    match name:
        case "email" if not _EMAIL.fullmatch(value):
            return "Enter a valid email address."
        case "notification_emails" if not all(map(_EMAIL.fullmatch, addresses(value))):
            return "Enter valid email addresses with commas between them."
        case "homepage" if not _is_web(value):
            return "Enter a valid URL."
        case "country" if value not in COUNTRIES:
            return f"{value!r} is not a valid choice: a country code of two letters (ISO 3166-1)."
    return None


def addresses(text: str) -> list[str]:
    """The addresses of a list with commas between."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", url)


def review_due(last: datetime, now: datetime) -> bool:
    """Whether somebody should look again who belongs to an organization; `last` is when somebody did, or when it
    came."""
    return now - last >= REVIEW_EVERY


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
