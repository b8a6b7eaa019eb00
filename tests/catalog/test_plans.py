"""Components and plans: what is billed, what it costs, and what may change while somebody uses it."""

from __future__ import annotations

from typing import Any

import pytest

from world import COMPONENTS, World

pytestmark = pytest.mark.http

MINE = "/api/marketplace-provider-offerings/"
PLANS = "/api/marketplace-plans/"
FEE = {"type": "fee", "name": "Fee", "billing_type": "fixed"}
SETUP = {"type": "setup", "name": "Setup", "billing_type": "one"}
SWITCH = {"type": "switch", "name": "Switch", "billing_type": "few"}


async def priced(world: World) -> dict[str, Any]:
    plan = {
        "name": "All",
        "unit": "month",
        "prices": {"fee": "1.50", "setup": 7, "switch": "3", "cpu": "0.05"},
        "quotas": {"fee": 2},
    }
    return await world.offering(components=[FEE, SETUP, SWITCH, COMPONENTS[0]], plans=[plan])


async def test_a_plan_as_its_provider_made_it(world: World) -> None:
    [plan] = (await priced(world))["plans"]
    assert (plan["unit_price"], plan["init_price"], plan["switch_price"]) == ("3", 7, 3)
    assert plan["prices"] == {"fee": "1.5", "setup": "7", "switch": "3", "cpu": "0.05"}
    assert plan["quotas"] == {"fee": 2, "setup": 0, "switch": 0, "cpu": 0}
    assert plan["future_prices"] == {}
    assert [c["type"] for c in plan["components"]] == ["fee", "setup", "switch", "cpu"]


async def test_plans_are_added_and_archived(world: World) -> None:
    offering = await world.offering()
    body = {
        "name": "Second",
        "offering": offering["url"],
        "unit": "day",
        "prices": {"cpu": "1"},
        "max_amount": 1,
    }
    made = await world.must("seller", "POST", PLANS, body, 201)
    assert (made["offering_uuid"], made["unit"], made["max_amount"]) == (offering["uuid"], "day", 1)
    public = f"/api/marketplace-public-offerings/{offering['uuid']}/plans/"
    assert [p["name"] for p in await world.must(None, "GET", public)] == ["Standard", "Second"]
    done = await world.must("seller", "POST", f"{PLANS}{made['uuid']}/archive/", status=200)
    assert done == {"detail": "Plan has been archived."}
    again = await world.post("seller", f"{PLANS}{made['uuid']}/archive/")
    assert (again.status_code, again.json()["detail"]) == (400, "Plan is already archived.")
    assert [p["name"] for p in await world.must(None, "GET", public)] == ["Standard"]
    assert (await world.get(None, f"{public}{made['uuid']}/")).status_code == 404
    order = world.order_body(offering, plan=made["url"])
    refused = await world.post("owner", "/api/marketplace-orders/", order)
    assert refused.json() == {"plan": ["This plan is not available for selected offering."]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"unit": "decade"}, "unit"),
        ({"prices": {"ghost": 1}}, "prices"),
        ({"prices": {"cpu": -1}}, "prices"),
        ({"prices": {"cpu": "0.00000000001"}}, "prices"),
        ({"quotas": {"cpu": 1}}, "quotas"),
        ({"quotas": {"ghost": 1}}, "quotas"),
        ({"max_amount": -1}, "max_amount"),
        ({"offering": "0" * 32}, "offering"),
    ],
)
async def test_plans_that_cannot_be(world: World, change: dict[str, Any], field: str) -> None:
    offering = await world.offering()
    body = {"name": "Second", "offering": offering["url"], **change}
    answer = await world.post("seller", PLANS, body)
    assert (answer.status_code, list(answer.json())) == (400, [field]), answer.text


async def test_prices_change_at_once_while_nobody_pays_them(world: World) -> None:
    offering = await priced(world)
    path = f"{PLANS}{offering['plans'][0]['uuid']}/"
    done = await world.must("seller", "POST", path + "update_prices/", {"prices": {"fee": "2"}}, 200)
    assert done == {"detail": "Prices have been updated."}
    done = await world.must("seller", "POST", path + "update_quotas/", {"quotas": {"fee": 5}}, 200)
    assert done == {"detail": "Quotas have been updated."}
    seen = await world.must("seller", "GET", path)
    assert (seen["prices"]["fee"], seen["quotas"]["fee"], seen["unit_price"]) == ("2", 5, "10")
    await world.must("seller", "PATCH", path, {"name": "Renamed", "max_amount": 3})
    assert (await world.must("seller", "GET", path))["name"] == "Renamed"
    refused = await world.ask("seller", "PATCH", path, {"name": "  "})
    assert refused.json() == {"name": ["This field may not be blank."]}


