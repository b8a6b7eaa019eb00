"""What staff keep the catalogue by: groups of categories, columns, and what is to be said of offerings."""

from __future__ import annotations

from typing import Any

import pytest

from furnished import PICTURE
from mercato.catalog.rules import SaidOf, attribute_problems
from world import World

CATEGORIES = "/api/marketplace-categories/"
GROUPS = "/api/marketplace-category-groups/"
SECTIONS = "/api/marketplace-sections/"
ATTRIBUTES = "/api/marketplace-attributes/"
OPTIONS = "/api/marketplace-attribute-options/"
COLUMNS = "/api/marketplace-category-columns/"
MINE = "/api/marketplace-provider-offerings/"


def said(type_: str, required: bool = False, *options: str) -> SaidOf:
    return SaidOf(key="k", type=type_, required=required, default=None, options=frozenset(options))


@pytest.mark.pure
@pytest.mark.parametrize(
    ("attribute", "value", "fits"),
    [
        (said("boolean"), True, True),
        (said("boolean"), 1, False),
        (said("integer"), 5, True),
        (said("integer"), True, False),
        (said("integer"), "5", False),
        (said("string"), "x", True),
        (said("text"), ["x"], False),
        (said("choice", False, "a"), "a", True),
        (said("choice", False, "a"), "b", False),
        (said("list", False, "a", "b"), ["b", "a"], True),
        (said("list", False, "a"), ["a", "c"], False),
        (said("list", False, "a"), "a", False),
        (said("string", True), "", False),
        (said("list", True), [], False),
        (said("integer", True), 0, True),
        (said("boolean", True), False, True),
        (said("integer"), None, True),
    ],
)
def test_what_can_be_said(attribute: SaidOf, value: Any, fits: bool) -> None:
    assert (attribute_problems([attribute], {"k": value}) == []) is fits


pytestmark = pytest.mark.http


async def made(world: World, path: str, **body: Any) -> dict[str, Any]:
    return dict(await world.must("staff", "POST", path, body, 201))


async def test_a_category_lies_in_a_group_and_has_a_picture(world: World) -> None:
    group = await made(world, GROUPS, title="IT", icon=PICTURE)
    picture = await world.get(None, group["icon"])
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/gif")
    category = await made(world, CATEGORIES, title="Cloud", group=group["url"], icon=PICTURE)
    assert category["group"] == group["url"]
    assert (await world.get(None, category["icon"])).content == picture.content
    found = await world.must(None, "GET", f"{CATEGORIES}?group={group['uuid']}")
    assert [c["title"] for c in found] == ["Cloud"]
    where = f"{CATEGORIES}{category['uuid']}/"
    for same in (category["icon"], "/icons/x.png"):  # given back as it came: nothing changes
        kept = await world.must("staff", "PATCH", where, {"icon": same}, 200)
        assert kept["icon"] == category["icon"]
    named = await world.must("staff", "PATCH", where, {"icon": "disk"}, 200)
    assert named["icon"] == "disk"
    assert (await world.get(None, category["icon"])).status_code == 404
    refused = await world.ask("staff", "DELETE", f"{GROUPS}{group['uuid']}/")
    assert (refused.status_code, refused.json()["code"]) == (409, "has_categories")
    alone = await world.must("staff", "PUT", where, {"title": "Clouds"}, 200)
    assert (alone["title"], alone["group"], alone["icon"]) == ("Clouds", None, None)
    await world.must("staff", "DELETE", f"{GROUPS}{group['uuid']}/", status=204)
    assert await world.must(None, "GET", GROUPS) == []


@pytest.mark.parametrize("icon", [{"name": "x.png", "data": "bm8="}, {"name": "x.gif", "data": ""}])
async def test_a_picture_is_a_picture(world: World, icon: Any) -> None:
    refused = await world.post("staff", CATEGORIES, {"title": "x", "icon": icon})
    assert (refused.status_code, list(refused.json())) == (400, ["icon"])


async def asked(world: World, **change: Any) -> dict[str, Any]:
    """A section with one attribute that has two options."""
    section = await made(world, SECTIONS, key="hardware", title="Hardware", category=world.ids["category"])
    body = {"key": "chip", "title": "Chip", "section": section["url"], "type": "choice", **change}
    attribute = await made(world, ATTRIBUTES, **body)
    for key in ("arm", "x86"):
        await made(world, OPTIONS, key=key, title=key.upper(), attribute=attribute["url"])
    return attribute


