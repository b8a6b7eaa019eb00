"""Months, quarters, calendar days of the customer's zone, and how much of a plan's unit a stretch of time
is.

A local day runs from its midnight to the next; daylight saving changes neither the number of days nor, as
all formulas read the wall clock, the 24 hours a day is billed for. Stored moments are UTC; the end of a
day, month or quarter is its last microsecond, 23:59:59.999999 local.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

from mercato.billing.core.history import Unit
from mercato.billing.core.money import roundup

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
ONE = Decimal(1)


class Month(Struct, frozen=True, order=True):
    """A calendar month; which moments belong to it depends on the zone."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1970 <= self.year < 3000 and 1 <= self.month <= 12):
            raise ValueError(f"not a month: {self.year}-{self.month}")

    @classmethod
    def of(cls, at: datetime, zone: str = "UTC") -> Month:
        """The month an aware moment falls in, on the calendar of `zone`."""
        if at.tzinfo is None:
            raise ValueError(f"{at} has no time zone")
        local = at.astimezone(zone_of(zone))
        return cls(local.year, local.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """`2025-04`; ValueError for anything else."""
        year, dash, month = text.partition("-")
        if not (
            dash
            and len(year) == 4
            and len(month) == 2
            and (year + month).isascii()
            and (year + month).isdigit()
        ):
            raise ValueError(f"not a month (YYYY-MM): {text!r}")
        return cls(int(year), int(month))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first(self) -> date:
        """Its first day, the name of a billing period."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    @property
    def index(self) -> int:
        """Months counted through; the difference of two is their distance."""
        return self.year * 12 + self.month - 1

    def plus(self, months: int) -> Month:
        """The month that many later (or earlier, if negative)."""
        year, month = divmod(self.index + months, 12)
        return Month(year, month + 1)

    @property
    def starts_quarter(self) -> bool:
        """January, April, July, October: the months whose invoices carry quarterly lines."""
        return self.month % 3 == 1

    @property
    def quarter(self) -> Month:
        """The first month of its quarter."""
        return self.plus(-(self.index % 3))


class Window(Struct, frozen=True):
    """The whole days `first` to `last`: their number, and their first and last moment in UTC."""

    first: date
    last: date
    days: int
    start: datetime
    end: datetime


@lru_cache(maxsize=256)
def zone_of(name: str) -> tzinfo:
    """The zone with that IANA name, else ValueError. UTC needs no zone database on the machine."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone: {name!r}") from error


@lru_cache(maxsize=4096)
def day_start(day: date, zone: tzinfo) -> datetime:
    """The first moment of a local day, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_end(day: date, zone: tzinfo) -> datetime:
    """The last microsecond of a local day, in UTC."""
    return day_start(day + DAY, zone) - MICROSECOND


def day_of(at: datetime, zone: tzinfo) -> date:
    """The local day a moment falls in."""
    return at.astimezone(zone).date()


@lru_cache(maxsize=1024)
def month_window(month: Month, zone: tzinfo) -> Window:
    """All of a month."""
    return _window(month.first, month.last, zone)


@lru_cache(maxsize=1024)
def quarter_window(month: Month, zone: tzinfo) -> Window:
    """All of the calendar quarter that `month` lies in."""
    return _window(month.quarter.first, month.quarter.plus(2).last, zone)


def _window(first: date, last: date, zone: tzinfo) -> Window:
    return Window(first, last, (last - first).days + 1, day_start(first, zone), day_end(last, zone))


def overlap(start: datetime, end: datetime | None, window: Window) -> tuple[datetime, datetime] | None:
    """The part of [start, end) inside the window, its end as the last moment in it; None if there is none."""
    if start > window.end or (end is not None and end <= window.start):
        return None
    return max(start, window.start), window.end if end is None or end > window.end else end


def get_quantity(unit: Unit, start: datetime, end: datetime) -> Decimal:
    """How many of a plan's `unit` the time from `start` to `end` is (contract 8.3, formulas there taken
    literally).

    Both in the billing zone and, for `month` and `half_month`, in the same month (else ValueError). Begun
    hours and days count whole; parts of a month or half month are rounded up to hundredths; `quarter`
    counts the quarters that begin in the stretch; `quantity` is always one.
    """
    # The wall clock rules (a day has 24 hours). It may even run backwards over the end of summer time, yet
    # whatever existed has lasted.
    start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    elapsed = max(end - start, MICROSECOND)
    if unit == "hour":
        return Decimal(-(-elapsed // timedelta(hours=1)))
    if unit == "day":
        return Decimal(-(-elapsed // DAY))
    if unit == "quantity":
        return ONE
    if unit == "quarter":
        begins = start.day == 1 and start.month % 3 == 1
        return Decimal(_quarter_index(end) - _quarter_index(start) + begins)
    if (start.year, start.month) != (end.year, end.month):
        raise ValueError(f"{start} to {end} is not within one month")
    if unit == "month":
        return _months(start.day, end.day, elapsed.days, monthrange(start.year, start.month)[1])
    return _half_months(start.day, end.day, monthrange(start.year, start.month)[1])


def _quarter_index(at: datetime) -> int:
    return at.year * 4 + (at.month - 1) // 3


def _months(first: int, last: int, elapsed_days: int, days: int) -> Decimal:
    return ONE if (first, last) == (1, days) else roundup(Decimal(elapsed_days + 1) / days)


def _half_months(first: int, last: int, days: int) -> Decimal:
    if (first, last) in ((1, 15), (16, days)):
        return ONE
    if (first, last) == (1, days):
        return Decimal(2)
    half = Decimal(days) / 2
    if first == 1 and last > 15:
        return roundup(1 + (last - 15) / half)
    if first < 16 and last == days:
        return roundup(1 + (16 - first) / half)
    return roundup((last - first + 1) / half)
