"""The four realistic services and the journey example of the specification, over months of their lives."""

from __future__ import annotations

from decimal import Decimal

import pytest

from billing.core.builders import (
    a_component,
    a_history,
    a_plan,
    amounts,
    change,
    created,
    moment,
    month,
    months,
    used,
)
from mercato.billing.core.invoice import invoice, total
from mercato.billing.core.receipt import order_cost, receipt

pytestmark = pytest.mark.pure

D = Decimal


def bills(history, first, count):
    """Component to amount, as text, for each month."""
    return [
        {type_: str(amount) for type_, amount in amounts(invoice(history, m)).items()}
        for m in months(first, count)
    ]


OPENSTACK = [
    a_component("cpu", "limit", "month", name="CPU cores", measured_unit="cores"),
    a_component("ram", "limit", "month", name="RAM", measured_unit="GB"),
    a_component("storage", "usage", "month", name="Storage", measured_unit="GB"),
    a_component("network", "usage", "month", name="Network traffic", measured_unit="GB"),
]


def test_cloud_infrastructure():
    plan = a_plan(cpu="5.00", ram="2.00", storage="0.10", network="0.05")
    changes = [
        created("2025-01-16 09:30", cpu=4, ram=8, storage=-1, network=-1),
        change("limits", "2025-02-15 12:00", cpu=8, ram=8),
        change("terminated", "2025-03-10 18:00"),
    ]
    usages = [
        used("storage", "2025-01", "100"),
        used("network", "2025-01", "20.50"),
        used("storage", "2025-02", "101"),
    ]
    assert bills(a_history(OPENSTACK, plan, changes, usages), "2025-01", 4) == [
        # 16 of 31 days; 20.50 × 0.05 = 1.025
        {"cpu": "10.33", "ram": "8.26", "storage": "10.00", "network": "1.03"},
        # (4 × 14 + 8 × 14) / 28 × 5.00
        {"cpu": "30.00", "ram": "16.00", "storage": "10.10"},
        # 10 of 31 days: 8 × 10 / 31 × 5.00 = 12.903…
        {"cpu": "12.91", "ram": "5.17"},
        {},
    ]


RANCHER = [
    a_component("worker", "usage", "month", name="Worker node hours", measured_unit="hours"),
    a_component("master", "fixed", name="Master node"),
    a_component("balancer", "fixed", name="Load balancer"),
    a_component("volumes", "limit", "total", name="Storage volumes", measured_unit="GB"),
    a_component("management", "fixed", name="Management fee"),
]


def test_managed_kubernetes():
    plan = a_plan(
        worker="0.12",
        master="60.00",
        balancer="15.00",
        volumes="0.50",
        management="99.00",
        amounts={"master": 3},
    )
    changes = [
        created("2025-01-15 14:00", volumes=200),
        change("limits", "2025-02-20 10:00", volumes=300),
        change("terminated", "2025-03-31 10:00"),
    ]
    usages = [used("worker", "2025-01", "394"), used("worker", "2025-02", "672.5")]
    assert bills(a_history(RANCHER, plan, changes, usages), "2025-01", 3) == [
        {
            "worker": "47.28",
            "master": "99.00",
            "balancer": "8.25",
            "volumes": "100.00",
            "management": "54.45",
        },
        {
            "worker": "80.70",
            "master": "180.00",
            "balancer": "15.00",
            "volumes": "50.00",
            "management": "99.00",
        },
        {"master": "180.00", "balancer": "15.00", "management": "99.00"},
    ]


SLURM = [
    a_component("cpu_hours", "limit", "annual", name="CPU hours", measured_unit="hours"),
    a_component("gpu_hours", "limit", "annual", name="GPU hours", measured_unit="hours"),
    a_component("quota", "limit", "total", name="Storage quota", measured_unit="GB"),
    a_component("priority", "one", name="Priority queue access"),
]


def test_hpc_allocation():
    plan = a_plan(cpu_hours="0.01", gpu_hours="0.25", quota="0.02", priority="250.00")
    changes = [
        created("2025-01-01", cpu_hours=10000, gpu_hours=200, quota=1000),
        change("limits", "2025-02-15", cpu_hours=10000, gpu_hours=100, quota=1500),
    ]
    recurring = {"cpu_hours": "100.00", "gpu_hours": "25.00"}
    assert bills(a_history(SLURM, plan, changes), "2025-01", 13) == [
        {"cpu_hours": "100.00", "gpu_hours": "50.00", "quota": "20.00", "priority": "250.00"},
        # (200 × 15 + 100 × 13) / 28 × 0.25 = 38.392…
        {"cpu_hours": "100.00", "gpu_hours": "38.40", "quota": "10.00"},
        *[recurring] * 11,
    ]


LICENCES = [
    a_component("users", "limit", "quarterly", name="User licenses", measured_unit="users"),
    a_component("admins", "limit", "quarterly", name="Admin seats", measured_unit="seats"),
    a_component("support", "limit", "quarterly", name="Support hours", measured_unit="hours"),
    a_component("implementation", "one", name="Implementation services"),
    a_component("training", "usage", "quarterly", name="Training licenses", measured_unit="licenses"),
]


def test_enterprise_software():
    plan = a_plan(users="30.00", admins="90.00", support="120.00", implementation="5000.00", training="40.00")
    changes = [
        created("2025-04-01", users=100, admins=5, support=10),
        change("limits", "2025-05-10 11:00", users=150, admins=5, support=10),
    ]
    usages = [used("training", "2025-06", "12")]
    assert bills(a_history(LICENCES, plan, changes, usages), "2025-04", 4) == [
        # (100 × 39 + 150 × 52) / 91 × 30.00 = 3857.142…
        {"users": "3857.15", "admins": "450.00", "support": "1200.00", "implementation": "5000.00"},
        {},
        {"training": "480.00"},
        {"users": "4500.00", "admins": "450.00", "support": "1200.00"},
    ]


JOURNEY = [
    a_component("cpu", "limit", "month", name="CPU Hours", measured_unit="CPU-h"),
    a_component("ram", "limit", "month", name="RAM", measured_unit="GB"),
    a_component("storage", "limit", "month", name="Storage", measured_unit="GB"),
]
BASIC = a_plan(cpu="0.05", ram="0.10", storage="0.01")
WANTED = {"cpu": 1000, "ram": 256, "storage": 500}


def test_the_journey_on_the_first_of_a_month():
    """Receipt, order cost and invoice are equal to the cent."""
    at = moment("2025-04-01 10:00")
    shown = receipt(BASIC, tuple(JOURNEY), WANTED, at=at)
    cost = order_cost(BASIC, JOURNEY, WANTED, "Create")
    history = a_history(JOURNEY, BASIC, [created("2025-04-01 10:00", **WANTED)])
    lines = invoice(history, month("2025-04"))
    assert amounts(lines) == {"cpu": D("50.00"), "ram": D("25.60"), "storage": D("5.00")}
    assert {charge.component: charge.amount for charge in cost.charges} == amounts(lines)
    assert [
        str(amount) for amount in (total(lines), cost.amount, shown.this_month_total, shown.invoice_total)
    ] == ["80.60"] * 4
    assert (shown.full_month_total, cost.per) == (total(lines), "per month")
