from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from msgspec.structs import replace

from billing.core.builders import a_component, a_history, a_plan, change, created, moment, month, only
from mercato.billing.core.history import UNLIMITED, Price
from mercato.billing.core.invoice import corrections, invoice, total
from mercato.billing.core.receipt import order_cost, preview, receipt

pytestmark = pytest.mark.pure

D = Decimal
CPU = a_component("cpu", measured_unit="cores")
DISK = a_component("disk", "limit", "quarterly", measured_unit="GB")
QUOTA = a_component("quota", "limit", "total")
FEE = a_component("fee", "fixed")
SETUP = a_component("setup", "one")
SWITCH = a_component("switch", "few")
TRAFFIC = a_component("traffic", "usage", measured_unit="GB")
ALL = (CPU, DISK, QUOTA, FEE, SETUP, SWITCH, TRAFFIC)
PRICES = {
    "cpu": "5",
    "disk": "0.3",
    "quota": "2",
    "fee": "10",
    "setup": "100",
    "switch": "25",
    "traffic": "0.1",
}
BASIC = a_plan(**PRICES)
GOLD = a_plan("gold", **PRICES | {"cpu": "8"})
LIMITS = {"cpu": 4, "disk": 100, "quota": 10}


def kinds(lines):
    return [line.kind for line in lines]


