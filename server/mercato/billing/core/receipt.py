"""What an order will cost, shown while it is typed: computed by the very functions that will bill it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from mercato.billing.core import money
from mercato.billing.core.history import Change, Component, History, Limits, Plan, Prepaid, Unit
from mercato.billing.core.invoice import corrections, lines_of, total
from mercato.billing.core.limits import charged_limit
from mercato.billing.core.lines import ONCE, Line
from mercato.billing.core.periods import ONE, Month, day_start, zone_of
from mercato.billing.core.timeline import Life, live

OrderType = Literal["Create", "Update", "Terminate"]
PER: dict[Unit, str] = {
    "month": "per month",
    "half_month": "per half month",
    "day": "per day",
    "hour": "per hour",
    "quarter": "per quarter",
    "quantity": "per piece",
}


class Charge(Struct, frozen=True):
    """One component's part of an order's cost: `quantity` × `unit_price`, rounded like a line."""

    component: str
    component_name: str
    measured_unit: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal


class OrderCost(Struct, frozen=True):
    """An order's cost (contract 5.9). `per` names its unit: the cost on a day plan is for one day."""

    amount: Decimal
    unit: Unit
    per: str
    charges: tuple[Charge, ...]


class Rate(Struct, frozen=True):
    """A component that is charged by reported use, hence in no total of the receipt: its price per measured
    unit.
    """

    component: str
    component_name: str
    measured_unit: str
    unit_price: Decimal


class Receipt(Struct, frozen=True):
    """What an order at one moment will be billed.

    `now`: what is charged once, because of this order. `this_month`: the rest of this month's invoice; with
    `now` it is that invoice. `adjustments`: what the order adds to, or credits for, a quarter that an earlier
    month's invoice charged. `invoice_total` sums these three. `full_month`: the next month's invoice.
    `next_quarter`: what the invoice of the next quarter's first month will charge by the quarter (also in
    `full_month` if that is the next month). `rates`: what use costs.
    """

    month: Month
    currency: str
    now: tuple[Line, ...]
    this_month: tuple[Line, ...]
    adjustments: tuple[Line, ...]
    full_month: tuple[Line, ...]
    next_quarter: tuple[Line, ...]
    rates: tuple[Rate, ...]
    order_cost: OrderCost
    now_total: Decimal
    this_month_total: Decimal
    adjustments_total: Decimal
    invoice_total: Decimal
    full_month_total: Decimal
    next_quarter_total: Decimal


def receipt(
    plan: Plan,
    components: tuple[Component, ...],
    limits: Limits,
    *,
    at: datetime,
    zone: str = "UTC",
    resource_name: str = "",
    offering_name: str = "",
    currency: str = "EUR",
    months: int = 1,
    plan_switch_from: Plan | None = None,
    prepaid: bool = False,
) -> Receipt:
    """The receipt of ordering a new resource at `at`, or of switching one to `plan` from `plan_switch_from`.

    A switch is reckoned for a resource that lived on the old plan, with the same limits, since the last
    quarter; where the true history is at hand, `preview` is exact. `months`: duration for prepaid
    components' order cost; their usage is paid for in advance only if it is `prepaid`.
    """
    plans = {plan.uuid: plan}
    changes = [Change(at, "created", plan.uuid, limits)]
    if plan_switch_from is not None:
        plans[plan_switch_from.uuid] = plan_switch_from
        begun = day_start(Month.of(at, zone).plus(-3).first, zone_of(zone))
        changes = [
            Change(begun, "created", plan_switch_from.uuid, limits),
            Change(at, "plan", plan.uuid, limits),
        ]
    paid = _in_advance(plan, components, limits, at, months) if prepaid else ()
    history = History(
        "", resource_name, offering_name, components, plans, tuple(changes), (), zone, currency, paid
    )
    order_type: OrderType = "Update" if plan_switch_from else "Create"
    return preview(history, at=at, order_type=order_type, months=months)


def _in_advance(
    plan: Plan, components: Iterable[Component], limits: Limits, at: datetime, months: int
) -> tuple[Prepaid, ...]:
    return tuple(
        Prepaid(
            at, plan.uuid, part.type, plan.prices[part.type].price, charged_limit(limits, part.type), months
        )
        for part in components
        if part.is_prepaid and part.billing_type == "usage" and part.type in plan.prices
        if charged_limit(limits, part.type)
    )


