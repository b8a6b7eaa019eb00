"""Keys of resources: agents make them, customers see and rotate them, the database holds them only sealed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update
from waldur_api_client.models.resource_api_key import ResourceApiKey
from waldur_api_client.models.resource_api_key_status import ResourceApiKeyStatus

from mercato.api_keys.states import KEY
from mercato.api_keys.tables import resource_api_keys
from mercato.kernel.db import Tx
from mercato.queues.tables import queued_messages
from world import World

pytestmark = pytest.mark.http

KEYS = "/api/marketplace-resource-api-keys/"
SECRET = "sk-very-secret"


@pytest.fixture
async def resource(world: World) -> dict[str, Any]:
    offering = await world.offering()
    await world.keep(offering)
    made = await world.resource(offering)
    path = f"/api/marketplace-provider-resources/{made['uuid']}/set_backend_id/"
    await world.must("keeper", "POST", path, {"backend_id": "be-1"}, 200)
    return {**made, "offering": offering}


async def created(
    world: World, resource: dict[str, Any], client: str = "c-1", key: str = SECRET
) -> dict[str, Any]:
    body = {"resource": resource["uuid"], "client_id": client, "api_key": key}
    return dict(await world.must("keeper", "POST", KEYS + "report_created/", body, 201))


def test_the_states_of_a_key() -> None:
    ways = {(row.source.value, row.action): row.target.value for row in KEY.rows}
    assert ways["OK", "rotate"] == ways["Erred", "rotate"] == "Updating"
    assert ("OK", "set_erred") not in ways
    assert ("Updating", "rotate") not in ways
    assert ways["Updating", "set_key"] == "OK"
    assert ways["Updating", "set_erred"] == "Erred"


async def test_an_agent_reports_and_a_customer_sees(world: World, resource: dict[str, Any]) -> None:
    made = await created(world, resource)
    seen = ResourceApiKeyStatus.from_dict(dict(made))
    assert (seen.state.value, seen.client_id, seen.resource_backend_id) == ("OK", "c-1", "be-1")
    assert "api_key" not in made
    for who in ("keeper", "owner", "member"):
        assert await world.must(who, "GET", f"{KEYS}?resource_uuid={resource['uuid']}") == [made]
    assert await world.must("stranger", "GET", KEYS) == []
    shown = ResourceApiKey.from_dict(await world.must("manager", "GET", f"{KEYS}{made['uuid']}/reveal/"))
    assert shown.api_key == SECRET
    for who, status in {"member": 403, "reader": 403, "keeper": 403, "seller": 403, "stranger": 404}.items():
        assert (await world.get(who, f"{KEYS}{made['uuid']}/reveal/")).status_code == status, who
    asked = "?event_type=marketplace_resource_api_key_revealed"
    [entry] = await world.must("owner", "GET", f"/api/events/{asked}")
    assert entry["context"]["user_username"] == "manager"
    assert SECRET not in str(await world.must("staff", "GET", "/api/events/?page_size=300"))


async def test_the_database_does_not_hold_the_secret(world: World, resource: dict[str, Any]) -> None:
    made = await created(world, resource)
    other = await created(world, resource, "c-2", "other")
    table = resource_api_keys

    def swapped(tx: Tx) -> list[str]:
        sealed = [row[0] for row in tx.conn.execute(select(table.c.sealed).order_by(table.c.id))]
        where = table.c.uuid == other["uuid"]
        tx.conn.execute(update(table).where(where), {"sealed": sealed[0]})
        return sealed

    sealed = await world.market.db.write(swapped)
    assert all(SECRET not in text and text.startswith("v1:") for text in sealed)
    # Sealed for its own row alone.
    answer = await world.get("owner", f"{KEYS}{other['uuid']}/reveal/")
    assert (answer.status_code, answer.json()["code"]) == (409, "unopened")
    assert (await world.get("owner", f"{KEYS}{made['uuid']}/reveal/")).status_code == 200


async def test_rotation(world: World, resource: dict[str, Any]) -> None:
    where = "/api/marketplace-site-agent-identities/"
    body = {"offering": resource["offering"]["uuid"], "name": "agent"}
    agent = await world.must("keeper", "POST", where, body, 201)
    types = {"object_types": ["resource_api_key_rotation"]}
    await world.must("keeper", "POST", f"{where}{agent['uuid']}/register_queue/", types, 201)
    made = await created(world, resource)
    mine = f"{KEYS}{made['uuid']}/"
    assert (await world.post("keeper", mine + "rotate/")).status_code == 403
    await world.must("owner", "POST", mine + "rotate/", status=202)
    assert (await world.post("owner", mine + "rotate/")).status_code == 409
    assert [r["state"] for r in await world.must("keeper", "GET", KEYS + "?state=Updating")] == ["Updating"]
    stats = await world.must("keeper", "GET", "/api/marketplace-site-agent-connection-stats/")
    assert stats["summary"]["total_queued_messages"] == 1
    rotated = {"api_key": "newer", "client_id": "c-9"}
    seen = await world.must("keeper", "POST", mine + "set_key/", rotated, 200)
    assert (seen["state"], seen["client_id"]) == ("OK", "c-9")
    assert (await world.must("owner", "GET", mine + "reveal/"))["api_key"] == "newer"


async def test_a_rotation_that_fails(world: World, resource: dict[str, Any]) -> None:
    made = await created(world, resource)
    mine = f"{KEYS}{made['uuid']}/"
    late = await world.post("keeper", mine + "set_erred/", {"error_message": "late"})
    assert late.status_code == 409
    await world.must("owner", "POST", mine + "rotate/", status=202)
    seen = await world.must("keeper", "POST", mine + "set_erred/", {"error_message": "no"}, 200)
    assert (seen["state"], seen["error_message"]) == ("Erred", "no")
    assert (await world.must("owner", "GET", mine + "reveal/"))["api_key"] == SECRET
    await world.must("owner", "POST", mine + "rotate/", status=202)
    assert (await world.must("owner", "GET", mine))["error_message"] == ""


async def test_one_client_id_is_one_key(world: World, resource: dict[str, Any]) -> None:
    first = await created(world, resource)
    again = await created(world, resource, key="second")
    assert again["uuid"] == first["uuid"]
    assert (await world.must("owner", "GET", f"{KEYS}{first['uuid']}/reveal/"))["api_key"] == "second"
    other = await created(world, resource, "c-2")
    clash = await world.post(
        "keeper", f"{KEYS}{other['uuid']}/set_key/", {"api_key": "x", "client_id": "c-1"}
    )
    assert (clash.status_code, list(clash.json())) == (400, ["client_id"])


async def test_there_are_only_so_many(world: World, resource: dict[str, Any]) -> None:
    for number in range(16):
        await created(world, resource, f"k-{number}")
    body = {"resource": resource["uuid"], "client_id": "k-16", "api_key": "x"}
    assert (await world.post("keeper", KEYS + "report_created/", body)).status_code == 400


@pytest.mark.parametrize("change", [{"api_key": ""}, {"client_id": ""}, {"resource": "x"}, {"api_key": None}])
async def test_wrong_reports_are_refused(
    world: World, resource: dict[str, Any], change: dict[str, Any]
) -> None:
    body = {"resource": resource["uuid"], "client_id": "c", "api_key": "k", **change}
    answer = await world.post("keeper", KEYS + "report_created/", body)
    assert (answer.status_code, list(answer.json())) == (400, list(change))


async def test_keys_end_with_their_resource(world: World, resource: dict[str, Any]) -> None:
    made = await created(world, resource)
    gone = await created(world, resource, "c-2")
    await world.must("keeper", "DELETE", f"{KEYS}{gone['uuid']}/", status=204)
    end = await world.must("owner", "POST", f"/api/marketplace-resources/{resource['uuid']}/terminate/", {})
    await world.done(end["order_uuid"])
    assert (await world.reload(resource["uuid"]))["state"] == "Terminated"
    assert await world.must("owner", "GET", KEYS) == []
    assert (await world.get("owner", f"{KEYS}{made['uuid']}/reveal/")).status_code == 404
    body = {"resource": resource["uuid"], "client_id": "c", "api_key": "k"}
    assert (await world.post("keeper", KEYS + "report_created/", body)).status_code == 409


async def test_a_customer_has_one_key_removed(world: World, resource: dict[str, Any]) -> None:
    where = "/api/marketplace-site-agent-identities/"
    body = {"offering": resource["offering"]["uuid"], "name": "agent"}
    agent = await world.must("keeper", "POST", where, body, 201)
    types = {"object_types": ["resource_api_key_rotation"]}
    await world.must("keeper", "POST", f"{where}{agent['uuid']}/register_queue/", types, 201)
    made, other = await created(world, resource), await created(world, resource, "c-2")
    mine = f"{KEYS}{made['uuid']}/"
    for who, status in {"member": 403, "keeper": 403, "stranger": 404}.items():
        assert (await world.post(who, mine + "revoke/")).status_code == status, who
    await world.must("owner", "POST", mine + "revoke/", status=202)
    seen = await world.must("keeper", "GET", mine)
    assert (seen["state"], seen["pending_action"]) == ("Updating", "delete")
    for wish in ("revoke/", "rotate/"):
        assert (await world.post("owner", mine + wish)).status_code == 409
    messages = select(queued_messages.c.body)
    [told] = await world.market.db.read(lambda conn: [row[0] for row in conn.execute(messages)])
    assert ('"action":"delete"' in told, made["uuid"] in told) == (True, True)
    problem = {"error_message": "Backend is away"}
    seen = await world.must("keeper", "POST", mine + "set_erred/", problem, 200)
    assert (seen["state"], seen["pending_action"]) == ("Erred", "")
    [entry] = await world.must("owner", "GET", "/api/events/?event_type=marketplace_resource_api_key_failed")
    assert "could not be removed: Backend is away" in entry["message"]
    await world.must("owner", "POST", mine + "revoke/", status=202)
    await world.must("keeper", "DELETE", mine, status=204)
    assert [key["uuid"] for key in await world.must("owner", "GET", KEYS)] == [other["uuid"]]


async def test_what_is_pending_is_named(world: World, resource: dict[str, Any]) -> None:
    mine = f"{KEYS}{(await created(world, resource))['uuid']}/"
    assert (await world.must("owner", "GET", mine))["pending_action"] == ""
    await world.must("owner", "POST", mine + "rotate/", status=202)
    assert (await world.must("owner", "GET", mine))["pending_action"] == "rotate"
    seen = await world.must("keeper", "POST", mine + "set_key/", {"api_key": "newer"}, 200)
    assert seen["pending_action"] == ""
