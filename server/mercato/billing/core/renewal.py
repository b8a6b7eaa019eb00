"""What it costs to go on with a prepaid service for some months more (contract 8.10)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from msgspec import Struct

from mercato.billing.core import money
from mercato.billing.core.history import UNLIMITED, Component, Limits, Plan


class RenewalCharge(Struct, frozen=True):
    """One prepaid component: `subscription` for the new months, `change` for a higher limit until they begin."""

    component: Component
    unit_price: Decimal
    current_limit: int
    new_limit: int
    subscription: Decimal
    change: Decimal


class Renewal(Struct, frozen=True):
    """The whole renewal; amounts are rounded away from zero per component."""

    charges: tuple[RenewalCharge, ...]
    subscription: Decimal
    change: Decimal
    total: Decimal
    remaining_days: int
    new_end: date
    # Until the new months begin: as many of the `length` days of a month.
    rest: int
    length: int


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def renewal(
    plan: Plan,
    components: Iterable[Component],
    old: Limits,
    new: Limits,
    *,
    months: int,
    today: date,
    end: date | None,
    currency: str = "EUR",
) -> Renewal:
    """Σ price × limit / factor × months over the prepaid components that the plan prices.

    A higher limit is also paid for from `today` until the `end` there is: for the whole months that
    remain and, by its days, for the part of the next. Without an end, or after it, the new months begin today.
    """
    places = money.exponent(currency)
    start = max(end, today) if end is not None else today
    whole, days, length = _span(today, start)
    charges = []
    for component in components:
        price = plan.prices.get(component.type)
        if not component.is_prepaid or price is None:
            continue
        before, after = _limit(old, component.type), _limit(new, component.type)
        factor = component.unit_factor
        subscription = money.amount(price.price, Decimal(after * months), factor, places)
        more = Decimal((after - before) * (whole * length + days))
        change = money.amount(price.price, more, factor * length, places)
        charges.append(RenewalCharge(component, price.price, before, after, subscription, change))
    zero = money.roundup(Decimal(0), places)
    paid = sum((charge.subscription for charge in charges), zero)
    changed = sum((charge.change for charge in charges), zero)
    return Renewal(
        charges=tuple(charges),
        subscription=paid,
        change=changed,
        total=paid + changed,
        remaining_days=(start - today).days,
        new_end=months_later(start, months),
        rest=whole * length + days,
        length=length,
    )


def _limit(limits: Limits, component: str) -> int:
    value = int(limits.get(component, 0))
    return 0 if value == UNLIMITED else value


def whole_months(first: date, last: date) -> int | None:
    """How many months later `last` is than `first`; None if it is not a whole number of them, or none."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months if months > 0 and months_later(first, months) == last else None


def _span(first: date, last: date) -> tuple[int, int, int]:
    """(whole months, days after them, days of the month that these are a part of)."""
    whole = (last.year - first.year) * 12 + last.month - first.month
    if months_later(first, whole) > last:
        whole -= 1
    begun = months_later(first, whole)
    return whole, (last - begun).days, (months_later(first, whole + 1) - begun).days
