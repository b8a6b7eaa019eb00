"""Who sees what by which role, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from furnished import furnish
from mercato.access.service import revoke_expired
from mercato.access.tables import grants
from mercato.kernel import tables
from world import BASE, World

pytestmark = pytest.mark.http

LISTS = {
    "orders": "/api/marketplace-orders/",
    "resources": "/api/marketplace-resources/",
    "usages": "/api/marketplace-component-usages/",
    "invoices": "/api/invoices/",
    "items": "/api/invoice-items/",
    "projects": "/api/projects/",
}


async def seen_by(world: World, who: str) -> dict[str, int]:
    return {name: len(await world.must(who, "GET", path)) for name, path in LISTS.items()}


@pytest.mark.parametrize("who", ["owner", "reader"])
async def test_organization_roles_see_everything_of_it(world: World, who: str) -> None:
    await furnish(world)
    seen = await seen_by(world, who)
    assert seen == {"orders": 2, "resources": 2, "usages": 1, "invoices": 1, "items": 4, "projects": 1}


@pytest.mark.parametrize("who", ["admin", "manager", "member"])
async def test_project_roles_see_no_invoices(world: World, who: str) -> None:
    await furnish(world)
    seen = await seen_by(world, who)
    assert seen == {"orders": 2, "resources": 2, "usages": 1, "invoices": 0, "items": 0, "projects": 1}


@pytest.mark.parametrize("who", ["seller", "vendor", "keeper"])
async def test_provider_roles_see_what_is_theirs_to_provide(world: World, who: str) -> None:
    await furnish(world)
    seen = await seen_by(world, who)
    assert seen == {"orders": 2, "resources": 2, "usages": 1, "invoices": 0, "items": 0, "projects": 0}


async def test_one_offerings_manager_sees_nothing_of_the_others(world: World) -> None:
    mine, other = await world.offering("Mine"), await world.offering("Other")
    await world.keep(mine)
    await world.order(mine)
    theirs = await world.order(other)
    rows = await world.must("keeper", "GET", "/api/marketplace-orders/?field=offering_name")
    assert rows == [{"offering_name": "Mine"}]
    assert (await world.act("keeper", theirs, "approve_by_provider")).status_code == 404
    names = await world.must("keeper", "GET", "/api/marketplace-provider-offerings/?field=name")
    assert names == [{"name": "Mine"}]


async def test_one_project_sees_nothing_of_its_neighbour(world: World) -> None:
    offering = await world.offering()
    await world.order(offering)
    beta = await world.must("owner", "POST", "/api/projects/", project(world, "Beta"), 201)
    neighbour = {"user": world.ids["stranger"], "role": "PROJECT.ADMIN"}
    await world.must("owner", "POST", f"/api/projects/{beta['uuid']}/add_user/", neighbour, 201)
    resource = await world.resource(offering, project=beta["url"])
    usage = {"resource": resource["uuid"], "usages": [{"type": "cpu", "amount": 1}]}
    await world.must("seller", "POST", "/api/marketplace-component-usages/set_usage/", usage, 201)

    for who, sees in (("member", "Alpha"), ("stranger", "Beta")):
        for path in ("/api/marketplace-orders/", "/api/marketplace-resources/"):
            rows = await world.must(who, "GET", path + "?field=project_name")
            assert rows == [{"project_name": sees}], (who, path)
        assert await world.must(who, "GET", "/api/projects/?field=name") == [{"name": sees}]
    assert await world.must("member", "GET", "/api/marketplace-component-usages/") == []
    for path in (
        f"/api/projects/{beta['uuid']}/",
        f"/api/projects/{beta['uuid']}/list_users/",
        f"/api/marketplace-resources/{resource['uuid']}/",
        f"/api/marketplace-orders/{resource['creation_order']['uuid']}/",
    ):
        assert (await world.get("member", path)).status_code == 404, path
    people = await world.must("stranger", "GET", "/api/users/?field=username")
    assert "member" not in {row["username"] for row in people}


def project(world: World, name: str) -> dict[str, Any]:
    return {"name": name, "customer": f"{BASE}/api/customers/{world.ids['buyer']}/"}


async def give(world: World, who: str, role: str, until: datetime | None = None) -> Any:
    body = {"user": world.ids[who], "role": role, "expiration_time": until and until.isoformat()}
    return await world.post("owner", f"/api/projects/{world.ids['alpha']}/add_user/", body)


END = datetime(2026, 5, 10, 12, tzinfo=UTC)


async def test_a_role_past_its_end_gives_nothing_from_that_second(world: World) -> None:
    offering = await world.offering()
    with world.at("2026-05-01"):
        assert (await give(world, "stranger", "PROJECT.MANAGER", END)).status_code == 201
        order = await world.order(offering, "stranger")
    path = f"/api/marketplace-orders/{order['uuid']}/"
    with world.at((END - timedelta(microseconds=1)).isoformat()):
        assert (await world.get("stranger", path)).status_code == 200
        assert len(await world.must("stranger", "GET", "/api/projects/")) == 1
        assert (await world.must("member", "GET", f"/api/users/{world.ids['stranger']}/"))["uuid"]
    with world.at(END.isoformat()):
        assert (await world.get("stranger", path)).status_code == 404
        assert await world.must("stranger", "GET", "/api/projects/") == []
        assert (await world.act("stranger", order, "cancel")).status_code == 404
        body = world.order_body(offering)
        assert (await world.post("stranger", "/api/marketplace-orders/", body)).status_code == 400
        assert (await world.must("stranger", "GET", "/api/users/me/"))["permissions"] == []
        team = await world.must("owner", "GET", f"/api/projects/{world.ids['alpha']}/list_users/")
        assert "stranger" not in {m["user_username"] for m in team}
        assert (await world.get("member", f"/api/users/{world.ids['stranger']}/")).status_code == 404
        role = (await world.must("staff", "GET", "/api/roles/?name=PROJECT.MANAGER"))[0]
        assert role["users_count"] == 1


async def test_the_sweep_only_records_it(world: World) -> None:
    with world.at("2026-05-01"):
        await give(world, "stranger", "PROJECT.MANAGER", END)
    with world.at("2026-05-10 12:00:01"):
        await world.tick()
        assert await world.market.db.write(revoke_expired) == 0

    def found(conn: Any) -> Any:
        grant = conn.execute(select(grants).where(grants.c.expiration_time.is_not(None))).one()
        told = conn.execute(select(tables.audit).where(tables.audit.c.event_type == "role_revoked")).one()
        return grant.is_active, grant.revoke_reason, told.message

    assert await world.market.db.read(found) == (
        False,
        "expired",
        "Role PROJECT.MANAGER in Alpha was revoked: stranger.",
    )


async def test_an_expired_role_can_be_given_again_before_the_sweep(world: World) -> None:
    with world.at("2026-05-01"):
        await give(world, "stranger", "PROJECT.MANAGER", END)
    with world.at("2026-05-11"):
        assert (await give(world, "stranger", "PROJECT.MANAGER")).status_code == 201
        assert len(await world.must("stranger", "GET", "/api/projects/")) == 1


async def test_adding_answers_with_the_end_and_repeating_is_refused(world: World) -> None:
    answer = await give(world, "stranger", "PROJECT.MEMBER")
    assert (answer.status_code, answer.json()) == (201, {"expiration_time": None})
    again = await give(world, "stranger", "PROJECT.MEMBER")
    assert (again.status_code, again.json()["detail"]) == (
        400,
        "User has already the same role in this scope.",
    )


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"role": "PROJECT.EMPEROR"}, "Role is not found."),
        ({"role": "CUSTOMER.OWNER"}, "Role is not valid for this scope."),
        ({"user": "0" * 32}, "User is not found."),
        ({"expiration_time": "2001-01-01T00:00:00Z"}, "Expiration time should be greater than current time."),
    ],
)
async def test_what_cannot_be_given(world: World, change: dict[str, str], text: str) -> None:
    body = {"user": world.ids["stranger"], "role": "PROJECT.MEMBER", **change}
    answer = await world.post("owner", f"/api/projects/{world.ids['alpha']}/add_user/", body)
    assert answer.status_code == 400
    assert [text] in answer.json().values()


async def test_roles_are_changed_and_taken(world: World) -> None:
    path = f"/api/projects/{world.ids['alpha']}/"
    body = {"user": world.ids["member"], "role": "PROJECT.MEMBER"}
    later = "2099-01-01T00:00:00Z"
    changed = await world.must("owner", "POST", path + "update_user/", {**body, "expiration_time": later})
    assert changed == {"expiration_time": later}
    await world.must("manager", "POST", path + "delete_user/", body, 200)
    assert (await world.get("member", path)).status_code == 404
    assert (await world.post("manager", path + "delete_user/", body)).status_code == 400


async def test_nobody_manages_their_own_role_but_from_above(world: World) -> None:
    path = f"/api/projects/{world.ids['alpha']}/delete_user/"
    own = {"user": world.ids["manager"], "role": "PROJECT.MANAGER"}
    answer = await world.post("manager", path, own)
    assert (answer.status_code, answer.json()["detail"]) == (400, "User can not manage own role.")
    mine = {"user": world.ids["owner"], "role": "PROJECT.MEMBER"}
    await world.must("owner", "POST", f"/api/projects/{world.ids['alpha']}/add_user/", mine, 201)


async def test_closed_organizations_and_private_offerings_take_nobody(world: World) -> None:
    private = await world.offering(shared=False)
    role = {"user": world.ids["stranger"], "role": "OFFERING.MANAGER"}
    path = f"/api/marketplace-provider-offerings/{private['uuid']}/add_user/"
    refused = await world.post("staff", path, role)
    assert (refused.status_code, refused.json()["detail"]) == (400, "Offering is not available.")
    await world.must("staff", "PATCH", f"/api/customers/{world.ids['buyer']}/", {"blocked": True})
    refused = await give(world, "stranger", "PROJECT.MEMBER")
    assert (refused.status_code, refused.json()["detail"]) == (400, "Customer is not available.")


async def test_an_inactive_role_gives_nothing_and_is_not_given(world: World) -> None:
    from sqlalchemy import update

    from mercato.access.tables import roles

    def off(tx: Any) -> None:
        tx.conn.execute(update(roles).where(roles.c.name == "PROJECT.MANAGER"), {"is_active": False})

    offering = await world.offering()
    await world.market.db.write(off)
    refused = await give(world, "stranger", "PROJECT.MANAGER")
    assert refused.json() == {"role": ["Role is not active."]}
    body = world.order_body(offering)
    assert (await world.post("manager", "/api/marketplace-orders/", body)).status_code == 403


@pytest.mark.parametrize(
    "scope",
    [
        {"scope": BASE + "/api/projects/{alpha}/"},
        {"scope_type": "project", "scope_uuid": "{alpha}"},
    ],
)
async def test_a_role_by_our_own_endpoint(world: World, scope: dict[str, str]) -> None:
    place = {k: v.format(**world.ids) for k, v in scope.items()}
    body = {"user": world.ids["stranger"], "role": "PROJECT.MEMBER", **place}
    made = await world.must("owner", "POST", "/api/user-permissions/", body, 201)
    assert made == {"expiration_time": None}
    path = f"/api/user-permissions/?user_uuid={world.ids['stranger']}"
    [seen] = await world.must("owner", "GET", path)
    assert (seen["scope_uuid"], seen["role_name"]) == (world.ids["alpha"], "PROJECT.MEMBER")
    assert seen["created_by_username"] == "owner"
    await world.must("owner", "POST", "/api/user-permissions/delete_user/", body, 200)
    assert await world.must("stranger", "GET", "/api/projects/") == []


@pytest.mark.parametrize("scope", [{}, {"scope": "nonsense"}, {"scope_type": "planet", "scope_uuid": "x"}])
async def test_a_role_nowhere(world: World, scope: dict[str, str]) -> None:
    body = {"user": world.ids["stranger"], "role": "PROJECT.MEMBER", **scope}
    assert (await world.post("owner", "/api/user-permissions/", body)).status_code == 400


async def test_the_team_can_be_searched(world: World) -> None:
    path = f"/api/projects/{world.ids['alpha']}/list_users/"
    team = await world.must("member", "GET", path + "?o=username&field=user_username&field=role_name")
    assert [m["user_username"] for m in team] == ["admin", "manager", "member"]
    one = await world.must(
        "member", "GET", path + "?role=PROJECT.ADMIN&search_string=EXAMPLE&field=role_name"
    )
    assert one == [{"role_name": "PROJECT.ADMIN"}]
    who = world.ids["manager"]
    assert len(await world.must("member", "GET", path + f"?user={who}")) == 1
