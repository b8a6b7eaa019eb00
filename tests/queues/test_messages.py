"""What becomes a message, for whom, and what it says (contract 11.4)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from mercato.kernel.db import Tx
from mercato.queues import queries, service
from mercato.queues.tables import event_queues, queued_messages
from world import World

pytestmark = pytest.mark.http

AGENTS = "/api/marketplace-site-agent-identities/"


class Listener:
    """An agent of an offering, and what waits in its queue."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name

    @classmethod
    async def of(
        cls, world: World, offering: dict[str, Any], *types: str, who: str = "keeper", name: str = "agent"
    ) -> Listener:
        body = {"offering": offering["uuid"], "name": name}
        agent = await world.must(who, "POST", AGENTS, body, 201)
        path = f"{AGENTS}{agent['uuid']}/register_queue/"
        given = await world.must(who, "POST", path, {"object_types": list(types)}, 201)
        return cls(world, given["queue_name"])

    async def heard(self) -> list[dict[str, Any]]:
        """Read and take everything."""

        def unit(tx: Tx) -> list[dict[str, Any]]:
            queue = queries.queue_named(tx.conn, self.name)
            found = queries.messages(tx.conn, queue.id, tx.now, limit=1000)
            service.taken(tx, queue.id, [number for number, _ in found])
            return [json.loads(body) for _, body in found]

        return await self.world.market.db.write(unit)

    async def row(self) -> Any:
        return await self.world.market.db.read(queries.queue_named, self.name)


@pytest.fixture
async def offering(world: World) -> dict[str, Any]:
    made = await world.offering(type="Marketplace.Slurm")
    await world.keep(made)
    return made


async def test_an_order_tells_of_every_state(world: World, offering: dict[str, Any]) -> None:
    listener = await Listener.of(world, offering, "order")
    order = await world.order(offering)
    await world.act("keeper", order, "approve_by_provider")
    await world.act("keeper", order, "set_state_done")
    heard = await listener.heard()
    assert [m["order_state"] for m in heard] == ["pending-consumer", "pending-provider", "executing", "done"]
    assert heard[1] == {
        "object_type": "order",
        "order_uuid": order["uuid"],
        "order_state": "pending-provider",
        "order_type": "Create",
        "offering_uuid": offering["uuid"],
        "resource_uuid": order["marketplace_resource_uuid"],
        "resource_backend_id": "",
        "resource_name": "thing",
        "project_uuid": world.ids["alpha"],
        "project_name": "Alpha",
        "plan_uuid": offering["plans"][0]["uuid"],
        "attributes": {"name": "thing"},
        "limits": {"cpu": 1000, "ram": 256, "storage": 500},
    }


@pytest.mark.parametrize(
    ("acts", "states"),
    [
        ([("seller", "reject_by_provider")], ["rejected"]),
        ([("owner", "cancel")], ["canceled"]),
        (
            [
                ("keeper", "approve_by_provider"),
                ("keeper", "set_state_erred"),
                ("seller", "set_state_executing"),
            ],
            ["executing", "erred", "executing"],
        ),
    ],
)
async def test_whichever_way_it_goes(
    world: World, offering: dict[str, Any], acts: list[tuple[str, str]], states: list[str]
) -> None:
    listener = await Listener.of(world, offering)
    order = await world.order(offering)
    for who, act in acts:
        assert (await world.act(who, order, act)).is_success, act
    heard = [m for m in await listener.heard() if m["object_type"] == "order"]
    assert [m["order_state"] for m in heard] == ["pending-consumer", "pending-provider", *states]


async def made(world: World, offering: dict[str, Any]) -> str:
    """A resource that an agent has made; its uuid."""
    order = await world.order(offering)
    await world.act("keeper", order, "approve_by_provider")
    await world.act("keeper", order, "set_state_done")
    return str(order["marketplace_resource_uuid"])


async def test_a_resource_tells_what_its_agent_must_act_on(world: World, offering: dict[str, Any]) -> None:
    resource = await made(world, offering)
    listener = await Listener.of(world, offering, "resource")
    provider = f"/api/marketplace-provider-resources/{resource}/"
    for act, body in (
        ("set_backend_id", {"backend_id": "a"}),
        ("set_backend_metadata", {"backend_metadata": {"a": 1}}),
        ("set_endpoints", {"endpoints": [{"name": "a", "url": "b"}]}),
        ("refresh_last_sync", None),
        ("set_as_erred", {"error_message": "x"}),
        ("set_as_ok", None),
        ("set_limits", {"limits": {"cpu": 1000}}),
    ):
        await world.must("keeper", "POST", provider + act + "/", body, 200)
    assert await listener.heard() == []
    await world.must("staff", "POST", provider + "set_paused/", {"paused": True}, 200)
    await world.must("staff", "POST", provider + "set_paused/", {"paused": True}, 200)
    assert await listener.heard() == [
        {
            "object_type": "resource",
            "resource_uuid": resource,
            "offering_uuid": offering["uuid"],
            "resource_name": "thing",
            "resource_state": "OK",
            "project_uuid": world.ids["alpha"],
            "project_name": "Alpha",
            "limits": {"cpu": 1000, "ram": 256, "storage": 500},
        }
    ]
    await world.must("keeper", "POST", provider + "set_limits/", {"limits": {"cpu": 1}}, 200)
    [message] = await listener.heard()
    assert message["limits"]["cpu"] == 1


