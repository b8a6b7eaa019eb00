"""What the receipt says is what the order costs, what the invoice charges and what the API answers: to the cent."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from mercato.billing.core.receipt import Receipt
from mercato.kernel import clock
from mercato.schemas.catalog import Offering
from mercato_tui import pricing_input
from world import COMPONENTS, PRICES, World

pytestmark = pytest.mark.scenario

LIMITS = {"cpu": 1000, "ram": 256, "storage": 500}


async def receipt_of(world: World, offering: dict[str, Any], at: datetime) -> Receipt:
    """The receipt exactly as the order form computes it, from what the API shows a buyer."""
    path = f"/api/marketplace-public-offerings/{offering['uuid']}/"
    answer = await world.get("owner", path)
    wire = msgspec.json.decode(answer.content, type=Offering)
    return pricing_input.order_receipt(
        wire.plans[0],
        wire.components,
        LIMITS,
        at=at,
        zone="UTC",
        currency="EUR",
        resource_name="thing",
        offering_name=wire.name,
    )


async def ordered(world: World, offering: dict[str, Any]) -> dict[str, Any]:
    order = await world.order(offering, limits=LIMITS)
    assert (await world.act("seller", order, "approve_by_provider")).status_code == 200
    await world.drain()
    return order


async def test_on_the_first_with_a_monthly_plan_all_are_equal(world: World) -> None:
    first = datetime(2026, 9, 1, 0, 0, tzinfo=UTC)
    with clock.replaying(first):
        offering = await world.offering()
        receipt = await receipt_of(world, offering, first)
        order = await ordered(world, offering)
        [invoice] = await world.invoices()
    # The journey of the specification: 50.00 + 25.60 + 5.00.
    lines = sorted(Decimal(str(item["price"])) for item in invoice["items"])
    assert lines == [Decimal("5.0"), Decimal("25.6"), Decimal("50.0")]
    assert sorted(line.amount for line in receipt.this_month) == lines
    total = Decimal("80.60")
    assert receipt.now_total + receipt.this_month_total == total
    assert receipt.full_month_total == total
    assert receipt.order_cost.amount == total
    assert Decimal(order["cost"]) == total
    assert Decimal(invoice["price"]) == total


@pytest.mark.parametrize(("unit", "per"), [("day", "per day"), ("month", "per month"), ("hour", "per hour")])
async def test_in_mid_month_the_receipt_is_this_invoice_and_the_next(
    world: World, unit: str, per: str
) -> None:
    middle = datetime(2026, 9, 12, 15, 30, tzinfo=UTC)
    once = {"type": "setup", "name": "Set-up", "billing_type": "one"}
    plan = {"name": "Standard", "unit": unit, "prices": {**PRICES, "setup": "25"}}
    with clock.replaying(middle):
        offering = await world.offering(components=[*COMPONENTS, once], plans=[plan])
        receipt = await receipt_of(world, offering, middle)
        order = await ordered(world, offering)
        [invoice] = await world.invoices()
    assert receipt.now_total == Decimal("25.00")
    assert receipt.now_total + receipt.this_month_total == Decimal(invoice["price"])
    assert receipt.order_cost.per == per
    assert Decimal(order["cost"]) == receipt.order_cost.amount == Decimal("105.60")
    with clock.replaying(datetime(2026, 10, 1, 0, 5, tzinfo=UTC)):
        await world.market.schedule.run_due()
        await world.drain()
        both = await world.invoices()
    assert [invoice["month"] for invoice in both] == [9, 10]
    assert receipt.full_month_total == Decimal(both[1]["price"])
    assert both[0]["state"] == "created"
