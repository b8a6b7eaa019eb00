"""Personal access tokens: what they may, where, from where, for how long; and that nothing gives more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import select

from mercato.access.rules import SIGNED_IN
from mercato.identity import rules
from mercato.identity.tables import personal_tokens
from mercato.kernel import clock, tables
from mercato.kernel.errors import NotSignedIn
from mercato.kernel.http import Credentials
from mercato.web.door import WebDoor
from world import World

pytestmark = pytest.mark.http

TOKENS = "/api/personal-access-tokens/"


def in_days(days: float) -> str:
    return (clock.now() + timedelta(days=days)).isoformat()


async def make(world: World, who: str, *scopes: str, **more: Any) -> dict[str, Any]:
    body = {"name": "robot", "scopes": list(scopes), "expires_at": in_days(30), **more}
    return dict(await world.must(who, "POST", TOKENS, body, 201))


async def ask(world: World, key: str, method: str, path: str, json: Any = None, **kw: Any) -> httpx.Response:
    return await world.client.request(
        method, path, json=json, headers={"Authorization": f"Bearer {key}"}, **kw
    )


def test_keys_are_recognised_by_their_start_and_their_checksum() -> None:
    key = rules.new_personal_key()
    assert key.startswith("w_mrc_")
    assert len(key) == len("w_mrc_") + 48
    assert key != rules.new_personal_key()


@pytest.mark.parametrize(
    ("address", "networks", "allowed"),
    [
        ("10.1.2.3", [], True),
        ("10.1.2.3", ["10.0.0.0/8"], True),
        ("11.1.2.3", ["10.0.0.0/8"], False),
        ("11.1.2.3", ["10.0.0.0/8", "11.1.2.3/32"], True),
        ("::ffff:10.1.2.3", ["10.0.0.0/8"], True),
        ("2001:db8::1", ["2001:db8::/32"], True),
        ("2001:db9::1", ["2001:db8::/32", "0.0.0.0/0"], False),
        ("", ["10.0.0.0/8"], False),
        ("nonsense", ["0.0.0.0/0"], False),
    ],
)
def test_from_where(address: str, networks: list[str], allowed: bool) -> None:
    assert rules.address_allowed(address, networks) is allowed


def test_networks_in_their_usual_spelling() -> None:
    found, wrong = rules.networks(["10.1.2.3/8", " 192.0.2.7", "2001:DB8::1", "10.0.0.0/8"])
    assert (found, wrong) == (["10.0.0.0/8", "192.0.2.7/32", "2001:db8::1/128"], [])
    assert rules.networks(["nonsense", "10.0.0.0/33"])[1] != []
    assert rules.networks(["10.0.0.0/8"] * 51)[1] != []
    assert all(ip_network(n) for n in found)


async def test_the_key_is_shown_once_and_stored_as_a_hash(world: World) -> None:
    made = await make(world, "owner", "ORDER.APPROVE", "ORDER.LIST", allowed_networks=["127.0.0.1"])
    assert made["token"].startswith("w_mrc_")
    assert made["scopes"] == ["ORDER.APPROVE", "ORDER.LIST"]
    assert (made["allowed_networks"], made["allowed_scopes"]) == (["127.0.0.1/32"], [])
    seen = await world.must("owner", "GET", f"{TOKENS}{made['uuid']}/")
    assert "token" not in seen
    assert seen["token_prefix"] == made["token"][:12]
    assert (seen["is_active"], seen["use_count"], seen["last_used_ip"]) == (True, 0, "")
    assert seen["last_used_at"] == seen["created"]
    rows = await world.market.db.read(lambda conn: conn.execute(select(personal_tokens)).fetchall())
    assert made["token"] not in str(rows)
    assert [t["uuid"] for t in await world.must("owner", "GET", TOKENS)] == [made["uuid"]]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["ORDER.LIST", "ORDER.FLY"]}, "scopes"),
        ({"scopes": ["STAFF.ACCESS"]}, "scopes"),
        ({"scopes": ["SUPPORT.ACCESS"]}, "scopes"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2090-01-01T00:00:00"}, "expires_at"),
        ({"expires_at": "nonsense"}, "expires_at"),
        ({"allowed_networks": ["nonsense"]}, "allowed_networks"),
        ({"allowed_scopes": [{"type": "customer", "uuid": "{provider}"}]}, "allowed_scopes"),
        ({"allowed_scopes": [{"type": "galaxy", "uuid": "{buyer}"}]}, "allowed_scopes"),
        ({"allowed_scopes": [{"type": "customer", "uuid": "nonsense"}]}, "allowed_scopes"),
    ],
)
async def test_tokens_that_cannot_be(world: World, change: dict[str, Any], field: str) -> None:
    for place in change.get("allowed_scopes", []):
        place["uuid"] = world.ids.get(place["uuid"].strip("{}"), place["uuid"])
    body = {"name": "robot", "scopes": ["ORDER.LIST"], "expires_at": in_days(30), **change}
    answer = await world.post("owner", TOKENS, body)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert await world.must("owner", "GET", TOKENS) == []


async def test_nobody_has_too_many(filled_url: str, tmp_path: Path) -> None:
    world = await World.open(filled_url, tmp_path, pat_max_tokens_per_user=2, pat_max_lifetime_days=10)
    body = {"name": "robot", "scopes": ["ORDER.LIST"], "expires_at": in_days(9)}
    first = await world.must("owner", "POST", TOKENS, body, 201)
    await world.must("owner", "POST", TOKENS, body, 201)
    assert (await world.post("owner", TOKENS, body)).status_code == 400
    await world.must("owner", "DELETE", f"{TOKENS}{first['uuid']}/", status=204)
    await world.must("owner", "POST", TOKENS, body, 201)
    late = await world.post("manager", TOKENS, {**body, "expires_at": in_days(11)})
    assert (late.status_code, list(late.json())) == (400, ["expires_at"])
    await world.close()


async def test_an_operator_may_have_none_at_all(filled_url: str, tmp_path: Path) -> None:
    world = await World.open(filled_url, tmp_path, pat_enabled=False)
    body = {"name": "robot", "scopes": ["ORDER.LIST"], "expires_at": in_days(1)}
    assert (await world.post("owner", TOKENS, body)).status_code == 403
    await world.close()


async def test_tokens_that_are_not_wanted_any_more_open_nothing(world: World) -> None:
    key = (await make(world, "owner", "ORDER.LIST"))["token"]
    settings = msgspec.structs.replace(world.market.settings, pat_enabled=False)
    door = WebDoor(world.market.db, settings)
    with pytest.raises(NotSignedIn):
        await world.market.db.read(door.identify, Credentials(key, "127.0.0.1", ""), SIGNED_IN, clock.now())


async def test_it_authenticates_as_bearer_and_as_token(world: World) -> None:
    key = (await make(world, "owner", "ORDER.LIST"))["token"]
    for scheme in ("Bearer", "bearer", "Token"):
        answer = await world.client.get("/api/users/me/", headers={"Authorization": f"{scheme} {key}"})
        assert (answer.status_code, answer.json()["username"]) == (200, "owner")
    assert (await ask(world, key, "GET", "/api/customers/")).status_code == 200
    assert (await ask(world, key + "x", "GET", "/api/customers/")).status_code == 401
    assert (await ask(world, "w_nonsense", "GET", "/api/customers/")).status_code == 401


# -- scopes ------------------------------------------------------------------------------------


async def test_only_what_the_token_is_for(world: World) -> None:
    offering = await world.offering()
    order = await world.order(offering, "manager")
    path = f"/api/marketplace-orders/{order['uuid']}/"
    reader = (await make(world, "owner", "ORDER.LIST"))["token"]
    refused = await ask(world, reader, "POST", path + "approve_by_consumer/")
    assert (refused.status_code, refused.json()["permission"]) == (403, "ORDER.APPROVE")
    assert await world.order_state(order) == "pending-consumer"
    approver = (await make(world, "owner", "ORDER.APPROVE"))["token"]
    assert (await ask(world, approver, "POST", path + "approve_by_consumer/")).status_code == 200
    assert await world.order_state(order) == "pending-provider"


async def test_a_scope_gives_nothing_that_its_owner_has_not(world: World) -> None:
    order = await world.order(await world.offering(), "manager")
    key = (await make(world, "manager", "ORDER.APPROVE"))["token"]
    path = f"/api/marketplace-orders/{order['uuid']}/approve_by_consumer/"
    assert (await ask(world, key, "POST", path)).status_code == 403


async def test_what_needs_a_permission_deep_inside_is_refused_too(world: World) -> None:
    """Giving roles over `user-permissions/` asks for the permission only when the scope is known."""
    body = {
        "user": world.ids["stranger"],
        "role": "PROJECT.MEMBER",
        "scope": f"/api/projects/{world.ids['alpha']}/",
    }
    weak = (await make(world, "owner", "ORDER.LIST"))["token"]
    assert (await ask(world, weak, "POST", "/api/user-permissions/", body)).status_code == 403
    strong = (await make(world, "owner", "PROJECT.CREATE_PERMISSION"))["token"]
    assert (await ask(world, strong, "POST", "/api/user-permissions/", body)).status_code == 201


async def test_tokens_of_staff_are_staffs_only_if_they_say_so(world: World) -> None:
    category = {"title": "New"}
    plain = (await make(world, "staff", "ORDER.LIST"))["token"]
    assert (await ask(world, plain, "POST", "/api/marketplace-categories/", category)).status_code == 403
    assert (await ask(world, plain, "GET", "/api/customers/")).json() == []
    assert (await ask(world, plain, "GET", "/api/users/me/")).json()["is_staff"] is True
    full = (await make(world, "staff", "STAFF.ACCESS"))["token"]
    assert (await ask(world, full, "POST", "/api/marketplace-categories/", category)).status_code == 201
    assert len((await ask(world, full, "GET", "/api/customers/")).json()) == 2
    order = await world.order(await world.offering(), "manager")
    path = f"/api/marketplace-orders/{order['uuid']}/approve_by_consumer/"
    assert (await ask(world, full, "POST", path)).status_code == 403
    robot = (await make(world, "staff", "SUPPORT.ACCESS", "ORDER.APPROVE"))["token"]
    assert (await ask(world, robot, "POST", "/api/marketplace-categories/", category)).status_code == 403
    assert (await ask(world, robot, "POST", path)).status_code == 200


async def test_tokens_of_support_see_everything_only_if_they_say_so(world: World) -> None:
    plain = (await make(world, "support", "ORDER.LIST"))["token"]
    assert (await ask(world, plain, "GET", "/api/customers/")).json() == []
    seeing = (await make(world, "support", "SUPPORT.ACCESS"))["token"]
    assert len((await ask(world, seeing, "GET", "/api/customers/")).json()) == 2


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", TOKENS, {"name": "x", "scopes": ["ORDER.LIST"], "expires_at": "2026-12-01T00:00:00Z"}),
        ("DELETE", TOKENS + "{token}/", None),
        ("POST", TOKENS + "{token}/rotate/", None),
        ("POST", TOKENS + "{token}/set_network_acl/", {"allowed_networks": []}),
        ("PATCH", "/api/users/{owner}/", {"email": "mine@example.org"}),
        ("POST", "/api/users/{owner}/change_password/", {"new_password": "Another-horse-battery-9"}),
        ("POST", "/api-auth/logout/", None),
    ],
)
async def test_a_token_never_gives_itself_more(world: World, method: str, path: str, body: Any) -> None:
    made = await make(world, "owner", "ORDER.LIST")
    path = path.format(token=made["uuid"], **world.ids)
    answer = await ask(world, made["token"], method, path, body)
    assert answer.status_code == 403, answer.text
    assert (await world.must("owner", "GET", f"{TOKENS}{made['uuid']}/"))["is_active"]


# -- places ------------------------------------------------------------------------------------


async def test_only_where_the_token_is_bound(world: World) -> None:
    offering = await world.offering()
    beta = await world.must(
        "owner", "POST", "/api/projects/", {"name": "Beta", "customer": world.ids["buyer"]}, 201
    )
    bound = [{"type": "project", "uuid": world.ids["alpha"]}]
    made = await make(world, "owner", "PROJECT.UPDATE", "ORDER.APPROVE", allowed_scopes=bound)
    assert made["allowed_scopes"] == [{"type": "project", "uuid": world.ids["alpha"], "name": "Alpha"}]
    listed = await world.must("owner", "GET", f"{TOKENS}{made['uuid']}/")
    assert listed["allowed_scopes"] == made["allowed_scopes"]
    key, change = made["token"], {"description": "changed"}
    assert (await ask(world, key, "PATCH", f"/api/projects/{world.ids['alpha']}/", change)).status_code == 200
    assert (await ask(world, key, "PATCH", f"/api/projects/{beta['uuid']}/", change)).status_code == 403
    order = await world.order(offering, "manager")
    path = f"/api/marketplace-orders/{order['uuid']}/approve_by_consumer/"
    assert (await ask(world, key, "POST", path)).status_code == 200


async def test_a_token_bound_to_an_organization_reaches_its_projects(world: World) -> None:
    bound = [{"type": "customer", "uuid": world.ids["buyer"]}]
    key = (await make(world, "owner", "PROJECT.UPDATE", "CUSTOMER.UPDATE", allowed_scopes=bound))["token"]
    path, change = f"/api/projects/{world.ids['alpha']}/", {"description": "changed"}
    assert (await ask(world, key, "PATCH", path, change)).status_code == 200
    other = [{"type": "customer", "uuid": world.ids["provider"]}]
    staff = (await make(world, "staff", "PROJECT.UPDATE", allowed_scopes=other))["token"]
    assert (await ask(world, staff, "PATCH", path, change)).status_code == 404


async def test_staff_access_is_bound_to_nothing(world: World) -> None:
    bound = [{"type": "customer", "uuid": world.ids["buyer"]}]
    body = {"name": "x", "scopes": ["STAFF.ACCESS"], "expires_at": in_days(1), "allowed_scopes": bound}
    answer = await world.post("staff", TOKENS, body)
    assert (answer.status_code, list(answer.json())) == (400, ["allowed_scopes"])


# -- networks ----------------------------------------------------------------------------------


async def test_only_from_where_the_token_may_be_used(world: World) -> None:
    made = await make(world, "owner", "ORDER.LIST", allowed_networks=["10.0.0.0/8"])
    refused = await ask(world, made["token"], "GET", "/api/users/me/")  # from 127.0.0.1
    assert (refused.status_code, refused.json()["detail"]) == (401, "Invalid token.")
    path = f"{TOKENS}{made['uuid']}/set_network_acl/"
    changed = await world.must("owner", "POST", path, {"allowed_networks": ["127.0.0.1"]}, 200)
    assert changed["allowed_networks"] == ["127.0.0.1/32"]
    assert (await ask(world, made["token"], "GET", "/api/users/me/")).status_code == 200
    wrong = await world.post("owner", path, {"allowed_networks": ["x"]})
    assert (wrong.status_code, list(wrong.json())) == (400, ["allowed_networks"])
    opened = await world.must("owner", "POST", path, {"allowed_networks": []}, 200)
    assert opened["allowed_networks"] == []


# -- time --------------------------------------------------------------------------------------


async def test_a_token_ends(world: World) -> None:
    with world.at("2026-05-01"):
        made = await make(world, "owner", "ORDER.LIST", expires_at="2026-05-02T00:00:00Z")
    with world.at("2026-05-01T23:59:59"):
        assert (await ask(world, made["token"], "GET", "/api/users/me/")).status_code == 200
    with world.at("2026-05-02"):
        ended = await ask(world, made["token"], "GET", "/api/users/me/")
        assert (ended.status_code, ended.json()["detail"]) == (401, "Token has expired.")
        assert (await world.must("owner", "GET", f"{TOKENS}{made['uuid']}/"))["is_active"] is False
        again = await world.post("owner", f"{TOKENS}{made['uuid']}/rotate/")
        assert again.status_code == 400


async def test_rotation_replaces_the_key_and_keeps_the_rest(world: World) -> None:
    made = await make(world, "owner", "ORDER.LIST", allowed_networks=["127.0.0.1"])
    new = await world.must("owner", "POST", f"{TOKENS}{made['uuid']}/rotate/", status=201)
    assert new["token"] != made["token"]
    assert new["uuid"] != made["uuid"]
    for name in ("name", "scopes", "allowed_scopes", "allowed_networks", "expires_at"):
        assert new[name] == made[name], name
    assert (await ask(world, made["token"], "GET", "/api/users/me/")).status_code == 401
    assert (await ask(world, new["token"], "GET", "/api/users/me/")).status_code == 200
    assert (await world.post("owner", f"{TOKENS}{made['uuid']}/rotate/")).status_code == 400


async def test_a_revoked_token_stays_on_the_list(world: World) -> None:
    made = await make(world, "owner", "ORDER.LIST")
    for _ in range(2):
        await world.must("owner", "DELETE", f"{TOKENS}{made['uuid']}/", status=204)
    refused = await ask(world, made["token"], "GET", "/api/users/me/")
    assert (refused.status_code, refused.json()["detail"]) == (401, "Invalid token.")
    [listed] = await world.must("owner", "GET", TOKENS)
    assert listed["is_active"] is False


async def test_tokens_end_with_their_owners_account(world: World) -> None:
    person = f"/api/users/{world.ids['owner']}/"
    key = (await make(world, "owner", "ORDER.LIST"))["token"]
    await world.must("staff", "PATCH", person, {"is_active": False})
    assert (await ask(world, key, "GET", "/api/users/me/")).status_code == 401
    await world.must("staff", "PATCH", person, {"is_active": True})
    assert (await ask(world, key, "GET", "/api/users/me/")).status_code == 401
    key = (await make(world, "owner", "ORDER.LIST"))["token"]
    await world.must("staff", "PATCH", person, {"can_use_personal_access_tokens": False})
    assert (await ask(world, key, "GET", "/api/users/me/")).status_code == 401
    body = {"name": "x", "scopes": ["ORDER.LIST"], "expires_at": in_days(1)}
    assert (await world.post("owner", TOKENS, body)).status_code == 403


async def test_others_tokens_are_not_there(world: World) -> None:
    made = await make(world, "owner", "ORDER.LIST")
    for who in ("manager", "support", "staff"):
        assert (await world.get(who, f"{TOKENS}{made['uuid']}/")).status_code == 404
        assert (await world.ask(who, "DELETE", f"{TOKENS}{made['uuid']}/")).status_code == 404
        assert (await world.post(who, f"{TOKENS}{made['uuid']}/rotate/")).status_code == 404


# -- the record --------------------------------------------------------------------------------


async def events(world: World, uuid: str) -> list[str]:
    found = select(tables.audit.c.event_type).where(tables.audit.c.object == uuid).order_by(tables.audit.c.id)
    return list(await world.market.db.read(lambda conn: [row[0] for row in conn.execute(found)]))


async def test_use_is_counted_and_new_addresses_are_told(world: World) -> None:
    made = await make(world, "owner", "ORDER.LIST")
    door = WebDoor(world.market.db, world.market.settings)

    async def use(address: str, requests: int, asks: int = 1) -> None:
        for _ in range(requests):
            sent = Credentials(made["token"], address, "")
            for _ in range(asks):
                await world.market.db.read(door.identify, sent, SIGNED_IN, clock.now())
        await door.note_used_tokens()

    await use("10.0.0.1", 2, asks=3)
    await use("10.0.0.1", 1)
    seen = await world.must("owner", "GET", f"{TOKENS}{made['uuid']}/")
    assert (seen["use_count"], seen["last_used_ip"]) == (3, "10.0.0.1")
    assert datetime.fromisoformat(seen["last_used_at"]) > datetime(2020, 1, 1, tzinfo=UTC)
    await use("10.0.0.2", 1)
    await world.must(
        "owner", "POST", f"{TOKENS}{made['uuid']}/set_network_acl/", {"allowed_networks": ["10.9.9.9"]}
    )
    with pytest.raises(NotSignedIn):
        await use("10.0.0.3", 1)
    await door.note_used_tokens()
    await world.must("owner", "POST", f"{TOKENS}{made['uuid']}/rotate/", status=201)
    assert await events(world, made["uuid"]) == [
        "pat_created",
        "pat_used_from_new_ip",
        "pat_network_acl_updated",
        "pat_access_denied_from_ip",
    ]


async def test_what_a_token_can_be_for(world: World) -> None:
    owner = await world.must("owner", "GET", TOKENS + "available_scopes/")
    names = {row["permission"] for row in owner}
    assert {"ORDER.APPROVE", "PROJECT.CREATE"} <= names
    assert not {"STAFF.ACCESS", "SUPPORT.ACCESS"} & names
    assert {"permission": "ORDER.APPROVE", "description": "Order: approve"} in owner
    assert await world.must("stranger", "GET", TOKENS + "available_scopes/") == []
    staff = {row["permission"] for row in await world.must("staff", "GET", TOKENS + "available_scopes/")}
    assert {"STAFF.ACCESS", "SUPPORT.ACCESS"} <= staff
    assert len(staff) == 136
    [support] = await world.must("support", "GET", TOKENS + "available_scopes/")
    assert support["permission"] == "SUPPORT.ACCESS"
    targets = await world.must("manager", "GET", TOKENS + "available_binding_targets/")
    assert {"permission": "PROJECT.UPDATE", "types": ["project"]} in targets
    everywhere = await world.must("staff", "GET", TOKENS + "available_binding_targets/")
    assert {"permission": "ORDER.LIST", "types": ["customer", "project", "offering"]} in everywhere
    assert "STAFF.ACCESS" not in {row["permission"] for row in everywhere}


# -- sessions ----------------------------------------------------------------------------------


async def test_staff_end_sessions(world: World) -> None:
    rows = await world.must("staff", "GET", "/api/auth-tokens/?page_size=100")
    assert len({row["user_username"] for row in rows}) == len(rows) == 11
    [mine] = [row for row in rows if row["user_username"] == "owner"]
    path = mine["url"].removeprefix("http://testserver.local")
    one = await world.must("staff", "GET", path)
    assert one == mine
    assert (one["user_first_name"], one["user_is_active"]) == ("Owner", True)
    assert one["user"].endswith(f"/api/users/{world.ids['owner']}/")
    await world.must("staff", "DELETE", path, status=204)
    assert (await world.get("owner", "/api/users/me/")).status_code == 401
    for wrong in (path, "/api/auth-tokens/0/", "/api/auth-tokens/nonsense/", f"/api/auth-tokens/{'9' * 30}/"):
        assert (await world.get("staff", wrong)).status_code == 404
        assert (await world.ask("staff", "DELETE", wrong)).status_code == 404
