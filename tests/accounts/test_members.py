"""Accounts come and go with people's access to the resources of an offering that wants it so."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from mercato.kernel import tables
from world import BASE, World

pytestmark = pytest.mark.http

USERS = "/api/marketplace-offering-users/"
BOTH = {"service_provider_can_create_offering_user": True, "offering_user_auto_deletion": True}
TEAM = ["admin", "manager", "member"]


async def accounts(world: World, offering: dict[str, Any]) -> dict[str, str]:
    """Everybody's account at the offering: person → state (deleted ones with a mark)."""
    path = f"{USERS}?offering_uuid={offering['uuid']}&field=user_username&field=state&page_size=100"
    rows = await world.must("seller", "GET", path)
    return {row["user_username"]: row["state"] for row in rows if row["state"] != "Deleted"}


async def uuid_of(world: World, offering: dict[str, Any], who: str) -> str:
    path = f"{USERS}?offering_uuid={offering['uuid']}&user_uuid={world.ids[who]}&o=-created&field=uuid"
    return str((await world.must("seller", "GET", path))[0]["uuid"])


async def act(world: World, uuid: str, *actions: str) -> None:
    for action in actions:
        await world.must("seller", "POST", f"{USERS}{uuid}/{action}/")


async def join(
    world: World, who: str, project: str = "alpha", role: str = "PROJECT.MEMBER", **more: Any
) -> None:
    body = {"user": world.ids[who], "role": role, **more}
    await world.must("owner", "POST", f"/api/projects/{world.ids[project]}/add_user/", body, 201)


async def leave(world: World, who: str, project: str = "alpha", role: str = "PROJECT.MEMBER") -> None:
    body = {"user": world.ids[who], "role": role}
    await world.must("owner", "POST", f"/api/projects/{world.ids[project]}/delete_user/", body, 200)


async def test_a_resource_that_becomes_ok_gives_its_team_accounts(world: World) -> None:
    offering = await world.offering(plugin_options=BOTH)
    order = await world.order(offering)
    assert await accounts(world, offering) == {}
    await world.done(order["uuid"])
    assert await accounts(world, offering) == dict.fromkeys(TEAM, "Requested")


async def test_without_the_option_nobody_gets_an_account(world: World) -> None:
    offering = await world.offering(plugin_options={"offering_user_auto_deletion": True})
    await world.resource(offering)
    await join(world, "stranger")
    assert await accounts(world, offering) == {}


async def test_who_gains_access_gets_an_account(world: World) -> None:
    offering, unused = (
        await world.offering(plugin_options=BOTH),
        await world.offering("B", plugin_options=BOTH),
    )
    await world.resource(offering)
    await join(world, "stranger")
    assert (await accounts(world, offering))["stranger"] == "Requested"
    assert await accounts(world, unused) == {}
    # Roles of organizations give no access to the resources of its projects.
    assert "owner" not in await accounts(world, offering)


async def test_further_roles_and_resources_make_no_further_accounts(world: World) -> None:
    offering = await world.offering(plugin_options=BOTH)
    await world.resource(offering)
    await world.resource(offering, attributes={"name": "second"})
    await join(world, "member", role="PROJECT.MANAGER")
    rows = await world.must("seller", "GET", USERS)
    assert len(rows) == len(TEAM)


async def test_policies_name_accounts_as_they_come(world: World) -> None:
    options = {**BOTH, "username_generation_policy": "anonymized"}
    offering = await world.offering(plugin_options=options)
    await world.resource(offering)
    rows = await world.must("seller", "GET", f"{USERS}?o=username")
    assert [(row["username"], row["state"]) for row in rows] == [
        (f"walduruser_0000{n}", "OK") for n in range(3)
    ]


async def test_the_last_access_takes_the_account_along(world: World) -> None:
    offering = await world.offering(plugin_options=BOTH)
    await world.resource(offering)
    beta = await world.must(
        "owner", "POST", "/api/projects/", {"name": "Beta", "customer": world.ids["buyer"]}, 201
    )
    world.ids["beta"] = beta["uuid"]
    await join(world, "member", "beta")
    resource = await world.resource(offering, project=beta["url"])
    uuid = await uuid_of(world, offering, "member")
    await world.must("seller", "PATCH", f"{USERS}{uuid}/", {"username": "jdoe"})
    await leave(world, "member")
    assert (await accounts(world, offering))["member"] == "OK"
    ended = await world.must("owner", "POST", f"/api/marketplace-resources/{resource['uuid']}/terminate/", {})
    await world.done(ended["order_uuid"])
    assert (await accounts(world, offering))["member"] == "Requested deletion"
    assert (await accounts(world, offering))["manager"] == "Requested"


