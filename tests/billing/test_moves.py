"""Resources and projects go to other organizations: who pays what, to the cent (contract 0.5, 0.6, 8.15)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from world import World

pytestmark = pytest.mark.http

PROJECTS = "/api/projects/"
QUARTERLY = {
    "type": "space",
    "name": "Space",
    "billing_type": "limit",
    "limit_period": "quarterly",
    "measured_unit": "TB",
}
HOURS = {"type": "hours", "name": "Hours", "billing_type": "usage", "measured_unit": "h"}
SET_USAGE = "/api/marketplace-component-usages/set_usage/"


@pytest.fixture
async def world(filled_url: str, tmp_path: Path) -> AsyncIterator[World]:
    with World.at("2025-12-20"):
        made = await World.open(filled_url, tmp_path)
        third = await made.must("staff", "POST", "/api/customers/", {"name": "Third Org"}, 201)
        made.ids["third"] = third["uuid"]
    yield made
    await made.close()


async def by_day(world: World, components: list[dict[str, Any]] | None = None, **prices: str) -> Any:
    """A resource of 100 TB for a quarter, priced by the day, from the first of January 2026."""
    prices = prices or {"space": "1.00"}
    plan = {"name": "Daily", "unit": "day", "prices": prices}
    offering = await world.offering(components=components or [QUARTERLY], plans=[plan])
    return await world.resource(offering, limits={"space": 100})


async def ticks(world: World, *moments: str) -> None:
    for moment in moments:
        with world.at(moment):
            await world.tick()


async def move(world: World, to: str, *, keep: bool = True) -> Any:
    body = {"customer": f"/api/customers/{world.ids[to]}/", "preserve_permissions": keep}
    return await world.must("staff", "POST", f"{PROJECTS}{world.ids['alpha']}/move_project/", body, 200)


async def limit(world: World, resource: dict[str, Any], space: int) -> None:
    path = f"/api/marketplace-resources/{resource['uuid']}/update_limits/"
    made = await world.must("staff", "POST", path, {"limits": {"space": space}}, 200)
    await world.done(made["order_uuid"])


async def end(world: World, resource: dict[str, Any]) -> None:
    path = f"/api/marketplace-resources/{resource['uuid']}/terminate/"
    made = await world.must("staff", "POST", path, {}, 200)
    await world.done(made["order_uuid"])


async def bills(world: World, who: str) -> dict[int, str]:
    """Month → price of an organization's invoices, those of nothing left out."""
    path = f"/api/invoices/?customer_uuid={world.ids[who]}&o=year&o=month"
    found = await world.must("staff", "GET", path)
    return {row["month"]: row["price"] for row in found if Decimal(row["price"])}


async def everything(world: World) -> Decimal:
    found = await world.must("staff", "GET", "/api/invoices/?page_size=100")
    return sum((Decimal(row["price"]) for row in found), Decimal())


async def test_a_moved_project_takes_the_open_month_along(world: World) -> None:
    with world.at("2026-01-10"):
        await world.resource(await world.offering())
    await ticks(world, "2026-02-01 01:00")
    with world.at("2026-02-14 12:00"):
        before = await bills(world, "buyer")
        moved = await move(world, "provider")
        assert (moved["customer_uuid"], moved["customer_name"]) == (world.ids["provider"], "Seller Org")
        assert await bills(world, "buyer") == {1: before[1]}
        assert await bills(world, "provider") == {2: before[2]} == {2: "80.60"}
    await ticks(world, "2026-03-01 01:00")
    assert await bills(world, "buyer") == {1: before[1]}
    assert await bills(world, "provider") == {2: "80.60", 3: "80.60"}


async def test_what_ended_in_the_open_month_goes_along_too(world: World) -> None:
    with world.at("2026-01-10"):
        resource = await world.resource(await world.offering())
    await ticks(world, "2026-02-01 01:00")
    with world.at("2026-02-10"):
        await end(world, resource)
        before = await bills(world, "buyer")
    with world.at("2026-02-14"):
        await move(world, "provider")
        assert await bills(world, "provider") == {2: before[2]}
        assert await bills(world, "buyer") == {1: before[1]}


