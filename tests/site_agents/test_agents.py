"""Site agents register, again and again, and are listed for their provider (contract 11.1)."""

from __future__ import annotations

from typing import Any

import pytest
from waldur_api_client.models.agent_identity import AgentIdentity
from waldur_api_client.models.agent_processor import AgentProcessor
from waldur_api_client.models.agent_queue_registration_response import AgentQueueRegistrationResponse
from waldur_api_client.models.agent_service import AgentService
from waldur_api_client.models.agent_stats_response import AgentStatsResponse
from waldur_api_client.models.event_subscription import EventSubscription
from waldur_api_client.models.event_subscription_queue import EventSubscriptionQueue
from waldur_api_client.models.site_agent_log import SiteAgentLog

from world import World

pytestmark = pytest.mark.http

WHERE = "/api/marketplace-site-agent-identities/"
SERVICES = "/api/marketplace-site-agent-services/"
PROCESSORS = "/api/marketplace-site-agent-processors/"
LOGS = "/api/marketplace-site-agent-logs/"


@pytest.fixture
async def offering(world: World) -> dict[str, Any]:
    made = await world.offering(type="Marketplace.Slurm")
    await world.keep(made)
    return made


async def registered(
    world: World, offering: dict[str, Any], who: str = "keeper", **change: Any
) -> dict[str, Any]:
    body = {
        "offering": offering["uuid"],
        "name": f"agent-{offering['uuid']}",
        "version": "1.0.7",
        "last_restarted": "2026-05-01T10:00:00+00:00",
        "dependencies": [{"package": "waldur-site-agent", "version": "1.0.7"}],
        "config_file_path": "",
        "config_file_content": "",
    }
    return dict(await world.must(who, "POST", WHERE, {**body, **change}, 201))


async def test_an_offerings_manager_registers_an_agent(world: World, offering: dict[str, Any]) -> None:
    made = await registered(world, offering)
    seen = AgentIdentity.from_dict(dict(made))
    assert (seen.name, seen.version) == (f"agent-{offering['uuid']}", "1.0.7")
    assert (seen.offering.hex, seen.created_by.hex) == (offering["uuid"], world.ids["keeper"])
    assert [(d.package, d.version) for d in seen.dependencies] == [("waldur-site-agent", "1.0.7")]
    rows = await world.must("keeper", "GET", f"{WHERE}?name=agent-{offering['uuid']}")
    assert rows == [made]
    assert await world.must("keeper", "GET", f"{WHERE}?name=agent") == []
    assert await world.must("keeper", "GET", f"{WHERE}?offering_uuid={offering['uuid']}") == [made]
    assert (await world.get("keeper", f"{WHERE}{made['uuid']}/")).json() == made


async def test_two_agents_that_start_at_once_are_the_same(world: World, offering: dict[str, Any]) -> None:
    first = await registered(world, offering)
    second = await registered(world, offering, version="1.0.8")
    assert (second["uuid"], second["version"]) == (first["uuid"], "1.0.8")


async def test_an_agent_tells_of_itself_again(world: World, offering: dict[str, Any]) -> None:
    made = await registered(world, offering)
    again = {"offering": offering["uuid"], "name": made["name"], "version": "2"}
    with world.at("2026-06-01 08:00"):
        seen = await world.must("keeper", "PUT", f"{WHERE}{made['uuid']}/", again, 200)
    assert (seen["version"], seen["last_restarted"]) == ("2", "2026-06-01T08:00:00.000000Z")
    assert seen["created"] == made["created"]
    elsewhere = await world.offering("Other")
    body = {"offering": elsewhere["uuid"], "name": "x"}
    answer = await world.ask("seller", "PUT", f"{WHERE}{made['uuid']}/", body)
    assert (answer.status_code, list(answer.json())) == (400, ["offering"])


