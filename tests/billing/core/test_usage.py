from __future__ import annotations

from decimal import Decimal

import pytest

from billing.core.builders import a_component, a_history, a_plan, change, created, moment, month, months, used
from mercato.billing.core.invoice import invoice
from mercato.billing.core.usage import draw

pytestmark = pytest.mark.pure

D = Decimal
TRAFFIC = a_component("traffic", "usage", measured_unit="GB")
BORN = created("2025-01-15")


def charged(history, first="2025-01", count=1):
    return [[(line.component, line.quantity) for line in invoice(history, m)] for m in months(first, count)]


@pytest.mark.parametrize("unit", ["month", "half_month", "day", "hour", "quantity", "quarter"])
def test_use_is_charged_by_the_measured_unit_whatever_the_plans_unit(unit):
    history = a_history(
        TRAFFIC, a_plan(unit=unit, traffic="0.10"), [BORN], [used("traffic", "2025-01", "120.55")]
    )
    (line,) = invoice(history, month("2025-01"))
    assert (line.kind, line.unit, line.quantity, str(line.amount)) == (
        "usage",
        "quantity",
        D("120.55"),
        "12.06",
    )
    assert line.name == "vm-1 / Traffic"
    assert (line.start, line.end) == (moment("2025-01-15"), moment("2025-01-31 23:59:59.999999"))


def test_the_last_report_overwrites():
    reports = [used("traffic", "2025-01", "90", reported=2), used("traffic", "2025-01", "100", reported=1)]
    assert charged(a_history(TRAFFIC, a_plan(traffic="1"), [BORN], reports)) == [[("traffic", 90)]]


def test_a_report_of_nothing_has_no_line():
    reports = [used("traffic", "2025-01", "90", reported=1), used("traffic", "2025-01", "0", reported=2)]
    assert charged(a_history(TRAFFIC, a_plan(traffic="1"), [BORN], reports)) == [[]]


def test_a_report_belongs_to_its_month():
    history = a_history(TRAFFIC, a_plan(traffic="1"), [BORN], [used("traffic", "2025-02", "7")])
    assert charged(history, count=3) == [[], [("traffic", 7)], []]


def test_what_the_plan_does_not_price_is_listed_at_nothing():
    history = a_history(TRAFFIC, a_plan(), [BORN], [used("traffic", "2025-01", "7")])
    assert [str(line.amount) for line in invoice(history, month("2025-01"))] == ["0.00"]


def test_each_plan_charges_what_was_used_under_it():
    plans = [a_plan(traffic="1"), a_plan("gold", traffic="2")]
    changes = [BORN, change("plan", "2025-01-20", "gold")]
    reports = [used("traffic", "2025-01", "10", "basic"), used("traffic", "2025-01", "20", "gold")]
    old, new = invoice(a_history(TRAFFIC, plans, changes, reports), month("2025-01"))
    assert (old.plan, old.amount, new.plan, new.amount) == ("basic", 10, "gold", 40)
    assert (old.end, new.start) == (moment("2025-01-20"), moment("2025-01-20"))
    assert old.key != new.key


def test_a_report_without_a_plan_belongs_to_the_last_plan_of_its_month():
    plans = [a_plan(traffic="1"), a_plan("gold", traffic="2")]
    changes = [BORN, change("plan", "2025-01-20", "gold"), change("plan", "2025-02-10", "basic")]
    history = a_history(TRAFFIC, plans, changes, [used("traffic", "2025-01", "10")])
    assert [line.plan for line in invoice(history, month("2025-01"))] == ["gold"]


def test_a_late_report_for_a_terminated_resource_is_charged():
    history = a_history(
        TRAFFIC,
        a_plan(traffic="1"),
        [BORN, change("terminated", "2025-01-20")],
        [used("traffic", "2025-02", "3")],
    )
    assert charged(history, count=2) == [[], [("traffic", 3)]]


def test_reported_use_is_in_measured_units_already():
    component = a_component("traffic", "usage", unit_factor=1024)
    history = a_history(component, a_plan(traffic="1"), [BORN], [used("traffic", "2025-01", "7")])
    assert charged(history) == [[("traffic", 7)]]


def test_use_of_a_limit_is_not_charged():
    disk = a_component("disk", "limit")
    history = a_history(
        disk, a_plan(disk="1"), [created("2025-01-01", disk=5)], [used("disk", "2025-01", "900")]
    )
    assert charged(history) == [[("disk", 5)]]


OVER = a_component("over", "usage", name="Extra hours")


