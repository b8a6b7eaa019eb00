"""Fields of science: OECD's to begin with, the operator's own after that; projects belong to them."""

from __future__ import annotations

from typing import Any

import pytest

from mercato.tenants.fos import FIELDS_OF_SCIENCE
from mercato.tenants.science import ensure_fields
from world import BASE, World

pytestmark = pytest.mark.http

DOMAINS, FIELDS = "/api/science-domains/", "/api/science-sub-domains/"


async def field(world: World, code: str) -> dict[str, Any]:
    rows = await world.must("member", "GET", FIELDS + "?page_size=100")
    return next(row for row in rows if row["code"] == code)


async def test_oecds_classification_is_there(world: World) -> None:
    domains = await world.must("stranger", "GET", DOMAINS)
    assert [(d["code"], d["name"], d["subdomains_count"]) for d in domains] == [
        (str(n), name, len(fields)) for n, (name, fields) in enumerate(FIELDS_OF_SCIENCE.items(), 1)
    ]
    fields = await world.must("stranger", "GET", FIELDS + "?page_size=100")
    assert len(fields) == 43
    one = await field(world, "1.2")
    assert one == {
        "url": f"{BASE}{FIELDS}{one['uuid']}/",
        "uuid": one["uuid"],
        "name": "Computer and information sciences",
        "code": "1.2",
        "created": one["created"],
        "modified": one["modified"],
        "domain": domains[0]["url"],
        "domain_uuid": domains[0]["uuid"],
        "domain_name": "Natural sciences",
        "domain_code": "1",
        "projects_count": 0,
    }
    inside = await world.must("stranger", "GET", f"{FIELDS}?domain_uuid={domains[5]['uuid']}&name=archae")
    assert [row["code"] for row in inside] == ["6.1"]


async def test_staff_add_rename_and_remove(world: World) -> None:
    domain = await world.must("staff", "POST", DOMAINS, {"name": "Magic"}, 201)
    assert (domain["code"], domain["subdomains_count"]) == ("7", 0)
    made = await world.must("staff", "POST", FIELDS, {"name": "Potions", "domain": domain["url"]}, 201)
    assert (made["code"], made["domain_name"]) == ("7.1", "Magic")
    second = await world.must("staff", "POST", FIELDS, {"name": "Charms", "domain": domain["uuid"]}, 201)
    assert second["code"] == "7.2"
    path = f"{FIELDS}{second['uuid']}/"
    assert (await world.must("staff", "PATCH", path, {"name": "Hexes"}))["name"] == "Hexes"
    moved = {"name": "Hexes", "domain": (await field(world, "1.1"))["domain"], "code": ""}
    assert (await world.must("staff", "PUT", path, moved))["domain_code"] == "1"
    assert (await world.must("staff", "PATCH", f"{DOMAINS}{domain['uuid']}/", {"code": "M"}))["code"] == "M"
    assert (await world.ask("staff", "DELETE", f"{DOMAINS}{domain['uuid']}/")).status_code == 409
    await world.must("staff", "DELETE", f"{FIELDS}{made['uuid']}/", status=204)
    await world.must("staff", "DELETE", f"{DOMAINS}{domain['uuid']}/", status=204)
    assert (await world.get("staff", f"{DOMAINS}{domain['uuid']}/")).status_code == 404
    await world.market.db.write(ensure_fields)
    assert len(await world.must("staff", "GET", DOMAINS)) == 6


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        (DOMAINS, {"name": " "}, "name"),
        (DOMAINS, {"name": "Humanities"}, "name"),
        (DOMAINS, {"name": "New", "code": "6"}, "code"),
        (DOMAINS, {}, "name"),
        (FIELDS, {"name": "New", "domain": "nonsense"}, "domain"),
        (FIELDS, {"name": "Mathematics", "domain": "{1}"}, "name"),
        (FIELDS, {"name": "New", "domain": "{1}", "code": "6.1"}, "code"),
    ],
)
async def test_fields_that_cannot_be(world: World, path: str, body: dict[str, Any], name: str) -> None:
    first = (await world.must("staff", "GET", DOMAINS))[0]["url"]
    answer = await world.post("staff", path, {k: v.replace("{1}", first) for k, v in body.items()})
    assert (answer.status_code, list(answer.json())) == (400, [name])
    assert (await world.post("owner", path, body)).status_code == 403


async def test_projects_belong_to_fields(world: World) -> None:
    physics = await field(world, "1.3")
    body = {
        "name": "Quarks",
        "customer": world.ids["buyer"],
        "science_sub_domain": physics["uuid"],
        "kind": "course",
    }
    made = await world.must("owner", "POST", "/api/projects/", body, 201)
    assert (made["science_sub_domain"], made["science_sub_domain_code"]) == (physics["uuid"], "1.3")
    assert (made["science_domain_uuid"], made["science_domain_name"]) == (
        physics["domain_uuid"],
        "Natural sciences",
    )
    assert made["kind"] == "course"
    for query in (
        f"science_sub_domain_uuid={physics['uuid']}",
        f"science_domain_uuid={physics['domain_uuid']}",
    ):
        assert [p["name"] for p in await world.must("owner", "GET", f"/api/projects/?{query}")] == ["Quarks"]
    assert (await field(world, "1.3"))["projects_count"] == 1
    assert (await world.ask("staff", "DELETE", f"{FIELDS}{physics['uuid']}/")).status_code == 409
    path = f"/api/projects/{made['uuid']}/"
    none = await world.must("owner", "PATCH", path, {"science_sub_domain": None, "kind": "public"})
    assert (none["science_sub_domain"], none["science_sub_domain_name"], none["kind"]) == (None, "", "public")
    assert "science_domain_uuid" not in none
    wrong = await world.ask("owner", "PATCH", path, {"science_sub_domain": world.ids["alpha"]})
    assert (wrong.status_code, list(wrong.json())) == (400, ["science_sub_domain"])
