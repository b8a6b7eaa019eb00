from __future__ import annotations

from decimal import Decimal

import pytest

from billing.core.builders import a_component, a_history, a_plan, change, created, moment, month, months
from mercato.billing.core.history import Plan, Price
from mercato.billing.core.invoice import invoice

pytestmark = pytest.mark.pure

FEE = a_component("fee", "fixed")
SETUP = a_component("setup", "one")
SWITCH = a_component("switch", "few")
UNITS = ("hour", "day", "half_month", "month", "quarter", "quantity")


def fixed(unit, *changes, text="2025-01", plans=()):
    history = a_history(FEE, plans or [a_plan(unit=unit, fee="1.00")], changes)
    return invoice(history, month(text))


@pytest.mark.parametrize(
    ("unit", "expected"),
    list(zip(UNITS, ("744.00", "31.00", "2.00", "1.00", "1.00", "1.00"), strict=True)),
)
def test_a_fixed_fee_for_a_whole_month_in_every_unit(unit, expected):
    (line,) = fixed(unit, created("2024-11-05"))
    assert (str(line.amount), line.unit, line.kind) == (expected, unit, "fixed")
    assert (line.start, line.end) == (moment("2025-01-01"), moment("2025-01-31 23:59:59.999999"))


@pytest.mark.parametrize(
    ("unit", "expected"),
    list(zip(UNITS, ("394.00", "17.00", "1.07", "0.55", None, "1.00"), strict=True)),
)
def test_a_fixed_fee_from_the_middle_of_a_month_in_every_unit(unit, expected):
    lines = fixed(unit, created("2025-01-15 14:00"))
    assert [str(line.amount) for line in lines] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("unit", "expected"),
    list(zip(UNITS, ("225.00", "10.00", "0.65", "0.33", "1.00", "1.00"), strict=True)),
)
def test_a_fixed_fee_until_termination_in_every_unit(unit, expected):
    (line,) = fixed(unit, created("2024-11-05"), change("terminated", "2025-01-10 09:00"))
    assert str(line.amount) == expected
    assert line.end == moment("2025-01-10 09:00")


@pytest.mark.parametrize(
    ("unit", "old", "new"),
    [
        ("month", "0.33", "0.71"),
        ("day", "10.00", "22.00"),
        ("hour", "225.00", "519.00"),
        ("half_month", "0.65", "1.39"),
    ],
)
def test_a_plan_switch_rounds_both_parts_and_may_charge_the_day_twice(unit, old, new):
    plans = [a_plan(unit=unit, fee="1.00"), a_plan("gold", unit=unit, fee="1.00")]
    lines = fixed(unit, created("2024-11-05"), change("plan", "2025-01-10 09:00", "gold"), plans=plans)
    assert [(line.plan, str(line.amount)) for line in lines] == [("basic", old), ("gold", new)]


def test_a_plan_holds_several_of_a_fixed_component():
    plan = a_plan(fee="2.50", amounts={"fee": 3})
    (line,) = invoice(a_history(FEE, plan, [created("2025-01-01")]), month("2025-01"))
    assert (line.unit_price, line.quantity, line.amount) == (Decimal("7.50"), 1, Decimal("7.50"))


def test_a_plan_without_the_component_or_with_none_of_it_has_no_line():
    none_of_it = a_plan("gold", fee="2.50", amounts={"fee": 0})
    for plan in (a_plan(), none_of_it):
        assert invoice(a_history(FEE, plan, [created("2025-01-01", plan.uuid)]), month("2025-01")) == ()


def test_a_price_without_an_amount_charges_no_fixed_component():
    plan = Plan("basic", "Basic", "month", {"fee": Price(Decimal(5))})
    assert invoice(a_history(FEE, plan, [created("2025-01-01")]), month("2025-01")) == ()


def test_a_free_component_is_listed_at_nothing():
    (line,) = invoice(a_history(FEE, a_plan(fee="0"), [created("2025-01-01")]), month("2025-01"))
    assert str(line.amount) == "0.00"


