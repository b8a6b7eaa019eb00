"""Limit components by month, year, quarter and lifetime (contract 8.7 with 0.3-0.6).

A calendar day is charged for what the resource had at its end; if the limit was larger at the end of the
day before, for what it had then, on the plan of then. So an increase counts from its own day, a decrease
from the next, of several changes on one day the last one rules, and no day is charged twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from msgspec.structs import replace

from mercato.billing.core.history import UNLIMITED, Component, Limits, Plan
from mercato.billing.core.lines import Kind, Line, Period, make_line
from mercato.billing.core.money import minus, product
from mercato.billing.core.periods import DAY, Month, Window, day_end, day_start, get_quantity, quarter_window
from mercato.billing.core.timeline import Life, Run, State

ZERO = Decimal(0)


class Piece(NamedTuple):
    """Days `first` to `last` with one limit on one plan; `start` and `end` are its moments."""

    plan: str | None
    limit: Decimal
    first: date
    last: date
    start: datetime
    end: datetime


def month_lines(life: Life, component: Component, month: Window) -> list[Line]:
    """Month and annual limits: one line for each plan in the month, prorated by days (by hours, half months).

    Price by the day: Σ limit × days. By the month, quarter or piece: Σ limit × days / days of the month.
    By the hour or half month: Σ limit × `get_quantity` of the sub-period (0.3).
    """
    pieces = _pieces(life, component.type, life.runs, month)
    return _plan_lines(life, component, "limit", pieces, month.days)


def quarterly_lines(life: Life, component: Component, month: Month) -> list[Line]:
    """The lines of the quarter that begins in `month`, for all of the calendar quarter.

    None unless `month` begins a quarter and the resource lived in it (0.5). A resource that came to life
    in it is charged from the quarter's first day. Changes of limit or plan, and termination, later in the
    quarter reshape these lines (0.6). Price by the day: Σ limit × days; else Σ limit × days / days of the
    quarter, the price being for a quarter (0.4).
    """
    quarter = quarter_window(month, life.zone)
    runs = [run for run in life.runs if run.first <= quarter.last and run.last >= quarter.first]
    if not month.starts_quarter or not runs or runs[0].first > month.last:
        return []
    if runs[0].first > quarter.first:
        runs[0] = replace(runs[0], first=quarter.first, start=quarter.start, eve=None)
    pieces = _pieces(life, component.type, runs, quarter)
    return _plan_lines(life, component, "quarterly", pieces, quarter.days)


def total_lines(life: Life, component: Component, month: Window) -> list[Line]:
    """Lifetime limits: the limit once at creation, afterwards only the difference to what was billed before.

    A decrease is a line with a negative price at the plan's price of that moment. A missing or unlimited
    limit charges and credits nothing; nor does termination, nor a change of plan alone.
    """
    lines = []
    billed = ZERO
    for span in life.spans:
        priced = life.priced(span.plan, component.type)
        limit = span.limits.get(component.type, UNLIMITED)
        if priced is None or limit in (UNLIMITED, billed):
            continue
        plan, price = priced
        more, billed = minus(Decimal(limit), billed), Decimal(limit)
        if month.start <= span.start <= month.end:
            line = make_line(
                life,
                component,
                plan,
                "total",
                start=span.start,
                end=month.end,
                numerator=abs(more),
                denominator=component.unit_factor,
                unit_price=price.price if more > 0 else 0 - price.price,
            )
            lines.append(line)
    return lines


def charged_limit(limits: Limits, component: str) -> Decimal:
    """The limit that is charged for: 0 if it is missing or unlimited."""
    limit = limits.get(component, 0)
    return ZERO if limit == UNLIMITED else Decimal(limit)


def _pieces(life: Life, component: str, runs: Iterable[Run], window: Window) -> list[Piece]:
    pieces: list[Piece] = []
    for run in runs:
        first, last = max(run.first, window.first), min(run.last, window.last)
        if first > last:
            continue
        limit = _charged(life, component, (run.plan, run.limits))
        if first == run.first and run.eve is not None:
            larger = _charged(life, component, run.eve)
            if larger > limit:
                _add(pieces, _piece(life, run, run.eve[0], larger, first, first))
                first += DAY
        if first <= last:
            _add(pieces, _piece(life, run, run.plan, limit, first, last))
    return pieces


def _charged(life: Life, component: str, state: State) -> Decimal:
    plan, limits = state
    return ZERO if life.priced(plan, component) is None else charged_limit(limits, component)


def _piece(life: Life, run: Run, plan: str | None, limit: Decimal, first: date, last: date) -> Piece:
    start = run.start if first == run.first else day_start(first, life.zone)
    end = day_end(last, life.zone)
    if run.end is not None:
        end = min(run.end, end)
    return Piece(plan, limit, first, last, start, end)


def _add(pieces: list[Piece], piece: Piece) -> None:
    if pieces:
        last = pieces[-1]
        if (last.plan, last.limit, last.last + DAY) == (piece.plan, piece.limit, piece.first):
            pieces[-1] = last._replace(last=piece.last, end=piece.end)
            return
    pieces.append(piece)


def _plan_lines(
    life: Life, component: Component, kind: Kind, pieces: list[Piece], days_of: int
) -> list[Line]:
    lines = []
    for uuid, group in groupby(pieces, key=lambda piece: piece.plan):
        priced = life.priced(uuid, component.type)
        charged = [piece for piece in group if piece.limit]
        if priced is None or not charged:
            continue
        plan, price = priced
        by_unit = plan.unit == "day" or (kind == "limit" and plan.unit in ("hour", "half_month"))
        periods = tuple(_period(life, plan, piece, kind) for piece in charged)
        divisor = 1 if by_unit else days_of
        line = make_line(
            life,
            component,
            plan,
            kind,
            start=charged[0].start,
            end=charged[-1].end,
            numerator=sum((period.total for period in periods), ZERO),
            denominator=divisor * component.unit_factor,
            unit_price=price.price,
            unit=plan.unit,
            periods=periods,
            days_of=divisor,
        )
        lines.append(line)
    return lines


def _period(life: Life, plan: Plan, piece: Piece, kind: Kind) -> Period:
    if kind == "limit" and plan.unit in ("hour", "half_month"):
        times = get_quantity(plan.unit, piece.start.astimezone(life.zone), piece.end.astimezone(life.zone))
    else:
        times = Decimal((piece.last - piece.first).days + 1)
    return Period(piece.start, piece.end, piece.limit, times, product(piece.limit, times))
