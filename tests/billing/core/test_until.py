"""A life cut short: what was owed for the days before one (resources that go on to somebody else)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.core.builders import a_component, a_history, a_plan, change, created, month
from mercato.billing.core.invoice import lines_of
from mercato.billing.core.timeline import live, until

pytestmark = pytest.mark.pure

STORAGE = a_component("storage", "limit", "quarterly", measured_unit="GB")
FIRST, LAST = date(2025, 4, 1), date(2025, 6, 30)


def quantity(history, day):
    """Days times limit that the quarter's lines count until before the day."""
    return sum(line.quantity for line in lines_of(until(live(history), day), month("2025-04")))


def a_quarter(*changes, zone="UTC"):
    return a_history(STORAGE, [a_plan(unit="day", storage="1.00")], changes, zone=zone)


def test_the_days_before_a_month():
    history = a_quarter(created("2025-04-01", storage=100))
    assert [quantity(history, date(2025, m, 1)) for m in (4, 5, 6, 7)] == [0, 3000, 6100, 9100]


def test_it_ends_with_the_day_before():
    [line] = lines_of(
        until(live(a_quarter(created("2025-04-01", storage=100))), date(2025, 5, 1)), month("2025-04")
    )
    assert str(line.end) == "2025-04-30 23:59:59.999999+00:00"
    assert (
        line.start == lines_of(live(a_quarter(created("2025-04-01", storage=100))), month("2025-04"))[0].start
    )


def test_what_changed_on_the_day_itself_counts_for_later():
    history = a_quarter(created("2025-04-01", storage=100), change("limits", "2025-05-01 10:00", storage=300))
    assert quantity(history, date(2025, 5, 1)) == 3000
    assert quantity(history, date(2025, 5, 2)) == 3300


def test_who_had_ended_before_is_as_before():
    history = a_quarter(
        created("2025-04-01", storage=100), change("terminated", "2025-04-10 12:00", storage=100)
    )
    assert quantity(history, date(2025, 5, 1)) == quantity(history, date(2025, 7, 1)) == 1000


def test_the_zone_decides_which_day_it_is():
    history = a_quarter(
        created("2025-04-01", storage=100),
        change("limits", "2025-04-30 23:30", storage=300),
        zone="Europe/Tallinn",  # there it is the first of May already
    )
    assert quantity(history, date(2025, 5, 1)) == 3000


LIMITS = st.lists(st.tuples(st.integers(0, 90), st.integers(0, 50)), max_size=6)


@settings(max_examples=150, deadline=None)
@given(LIMITS, st.integers(0, 91), st.integers(0, 91))
def test_parts_are_never_negative_and_sum_to_the_whole(changes, one, other):
    told = [created("2025-04-01", storage=10)]
    for seq, (day, limit) in enumerate(sorted(changes), 1):
        told.append(change("limits", f"{FIRST + timedelta(days=day)} 12:00", seq=seq, storage=limit))
    history = a_quarter(*told)
    early, late = sorted((one, other))
    before, between = (quantity(history, FIRST + timedelta(days=n)) for n in (early, late))
    whole = sum(line.quantity for line in lines_of(live(history), month("2025-04")))
    assert 0 <= before <= between <= whole
    assert quantity(history, LAST + timedelta(days=1)) == whole
