"""An order that one agent has taken is not shown to another, until its time is over."""

from __future__ import annotations

from typing import Any

import pytest

from world import World

pytestmark = pytest.mark.http

AGENT = {"User-Agent": "waldur-site-agent-order_process/1.0.7"}
LIST = "/api/marketplace-orders/?state=pending-provider&state=executing&offering_uuid="


@pytest.fixture
async def offering(world: World) -> dict[str, Any]:
    made = await world.offering(type="Marketplace.Slurm")
    await world.keep(made)
    return made


async def listed(world: World, offering: dict[str, Any], **headers: str) -> list[str]:
    answer = await world.get("keeper", LIST + offering["uuid"], headers=headers)
    counted = await world.ask("keeper", "HEAD", LIST + offering["uuid"], headers=headers)
    assert counted.headers["X-Result-Count"] == str(len(answer.json()))
    return [row["uuid"] for row in answer.json()]


async def approve(world: World, order: dict[str, Any], **headers: str) -> None:
    path = f"/api/marketplace-orders/{order['uuid']}/approve_by_provider/"
    assert (await world.post("keeper", path, {}, headers=headers)).status_code == 200


async def test_what_one_agent_took_another_does_not_see(world: World, offering: dict[str, Any]) -> None:
    with world.at("2026-05-01 10:00:00"):
        order = await world.order(offering)
        assert await listed(world, offering, **AGENT) == [order["uuid"]]
        await approve(world, order, **AGENT)
        assert await listed(world, offering, **AGENT) == []
        assert await listed(world, offering) == [order["uuid"]]  # people see everything
        path = f"/api/marketplace-orders/{order['uuid']}/"
        assert (await world.get("keeper", path, headers=AGENT)).json()["state"] == "executing"
    with world.at("2026-05-01 10:00:31"):
        assert await listed(world, offering, **AGENT) == [order["uuid"]]


async def test_what_people_approved_is_for_the_next_agent(world: World, offering: dict[str, Any]) -> None:
    order = await world.order(offering)
    await approve(world, order)
    assert await listed(world, offering, **AGENT) == [order["uuid"]]


async def test_an_agent_that_tries_again_takes_it_again(world: World, offering: dict[str, Any]) -> None:
    order = await world.order(offering)
    await approve(world, order, **AGENT)
    await world.act("keeper", order, "set_state_erred")
    path = f"/api/marketplace-orders/{order['uuid']}/set_state_executing/"
    assert (await world.post("keeper", path, headers=AGENT)).status_code == 200
    assert await listed(world, offering, **AGENT) == []


async def test_a_dead_agents_order_is_told_of_again(world: World, offering: dict[str, Any]) -> None:
    with world.at("2026-05-01 10:00:00"):
        where = "/api/marketplace-site-agent-identities/"
        body = {"offering": offering["uuid"], "name": "agent"}
        agent = await world.must("keeper", "POST", where, body, 201)
        await world.must("keeper", "POST", f"{where}{agent['uuid']}/register_queue/", {}, 201)
        order, other = await world.order(offering), await world.order(offering, "manager")
        await world.act("owner", other, "approve_by_consumer")
        await approve(world, order, **AGENT)
        await approve(world, other, **AGENT)
        await world.act("keeper", other, "set_state_done")
        before = await waiting(world)
    with world.at("2026-05-01 10:00:29"):
        await world.drain()
        assert await waiting(world) == before
    with world.at("2026-05-01 10:00:31"):
        await world.drain()
        assert await waiting(world) == before + 1
    with world.at("2026-05-01 10:10"):
        await world.drain()
        assert await waiting(world) == before + 1


async def waiting(world: World) -> int:
    found = await world.must("keeper", "GET", "/api/marketplace-site-agent-connection-stats/")
    return int(found["summary"]["total_queued_messages"])


async def test_bounds_of_what_never_came_to_life(world: World, offering: dict[str, Any]) -> None:
    """A second agent may report limits after the first one's order has failed."""
    order = await world.order(offering)
    await approve(world, order)
    await world.act("keeper", order, "set_state_erred", {"error_message": "x"})
    path = f"/api/marketplace-provider-resources/{order['marketplace_resource_uuid']}/set_limits/"
    await world.must("keeper", "POST", path, {"limits": {"cpu": 7}}, 200)
    assert (await world.reload(order["marketplace_resource_uuid"]))["limits"]["cpu"] == 7
    assert await world.invoices() == []
