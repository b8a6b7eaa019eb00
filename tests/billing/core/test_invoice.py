from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import pytest
from msgspec.structs import replace

from billing.core.builders import (
    RESOURCE,
    a_component,
    a_history,
    a_plan,
    change,
    created,
    moment,
    month,
    only,
    used,
)
from mercato.billing.core.invoice import Difference, difference, invoice, total

pytestmark = pytest.mark.pure

CPU = a_component("cpu", name="CPU", article_code="A-1", measured_unit="cores", unit_factor=2)
DISK = a_component("disk", "usage")
PLAN = replace(a_plan(cpu="5", disk="1"), article_code="P-1")
HISTORY = a_history([CPU, DISK], PLAN, [created("2025-01-01", cpu=4)], [used("disk", "2025-01", "3")])
JANUARY = month("2025-01")


def test_a_line_tells_all_that_an_invoice_item_needs():
    cpu, disk = invoice(HISTORY, JANUARY)
    assert cpu.name == "vm-1 (Cloud / Basic) / CPU"
    assert (cpu.resource, cpu.component, cpu.component_name) == (RESOURCE, "cpu", "CPU")
    assert (cpu.plan, cpu.plan_name, cpu.unit, cpu.measured_unit) == ("basic", "Basic", "month", "cores")
    assert (cpu.quantity, cpu.unit_price, str(cpu.amount)) == (2, 5, "10.00")
    assert cpu.key == f"{RESOURCE}|cpu|2025-01-01T00:00:00Z|limit|basic"
    assert disk.key == f"{RESOURCE}|disk|2025-01-01|usage|basic"
    (period,) = cpu.periods
    assert (period.start, period.end) == (moment("2025-01-01"), moment("2025-01-31 23:59:59.999999"))
    assert (period.quantity, period.billing_periods, period.total) == (4, 31, 124)


def test_an_article_code_is_the_components_or_the_plans():
    assert [line.article_code for line in invoice(HISTORY, JANUARY)] == ["A-1", "P-1"]


def test_lines_come_in_the_components_order():
    turned = replace(HISTORY, components=(DISK, CPU))
    assert [line.component for line in invoice(turned, JANUARY)] == ["disk", "cpu"]


def test_no_changes_no_lines():
    assert invoice(a_history(CPU, only(PLAN, "cpu"), []), JANUARY) == ()


def test_a_resource_without_a_plan_costs_nothing():
    changes = [created("2025-01-01", None, cpu=4), change("plan", "2025-02-01", "basic", cpu=4)]
    history = a_history([CPU, DISK], PLAN, changes, [used("disk", "2025-01", "3")])
    assert [len(invoice(history, m)) for m in (JANUARY, JANUARY.plus(1))] == [0, 1]


def test_a_life_of_no_time_costs_nothing():
    changes = [created("2025-01-01", cpu=4), change("terminated", "2025-01-01")]
    history = a_history([CPU, DISK], PLAN, changes, [used("disk", "2025-01", "3")])
    assert invoice(history, JANUARY) == ()


def test_the_total_is_the_sum():
    assert str(total(invoice(HISTORY, JANUARY))) == "13.00"
    assert str(total(())) == "0.00"
    assert str(total((), "JPY")) == "0"


def test_the_difference_inserts_updates_and_deletes_by_key():
    old = invoice(HISTORY, JANUARY)
    new = invoice(
        replace(HISTORY, changes=(created("2025-01-01", cpu=6),), usages=(used("disk", "2025-01", "0"),)),
        JANUARY,
    )
    assert all((Difference(insert=old), Difference(update=old), Difference(delete=old)))
    assert difference((), old) == Difference(insert=old)
    assert difference(old, new) == Difference(update=(new[0],), delete=(old[1],))
    assert difference(old, ()) == Difference(delete=old)


def test_computing_again_changes_nothing():
    found = difference(invoice(HISTORY, JANUARY), invoice(HISTORY, JANUARY))
    assert not found
    assert found == Difference()


def test_a_rename_does_not_touch_stored_lines():
    renamed = replace(HISTORY, resource_name="vm-2", offering_name="Sky")
    assert invoice(renamed, JANUARY) != invoice(HISTORY, JANUARY)
    assert not difference(invoice(HISTORY, JANUARY), invoice(renamed, JANUARY))


def test_numbers_are_compared_by_value():
    old = tuple(
        replace(line, quantity=line.quantity + Decimal("0E-10")) for line in invoice(HISTORY, JANUARY)
    )
    assert not difference(old, invoice(HISTORY, JANUARY))


def test_the_core_needs_nothing_but_msgspec():
    code = """
import sys, msgspec, zoneinfo
before = set(sys.modules)
import mercato.billing.core.explain, mercato.billing.core.receipt
new = {name for name in sys.modules if name not in before and name.partition(".")[0] not in sys.stdlib_module_names}
print(*sorted(name for name in new if not name.startswith("mercato.billing.core.")))
"""
    path = ":".join(entry for entry in sys.path if entry)
    run = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["mercato", "mercato.billing", "mercato.billing.core"]