async def test_an_open_quarter_goes_along_whole(world: World) -> None:
    with world.at("2026-01-01 09:00"):
        await by_day(world)
    with world.at("2026-01-20"):
        await move(world, "third")
    assert (await bills(world, "buyer"), await bills(world, "third")) == ({}, {1: "9000.00"})


async def test_an_issued_quarter_is_shared_by_months(world: World) -> None:
    """100 TB × 90 days at 1.00: January was the first's, February and March are the next one's."""
    with world.at("2026-01-01 09:00"):
        await by_day(world)
    await ticks(world, "2026-02-01 01:00")
    with world.at("2026-02-14"):
        await move(world, "third")
        assert await bills(world, "buyer") == {1: "9000.00", 2: "-5900.00"}
        assert await bills(world, "third") == {2: "5900.00"}
    await ticks(world, "2026-03-01 01:00", "2026-04-01 01:00")
    assert await bills(world, "buyer") == {1: "9000.00", 2: "-5900.00"}
    assert await bills(world, "third") == {2: "5900.00", 4: "9100.00"}


async def test_later_changes_in_the_quarter_are_the_new_organizations(world: World) -> None:
    with world.at("2026-01-01 09:00"):
        resource = await by_day(world)
    await ticks(world, "2026-02-01 01:00")
    with world.at("2026-02-14"):
        await move(world, "third")
    await ticks(world, "2026-03-01 01:00")
    with world.at("2026-03-11 10:00"):
        await limit(world, resource, 150)
        assert await bills(world, "third") == {2: "5900.00", 3: "1050.00"}  # 50 TB for 21 days
    with world.at("2026-03-20 10:00"):
        await end(world, resource)
    # 100 × 69 days until March 10, 150 × 10 days until the 20th
    assert await bills(world, "buyer") == {1: "9000.00", 2: "-5900.00"}
    assert await everything(world) == Decimal("8400.00")
    await ticks(world, "2026-04-01 01:00", "2026-05-01 01:00")
    assert await everything(world) == Decimal("8400.00")


async def test_changes_before_the_move_count_for_whom_they_were_made(world: World) -> None:
    with world.at("2026-01-01 09:00"):
        resource = await by_day(world)
    await ticks(world, "2026-02-01 01:00")
    with world.at("2026-02-10 10:00"):
        await limit(world, resource, 200)
        assert await bills(world, "buyer") == {1: "9000.00", 2: "5000.00"}  # 100 TB more for 50 days
    with world.at("2026-02-14"):
        await move(world, "third")
    # The open month goes along with what changed in it.
    assert await bills(world, "buyer") == {1: "9000.00", 2: "-5900.00"}
    assert await bills(world, "third") == {2: "10900.00"}
    assert await everything(world) == Decimal("14000.00")


async def test_from_hand_to_hand_within_a_quarter(world: World) -> None:
    with world.at("2026-01-01 09:00"):
        await by_day(world)
    await ticks(world, "2026-02-01 01:00")
    with world.at("2026-02-14"):
        await move(world, "third")
    await ticks(world, "2026-03-01 01:00")
    with world.at("2026-03-05"):
        await move(world, "provider")
    assert await bills(world, "buyer") == {1: "9000.00", 2: "-5900.00"}
    assert await bills(world, "third") == {2: "5900.00", 3: "-3100.00"}
    assert await bills(world, "provider") == {3: "3100.00"}
    with world.at("2026-03-06"):
        await move(world, "third")
    assert await bills(world, "third") == {2: "5900.00"}
    assert await bills(world, "provider") == {}


async def test_there_and_back_in_a_month_leaves_no_trace(world: World) -> None:
    with world.at("2026-01-01 09:00"):
        await by_day(world)
    await ticks(world, "2026-02-01 01:00")
    with world.at("2026-02-14"):
        await move(world, "third")
        await move(world, "buyer")
    assert (await bills(world, "buyer"), await bills(world, "third")) == ({1: "9000.00"}, {})
    await ticks(world, "2026-03-01 01:00", "2026-04-01 01:00")
    assert await bills(world, "buyer") == {1: "9000.00", 4: "9100.00"}
    assert await bills(world, "third") == {}