async def test_what_a_category_asks_is_shown_with_it(world: World) -> None:
    await asked(world, default="arm")
    [category] = await world.must(None, "GET", CATEGORIES)
    [section] = category["sections"]
    [attribute] = section["attributes"]
    assert (section["key"], attribute["key"], attribute["default"]) == ("hardware", "chip", "arm")
    assert [o["key"] for o in attribute["options"]] == ["arm", "x86"]
    options = await world.must("owner", "GET", f"{OPTIONS}?attribute={attribute['uuid']}")
    assert [(o["key"], o["is_default"]) for o in options] == [("arm", True), ("x86", False)]


async def test_an_offering_says_what_its_category_asks(world: World) -> None:
    await asked(world, required=True)
    body = {
        "name": "HPC",
        "category": world.ids["category"],
        "customer": world.ids["provider"],
        "type": "Marketplace.Basic",
    }
    refused = await world.post("seller", MINE, body)
    assert refused.json() == {"attributes": ["These attributes are required: chip"]}
    refused = await world.post("seller", MINE, {**body, "attributes": {"chip": "abacus"}})
    assert refused.json() == {"attributes": ["chip: this is no value of type choice."]}
    offering = await world.must("seller", "POST", MINE, {**body, "attributes": {"chip": "arm"}}, 201)
    path = f"{MINE}{offering['uuid']}/"
    await world.must("seller", "POST", path + "update_attributes/", {"chip": "x86", "colour": "red"}, 200)
    assert (await world.must("seller", "GET", path))["attributes"] == {"chip": "x86", "colour": "red"}
    refused = await world.post("seller", path + "update_attributes/", {"colour": "red"})
    assert refused.json() == {"attributes": ["These attributes are required: chip"]}
    refused = await world.post("seller", path + "update_attributes/", ["chip"])
    assert refused.status_code == 400


async def test_what_nobody_says_is_the_default(world: World) -> None:
    await asked(world, required=True, default="arm")
    assert (await world.offering())["attributes"] == {"chip": "arm"}


async def test_keys_are_nobody_elses(world: World) -> None:
    attribute = await asked(world)
    again = {"key": "hardware", "title": "x", "category": world.ids["category"]}
    refused = await world.post("staff", SECTIONS, again)
    assert refused.json() == {"key": ["Section with this key already exists."]}
    other = await made(world, ATTRIBUTES, key="os", title="OS", section=attribute["section"], type="choice")
    await made(world, OPTIONS, key="arm", title="ARM", attribute=other["url"])  # among its own only
    twice = {"key": "arm", "title": "x", "attribute": other["url"]}
    assert (await world.post("staff", OPTIONS, twice)).status_code == 400
    for key in ("", "a b", "ä", "x" * 256):
        assert (await world.post("staff", SECTIONS, {**again, "key": key})).status_code == 400


async def test_what_holds_something_is_not_removed(world: World) -> None:
    attribute = await asked(world)
    [section] = await world.must("owner", "GET", SECTIONS)
    for path in (f"{SECTIONS}{section['uuid']}/", f"{ATTRIBUTES}{attribute['uuid']}/"):
        refused = await world.ask("staff", "DELETE", path)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_empty")
    for option in await world.must("owner", "GET", OPTIONS):
        await world.must("staff", "DELETE", f"{OPTIONS}{option['uuid']}/", status=204)
    for path in (f"{ATTRIBUTES}{attribute['uuid']}/", f"{SECTIONS}{section['uuid']}/"):
        await world.must("staff", "DELETE", path, status=204)
    assert (await world.must(None, "GET", CATEGORIES))[0]["sections"] == []


async def test_a_category_goes_with_what_it_asks(world: World) -> None:
    await asked(world)
    await made(world, COLUMNS, index=1, title="Chip", category=world.ids["category"], attribute="chip")
    await world.must("staff", "DELETE", f"{CATEGORIES}{world.ids['category']}/", status=204)
    for path in (SECTIONS, ATTRIBUTES, OPTIONS, COLUMNS):
        assert await world.must("owner", "GET", path) == []


async def test_columns_stand_in_their_order(world: World) -> None:
    for index, title in ((2, "Second"), (1, "First")):
        await made(world, COLUMNS, index=index, title=title, category=world.ids["category"], attribute=title)
    path = f"{COLUMNS}?category_uuid={world.ids['category']}"
    first, second = await world.must("owner", "GET", path)
    assert (first["title"], second["title"]) == ("First", "Second")
    [category] = await world.must(None, "GET", CATEGORIES)
    assert [c["title"] for c in category["columns"]] == ["First", "Second"]
    where = f"{COLUMNS}{first['uuid']}/"
    changed = await world.must("staff", "PATCH", where, {"index": 3, "widget": "csv"}, 200)
    assert (changed["index"], changed["widget"], changed["title"]) == (3, "csv", "First")
    for wrong in ({"index": -1}, {"widget": "x"}, {"category": world.ids["buyer"]}):
        assert (await world.ask("staff", "PATCH", where, wrong)).status_code == 400