def a_prepaid(
    *usages,
    period="month",
    limit=100,
    billing_type="usage",
    factor=1,
    changes=(),
    overage="over",
    at="2025-01-15",
):
    hours = a_component(
        "hours", billing_type, period, is_prepaid=True, overage_component=overage, unit_factor=factor
    )
    return a_history(
        [hours, OVER], a_plan(hours="0", over="2.00"), [created(at, hours=limit), *changes], usages
    )


def test_use_within_the_balance_is_covered():
    assert charged(a_prepaid(used("hours", "2025-01", "100"))) == [[]]


def test_use_beyond_the_balance_is_charged_as_overage():
    (line,) = invoice(a_prepaid(used("hours", "2025-01", "130")), month("2025-01"))
    assert (line.kind, line.component, line.quantity, str(line.amount)) == ("overage", "over", 30, "60.00")
    assert line.name == "vm-1 / Extra hours (Overage)"


def test_overage_stands_beside_direct_use_of_its_component():
    lines = invoice(
        a_prepaid(used("hours", "2025-01", "130"), used("over", "2025-01", "5")), month("2025-01")
    )
    assert [(line.kind, line.quantity) for line in lines] == [("overage", 30), ("usage", 5)]
    assert len({line.key for line in lines}) == 2


def test_without_an_overage_component_the_excess_costs_nothing():
    assert charged(a_prepaid(used("hours", "2025-01", "130"), overage=None)) == [[]]


def test_unlimited_covers_everything_and_no_limit_nothing():
    assert charged(a_prepaid(used("hours", "2025-01", "130"), limit=-1)) == [[]]
    assert charged(a_prepaid(used("hours", "2025-01", "130"), limit=0)) == [[("over", 130)]]


def test_without_a_limit_the_amount_in_the_plan_is_included():
    hours = a_component("hours", "fixed", is_prepaid=True, overage_component="over")
    plan = a_plan(hours="10", over="2", amounts={"hours": 20})
    history = a_history([hours, OVER], plan, [created("2025-01-01")], [used("hours", "2025-01", "25")])
    assert [(line.kind, line.amount) for line in invoice(history, month("2025-01"))] == [
        ("fixed", 200),
        ("overage", 10),
    ]


USED = [used("hours", f"2025-{m:02}", "60") for m in range(1, 8)]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("month", [0, 0, 0, 0, 0, 0, 0]),
        ("quarterly", [0, 20, 60, 0, 20, 60, 0]),  # windows of three months from the month of creation
        ("annual", [0, 20, 60, 60, 60, 60, 60]),
        ("total", [0, 20, 60, 60, 60, 60, 60]),
    ],
)
def test_a_balance_lasts_for_its_window(period, expected):
    history = a_prepaid(*USED, period=period)
    assert [sum(q for _, q in lines) for lines in charged(history, count=7)] == expected


@pytest.mark.parametrize(("period", "expected"), [("annual", 0), ("total", 60)])
def test_a_year_starts_at_the_month_of_creation(period, expected):
    history = a_prepaid(
        used("hours", "2025-02", "100"), used("hours", "2026-02", "60"), period=period, at="2025-02-20"
    )
    assert [sum(q for _, q in lines) for lines in charged(history, "2026-02")] == [expected]


def test_a_raised_limit_enlarges_the_balance_of_its_window():
    more = change("limits", "2025-02-10", hours=150)
    history = a_prepaid(
        used("hours", "2025-01", "90"), used("hours", "2025-02", "90"), period="quarterly", changes=[more]
    )
    assert charged(history, count=2) == [[], [("over", 30)]]


def test_a_limit_in_other_units_is_compared_exactly():
    history = a_prepaid(used("hours", "2025-01", "2.5"), limit=120, factor=60)
    assert charged(history) == [[("over", D("0.5"))]]


def test_a_prepaid_limit_is_charged_as_limit_and_its_excess_as_overage():
    hours = a_component("hours", "limit", "month", is_prepaid=True, overage_component="over")
    history = a_history(
        [hours, OVER],
        a_plan(hours="1", over="2"),
        [created("2025-01-01", hours=10)],
        [used("hours", "2025-01", "12")],
    )
    assert [(line.kind, line.amount) for line in invoice(history, month("2025-01"))] == [
        ("limit", 10),
        ("overage", 4),
    ]


def test_an_overdrawn_balance_covers_nothing_and_owes_nothing():
    assert draw(D(10), D(150), D(100)) == (0, 10)
    assert draw(D(10), D(95), D(100)) == (5, 5)
    assert draw(D(10), D(0), None) == (10, 0)