async def test_a_plan_in_use_keeps_its_words_and_changes_its_prices_later(world: World) -> None:
    offering = await priced(world)
    await world.resource(offering, limits={"cpu": 1})
    path = f"{PLANS}{offering['plans'][0]['uuid']}/"
    refused = await world.ask("seller", "PATCH", path, {"name": "Renamed"})
    assert refused.status_code == 400
    assert refused.json()["detail"] == "It is not possible to update plan because it is used by resources."
    await world.must("seller", "POST", path + "update_prices/", {"prices": {"fee": "2"}}, 200)
    seen = await world.must("seller", "GET", path)
    assert (seen["prices"]["fee"], seen["future_prices"], seen["resources_count"]) == ("1.5", {"fee": "2"}, 1)
    [part] = [c for c in seen["components"] if c["type"] == "fee"]
    assert (part["price"], part["future_price"], part["amount"]) == ("1.5", "2", 2)


async def test_a_full_plan_takes_nobody(world: World) -> None:
    plan = {"name": "One", "prices": {"cpu": 1}, "max_amount": 1}
    offering = await world.offering(plans=[plan])
    await world.resource(offering)
    refused = await world.post("owner", "/api/marketplace-orders/", world.order_body(offering))
    assert refused.json() == {"plan": ["Plan is not available because limit has been reached."]}


async def test_components_come_and_go_while_nobody_uses_them(world: World) -> None:
    offering = await world.offering()
    path = f"{MINE}{offering['uuid']}/"
    disk = {"type": "disk", "name": "Disk", "billing_type": "fixed"}
    await world.must("seller", "POST", path + "create_offering_component/", disk, 201)
    seen = await world.must("seller", "GET", path)
    added = seen["components"][-1]
    assert (added["type"], seen["plans"][0]["prices"]["disk"], seen["plans"][0]["quotas"]["disk"]) == (
        "disk",
        "0",
        1,
    )
    changed = {**disk, "uuid": added["uuid"], "name": "Big disk", "type": "big"}
    await world.must("seller", "POST", path + "update_offering_component/", changed, 200)
    seen = await world.must("seller", "GET", path)
    assert (seen["components"][-1]["type"], seen["components"][-1]["name"]) == ("big", "Big disk")
    await world.must("seller", "POST", path + "remove_offering_component/", {"uuid": added["uuid"]}, 200)
    assert "big" not in (await world.must("seller", "GET", path))["plans"][0]["prices"]
    gone = await world.post("seller", path + "remove_offering_component/", {"uuid": added["uuid"]})
    assert gone.json() == {"uuid": ["Component is not found."]}
    twice = await world.post("seller", path + "create_offering_component/", COMPONENTS[0])
    assert twice.json() == {"type": ["Component cpu exists already."]}


async def test_a_component_that_was_billed_stays_what_it_is(world: World) -> None:
    offering = await world.offering()
    await world.resource(offering)
    path = f"{MINE}{offering['uuid']}/"
    cpu = offering["components"][0]
    refused = await world.post("seller", path + "remove_offering_component/", {"uuid": cpu["uuid"]})
    assert (refused.status_code, refused.json()["code"]) == (400, "component_in_use")
    for change in (
        {"type": "cores"},
        {"billing_type": "usage"},
        {"limit_period": "quarterly"},
        {"unit_factor": 1000},
    ):
        body = {**COMPONENTS[0], "uuid": cpu["uuid"], **change}
        refused = await world.post("seller", path + "update_offering_component/", body)
        assert (refused.status_code, list(refused.json())) == (400, list(change)), refused.text
    body = {**COMPONENTS[0], "uuid": cpu["uuid"], "name": "Cores", "max_value": 5000}
    await world.must("seller", "POST", path + "update_offering_component/", body, 200)


async def test_a_component_that_only_unbilled_limits_name_can_go(world: World) -> None:
    offering = await world.offering()
    resource = await world.resource(offering, limits={"cpu": 10, "ram": 0, "storage": 0})
    ram = next(c for c in offering["components"] if c["type"] == "ram")
    path = f"{MINE}{offering['uuid']}/"
    await world.must("seller", "POST", path + "remove_offering_component/", {"uuid": ram["uuid"]}, 200)
    limits = f"/api/marketplace-resources/{resource['uuid']}/update_limits/"
    made = await world.must("owner", "POST", limits, {"limits": {"cpu": 20}}, 200)
    await world.done(made["order_uuid"])
    assert (await world.reload(resource["uuid"]))["limits"]["cpu"] == 20
    [invoice] = await world.invoices()
    assert [i["details"]["offering_component_type"] for i in invoice["items"]] == ["cpu"]


