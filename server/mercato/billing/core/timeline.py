"""A resource's life put in order: spans of one state (to the moment), and runs of days that end in one
state.

Whoever charges by the calendar day (limits) reads `runs`: every local day belongs to the state it ends
in, so a day is never charged twice, and a state that lasted for a part of one day only leaves no trace.
Whoever charges by the clock (fixed components) reads `spans`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, tzinfo
from itertools import zip_longest

from msgspec import Struct
from msgspec.structs import replace

from mercato.billing.core.history import CHANGE_KINDS, Change, Component, History, Limits, Plan, Price, check
from mercato.billing.core.money import exponent
from mercato.billing.core.periods import DAY, MICROSECOND, day_of, day_start, zone_of

State = tuple[str | None, Limits]


class Span(Struct, frozen=True):
    """One plan and one set of limits from `start` until before `end` (None: still).

    `continues`: the resource lived right up to `start`.
    """

    start: datetime
    end: datetime | None
    plan: str | None
    limits: Limits
    continues: bool


class Run(Struct, frozen=True):
    """The days `first` to `last` that ended with one plan and one set of limits.

    `start` and `end` (exclusive, None: still) are the moments. `continues`: the resource lived through the
    midnight before `first`; then `eve` is its plan and limits at that midnight.
    """

    first: date
    last: date
    start: datetime
    end: datetime | None
    plan: str | None
    limits: Limits
    continues: bool
    eve: State | None


class Life(Struct, frozen=True):
    """A checked history, ready to be billed for any month."""

    history: History
    zone: tzinfo
    places: int
    spans: tuple[Span, ...]
    runs: tuple[Run, ...]

    def component(self, type_: str) -> Component:
        """The component with that type."""
        return next(component for component in self.history.components if component.type == type_)

    def priced(self, plan: str | None, component: str) -> tuple[Plan, Price] | None:
        """The plan and its price of a component; None without a plan or without a price in it."""
        found = self.history.plans[plan] if plan is not None else None
        price = found.prices.get(component) if found is not None else None
        return None if found is None or price is None else (found, price)


def live(history: History) -> Life:
    """Check a history and put it in order; ValueError naming what cannot be true."""
    check(history)
    zone = zone_of(history.zone)
    spans = _spans(history.changes)
    return Life(history, zone, exponent(history.currency), spans, _runs(spans, zone))


def until(life: Life, day: date) -> Life:
    """The same life as if it had ended with the day before: what was owed for the days until then."""
    last = day - DAY
    midnight = day_start(day, life.zone)
    runs = tuple(
        run if run.last <= last else replace(run, last=last, end=midnight)
        for run in life.runs
        if run.first <= last
    )
    spans = tuple(
        span if span.end is not None and span.end <= midnight else replace(span, end=midnight)
        for span in life.spans
        if span.start < midnight
    )
    return replace(life, spans=spans, runs=runs)


def _rank(change: Change) -> tuple[object, ...]:
    # Of changes at one moment the highest seq rules; the rest only makes a tie independent of their order.
    limits = sorted(change.limits.items())
    return change.seq, CHANGE_KINDS.index(change.kind), change.plan or "", limits


def _ruling(changes: Iterable[Change]) -> list[tuple[datetime, Change]]:
    by_moment: dict[datetime, Change] = {}
    for change in changes:
        at = change.at.astimezone(UTC)
        rival = by_moment.get(at)
        if rival is None or _rank(rival) < _rank(change):
            by_moment[at] = change
    return sorted(by_moment.items(), key=lambda item: item[0])


def _spans(changes: tuple[Change, ...]) -> tuple[Span, ...]:
    if not changes:
        return ()
    created = min((change.at for change in changes if change.kind == "created"), default=None)
    if created is None:
        raise ValueError("the history has no 'created' change")
    ruling = _ruling(changes)
    if ruling[0][0] < created:
        raise ValueError(
            f"change {ruling[0][1].kind!r} at {ruling[0][0]} is earlier than the creation at {created}"
        )
    steps = _steps(ruling)
    spans: list[Span] = []
    lived = False
    for (at, change), following in zip_longest(steps, steps[1:]):
        if change is not None:
            end = following[0] if following is not None else None
            spans.append(Span(at, end, change.plan, change.limits, lived))
        lived = change is not None
    return tuple(spans)


def _steps(ruling: list[tuple[datetime, Change]]) -> list[tuple[datetime, Change | None]]:
    """The moments at which the state truly changes; None is a resource that is not there."""
    steps: list[tuple[datetime, Change | None]] = []
    state: Change | None = None
    for number, (at, change) in enumerate(ruling):
        # Whatever is said of a resource that is gone is not heard, until it is restored.
        gone = state is None and number > 0 and change.kind != "restored"
        after = None if gone or change.kind == "terminated" else change
        if _state(after) != _state(state):
            steps.append((at, after))
            state = after
    return steps


def _state(change: Change | None) -> State | None:
    return None if change is None else (change.plan, change.limits)


def _runs(spans: tuple[Span, ...], zone: tzinfo) -> tuple[Run, ...]:
    runs: list[Run] = []
    for span in spans:
        first = day_of(span.start, zone)
        last = date.max if span.end is None else day_of(span.end - MICROSECOND, zone)
        start, continues = span.start, span.continues
        if runs and runs[-1].last >= first:
            shared = runs.pop()
            if shared.first < first:
                start, continues = day_start(first, zone), True
                runs.append(replace(shared, last=first - DAY, end=start))
            else:
                start, continues = shared.start, shared.continues
        eve = (runs[-1].plan, runs[-1].limits) if continues else None
        runs.append(Run(first, last, start, span.end, span.plan, span.limits, continues, eve))
    return tuple(runs)