async def test_parts_of_a_quarter_that_cannot_be_shared_evenly_still_sum_up(world: World) -> None:
    """A price of a quarter, 100.01 for 100 pieces: the parts are rounded, their sum is the whole."""
    with world.at("2026-01-01 09:00"):
        plan = {"name": "Quarter", "unit": "month", "prices": {"space": "0.333"}}
        offering = await world.offering(components=[QUARTERLY], plans=[plan])
        await world.resource(offering, limits={"space": 7})
    await ticks(world, "2026-02-01 01:00")
    whole = await everything(world)
    assert whole == Decimal("2.34")  # 7 × 0.333, rounded up
    with world.at("2026-02-02"):
        await move(world, "third")
    assert await bills(world, "buyer") == {1: "2.34", 2: "-1.53"}  # 31 of 90 days: 0.81
    assert await bills(world, "third") == {2: "1.53"}
    assert await everything(world) == whole
    await ticks(world, "2026-03-01 01:00")
    with world.at("2026-03-02"):
        await move(world, "provider")
    assert await everything(world) == whole


async def test_zones_do_not_make_two_quarters_of_one(world: World) -> None:
    """The next organization counts its days elsewhere: the quarter stays where its charge began."""
    path = f"/api/customers/{world.ids['third']}/"
    await world.must("staff", "PATCH", path, {"time_zone": "Pacific/Auckland"})
    with world.at("2026-01-01 09:00"):
        await by_day(world)
    await ticks(world, "2026-02-01 01:00")
    with world.at("2026-02-14"):
        await move(world, "third")
    assert await bills(world, "third") == {2: "5900.00"}
    [invoice] = await world.must("staff", "GET", f"/api/invoices/?customer_uuid={world.ids['third']}&month=2")
    assert [item["name"] for item in invoice["items"]] == ["thing (HPC / Daily) / Space (correction)"]
    await ticks(world, "2026-03-01 01:00")
    assert await everything(world) == Decimal("9000.00")


async def test_one_resource_alone_shares_its_quarter_alike(world: World) -> None:
    with world.at("2026-01-01 09:00"):
        resource = await by_day(world)
    await ticks(world, "2026-02-01 01:00")
    with world.at("2026-02-14"):
        new = {"name": "Beta", "customer": f"/api/customers/{world.ids['third']}/"}
        beta = await world.must("staff", "POST", PROJECTS, new, 201)
        path = f"/api/marketplace-provider-resources/{resource['uuid']}/move_resource/"
        await world.must("staff", "POST", path, {"project": beta["url"]}, 200)
    assert await bills(world, "buyer") == {1: "9000.00", 2: "-5900.00"}
    assert await bills(world, "third") == {2: "5900.00"}
    [invoice] = await world.must("staff", "GET", f"/api/invoices/?customer_uuid={world.ids['buyer']}&month=2")
    assert {item["project_name"] for item in invoice["items"]} == {"Alpha"}


async def test_usage_told_late_is_paid_by_whose_the_resource_was(world: World) -> None:
    """January's invoice is still open when the report comes; the resource went on in February."""
    with world.at("2026-01-01 09:00"):
        resource = await by_day(world, [QUARTERLY, HOURS], space="1.00", hours="2.00")
    with world.at("2026-02-01 00:10"):
        await move(world, "third")
        report = {
            "resource": resource["uuid"],
            "date": "2026-01-31T12:00:00Z",
            "usages": [{"type": "hours", "amount": "10"}],
        }
        await world.must("staff", "POST", SET_USAGE, report, 201)
    assert (await bills(world, "buyer"))[1] == "9020.00"
    assert await bills(world, "third") == {2: "5900.00"}
    await ticks(world, "2026-02-01 01:00", "2026-03-01 01:00")
    assert await everything(world) == Decimal("9020.00")


async def test_this_months_usage_goes_along(world: World) -> None:
    with world.at("2026-01-01 09:00"):
        resource = await by_day(world, [QUARTERLY, HOURS], space="1.00", hours="2.00")
    await ticks(world, "2026-02-01 01:00")
    with world.at("2026-02-10"):
        report = {"resource": resource["uuid"], "usages": [{"type": "hours", "amount": "10"}]}
        await world.must("seller", "POST", SET_USAGE, report, 201)
    with world.at("2026-02-14"):
        await move(world, "third")
    assert await bills(world, "third") == {2: "5920.00"}
    assert await bills(world, "buyer") == {1: "9000.00", 2: "-5900.00"}