def preview(history: History, *, at: datetime, order_type: OrderType, months: int = 1) -> Receipt:
    """The receipt of an order on a resource, its effect at `at` being recorded in `history` as a change.

    ValueError for a history that cannot be true or in which nothing has happened by `at`.
    """
    life = live(history)
    month = Month.of(at, history.zone)
    moment = at.astimezone(UTC)
    span = next((span for span in reversed(life.spans) if span.start <= moment), None)
    if span is None or span.plan is None:
        raise ValueError(f"the resource has no plan at {at}")
    plan = history.plans[span.plan]
    invoice = lines_of(life, month)
    now = tuple(line for line in invoice if line.kind in ONCE and line.start == moment)
    this_month = tuple(line for line in invoice if line not in now)
    adjustments = _adjustments(life, moment, month)
    full_month = lines_of(life, month.plus(1))
    next_quarter = _by_quarter(life, month.quarter.plus(3))
    cost = order_cost(
        plan,
        history.components,
        span.limits,
        order_type,
        months=months,
        currency=history.currency,
        plan_switched=any(line.kind == "few" for line in now),
        prepaid=any(line.kind == "prepaid" for line in now),
    )
    return Receipt(
        month=month,
        currency=history.currency,
        now=now,
        this_month=this_month,
        adjustments=adjustments,
        full_month=full_month,
        next_quarter=next_quarter,
        rates=_rates(plan, history.components) if order_type != "Terminate" else (),
        order_cost=cost,
        now_total=total(now, history.currency),
        this_month_total=total(this_month, history.currency),
        adjustments_total=total(adjustments, history.currency),
        invoice_total=total(invoice + adjustments, history.currency),
        full_month_total=total(full_month, history.currency),
        next_quarter_total=total(next_quarter, history.currency),
    )


def _adjustments(life: Life, moment: datetime, month: Month) -> tuple[Line, ...]:
    history = life.history
    earlier = tuple(change for change in history.changes if change.at < moment)
    if month.starts_quarter or not earlier or not _has_quarterly(history):
        return ()
    before = lines_of(live(replace(history, changes=earlier)), month.quarter)
    return corrections(before, lines_of(life, month.quarter), month, history.zone)


def _has_quarterly(history: History) -> bool:
    return any(component.limit_period == "quarterly" for component in history.components)


def _by_quarter(life: Life, month: Month) -> tuple[Line, ...]:
    plans = life.history.plans.values()
    if not _has_quarterly(life.history) and not any(plan.unit == "quarter" for plan in plans):
        return ()
    return tuple(
        line
        for line in lines_of(life, month)
        if line.kind == "quarterly" or (line.kind == "fixed" and line.unit == "quarter")
    )


def _rates(plan: Plan, components: Iterable[Component]) -> tuple[Rate, ...]:
    return tuple(
        Rate(component.type, component.name, component.measured_unit, plan.prices[component.type].price)
        for component in components
        if component.billing_type == "usage" and not component.is_prepaid and component.type in plan.prices
    )


def order_cost(
    plan: Plan,
    components: Iterable[Component],
    limits: Limits,
    order_type: OrderType,
    *,
    months: int = 1,
    currency: str = "EUR",
    plan_switched: bool = True,
    prepaid: bool = False,
) -> OrderCost:
    """An order's cost (contract 5.9), each component rounded like its invoice line, so that the two agree.

    Fixed price × amount + price × limit / factor of limit components (nothing if missing, 0 or
    unlimited), prepaid ones × `months` (usage only if
    it is `prepaid` for these); + one-time prices on Create; + on-plan-switch prices on Update if
    `plan_switched`. Terminate is free. It is for one unit of the plan (`per`) and ignores the calendar.
    """
    if months < 1:
        raise ValueError(f"an order is for at least one month, not {months}")
    places = money.exponent(currency)
    charges = []
    for component in components if order_type != "Terminate" else ():
        price = plan.prices.get(component.type)
        if price is None:
            continue
        times = months if component.is_prepaid else 1
        count, divisor, unit_price = ONE, 1, price.price
        if component.billing_type == "fixed":
            count, unit_price = Decimal(times), money.product(price.price, price.amount)
        elif component.billing_type == "limit" or (component.is_prepaid and prepaid):
            count, divisor = charged_limit(limits, component.type) * times, component.unit_factor
        elif not _charged_once(component, order_type, plan_switched):
            continue
        if count and (component.billing_type != "fixed" or price.amount):
            quantity = money.quotient(count, divisor)
            amount = money.amount(unit_price, count, divisor, places)
            charges.append(
                Charge(component.type, component.name, component.measured_unit, quantity, unit_price, amount)
            )
    amount = sum((charge.amount for charge in charges), money.roundup(Decimal(0), places))
    return OrderCost(amount, plan.unit, PER[plan.unit], tuple(charges))


def _charged_once(component: Component, order_type: OrderType, plan_switched: bool) -> bool:
    if component.billing_type == "one":
        return order_type == "Create"
    return component.billing_type == "few" and order_type == "Update" and plan_switched
