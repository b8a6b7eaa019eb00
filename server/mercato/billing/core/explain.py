"""A line's arithmetic as a sentence: "4 cores × 17/30 days × 5.00 = 11.34". Plain text, never markup."""

from __future__ import annotations

from decimal import Decimal

from mercato.billing.core.lines import Line, Period
from mercato.billing.core.money import plain, product, quotient

_WORDS = {
    "month": ("month", "months"),
    "half_month": ("half month", "half months"),
    "day": ("day", "days"),
    "hour": ("hour", "hours"),
    "quarter": ("quarter", "quarters"),
}


def explain(line: Line) -> str:
    """How the line's amount comes about. The units and numbers in it are data: print it as it is."""
    return f"{_quantity(line)} × {_price(line)} = {line.amount:f}"


def _quantity(line: Line) -> str:
    if line.kind == "fixed":
        return _counted(line.quantity, line.unit)
    if line.kind in ("one", "few", "correction"):
        return f"{line.quantity:f}"
    if not line.periods:
        return f"{line.quantity:f} {line.measured_unit}".rstrip()
    terms = [_term(line, period) for period in line.periods]
    return terms[0] if len(terms) == 1 else f"({' + '.join(terms)})"


def _counted(quantity: Decimal, unit: str) -> str:
    words = _WORDS.get(unit)
    return f"{quantity:f} {words[quantity != 1]}" if words else f"{quantity:f}"


def _term(line: Line, period: Period) -> str:
    limit = f"{_limit(period.quantity, line.unit_factor)} {line.measured_unit}".rstrip()
    if line.days_of == 1:
        unit = line.unit if line.kind == "limit" else "day"
        return f"{limit} × {_counted(plain(period.billing_periods), unit)}"
    if period.billing_periods == line.days_of:
        return limit
    return f"{limit} × {period.billing_periods:f}/{line.days_of} days"


def _limit(limit: Decimal, factor: int) -> str:
    measured = quotient(limit, factor)
    # A limit that its factor does not divide is shown as the fraction it is: 2000/1024.
    return f"{measured:f}" if product(measured, factor) == limit else f"{plain(limit):f}/{factor}"


def _price(line: Line) -> str:
    price = plain(line.unit_price)
    places, least = price.as_tuple().exponent, line.amount.as_tuple().exponent
    shown = max(-int(places), -int(least)) if isinstance(places, int) and isinstance(least, int) else 0
    return f"{price:.{shown}f}"
