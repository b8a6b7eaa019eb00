"""The output of billing: invoice lines, and the one function that makes them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from mercato.billing.core import money
from mercato.billing.core.history import BOUND, Component, Plan, Unit
from mercato.billing.core.timeline import Life

Kind = Literal[
    "fixed", "one", "few", "limit", "quarterly", "total", "usage", "overage", "prepaid", "correction"
]
ONCE: frozenset[Kind] = frozenset(("one", "few", "total", "prepaid"))


class Period(Struct, frozen=True):
    """A stretch of a limit line with one limit (contract 8.7, details.resource_limit_periods).

    `quantity` is the limit; `billing_periods` its calendar days, or its hours or half months in a plan by
    these; `total` = `quantity` × `billing_periods`.
    """

    start: datetime
    end: datetime
    quantity: Decimal
    billing_periods: Decimal
    total: Decimal


class Line(Struct, frozen=True):
    """One line of an invoice.

    `key` names it for ever: resource, component, kind, start of its period, plan. `quantity` has at most
    10 decimals, `amount` those of the currency, rounded away from zero from the exact quantity. `start`
    and `end` are UTC, the end is the last moment in the line. For a limit line quantity = Σ
    `periods`.total / (`days_of` × `unit_factor`), where `days_of` is the days of the month or quarter its
    price is for, or 1 if the price is by the day, hour or half month. `corrects` is the key of the line
    of a closed invoice that a correction line corrects.
    """

    key: str
    resource: str
    component: str
    component_name: str
    kind: Kind
    name: str
    plan: str
    plan_name: str
    unit: Unit
    measured_unit: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    start: datetime
    end: datetime
    periods: tuple[Period, ...] = ()
    days_of: int = 1
    unit_factor: int = 1
    limit_period: str | None = None
    article_code: str = ""
    corrects: str = ""


def make_line(
    life: Life,
    component: Component,
    plan: Plan,
    kind: Kind,
    *,
    start: datetime,
    end: datetime,
    numerator: Decimal,
    denominator: int = 1,
    unit_price: Decimal,
    unit: Unit = "quantity",
    periods: tuple[Period, ...] = (),
    days_of: int = 1,
    key: str = "",
) -> Line:
    """A line of `numerator` / `denominator` × `unit_price`; ValueError if it is absurdly large.

    `key` replaces component and start in the line's key where these two do not tell it from others.
    """
    quantity = money.quotient(numerator, denominator)
    if quantity >= BOUND or abs(unit_price) >= BOUND:
        raise ValueError(f"{component.type!r} is absurdly large: {quantity} × {unit_price}")
    history = life.history
    return Line(
        key="|".join((history.resource, key or f"{component.type}|{iso(start)}", kind, plan.uuid)),
        resource=history.resource,
        component=component.type,
        component_name=component.name,
        kind=kind,
        name=_name(life, component, plan, kind),
        plan=plan.uuid,
        plan_name=plan.name,
        unit=unit,
        measured_unit=component.measured_unit,
        quantity=quantity,
        unit_price=unit_price,
        amount=money.amount(unit_price, numerator, denominator, life.places),
        start=start,
        end=end,
        periods=periods,
        days_of=days_of,
        unit_factor=component.unit_factor,
        limit_period=component.limit_period,
        article_code=component.article_code or plan.article_code,
    )


def at_price(line: Line, unit_price: Decimal, places: int) -> Line:
    """The same line at another unit price; what it counts stays as it is."""
    exact = sum((period.total for period in line.periods), Decimal(0)) if line.periods else line.quantity
    divisor = line.days_of * line.unit_factor if line.periods else 1
    return replace(line, unit_price=unit_price, amount=money.amount(unit_price, exact, divisor, places))


def _name(life: Life, component: Component, plan: Plan, kind: Kind) -> str:
    history = life.history
    if kind == "usage":
        return f"{history.resource_name} / {component.name}"
    if kind == "overage":
        return f"{history.resource_name} / {component.name} (Overage)"
    return f"{history.resource_name} ({history.offering_name} / {plan.name}) / {component.name}"


def iso(at: datetime) -> str:
    """A UTC moment as text that is the same for the same moment."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
