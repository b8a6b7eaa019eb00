"""Roles of the operator's own, and what cannot be done to the system's."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from mercato.kernel import tables
from world import BASE, World

pytestmark = pytest.mark.http

ROLES = "/api/roles/"
BODY = {"name": "PROJECT.AUDITOR", "permissions": ["PROJECT.UPDATE", "ORDER.LIST"], "content_type": "project"}


async def named(world: World, name: str) -> dict[str, Any]:
    [row] = [r for r in await world.must("staff", "GET", f"{ROLES}?name={name}") if r["name"] == name]
    return dict(row)


async def give(world: World, role: str, who: str = "stranger") -> Any:
    body = {"user": world.ids[who], "role": role}
    return await world.post("owner", f"/api/projects/{world.ids['alpha']}/add_user/", body)


async def test_a_role_of_ones_own_gives_what_it_says(world: World) -> None:
    made = await world.must("staff", "POST", ROLES, {**BODY, "description": "Looks"}, 201)
    assert (made["name"], made["description"], made["content_type"]) == (
        "PROJECT.AUDITOR",
        "Looks",
        "project",
    )
    assert made["permissions"] == ["ORDER.LIST", "PROJECT.UPDATE"]
    assert (made["is_system_role"], made["is_active"], made["users_count"]) == (False, True, 0)
    assert (await give(world, "PROJECT.AUDITOR")).status_code == 201
    path, change = f"/api/projects/{world.ids['alpha']}/", {"description": "audited"}
    await world.must("stranger", "PATCH", path, change, 200)
    assert (await named(world, "PROJECT.AUDITOR"))["users_count"] == 1
    await world.must(
        "staff",
        "PUT",
        f"{ROLES}{made['uuid']}/",
        {**BODY, "permissions": {"ORDER.LIST": True, "ORDER.REJECT": False}},
        200,
    )
    assert (await world.ask("stranger", "PATCH", path, change)).status_code == 403


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": "PROJECT.ADMIN"}, "name", "unique"),
        ({"name": " "}, "name", "blank"),
        ({"name": "x" * 151}, "name", "150"),
        ({"permissions": ["ORDER.FLY"]}, "permissions", "Invalid permissions"),
        ({"content_type": "galaxy"}, "content_type", "Invalid content type"),
    ],
)
async def test_roles_that_cannot_be(world: World, change: dict[str, Any], field: str, words: str) -> None:
    mine = await world.must("staff", "POST", ROLES, {**BODY, "name": "MINE"}, 201)
    for method, path in (("POST", ROLES), ("PUT", f"{ROLES}{mine['uuid']}/")):
        answer = await world.ask("staff", method, path, {**BODY, **change})
        assert (answer.status_code, list(answer.json())) == (400, [field])
        assert words in answer.json()[field][0]


async def test_system_roles_keep_their_names_and_stay(world: World) -> None:
    path = f"{ROLES}{(await named(world, 'PROJECT.ADMIN'))['uuid']}/"
    renamed = await world.ask("staff", "PATCH", path, {"name": "OTHER"})
    assert renamed.json() == {"name": ["Changing name for system role is not possible."]}
    assert (await world.ask("staff", "DELETE", path)).status_code == 403
    seen = await world.must("staff", "PATCH", path, {"name": "PROJECT.ADMIN", "description": "Rules"}, 200)
    assert seen["description"] == "Rules"


async def test_who_lost_a_role_can_be_given_it_again(world: World) -> None:
    made = await world.must("staff", "POST", ROLES, BODY, 201)
    path = f"{ROLES}{made['uuid']}/"
    await give(world, "PROJECT.AUDITOR")
    held = await world.ask("staff", "DELETE", path)
    assert (held.status_code, held.json()["code"]) == (400, "role_in_use")
    moved = await world.ask("staff", "PUT", path, {**BODY, "content_type": "customer"})
    assert list(moved.json()) == ["content_type"]
    body = {"user": world.ids["stranger"], "role": "PROJECT.AUDITOR"}
    await world.must("owner", "POST", f"/api/projects/{world.ids['alpha']}/delete_user/", body, 200)
    await world.must("staff", "DELETE", path, status=204)
    assert (await world.get("staff", path)).status_code == 404
    assert (await give(world, "PROJECT.AUDITOR")).status_code == 400
    again = await world.must("staff", "POST", ROLES, BODY, 201)
    assert again["uuid"] != made["uuid"]
    assert (await give(world, "PROJECT.AUDITOR")).status_code == 201


async def test_a_disabled_role_gives_nothing(world: World) -> None:
    path = f"{ROLES}{(await named(world, 'PROJECT.ADMIN'))['uuid']}/"
    await world.must("staff", "POST", path + "disable/", status=200)
    change = {"description": "x"}
    assert (
        await world.ask("admin", "PATCH", f"/api/projects/{world.ids['alpha']}/", change)
    ).status_code == 403
    refused = await give(world, "PROJECT.ADMIN")
    assert refused.json() == {"role": ["Role is not active."]}
    await world.must("staff", "POST", path + "enable/", status=200)
    await world.must("admin", "PATCH", f"/api/projects/{world.ids['alpha']}/", change, 200)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("is_system_role=false", ["PROJECT.AUDITOR"]),
        ("content_type=offering", ["OFFERING.MANAGER"]),
        ("query=aud", ["PROJECT.AUDITOR"]),
        ("description=one offering", ["OFFERING.MANAGER"]),
        ("o=-users_count&page_size=1", ["CUSTOMER.OWNER"]),
        ("o=scope&content_type=offering", ["OFFERING.MANAGER"]),
    ],
)
async def test_roles_are_found(world: World, query: str, found: list[str]) -> None:
    await world.must("staff", "POST", ROLES, BODY, 201)
    assert [r["name"] for r in await world.must("owner", "GET", f"{ROLES}?{query}")] == found


async def test_definitions_are_recorded(world: World) -> None:
    made = await world.must("staff", "POST", ROLES, BODY, 201)
    await world.must("staff", "PATCH", f"{ROLES}{made['uuid']}/", {"description": "x"})
    await world.must("staff", "DELETE", f"{ROLES}{made['uuid']}/", status=204)
    found = select(tables.audit.c.event_type).where(tables.audit.c.object == made["uuid"])
    assert await world.market.db.read(lambda c: [r[0] for r in c.execute(found)]) == ["role_updated"] * 3


@pytest.mark.parametrize("kind", ["link", "type"])
async def test_roles_are_given_and_taken_over_user_permissions(world: World, kind: str) -> None:
    path = "/api/user-permissions/"
    link = {"scope": f"{BASE}/api/projects/{world.ids['alpha']}/"}
    typed = {"scope_type": "project", "scope_uuid": world.ids["alpha"]}
    body = {
        "user": f"{BASE}/api/users/{world.ids['stranger']}/",
        "role": "PROJECT.MEMBER",
        **(link if kind == "link" else typed),
    }
    until = "2090-01-01T00:00:00Z"
    given = await world.must("owner", "POST", path, {**body, "expiration_time": until}, 201)
    assert given == {"expiration_time": until}
    assert len(await world.must("stranger", "GET", "/api/projects/")) == 1
    again = await world.post("owner", path, body)
    assert again.json()["detail"] == "User has already the same role in this scope."
    await world.must("owner", "POST", path + "delete_user/", body, 200)
    assert await world.must("stranger", "GET", "/api/projects/") == []
    assert await world.must("owner", "POST", path, body, 201) == {"expiration_time": None}


@pytest.mark.parametrize(
    "scope",
    ["", "nonsense", "/api/galaxies/{alpha}/", "/api/customers/{alpha}/", "/api/projects/{buyer}/"],
)
async def test_a_scope_that_is_none_is_named(world: World, scope: str) -> None:
    body = {"user": world.ids["stranger"], "role": "PROJECT.MEMBER", "scope": scope.format(**world.ids)}
    answer = await world.post("owner", "/api/user-permissions/", body)
    assert answer.status_code == 400
    assert set(answer.json()) <= {"scope", "scope_type"}
    assert (await world.post("owner", "/api/user-permissions/", {**body, "x": 1})).json() == {
        "x": ["This field is not known here."]
    }
