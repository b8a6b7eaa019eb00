"""Going on with what is prepaid (contract 8.10): exact, calendar months, never in the buyer's disfavour by rounding."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from mercato.billing.core.history import Component, Plan, Price
from mercato.billing.core.renewal import Renewal, months_later, renewal

pytestmark = pytest.mark.pure

PARTS = (
    Component("hours", "Hours", "usage", is_prepaid=True),
    Component("disk", "Disk", "usage", is_prepaid=True, unit_factor=1024),
    Component("cpu", "CPU", "limit"),
)
PLAN = Plan(
    "p", "P", "month", {"hours": Price(Decimal("0.10")), "disk": Price(Decimal(3)), "cpu": Price(Decimal(9))}
)


def asked(months: int = 12, end: date | None = date(2026, 6, 10), **change: dict[str, int]) -> Renewal:
    old = {"hours": 100, "disk": 512, "cpu": 5}
    return renewal(
        PLAN, PARTS, old, {**old, **change.get("new", {})}, months=months, today=date(2026, 5, 10), end=end
    )


def test_price_times_limit_times_months_of_what_is_prepaid_alone() -> None:
    found = asked()
    # 0.10 × 100 × 12 and 3 × 512/1024 × 12; the processor is billed by the month anyway.
    assert [str(c.subscription) for c in found.charges] == ["120.00", "18.00"]
    assert (str(found.total), str(found.change), found.remaining_days) == ("138.00", "0.00", 31)
    assert found.new_end == date(2027, 6, 10)


def test_a_higher_limit_is_paid_for_until_the_new_months_begin() -> None:
    found = asked(new={"hours": 200})
    # One whole month of 100 more, and twelve of 200.
    assert (str(found.charges[0].change), str(found.charges[0].subscription)) == ("10.00", "240.00")
    part = asked(end=date(2026, 6, 25), new={"hours": 200})
    # A month and 15 of the 30 days from June 10 to July 10.
    assert str(part.change) == "15.00"


@pytest.mark.parametrize("end", [None, date(2026, 5, 10), date(2026, 1, 1)])
def test_without_time_left_the_months_begin_today(end: date | None) -> None:
    found = asked(end=end, new={"hours": 200})
    assert (found.new_end, found.remaining_days, str(found.change)) == (date(2027, 5, 10), 0, "0.00")


def test_unlimited_is_not_paid_for() -> None:
    assert str(asked(new={"hours": -1}).charges[0].subscription) == "0.00"


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 5, 10), 0, date(2026, 5, 10)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_so_many_months_later(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later