@pytest.mark.parametrize("at", ["2025-01-01", "2025-01-15 14:00", "2025-02-10 09:00", "2025-12-31 23:59"])
@pytest.mark.parametrize("unit", ["month", "day", "hour", "half_month", "quarter", "quantity"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
def test_now_and_this_month_are_the_invoice_and_full_month_is_the_next_one(at, unit, zone):
    plan = a_plan(unit=unit, **PRICES)
    shown = receipt(
        plan, ALL, LIMITS, at=moment(at, zone), zone=zone, resource_name="vm-1", offering_name="Cloud"
    )
    history = a_history(ALL, plan, [created(at, zone=zone, **LIMITS)], zone=zone, resource="")
    this = invoice(history, shown.month)
    assert sorted(shown.now + shown.this_month, key=this.index) == list(this)
    assert shown.full_month == invoice(history, shown.month.plus(1))
    assert shown.now_total + shown.this_month_total == shown.invoice_total == total(this)
    assert shown.full_month_total == total(shown.full_month)


def test_what_is_charged_once_is_apart():
    shown = receipt(BASIC, ALL, LIMITS, at=moment("2025-01-15 14:00"))
    assert kinds(shown.now) == ["total", "one"]
    assert kinds(shown.this_month) == ["limit", "quarterly", "fixed"]
    assert kinds(shown.full_month) == ["limit", "fixed"]
    assert (shown.now_total, shown.month, shown.currency) == (120, month("2025-01"), "EUR")


def test_a_quarterly_component_ordered_later_shows_the_next_quarter():
    shown = receipt(BASIC, ALL, LIMITS, at=moment("2025-02-15 14:00"))
    assert "quarterly" not in kinds(shown.this_month + shown.full_month)
    assert [(line.kind, str(line.amount)) for line in shown.next_quarter] == [("quarterly", "30.00")]
    assert shown.next_quarter[0].start == moment("2025-04-01")
    assert shown.next_quarter_total == 30


def test_a_fee_by_the_quarter_shows_the_next_quarter_and_monthly_ones_none():
    assert kinds(
        receipt(a_plan(unit="quarter", fee="10"), (FEE,), {}, at=moment("2025-02-15")).next_quarter
    ) == ["fixed"]
    assert receipt(a_plan(fee="10"), (FEE,), {}, at=moment("2025-02-15")).next_quarter == ()


def test_use_is_in_no_total_but_its_rate_is_shown():
    (rate,) = receipt(BASIC, ALL, {}, at=moment("2025-02-15")).rates
    assert (rate.component, rate.measured_unit, rate.unit_price) == ("traffic", "GB", D("0.1"))


def test_a_prepaid_component_is_not_charged_by_use():
    covered = a_component("traffic", "usage", is_prepaid=True)
    assert receipt(a_plan(traffic="1"), (covered,), {}, at=moment("2025-02-15")).rates == ()


def test_a_switch_shows_both_plans_and_its_fee():
    shown = receipt(GOLD, ALL, LIMITS, at=moment("2025-02-15 14:00"), plan_switch_from=BASIC)
    assert [(line.kind, line.plan, line.amount) for line in shown.now] == [("few", "gold", 25)]
    cpu = [(line.plan, str(line.amount)) for line in shown.this_month if line.component == "cpu"]
    assert cpu == [("basic", "10.00"), ("gold", "16.00")]  # 14 of 28 days each
    assert {line.plan for line in shown.full_month} == {"gold"}


@pytest.mark.parametrize("at", ["2025-02-14 09:00", "2025-03-02 09:00"])
def test_a_switch_shows_what_it_changes_of_the_quarter(at):
    dear = replace(GOLD, prices=GOLD.prices | {"disk": Price(D("0.9"))})
    shown = receipt(dear, ALL, LIMITS, at=moment(at), plan_switch_from=BASIC)
    gone = {line.plan: line.amount for line in shown.adjustments}
    assert gone["gold"] > 0 > gone["basic"]
    assert abs(gone["gold"] + 3 * gone["basic"]) <= D("0.03")


def test_a_preview_of_an_existing_resource_is_exact():
    changes = [
        created("2025-02-03", **LIMITS),
        change("limits", "2025-02-15 14:00", **LIMITS | {"quota": 15, "cpu": 8}),
    ]
    history = a_history(ALL, BASIC, changes)
    shown = preview(history, at=moment("2025-02-15 14:00"), order_type="Update")
    assert [(line.kind, line.quantity) for line in shown.now] == [("total", 5)]
    assert "one" in kinds(shown.this_month)  # on this month's invoice, but not because of this order
    assert shown.invoice_total == total(invoice(history, month("2025-02")))
    assert "switch" not in [charge.component for charge in shown.order_cost.charges]


def test_a_preview_tells_what_it_changes_of_a_quarter_already_charged():
    born = created("2025-01-01", disk=100)
    more = change("limits", "2025-02-15 14:00", disk=190)
    history = a_history(DISK, only(BASIC, "disk"), [born, more])
    shown = preview(history, at=more.at, order_type="Update")
    closed = invoice(a_history(DISK, only(BASIC, "disk"), [born]), month("2025-01"))
    assert shown.adjustments == corrections(closed, invoice(history, month("2025-01")), month("2025-02"))
    assert (shown.adjustments_total, shown.invoice_total) == (
        D("13.50"),
        D("13.50"),
    )  # 90 × 45/90 days × 0.30


def test_in_the_quarters_first_month_its_line_is_on_this_months_invoice():
    changes = [created("2025-01-01", disk=100), change("limits", "2025-01-15", disk=190)]
    shown = preview(a_history(DISK, only(BASIC, "disk"), changes), at=changes[1].at, order_type="Update")
    assert (kinds(shown.this_month), shown.adjustments) == (["quarterly"], ())


def test_a_preview_of_a_termination():
    history = a_history(
        [CPU, DISK],
        only(BASIC, "cpu", "disk"),
        [created("2025-01-01", cpu=4, disk=90), change("terminated", "2025-02-14 09:00")],
    )
    shown = preview(history, at=moment("2025-02-14 09:00"), order_type="Terminate")
    assert [str(line.amount) for line in shown.this_month] == ["10.00"]
    assert [str(line.amount) for line in shown.adjustments] == ["-13.50"]  # 45 of 90 days × 0.30 each
    assert (shown.full_month, shown.rates, shown.order_cost.amount) == ((), (), 0)


def test_a_moment_without_a_resource_is_refused():
    with pytest.raises(ValueError, match="no plan at"):
        preview(
            a_history(CPU, only(BASIC, "cpu"), [created("2025-01-01")]),
            at=moment("2024-12-31"),
            order_type="Update",
        )


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        receipt(only(BASIC, "cpu"), (CPU,), {"cpu": 1}, at=datetime(2025, 1, 1))


@pytest.mark.parametrize(
    ("order_type", "amount"),
    [
        ("Create", "180.00"),  # 4 × 5 + 100 × 0.3 + 10 × 2 + 10 + 100
        ("Update", "105.00"),  # 25 instead of 100
        ("Terminate", "0.00"),
    ],
)
def test_an_orders_cost(order_type, amount):
    assert str(order_cost(BASIC, ALL, LIMITS, order_type).amount) == amount


def test_a_change_of_limits_costs_no_switch():
    assert order_cost(BASIC, ALL, LIMITS, "Update", plan_switched=False).amount == 80


@pytest.mark.parametrize("limits", [{}, {"cpu": 0}, {"cpu": UNLIMITED}])
def test_no_limit_and_unlimited_cost_nothing(limits):
    assert order_cost(BASIC, [CPU], limits, "Create").charges == ()


@pytest.mark.parametrize(
    ("unit", "per"),
    [("month", "per month"), ("day", "per day"), ("hour", "per hour"), ("quarter", "per quarter")],
)
def test_an_orders_cost_is_for_one_unit_of_the_plan(unit, per):
    cost = order_cost(a_plan(unit=unit, cpu="5"), [CPU], {"cpu": 4}, "Create")
    assert (cost.amount, cost.unit, cost.per) == (20, unit, per)


def test_limits_are_divided_by_their_factor_and_each_component_is_rounded_like_its_line():
    ram = a_component("ram", unit_factor=1024)
    plan = a_plan(ram="1.00", cpu="0.001")
    cost = order_cost(plan, [ram, CPU], {"ram": 1000, "cpu": 1}, "Create")
    assert [(str(charge.quantity), str(charge.amount)) for charge in cost.charges] == [
        ("0.9765625", "0.98"),
        ("1", "0.01"),
    ]
    assert (
        total(receipt(plan, (ram, CPU), {"ram": 1000, "cpu": 1}, at=moment("2025-01-01")).full_month)
        == cost.amount
    )


def test_prepaid_components_cost_their_months():
    hours = a_component("hours", "limit", is_prepaid=True)
    plan = a_plan(hours="2", cpu="5")
    cost = order_cost(plan, [hours, CPU], {"hours": 10, "cpu": 1}, "Create", months=6)
    assert {charge.component: charge.amount for charge in cost.charges} == {"hours": 120, "cpu": 5}
    assert order_cost(plan, [hours, CPU], {"hours": 10, "cpu": 1}, "Create").amount == 25
    at = moment("2025-01-01")
    shown = [
        receipt(plan, (hours, CPU), {"hours": 10, "cpu": 1}, at=at, **more) for more in ({}, {"months": 6})
    ]
    assert [each.order_cost.amount for each in shown] == [25, 125]


def test_a_component_that_the_plan_does_not_price_costs_nothing():
    assert [charge.component for charge in order_cost(only(BASIC, "cpu"), ALL, LIMITS, "Create").charges] == [
        "cpu"
    ]


def test_a_fixed_component_costs_its_amount():
    assert order_cost(a_plan(fee="10", amounts={"fee": 3}), [FEE], {}, "Create").amount == 30
    assert order_cost(a_plan(fee="10", amounts={"fee": 0}), [FEE], {}, "Create").charges == ()


def test_an_order_for_no_months_is_refused():
    with pytest.raises(ValueError, match="at least one month"):
        order_cost(BASIC, ALL, LIMITS, "Create", months=0)


def test_yen_have_no_hundredths():
    shown = receipt(a_plan(cpu="1.5"), (CPU,), {"cpu": 1}, at=moment("2025-01-01"), currency="JPY")
    assert [str(t) for t in (shown.full_month_total, shown.order_cost.amount, shown.now_total)] == [
        "2",
        "2",
        "0",
    ]
