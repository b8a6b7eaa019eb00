"""Staff tidy up what agents left behind, and look at the server's tasks for agents."""

from __future__ import annotations

from typing import Any

import pytest
from waldur_api_client.models.agent_task_stats_response import AgentTaskStatsResponse
from waldur_api_client.models.cleanup_response import CleanupResponse

from mercato.kernel import clock
from world import World

pytestmark = pytest.mark.http

AGENTS = "/api/marketplace-site-agent-identities/"
SERVICES = "/api/marketplace-site-agent-services/"


@pytest.fixture
async def offering(world: World) -> dict[str, Any]:
    made = await world.offering()
    await world.keep(made)
    return made


async def agent(world: World, offering: dict[str, Any], name: str, *, service: bool = False) -> str:
    body = {"offering": offering["uuid"], "name": name}
    made = (await world.must("keeper", "POST", AGENTS, body, 201))["uuid"]
    if service:
        wish = {"name": "orders", "mode": "order_process"}
        await world.must("keeper", "POST", f"{AGENTS}{made}/register_service/", wish, 201)
    return str(made)


async def test_agents_in_which_nothing_runs(world: World, offering: dict[str, Any]) -> None:
    with world.at("2026-05-01"):
        old = await agent(world, offering, "old")
        await agent(world, offering, "busy", service=True)
    with world.at("2026-05-03 12:00"):
        await agent(world, offering, "young")
        found = await world.must("keeper", "GET", AGENTS + "?orphaned=true")
        assert [row["name"] for row in found] == ["old", "young"]
        assert [r["name"] for r in await world.must("keeper", "GET", AGENTS + "?orphaned=false")] == ["busy"]
        for who in ("keeper", "seller", "support"):
            assert (await world.post(who, AGENTS + "cleanup_orphaned/", {})).status_code == 403
        tried = await world.must("staff", "POST", AGENTS + "cleanup_orphaned/", {}, 200)
        CleanupResponse.from_dict(dict(tried))
        assert (tried["dry_run"], tried["deleted_count"]) == (True, 1)
        assert [(i["uuid"], i["name"], i["offering_name"]) for i in tried["items"]] == [(old, "old", "HPC")]
        assert len(await world.must("keeper", "GET", AGENTS)) == 3
        body = {"dry_run": False, "older_than_hours": 48}
        done = await world.must("staff", "POST", AGENTS + "cleanup_orphaned/", body, 200)
        assert (done["dry_run"], done["deleted_count"]) == (False, 1)
        assert [r["name"] for r in await world.must("keeper", "GET", AGENTS)] == ["busy", "young"]
        asked = "/api/events/?event_type=site_agent_identity_deleted"
        [entry] = await world.must("seller", "GET", asked)
        assert entry["context"]["user_username"] == "staff"
        assert (
            await world.post("staff", AGENTS + "cleanup_orphaned/", {"older_than_hours": 0})
        ).status_code == 400


async def test_services_that_are_silent(world: World, offering: dict[str, Any]) -> None:
    with world.at("2026-05-01"):
        await agent(world, offering, "old", service=True)
    with world.at("2026-05-03 12:00"):
        await agent(world, offering, "new", service=True)
        [stale] = await world.must("keeper", "GET", SERVICES + "?stale=true")
        assert stale["identity_name"] == "old"
        assert len(await world.must("keeper", "GET", SERVICES + "?stale=false")) == 1
        done = await world.must("staff", "POST", SERVICES + "cleanup_stale/", {"dry_run": False}, 200)
        CleanupResponse.from_dict(dict(done))
        [item] = done["items"]
        assert (item["identity_name"], item["uuid"]) == ("old", stale["uuid"])
        assert [row["identity_name"] for row in await world.must("keeper", "GET", SERVICES)] == ["new"]


async def test_the_tasks_for_agents(world: World, offering: dict[str, Any]) -> None:
    where = "/api/marketplace-site-agent-task-stats/"
    empty = {"active_tasks": [], "scheduled_tasks": [], "reserved_tasks": []}
    assert await world.must("staff", "GET", where) == empty
    assert (await world.get("seller", where)).status_code == 403
    slurm = await world.offering("Slurm", type="Marketplace.Slurm")
    order = await world.order(slurm)
    path = f"/api/marketplace-orders/{order['uuid']}/approve_by_provider/"
    answer = await world.post("seller", path, {}, headers={"User-Agent": "waldur-site-agent/1.0.7"})
    assert answer.status_code == 200
    seen = await world.must("staff", "GET", where)
    AgentTaskStatsResponse.from_dict(dict(seen))
    [task] = seen["scheduled_tasks"]
    assert task["name"] == "orders.released"
    assert task["eta"] > clock.now().isoformat()