async def test_without_the_option_accounts_stay(world: World) -> None:
    options = {"service_provider_can_create_offering_user": True}
    offering = await world.offering(plugin_options=options)
    await world.resource(offering)
    await leave(world, "member")
    assert (await accounts(world, offering))["member"] == "Requested"


async def test_what_nobody_began_to_make_is_forgotten(world: World) -> None:
    offering = await world.offering(plugin_options=BOTH)
    await world.resource(offering)
    uuid = await uuid_of(world, offering, "member")
    await leave(world, "member")
    assert "member" not in await accounts(world, offering)
    assert (await world.get("staff", f"{USERS}{uuid}/")).status_code == 404


@pytest.mark.parametrize("ending", ["set_ok", "set_validation_complete", "username"])
async def test_an_account_that_is_being_made_goes_as_soon_as_it_is_there(world: World, ending: str) -> None:
    offering = await world.offering(plugin_options=BOTH)
    await world.resource(offering)
    uuid = await uuid_of(world, offering, "member")
    await act(world, uuid, "begin_creating")
    if ending == "set_validation_complete":
        await act(world, uuid, "set_pending_account_linking")
    await leave(world, "member")
    assert (await accounts(world, offering))["member"] in ("Creating", "Pending account linking")
    if ending == "username":
        await world.must("seller", "PATCH", f"{USERS}{uuid}/", {"username": "jdoe"})
    else:
        await act(world, uuid, ending)
    assert (await accounts(world, offering))["member"] == "Requested deletion"


async def test_who_comes_back_in_time_keeps_the_account(world: World) -> None:
    offering = await world.offering(plugin_options=BOTH)
    await world.resource(offering)
    uuid = await uuid_of(world, offering, "member")
    await act(world, uuid, "begin_creating")
    await leave(world, "member")
    await join(world, "member")
    await act(world, uuid, "set_ok")
    assert (await accounts(world, offering))["member"] == "OK"


async def test_who_comes_back_later_gets_another_one(world: World) -> None:
    offering = await world.offering(plugin_options=BOTH)
    await world.resource(offering)
    first = await uuid_of(world, offering, "member")
    await act(world, first, "set_ok")
    await leave(world, "member")
    await join(world, "member")
    assert (await accounts(world, offering))["member"] == "Requested deletion"
    await act(world, first, "set_deleting", "set_deleted")
    assert (await accounts(world, offering))["member"] == "Requested"
    assert await uuid_of(world, offering, "member") != first


async def test_a_role_that_ends_ends_the_access(world: World) -> None:
    offering = await world.offering(plugin_options=BOTH)
    with world.at("2026-05-01"):
        await world.resource(offering)
        await join(world, "stranger", expiration_time="2026-05-10T00:00:00Z")
        await act(world, await uuid_of(world, offering, "stranger"), "set_ok")
    with world.at("2026-05-10T00:10:00"):
        await world.tick()
        assert (await accounts(world, offering))["stranger"] == "Requested deletion"


async def test_a_removed_person_loses_access_everywhere(world: World) -> None:
    offering = await world.offering(plugin_options=BOTH)
    await world.resource(offering)
    await act(world, await uuid_of(world, offering, "member"), "set_ok")
    await world.must("staff", "DELETE", f"/api/users/{world.ids['member']}/", status=204)
    assert (await accounts(world, offering))["member"] == "Requested deletion"


async def test_an_offering_that_begins_to_want_accounts_gets_them(world: World) -> None:
    offering = await world.offering()
    await world.resource(offering)
    await world.must("staff", "PATCH", f"/api/users/{world.ids['admin']}/", {"is_active": False})
    path = f"/api/marketplace-provider-offerings/{offering['uuid']}/update_integration/"
    await world.must("seller", "POST", path, {"plugin_options": BOTH})
    assert await accounts(world, offering) == {}
    await world.tick()
    assert await accounts(world, offering) == dict.fromkeys(["manager", "member"], "Requested")
    await world.tick()
    assert len(await world.must("seller", "GET", USERS)) == 2


async def told(world: World, action: str) -> list[dict[str, Any]]:
    found = (
        select(tables.facts.c.payload)
        .where(tables.facts.c.topic == "AccountChanged")
        .order_by(tables.facts.c.id)
    )
    rows = await world.market.db.read(lambda conn: [row[0] for row in conn.execute(found)])
    return [row for row in rows if row["action"] == action]


