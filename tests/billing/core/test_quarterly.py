from __future__ import annotations

import pytest

from billing.core.builders import a_component, a_history, a_plan, change, created, moment, month, months
from mercato.billing.core.invoice import corrections, difference, invoice, total

pytestmark = pytest.mark.pure

STORAGE = a_component("storage", "limit", "quarterly", measured_unit="GB")
BORN = created("2025-04-01", storage=100)


def a_quarter(*changes, unit="day", price="1.00", plans=(), **more):
    return a_history(STORAGE, plans or [a_plan(unit=unit, storage=price)], changes, **more)


def quantities(history, first="2025-04", count=3):
    return [[line.quantity for line in invoice(history, m)] for m in months(first, count)]


def test_the_specifications_quarter():
    (line,) = invoice(a_quarter(BORN, change("limits", "2025-05-10 11:00", storage=150)), month("2025-04"))
    assert line.quantity == 100 * 39 + 150 * 52 == 11700
    assert [(p.quantity, p.billing_periods, p.total) for p in line.periods] == [
        (100, 39, 3900),
        (150, 52, 7800),
    ]
    assert (line.start, line.end) == (moment("2025-04-01"), moment("2025-06-30 23:59:59.999999"))
    assert line.periods[0].end == moment("2025-05-09 23:59:59.999999")
    assert line.periods[1].start == moment("2025-05-10")
    assert line.unit_price == 1


def test_before_the_change_the_whole_quarter_is_charged():
    (line,) = invoice(a_quarter(BORN), month("2025-04"))
    assert line.quantity == 100 * 91


@pytest.mark.parametrize("unit", ["month", "quarter", "quantity", "hour", "half_month"])
def test_with_any_other_unit_the_price_is_for_the_quarter(unit):
    (line,) = invoice(a_quarter(BORN, unit=unit), month("2025-04"))
    assert line.quantity == 100
    (line,) = invoice(
        a_quarter(BORN, change("limits", "2025-05-10", storage=191), unit=unit), month("2025-04")
    )
    assert line.quantity == 100 + 52  # 91 more for 52 of 91 days


def test_it_is_charged_in_the_first_month_only():
    assert quantities(a_quarter(BORN), count=7) == [[9100], [], [], [9200], [], [], [9200]]


@pytest.mark.parametrize("at", ["2025-04-20 15:00", "2025-04-30 23:59"])
def test_created_within_the_first_month_it_is_charged_from_the_quarters_first_day(at):
    (line,) = invoice(a_quarter(created(at, storage=100)), month("2025-04"))
    assert (line.quantity, line.start) == (9100, moment("2025-04-01"))


@pytest.mark.parametrize("at", ["2025-05-01", "2025-06-30"])
def test_created_later_it_is_free_until_the_next_quarter(at):
    assert quantities(a_quarter(created(at, storage=100)), count=4) == [[], [], [], [9200]]


def test_termination_ends_the_line_at_its_moment():
    history = a_quarter(BORN, change("terminated", "2025-05-10 11:00"))
    (line,) = invoice(history, month("2025-04"))
    assert (line.quantity, line.end) == (100 * 40, moment("2025-05-10 11:00"))
    assert quantities(history, count=4) == [[4000], [], [], []]


def test_a_decrease_counts_from_the_next_day():
    assert quantities(a_quarter(BORN, change("limits", "2025-05-10", storage=10)), count=1) == [[4000 + 510]]


def test_changes_on_the_quarters_edges_count_by_the_same_rule():
    assert quantities(a_quarter(BORN, change("limits", "2025-06-30 12:00", storage=150)), count=1) == [[9150]]
    lowered = a_quarter(BORN, change("limits", "2025-07-01 12:00", storage=10))
    assert quantities(lowered, "2025-07", 1) == [[100 + 910]]


def test_a_plan_switch_divides_the_quarter_by_days():
    plans = [a_plan(unit="day", storage="1"), a_plan("gold", unit="day", storage="2")]
    history = a_quarter(BORN, change("plan", "2025-05-10 12:00", "gold", storage=100), plans=plans)
    assert [(line.plan, line.quantity) for line in invoice(history, month("2025-04"))] == [
        ("basic", 3900),
        ("gold", 5200),
    ]
    assert quantities(history)[1:] == [[], []]


