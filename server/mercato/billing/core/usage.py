"""Usage, prepaid balances and overage (contract 8.6, 8.10)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from mercato.billing.core.history import UNLIMITED, Component, Plan, Prepaid, Usage
from mercato.billing.core.lines import Line, Period, iso, make_line
from mercato.billing.core.money import minus, product
from mercato.billing.core.periods import Month, Window, month_window, overlap
from mercato.billing.core.timeline import Life, Span

ZERO = Decimal(0)
WINDOW_MONTHS = {"month": 1, "quarterly": 3, "annual": 12}


class Report(NamedTuple):
    """The usage report that counts, the resource's state at the end of its month, and the plan that charges it."""

    usage: Usage
    state: Span
    plan: Plan


def usage_lines(life: Life, component: Component, month: Month) -> list[Line]:
    """One line for each plan under which `component` was used in the month: the last reported amount (8.6).

    A component that the plan does not price is listed at price 0, so that what was used can be seen.
    """
    lines = []
    for usage, _, plan in _reports(life, component.type):
        if usage.period == month.first and usage.amount:
            lines.append(_line(life, component, component, plan, month, usage.amount))
    return lines


def prepaid_lines(life: Life, component: Component, window: Window) -> list[Line]:
    """What was paid for in advance in the month, at the price that was quoted (8.10)."""
    lines = []
    for paid in life.history.prepaid:
        if paid.component == component.type and window.start <= paid.at.astimezone(UTC) <= window.end:
            lines.append(_paid_line(life, component, paid, window))
    return lines


def _paid_line(life: Life, component: Component, paid: Prepaid, window: Window) -> Line:
    at, count = paid.at.astimezone(UTC), Decimal(paid.periods)
    period = Period(at, window.end, paid.limit, count, product(paid.limit, count))
    what = "months" if paid.length == 1 else "rest"
    return make_line(
        life,
        component,
        life.history.plans[paid.plan],
        "prepaid",
        start=at,
        end=window.end,
        numerator=period.total,
        denominator=component.unit_factor * paid.length,
        unit_price=paid.unit_price,
        periods=(period,),
        days_of=paid.length,
        key=f"{component.type}|{iso(at)}|{what}",
    )


def overage_lines(life: Life, component: Component, month: Month) -> list[Line]:
    """What was used beyond the prepaid balance, at the price of the overage component; without one nothing
    (8.10).
    """
    if component.overage_component is None:
        return []
    lines = []
    used = ZERO
    charged = life.component(component.overage_component)
    for report in _reports(life, component.type):
        usage = report.usage
        if not _same_window(life, component, Month(usage.period.year, usage.period.month), month):
            continue
        if usage.period == month.first:
            _, over = draw(usage.amount, used, _allowance(component, report), component.unit_factor)
            if over:
                lines.append(_line(life, component, charged, report.plan, month, over))
        used += usage.amount
    return lines


def draw(
    amount: Decimal, used: Decimal, allowance: Decimal | None, factor: int = 1
) -> tuple[Decimal, Decimal]:
    """(covered, beyond) of using `amount` after `used` of an `allowance`; they sum to `amount` × `factor`.

    `allowance` is in units of the limit (None: unlimited), `factor` of which make one measured unit; so
    is the result, which keeps it exact. A balance that is already overdrawn covers nothing and owes
    nothing.
    """
    wanted = product(amount, factor)
    if allowance is None:
        return wanted, ZERO
    covered = min(wanted, max(ZERO, minus(allowance, product(used, factor))))
    return covered, minus(wanted, covered)


def _line(
    life: Life,
    component: Component,
    charged: Component,
    plan: Plan,
    month: Month,
    numerator: Decimal,
) -> Line:
    start, end = _plan_period(life, plan, month)
    over = charged is not component or component.is_prepaid
    price = plan.prices.get(charged.type)
    return make_line(
        life,
        charged,
        plan,
        "overage" if over else "usage",
        start=start,
        end=end,
        numerator=numerator,
        denominator=component.unit_factor if over else 1,
        unit_price=price.price if price is not None else ZERO,
        key=f"{component.type}|{month.first}",
    )


def _reports(life: Life, component: str) -> list[Report]:
    latest: dict[tuple[date, str], Report] = {}
    for usage in life.history.usages:
        if usage.component != component or not life.spans:
            continue
        state = _state_at_end(life, Month(usage.period.year, usage.period.month))
        uuid = usage.plan or state.plan
        if uuid is None:
            continue
        key = usage.period, uuid
        rival = latest.get(key)
        # Of reports with the same number the larger rules, whatever their order.
        if rival is None or (rival.usage.reported, rival.usage.amount) < (usage.reported, usage.amount):
            latest[key] = Report(usage, state, life.history.plans[uuid])
    begun = {span.plan: span.start for span in reversed(life.spans)}

    def order(report: Report) -> tuple[date, datetime, str]:
        return report.usage.period, begun.get(report.plan.uuid, report.state.start), report.plan.uuid

    return sorted(latest.values(), key=order)


def _state_at_end(life: Life, month: Month) -> Span:
    """The last state by the end of the month, be it before it; the first one if that came later."""
    end = month_window(month, life.zone).end
    return next((span for span in reversed(life.spans) if span.start <= end), life.spans[0])


def _allowance(component: Component, report: Report) -> Decimal | None:
    # What is included is the ordered limit; without one, the amount that the plan's fee holds.
    limit = report.state.limits.get(component.type)
    if limit == UNLIMITED:
        return None
    if limit is not None:
        return Decimal(limit)
    price = report.plan.prices.get(component.type)
    return Decimal(price.amount) if price is not None else ZERO


def _same_window(life: Life, component: Component, one: Month, other: Month) -> bool:
    months = WINDOW_MONTHS.get(component.limit_period or "month")
    if months is None:
        return True
    born = Month.of(life.spans[0].start, life.history.zone).index
    return (one.index - born) // months == (other.index - born) // months


def _plan_period(life: Life, plan: Plan, month: Month) -> tuple[datetime, datetime]:
    window = month_window(month, life.zone)
    parts = [overlap(span.start, span.end, window) for span in life.spans if span.plan == plan.uuid]
    known = [part for part in parts if part is not None]
    return (known[0][0], known[-1][1]) if known else (window.start, window.end)