async def test_members_who_come_and_go_are_told_to_the_projects_offerings(
    world: World, offering: dict[str, Any]
) -> None:
    unused = await world.offering("Unused", type="Marketplace.Slurm")
    await made(world, offering)
    listener = await Listener.of(world, offering, "user_role")
    idle = await Listener.of(world, unused, "user_role", who="seller")
    team = f"/api/projects/{world.ids['alpha']}/"
    body = {"user": world.ids["stranger"], "role": "PROJECT.MEMBER"}
    await world.must("owner", "POST", team + "add_user/", body, 201)
    await world.must("owner", "POST", team + "delete_user/", body, 200)
    came, went = await listener.heard()
    assert came == {
        "object_type": "user_role",
        "user_uuid": world.ids["stranger"],
        "user_username": "stranger",
        "user_email": "stranger@example.org",
        "user_full_name": "Stranger Example",
        "project_uuid": world.ids["alpha"],
        "project_name": "Alpha",
        "role_name": "PROJECT.MEMBER",
        "granted": True,
        "offering_uuid": offering["uuid"],
    }
    assert went == {**came, "granted": False}
    assert await idle.heard() == []


async def test_accounts_at_the_offering(world: World) -> None:
    options = {
        "service_provider_can_create_offering_user": True,
        "username_generation_policy": "service_provider",
    }
    offering = await world.offering(type="Marketplace.Slurm", plugin_options=options)
    await world.keep(offering)
    resource = await made(world, offering)
    path = f"/api/marketplace-provider-resources/{resource}/set_backend_id/"
    await world.must("keeper", "POST", path, {"backend_id": "acc"}, 200)
    listener = await Listener.of(world, offering, "offering_user")
    where = "/api/marketplace-offering-users/"
    body = {"user": world.ids["stranger"], "offering": offering["uuid"]}
    await world.must("seller", "POST", where, body, 201)
    [account] = await world.must("seller", "GET", f"{where}?user_uuid={world.ids['member']}")
    await world.must("seller", "PATCH", f"{where}{account['uuid']}/", {"username": "s1"}, 200)
    heard = await listener.heard()
    assert [m["action"] for m in heard] == ["create", "update", "username_set"]
    assert (heard[2]["username"], heard[2]["offering_user_uuid"]) == ("s1", account["uuid"])
    assert (heard[2]["resource_backend_ids"], heard[2]["state"]) == (["acc"], "OK")
    assert set(heard[2]) == {
        "object_type", "offering_user_uuid", "user_uuid", "username", "state", "action", "offering_uuid",
        "attributes", "changed_attributes", "resource_backend_ids",
    }  # fmt: skip


async def test_each_queue_gets_what_it_asked_for(world: World, offering: dict[str, Any]) -> None:
    orders = await Listener.of(world, offering, "order", name="a")
    people = await Listener.of(world, offering, "user_role", name="b")
    everything = await Listener.of(world, offering, name="c", who="seller")
    elsewhere = await Listener.of(world, await world.offering("Other"), name="d", who="seller")
    await world.order(offering)
    heard = [len(await listener.heard()) for listener in (orders, people, everything, elsewhere)]
    assert heard == [2, 0, 2, 0]


async def test_a_refused_act_tells_nothing(world: World, offering: dict[str, Any]) -> None:
    listener = await Listener.of(world, offering)
    order = await world.order(offering)
    await listener.heard()
    assert (await world.act("owner", order, "approve_by_provider")).status_code == 403
    assert (await world.act("keeper", order, "set_state_done")).status_code == 409
    assert await listener.heard() == []


async def test_who_lost_the_offering_hears_nothing_more(world: World, offering: dict[str, Any]) -> None:
    listener = await Listener.of(world, offering)
    await world.order(offering)
    role = {"user": world.ids["keeper"], "role": "OFFERING.MANAGER"}
    path = f"/api/marketplace-provider-offerings/{offering['uuid']}/delete_user/"
    await world.must("staff", "POST", path, role, 200)
    queue = await listener.row()
    now = datetime.fromisoformat("2026-01-01T00:00:00Z")
    assert not await world.market.db.read(queries.may_read, queue.id, now)
    await listener.heard()
    await world.order(offering, "manager")
    assert await listener.heard() == []