def test_restored_in_the_first_month_it_is_not_charged_for_the_gap_it_was_billed_for():
    history = a_quarter(
        BORN, change("terminated", "2025-04-10 10:00"), change("restored", "2025-04-21", storage=100)
    )
    assert quantities(history, count=1) == [[1000 + 7100]]


def test_restored_after_the_first_month_it_is_free_until_the_next_quarter():
    history = a_quarter(
        BORN, change("terminated", "2025-06-10"), change("restored", "2025-08-01", storage=100)
    )
    assert quantities(history, count=7) == [[7000], [], [], [], [], [], [9200]]


def test_a_line_that_should_never_have_been_is_credited_whole():
    (credit,) = corrections(invoice(a_quarter(BORN), month("2025-04")), (), month("2025-05"))
    assert credit.amount == -9100


def test_what_a_closed_invoice_charged_too_much_is_credited():
    closed = invoice(a_quarter(BORN), month("2025-04"))
    wanted = invoice(a_quarter(BORN, change("terminated", "2025-05-10 11:00")), month("2025-04"))
    (credit,) = corrections(closed, wanted, month("2025-05"))
    assert (credit.kind, credit.quantity, credit.unit_price, str(credit.amount)) == (
        "correction",
        1,
        -5100,
        "-5100.00",
    )
    assert credit.name == "vm-1 (Cloud / Basic) / Storage (correction)"
    assert credit.corrects == closed[0].key
    assert (credit.start, credit.end) == (moment("2025-05-01"), moment("2025-05-31 23:59:59.999999"))
    assert total((*closed, credit)) == total(wanted)


def test_what_it_charged_too_little_is_charged():
    closed = invoice(a_quarter(BORN), month("2025-04"))
    wanted = invoice(a_quarter(BORN, change("limits", "2025-05-10", storage=150)), month("2025-04"))
    assert [line.amount for line in corrections(closed, wanted, month("2025-05"))] == [2600]


def test_a_line_that_a_closed_invoice_lacks_is_charged_whole():
    plans = [a_plan(unit="day", storage="1"), a_plan("gold", unit="day", storage="2")]
    switched = a_quarter(BORN, change("plan", "2025-05-10 12:00", "gold", storage=100), plans=plans)
    found = corrections(
        invoice(a_quarter(BORN), month("2025-04")), invoice(switched, month("2025-04")), month("2025-05")
    )
    assert sorted((line.plan, line.amount) for line in found) == [("basic", -5200), ("gold", 10400)]


def test_a_settled_quarter_is_not_settled_again():
    closed = invoice(a_quarter(BORN), month("2025-04"))
    wanted = invoice(a_quarter(BORN, change("terminated", "2025-05-10 11:00")), month("2025-04"))
    settled = corrections(closed, wanted, month("2025-05"))
    assert corrections((*closed, *settled), wanted, month("2025-06")) == ()
    assert not difference(settled, corrections(closed, wanted, month("2025-05")))


def test_a_second_change_settles_the_rest():
    closed = invoice(a_quarter(BORN), month("2025-04"))
    more = change("limits", "2025-05-10", storage=150)
    first = corrections(closed, invoice(a_quarter(BORN, more), month("2025-04")), month("2025-05"))
    end = invoice(a_quarter(BORN, more, change("terminated", "2025-06-15 10:00")), month("2025-04"))
    second = corrections((*closed, *first), end, month("2025-06"))
    assert [line.amount for line in second] == [-150 * 15]
    assert total((*closed, *first, *second)) == total(end)


def test_only_quarterly_lines_are_settled():
    fee = a_component("fee", "fixed")
    plan = a_plan(fee="10")
    closed = invoice(a_history(fee, plan, [created("2025-04-01")]), month("2025-04"))
    assert corrections(closed, (), month("2025-05")) == ()