@pytest.mark.parametrize(
    ("rule", "given", "text"),
    [
        ({"min_value": 5}, 4, "The limit 4 value cannot be less than 5 (cpu)."),
        ({"max_value": 4}, 5, "The limit 5 value cannot be more than 4 (cpu)."),
        ({"limit_amount": 10}, 11, "Total limit exceeds threshold 10 (cpu)."),
        ({"is_boolean": True}, 2, "cpu: the limit is either 0 or 1."),
        ({"max_available_limit": 10}, 10, "The limit 10 value cannot be more than what is left (cpu)."),
        ({"max_value": 4}, -1, "cpu: the limit can not be unlimited."),
        ({}, -2, "cpu: the limit can not be negative."),
        ({}, 1.5, "cpu: a whole number is required."),
        ({}, "many", "cpu: a whole number is required."),
        ({}, 10**12, "cpu: a whole number is required."),
    ],
)
async def test_limits_keep_to_their_component(
    world: World, rule: dict[str, Any], given: Any, text: str
) -> None:
    component = {**COMPONENTS[0], **rule}
    offering = await world.offering(components=[component], plans=[{"name": "P", "prices": {"cpu": 1}}])
    body = world.order_body(offering, limits={"cpu": given})
    answer = await world.post("owner", "/api/marketplace-orders/", body)
    assert (answer.status_code, answer.json()) == (400, {"limits": [text]}), answer.text


async def test_what_is_left_is_shared_by_all(world: World) -> None:
    component = {**COMPONENTS[0], "max_available_limit": 10}
    offering = await world.offering(components=[component], plans=[{"name": "P", "prices": {"cpu": 1}}])
    resource = await world.resource(offering, limits={"cpu": 6})
    body = world.order_body(offering, limits={"cpu": 4})
    assert (await world.post("owner", "/api/marketplace-orders/", body)).status_code == 400
    await world.order(offering, limits={"cpu": 3})
    path = f"/api/marketplace-resources/{resource['uuid']}/"
    refused = await world.post("owner", path + "update_limits/", {"limits": {"cpu": 7}})
    assert refused.status_code == 400
    await world.must("owner", "POST", path + "update_limits/", {"limits": {"cpu": 5}}, 200)


async def test_limits_that_were_not_named_have_their_defaults(world: World) -> None:
    parts = [
        {**COMPONENTS[0], "default_limit": 7},
        {**COMPONENTS[1], "min_value": 2},
        COMPONENTS[2],
    ]
    offering = await world.offering(components=parts)
    order = await world.order(offering, limits={"storage": "5"})
    assert order["limits"] == {"cpu": 7, "ram": 2, "storage": 5}


async def test_unlimited_costs_nothing(world: World) -> None:
    order = await world.order(await world.offering(), limits={"cpu": -1, "ram": 0, "storage": 100})
    assert (order["limits"]["cpu"], order["cost"]) == (-1, "1")


async def test_a_plan_is_replaced_and_removed_while_nobody_uses_it(world: World) -> None:
    offering = await world.offering()
    path = f"{PLANS}{offering['plans'][0]['uuid']}/"
    put = await world.must("seller", "PUT", path, {"name": "Basic", "max_amount": 2}, 200)
    assert (put["name"], put["max_amount"], put["prices"]["cpu"]) == ("Basic", 2, "0.05")
    await world.resource(offering)
    for method, body in (("PUT", {"name": "Other"}), ("DELETE", None)):
        refused = await world.ask("seller", method, path, body)
        assert (refused.status_code, "used by resources" in refused.text) == (400, True)
    body = {"name": "Second", "offering": offering["url"]}
    second = await world.must("seller", "POST", PLANS, body, 201)
    await world.must("seller", "DELETE", f"{PLANS}{second['uuid']}/", status=204)
    assert (await world.get("seller", f"{PLANS}{second['uuid']}/")).status_code == 404
    public = f"/api/marketplace-public-offerings/{offering['uuid']}/plans/"
    assert [p["name"] for p in await world.must(None, "GET", public)] == ["Basic"]


async def test_how_full_plans_are(world: World) -> None:
    plans = [{"name": "Few", "max_amount": 3}, {"name": "Any"}]
    offering = await world.offering(plans=plans)
    await world.resource(offering)
    path = f"{PLANS}usage_stats/?offering_uuid={offering['uuid']}&o=-usage"
    few, some = await world.must("seller", "GET", path)
    assert (few["plan_name"], few["limit"], few["usage"], few["remaining"]) == ("Few", 3, 1, 2)
    assert (some["plan_name"], some["limit"], some["usage"], some["remaining"]) == ("Any", 0, 0, 0)
    assert few["customer_provider_uuid"] == world.ids["provider"]
    assert await world.must("owner", "GET", path) == []


async def test_what_components_cost_everywhere(world: World) -> None:
    offering = await world.offering()
    await world.offering("Draft", activate=False)
    parts = "/api/marketplace-plan-components/"
    found = await world.must("stranger", "GET", parts)
    assert {p["offering_name"] for p in found} == {"HPC"}
    assert [(p["component_name"], p["price"]) for p in found] == [
        ("CPU hours", "0.05"),
        ("RAM", "0.1"),
        ("Storage", "0.01"),
    ]
    assert len(await world.must("seller", "GET", parts)) == 6
    assert len(await world.must("seller", "GET", f"{parts}?offering_uuid={offering['uuid']}")) == 3
