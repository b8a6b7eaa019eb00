"""Policies of periodic SLURM limits: providers make them, agents report what they ran."""

from __future__ import annotations

from typing import Any

import pytest
from waldur_api_client.models.slurm_command_history import SlurmCommandHistory
from waldur_api_client.models.slurm_periodic_usage_policy import SlurmPeriodicUsagePolicy

from mercato.slurm_policies.service import _kind
from world import BASE, World

pytestmark = pytest.mark.http

WHERE = "/api/marketplace-slurm-periodic-usage-policies/"


@pytest.fixture
async def offering(world: World) -> dict[str, Any]:
    made = await world.offering()
    await world.keep(made)
    return made


def policy(offering: dict[str, Any], /, **change: Any) -> dict[str, Any]:
    body = {
        "scope": f"{BASE}/api/marketplace-provider-offerings/{offering['uuid']}/",
        "actions": "request_downscaling,request_pausing",
        "component_limits_set": [{"type": "cpu", "limit": 1000}],
        "grace_ratio": 0.25,
        "tres_billing_weights": {"CPU": 0.015625},
    }
    return {**body, **change}


async def made(world: World, offering: dict[str, Any], /, **change: Any) -> dict[str, Any]:
    return dict(await world.must("keeper", "POST", WHERE, policy(offering, **change), 201))


async def test_a_policy_as_its_provider_made_it(world: World, offering: dict[str, Any]) -> None:
    await world.resource(offering)
    with world.at("2026-05-01 10:00"):
        one = await made(world, offering)
    seen = SlurmPeriodicUsagePolicy.from_dict(dict(one))
    assert (seen.scope_uuid.hex, seen.scope_name, seen.period_name) == (offering["uuid"], "HPC", "3 month")
    assert (seen.grace_ratio, seen.has_fired, seen.affected_resources_count) == (0.25, False, 1)
    assert (seen.carryover_factor, seen.limit_type.value, seen.qos_strategy.value) == (
        50,
        "GrpTRESMins",
        "threshold",
    )
    assert one["component_limits_set"] == [{"type": "cpu", "limit": 1000}]
    assert one["fired_datetime"] == "2026-05-01T10:00:00.000000Z"
    assert (one["created_by_username"], one["tres_billing_weights"]) == ("keeper", {"CPU": 0.015625})
    assert await world.must("keeper", "GET", f"{WHERE}?scope_uuid={offering['uuid']}") == [one]
    assert await world.must("keeper", "GET", f"{WHERE}?scope={one['scope']}") == [one]
    for who in ("owner", "stranger"):
        assert await world.must(who, "GET", WHERE) == []
        assert (await world.post(who, WHERE, policy(offering))).status_code == 400


async def test_a_policy_that_no_agent_hears_warns(world: World, offering: dict[str, Any]) -> None:
    one = await made(world, offering)
    assert len(one["warnings"]) == 1
    where = "/api/marketplace-site-agent-identities/"
    agent = await world.must("keeper", "POST", where, {"offering": offering["uuid"], "name": "a"}, 201)
    await world.must("keeper", "POST", f"{where}{agent['uuid']}/register_queue/", {}, 201)
    assert (await world.must("keeper", "GET", f"{WHERE}{one['uuid']}/"))["warnings"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"actions": "explode"}, "actions"),
        ({"actions": " , "}, "actions"),
        ({"actions": ""}, "actions"),
        ({"component_limits_set": [{"type": "gold", "limit": 1}]}, "component_limits_set"),
        ({"component_limits_set": [{"type": "cpu"}]}, "component_limits_set"),
        ({"apply_to_all": True, "organization_groups": ["x"]}, "apply_to_all"),
        ({"period": 9}, "period"),
        ({"limit_type": "Some"}, "limit_type"),
        ({"carryover_factor": -1}, "carryover_factor"),
        ({"grace_ratio": -0.1}, "grace_ratio"),
        ({"scope": "nonsense"}, "scope"),
    ],
)
async def test_wrong_fields_are_named(
    world: World, offering: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    answer = await world.post("keeper", WHERE, policy(offering, **change))
    assert (answer.status_code, list(answer.json())) == (400, [field])


async def test_changing_and_removing(world: World, offering: dict[str, Any]) -> None:
    one = await made(world, offering)
    mine = f"{WHERE}{one['uuid']}/"
    changed = await world.must("keeper", "PATCH", mine, {"period": 2, "actions": "request_pausing"}, 200)
    assert (changed["period"], changed["period_name"], changed["actions"]) == (
        2,
        "1 month",
        "request_pausing",
    )
    assert changed["grace_ratio"] == 0.25
    assert (await world.ask("keeper", "PATCH", mine, {"apply_to_all": True})).status_code == 200
    clash = await world.ask("keeper", "PATCH", mine, {"organization_groups": ["x"]})
    assert list(clash.json()) == ["apply_to_all"]
    anew = await world.must("keeper", "PUT", mine, policy(offering, period=4), 200)
    assert (anew["period_name"], anew["apply_to_all"]) == ("12 month", False)
    other = await world.offering("Other")
    elsewhere = await world.ask("seller", "PUT", mine, policy(other))
    assert (elsewhere.status_code, list(elsewhere.json())) == (400, ["scope"])
    await world.must("keeper", "DELETE", mine, status=204)
    assert await world.must("keeper", "GET", WHERE) == []


async def test_what_agents_ran(world: World, offering: dict[str, Any]) -> None:
    resource = await world.resource(offering)
    one = await made(world, offering)
    mine = f"{WHERE}{one['uuid']}/"
    result = {
        "resource_uuid": resource["uuid"],
        "success": True,
        "mode": "emulator",
        "commands_executed": [
            "sacctmgr modify account a set fairshare=5",
            "sacctmgr modify account a set GrpTRESMins=cpu=1",
        ],
    }
    await world.must("keeper", "POST", mine + "report-command-result/", result, 200)
    failed = {"resource_uuid": resource["uuid"], "success": False, "error_message": "no cluster"}
    await world.must("keeper", "POST", mine + "report-command-result/", failed, 200)
    rows = await world.must("keeper", "GET", mine + "command-history/")
    seen = [SlurmCommandHistory.from_dict(dict(row)) for row in rows]
    assert [(c.command_type, c.success, c.error_message) for c in seen] == [
        ("limits", False, "no cluster"), ("limits", True, ""), ("fairshare", True, ""),
    ]  # fmt: skip
    assert seen[2].shell_command.endswith("fairshare=5")
    elsewhere = await world.resource(await world.offering("Other"))
    wrong = await world.post(
        "keeper", mine + "report-command-result/", {**failed, "resource_uuid": elsewhere["uuid"]}
    )
    assert (wrong.status_code, list(wrong.json())) == (400, ["resource_uuid"])
    assert (await world.get("owner", mine + "command-history/")).status_code == 404
    await world.must("keeper", "DELETE", mine, status=204)


async def test_what_can_be_done(world: World) -> None:
    assert "request_pausing" in await world.must("stranger", "GET", WHERE + "actions/")


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("sacctmgr modify account x set fairshare=3", "fairshare"),
        ("sacctmgr modify account x set RawUsage=0", "reset_usage"),
        ("sacctmgr modify account x set qos=slow", "qos"),
        ("sacctmgr modify account x set GrpTRESMins=cpu=3", "limits"),
        ("", "limits"),
    ],
)
def test_kinds_of_commands(command: str, kind: str) -> None:
    assert _kind(command) == kind
