"""The input of billing: what an offering sells, and what happened to one resource.

Plain frozen values, no behaviour but refusing what cannot be true. Amounts are `Decimal` or `int`, never
float; moments are aware datetimes; a billing period is named by the first day of its month in the
customer's zone.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct

BillingType = Literal["fixed", "usage", "limit", "one", "few"]
LimitPeriod = Literal["month", "quarterly", "annual", "total"]
Unit = Literal["month", "half_month", "day", "hour", "quantity", "quarter"]
ChangeKind = Literal["created", "limits", "plan", "terminated", "paused", "restored"]
Limits = dict[str, int | Decimal]

BILLING_TYPES = frozenset(("fixed", "usage", "limit", "one", "few"))
LIMIT_PERIODS = frozenset(("month", "quarterly", "annual", "total", None))
UNITS = frozenset(("month", "half_month", "day", "hour", "quantity", "quarter"))
CHANGE_KINDS = ("created", "plan", "limits", "paused", "restored", "terminated")

UNLIMITED = -1
# 22 digits with 10 decimals (contract 8.2) leave 12 before the point; anything larger is a mistyped number.
BOUND = 10**12
PLACES = 10


class Component(Struct, frozen=True):
    """One thing an offering counts and charges.

    `unit_factor`: how many units of a limit make one `measured_unit` (a limit of 2048 MB priced by the
    GB: 1024). Reported usage is already in `measured_unit`. `limit_period` None means month.
    """

    type: str
    name: str
    billing_type: BillingType
    limit_period: LimitPeriod | None = None
    measured_unit: str = ""
    unit_factor: int = 1
    is_prepaid: bool = False
    overage_component: str | None = None
    article_code: str = ""


class Price(Struct, frozen=True):
    """`price` per unit of the plan and per `measured_unit`; `amount`: how many of a fixed component the plan
    holds.
    """

    price: Decimal
    amount: int = 0


class Plan(Struct, frozen=True):
    """A way to pay for an offering.

    `prices` is keyed by component type; a component without a price is not in the plan.
    """

    uuid: str
    name: str
    unit: Unit
    prices: dict[str, Price]
    article_code: str = ""


class Change(Struct, frozen=True):
    """The whole state of a resource from `at` on: its plan (uuid) and all its limits.

    Only `terminated` ends billing and only `restored` takes it up again; every other kind merely states
    the plan and the limits. Of several changes at the same moment the one with the highest `seq` rules.
    """

    at: datetime
    kind: ChangeKind
    plan: str | None
    limits: Limits
    seq: int = 0


class Prepaid(Struct, frozen=True):
    """What was paid for in advance at `at`, as it was quoted: `limit` of `component` for so many `periods`.

    A period is a month, or (for a limit that was raised until a renewal begins) one of the `length` days of a
    month; `unit_price` is for a month.
    """

    at: datetime
    plan: str
    component: str
    unit_price: Decimal
    limit: Decimal
    periods: int
    length: int = 1


class Usage(Struct, frozen=True):
    """What was used of `component` in the month that begins on `period`, under `plan` (None: the plan at its
    end).

    A later report overwrites an earlier one: the highest `reported` rules.
    """

    component: str
    period: date
    amount: Decimal
    plan: str | None = None
    reported: int = 0


class History(Struct, frozen=True):
    """All that billing knows about one resource. The order of `changes` and `usages`, and repeats, do not
    matter.

    `zone`: IANA name of the customer's billing zone; its calendar days, months and quarters are meant
    everywhere.
    """

    resource: str
    resource_name: str
    offering_name: str
    components: tuple[Component, ...]
    plans: dict[str, Plan]
    changes: tuple[Change, ...]
    usages: tuple[Usage, ...] = ()
    zone: str = "UTC"
    currency: str = "EUR"
    prepaid: tuple[Prepaid, ...] = ()


def checked_number(value: object, what: str) -> Decimal:
    """`value` as an exact Decimal; ValueError naming `what` if it is a float, not finite or absurd."""
    if not isinstance(value, (int, Decimal)):
        problem = f"{what} must be an int or a Decimal, not {type(value).__name__}"
        raise ValueError(problem)  # noqa: TRY004 - whoever types into a form catches one kind of error
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"{what} is not a number: {value}")
    if abs(number) >= BOUND:
        raise ValueError(f"{what} is absurdly large: {value}")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -PLACES and number != round(number, PLACES):
        raise ValueError(f"{what} has more than {PLACES} decimals: {value}")
    return number


def check(history: History) -> None:
    """ValueError, naming the culprit, for input that cannot be true."""
    components = _check_components(history.components)
    for uuid, plan in history.plans.items():
        _check_plan(uuid, plan, components)
    for change in history.changes:
        _check_change(change, history.plans, components)
    if history.usages and not history.changes:
        raise ValueError("usage is reported of a resource that was never created")
    for usage in history.usages:
        _check_usage(usage, history.plans, components)
    for paid in history.prepaid:
        _check_prepaid(paid, history.plans, components)


def _check_prepaid(paid: Prepaid, plans: dict[str, Plan], components: set[str]) -> None:
    what = f"what was prepaid of {paid.component!r} at {paid.at}"
    if paid.component not in components or paid.plan not in plans:
        raise ValueError(f"{what}: unknown component or plan")
    if paid.at.tzinfo is None:
        raise ValueError(f"{what} has no time zone")
    for number in (paid.unit_price, paid.limit):
        if checked_number(number, what) < 0:
            raise ValueError(f"{what} is negative")
    if paid.periods < 0 or paid.length < 1:
        raise ValueError(f"{what} is for no time")


def _check_components(components: tuple[Component, ...]) -> set[str]:
    types = {component.type for component in components}
    if len(types) != len(components):
        raise ValueError("two components have the same type")
    for component in components:
        name = component.type
        if component.billing_type not in BILLING_TYPES:
            raise ValueError(f"component {name!r} has an unknown billing type: {component.billing_type!r}")
        if component.limit_period not in LIMIT_PERIODS:
            raise ValueError(f"component {name!r} has an unknown limit period: {component.limit_period!r}")
        if not isinstance(component.unit_factor, int) or component.unit_factor < 1:
            raise ValueError(
                f"component {name!r} needs a unit factor of at least 1: {component.unit_factor!r}"
            )
        if component.overage_component is not None and component.overage_component not in types:
            raise ValueError(
                f"component {name!r} has an unknown overage component: {component.overage_component!r}"
            )
    return types


def _check_plan(uuid: str, plan: Plan, components: set[str]) -> None:
    if uuid != plan.uuid:
        raise ValueError(f"plan {plan.name!r} is filed under another uuid: {uuid!r}")
    if plan.unit not in UNITS:
        raise ValueError(f"plan {plan.name!r} has an unknown unit: {plan.unit!r}")
    for type_, price in plan.prices.items():
        what = f"price of {type_!r} in plan {plan.name!r}"
        if type_ not in components:
            raise ValueError(f"{what}: unknown component")
        if checked_number(price.price, what) < 0 or price.amount < 0:
            raise ValueError(f"{what} is negative")


def _check_change(change: Change, plans: dict[str, Plan], components: set[str]) -> None:
    what = f"change {change.kind!r} at {change.at}"
    if change.kind not in CHANGE_KINDS:
        raise ValueError(f"unknown kind of {what}")
    if change.at.tzinfo is None:
        raise ValueError(f"{what} has no time zone")
    if not 1970 <= change.at.year < 3000:
        raise ValueError(f"{what} is out of time")
    if change.plan is not None and change.plan not in plans:
        raise ValueError(f"{what} names an unknown plan: {change.plan!r}")
    for type_, limit in change.limits.items():
        if type_ not in components:
            raise ValueError(f"{what} limits an unknown component: {type_!r}")
        if checked_number(limit, f"limit of {type_!r}") < 0 and limit != UNLIMITED:
            raise ValueError(f"limit of {type_!r} is negative: {limit}")


def _check_usage(usage: Usage, plans: dict[str, Plan], components: set[str]) -> None:
    what = f"usage of {usage.component!r} in {usage.period}"
    if usage.component not in components:
        raise ValueError(f"{what}: unknown component")
    if usage.period.day != 1:
        raise ValueError(f"{what}: a billing period is named by the first day of its month")
    if usage.plan is not None and usage.plan not in plans:
        raise ValueError(f"{what} names an unknown plan: {usage.plan!r}")
    if checked_number(usage.amount, what) < 0:
        raise ValueError(f"{what} is negative: {usage.amount}")