async def test_a_locked_account_hears_nothing(world: World, offering: dict[str, Any]) -> None:
    listener = await Listener.of(world, offering)
    await world.must("staff", "PATCH", f"/api/users/{world.ids['keeper']}/", {"is_active": False}, 200)
    await world.order(offering)
    assert await listener.heard() == []


# -- bounds ------------------------------------------------------------------------------------


def _fill(tx: Tx, queue: int, number: int) -> None:
    row = {"queue_id": queue, "at": tx.now, "object_type": "order", "body": "{}"}
    tx.conn.execute(insert(queued_messages), [row] * number)


async def test_a_full_queue_rejects_and_counts(
    world: World, offering: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LONGEST", 20)
    monkeypatch.setattr(service, "COUNT_EVERY", 1)
    listener = await Listener.of(world, offering, "order")
    queue = await listener.row()
    await world.market.db.write(_fill, queue.id, 19)
    await world.order(offering)
    row = await listener.row()
    assert (row.full, row.rejected) == (True, 1)  # the first of two messages was the twentieth
    await world.order(offering)
    assert (await listener.row()).rejected == 3
    assert len(await listener.heard()) == 20
    assert not (await listener.row()).full
    await world.order(offering)
    assert len(await listener.heard()) == 2


async def test_messages_live_for_an_hour(world: World, offering: dict[str, Any]) -> None:
    listener = await Listener.of(world, offering, "order")
    with world.at("2026-05-01 10:00"):
        await world.order(offering)
    with world.at("2026-05-01 10:30"):
        await world.order(offering)
    with world.at("2026-05-01 11:01"):

        def unread(conn: Connection) -> int:
            return len(queries.messages(conn, queue.id, datetime.fromisoformat("2026-05-01T11:01:00Z")))

        queue = await listener.row()
        assert await world.market.db.read(unread) == 2
        await world.market.db.write(service.sweep)
        assert (await listener.row()).expired == 2
        count = select(queued_messages.c.id)
        assert len(await world.market.db.read(lambda conn: conn.execute(count).fetchall())) == 2
        assert len(await listener.heard()) == 2


async def test_the_sweep_makes_room(world: World, offering: dict[str, Any]) -> None:
    listener = await Listener.of(world, offering, "order")
    queue = await listener.row()

    def full(tx: Tx) -> None:
        _fill(tx, queue.id, 3)
        tx.conn.execute(update(event_queues), {"full": True})
        tx.conn.execute(update(queued_messages), {"at": tx.now - timedelta(hours=2)})

    await world.market.db.write(full)
    await world.market.db.write(service.sweep)
    row = await listener.row()
    assert (row.full, row.expired) == (False, 3)


async def test_late_commits_are_not_skipped(world: World, offering: dict[str, Any]) -> None:
    """On PostgreSQL a message may appear behind others that were read already: it is found all the same."""
    listener = await Listener.of(world, offering, "order")
    queue = await listener.row()

    def out_of_order(tx: Tx) -> None:
        _fill(tx, queue.id, 3)
        numbers = [r[0] for r in tx.conn.execute(select(queued_messages.c.id).order_by(queued_messages.c.id))]
        late = tx.conn.execute(select(queued_messages).where(queued_messages.c.id == numbers[0])).one()
        tx.conn.execute(delete(queued_messages).where(queued_messages.c.id == numbers[0]))
        seen = queries.messages(tx.conn, queue.id, tx.now)
        assert [number for number, _ in seen] == numbers[1:]
        tx.conn.execute(insert(queued_messages), dict(late._mapping))
        again = queries.messages(tx.conn, queue.id, tx.now, but=numbers[1:])
        assert [number for number, _ in again] == numbers[:1]

    await world.market.db.write(out_of_order)


async def test_agents_are_asked_to_restore(world: World, offering: dict[str, Any]) -> None:
    listener = await Listener.of(world, offering, "offering_resources_sync")
    path = f"/api/marketplace-provider-offerings/{offering['uuid']}/sync_resources/"
    assert "requested" in (await world.must("seller", "POST", path, status=202))["status"]
    assert await listener.heard() == [
        {
            "object_type": "offering_resources_sync",
            "offering_uuid": offering["uuid"],
            "requested_by_user_uuid": world.ids["seller"],
        }
    ]
    assert (await world.post("owner", path)).status_code == 404


async def test_agents_are_asked_what_could_be_imported(world: World, offering: dict[str, Any]) -> None:
    listener = await Listener.of(world, offering)
    wish = {"offering": offering["uuid"]}
    asked = await world.must("keeper", "POST", "/api/backend-resource-requests/", wish, 201)
    await world.must("keeper", "POST", f"/api/backend-resource-requests/{asked['uuid']}/start_processing/")
    assert await listener.heard() == [
        {"object_type": "importable_resources", "backend_resource_request_uuid": asked["uuid"]}
    ]
