"""Small histories for billing tests, with defaults for all that a test does not speak of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from mercato.billing.core.history import Change, Component, History, Plan, Price, Usage
from mercato.billing.core.lines import Line
from mercato.billing.core.periods import Month

RESOURCE = "0" * 31 + "1"


def moment(text: str, zone: str = "UTC") -> datetime:
    """`2025-01-15 14:00` on the wall clock of `zone`, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def a_component(
    type_: str = "cpu", billing_type: str = "limit", limit_period: str | None = None, **more
) -> Component:
    return Component(type_, more.pop("name", type_.title()), billing_type, limit_period, **more)


def a_plan(
    uuid: str = "basic", unit: str = "month", amounts: dict[str, int] | None = None, **prices: str
) -> Plan:
    amounts = amounts or {}
    return Plan(
        uuid, uuid.title(), unit, {t: Price(Decimal(p), amounts.get(t, 1)) for t, p in prices.items()}
    )


def only(plan: Plan, *types: str) -> Plan:
    """The same plan with the prices of these components alone."""
    return replace(plan, prices={type_: plan.prices[type_] for type_ in types})


def created(at: str, plan: str | None = "basic", zone: str = "UTC", **limits) -> Change:
    return Change(moment(at, zone), "created", plan, limits)


def change(
    kind: str, at: str, plan: str | None = "basic", zone: str = "UTC", seq: int = 0, **limits
) -> Change:
    return Change(moment(at, zone), kind, plan, limits, seq)


def used(component: str, period: str, amount: str, plan: str | None = None, reported: int = 0) -> Usage:
    return Usage(component, date.fromisoformat(f"{period}-01"), Decimal(amount), plan, reported)


def a_history(components, plans, changes, usages=(), **more) -> History:
    plans = plans if isinstance(plans, (list, tuple)) else (plans,)
    components = components if isinstance(components, (list, tuple)) else (components,)
    named = {"resource": RESOURCE, "resource_name": "vm-1", "offering_name": "Cloud"} | more
    return History(
        components=tuple(components),
        plans={plan.uuid: plan for plan in plans},
        changes=tuple(changes),
        usages=tuple(usages),
        **named,
    )


def month(text: str) -> Month:
    return Month.parse(text)


def months(first: str, count: int) -> list[Month]:
    return [month(first).plus(number) for number in range(count)]


def exact(line: Line) -> Fraction:
    """A line's quantity before it was cut to 10 decimals."""
    if line.periods:
        return Fraction(sum(period.total for period in line.periods)) / (line.days_of * line.unit_factor)
    return Fraction(line.quantity)


def amounts(lines) -> dict[str, Decimal]:
    """Component type to amount; the test means one line for each."""
    found = {line.component: line.amount for line in lines}
    assert len(found) == len(lines)
    return found
