from __future__ import annotations

import pytest

from billing.core.builders import a_component, a_history, a_plan, change, created, month, used
from mercato.billing.core.explain import explain
from mercato.billing.core.invoice import corrections, invoice

pytestmark = pytest.mark.pure


def explained(component, plan, *changes, text="2025-04", usages=(), **more):
    return [
        explain(line) for line in invoice(a_history(component, plan, changes, usages, **more), month(text))
    ]


CORES = a_component("cpu", measured_unit="cores")
DISK = a_component("disk", "limit", "quarterly", measured_unit="GB")
FEE = a_component("fee", "fixed")


def test_a_part_of_a_month():
    assert explained(CORES, a_plan(cpu="5"), created("2025-04-14 14:00", cpu=4)) == [
        "4 cores × 17/30 days × 5.00 = 11.34"
    ]


def test_a_whole_month_needs_no_days():
    assert explained(CORES, a_plan(cpu="5"), created("2025-01-01", cpu=4)) == ["4 cores × 5.00 = 20.00"]


def test_several_limits():
    changes = created("2025-01-01", cpu=4), change("limits", "2025-04-10", cpu=6)
    assert explained(CORES, a_plan(cpu="5.00"), *changes) == [
        "(4 cores × 9/30 days + 6 cores × 21/30 days) × 5.00 = 27.00"
    ]


@pytest.mark.parametrize(
    ("unit", "sentence"),
    [
        ("day", "4 cores × 30 days × 0.0125 = 1.50"),
        ("hour", "4 cores × 720 hours × 0.0125 = 36.00"),
        ("half_month", "4 cores × 2 half months × 0.0125 = 0.10"),
    ],
)
def test_a_limit_by_other_units(unit, sentence):
    assert explained(CORES, a_plan(unit=unit, cpu="0.0125"), created("2025-01-01", cpu=4)) == [sentence]


def test_the_specifications_quarter():
    changes = created("2025-04-01", disk=100), change("limits", "2025-05-10", disk=150)
    assert explained(DISK, a_plan(unit="day", disk="0.01"), *changes) == [
        "(100 GB × 39 days + 150 GB × 52 days) × 0.01 = 117.00"
    ]


def test_a_quarter_at_a_price_for_the_quarter():
    born = created("2025-04-01", disk=100)
    assert explained(DISK, a_plan(disk="3"), born) == ["100 GB × 3.00 = 300.00"]
    assert explained(DISK, a_plan(disk="3"), born, change("terminated", "2025-04-01 12:00")) == [
        "100 GB × 1/91 days × 3.00 = 3.30"
    ]


@pytest.mark.parametrize(
    ("unit", "sentence"),
    [
        ("month", "0.57 months × 50.00 = 28.50"),
        ("day", "17 days × 50.00 = 850.00"),
        ("hour", "394 hours × 50.00 = 19700.00"),
        ("half_month", "1.14 half months × 50.00 = 57.00"),
        ("quantity", "1 × 50.00 = 50.00"),
    ],
)
def test_a_fixed_fee(unit, sentence):
    assert explained(FEE, a_plan(unit=unit, fee="50"), created("2025-04-14 14:00")) == [sentence]


def test_one_of_a_unit_is_singular():
    assert explained(FEE, a_plan(fee="50"), created("2025-01-01")) == ["1 month × 50.00 = 50.00"]
    assert explained(FEE, a_plan(unit="quarter", fee="50"), created("2025-01-01")) == [
        "1 quarter × 50.00 = 50.00"
    ]


def test_a_one_time_price_use_and_a_credit():
    assert explained(a_component("setup", "one"), a_plan(setup="99.5"), created("2025-04-03")) == [
        "1 × 99.50 = 99.50"
    ]
    traffic = a_component("traffic", "usage", measured_unit="GB")
    use = [used("traffic", "2025-04", "120.50")]
    assert explained(traffic, a_plan(traffic="0.1"), created("2025-04-03"), usages=use) == [
        "120.5 GB × 0.10 = 12.05"
    ]
    quota = a_component("quota", "limit", "total", measured_unit="GB")
    less = created("2025-01-01", quota=100), change("limits", "2025-04-10", quota=50)
    assert explained(quota, a_plan(quota="2"), *less) == ["50 GB × -2.00 = -100.00"]


def test_a_correction_is_its_difference():
    plan, born = a_plan(unit="day", disk="0.01"), created("2025-04-01", disk=100)
    closed = invoice(a_history(DISK, plan, [born]), month("2025-04"))
    wanted = invoice(a_history(DISK, plan, [born, change("terminated", "2025-05-10")]), month("2025-04"))
    assert [explain(line) for line in corrections(closed, wanted, month("2025-05"))] == [
        "1 × -52.00 = -52.00"
    ]


def test_a_limit_in_smaller_units_is_shown_in_measured_ones_or_as_the_fraction_it_is():
    ram = a_component("ram", measured_unit="GB", unit_factor=1024)
    assert explained(ram, a_plan(ram="1"), created("2025-01-01", ram=1536)) == ["1.5 GB × 1.00 = 1.50"]
    third = a_component("ram", measured_unit="h", unit_factor=60)
    assert explained(third, a_plan(ram="1"), created("2025-01-01", ram=20)) == ["20/60 h × 1.00 = 0.34"]


def test_whole_yen():
    assert explained(FEE, a_plan(fee="50"), created("2025-01-01"), currency="JPY") == ["1 month × 50 = 50"]


def test_units_are_data():
    component = a_component("cpu", measured_unit="[bold]x[/]")
    assert explained(component, a_plan(cpu="5"), created("2025-01-01", cpu=4)) == [
        "4 [bold]x[/] × 5.00 = 20.00"
    ]
