from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.core.builders import moment, month
from mercato.billing.core.periods import (
    Month,
    day_of,
    day_start,
    get_quantity,
    month_window,
    overlap,
    quarter_window,
    zone_of,
)

pytestmark = pytest.mark.pure

END = "month end"
WORKED = [
    # start, end, hour, day, half month, month: the table of contract 8.3
    ("2025-01-01 00:00", END, "744", "31", "2", "1"),
    ("2025-01-15 14:00", END, "394", "17", "1.07", "0.55"),
    ("2025-01-01 00:00", "2025-01-10 09:00", "225", "10", "0.65", "0.33"),
    ("2025-04-16 00:00", END, "360", "15", "1", "0.50"),
    ("2025-04-10 08:00", "2025-04-20 08:00", "240", "10", "0.74", "0.37"),
    ("2025-02-10 00:00", END, "456", "19", "1.43", "0.68"),
]


def until(start: str, end: str) -> datetime:
    return month_window(Month.of(moment(start)), UTC).end if end == END else moment(end)


@pytest.mark.parametrize(("start", "end", "hour", "day", "half_month", "in_months"), WORKED)
def test_the_worked_values(start, end, hour, day, half_month, in_months):
    expected = {"hour": hour, "day": day, "half_month": half_month, "month": in_months, "quantity": "1"}
    got = {unit: get_quantity(unit, moment(start), until(start, end)) for unit in expected}
    assert got == {unit: Decimal(value) for unit, value in expected.items()}


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2025-01-01", "2025-01-15 23:59", "1"),  # the first half
        ("2025-01-16", "2025-01-31 23:59", "1"),  # the second half, longer as it is
        ("2025-01-01", "2025-01-20 12:00", "1.33"),  # 1 + 5 / 15.5
        ("2025-01-01", "2025-01-16 12:00", "1.07"),  # 1 + 1 / 15.5
        ("2025-01-05", "2025-01-12 12:00", "0.52"),  # 8 / 15.5
        ("2025-02-28", "2025-02-28 12:00", "0.08"),  # 1 / 14
        ("2024-02-01", "2024-02-29 23:59", "2"),  # a leap month
    ],
)
def test_half_months(start, end, expected):
    assert get_quantity("half_month", moment(start), moment(end)) == Decimal(expected)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2025-01-01", "2025-01-31", 1),
        ("2025-01-01 14:00", "2025-01-31", 1),  # begins on the quarter's first day, whatever the hour
        ("2025-01-02", "2025-03-31", 0),
        ("2025-02-10", "2025-04-01", 1),
        ("2024-12-10", "2025-01-05", 1),
        ("2025-01-01", "2025-12-31", 4),
    ],
)
def test_quarters_that_begin(start, end, expected):
    assert get_quantity("quarter", moment(start), moment(end)) == expected


def test_the_whole_month_is_one_although_it_begins_at_noon():
    assert get_quantity("month", moment("2025-01-01 12:00"), moment("2025-01-31 03:00")) == 1


def test_a_minute_is_a_whole_begun_hour_and_day():
    minute = moment("2025-01-10 10:00"), moment("2025-01-10 10:01")
    assert [get_quantity(unit, *minute) for unit in ("hour", "day")] == [1, 1]


def test_a_month_quantity_of_two_months_is_refused():
    with pytest.raises(ValueError, match="not within one month"):
        get_quantity("month", moment("2025-01-10"), moment("2025-02-10"))


@pytest.mark.parametrize("zone", ["Europe/Tallinn", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut"])
@pytest.mark.parametrize("text", ["2025-03", "2025-04", "2025-10", "2025-11"])
def test_daylight_saving_changes_no_quantity_of_a_whole_month(zone, text):
    window = month_window(month(text), zone_of(zone))
    local = window.start.astimezone(zone_of(zone)), window.end.astimezone(zone_of(zone))
    assert get_quantity("day", *local) == window.days
    assert get_quantity("hour", *local) == window.days * 24


def test_the_end_of_summer_time_cannot_make_time_negative():
    start, end = datetime(2025, 10, 26, 0, 50, tzinfo=UTC), datetime(2025, 10, 26, 1, 10, tzinfo=UTC)
    tallinn = zone_of("Europe/Tallinn")
    assert start.astimezone(tallinn).replace(tzinfo=None) > end.astimezone(tallinn).replace(tzinfo=None)
    local = start.astimezone(tallinn), end.astimezone(tallinn)
    assert [get_quantity(unit, *local) for unit in ("hour", "day")] == [1, 1]


def test_a_day_belongs_to_the_zone():
    at = moment("2025-04-30 22:30")
    assert day_of(at, zone_of("UTC")) == date(2025, 4, 30)
    assert day_of(at, zone_of("Europe/Tallinn")) == date(2025, 5, 1)
    assert Month.of(at, "Europe/Tallinn") == month("2025-05")


def test_the_end_of_a_month_is_its_last_microsecond():
    window = month_window(month("2025-04"), zone_of("Europe/Tallinn"))
    assert window.end.astimezone(zone_of("Europe/Tallinn")).isoformat() == "2025-04-30T23:59:59.999999+03:00"
    assert window.start == moment("2025-04-01", "Europe/Tallinn")


def test_the_quarter_of_a_month():
    window = quarter_window(month("2025-05"), UTC)
    assert (window.first, window.last, window.days) == (date(2025, 4, 1), date(2025, 6, 30), 91)


def test_overlap_cuts_to_the_window_and_knows_none():
    window = month_window(month("2025-01"), UTC)
    inside = moment("2025-01-10"), moment("2025-01-20")
    assert overlap(*inside, window) == inside
    assert overlap(moment("2024-12-01"), None, window) == (window.start, window.end)
    assert overlap(moment("2024-12-01"), moment("2025-01-01"), window) is None
    assert overlap(moment("2025-02-01"), None, window) is None


def test_months_are_counted_through():
    assert month("2025-11").plus(3) == month("2026-02")
    assert month("2025-01").plus(-1) == month("2024-12")
    assert [m for m in range(1, 13) if Month(2025, m).starts_quarter] == [1, 4, 7, 10]
    assert str(month("2025-06").quarter) == "2025-04"
    assert month("2024-12") < month("2025-01")


@pytest.mark.parametrize(
    "text", ["2025", "2025-13", "2025-00", "25-01", "2025-1", "2025-01-01", "٢٠٢٥-٠١", ""]
)
def test_what_is_not_a_month(text):
    with pytest.raises(ValueError, match="not a month"):
        Month.parse(text)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_an_unknown_zone_is_named(name):
    with pytest.raises(ValueError, match="unknown time zone"):
        zone_of(name)


@settings(max_examples=100, deadline=None, database=None)
@given(
    day=st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    zone=st.sampled_from(["UTC", "Europe/Tallinn", "Asia/Kathmandu", "America/St_Johns", "Asia/Beirut"]),
)
def test_a_day_starts_on_that_day(day, zone):
    start = day_start(day, zone_of(zone))
    assert day_of(start, zone_of(zone)) == day
