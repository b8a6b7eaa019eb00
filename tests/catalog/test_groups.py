"""Offerings and plans for kinds of organizations: who is not in the group sees nothing and orders nothing."""

from __future__ import annotations

from typing import Any

import pytest

from world import World

pytestmark = pytest.mark.http

GROUPS = "/api/organization-groups/"
MINE = "/api/marketplace-provider-offerings/"
PUBLIC = "/api/marketplace-public-offerings/"
PLANS = "/api/marketplace-plans/"


async def group(world: World, name: str, *customers: str, parent: str | None = None) -> dict[str, Any]:
    made = await world.must("staff", "POST", GROUPS, {"name": name, "parent": parent}, 201)
    for customer in customers:
        path = f"/api/customers/{world.ids[customer]}/update_organization_groups/"
        done = await world.must("staff", "POST", path, {"organization_groups": [made["url"]]}, 200)
        assert list(done) == ["status"]
    return dict(made)


async def for_only(world: World, path: str, *groups: dict[str, Any]) -> None:
    body = {"organization_groups": [g["url"] for g in groups]}
    await world.must("seller", "POST", f"{path}update_organization_groups/", body, 200)


async def test_groups_lie_in_groups(world: World) -> None:
    top = await group(world, "Universities", "buyer")
    low = await group(world, "Faculties", parent=top["url"])
    assert (low["parent"], low["parent_name"], low["customers_count"]) == (top["url"], "Universities", 0)
    assert "parent_name" not in top
    found = await world.must("owner", "GET", f"{GROUPS}?parent={top['uuid']}")
    assert [g["name"] for g in found] == ["Faculties"]
    [counted] = await world.must("owner", "GET", f"{GROUPS}?name_exact=Universities")
    assert counted["customers_count"] == 1
    where = f"{GROUPS}{top['uuid']}/"
    for parent in (top["url"], low["url"], world.ids["buyer"]):
        refused = await world.ask("staff", "PATCH", where, {"parent": parent})
        assert (refused.status_code, list(refused.json())) == (400, ["parent"])
    refused = await world.ask("staff", "DELETE", where)
    assert (refused.status_code, refused.json()["code"]) == (409, "has_groups")
    renamed = await world.must("staff", "PUT", f"{GROUPS}{low['uuid']}/", {"name": "Labs"}, 200)
    assert (renamed["name"], renamed["parent"]) == ("Labs", None)
    await world.must("staff", "DELETE", where, status=204)


async def test_an_offering_for_a_group(world: World) -> None:
    universities, firms = await group(world, "Universities", "buyer"), await group(world, "Firms")
    offering = await world.offering()
    path = f"{MINE}{offering['uuid']}/"

    async def seen() -> list[bool]:
        found = [await world.must(who, "GET", PUBLIC) for who in ("owner", "member", "stranger", None)]
        one = [(await world.get(who, f"{PUBLIC}{offering['uuid']}/")) for who in ("owner", None)]
        assert [a.status_code == 200 for a in one] == [bool(found[0]), bool(found[3])]
        return [bool(rows) for rows in found]

    assert await seen() == [True, True, True, True]
    await for_only(world, path, universities)
    assert await seen() == [True, True, False, False]
    await world.order(offering)
    assert [g["name"] for g in (await world.must("seller", "GET", path))["organization_groups"]] == [
        "Universities"
    ]
    resource = await world.resource(offering)
    await for_only(world, path, firms)
    assert await seen() == [False, False, False, False]
    for who in ("seller", "staff", "support"):  # who sells it, and who sees all
        assert len(await world.must(who, "GET", PUBLIC)) == 1
    refused = await world.post("owner", "/api/marketplace-orders/", world.order_body(offering))
    assert refused.status_code == 400
    limits = {"limits": {"cpu": 1, "ram": 256, "storage": 500}}  # what runs goes on
    await world.must("owner", "POST", f"/api/marketplace-resources/{resource['uuid']}/update_limits/", limits)
    held = await world.ask("staff", "DELETE", f"{GROUPS}{firms['uuid']}/")
    assert held.status_code == 409
    await world.must("seller", "POST", path + "delete_organization_groups/", status=204)
    assert await seen() == [True, True, True, True]
    await world.must("staff", "DELETE", f"{GROUPS}{firms['uuid']}/", status=204)


async def test_staff_order_for_those_in_the_group_alone(world: World) -> None:
    """Whoever orders: it is the organization that counts."""
    offering = await world.offering()
    await for_only(world, f"{MINE}{offering['uuid']}/", await group(world, "Firms"))
    refused = await world.post("staff", "/api/marketplace-orders/", world.order_body(offering))
    assert (refused.status_code, "not available for ordering" in refused.text) == (400, True)


async def test_a_plan_for_a_group(world: World) -> None:
    universities = await group(world, "Universities", "buyer")
    offering = await world.offering()
    body = {"name": "Cheap", "offering": offering["url"], "prices": {"cpu": "0.01"}}
    cheap = await world.must("seller", "POST", PLANS, body, 201)
    path = f"{PLANS}{cheap['uuid']}/"

    async def seen(who: str | None) -> list[str]:
        names = []
        for _ in range(2):  # the second time from what was kept
            [row] = await world.must(who, "GET", PUBLIC)
            names = [plan["name"] for plan in row["plans"]]
            one = await world.must(who, "GET", f"{PUBLIC}{offering['uuid']}/plans/")
            every = await world.must(who, "GET", "/api/marketplace-public-plans/")
            assert names == [p["name"] for p in one] == [p["name"] for p in every]
        return names

    for who in ("owner", "stranger", None):
        assert await seen(who) == ["Standard", "Cheap"]
    await for_only(world, path, universities)
    for who, names in (("owner", 2), ("stranger", 1), (None, 1), ("staff", 2), ("member", 2)):
        assert len(await seen(who)) == names, who
    await world.order(offering, plan=cheap["url"])
    gone = f"/api/customers/{world.ids['buyer']}/update_organization_groups/"
    await world.must("staff", "POST", gone, {"organization_groups": []}, 200)
    assert await seen("owner") == ["Standard"]
    refused = await world.post(
        "owner", "/api/marketplace-orders/", world.order_body(offering, plan=cheap["url"])
    )
    assert (refused.status_code, list(refused.json())) == (400, ["plan"])
    resource = await world.resource(offering)
    switch = f"/api/marketplace-resources/{resource['uuid']}/switch_plan/"
    assert (await world.post("owner", switch, {"plan": cheap["url"]})).status_code == 400
    await world.must("seller", "POST", path + "delete_organization_groups/", status=204)
    await world.must("owner", "POST", switch, {"plan": cheap["url"]})


async def test_a_group_that_does_not_exist(world: World) -> None:
    offering = await world.offering()
    for path, who in (
        (f"{MINE}{offering['uuid']}/", "seller"),
        (f"{PLANS}{offering['plans'][0]['uuid']}/", "seller"),
        (f"/api/customers/{world.ids['buyer']}/", "staff"),
    ):
        body = {"organization_groups": [world.ids["buyer"]]}
        refused = await world.post(who, f"{path}update_organization_groups/", body)
        assert refused.json() == {"organization_groups": ["Organization group is not found."]}
