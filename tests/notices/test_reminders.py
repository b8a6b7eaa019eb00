"""People are reminded once of what comes, what waits and what lies idle."""

from __future__ import annotations

from typing import Any

import pytest

from mercato.notices.reminders import reminder
from world import World

pytestmark = pytest.mark.http


async def told(world: World, who: str, kind: str) -> list[str]:
    found = await world.must(who, "GET", f"/api/notices/?kind={kind}&o=created")
    return [row["text"] for row in found]


async def ticked(world: World, *moments: str) -> None:
    for moment in moments:
        with world.at(moment):
            await world.tick()


async def test_an_end_is_told_a_week_and_a_day_before_and_each_once(world: World) -> None:
    with world.at("2026-05-01 12:00"):
        resource = await world.resource(await world.offering())
        path = f"/api/marketplace-resources/{resource['uuid']}/"
        await world.must("owner", "PATCH", path, {"end_date": "2026-05-20"})
        ends = {"end_date": "2026-05-20"}
        await world.must("staff", "PATCH", f"/api/projects/{world.ids['alpha']}/", ends)
    await ticked(world, "2026-05-12 12:00")
    assert await told(world, "owner", "resource_ends") == []
    await ticked(world, "2026-05-13 12:00", "2026-05-13 13:01", "2026-05-15 12:00")
    assert await told(world, "owner", "resource_ends") == ["thing (HPC) ends after 2026-05-20."]
    await ticked(world, "2026-05-19 12:00", "2026-05-20 12:00")
    assert len(await told(world, "owner", "resource_ends")) == 2
    assert await told(world, "stranger", "resource_ends") == []
    assert len(await told(world, "manager", "project_ends")) == 2
    events = await world.must(
        "owner", "GET", f"/api/events/?scope=http://x{path}&event_type=marketplace_resource_end_reminded"
    )
    assert len(events) == 2


async def test_the_calendar_is_the_customers(world: World) -> None:
    with world.at("2026-05-01 12:00"):
        zone = {"time_zone": "Pacific/Kiritimati"}
        await world.must("staff", "PATCH", f"/api/customers/{world.ids['buyer']}/", zone)
        resource = await world.resource(await world.offering())
        ends = {"end_date": "2026-05-20"}
        await world.must("owner", "PATCH", f"/api/marketplace-resources/{resource['uuid']}/", ends)
    # Until ten it is still the 12th there.
    await ticked(world, "2026-05-12 09:59")
    assert await told(world, "owner", "resource_ends") == []
    await ticked(world, "2026-05-12 10:00")
    assert len(await told(world, "owner", "resource_ends")) == 1


async def test_an_order_that_waits_is_told_to_whoever_can_approve_it(world: World) -> None:
    with world.at("2026-05-01 12:00"):
        offering = await world.offering()
        mine = await world.order(offering, "manager")
        await world.order(offering, "owner")
    assert mine["state"] == "pending-consumer"
    await ticked(world, "2026-05-03 12:00")
    assert await told(world, "owner", "order_waits") == []
    await ticked(world, "2026-05-04 12:01", "2026-05-05 12:01", "2026-05-10 12:01")
    words = ["The order of thing (HPC) waits for an approval since 2026-05-01."]
    assert await told(world, "owner", "order_waits") == words
    assert await told(world, "seller", "order_waits") == words
    await ticked(world, "2026-05-11 12:02")
    assert len(await told(world, "seller", "order_waits")) == 2


async def test_what_costs_nothing_for_months_is_told_where_the_operator_wants_it(
    world: World,
) -> None:
    free: dict[str, Any] = {"plans": [{"name": "Free", "unit": "month", "prices": {}}]}
    with world.at("2026-01-10 12:00"):
        await world.resource(await world.offering("Free", **free), attributes={"name": "idle"})
        await world.resource(await world.offering("Paid"), attributes={"name": "busy"})
    for month in ("02-01", "03-01", "04-01", "05-01"):
        await ticked(world, f"2026-{month} 01:00")

    async def reminded(moment: str, *, stale: bool) -> list[str]:
        with world.at(moment):
            await world.market.db.write(reminder(stale=stale))
        return await told(world, "owner", "resource_is_stale")

    assert await reminded("2026-05-06 12:00", stale=False) == []
    assert await reminded("2026-05-04 12:00", stale=True) == []
    words = "idle (Free) cost nothing since 2026-02. Is it still needed?"
    assert await reminded("2026-05-06 12:00", stale=True) == [words]
    assert await reminded("2026-05-07 12:00", stale=True) == [words]
