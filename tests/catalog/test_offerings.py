"""Authoring offerings: drafts, their life, their texts, secrets, forms and endpoints."""

from __future__ import annotations

from typing import Any

import pytest

from world import COMPONENTS, World

pytestmark = pytest.mark.http

MINE = "/api/marketplace-provider-offerings/"
PUBLIC = "/api/marketplace-public-offerings/"


def draft(world: World, **change: Any) -> dict[str, Any]:
    body = {
        "name": "Draft",
        "category": f"/api/marketplace-categories/{world.ids['category']}/",
        "customer": f"/api/customers/{world.ids['provider']}/",
        "type": "Marketplace.Basic",
    }
    return {**body, **change}


async def test_an_offering_begins_as_a_draft_that_nobody_sees(world: World) -> None:
    made = await world.must("seller", "POST", MINE, draft(world), 201)
    assert (made["state"], made["slug"], made["shared"], made["billable"]) == ("Draft", "draft", True, True)
    assert (made["components"], made["plans"], made["endpoints"]) == ([], [], [])
    assert await world.must("owner", "GET", PUBLIC) == []
    assert (await world.get("owner", f"{PUBLIC}{made['uuid']}/")).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"category": "nonsense"}, "category"),
        ({"customer": "0" * 32}, "customer"),
        ({"type": "Marketplace.Unknown"}, "type"),
        ({"project": "0" * 32}, "project"),
        ({"options": {"order": ["ghost"], "options": {}}}, "options"),
        ({"options": {"options": {"x": {"type": "hologram"}}}}, "options"),
        ({"components": [*COMPONENTS, COMPONENTS[0]]}, "type"),
        ({"components": [{**COMPONENTS[0], "type": "a b"}]}, "type"),
        ({"components": [{**COMPONENTS[0], "billing_type": "gift"}]}, "components"),
        ({"plans": [{"name": "P", "prices": {"ghost": 1}}]}, "prices"),
        ({"plans": [{"name": "P", "unit": "decade"}]}, "plans"),
    ],
)
async def test_offerings_that_cannot_be(world: World, change: dict[str, Any], field: str) -> None:
    answer = await world.post("seller", MINE, draft(world, **change))
    assert (answer.status_code, list(answer.json())) == (400, [field]), answer.text
    assert await world.must("seller", "GET", MINE) == []


async def test_only_providers_offer(world: World) -> None:
    answer = await world.post("owner", MINE, draft(world, customer=world.ids["buyer"]))
    assert answer.json() == {"customer": ["Organization is not a service provider."]}


async def test_what_costs_something_needs_a_plan_to_be_activated(world: World) -> None:
    paid = await world.must("seller", "POST", MINE, draft(world), 201)
    refused = await world.post("seller", f"{MINE}{paid['uuid']}/activate/")
    assert (refused.status_code, refused.json()["code"]) == (400, "no_plan")
    free = await world.must("seller", "POST", MINE, draft(world, billable=False), 201)
    done = await world.must("seller", "POST", f"{MINE}{free['uuid']}/activate/", status=200)
    assert done == {"detail": "Offering is now Active.", "state": "Active"}


async def test_a_life_from_draft_to_archive(world: World) -> None:
    offering = await world.offering()
    path = f"{MINE}{offering['uuid']}/"

    async def do(action: str, json: Any = None) -> int:
        return (await world.post("seller", f"{path}{action}/", json)).status_code

    async def seen() -> tuple[str, str, int, int]:
        mine = await world.must("seller", "GET", path)
        listed = await world.must("owner", "GET", PUBLIC)
        linked = await world.get("owner", f"{PUBLIC}{offering['uuid']}/")
        return mine["state"], mine["paused_reason"], len(listed), linked.status_code

    assert await seen() == ("Active", "", 1, 200)
    assert await do("activate") == 409
    assert await do("pause", {"paused_reason": "maintenance"}) == 200
    assert await seen() == ("Paused", "maintenance", 0, 200)
    assert await do("unpause") == 200
    assert await seen() == ("Active", "", 1, 200)
    assert await do("archive") == 200
    assert await seen() == ("Archived", "", 0, 404)
    assert await do("archive") == 409
    assert await do("draft") == 200
    assert await seen() == ("Draft", "", 0, 404)


CHANGES: list[tuple[str, Any]] = [
    ("update_overview/", {"description": "new"}),
    ("update_integration/", {"backend_id": "x"}),
    ("update_options/", {"options": {}}),
    ("create_offering_component/", {"type": "disk", "name": "Disk", "billing_type": "fixed"}),
    ("add_endpoint/", {"name": "a", "url": "b"}),
]


