from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from billing.core.builders import (
    a_component,
    a_history,
    a_plan,
    change,
    created,
    exact,
    moment,
    month,
    months,
)
from mercato.billing.core.invoice import invoice

pytestmark = pytest.mark.pure

CPU = a_component(measured_unit="cores")
BORN = created("2024-12-05", cpu=4)


def lines(*changes, unit="month", text="2025-01", price="1.00", component=CPU, plans=(), **more):
    history = a_history(component, plans or [a_plan(unit=unit, cpu=price)], changes, **more)
    return invoice(history, month(text))


def days(line):
    return [(int(period.quantity), int(period.billing_periods)) for period in line.periods]


WHOLE = {"hour": 4 * 744, "day": 4 * 31, "half_month": 8, "month": 4, "quarter": 4, "quantity": 4}


@pytest.mark.parametrize("period", [None, "month", "annual"])
@pytest.mark.parametrize("unit", WHOLE)
def test_a_whole_month_in_every_unit(unit, period):
    component = a_component(limit_period=period)
    (line,) = lines(BORN, unit=unit, component=component)
    assert (line.quantity, line.unit, line.kind) == (WHOLE[unit], unit, "limit")


@pytest.mark.parametrize(
    ("unit", "amount"),
    [("hour", "1576.00"), ("day", "68.00"), ("half_month", "4.28"), ("month", "2.20"), ("quantity", "2.20")],
)
def test_from_the_middle_of_a_month_in_every_unit(unit, amount):
    (line,) = lines(created("2025-01-15 14:00", cpu=4), unit=unit)
    assert str(line.amount) == amount
    assert (line.start, line.end) == (moment("2025-01-15 14:00"), moment("2025-01-31 23:59:59.999999"))


@pytest.mark.parametrize(
    ("unit", "amount"), [("hour", "900.00"), ("day", "40.00"), ("half_month", "2.60"), ("month", "1.30")]
)
def test_until_termination_in_every_unit(unit, amount):
    (line,) = lines(BORN, change("terminated", "2025-01-10 09:00"), unit=unit)
    assert str(line.amount) == amount
    assert line.end == moment("2025-01-10 09:00")
    assert line.periods[0].end == line.end


def test_termination_at_midnight_does_not_touch_the_day():
    (line,) = lines(BORN, change("terminated", "2025-01-10"), unit="day")
    assert days(line) == [(4, 9)]
    assert line.end == moment("2025-01-09 23:59:59.999999")


def test_a_resource_that_lives_for_a_minute_is_charged_a_day():
    (line,) = lines(created("2025-01-10 10:00", cpu=4), change("terminated", "2025-01-10 10:01"), unit="day")
    assert line.quantity == 4


def test_an_increase_counts_from_its_own_day():
    (line,) = lines(BORN, change("limits", "2025-01-10 14:00", cpu=6), unit="day")
    assert days(line) == [(4, 9), (6, 22)]
    assert line.periods[0].end == moment("2025-01-09 23:59:59.999999")
    assert line.periods[1].start == moment("2025-01-10")
    assert [period.total for period in line.periods] == [36, 132]


def test_a_decrease_counts_from_the_next_day():
    (line,) = lines(BORN, change("limits", "2025-01-10 14:00", cpu=3), unit="day")
    assert days(line) == [(4, 10), (3, 21)]
    assert line.periods[1].start == moment("2025-01-11")


def test_a_decrease_on_the_last_day_counts_in_the_next_month():
    changes = BORN, change("limits", "2025-01-31 14:00", cpu=3)
    assert [days(*lines(*changes, unit="day", text=text)) for text in ("2025-01", "2025-02")] == [
        [(4, 31)],
        [(3, 28)],
    ]


def test_the_last_of_several_changes_on_a_day_rules():
    up_and_down = [change("limits", "2025-01-10 09:00", cpu=9), change("limits", "2025-01-10 17:00", cpu=4)]
    assert days(*lines(BORN, *up_and_down, unit="day")) == [(4, 31)]
    down_and_up = [change("limits", "2025-01-10 09:00", cpu=1), change("limits", "2025-01-10 17:00", cpu=6)]
    assert days(*lines(BORN, *down_and_up, unit="day")) == [(4, 9), (6, 22)]


def test_the_last_change_on_the_day_of_creation_rules():
    changes = created("2025-01-10 09:00", cpu=4), change("limits", "2025-01-10 17:00", cpu=1)
    (line,) = lines(*changes, unit="day")
    assert days(line) == [(1, 22)]
    assert line.start == moment("2025-01-10 09:00")


def test_a_later_seq_rules_at_the_same_moment():
    same = [change("limits", "2025-01-10", cpu=9, seq=2), change("limits", "2025-01-10", cpu=6, seq=1)]
    assert days(*lines(BORN, *same, unit="day")) == [(4, 9), (9, 22)]


@pytest.mark.parametrize("turned", [1, -1])
def test_a_tie_of_two_changes_is_the_same_in_any_order(turned):
    plans = [a_plan(unit="day", cpu="1"), a_plan("gold", unit="day", cpu="3")]
    tied = [change("plan", "2025-01-10", "gold", cpu=4), change("plan", "2025-01-10", "basic", cpu=9)]
    assert [line.plan for line in lines(BORN, *tied[::turned], plans=plans)] == ["basic", "gold"]


