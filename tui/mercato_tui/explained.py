"""How an invoice line came about, in words: the arithmetic that the server's details hold."""

from __future__ import annotations

import calendar
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from mercato_tui import dates
from mercato_tui.i18n import _, some
from mercato_tui.money import number, per, price

if TYPE_CHECKING:
    from mercato.billing.core.lines import Line
    from mercato.schemas.billing import InvoiceItem

PERIODS = "resource_limit_periods"
SHOWN = Decimal("0.0001")


def explanation(item: InvoiceItem, currency: str, zone: str) -> str:
    """`20–30 Nov 2026 · 1,000 hours × 11/30 days × €0.05 per month · Alpha`."""
    first, last = (_day(at, zone) for at in (item.start, item.end))
    once = item.billing_type in ("one", "few", "prepaid") or (
        item.unit == "quantity" and item.billing_type != "usage"
    )
    by_use = item.billing_type == "usage"
    # A limit by the quarter is priced by the quarter, also in a plan whose other prices are by the month.
    unit = (
        "quarter" if item.unit == "month" and item.details.get("limit_period") == "quarterly" else item.unit
    )
    rate = price(item.unit_price, currency) + ("" if once or by_use else f" {per(unit)}")
    parts = [_span(first, last) if not once else dates.day(first), f"{_quantity(item, first)} × {rate}"]
    return " · ".join([*parts, item.project_name] if item.project_name else parts)


def line_explanation(line: Line, currency: str) -> str:
    """The same for a line of a receipt: `50 GB × 31 days × €0.006`."""
    figure = price(line.unit_price, currency)
    if line.kind in ("one", "few"):
        return _("once")
    if line.kind == "prepaid":
        [part] = line.periods
        amount = f"{number(part.quantity / line.unit_factor)} {line.measured_unit}".strip()
        return f"{amount} × {some('{n} month', '{n} months', int(part.billing_periods))} × {figure}"
    if line.kind == "fixed":
        return f"{number(line.quantity)} × {figure} {per(line.unit)}"
    unit = f" {line.measured_unit}" if line.measured_unit else ""
    if not line.periods:
        return f"{number(line.quantity)}{unit} × {figure}"
    terms = []
    for period in line.periods:
        amount = f"{number(period.quantity / line.unit_factor)}{unit}"
        spans = period.billing_periods
        if line.days_of == 1 and line.unit == "day":
            amount += f" × {some('{n} day', '{n} days', int(spans))}"
        elif line.days_of == 1:
            amount += f" × {number(spans)}"
        elif spans != line.days_of:
            amount += f" × {_('{some}/{whole} days').format(some=number(spans), whole=line.days_of)}"
        terms.append(amount)
    return f"{terms[0] if len(terms) == 1 else '(' + ' + '.join(terms) + ')'} × {figure}"


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def _span(first: date, last: date) -> str:
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{dates.day(last)}"
    return f"{dates.day(first)} – {dates.day(last)}"


def _quantity(item: InvoiceItem, first: date) -> str:
    unit = f" {item.measured_unit}" if item.measured_unit else ""
    terms = [_term(period, item, first, unit) for period in _periods(item)]
    if terms and all(terms):
        return " + ".join(terms) if len(terms) == 1 else f"({' + '.join(terms)})"
    exact = Decimal(item.quantity)
    rounded = exact.quantize(SHOWN).normalize()
    return f"{'' if rounded == exact else '≈ '}{number(rounded)}{unit}"


def _periods(item: InvoiceItem) -> list[dict[str, Any]]:
    found = item.details.get(PERIODS)
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def _term(period: dict[str, Any], item: InvoiceItem, first: date, unit: str) -> str:
    """One stretch with one limit: `100 GB × 39 days` by the day, `100 GB × 11/30 days` by the month."""
    try:
        limit = Decimal(str(period["quantity"])) / (item.factor or 1)
        spans = Decimal(str(period["billing_periods"]))
    except (KeyError, InvalidOperation):
        return ""
    amount = f"{number(limit)}{unit}"
    if item.billing_type == "prepaid":
        return _advance(amount, spans)
    if item.unit == "day":
        return f"{amount} × {some('{n} day', '{n} days', int(spans))}"
    if item.unit in ("hour", "half_month"):
        return f"{amount} × {number(spans)}"
    whole = _days(item, first)
    return (
        amount if spans == whole else f"{amount} × {_('{some}/{whole} days').format(some=spans, whole=whole)}"
    )


def _advance(amount: str, spans: Decimal) -> str:
    """What was paid for in advance: so many months, or days of one until a renewal begins."""
    return f"{amount} × {number(spans)}"


def _days(item: InvoiceItem, first: date) -> int:
    """The days of the month or quarter that the price is for."""
    quarterly = item.details.get("limit_period") == "quarterly" or item.unit == "quarter"
    months = (
        range((first.month - 1) // 3 * 3 + 1, (first.month - 1) // 3 * 3 + 4) if quarterly else [first.month]
    )
    return sum(calendar.monthrange(first.year, month)[1] for month in months)