@pytest.mark.parametrize(("action", "body"), CHANGES)
async def test_an_archived_offering_cannot_be_changed(world: World, action: str, body: Any) -> None:
    offering = await world.offering()
    path = f"{MINE}{offering['uuid']}/"
    await world.must("seller", "POST", path + "archive/", status=200)
    answer = await world.post("seller", path + action, body)
    assert answer.status_code == 400
    assert answer.json()["detail"] == "It is not possible to update archived offering."


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/marketplace-plans/", {"name": "New", "offering": "{offering}"}),
        ("PATCH", "/api/marketplace-plans/{plan}/", {"description": "new"}),
        ("POST", "/api/marketplace-plans/{plan}/update_prices/", {"prices": {"cpu": 1}}),
        ("POST", "/api/marketplace-plans/{plan}/update_quotas/", {"quotas": {}}),
    ],
)
async def test_nor_can_its_plans(world: World, method: str, path: str, body: dict[str, Any]) -> None:
    offering = await world.offering()
    await world.must("seller", "POST", f"{MINE}{offering['uuid']}/archive/", status=200)
    ids = {"offering": offering["uuid"], "plan": offering["plans"][0]["uuid"]}
    filled = {k: v.format(**ids) if isinstance(v, str) else v for k, v in body.items()}
    answer = await world.ask("seller", method, path.format(**ids), filled)
    assert (answer.status_code, answer.json().get("code")) == (400, "archived"), answer.text


async def test_what_people_read_and_what_machines_need(world: World) -> None:
    offering = await world.offering()
    path = f"{MINE}{offering['uuid']}/"
    texts = {
        "name": "Renamed",
        "getting_started": "ssh {resource_username}@x",
        "terms_of_service": "Be nice.",
    }
    await world.must("seller", "POST", path + "update_overview/", texts, 200)
    first = {"plugin_options": {"a": 1, "b": 2}, "secret_options": {"key": "s3cret"}}
    await world.must("seller", "POST", path + "update_integration/", first, 200)
    second = {"plugin_options": {"b": None, "c": 3}, "backend_id": "backend-1"}
    await world.must("seller", "POST", path + "update_integration/", second, 200)
    seen = await world.must("seller", "GET", path)
    assert {name: seen[name] for name in texts} == texts
    assert (seen["plugin_options"], seen["backend_id"]) == ({"a": 1, "c": 3}, "backend-1")
    assert seen["secret_options"] == {"key": "s3cret"}
    blank = await world.post("seller", path + "update_overview/", {"name": " "})
    assert blank.json() == {"name": ["This field may not be blank."]}


async def test_secrets_are_for_whoever_may_change_them(world: World) -> None:
    offering = await world.offering(secret_options={"key": "s3cret"})
    await world.keep(offering)
    clerk = {"user": world.ids["reader"], "role": "CUSTOMER.SUPPORT"}
    await world.must("staff", "POST", f"/api/customers/{world.ids['provider']}/add_user/", clerk, 201)
    path = f"{MINE}{offering['uuid']}/"
    for who in ("seller", "vendor", "keeper", "staff"):
        assert (await world.must(who, "GET", path))["secret_options"] == {"key": "s3cret"}, who
    for who in ("reader", "support"):
        assert "secret_options" not in await world.must(who, "GET", path), who
        answer = await world.get(who, path + "?field=secret_options")
        assert "s3cret" not in answer.text, who
    for where in (MINE, MINE + "?field=secret_options", PUBLIC, f"{PUBLIC}{offering['uuid']}/"):
        for who in ("seller", "staff"):
            assert "s3cret" not in (await world.get(who, where)).text, where


async def test_endpoints_of_any_scheme(world: World) -> None:
    offering = await world.offering()
    path = f"{MINE}{offering['uuid']}/"
    urls = ["ssh login.example.org", "https://example.org", "s3://bucket", "ring twice"]
    uuids = []
    for url in urls:
        made = await world.must("seller", "POST", path + "add_endpoint/", {"name": "E", "url": url}, 201)
        uuids.append(made["uuid"])
    seen = await world.must("owner", "GET", f"{PUBLIC}{offering['uuid']}/")
    assert [e["url"] for e in seen["endpoints"]] == urls
    await world.must("seller", "POST", path + "delete_endpoint/", {"uuid": uuids[0]}, 204)
    again = await world.post("seller", path + "delete_endpoint/", {"uuid": uuids[0]})
    assert again.json() == {"uuid": ["Endpoint is not found."]}
    blank = await world.post("seller", path + "add_endpoint/", {"name": " ", "url": "x"})
    assert blank.json() == {"name": ["This field may not be blank."]}


