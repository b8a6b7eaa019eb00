"""The story fits before any present moment: no act in the future, everything in its order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from mercato.demo.dates import MONTHS, Dates
from mercato.demo.measures import Flow, Stock, amount
from mercato.demo.story import LIVES, acts_of

pytestmark = pytest.mark.pure

AWKWARD = [
    datetime(2027, 3, 1, 0, 0, 1, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 59, tzinfo=UTC),
    datetime(2026, 12, 31, 22, 30, tzinfo=UTC),
    datetime(2027, 1, 1, 5, 59, tzinfo=UTC),
    *(datetime(2026, 11, 20, 13, 0, tzinfo=UTC) + timedelta(days=n * 26, hours=n) for n in range(14)),
]


@pytest.mark.parametrize("now", AWKWARD, ids=str)
def test_everything_happens_between_the_opening_and_now(now):
    dates = Dates(now)
    moments = [act.at for act in acts_of(dates)]
    assert dates.opening < min(moments)
    assert max(moments) <= now
    assert len(set(dates.turns())) >= MONTHS - 1


@pytest.mark.parametrize("now", AWKWARD, ids=str)
def test_reports_are_in_the_month_that_they_are_about(now):
    dates = Dates(now)
    found = list(dates.reports())
    assert all(moment.date().replace(day=1) == dates.month(ago) for ago, moment in found)
    assert len({moment for _, moment in found}) == len(found)


def test_last_month_s_days_leave_room_for_the_last_days():
    whens = [when for life in LIVES for when in (life.born, *(change.when for change in life.changes))]
    assert all(1 <= when.months_ago < MONTHS and when.day <= 28 for when in whens)
    assert all(when.day <= 15 for when in whens if when.months_ago == 1)


def test_lives_have_their_own_names_and_changes_come_in_order():
    assert len({life.name for life in LIVES}) == len(LIVES)
    for life in LIVES:
        days = [(-when.months_ago, when.day) for when in (life.born, *(c.when for c in life.changes))]
        assert days == sorted(days), life.name


def test_the_same_story_every_time():
    told = [[(act.at, act.who, act.do.__qualname__) for act in acts_of(Dates(AWKWARD[0]))] for _ in range(2)]
    assert told[0] == told[1]


# -- amounts -----------------------------------------------------------------------------------

BORN = datetime(2026, 1, 11, tzinfo=UTC)


def _amounts(use, months, day=28):
    found = {}
    for month in months:
        moment = datetime(2026, month, day, 20, tzinfo=UTC)
        found[month] = amount(use, "vm cpu", date(2026, month, 1), BORN, moment)
    return found


def test_summers_are_quiet():
    found = {month: float(text) for month, text in _amounts(Flow(1000), range(2, 13)).items()}
    assert max(found[7], found[8]) < 0.8 * min(found[m] for m in (3, 4, 5, 10, 11))


def test_a_month_s_flow_grows_with_its_days():
    early, late = (float(_amounts(Flow(1000), [5], day)[5]) for day in (7, 28))
    assert 0 < early < late / 3


def test_a_quarter_s_and_a_life_s_reports_add_up_to_the_level():
    plain = _amounts(Stock(100, 10), range(1, 7))
    by_quarter = _amounts(Stock(100, 10, "quarter"), range(1, 7))
    by_life = _amounts(Stock(100, 10, "life"), range(1, 7))
    assert by_quarter[1] == by_life[1] == plain[1]
    assert by_quarter[4] == plain[4]
    assert float(by_quarter[4]) + float(by_quarter[5]) == float(plain[5])
    assert sum(map(float, by_life.values())) == float(plain[6])


def test_courses_are_reported_once_a_quarter():
    found = _amounts(Flow(8, courses=True), range(1, 7))
    assert [month for month, text in found.items() if text is not None] == [3, 6]
