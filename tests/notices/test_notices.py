"""What the system did without people is told to those whom it concerns."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from world import World

pytestmark = pytest.mark.http

NOTICES = "/api/notices/"


async def waiting_order(world: World) -> dict[str, Any]:
    """An order of the project's manager that waits for the project's start."""
    day = (date.today() + timedelta(days=9)).isoformat()
    await world.must("owner", "PATCH", f"/api/projects/{world.ids['alpha']}/", {"start_date": day})
    order = await world.order(await world.offering(), "manager", attributes={"name": "vm"})
    return (
        await world.must("owner", "POST", f"/api/marketplace-orders/{order['uuid']}/approve_by_consumer/")
        and order
    )


async def told(world: World, who: str, **query: str) -> list[Any]:
    answer = await world.get(who, NOTICES, params=query)
    assert answer.status_code == 200
    found: list[Any] = answer.json()
    return found


async def test_a_removed_project_tells_who_asked_and_who_approves(world: World) -> None:
    order = await waiting_order(world)
    await world.must("owner", "DELETE", f"/api/projects/{world.ids['alpha']}/", status=204)
    [mine] = await told(world, "manager")
    assert mine["text"] == "The order for vm (HPC) was canceled. Project Alpha was removed."
    assert (mine["kind"], mine["object_type"], mine["object_uuid"]) == (
        "order_canceled",
        "order",
        order["uuid"],
    )
    assert mine["read_at"] is None
    assert [row["text"] for row in await told(world, "owner")] == [mine["text"]]
    for who in ("member", "seller", "staff", "support", "stranger"):
        assert await told(world, who) == []


async def test_a_blocked_organization_tells_too(world: World) -> None:
    await waiting_order(world)
    await world.must("staff", "PATCH", f"/api/customers/{world.ids['buyer']}/", {"blocked": True})
    [mine] = await told(world, "manager")
    assert mine["text"].endswith("Organization Buyer Org is not available any more.")


async def test_what_somebody_cancels_is_told_to_nobody(world: World) -> None:
    order = await waiting_order(world)
    await world.must("owner", "POST", f"/api/marketplace-orders/{order['uuid']}/cancel/", status=202)
    assert await told(world, "manager") == await told(world, "owner") == []


async def test_a_notice_is_read_by_its_reader_only(world: World) -> None:
    await waiting_order(world)
    await world.must("owner", "DELETE", f"/api/projects/{world.ids['alpha']}/", status=204)
    [mine] = await told(world, "manager")
    path = f"{NOTICES}{mine['uuid']}/read/"
    assert (await world.post("owner", path)).status_code == 404
    assert await world.must("manager", "POST", path) == {"count": 1}
    assert await world.must("manager", "POST", path) == {"count": 0}
    assert await told(world, "manager", is_read="false") == []
    assert len(await told(world, "manager", is_read="true")) == 1
    assert await world.must("owner", "POST", NOTICES + "read_all/") == {"count": 1}
    assert await told(world, "owner", is_read="false") == []
