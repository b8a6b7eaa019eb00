"""What resources use: believable amounts, the same for the same month whenever they are asked for."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

# A year of research, in percent of an ordinary month: quiet summers, proposals and theses in autumn.
SEASONS = (92, 100, 108, 104, 110, 97, 68, 61, 95, 112, 116, 74)
WINDOWS = {"month": 1, "quarter": 3}


class Flow(NamedTuple):
    """What runs through: hours, traffic, requests. `each` month, growing by `grows` percent of it a month.

    `courses`: only reported in the last month of a quarter, for all of it.
    """

    each: int
    grows: int = 0
    courses: bool = False


class Stock(NamedTuple):
    """What lies there: stored data, used licences. `level` at first, growing by `grows` percent of it a month.

    Limits count all reports of their period together, so within a quarter (`window` "quarter") or a whole
    life ("life") only the first report says the level, the others what has been added.
    """

    level: int
    grows: int = 0
    window: str = "month"


Use = Flow | Stock


def amount(use: Use, name: str, month: date, born: datetime, moment: datetime) -> str | None:
    """What is reported at `moment` for the month (its first day): a decimal text, None for no report."""
    age = _months(month) - _months(born.date())
    if isinstance(use, Stock):
        hundredths = _stock(use, name, month, age)
    elif use.courses and month.month % 3:
        return None
    else:
        hundredths = _flow(use, name, month, age) * _elapsed(month, born, moment) // 1000
    return f"{hundredths // 100}.{hundredths % 100:02}"


def _months(day: date) -> int:
    return day.year * 12 + day.month - 1


def _flow(use: Flow, name: str, month: date, age: int) -> int:
    season = 100 if use.courses else SEASONS[month.month - 1]
    whole = use.each * (100 + use.grows * age) * season * _wobble(name, month, 9) // 10000
    # Whole units where there are many, quarters where there are few.
    step = 100 if use.each >= 40 else 25
    return whole // step * step


def _stock(use: Stock, name: str, month: date, age: int) -> int:
    level = _level(use, name, month, age)
    if use.window == "month" or age == 0 or (use.window == "quarter" and month.month % 3 == 1):
        return level
    before = (month - timedelta(days=1)).replace(day=1)
    return max(0, level - _level(use, name, before, age - 1))


def _level(use: Stock, name: str, month: date, age: int) -> int:
    return use.level * (100 + use.grows * age) * _wobble(name, month, 2) // 10000 * 100


def _wobble(name: str, month: date, percent: int) -> int:
    """A little more or less than 100 percent."""
    return chance(f"{name} {month}", 100 - percent, 100 + percent)


def chance(about: str, least: int, most: int) -> int:
    """A number between two others, by chance, but always the same about the same."""
    return random.Random(about).randint(least, most)  # noqa: S311 nothing secret depends on it


def _elapsed(month: date, born: datetime, moment: datetime) -> int:
    """The thousandths of the month that the resource has lived at that moment."""
    start = datetime(month.year, month.month, 1, tzinfo=UTC)
    end = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
    lived = (moment - max(start, born)) // timedelta(seconds=1)
    return max(0, lived * 1000 // ((end - start) // timedelta(seconds=1)))
