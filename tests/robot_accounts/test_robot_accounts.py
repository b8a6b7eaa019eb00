"""Robot accounts: providers make them, customers see them, and they follow people and resources."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from waldur_api_client.models.robot_account import RobotAccount
from waldur_api_client.models.robot_account_details import RobotAccountDetails

from furnished import KEY
from mercato.kernel import tables
from mercato.robot_accounts.states import ROBOT
from world import BASE, World

pytestmark = pytest.mark.http

ROBOTS = "/api/marketplace-robot-accounts/"


@pytest.fixture
async def resource(world: World) -> dict[str, Any]:
    offering = await world.offering()
    await world.keep(offering)
    return await world.resource(offering)


async def robot(world: World, resource: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"resource": resource["url"], "type": "cicd", "username": "builder", **more}
    return dict(await world.must("seller", "POST", ROBOTS, body, 201))


def person(world: World, who: str) -> str:
    return f"{BASE}/api/users/{world.ids[who]}/"


async def events(world: World) -> list[str]:
    rows = await world.must("staff", "GET", "/api/events/?feature=resources&page_size=100&o=created")
    return [row["event_type"] for row in rows if "robot_account" in row["event_type"]]


async def moved(world: World, made: dict[str, Any], way: str, body: Any = None, who: str = "seller") -> Any:
    return await world.post(who, f"{ROBOTS}{made['uuid']}/set_state_{way}/", body)


def test_the_states_of_an_account() -> None:
    ways = {(row.source.value, row.action): row.target.value for row in ROBOT.rows}
    assert ways["Requested", "begin_creating"] == "Creating"
    assert {ways[s, "set_ok"] for s in ("Requested", "Creating", "Error")} == {"OK"}
    assert ("OK", "set_deleted") not in ways
    assert ways["Requested deletion", "set_deleted"] == "Deleted"
    assert not [source for source, _ in ways if source == "Deleted"]
    assert (ways["Requested", "end"], ways["OK", "end"]) == ("Deleted", "Requested deletion")


async def test_a_provider_makes_one_and_both_sides_see_it(world: World, resource: dict[str, Any]) -> None:
    await world.must("member", "POST", "/api/keys/", {"public_key": KEY, "name": "laptop"}, 201)
    made = await robot(
        world,
        resource,
        description="Builds",
        users=[person(world, "member"), person(world, "owner")],
        keys=[KEY],
        responsible_user=person(world, "manager"),
    )
    RobotAccount.from_dict(dict(made))
    assert made["users"] == [person(world, "member"), person(world, "owner")]
    assert (made["state"], made["username"], made["responsible_user"]) == (
        "Requested",
        "builder",
        person(world, "manager"),
    )
    assert made["fingerprints"][0]["sha256"].startswith("SHA256:")
    for who in ("seller", "keeper", "owner", "member", "support"):
        [seen] = await world.must(who, "GET", ROBOTS)
        RobotAccountDetails.from_dict(dict(seen))
        assert [user["username"] for user in seen["users"]] == ["member", "owner"]
        assert [key["name"] for key in seen["user_keys"]] == ["laptop"]
        assert seen["responsible_user"]["username"] == "manager"
    assert (seen["provider_name"], seen["customer_name"], seen["project_name"]) == (
        "Seller Org",
        "Buyer Org",
        "Alpha",
    )
    assert await world.must("stranger", "GET", ROBOTS) == []
    assert (await world.get("stranger", f"{ROBOTS}{made['uuid']}/")).status_code == 404
    assert await events(world) == ["resource_robot_account_created"]


async def test_only_who_may(world: World, resource: dict[str, Any]) -> None:
    body = {"resource": resource["url"], "type": "cicd"}
    for who, status in {"owner": 403, "keeper": 403, "stranger": 400, "vendor": 201}.items():
        assert (await world.post(who, ROBOTS, body)).status_code == status, who
    made = await robot(world, resource)
    for who, status in {"owner": 403, "keeper": 403, "stranger": 404}.items():
        answer = await world.ask(who, "PATCH", f"{ROBOTS}{made['uuid']}/", {"description": "x"})
        assert answer.status_code == status, who
        assert (await moved(world, made, "ok", who=who)).status_code == status, who
        assert (await world.ask(who, "DELETE", f"{ROBOTS}{made['uuid']}/")).status_code == status, who


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "a b"}, "username"),
        ({"username": "builder"}, "username"),
        ({"username": "x" * 33}, "username"),
        ({"type": ""}, "type"),
        ({"type": "longer"}, "type"),
        ({"keys": ["nonsense"]}, "keys"),
        ({"users": ["{stranger}"]}, "users"),
        ({"users": ["nobody"]}, "users"),
        ({"responsible_user": "{stranger}"}, "responsible_user"),
        ({"resource": "0" * 32}, "resource"),
    ],
)
async def test_what_is_refused(
    world: World, resource: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    await robot(world, resource)
    known = {"{stranger}": world.ids["stranger"]}
    filled = {
        name: [known.get(one, one) for one in value] if isinstance(value, list) else known.get(value, value)
        for name, value in change.items()
    }
    body = {"resource": resource["url"], "type": "cicd", **filled}
    answer = await world.post("seller", ROBOTS, body)
    assert (answer.status_code, next(iter(answer.json()))) == (400, field)
    assert len(await world.must("seller", "GET", ROBOTS)) == 1


async def test_it_is_changed_replaced_and_forgotten(world: World, resource: dict[str, Any]) -> None:
    made = await robot(world, resource, users=[world.ids["member"]], responsible_user=world.ids["seller"])
    path = f"{ROBOTS}{made['uuid']}/"
    change = {"description": "New", "responsible_user": None}
    seen = await world.must("seller", "PATCH", path, change, 200)
    assert (seen["description"], seen["responsible_user"]) == ("New", None)
    assert seen["users"] == [person(world, "member")]
    whole = {"resource": resource["url"], "type": "bot", "username": "builder", "keys": [KEY]}
    seen = await world.must("seller", "PUT", path, whole, 200)
    assert (seen["type"], seen["description"], seen["users"], len(seen["keys"])) == ("bot", "", [], 1)
    other = await world.resource(await world.offering("Other"))
    refused = await world.ask("seller", "PUT", path, {**whole, "resource": other["url"]})
    assert (refused.status_code, list(refused.json())) == (400, ["resource"])
    await world.must("seller", "DELETE", path, status=204)
    assert await world.must("seller", "GET", ROBOTS) == []
    assert await events(world) == [
        f"resource_robot_account_{word}" for word in ("created", "updated", "updated", "deleted")
    ]


async def test_its_way_from_asked_for_to_gone(world: World, resource: dict[str, Any]) -> None:
    made = await robot(world, resource)
    for way, state in (
        ("creating", "Creating"),
        ("erred", "Error"),
        ("ok", "OK"),
        ("request_deletion", "Requested deletion"),
        ("deleted", "Deleted"),
    ):
        body = {"error_message": "Disk is full"} if way == "erred" else None
        answer = await moved(world, made, way, body)
        assert (answer.status_code, answer.json()["state"]) == (200, state)
        RobotAccountDetails.from_dict(answer.json())
        assert answer.json()["error_message"] == ("Disk is full" if way == "erred" else "")
    again = await moved(world, made, "ok")
    assert (again.status_code, "Deleted" in again.json()["detail"]) == (400, True)
    late = await world.ask("seller", "PATCH", f"{ROBOTS}{made['uuid']}/", {"description": "x"})
    assert late.status_code == 409
    assert (await events(world)).count("resource_robot_account_state_changed") == 5
    # The name is free again.
    await robot(world, resource)


async def test_they_are_found(world: World, resource: dict[str, Any]) -> None:
    first = await robot(world, resource, users=[world.ids["member"]], responsible_user=world.ids["owner"])
    second = await robot(world, resource, username="tester", type="bot")
    await moved(world, second, "ok")
    [provider] = await world.must("seller", "GET", "/api/marketplace-service-providers/")
    for question, found in {
        f"resource_uuid={resource['uuid']}": [first, second],
        f"resource={resource['url']}": [first, second],
        f"provider_uuid={world.ids['provider']}": [first, second],
        f"provider_uuid={provider['uuid']}": [first, second],
        f"customer_uuid={world.ids['buyer']}": [first, second],
        f"customer_uuid={world.ids['provider']}": [],
        f"project_uuid={world.ids['alpha']}": [first, second],
        f"responsible_user_uuid={world.ids['owner']}": [first],
        "state=3": [second],
        "state=OK": [second],
        "state=1&state=OK": [first, second],
        "type=bot": [second],
        "username=BUILD": [first],
        "user_email=member@": [first],
        "created=2020-01-01T00:00:00Z": [first, second],
        "created_before=2020-01-01T00:00:00Z": [],
    }.items():
        rows = await world.must("owner", "GET", f"{ROBOTS}?{question}")
        assert [row["uuid"] for row in rows] == [one["uuid"] for one in found], question
    assert (await world.get("owner", f"{ROBOTS}?state=7")).status_code == 400


async def test_who_loses_access_is_no_longer_behind_it(world: World, resource: dict[str, Any]) -> None:
    people = [world.ids["member"], world.ids["owner"]]
    made = await robot(world, resource, users=people)
    gone = {"user": world.ids["member"], "role": "PROJECT.MEMBER"}
    await world.must("owner", "POST", f"/api/projects/{world.ids['alpha']}/delete_user/", gone, 200)
    seen = await world.must("seller", "GET", f"{ROBOTS}{made['uuid']}/")
    assert [user["username"] for user in seen["users"]] == ["owner"]
    role = {"user": world.ids["owner"], "role": "PROJECT.ADMIN"}
    await world.must("owner", "POST", f"/api/projects/{world.ids['alpha']}/add_user/", role, 201)
    await world.must("staff", "POST", f"/api/projects/{world.ids['alpha']}/delete_user/", role, 200)
    seen = await world.must("seller", "GET", f"{ROBOTS}{made['uuid']}/")
    assert [user["username"] for user in seen["users"]] == ["owner"], "the organization's role is enough"


async def test_with_the_resource_its_accounts_end(world: World, resource: dict[str, Any]) -> None:
    asked, usable = await robot(world, resource), await robot(world, resource, username="tester")
    await moved(world, usable, "ok")
    await world.must("owner", "POST", f"/api/marketplace-resources/{resource['uuid']}/terminate/")
    [order] = await world.must("seller", "GET", "/api/marketplace-orders/?type=Terminate")
    if order["state"] == "pending-provider":
        await world.done(order["uuid"])
    await world.drain()
    states = {row["uuid"]: row["state"] for row in await world.must("seller", "GET", ROBOTS)}
    assert states == {asked["uuid"]: "Deleted", usable["uuid"]: "Requested deletion"}
    answer = await world.post("seller", ROBOTS, {"resource": resource["url"], "type": "cicd"})
    assert answer.status_code == 409


async def test_who_has_them_with_a_provider(world: World, resource: dict[str, Any]) -> None:
    [provider] = await world.must("seller", "GET", "/api/marketplace-service-providers/")
    path = f"/api/marketplace-service-providers/{provider['uuid']}/robot_account_"
    assert await world.must("seller", "GET", path + "customers/") == []
    await robot(world, resource)
    for who in ("seller", "staff"):
        assert await world.must(who, "GET", path + "customers/") == [
            {"uuid": world.ids["buyer"], "name": "Buyer Org"}
        ]
        assert await world.must(who, "GET", path + "projects/?project_name=alp") == [
            {"uuid": world.ids["alpha"], "name": "Alpha"}
        ]
    assert await world.must("seller", "GET", path + "customers/?customer_name=other") == []
    for who in ("owner", "keeper", "stranger"):
        assert (await world.get(who, path + "customers/")).status_code == 404, who


async def test_every_act_is_told(world: World, resource: dict[str, Any]) -> None:
    made = await robot(world, resource)
    await moved(world, made, "ok")
    topic = tables.facts.c.topic == "RobotAccountChanged"
    found = select(tables.facts.c.payload).where(topic).order_by(tables.facts.c.id)
    told = await world.market.db.read(lambda conn: [row[0] for row in conn.execute(found)])
    assert [(f["action"], f["state"], f["resource"], f["username"]) for f in told] == [
        ("create", "Requested", resource["uuid"], "builder"),
        ("state", "OK", resource["uuid"], "builder"),
    ]