def test_a_quarterly_fee_is_charged_in_the_month_its_quarter_begins():
    history = a_history(FEE, a_plan(unit="quarter", fee="30"), [created("2025-02-10")])
    assert [len(invoice(history, m)) for m in months("2025-02", 6)] == [0, 0, 1, 0, 0, 1]


def test_limits_do_not_cut_a_fixed_fee():
    lines = fixed(
        "month", created("2024-11-05"), change("limits", "2025-01-10 09:00"), change("paused", "2025-01-12")
    )
    assert [line.amount for line in lines] == [1]


def test_a_restored_resource_is_charged_again():
    lines = fixed(
        "day",
        created("2025-01-01"),
        change("terminated", "2025-01-05"),
        change("restored", "2025-01-20 12:00"),
    )
    assert [line.quantity for line in lines] == [4, 12]


def test_nothing_is_charged_after_the_end_or_before_the_beginning():
    history = a_history(FEE, a_plan(fee="1"), [created("2025-02-01"), change("terminated", "2025-03-01")])
    assert [len(invoice(history, m)) for m in months("2025-01", 4)] == [0, 1, 0, 0]


def test_a_one_time_price_is_charged_in_the_month_of_creation():
    history = a_history(SETUP, a_plan(setup="100"), [created("2025-01-20 10:00")])
    (line,) = invoice(history, month("2025-01"))
    assert (line.kind, line.quantity, str(line.amount), line.unit) == ("one", 1, "100.00", "quantity")
    assert line.start == moment("2025-01-20 10:00")
    assert [len(invoice(history, m)) for m in months("2024-12", 4)] == [0, 1, 0, 0]


@pytest.mark.parametrize("at", ["2025-02-01", "2025-02-28 23:59:59.999999"])
def test_the_first_and_the_last_moment_of_a_month_belong_to_it(at):
    history = a_history(SETUP, a_plan(setup="100"), [created(at)])
    assert [len(invoice(history, m)) for m in months("2025-01", 3)] == [0, 1, 0]


def test_a_one_time_price_is_that_of_the_first_plan_and_not_repeated_by_a_switch_or_restoration():
    plans = [a_plan(setup="100"), a_plan("gold", setup="500")]
    changes = [created("2025-01-20"), change("plan", "2025-01-21", "gold")]
    changes += [change("terminated", "2025-01-22"), change("restored", "2025-01-23", "gold")]
    assert [line.amount for line in invoice(a_history(SETUP, plans, changes), month("2025-01"))] == [100]


def test_a_resource_is_created_once_whatever_is_said_twice():
    history = a_history(SETUP, a_plan(setup="100"), [created("2025-02-03"), created("2025-01-20")])
    assert [len(invoice(history, m)) for m in months("2025-01", 2)] == [1, 0]


def test_a_switch_fee_is_the_new_plans_at_each_switch():
    plans = [a_plan(switch="10"), a_plan("gold", switch="25"), a_plan("free")]
    changes = [
        created("2025-01-01"),
        change("plan", "2025-02-10", "gold"),
        change("plan", "2025-02-20", "basic"),
    ]
    changes += [change("limits", "2025-02-21", "basic"), change("plan", "2025-02-22", "free")]
    history = a_history(SWITCH, plans, changes)
    assert [(line.kind, line.amount) for line in invoice(history, month("2025-02"))] == [
        ("few", 25),
        ("few", 10),
    ]
    assert [len(invoice(history, m)) for m in months("2025-01", 3)] == [0, 2, 0]


def test_another_plan_after_a_restoration_is_no_switch():
    plans = [a_plan(switch="10"), a_plan("gold", switch="25")]
    changes = [
        created("2025-01-01"),
        change("terminated", "2025-01-05"),
        change("restored", "2025-01-20", "gold"),
    ]
    assert invoice(a_history(SWITCH, plans, changes), month("2025-01")) == ()


def test_a_month_is_the_customers():
    history = a_history(SETUP, a_plan(setup="1"), [created("2025-01-31 23:30")], zone="Europe/Tallinn")
    assert [len(invoice(history, m)) for m in months("2025-01", 2)] == [0, 1]
