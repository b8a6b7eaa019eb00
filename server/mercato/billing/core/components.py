"""Fixed, one-time and on-plan-switch components (contract 8.4, 8.5, 8.8)."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from mercato.billing.core.history import Component
from mercato.billing.core.lines import Kind, Line, make_line
from mercato.billing.core.money import product
from mercato.billing.core.periods import ONE, Window, get_quantity, overlap
from mercato.billing.core.timeline import Life


def fixed_lines(life: Life, component: Component, month: Window) -> list[Line]:
    """One line for each unbroken time on one plan: price × amount × `get_quantity` of that time (8.4).

    A change of limits does not cut it; a plan switch and a termination do, at their moment, so that the
    day of a switch may be charged by both plans, as 8.3 has it. A plan without the component, or with
    amount 0, has no line.
    """
    lines = []
    for start, end, uuid in _plan_times(life):
        part, priced = overlap(start, end, month), life.priced(uuid, component.type)
        if part is None or priced is None or not priced[1].amount:
            continue
        plan, price = priced
        quantity = get_quantity(plan.unit, part[0].astimezone(life.zone), part[1].astimezone(life.zone))
        if quantity:
            unit_price = product(price.price, price.amount)
            line = make_line(
                life,
                component,
                plan,
                "fixed",
                start=part[0],
                end=part[1],
                numerator=quantity,
                unit_price=unit_price,
                unit=plan.unit,
            )
            lines.append(line)
    return lines


def _plan_times(life: Life) -> list[tuple[datetime, datetime | None, str | None]]:
    times: list[tuple[datetime, datetime | None, str | None]] = []
    for span in life.spans:
        if times and span.continues and times[-1][2] == span.plan:
            times[-1] = (times[-1][0], span.end, span.plan)
        else:
            times.append((span.start, span.end, span.plan))
    return times


def one_time_lines(life: Life, component: Component, month: Window) -> list[Line]:
    """The price once, in the month of the creation, on the plan it was created with (8.5)."""
    if not life.spans:
        return []
    first = life.spans[0]
    return _once(life, component, month, "one", first.start, first.plan)


def plan_switch_lines(life: Life, component: Component, month: Window) -> list[Line]:
    """The new plan's price at each switch from one plan to another, in the month of the switch (8.5, 8.8)."""
    return [
        line
        for old, new in pairwise(life.spans)
        if new.continues and old.plan is not None and new.plan != old.plan
        for line in _once(life, component, month, "few", new.start, new.plan)
    ]


def _once(
    life: Life, component: Component, month: Window, kind: Kind, at: datetime, uuid: str | None
) -> list[Line]:
    priced = life.priced(uuid, component.type)
    if priced is None or not month.start <= at <= month.end:
        return []
    plan, price = priced
    end = month.end
    return [make_line(life, component, plan, kind, start=at, end=end, numerator=ONE, unit_price=price.price)]
