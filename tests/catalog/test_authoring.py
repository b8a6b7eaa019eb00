"""Writing an offering beyond its overview: where it is, what it looks like, and whether its backend answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from furnished import PICTURE
from mercato.sdk import Failed
from world import World

pytestmark = pytest.mark.http

MINE = "/api/marketplace-provider-offerings/"
PUBLIC = "/api/marketplace-public-offerings/"
SHOTS = "/api/marketplace-screenshots/"
OTHER = {"name": "svg.svg", "data": "PHN2ZyB4bWxucz0neCc+PC9zdmc+"}


async def change(world: World, uuid: str, action: str, body: Any = None, status: int = 200) -> Any:
    return await world.must("seller", "POST", f"{MINE}{uuid}/{action}/", body, status)


async def shown(world: World, uuid: str) -> dict[str, Any]:
    return dict(await world.must(None, "GET", f"{PUBLIC}{uuid}/"))


async def test_it_is_somewhere(world: World) -> None:
    uuid = (await world.offering(latitude=58.38, country="EE"))["uuid"]
    seen = await shown(world, uuid)
    assert (seen["latitude"], seen["longitude"], seen["country"]) == (58.38, None, "EE")
    await change(world, uuid, "update_location", {"latitude": -33.9, "longitude": 18.4, "country": "ZA"})
    seen = await shown(world, uuid)
    assert (seen["latitude"], seen["longitude"], seen["country"]) == (-33.9, 18.4, "ZA")
    await change(world, uuid, "update_location", {"latitude": None, "longitude": None, "country": ""})
    seen = await shown(world, uuid)
    assert (seen["latitude"], seen["longitude"]) == (None, None)
    assert "country" not in seen


@pytest.mark.parametrize(
    "place", [{"latitude": 90.1}, {"longitude": -181}, {"country": "Estonia"}, {"latitude": "north"}]
)
async def test_not_beyond_the_poles(world: World, place: dict[str, Any]) -> None:
    uuid = (await world.offering())["uuid"]
    refused = await world.post("seller", f"{MINE}{uuid}/update_location/", place)
    assert (refused.status_code, list(refused.json())) == (400, list(place))


async def test_it_changes_its_category_and_its_type(world: World) -> None:
    uuid = (await world.offering())["uuid"]
    other = await world.must("staff", "POST", "/api/marketplace-categories/", {"title": "Storage"}, 201)
    await change(world, uuid, "update_description", {"category": other["url"]})
    assert (await shown(world, uuid))["category_title"] == "Storage"
    refused = await world.post(
        "seller", f"{MINE}{uuid}/update_description/", {"category": world.ids["buyer"]}
    )
    assert refused.json() == {"category": ["Category is not found."]}
    await change(world, uuid, "update_type", {"type": "Marketplace.Slurm"})
    assert (await shown(world, uuid))["type"] == "Marketplace.Slurm"
    refused = await world.post("seller", f"{MINE}{uuid}/update_type/", {"type": "Marketplace.Remote"})
    assert (refused.status_code, list(refused.json())) == (400, ["type"])


async def test_what_resources_may_choose_and_what_the_backend_knows(world: World) -> None:
    uuid = (await world.offering())["uuid"]
    form = {"order": ["os"], "options": {"os": {"type": "string", "label": "System"}}}
    await change(world, uuid, "update_resource_options", {"resource_options": form})
    await change(world, uuid, "set_backend_metadata", {"backend_metadata": {"nodes": 5}})
    mine = await world.must("seller", "GET", f"{MINE}{uuid}/")
    assert list(mine["resource_options"]["options"]) == ["os"]
    assert mine["backend_metadata"] == {"nodes": 5}
    broken = {"resource_options": {"order": ["x"], "options": {}}}
    refused = await world.post("seller", f"{MINE}{uuid}/update_resource_options/", broken)
    assert (refused.status_code, list(refused.json())) == (400, ["resource_options"])


async def test_slugs_are_staffs_to_give(world: World) -> None:
    one, two = await world.offering("One"), await world.offering("Two")
    path = f"{MINE}{one['uuid']}/update_overview/"
    assert (await world.post("seller", path, {"name": "One", "slug": "x"})).status_code == 403
    await world.must("seller", "POST", path, {"name": "First", "slug": one["slug"]}, 200)
    await world.must("staff", "POST", path, {"name": "First", "slug": "first"}, 200)
    assert (await shown(world, one["uuid"]))["slug"] == "first"
    for slug in (two["slug"], "a b", ""):
        refused = await world.post("staff", path, {"name": "First", "slug": slug})
        assert (refused.status_code, list(refused.json())) == (400, ["slug"])


async def test_it_is_sold_no_more_and_again(world: World) -> None:
    offering = await world.offering()
    assert (await change(world, offering["uuid"], "make_unavailable"))["state"] == "Unavailable"
    refused = await world.post("owner", "/api/marketplace-orders/", world.order_body(offering))
    assert (refused.status_code, "not available" in refused.text) == (400, True)
    await change(world, offering["uuid"], "make_available")
    await world.order(offering)


# -- pictures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["thumbnail", "image"])
async def test_pictures_are_there_for_whoever_sees_the_offering(world: World, field: str) -> None:
    uuid = (await world.offering())["uuid"]
    assert (await shown(world, uuid))[field] is None
    await change(world, uuid, f"update_{field}", {field: PICTURE})
    where = (await shown(world, uuid))[field]
    picture = await world.get(None, where)
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/gif")
    await change(world, uuid, f"update_{field}", {field: OTHER})
    assert (await world.get(None, where)).headers["Content-Type"] == "image/svg+xml"
    await change(world, uuid, f"delete_{field}", status=204)
    assert (await world.get(None, where)).status_code == 404
    assert (await shown(world, uuid))[field] is None
    refused = await world.post("seller", f"{MINE}{uuid}/update_{field}/", {field: {"data": "bm8="}})
    assert (refused.status_code, list(refused.json())) == (400, [field])


async def test_a_picture_comes_with_a_form_too(world: World) -> None:
    uuid = (await world.offering())["uuid"]
    gif = b"GIF89a\x01\x00\x01\x00\x00\x00\x00,"
    answer = await world.ask(
        "seller", "POST", f"{MINE}{uuid}/update_thumbnail/", files={"thumbnail": ("a.gif", gif)}
    )
    assert answer.status_code == 200
    assert (await world.get(None, (await shown(world, uuid))["thumbnail"])).content == gif


async def test_a_draft_can_come_with_its_pictures(world: World) -> None:
    offering = await world.offering(activate=False, thumbnail=PICTURE, image=OTHER)
    for field, kind in (("thumbnail", "image/gif"), ("image", "image/svg+xml")):
        assert (await world.get("seller", offering[field])).headers["Content-Type"] == kind
        for nobody in (None, "owner"):  # a draft is nobody's business
            assert (await world.get(nobody, offering[field])).status_code == 404


async def test_private_pictures_are_private(world: World) -> None:
    offering = await world.offering(shared=False, image=PICTURE)
    shot = {"name": "Inside", "offering": offering["url"], "image": PICTURE}
    await world.must("seller", "POST", SHOTS, shot, 201)
    for who, status in (("seller", 200), ("owner", 404), (None, 404)):
        assert (await world.get(who, offering["image"])).status_code == status
    assert await world.must("owner", "GET", SHOTS) == []
    assert len(await world.must("vendor", "GET", SHOTS)) == 1


async def test_screenshots_come_change_and_go(world: World) -> None:
    offering = await world.offering()
    new = {"name": "Console", "offering": offering["url"], "image": PICTURE, "description": "Inside"}
    shot = await world.must("seller", "POST", SHOTS, new, 201)
    [seen] = await world.must(None, "GET", f"{SHOTS}?offering_uuid={offering['uuid']}")
    assert (seen["name"], seen["description"], seen["uuid"]) == ("Console", "Inside", shot["uuid"])
    [inside] = (await shown(world, offering["uuid"]))["screenshots"]
    assert (inside["name"], inside["image"]) == ("Console", seen["image"])
    assert (await world.get(None, seen["image"])).headers["Content-Type"] == "image/gif"
    where = f"{SHOTS}{shot['uuid']}/"
    await world.must("seller", "PATCH", where, {"name": "Shell", "image": OTHER}, 200)
    assert (await world.must(None, "GET", where))["name"] == "Shell"
    assert (await world.get(None, seen["image"])).headers["Content-Type"] == "image/svg+xml"
    assert (await world.ask("owner", "PATCH", where, {"name": "Mine"})).status_code == 403
    for wrong in ({"name": " "}, {"image": {"data": "bm8="}}):
        assert (await world.ask("seller", "PATCH", where, wrong)).status_code == 400
    await world.must("seller", "DELETE", where, status=204)
    assert (await world.get(None, seen["image"])).status_code == 404


# -- the backend -------------------------------------------------------------------------------


async def test_whether_the_backend_answers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Mapping[str, Any]] = []
    answers: list[Exception | None] = [None, Failed("No route to host"), OSError("broken")]

    async def look(settings: Mapping[str, Any]) -> None:
        asked.append(settings)
        problem = answers.pop(0)
        if problem:
            raise problem

    plugin = world.market.plugins.get("Marketplace.Basic")
    assert plugin is not None
    monkeypatch.setattr(plugin.code, "check", look, raising=False)
    offering = await world.offering(plugin_options={"a": 1}, secret_options={"token": "t"})
    path = f"{MINE}{offering['uuid']}/"
    for state, error in (("OK", ""), ("ERRED", "No route to host"), ("ERRED", "OSError: broken")):
        told = await world.must("seller", "POST", path + "sync/", status=202)
        assert list(told) == ["status"]
        assert (await world.must("seller", "GET", path))["scope_state"] == "UPDATING"
        await world.drain()
        seen = await world.must("seller", "GET", path)
        assert (seen["scope_state"], seen["scope_error_message"]) == (state, error)
    assert asked == [{"a": 1, "token": "t"}] * 3
    assert (await world.post("owner", path + "sync/")).status_code == 404


async def test_a_backend_that_nobody_looks_at_is_well(world: World) -> None:
    offering = await world.offering()
    await change(world, offering["uuid"], "sync", status=202)
    await world.drain()
    assert (await world.must("seller", "GET", f"{MINE}{offering['uuid']}/"))["scope_state"] == "OK"
