"""What holds for every history. The numbers are those of the invariants in the core's README."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from billing.core.builders import a_component, a_history, a_plan, exact, months
from mercato.billing.core.history import Change, Usage
from mercato.billing.core.invoice import corrections, difference, invoice, total
from mercato.billing.core.periods import Month, day_of, zone_of
from mercato.billing.core.receipt import preview
from mercato.billing.core.usage import draw

pytestmark = pytest.mark.pure
few = settings(max_examples=50, deadline=None, database=None)

ZONES = ("UTC", "Europe/Tallinn", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
FIRST, COUNT = "2024-12", 11  # the first change may still be December in the west
STEP = timedelta(minutes=15)
COMPONENTS = (
    a_component("cpu", "limit", "month"),
    a_component("ram", "limit", "annual", unit_factor=3),
    a_component("disk", "limit", "quarterly"),
    a_component("quota", "limit", "total"),
    a_component("fee", "fixed"),
    a_component("setup", "one"),
    a_component("switch", "few"),
    a_component("traffic", "usage"),
    a_component("excess", "usage"),
    a_component("hours", "usage", "quarterly", is_prepaid=True, overage_component="excess"),
)
PRICE = {component.type: "0.37" for component in COMPONENTS}
LIMITED = ("cpu", "ram", "disk")  # whose quantities must not depend on how their time is cut

numbers = st.integers(0, 40)
limits = st.fixed_dictionaries(dict.fromkeys((*LIMITED, "quota", "hours"), numbers))
# Quarters of an hour from the new year on; often midnights (in UTC) and often the same few days, to meet the edges.
moments = st.one_of(
    st.integers(0, 270).map(lambda day: day * 96), st.integers(0, 270 * 96), st.integers(88 * 96, 92 * 96)
).map(lambda steps: datetime(2025, 1, 1, tzinfo=UTC) + steps * STEP)


@st.composite
def histories(
    draw_, units=("month", "day"), plans=("a", "b"), kinds=("limits", "plan", "paused"), mortal=True
):
    unit = draw_(st.sampled_from(units))
    times = sorted(draw_(st.lists(moments, min_size=1, max_size=6, unique=True)))
    changes = [Change(times[0], "created", draw_(st.sampled_from(plans)), draw_(limits), 0)]
    for number, at in enumerate(times[1:], 1):
        kind = draw_(st.sampled_from((*kinds, "terminated", "restored") if mortal else kinds))
        changes.append(Change(at, kind, draw_(st.sampled_from(plans)), draw_(limits), number))
    usages = draw_(
        st.lists(
            st.builds(
                Usage,
                st.sampled_from(("traffic", "hours")),
                st.integers(1, 10).map(lambda number: date(2025, number, 1)),
                st.decimals(0, 60, places=2),
                st.sampled_from((None, *plans)),
                st.integers(0, 3),
            ),
            max_size=6,
        )
    )
    return a_history(
        COMPONENTS,
        [a_plan(plan, unit, **PRICE) for plan in plans],
        changes,
        usages,
        zone=draw_(st.sampled_from(ZONES)),
    )


def all_lines(history):
    return [line for m in months(FIRST, COUNT) for line in invoice(history, m)]


def quantities(history, names=LIMITED):
    """The exact sum over all months and plans, for each component."""
    found = dict.fromkeys(names, Fraction(0))
    for line in all_lines(history):
        if line.component in found:
            found[line.component] += exact(line)
    return found


def shuffled(items, seed, repeat=2):
    items = list(items) * repeat
    random.Random(seed).shuffle(items)
    return tuple(items)


@few
@given(histories(), st.integers())
def test_1_order_and_repetition_do_not_matter(history, seed):
    again = replace(history, changes=shuffled(history.changes, seed), usages=shuffled(history.usages, seed))
    assert all_lines(again) == all_lines(history)


@few
@given(histories(), moments)
def test_2_a_change_to_the_same_state_is_invisible(history, at):
    before = [change for change in history.changes if change.at <= at]
    assume(before and before[-1].kind != "terminated")
    same = replace(before[-1], at=at, kind="limits", seq=99)
    assert all_lines(replace(history, changes=(*history.changes, same))) == all_lines(history)


@few
@given(histories(), limits)
def test_2_a_state_that_lasts_for_no_time_is_invisible(history, blink):
    later = history.changes[-1]
    passing = Change(later.at, "limits", later.plan, blink, later.seq - 1)
    assume(len(history.changes) > 1)
    assert all_lines(replace(history, changes=(*history.changes, passing))) == all_lines(history)


@few
@given(histories(units=("month", "day", "quantity", "quarter"), plans=("a",)), moments)
def test_3_cutting_time_keeps_the_exact_quantities(history, at):
    """The cut is a switch to a plan of the same prices, and stays: every later change is on the twin."""
    before = [change for change in history.changes if change.at <= at]
    assume(before and before[-1].kind != "terminated")
    twin = replace(history.plans["a"], uuid="twin")
    cut = replace(before[-1], at=at, kind="plan", plan="twin", seq=99)
    later = [replace(change, plan="twin") for change in history.changes if change.at > at]
    halves = replace(
        history,
        plans=history.plans | {"twin": twin},
        changes=(*before, cut, *later),
        usages=tuple(replace(usage, plan="a") for usage in history.usages),
    )
    whole = replace(history, usages=halves.usages)
    names = (*LIMITED, "quota", "traffic", "excess")
    assert quantities(halves, names) == quantities(whole, names)


def charged_days(history, component):
    """The same by counting: every quarter of an hour is looked at, and what was there at the end of each day."""
    zone = zone_of(history.zone)
    changes = sorted(history.changes, key=lambda change: change.at)
    at, state, ends = changes[0].at, None, {}
    while at < datetime(2025, 12, 1, tzinfo=UTC):
        while changes and changes[0].at <= at:
            change = changes.pop(0)
            alive = state is not None or change.kind in ("created", "restored")
            state = change if alive and change.kind != "terminated" else None
        if state is not None:
            ends[day_of(at, zone)] = (state.limits[component], at)
        at += STEP
    days = {}
    for day, (limit, last) in ends.items():
        eve = ends.get(day - timedelta(days=1))
        lived_on = eve is not None and day_of(eve[1] + STEP, zone) == day and _alive(history, eve[1] + STEP)
        days[day] = max(limit, eve[0]) if lived_on else limit
    return days


def _alive(history, at):
    alive = False
    for change in sorted(history.changes, key=lambda change: change.at):
        if change.at <= at:
            alive = (alive or change.kind in ("created", "restored")) and change.kind != "terminated"
    return alive


@settings(max_examples=30, deadline=None, database=None)
@given(histories(units=("day",), plans=("a", "b")))
def test_4_every_day_is_charged_once_for_the_limit_of_the_rule(history):
    days = charged_days(history, "cpu")
    for m in months(FIRST, COUNT):
        counted = sum(limit for day, limit in days.items() if Month(day.year, day.month) == m)
        assert sum(exact(line) for line in invoice(history, m) if line.component == "cpu") == counted


@few
@given(histories(), st.integers(0, 5), st.sampled_from(LIMITED), st.integers(1, 9))
def test_5_raising_a_finite_limit_never_lowers_a_quantity(history, which, component, more):
    which %= len(history.changes)
    changes = list(history.changes)
    changes[which] = replace(
        changes[which], limits=changes[which].limits | {component: changes[which].limits[component] + more}
    )
    raised, before = quantities(replace(history, changes=tuple(changes))), quantities(history)
    assert raised[component] >= before[component]
    assert {name: raised[name] for name in LIMITED if name != component} == {
        name: before[name] for name in LIMITED if name != component
    }


@few
@given(histories(units=("month", "day", "hour", "half_month", "quarter", "quantity")))
def test_6_rounding_favours_the_seller_by_less_than_a_cent_a_line(history):
    lines = [line for line in all_lines(history) if line.unit_price > 0]
    due = sum(Fraction(line.unit_price) * exact(line) for line in lines)
    assert 0 <= Fraction(total(lines)) - due < Fraction(max(1, len(lines)), 100)
    assert all(
        Fraction(line.amount) <= Fraction(line.unit_price) * exact(line)
        for line in all_lines(history)
        if line.unit_price < 0
    )


@few
@given(histories(), st.lists(st.integers(0, COUNT - 1), unique=True))
def test_7_a_one_time_price_is_charged_once_in_any_sequence_of_months(history, some):
    assert len([line for line in all_lines(history) if line.kind == "one"]) == 1
    chosen = [line for number in some for line in invoice(history, months(FIRST, COUNT)[number])]
    assert len([line for line in chosen if line.kind == "one"]) <= 1


@few
@given(
    st.decimals(0, 10**6, places=2),
    st.decimals(0, 10**6, places=2),
    st.integers(0, 10**6),
    st.sampled_from([1, 60]),
)
def test_8_prepaid_and_overage_sum_to_the_use(amount, before, allowance, factor):
    covered, beyond = draw(amount, before, Decimal(allowance), factor)
    assert covered >= 0
    assert beyond >= 0
    assert covered + beyond == amount * factor
    assert not beyond or covered + min(before * factor, allowance) == allowance


@few
@given(histories(kinds=("limits",), mortal=False))
def test_8_overage_is_what_a_balance_does_not_cover(history):
    reports = [usage for usage in history.usages if usage.component == "hours"][:1]
    for usage in reports:
        in_month = Month(usage.period.year, usage.period.month)
        known = [change for change in history.changes if Month.of(change.at, history.zone) <= in_month]
        included = (known or history.changes)[-1 if known else 0].limits["hours"]
        lines = invoice(replace(history, usages=(usage,)), in_month)
        over = sum(exact(line) for line in lines if line.kind == "overage")
        assert over == max(0, Fraction(usage.amount) - included)


@few
@given(histories(mortal=False))
def test_9_the_changes_of_a_total_limit_sum_to_it(history):
    lines = [line for line in all_lines(history) if line.component == "quota"]
    signed = sum(exact(line) if line.unit_price > 0 else -exact(line) for line in lines)
    assert signed == history.changes[-1].limits["quota"]


@few
@given(histories())
def test_10_a_total_is_the_sum_of_lines_whose_keys_all_differ(history):
    lines = all_lines(history)
    assert total(lines) == sum(line.amount for line in lines)
    assert len({line.key for line in lines}) == len(lines)


@few
@given(histories(), histories())
def test_11_a_difference_applied_gives_the_wanted_lines_and_then_is_empty(history, other):
    for m in months(FIRST, 3):
        stored = {line.key: line for line in invoice(history, m)}
        wanted = invoice(other, m)
        found = difference(stored.values(), wanted)
        for line in found.delete:
            del stored[line.key]
        stored |= {line.key: line for line in found.insert + found.update}
        assert not difference(stored.values(), wanted)
        assert total(stored.values()) == total(wanted)


@few
@given(histories(), st.integers(1, 6))
def test_12_a_quarter_and_its_corrections_sum_to_what_is_wanted(history, known):
    quarter = Month(2025, 4)
    closed = invoice(replace(history, changes=history.changes[:known]), quarter)
    wanted = invoice(history, quarter)
    settled = corrections(closed, wanted, Month(2025, 5), history.zone)

    def of_quarter(lines):
        return total(line for line in lines if line.kind in ("quarterly", "correction"))

    assert of_quarter((*closed, *settled)) == of_quarter(wanted)
    assert corrections((*closed, *settled), wanted, Month(2025, 6), history.zone) == ()


@few
@given(histories())
def test_14_a_preview_is_the_invoice(history):
    last = history.changes[-1]
    assume(len(all_lines(history)))
    shown = preview(history, at=last.at, order_type="Update")
    assert shown.now_total + shown.this_month_total == total(invoice(history, shown.month))
    assert shown.full_month == invoice(history, shown.month.plus(1))
    assert shown.now_total + shown.this_month_total + shown.adjustments_total == shown.invoice_total


@few
@given(histories(mortal=False), st.sampled_from(ZONES))
def test_15_daylight_saving_changes_no_quantity(history, zone):
    """Changes at local midnights give the same quantities in every zone."""

    def at_midnights(name):
        tz = zone_of(name)
        changes = tuple(
            replace(
                change,
                at=datetime.combine(change.at.date(), datetime.min.time(), tz).astimezone(UTC),
                limits=change.limits,
            )
            for change in history.changes
        )
        return replace(history, changes=changes, zone=name)

    assert quantities(at_midnights(zone)) == quantities(at_midnights("UTC"))
    fees = [
        [line.quantity for line in all_lines(at_midnights(name)) if line.kind == "fixed"]
        for name in (zone, "UTC")
    ]
    assert fees[0] == fees[1]