async def test_one_offering_has_no_two_agents_of_one_name(world: World, offering: dict[str, Any]) -> None:
    await registered(world, offering, name="a")
    other = await registered(world, offering, name="b")
    body = {"offering": offering["uuid"], "name": "a"}
    answer = await world.ask("keeper", "PUT", f"{WHERE}{other['uuid']}/", body)
    assert (answer.status_code, list(answer.json())) == (400, ["name"])


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": ""}, "name"), ({"name": "x" * 151}, "name"), ({"version": "x" * 101}, "version"),
     ({"offering": "nonsense"}, "offering"), ({"dependencies": [{"package": "x"}]}, "dependencies")],
)  # fmt: skip
async def test_wrong_fields_are_named(
    world: World, offering: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    body = {"offering": offering["uuid"], "name": "agent", **change}
    answer = await world.post("keeper", WHERE, body)
    assert (answer.status_code, list(answer.json())) == (400, [field])


async def test_another_providers_people_see_nothing(world: World, offering: dict[str, Any]) -> None:
    made = await registered(world, offering)
    for who in ("owner", "stranger"):
        assert await world.must(who, "GET", WHERE) == []
        assert (await world.get(who, f"{WHERE}{made['uuid']}/")).status_code == 404
        body = {"offering": offering["uuid"], "name": "agent"}
        assert (await world.post(who, WHERE, body)).status_code == 400
        assert (await world.post(who, f"{WHERE}{made['uuid']}/register_queue/", {})).status_code == 404


async def test_services_and_processors_are_what_they_are_called(
    world: World, offering: dict[str, Any]
) -> None:
    agent = await registered(world, offering)
    mine = f"{WHERE}{agent['uuid']}/register_service/"
    with world.at("2026-05-01 10:00"):
        first = await world.must(
            "keeper", "POST", mine, {"name": "order_process", "mode": "order_process"}, 201
        )
    with world.at("2026-05-01 10:05"):
        second = await world.must("keeper", "POST", mine, {"name": "order_process", "mode": "report"}, 200)
    assert (second["uuid"], second["mode"], second["modified"]) == (
        first["uuid"], "report", "2026-05-01T10:05:00.000000Z",
    )  # fmt: skip
    service = AgentService.from_dict(dict(second))
    assert (service.identity.hex, service.state.value, service.processors) == (agent["uuid"], "Active", [])
    body = {"name": "orders", "backend_type": "slurm", "backend_version": "1"}
    theirs = f"{SERVICES}{first['uuid']}/register_processor/"
    made = await world.must("keeper", "POST", theirs, body, 201)
    again = await world.must("keeper", "POST", theirs, {**body, "backend_version": "2"}, 200)
    assert (again["uuid"], again["backend_version"]) == (made["uuid"], "2")
    assert AgentProcessor.from_dict(dict(again)).service_name == "order_process"
    [nested] = (await world.must("keeper", "GET", f"{WHERE}{agent['uuid']}/"))["services"]
    assert (nested["name"], nested["url"]) == ("order_process", first["url"])
    [inner] = (await world.must("keeper", "GET", f"{SERVICES}{first['uuid']}/"))["processors"]
    assert inner["backend_type"] == "slurm"
    AgentIdentity.from_dict(await world.must("keeper", "GET", f"{WHERE}{agent['uuid']}/"))


async def test_a_silent_service_is_idle(world: World, offering: dict[str, Any]) -> None:
    agent = await registered(world, offering)
    with world.at("2026-05-01 10:00"):
        path = f"{WHERE}{agent['uuid']}/register_service/"
        made = await world.must("keeper", "POST", path, {"name": "orders"}, 201)
    with world.at("2026-05-01 11:01"):
        await world.tick()
        for asked in ("state=Idle", "state=2"):
            assert [r["uuid"] for r in await world.must("keeper", "GET", f"{SERVICES}?{asked}")] == [
                made["uuid"]
            ]
        figures = await world.must("keeper", "GET", "/api/marketplace-site-agent-stats/")
        stats = AgentStatsResponse.from_dict(figures)
        assert (stats.identities.total, stats.services.by_state.idle, stats.services.by_state.active) == (
            1,
            1,
            0,
        )
        figures = {"statistics": {"orders": 3}}
        seen = await world.must("keeper", "POST", f"{SERVICES}{made['uuid']}/set_statistics/", figures, 200)
        assert (seen["state"], seen["statistics"]) == ("Active", {"orders": 3})
    assert (await world.must("stranger", "GET", "/api/marketplace-site-agent-stats/"))["services"][
        "total"
    ] == 0


async def test_what_is_forgotten_takes_its_parts_along(world: World, offering: dict[str, Any]) -> None:
    agent = await registered(world, offering)
    path = f"{WHERE}{agent['uuid']}/"
    service = await world.must("keeper", "POST", path + "register_service/", {"name": "a"}, 201)
    body = {"name": "p", "backend_type": "slurm"}
    await world.must("keeper", "POST", f"{SERVICES}{service['uuid']}/register_processor/", body, 201)
    processor = await world.must(
        "keeper", "POST", f"{SERVICES}{service['uuid']}/register_processor/", body, 200
    )
    await world.must("keeper", "DELETE", f"{PROCESSORS}{processor['uuid']}/", status=204)
    await world.must("keeper", "POST", f"{SERVICES}{service['uuid']}/register_processor/", body, 201)
    await world.must("keeper", "DELETE", f"{SERVICES}{service['uuid']}/", status=204)
    await world.must("keeper", "POST", path + "register_service/", {"name": "a"}, 201)
    await world.must("keeper", "POST", path + "register_queue/", {}, 201)
    wish = {"observable_object_type": "order"}
    subscription = await world.must("keeper", "POST", path + "register_event_subscription/", wish, 201)
    wish = {"offering_uuid": offering["uuid"], "object_type": "order"}
    await world.must(
        "keeper", "POST", f"/api/event-subscriptions/{subscription['uuid']}/create_queue/", wish, 201
    )
    entry = {
        "agent_identity_uuid": agent["uuid"],
        "timestamp": 1,
        "level": "INFO",
        "message": "",
        "module": "",
    }
    await world.must("keeper", "POST", LOGS, [entry], 201)
    await world.order(offering)
    await world.must("keeper", "DELETE", path, status=204)
    for where in (WHERE, SERVICES, PROCESSORS, LOGS, "/api/event-subscriptions/"):
        assert await world.must("staff", "GET", where) == []


# -- queues ------------------------------------------------------------------------------------


async def test_a_queue_of_the_newer_kind(world: World, offering: dict[str, Any]) -> None:
    agent = await registered(world, offering)
    path = f"{WHERE}{agent['uuid']}/register_queue/"
    wanted = ["order", "user_role", "resource"]
    made = await world.must("keeper", "POST", path, {"object_types": wanted}, 201)
    seen = AgentQueueRegistrationResponse.from_dict(dict(made))
    assert seen.observable_object_types == wanted
    assert (seen.rmq_username, seen.queue_name) == (agent["uuid"], f"consumer_{agent['uuid']}")
    assert seen.vhost == world.ids["keeper"]
    assert await world.must("keeper", "POST", path, {}, 200) == made
    everything = await world.must("keeper", "POST", path, {"object_types": []}, 200)
    assert len(everything["observable_object_types"]) == 14
    assert (await world.post("keeper", path, {"object_types": ["weather"]})).status_code == 400


async def test_nobody_takes_over_another_users_events(world: World, offering: dict[str, Any]) -> None:
    agent = await registered(world, offering)
    for act, body in (
        ("register_queue", {}),
        ("register_event_subscription", {"observable_object_type": "order"}),
    ):
        for who in ("seller", "staff"):
            answer = await world.post(who, f"{WHERE}{agent['uuid']}/{act}/", body)
            assert (answer.status_code, answer.json()["code"]) == (409, "foreign_identity")


async def test_queues_of_the_older_kind(world: World, offering: dict[str, Any]) -> None:
    agent = await registered(world, offering)
    path = f"{WHERE}{agent['uuid']}/register_event_subscription/"
    wish = {"observable_object_type": "order", "description": "orders"}
    made = await world.must("keeper", "POST", path, wish, 201)
    seen = EventSubscription.from_dict(dict(made))
    assert (seen.user_uuid.hex, seen.source_ip, seen.description) == (
        world.ids["keeper"],
        "127.0.0.1",
        "orders",
    )
    assert made["observable_objects"] == [{"object_type": "order", "offering_uuid": offering["uuid"]}]
    assert (await world.must("keeper", "POST", path, wish, 200))["uuid"] == made["uuid"]
    other = await world.must("keeper", "POST", path, {"observable_object_type": "resource"}, 201)
    assert other["uuid"] != made["uuid"]
    mine = f"/api/event-subscriptions/{made['uuid']}/"
    wish = {"offering_uuid": offering["uuid"], "object_type": "order"}
    queue = await world.must("keeper", "POST", mine + "create_queue/", wish, 201)
    name = f"subscription_{made['uuid']}_offering_{offering['uuid']}_order"
    assert EventSubscriptionQueue.from_dict(dict(queue)).queue_name == name
    assert (queue["object_type"], queue["vhost"]) == ("order", world.ids["keeper"])
    assert await world.must("keeper", "POST", mine + "create_queue/", wish, 200) == queue
    assert await world.must("keeper", "GET", "/api/event-subscription-queues/?object_type=order") == [queue]
    assert await world.must("seller", "GET", "/api/event-subscription-queues/") == []
    await world.must("keeper", "DELETE", mine, status=204)
    assert await world.must("keeper", "GET", "/api/event-subscription-queues/") == []


async def test_a_queue_needs_a_right_to_its_offering(world: World, offering: dict[str, Any]) -> None:
    made = await world.must("owner", "POST", "/api/event-subscriptions/", {"description": "curious"}, 201)
    wish = {"offering_uuid": offering["uuid"], "object_type": "order"}
    path = f"/api/event-subscriptions/{made['uuid']}/create_queue/"
    assert (await world.post("owner", path, wish)).status_code == 404
    assert (await world.post("keeper", path, wish)).status_code == 404
    assert (await world.post("support", path, wish)).status_code == 403
    assert (
        await world.ask("support", "DELETE", f"/api/event-subscriptions/{made['uuid']}/")
    ).status_code == 403
    await world.must("staff", "DELETE", f"/api/event-subscriptions/{made['uuid']}/", status=204)


# -- logs --------------------------------------------------------------------------------------


def entry(agent: dict[str, Any], at: float, **change: Any) -> dict[str, Any]:
    body = {
        "agent_identity_uuid": agent["uuid"],
        "timestamp": at,
        "level": "INFO",
        "message": "hi",
        "module": "m",
    }
    return {**body, **change}


async def test_what_agents_log_is_kept(world: World, offering: dict[str, Any]) -> None:
    agent = await registered(world, offering)
    sent = [entry(agent, 1767225600.25), entry(agent, 1767225601.5, level="ERROR", message="oh")]
    made = await world.must("keeper", "POST", LOGS, sent, 201)
    assert [SiteAgentLog.from_dict(dict(row)).level.value for row in made] == ["INFO", "ERROR"]
    assert [row["timestamp"] for row in made] == [1767225600.25, 1767225601.5]
    rows = await world.must("seller", "GET", LOGS)
    assert [(r["message"], r["timestamp"]) for r in rows] == [("oh", 1767225601.5), ("hi", 1767225600.25)]
    for asked in (
        "level=ERROR",
        "timestamp_from=1767225601",
        f"level=ERROR&offering_uuid={offering['uuid']}",
    ):
        assert [r["message"] for r in await world.must("seller", "GET", f"{LOGS}?{asked}")] == ["oh"]
    assert await world.must("seller", "GET", f"{LOGS}?timestamp_to=1e300&timestamp_from=-1e300") == rows
    assert await world.must("seller", "GET", f"{LOGS}?timestamp_from=inf") == []
    assert await world.must("owner", "GET", LOGS) == []


async def test_logs_are_taken_whole_or_not_at_all(world: World, offering: dict[str, Any]) -> None:
    agent = await registered(world, offering)
    for wrong in (entry(agent, 1, level="LOUD"), entry(agent, 1e300), {"level": "INFO"}):
        assert (await world.post("keeper", LOGS, [entry(agent, 1), wrong])).status_code == 400
    assert (await world.post("keeper", LOGS, {"not": "a list"})).status_code == 400
    unknown = entry({"uuid": world.ids["alpha"]}, 1)
    assert (await world.post("keeper", LOGS, [entry(agent, 1), unknown])).status_code == 404
    assert (await world.post("owner", LOGS, [entry(agent, 1)])).status_code == 404
    assert (await world.post("keeper", LOGS, [entry(agent, 1)] * 1001)).status_code == 400
    assert await world.must("staff", "GET", LOGS) == []
    assert await world.must("keeper", "POST", LOGS, [], 201) == []


async def test_long_messages_are_cut(world: World, offering: dict[str, Any]) -> None:
    agent = await registered(world, offering)
    [made] = await world.must("keeper", "POST", LOGS, [entry(agent, 1, message="x" * 20_000)], 201)
    assert len(made["message"]) == 16_384
    assert made["message"].endswith("… (cut)")


async def test_of_each_agents_logs_the_newest_stay(world: World, offering: dict[str, Any]) -> None:
    from mercato.site_agents.logs import trim

    one = await registered(world, offering, name="one")
    two = await registered(world, offering, name="two")
    await world.must("keeper", "POST", LOGS, [entry(one, at) for at in range(5)] + [entry(two, 1)], 201)
    await world.market.db.write(trim, 3)
    rows = await world.must("keeper", "GET", f"{LOGS}?agent_identity_uuid={one['uuid']}")
    assert [row["timestamp"] for row in rows] == [4, 3, 2]
    assert len(await world.must("keeper", "GET", f"{LOGS}?agent_identity_uuid={two['uuid']}")) == 1
