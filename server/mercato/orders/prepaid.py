"""Ordering for some months in advance, and renewing: what is quoted is what is charged (contract §5.9, 8.10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from mercato.billing.core import renewal as core
from mercato.billing.core.history import Plan
from mercato.catalog import rules as catalog_rules
from mercato.kernel.columns import plain
from mercato.kernel.db import Tx
from mercato.kernel.errors import Invalid
from mercato.orders.costs import Currency, core_components, core_plan
from mercato.tenants.service import today_of

CHARGES = "prepaid_charges"
# What an order remembers of it; nobody else can say these.
OURS = frozenset({CHARGES, "prepaid_months", "prepaid_until"})


class Term(NamedTuple):
    """For how long a service is paid for in advance; `until` when the customer named a day."""

    months: int
    until: date | None


def _wrong(message: str) -> Invalid:
    return Invalid(fields={"attributes": [message]}, code="bad_duration")


def term(components: Sequence[Any], attributes: Mapping[str, Any], start: date) -> Term | None:
    """The `months` or `end_date` that an order with prepaid components asks for; None for one without an end.

    400 names what is wrong with them, and asks where a component has a shortest duration and none is given.
    """
    prepaid = [c for c in components if c.is_prepaid]
    if not prepaid:
        return None
    months, until = _number(attributes.get("months")), _day(attributes.get("end_date"))
    if until is not None:
        counted = core.whole_months(start, until)
        if counted is None or months not in (None, counted):
            raise _wrong(f"end_date: a whole number of months after {start}.")
        months = counted
    if months is None:
        needed = [c for c in prepaid if c.min_prepaid_duration]
        if needed:
            raise _wrong(f"months: for how many months shall {needed[0].name} be paid for?")
        return None
    problem = catalog_rules.prepaid_problem(components, months)
    if problem:
        raise _wrong(f"months: {problem}")
    return Term(months, until)


def _number(given: Any) -> int | None:
    if given in (None, ""):
        return None
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 6:
        return int(given)
    if isinstance(given, bool) or not isinstance(given, int):
        raise _wrong("months: a whole number is required.")
    return given


def _day(given: Any) -> date | None:
    if given in (None, ""):
        return None
    try:
        return date.fromisoformat(str(given)[:10])
    except ValueError:
        raise _wrong("end_date: a date looks like 2026-05-31.") from None


def remembered(
    plan: Plan | None, components: list[Any], limits: Mapping[str, int], given: Term
) -> dict[str, Any]:
    """What an order remembers of its duration, and of what that is charged with."""
    found = []
    for component in core_components(components):
        price = plan.prices.get(component.type) if plan is not None else None
        allowance = limits.get(component.type, 0)
        if component.is_prepaid and price is not None and allowance > 0:
            found.append(_charge(component.type, price.price, allowance, given.months, 1))
    until = given.until.isoformat() if given.until else None
    return {"prepaid_months": given.months, "prepaid_until": until, CHARGES: found}


def renewed(cost: core.Renewal, months: int) -> list[dict[str, Any]]:
    """What a renewal is charged with: the new months, and a higher limit until they begin."""
    found = []
    for one in cost.charges:
        type_, price, more = one.component.type, one.unit_price, one.new_limit - one.current_limit
        if one.subscription:
            found.append(_charge(type_, price, one.new_limit, months, 1))
        if one.change:
            found.append(_charge(type_, price, more, cost.rest, cost.length))
    return found


def until_the_end(
    tx: Tx, row: Any, plan: Any, components: list[Any], limits: Mapping[str, int]
) -> tuple[list[dict[str, Any]], Decimal]:
    """What higher limits of a running resource are charged with for the rest of its months, and the sum; lower ones
    are not paid back."""
    if plan is None or row.end_date is None or not any(c.is_prepaid for c in components):
        return [], Decimal(0)
    higher = {type_: max(limit, row.limits.get(type_, 0)) for type_, limit in limits.items()}
    cost = core.renewal(
        core_plan(tx.conn, plan),
        [part for part in core_components(components) if part.billing_type == "usage"],
        dict(row.limits),
        dict(higher),
        months=0,
        today=today_of(tx, row.customer_id),
        end=row.end_date,
        currency=tx.ask(Currency())[0],
    )
    return renewed(cost, 0), cost.change


def _charge(component: str, price: Any, allowance: int, periods: int, length: int) -> dict[str, Any]:
    return {
        "component": component,
        "unit_price": plain(price),
        "allowance": allowance,
        "periods": periods,
        "length": length,
    }


def end_of(attributes: Mapping[str, Any], today: date) -> date | None:
    """When a service that begins today ends, by its order; None for one that does not."""
    months = attributes.get("prepaid_months")
    if months is None:
        return None
    named = attributes.get("prepaid_until")
    return date.fromisoformat(named) if named else core.months_later(today, months)
