"""Orders on resources that exist: limits, plans, ends, agents, failures."""

from __future__ import annotations

import pytest

from world import PRICES, World

pytestmark = pytest.mark.http


async def test_new_limits_are_applied_when_the_order_is_done(world: World) -> None:
    resource = await world.resource(await world.offering())
    path = f"/api/marketplace-resources/{resource['uuid']}/"
    made = await world.must("owner", "POST", path + "update_limits/", {"limits": {"cpu": 2000}}, 200)
    before = await world.reload(resource["uuid"])
    assert (before["state"], before["limits"]["cpu"]) == ("OK", 1000)
    await world.act("seller", made["order_uuid"], "approve_by_provider")
    assert (await world.reload(resource["uuid"]))["state"] == "Updating"
    await world.drain()
    after = await world.reload(resource["uuid"])
    assert (after["state"], after["limits"]) == ("OK", {"cpu": 2000, "ram": 256, "storage": 500})


async def test_one_open_order_per_resource(world: World) -> None:
    resource = await world.resource(await world.offering())
    path = f"/api/marketplace-resources/{resource['uuid']}/"
    await world.must("owner", "POST", path + "update_limits/", {"limits": {"cpu": 2000}}, 200)
    second = await world.post("owner", path + "terminate/", {})
    assert second.status_code == 400
    assert second.json()["detail"] == "Pending order for resource already exists."


async def test_the_same_limits_are_refused(world: World) -> None:
    resource = await world.resource(await world.offering())
    path = f"/api/marketplace-resources/{resource['uuid']}/update_limits/"
    answer = await world.post("owner", path, {"limits": {"cpu": 1000}})
    assert answer.status_code == 400
    assert "limits" in answer.json()


async def test_another_plan(world: World) -> None:
    plans = [{"name": name, "unit": "month", "prices": PRICES} for name in ("Small", "Large")]
    offering = await world.offering(plans=plans)
    resource = await world.resource(offering)
    path = f"/api/marketplace-resources/{resource['uuid']}/switch_plan/"
    made = await world.must("owner", "POST", path, {"plan": offering["plans"][1]["url"]}, 200)
    order = await world.must("owner", "GET", f"/api/marketplace-orders/{made['order_uuid']}/")
    assert (order["type"], order["old_plan_name"], order["new_plan_name"]) == ("Update", "Small", "Large")
    await world.done(made["order_uuid"])
    assert (await world.reload(resource["uuid"]))["plan_name"] == "Large"


async def test_the_end(world: World) -> None:
    resource = await world.resource(await world.offering())
    path = f"/api/marketplace-resources/{resource['uuid']}/terminate/"
    made = await world.must("manager", "POST", path, {}, 200)
    assert (await world.act("owner", made["order_uuid"], "approve_by_consumer")).status_code == 200
    await world.done(made["order_uuid"])
    assert (await world.reload(resource["uuid"]))["state"] == "Terminated"
    assert (await world.post("owner", path, {})).status_code == 409


async def test_a_rejected_update_leaves_the_resource_as_it_was(world: World) -> None:
    resource = await world.resource(await world.offering())
    path = f"/api/marketplace-resources/{resource['uuid']}/update_limits/"
    made = await world.must("owner", "POST", path, {"limits": {"cpu": 2000}}, 200)
    await world.act("seller", made["order_uuid"], "reject_by_provider")
    after = await world.reload(resource["uuid"])
    assert (after["state"], after["limits"]["cpu"]) == ("OK", 1000)


async def test_a_site_agent_reports_the_end_itself(world: World) -> None:
    offering = await world.offering(type="Marketplace.Slurm")
    await world.keep(offering)
    order = await world.order(offering)
    await world.act("keeper", order, "approve_by_provider", {})
    await world.drain()
    assert await world.order_state(order) == "executing"
    base = f"/api/marketplace-provider-resources/{order['marketplace_resource_uuid']}/"
    told = await world.must("keeper", "POST", base + "set_backend_id/", {"backend_id": "acc-1"}, 200)
    assert told["status"]
    links = {"endpoints": [{"name": "Login", "url": "ssh login.example.org"}]}
    await world.must("keeper", "POST", base + "set_endpoints/", links, 200)
    await world.must(
        "keeper", "POST", base + "set_backend_metadata/", {"backend_metadata": {"qos": "normal"}}, 200
    )
    assert (await world.act("keeper", order, "set_state_done")).status_code == 200
    seen = await world.reload(order["marketplace_resource_uuid"])
    assert (seen["state"], seen["backend_id"], seen["backend_metadata"]) == ("OK", "acc-1", {"qos": "normal"})
    assert seen["endpoints"][0]["url"] == "ssh login.example.org"


async def test_a_failure_is_shown_and_can_be_tried_again(world: World) -> None:
    offering = await world.offering(type="Marketplace.Slurm")
    order = await world.order(offering)
    await world.act("seller", order, "approve_by_provider")
    await world.drain()
    failure = {"error_message": "no quota", "error_traceback": "Traceback"}
    assert (await world.act("seller", order, "set_state_erred", failure)).status_code == 200
    resource = await world.reload(order["marketplace_resource_uuid"])
    assert (resource["state"], resource["error_message"]) == ("Erred", "no quota")
    assert (await world.act("owner", order, "retry")).status_code == 403
    assert (await world.act("seller", order, "retry")).status_code == 200
    assert (await world.reload(order["marketplace_resource_uuid"]))["state"] == "Creating"
    await world.act("seller", order, "set_state_done")
    assert (await world.reload(order["marketplace_resource_uuid"]))["state"] == "OK"


async def test_a_done_order_cannot_fail_any_more(world: World) -> None:
    order = await world.order(await world.offering())
    await world.done(order["uuid"])
    answer = await world.act("seller", order, "set_state_erred", {"error_message": "late"})
    assert answer.status_code == 409
