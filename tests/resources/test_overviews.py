"""What there is of resources by category, offering and state; types of offerings; roles in offerings."""

from __future__ import annotations

from typing import Any

import pytest
from waldur_api_client.models.category_component_usage import CategoryComponentUsage
from waldur_api_client.models.offering_permission import OfferingPermission
from waldur_api_client.models.plugin_offering_type import PluginOfferingType

from furnished import METERED
from world import COMPONENTS, World

pytestmark = pytest.mark.http

SUMS = "/api/marketplace-category-component-usages/"


async def metered(world: World, name: str) -> dict[str, Any]:
    plan = {"name": "Standard", "unit": "month", "prices": {"hours": "1"}, "quotas": {"base": 7}}
    base = {"type": "base", "name": "Base", "billing_type": "fixed", "measured_unit": "pc"}
    return await world.offering(name, components=[*COMPONENTS, METERED, base], plans=[plan])


async def use(world: World, resource: dict[str, Any], amount: str, kind: str = "hours") -> None:
    body = {"resource": resource["uuid"], "usages": [{"type": kind, "amount": amount}]}
    await world.must("seller", "POST", "/api/marketplace-component-usages/set_usage/", body, 201)


async def test_usage_by_category_sums_over_offerings_and_months(world: World) -> None:
    with world.at("2026-04-10"):
        first = await world.resource(await metered(world, "One"))
        second = await world.resource(await metered(world, "Two"))
        await use(world, first, "10.75")
        await use(world, second, "5.50")
    with world.at("2026-05-02"):
        await use(world, first, "3")
        rows = await world.must("owner", "GET", SUMS)
        seen = CategoryComponentUsage.from_dict(dict(rows[0]))
        assert (seen.name, seen.type_, seen.measured_unit, seen.category_title) == (
            "Hours",
            "hours",
            "h",
            "Compute",
        )
        assert [(r["date"], r["reported_usage"], r["fixed_usage"]) for r in rows] == [
            ("2026-04-01", 16, 0),
            ("2026-05-01", 3, 0),
        ]
        assert "scope" not in rows[0]
        for place, path in (("alpha", "projects"), ("buyer", "customers")):
            link = f"http://testserver.local/api/{path}/{world.ids[place]}/"
            [row] = await world.must("owner", "GET", f"{SUMS}?scope={link}&date_after=2026-04-20")
            assert (row["scope"], row["reported_usage"]) == (link, 3)
        assert await world.must("owner", "GET", f"{SUMS}?scope={world.ids['provider']}") == []
        [row] = await world.must("owner", "GET", f"{SUMS}?date_before=2026-04-20")
        assert row["reported_usage"] == 16
        assert await world.must("stranger", "GET", SUMS) == []


async def test_categories_offerings_and_states_of_my_resources(world: World) -> None:
    offering = await world.offering()
    await world.offering("Unused")
    resource = await world.resource(offering)
    await world.resource(offering)
    path = f"/api/marketplace-provider-resources/{resource['uuid']}/set_backend_metadata/"
    await world.must("seller", "POST", path, {"backend_metadata": {"runtime_state": "SHUT_OFF"}}, 200)
    where, category = "/api/marketplace-global-categories/", world.ids["category"]
    for question, count in (
        ("", 2),
        (f"?project_uuid={world.ids['alpha']}", 2),
        (f"?customer_uuid={world.ids['buyer']}", 2),
    ):
        assert await world.must("owner", "GET", where + question) == {category: count}
    assert await world.must("owner", "GET", f"{where}?customer_uuid={world.ids['provider']}") == {}
    assert await world.must("stranger", "GET", where) == {}
    where = "/api/marketplace-runtime-states/"
    for question, found in (
        ("", 1),
        (f"?offering_uuid={offering['uuid']}", 1),
        (f"?category_uuid={offering['uuid']}", 0),
    ):
        rows = await world.must("owner", "GET", where + question)
        assert rows == [{"value": "SHUT_OFF", "label": "Shut off"}][:found]
    assert await world.must("stranger", "GET", where) == []
    where = f"/api/marketplace-resource-offerings/{category}/"
    assert await world.must("owner", "GET", where) == [{"name": "HPC", "uuid": offering["uuid"]}]
    assert await world.must("owner", "GET", where + "?name_exact=hp") == []
    assert await world.must("stranger", "GET", where) == []
    nowhere = f"/api/marketplace-resource-offerings/{offering['uuid']}/"
    assert (await world.get("owner", nowhere)).status_code == 404


async def test_nothing_is_ordered_inside_a_resource(world: World) -> None:
    resource = await world.resource(await world.offering())
    for path in ("marketplace-resources", "marketplace-provider-resources"):
        where = f"/api/{path}/{resource['uuid']}/offering_for_subresources/"
        assert await world.must("seller", "GET", where) == []
        assert (await world.get("stranger", where)).status_code == 404


async def test_the_types_of_offerings_are_those_of_the_plugins(world: World) -> None:
    rows = await world.must("stranger", "GET", "/api/marketplace-plugins/")
    for row in rows:
        PluginOfferingType.from_dict(dict(row))
    assert sorted(row["offering_type"] for row in rows) == ["Marketplace.Basic", "Marketplace.Slurm"]


async def test_roles_in_offerings(world: World) -> None:
    offering = await world.offering()
    await world.keep(offering)
    where = "/api/marketplace-offering-permissions/"
    [seen] = await world.must("seller", "GET", where)
    OfferingPermission.from_dict(dict(seen))
    assert (seen["user_username"], seen["role_name"], seen["offering_uuid"], seen["offering_slug"]) == (
        "keeper",
        "OFFERING.MANAGER",
        offering["uuid"],
        offering["slug"],
    )
    assert seen["created_by"].endswith(f"/{world.ids['staff']}/")
    assert await world.must("keeper", "GET", f"{where}{seen['pk']}/") == seen
    for who in ("owner", "stranger"):
        assert await world.must(who, "GET", where) == []
        assert (await world.get(who, f"{where}{seen['pk']}/")).status_code == 404
    for name in ("x", "9" * 30):
        assert (await world.get("staff", f"{where}{name}/")).status_code in (400, 404)
    for question, found in (
        ("username=keep", 1),
        (f"offering={offering['uuid']}", 1),
        (f"customer_uuid={world.ids['provider']}", 1),
        ("role_name=manager", 1),
        (f"user={world.ids['seller']}", 0),
    ):
        assert len(await world.must("staff", "GET", f"{where}?{question}")) == found, question
    gone = {"user": world.ids["keeper"], "role": "OFFERING.MANAGER"}
    path = f"/api/marketplace-provider-offerings/{offering['uuid']}/delete_user/"
    await world.must("staff", "POST", path, gone, 200)
    assert await world.must("staff", "GET", where) == []
    [ever] = await world.must("staff", "GET", "/api/marketplace-offering-permissions-log/")
    assert ever["pk"] == seen["pk"]
