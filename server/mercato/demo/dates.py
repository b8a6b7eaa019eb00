"""The moments of the story, counted back from the present."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

# The present month and the thirteen before it.
MONTHS = 14


class When(NamedTuple):
    """A day of a past month. In last month only days up to the 15th: what follows is told in days before now."""

    months_ago: int
    day: int


class Dates(NamedTuple):
    """All moments are aware and in UTC; months are those of UTC."""

    now: datetime

    def month(self, ago: int) -> date:
        """The first day of the month that lies so many months back."""
        index = self.now.year * 12 + self.now.month - 1 - ago
        return date(index // 12, index % 12 + 1, 1)

    def at(self, when: When, hour: int = 9, minute: int = 0) -> datetime:
        first = self.month(when.months_ago)
        return datetime(first.year, first.month, when.day, hour, minute, tzinfo=UTC)

    def before(self, *, days: int = 0, hours: int = 0, minutes: int = 0) -> datetime:
        """So long before now; at most twelve days, so that it comes after everything that a `When` can say."""
        return self.now - timedelta(days=days, hours=hours, minutes=minutes)

    def ahead(self, days: int) -> date:
        """The day so many days from now."""
        return self.now.date() + timedelta(days=days)

    @property
    def opening(self) -> datetime:
        """When the marketplace was set up."""
        return self.at(When(MONTHS - 1, 1), 5)

    def turns(self) -> Iterator[datetime]:
        """The mornings of the first days: by 06:00 UTC the new month has begun everywhere in Europe."""
        for ago in reversed(range(MONTHS)):
            moment = self.at(When(ago, 1), 6)
            if moment < self.now:
                yield moment

    def reports(self) -> Iterator[tuple[int, datetime]]:
        """(months ago, moment) of the evenings on which a month's use is reported; the present month's so far.

        On a last evening it is the next day already somewhere in Europe: then nothing more is reported.
        """
        for ago in reversed(range(MONTHS)):
            first = self.month(ago)
            last = self.at(When(ago, monthrange(first.year, first.month)[1]), 20)
            moment = min(last, self.now - timedelta(minutes=20))
            if moment > self.at(When(ago, 1), 0):
                yield ago, moment