async def test_the_order_form_asks_and_is_obeyed(world: World) -> None:
    offering = await world.offering()
    fields = {
        "os": {"type": "select_string", "label": "System", "choices": ["debian", "alma"], "required": True},
        "nodes": {"type": "integer", "min": 1, "max": 4, "default": 2},
    }
    form = {"options": {"order": ["os", "nodes"], "options": fields}}
    await world.must("seller", "POST", f"{MINE}{offering['uuid']}/update_options/", form, 200)
    seen = await world.must("owner", "GET", f"{PUBLIC}{offering['uuid']}/")
    assert seen["options"]["order"] == ["os", "nodes"]
    assert seen["options"]["options"]["os"]["choices"] == ["debian", "alma"]
    answers = {"name": "n", "os": "beos", "nodes": 9}
    refused = await world.post(
        "owner", "/api/marketplace-orders/", world.order_body(offering, attributes=answers)
    )
    assert refused.json() == {
        "attributes": [
            'os: "beos" is not a valid choice.',
            "nodes: Ensure this value is less than or equal to 4.",
        ]
    }
    order = await world.order(offering, attributes={"name": "n", "os": "alma"})
    assert order["attributes"] == {"name": "n", "os": "alma", "nodes": 2}


async def test_resource_options_are_kept_apart(world: World) -> None:
    field = {"order": ["os"], "options": {"os": {"type": "string", "label": "System"}}}
    offering = await world.offering(options=field, resource_options=field)
    order = await world.order(offering, attributes={"name": "n", "os": "alma", "more": 1})
    seen = await world.reload(order["marketplace_resource_uuid"])
    assert (seen["options"], seen["attributes"]["more"]) == ({"os": "alma"}, 1)


@pytest.mark.parametrize("who", ["seller", "staff"])
async def test_what_is_used_is_not_deleted(world: World, who: str) -> None:
    offering = await world.offering()
    await world.resource(offering)
    refused = await world.ask(who, "DELETE", f"{MINE}{offering['uuid']}/")
    assert refused.status_code == 403
    assert refused.json()["detail"] == "Offering was not deleted since it has resources."


async def test_providers_delete_drafts_and_staff_whatever_is_unused(world: World) -> None:
    offering = await world.offering()
    path = f"{MINE}{offering['uuid']}/"
    refused = await world.ask("seller", "DELETE", path)
    assert refused.json()["detail"] == "Offering was not deleted since offering is not in draft state."
    await world.must("staff", "DELETE", path, status=204)
    mine = await world.must("seller", "POST", MINE, draft(world), 201)
    await world.must("seller", "DELETE", f"{MINE}{mine['uuid']}/", status=204)
    assert await world.must("seller", "GET", MINE) == []


async def test_private_offerings_are_for_their_own(world: World) -> None:
    project = {"name": "Own", "customer": world.ids["provider"]}
    own = await world.must("staff", "POST", "/api/projects/", project, 201)
    whole = await world.offering("Whole", shared=False)
    narrow = await world.offering("Narrow", shared=False, project=own["url"])
    role = {"user": world.ids["stranger"], "role": "PROJECT.MANAGER"}
    await world.must("staff", "POST", f"/api/projects/{own['uuid']}/add_user/", role, 201)

    async def sees(who: str | None) -> list[str]:
        return [o["name"] for o in await world.must(who, "GET", PUBLIC + "?field=name")]

    assert await sees(None) == []
    assert await sees("owner") == []
    assert await sees("stranger") == ["Narrow", "Whole"]
    assert await sees("seller") == ["Narrow", "Whole"]
    for offering in (whole, narrow):
        body = world.order_body(offering)
        refused = await world.post("owner", "/api/marketplace-orders/", body)
        assert refused.json() == {"offering": ["Offering is not found."]}
        plans = await world.get("owner", f"{PUBLIC}{offering['uuid']}/plans/")
        assert plans.status_code == 404
        ordered = await world.order(offering, "stranger", project=own["url"])
        assert ordered["state"] == "pending-provider"


async def test_an_overage_component_is_another_one_of_the_same_offering(world: World) -> None:
    base = {"type": "hours", "name": "Hours", "billing_type": "usage", "is_prepaid": True}
    extra = {"type": "extra", "name": "Extra", "billing_type": "usage"}
    for wrong in ("ghost", "hours"):
        body = draft(world, components=[{**base, "overage_component": wrong}, extra])
        answer = await world.post("seller", MINE, body)
        assert answer.json() == {"overage_component": ["Overage component is not found."]}
    made = await world.must(
        "seller", "POST", MINE, draft(world, components=[{**base, "overage_component": "extra"}, extra]), 201
    )
    first, second = made["components"]
    assert first["overage_component"] == second["uuid"]
