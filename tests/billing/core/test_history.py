from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from msgspec.structs import replace

from billing.core.builders import a_component, a_history, a_plan, change, created, month, used
from mercato.billing.core.history import Change, Price, Usage
from mercato.billing.core.invoice import invoice

pytestmark = pytest.mark.pure

CPU = a_component()
PLAN = a_plan(cpu="5")
BORN = created("2025-01-01", cpu=4)


def refused(match, components=CPU, plans=PLAN, changes=(BORN,), usages=(), **more):
    with pytest.raises(ValueError, match=match):
        invoice(a_history(components, plans, changes, usages, **more), month("2025-01"))


def test_what_may_be_said_is_accepted():
    assert invoice(a_history(CPU, a_plan(cpu="5.00000000000"), [BORN]), month("2025-01"))
    assert len(invoice(a_history(CPU, PLAN, [BORN]), month("2025-01"))) == 1


@pytest.mark.parametrize(
    ("component", "match"),
    [
        (a_component(billing_type="free"), "unknown billing type: 'free'"),
        (a_component(limit_period="decade"), "unknown limit period: 'decade'"),
        (a_component(unit_factor=0), "unit factor of at least 1: 0"),
        (a_component(unit_factor=1.5), "unit factor"),
        (a_component(overage_component="gpu"), "unknown overage component: 'gpu'"),
    ],
)
def test_components_that_cannot_be(component, match):
    refused(match, components=component)


def test_two_components_of_one_type_are_refused():
    refused("same type", components=[CPU, CPU])


@pytest.mark.parametrize(
    ("plan", "match"),
    [
        (a_plan(unit="year", cpu="5"), "unknown unit: 'year'"),
        (a_plan(cpu="-5"), "price of 'cpu' in plan 'Basic' is negative"),
        (a_plan(gpu="5"), "price of 'gpu' in plan 'Basic': unknown component"),
        (replace(PLAN, prices={"cpu": Price(5.0)}), "int or a Decimal, not float"),
        (replace(PLAN, prices={"cpu": Price(Decimal(5), -1)}), "negative"),
        (a_plan(cpu="NaN"), "not a number"),
        (a_plan(cpu="1000000000000"), "absurdly large"),
        (a_plan(cpu="0.00000000001"), "more than 10 decimals"),
    ],
)
def test_plans_that_cannot_be(plan, match):
    refused(match, plans=plan)


def test_a_plan_under_a_foreign_uuid_is_refused():
    with pytest.raises(ValueError, match="another uuid"):
        invoice(replace(a_history(CPU, PLAN, [BORN]), plans={"gold": PLAN}), month("2025-01"))


@pytest.mark.parametrize(
    ("later", "match"),
    [
        (change("exploded", "2025-01-02"), "unknown kind"),
        (Change(datetime(2025, 1, 2), "limits", "basic", {}), "no time zone"),
        (change("limits", "2025-01-02", "gold"), "unknown plan: 'gold'"),
        (change("limits", "2025-01-02", gpu=1), "unknown component: 'gpu'"),
        (change("limits", "2025-01-02", cpu=-2), "limit of 'cpu' is negative: -2"),
        (change("limits", "2025-01-02", cpu=1.5), "limit of 'cpu' must be an int or a Decimal, not float"),
        (change("limits", "2025-01-02", cpu=Decimal("inf")), "not a number"),
        (change("limits", "2025-01-02", cpu=10**12), "absurdly large"),
        (change("limits", "1969-01-02", cpu=1), "out of time"),
        (change("limits", "2024-12-31 23:59", cpu=4), "earlier than the creation"),
    ],
)
def test_changes_that_cannot_be(later, match):
    refused(match, changes=(BORN, later))


def test_a_life_without_a_birth_is_refused():
    refused("no 'created' change", changes=(change("limits", "2025-01-02", cpu=1),))


@pytest.mark.parametrize(
    ("usage", "match"),
    [
        (used("cpu", "2025-01", "-5"), "usage of 'cpu' in 2025-01-01 is negative: -5"),
        (used("gpu", "2025-01", "5"), "unknown component"),
        (used("cpu", "2025-01", "5", plan="gold"), "unknown plan: 'gold'"),
        (Usage("cpu", date(2025, 1, 2), Decimal(5)), "first day of its month"),
        (Usage("cpu", date(2025, 1, 1), 5.0), "not float"),
    ],
)
def test_usage_that_cannot_be(usage, match):
    refused(match, usages=[usage])


def test_usage_of_what_never_was_is_refused():
    refused(
        "never created",
        components=a_component(billing_type="usage"),
        changes=(),
        usages=[used("cpu", "2025-01", "5")],
    )


def test_an_unknown_zone_is_refused():
    refused("unknown time zone", zone="Mars/Olympus")


def test_a_product_too_large_to_store_is_refused():
    refused(
        "absurdly large", plans=a_plan(unit="day", cpu="1"), changes=[created("2025-01-01", cpu=10**12 - 1)]
    )
