from __future__ import annotations

import pytest

from billing.core.builders import a_component, a_history, a_plan, change, created, moment, month, months
from mercato.billing.core.invoice import invoice

pytestmark = pytest.mark.pure

QUOTA = a_component("quota", "limit", "total", measured_unit="GB")
BORN = created("2025-01-20 10:00", quota=100)


def billed(*changes, component=QUOTA, plans=None, first="2025-01", count=4):
    history = a_history(component, plans or [a_plan(quota="2.00")], changes)
    return [[(line.quantity, line.unit_price) for line in invoice(history, m)] for m in months(first, count)]


def test_the_limit_is_charged_once_and_whole():
    assert billed(BORN) == [[(100, 2)], [], [], []]
    (line,) = invoice(a_history(QUOTA, a_plan(unit="day", quota="2"), [BORN]), month("2025-01"))
    assert (line.kind, line.unit, str(line.amount)) == ("total", "quantity", "200.00")
    assert (line.start, line.end) == (moment("2025-01-20 10:00"), moment("2025-01-31 23:59:59.999999"))


def test_a_limit_ordered_at_the_first_moment_of_a_month_belongs_to_it():
    assert billed(created("2025-02-01", quota=5)) == [[], [(5, 2)], [], []]


def test_changes_charge_and_credit_the_difference_in_their_month():
    changes = BORN, change("limits", "2025-02-10", quota=150), change("limits", "2025-04-10", quota=30)
    assert billed(*changes) == [[(100, 2)], [(50, 2)], [], [(120, -2)]]


def test_one_more_is_charged_and_one_less_is_credited():
    changes = BORN, change("limits", "2025-02-10", quota=101), change("limits", "2025-03-10", quota=100)
    assert billed(*changes) == [[(100, 2)], [(1, 2)], [(1, -2)], []]


def test_several_changes_in_a_month_have_a_line_each():
    changes = BORN, change("limits", "2025-01-21", quota=150), change("limits", "2025-01-22", quota=100)
    assert billed(*changes, count=1) == [[(100, 2), (50, 2), (50, -2)]]


def test_termination_refunds_nothing():
    assert billed(BORN, change("terminated", "2025-02-10")) == [[(100, 2)], [], [], []]


def test_a_restoration_charges_only_what_is_more():
    again = change("terminated", "2025-02-10"), change("restored", "2025-03-10", quota=120)
    assert billed(BORN, *again) == [[(100, 2)], [], [(20, 2)], []]


def test_a_plan_switch_charges_nothing_but_later_differences_at_the_new_price():
    plans = [a_plan(quota="2"), a_plan("gold", quota="3")]
    changes = (
        BORN,
        change("plan", "2025-02-10", "gold", quota=100),
        change("limits", "2025-03-01", "gold", quota=90),
    )
    assert billed(*changes, plans=plans) == [[(100, 2)], [], [(10, -3)], []]


def test_a_switch_to_the_first_plan_that_prices_it_charges_it():
    plans = [a_plan(), a_plan("gold", quota="3")]
    assert billed(BORN, change("plan", "2025-02-10", "gold", quota=100), plans=plans) == [
        [],
        [(100, 3)],
        [],
        [],
    ]


def test_a_limit_lowered_to_nothing_is_given_back_but_not_one_that_is_lifted_or_left_out():
    assert billed(BORN, change("limits", "2025-02-10", quota=0))[1] == [(100, -2)]
    assert billed(BORN, change("limits", "2025-02-10", quota=-1))[1] == []
    assert billed(BORN, change("limits", "2025-02-10"))[1] == []
    assert billed(created("2025-01-20", quota=0)) == [[], [], [], []]


def test_it_is_divided_by_its_unit_factor():
    component = a_component("quota", "limit", "total", unit_factor=1024)
    assert billed(created("2025-01-20", quota=2048), component=component, count=1) == [[(2, 2)]]