def test_month_prices_are_prorated_by_days():
    (line,) = lines(BORN, change("limits", "2025-01-10", cpu=6), price="5.00")
    assert exact(line) == Fraction(4 * 9 + 6 * 22, 31)
    assert str(line.amount) == "27.10"  # 168 / 31 × 5.00 = 27.0967…
    assert str(line.quantity) == "5.4193548387"


@pytest.mark.parametrize("limits", [{}, {"cpu": 0}, {"cpu": -1}])
def test_no_limit_and_unlimited_have_no_line(limits):
    assert lines(created("2024-12-05", **limits)) == ()


def test_the_day_on_which_a_limit_goes_to_unlimited_is_charged_still():
    (line,) = lines(BORN, change("limits", "2025-01-10 09:00", cpu=-1), unit="day")
    assert days(line) == [(4, 10)]


def test_days_without_a_limit_leave_a_gap_in_the_line():
    gap = change("limits", "2025-01-09 12:00", cpu=0), change("limits", "2025-01-20 12:00", cpu=2)
    (line,) = lines(BORN, *gap, unit="day")
    assert days(line) == [(4, 9), (2, 12)]


def test_a_limit_is_divided_by_its_unit_factor():
    component = a_component(unit_factor=1024)
    (line,) = lines(created("2024-12-05", cpu=1536), component=component, price="5.00")
    assert (str(line.quantity), str(line.amount)) == ("1.5", "7.50")


def test_a_fractional_limit_is_exact():
    (line,) = lines(created("2024-12-05", cpu=Decimal("0.1")), unit="day", price="0.10")
    assert (line.quantity, str(line.amount)) == (Decimal("3.1"), "0.31")


def test_a_plan_switch_gives_each_day_to_one_plan():
    plans = [a_plan(unit="day", cpu="1"), a_plan("gold", unit="day", cpu="3")]
    old, new = lines(BORN, change("plan", "2025-01-10 14:00", "gold", cpu=4), plans=plans)
    assert (old.plan, days(old), new.plan, days(new)) == ("basic", [(4, 9)], "gold", [(4, 22)])
    assert old.key != new.key


def test_a_plan_switch_that_lowers_the_limit_leaves_the_day_to_the_old_plan():
    plans = [a_plan(unit="day", cpu="1"), a_plan("gold", unit="day", cpu="3")]
    old, new = lines(BORN, change("plan", "2025-01-10 14:00", "gold", cpu=2), plans=plans)
    assert (days(old), days(new)) == ([(4, 10)], [(2, 21)])


def test_a_switch_to_a_plan_without_the_component_ends_its_line_with_the_day():
    plans = [a_plan(unit="day", cpu="1"), a_plan("bare", unit="day")]
    (line,) = lines(BORN, change("plan", "2025-01-10 14:00", "bare", cpu=4), plans=plans)
    assert days(line) == [(4, 10)]


def test_there_and_back_again_has_three_lines_with_keys_of_their_own():
    plans = [a_plan(unit="day", cpu="1"), a_plan("gold", unit="day", cpu="1")]
    back = change("plan", "2025-01-10", "gold", cpu=4), change("plan", "2025-01-20", "basic", cpu=4)
    found = lines(BORN, *back, plans=plans)
    assert [days(line) for line in found] == [[(4, 9)], [(4, 10)], [(4, 12)]]
    assert len({line.key for line in found}) == 3


def test_terminated_and_restored_on_one_day_counts_the_day_once():
    again = change("terminated", "2025-01-10 09:00"), change("restored", "2025-01-10 15:00", cpu=4)
    (line,) = lines(BORN, *again, unit="day")
    assert line.quantity == 4 * 31


def test_restored_with_less_on_the_same_day_the_day_is_charged_for_what_it_began_with():
    again = change("terminated", "2025-01-10 09:00"), change("restored", "2025-01-10 15:00", cpu=1)
    (line,) = lines(BORN, *again, unit="day")
    assert days(line) == [(4, 10), (1, 21)]


def test_restored_with_less_on_the_next_day_each_day_is_charged_for_its_own():
    again = change("terminated", "2025-01-10 09:00"), change("restored", "2025-01-11 15:00", cpu=1)
    (line,) = lines(BORN, *again, unit="day")
    assert days(line) == [(4, 10), (1, 21)]


def test_what_is_said_of_a_terminated_resource_is_not_heard():
    (line,) = lines(
        BORN, change("terminated", "2025-01-10"), change("limits", "2025-01-12", cpu=9), unit="day"
    )
    assert days(line) == [(4, 9)]


def test_pausing_changes_nothing():
    (line,) = lines(BORN, change("paused", "2025-01-10", cpu=4), unit="day")
    assert days(line) == [(4, 31)]


def test_days_are_those_of_the_customers_zone():
    history = a_history(
        CPU, a_plan(unit="day", cpu="1"), [created("2025-01-31 21:30", cpu=4)], zone="Europe/Tallinn"
    )
    assert [line.quantity for m in months("2025-01", 2) for line in invoice(history, m)] == [4, 112]
    (line,) = invoice(history, month("2025-02"))
    assert (line.start, line.end) == (moment("2025-01-31 22:00"), moment("2025-02-28 21:59:59.999999"))


def test_yen_have_no_hundredths():
    (line,) = lines(created("2025-01-15", cpu=4), currency="JPY", price="10")
    assert str(line.amount) == "22"  # 4 × 17 / 31 × 10 = 21.9…