async def test_offerings_hear_of_what_they_see_of_their_people(world: World) -> None:
    offering = await world.offering(plugin_options=BOTH)
    await world.resource(offering)
    person = f"/api/users/{world.ids['member']}/"
    await world.must("member", "PATCH", person, {"phone_number": "+372 1", "job_title": "Boss"})
    assert await told(world, "attribute_update") == []
    await world.must("member", "PATCH", person, {"last_name": "New", "email": "member@example.org"})
    [fact] = await told(world, "attribute_update")
    assert (fact["offering"], fact["user"]) == (offering["uuid"], world.ids["member"])
    assert fact["changed_attributes"] == ["full_name", "last_name"]
    assert fact["attributes"]["full_name"] == "Member New"
    await world.must("member", "PATCH", person, {"last_name": "New"})
    assert len(await told(world, "attribute_update")) == 1


async def test_the_team_of_a_resource(world: World) -> None:
    offering = await world.offering(plugin_options=BOTH)
    resource = await world.resource(offering)
    await join(world, "stranger", expiration_time="2090-01-01T00:00:00Z")
    await join(world, "member", role="PROJECT.MANAGER")
    uuid = await uuid_of(world, offering, "member")
    await world.must("seller", "PATCH", f"{USERS}{uuid}/", {"username": "jdoe"})
    for path, who in (("marketplace-resources", "owner"), ("marketplace-provider-resources", "seller")):
        team = await world.must(who, "GET", f"/api/{path}/{resource['uuid']}/team/")
        assert [(m["username"], m["role"], m["offering_user_state"]) for m in team] == [
            ("admin", "PROJECT.ADMIN", "Requested"),
            ("manager", "PROJECT.MANAGER", "Requested"),
            ("member", "PROJECT.MEMBER", "OK"),
            ("stranger", "PROJECT.MEMBER", "Requested"),
        ]
    [member] = [m for m in team if m["username"] == "member"]
    assert member == {
        "url": f"{BASE}/api/users/{world.ids['member']}/",
        "uuid": world.ids["member"],
        "username": "member",
        "full_name": "Member Example",
        "email": "member@example.org",
        "role": "PROJECT.MEMBER",
        "expiration_time": None,
        "offering_user_username": "jdoe",
        "offering_user_state": "OK",
        "has_consent": False,
    }
    assert team[3]["expiration_time"].startswith("2090-01-01T00:00:00")
    for who in ("stranger", "keeper"):
        path = f"/api/marketplace-provider-resources/{resource['uuid']}/team/"
        assert (await world.get(who, path)).status_code == 404


async def test_a_team_without_accounts_is_a_team(world: World) -> None:
    resource = await world.resource(await world.offering())
    team = await world.must("seller", "GET", f"/api/marketplace-provider-resources/{resource['uuid']}/team/")
    assert [(m["offering_user_username"], m["offering_user_state"]) for m in team] == [(None, None)] * 3


async def test_other_resources_of_the_project_add_nobody_to_a_team(world: World) -> None:
    offering = await world.offering(plugin_options=BOTH)
    resource = await world.resource(offering)
    other = await world.resource(await world.offering())
    for one, states in ((resource, ["Requested"] * 3), (other, [None] * 3)):
        team = await world.must("seller", "GET", f"/api/marketplace-provider-resources/{one['uuid']}/team/")
        assert [m["username"] for m in team] == ["admin", "manager", "member"]
        assert [m["offering_user_state"] for m in team] == states


async def test_a_large_team_comes_whole(world: World) -> None:
    resource = await world.resource(await world.offering())

    def crowd(tx: Any) -> None:
        from mercato.access import queries as access
        from mercato.access import service as roles
        from mercato.identity import service as identity
        from mercato.schemas.access import Scope
        from mercato.schemas.identity import NewUser

        place = access.scope_row(tx.conn, Scope.PROJECT, world.ids["alpha"])
        assert place is not None
        role = roles.find_role(tx, "PROJECT.MEMBER", Scope.PROJECT)
        for n in range(605):
            new = NewUser(username=f"p{n:04}", email="")
            roles.give(tx, roles.find_person(tx, identity.create_user(tx, new)), role, place)

    await world.market.db.write(crowd)
    team = await world.must("seller", "GET", f"/api/marketplace-provider-resources/{resource['uuid']}/team/")
    assert len(team) == len({m["uuid"] for m in team}) == 608
