"""The shelf as buyers see it, with and without an account; its pages are never stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from world import World

pytestmark = pytest.mark.http

PUBLIC = "/api/marketplace-public-offerings/"
CATEGORIES = "/api/marketplace-categories/"


async def test_the_shelf_is_open_to_everybody(world: World) -> None:
    offering = await world.offering()
    [seen] = await world.must(None, "GET", PUBLIC)
    assert (seen["name"], seen["category_title"], seen["customer_name"]) == ("HPC", "Compute", "Seller Org")
    assert seen["plans"][0]["prices"] == {"cpu": "0.05", "ram": "0.1", "storage": "0.01"}
    assert "secret_options" not in seen
    [plan] = await world.must(None, "GET", "/api/marketplace-public-plans/")
    assert (plan["offering_uuid"], plan["name"]) == (offering["uuid"], "Standard")
    [category] = await world.must(None, "GET", CATEGORIES)
    assert (category["offering_count"], category["available_offerings_count"]) == (1, 1)


async def test_operators_may_close_it(filled_url: str, tmp_path: Path) -> None:
    closed = {"anonymous_user_can_view_offerings": False, "anonymous_user_can_view_plans": False}
    world = await World.open(filled_url, tmp_path, **closed)
    try:
        for path in (PUBLIC, CATEGORIES, "/api/marketplace-public-plans/"):
            assert (await world.get(None, path)).status_code == 401
            assert (await world.get("stranger", path)).status_code == 200
    finally:
        await world.close()


async def test_the_shelf_is_never_stale(world: World) -> None:
    assert await world.must("owner", "GET", PUBLIC) == []
    offering = await world.offering()
    assert len(await world.must("owner", "GET", PUBLIC)) == 1
    path = f"/api/marketplace-provider-offerings/{offering['uuid']}/"
    await world.must("seller", "POST", path + "update_overview/", {"name": "Renamed"}, 200)
    assert (await world.must("owner", "GET", PUBLIC))[0]["name"] == "Renamed"
    prices = f"/api/marketplace-plans/{offering['plans'][0]['uuid']}/update_prices/"
    await world.must("seller", "POST", prices, {"prices": {"cpu": "9"}}, 200)
    assert (await world.must("owner", "GET", PUBLIC))[0]["plans"][0]["prices"]["cpu"] == "9"
    await world.must("owner", "PATCH", f"/api/customers/{world.ids['buyer']}/", {"name": "Renamed too"})
    await world.order(offering)
    assert (await world.must("owner", "GET", PUBLIC))[0]["order_count"] == 1
    await world.must("seller", "PATCH", f"/api/customers/{world.ids['provider']}/", {"name": "New name"})
    assert (await world.must("owner", "GET", PUBLIC))[0]["customer_name"] == "New name"
    await world.must("seller", "POST", path + "pause/", status=200)
    assert await world.must("owner", "GET", PUBLIC) == []


async def test_one_persons_page_is_not_anothers(world: World) -> None:
    await world.offering("Private", shared=False)
    await world.offering("Shared")
    for _ in range(2):
        assert [o["name"] for o in await world.must("seller", "GET", PUBLIC)] == ["Private", "Shared"]
        assert [o["name"] for o in await world.must("owner", "GET", PUBLIC)] == ["Shared"]
        assert [o["name"] for o in await world.must(None, "GET", PUBLIC)] == ["Shared"]


async def test_what_is_asked_about_me_is_not_kept_for_others(world: World) -> None:
    """Admin and manager hold roles in the same places; only one has an account, and soon none has."""
    offering = await world.offering()
    with_account = f"{PUBLIC}?user_has_offering_user=true"
    for who in ("admin", "manager", "member"):
        assert await world.must(who, "GET", with_account) == []
    account = {"user": world.ids["manager"], "offering": offering["uuid"], "username": "m"}
    await world.must("seller", "POST", "/api/marketplace-offering-users/", account, 201)
    for who, there in (("manager", 1), ("admin", 0), ("manager", 1)):
        assert len(await world.must(who, "GET", with_account)) == there
    used = f"{PUBLIC}?resource_project_uuid={world.ids['alpha']}"
    assert await world.must("owner", "GET", used) == []
    resource = await world.resource(offering)
    assert len(await world.must("owner", "GET", used)) == 1
    categories = f"{CATEGORIES}?resource_customer_uuid={world.ids['buyer']}"
    assert len(await world.must("owner", "GET", categories)) == 1
    await world.must("staff", "POST", f"/api/marketplace-resources/{resource['uuid']}/unlink/", status=204)
    assert await world.must("owner", "GET", used) == await world.must("owner", "GET", categories) == []
    managed = f"{PUBLIC}?service_manager_uuid={world.ids['keeper']}"
    assert await world.must("owner", "GET", managed) == []
    await world.keep(offering)
    assert len(await world.must("owner", "GET", managed)) == 1


async def test_how_an_offering_is_billed_in_a_word(world: World) -> None:
    usage = {"type": "hours", "name": "Hours", "billing_type": "usage"}
    limit = {"type": "disk", "name": "Disk", "billing_type": "limit"}
    kinds = {"Both": [usage, limit], "Limits": [limit], "Usage": [usage]}
    for name, components in kinds.items():
        await world.offering(name, components=components, plans=[{"name": "All"}])
    found = await world.must(None, "GET", f"{PUBLIC}?field=name&field=billing_type_classification")
    assert {o["name"]: o["billing_type_classification"] for o in found} == {
        "Both": "mixed",
        "Limits": "limit_only",
        "Usage": "usage_only",
    }


async def test_a_page_that_has_not_changed_need_not_be_sent(world: World) -> None:
    await world.offering()
    first = await world.get(None, PUBLIC)
    tag = {"If-None-Match": first.headers["ETag"]}
    again = await world.get(None, PUBLIC, headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    await world.offering("Another")
    assert (await world.get(None, PUBLIC, headers=tag)).status_code == 200


async def test_searching_the_shelf(world: World) -> None:
    await world.offering("HPC cluster", description="fast nodes")
    await world.offering("Archive", description="slow disks", type="Marketplace.Slurm")

    async def found(query: str) -> list[str]:
        return [o["name"] for o in await world.must(None, "GET", f"{PUBLIC}?field=name&{query}")]

    assert await found("query=FAST") == ["HPC cluster"]
    assert await found("query=compute") == ["Archive", "HPC cluster"]
    assert await found("query=seller") == ["Archive", "HPC cluster"]
    assert await found("type=Marketplace.Slurm") == ["Archive"]
    assert await found("o=-name") == ["HPC cluster", "Archive"]
    assert await found(f"category_uuid={world.ids['category']}&name=arch") == ["Archive"]
    assert await found("billable=false") == []


async def test_staff_keep_the_categories(world: World) -> None:
    made = await world.must("staff", "POST", CATEGORIES, {"title": "Storage", "icon": "disk"}, 201)
    path = f"{CATEGORIES}{made['uuid']}/"
    await world.must("staff", "PATCH", path, {"title": "Disks"})
    assert (await world.must(None, "GET", path))["title"] == "Disks"
    await world.offering()
    assert [c["title"] for c in await world.must(None, "GET", CATEGORIES + "?has_offerings=true")] == [
        "Compute"
    ]
    refused = await world.ask("staff", "DELETE", f"{CATEGORIES}{world.ids['category']}/")
    assert (refused.status_code, refused.json()["code"]) == (409, "has_offerings")
    await world.must("staff", "DELETE", path, status=204)
    assert (await world.get(None, path)).status_code == 404
    for blank in ({"title": " "}, {"title": "x", "icon": 5}):
        assert (await world.post("staff", CATEGORIES, blank)).status_code == 400
