"""What runs at a backend unknown to us is asked for, reported, and becomes resources that are billed."""

from __future__ import annotations

from typing import Any

import pytest
from waldur_api_client.models.backend_resource import BackendResource
from waldur_api_client.models.backend_resource_req import BackendResourceReq
from waldur_api_client.models.importable_resource import ImportableResource
from waldur_api_client.models.resource import Resource

from mercato.imports.states import REQUEST
from mercato.schemas.imports import RequestState
from world import World

pytestmark = pytest.mark.http

REQUESTS = "/api/backend-resource-requests/"
FOUND = "/api/backend-resources/"


@pytest.fixture
async def offering(world: World) -> dict[str, Any]:
    made = await world.offering(type="Marketplace.Slurm")
    await world.keep(made)
    return made


def thing(world: World, offering: dict[str, Any], /, **change: Any) -> dict[str, Any]:
    body = {
        "name": "old-cluster-account",
        "project": world.ids["alpha"],
        "offering": offering["uuid"],
        "backend_id": "acc-7",
        "backend_metadata": {"limits": {"cpu": 40, "ram": 8, "gpu": 3}},
    }
    return {**body, **change}


async def found(world: World, offering: dict[str, Any], /, **change: Any) -> dict[str, Any]:
    return dict(await world.must("keeper", "POST", FOUND, thing(world, offering, **change), 201))


def test_the_states_of_a_request() -> None:
    ways = {(row.source, row.action): row.target for row in REQUEST.rows}
    assert ways == {
        ("Sent", "start_processing"): RequestState.PROCESSING,
        ("Processing", "set_done"): RequestState.DONE,
        ("Processing", "set_erred"): RequestState.ERRED,
        ("Sent", "set_erred"): RequestState.ERRED,
    }


async def test_a_request_from_sent_to_done(world: World, offering: dict[str, Any]) -> None:
    where = "/api/marketplace-site-agent-identities/"
    agent = await world.must("keeper", "POST", where, {"offering": offering["uuid"], "name": "a"}, 201)
    types = {"object_types": ["importable_resources"]}
    await world.must("keeper", "POST", f"{where}{agent['uuid']}/register_queue/", types, 201)
    made = await world.must("vendor", "POST", REQUESTS, {"offering": offering["uuid"]}, 201)
    seen = BackendResourceReq.from_dict(dict(made))
    assert (seen.state.value, seen.offering.hex, seen.started) == ("Sent", offering["uuid"], None)
    mine = f"{REQUESTS}{made['uuid']}/"
    assert await world.must("keeper", "POST", mine + "start_processing/", status=200) == {
        "status": "Request processing has started."
    }
    assert (await world.post("keeper", mine + "start_processing/")).status_code == 409
    await world.must("keeper", "POST", mine + "set_done/", status=200)
    seen = BackendResourceReq.from_dict(await world.must("keeper", "GET", mine))
    assert (seen.state.value, bool(seen.started), bool(seen.finished)) == ("Done", True, True)
    assert (await world.post("keeper", mine + "set_erred/", {"error_message": "x"})).status_code == 409
    stats = await world.must("keeper", "GET", "/api/marketplace-site-agent-connection-stats/")
    assert stats["summary"]["total_queued_messages"] == 1


async def test_a_request_that_fails(world: World, offering: dict[str, Any]) -> None:
    made = await world.must("keeper", "POST", REQUESTS, {"offering": offering["uuid"]}, 201)
    mine = f"{REQUESTS}{made['uuid']}/"
    problem = {"error_message": "no cluster", "error_traceback": "…"}
    await world.must("keeper", "POST", mine + "set_erred/", problem, 200)
    seen = await world.must("keeper", "GET", mine)
    assert (seen["state"], seen["error_message"], seen["error_traceback"]) == ("Erred", "no cluster", "…")
    assert [r["uuid"] for r in await world.must("keeper", "GET", REQUESTS + "?state=Erred")] == [made["uuid"]]
    assert await world.must("keeper", "GET", REQUESTS + "?state=Sent&state=Done") == []


async def test_what_was_found_is_listed_for_the_provider(world: World, offering: dict[str, Any]) -> None:
    made = await found(world, offering)
    seen = BackendResource.from_dict(dict(made))
    assert (seen.backend_id, seen.project.hex, seen.offering_name) == ("acc-7", world.ids["alpha"], "HPC")
    asked = f"?backend_id=acc-7&project_uuid={world.ids['alpha']}&offering_uuid={offering['uuid']}"
    assert await world.must("keeper", "GET", FOUND + asked) == [made]
    path = f"/api/marketplace-provider-offerings/{offering['uuid']}/importable_resources/"
    [row] = await world.must("keeper", "GET", path)
    assert ImportableResource.from_dict(dict(row)).backend_id == "acc-7"
    for who in ("owner", "stranger"):
        assert await world.must(who, "GET", FOUND) == []
        assert (await world.get(who, path)).status_code == 404


async def test_the_same_thing_is_reported_once(world: World, offering: dict[str, Any]) -> None:
    await found(world, offering)
    answer = await world.post("keeper", FOUND, thing(world, offering))
    assert (answer.status_code, list(answer.json())) == (400, ["backend_id"])
    await found(world, offering, backend_id="")
    await found(world, offering, backend_id="")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"project": "01a1f945-1f4b-7bb4-94e4-7baf44a1ea5f"}, "project"),
        ({"offering": "01a1f945-1f4b-7bb4-94e4-7baf44a1ea5f"}, "offering"),
        ({"name": ""}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"backend_id": "x" * 256}, "backend_id"),
        ({"backend_metadata": []}, "backend_metadata"),
    ],
)
async def test_wrong_fields_are_named(
    world: World, offering: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    answer = await world.post("keeper", FOUND, thing(world, offering, **change))
    assert (answer.status_code, list(answer.json())) == (400, [field])


async def test_it_becomes_a_resource_and_is_billed_from_now_on(
    world: World, offering: dict[str, Any]
) -> None:
    with world.at("2026-05-16 00:00"):
        made = await found(world, offering)
        resource = await world.must("keeper", "POST", f"{FOUND}{made['uuid']}/import_resource/", {}, 201)
        seen = Resource.from_dict(dict(resource))
        assert (seen.state.value, seen.backend_id, seen.name) == ("OK", "acc-7", "old-cluster-account")
        # What the backend tells counts; of storage it tells nothing, of the graphics card we know nothing.
        assert seen.limits.additional_properties == {"cpu": 40, "ram": 8, "storage": 0}
        whole = await world.reload(resource["uuid"])
        assert whole["creation_order"]["state"] == "done"
        assert whole["backend_metadata"]["limits"]["cpu"] == 40
        assert (await world.get("keeper", f"{FOUND}{made['uuid']}/")).status_code == 404
        [invoice] = await world.invoices()
        # 16 of 31 days: 40 × 0.05 and 8 × 0.10, rounded up
        assert [float(item["price"]) for item in invoice["items"]] == [1.04, 0.42]
    again = await found(world, offering)
    answer = await world.post("keeper", f"{FOUND}{again['uuid']}/import_resource/", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "imported_already")


async def test_a_plan_must_be_named_where_there_are_several(world: World) -> None:
    prices = {"cpu": "1", "ram": "1", "storage": "1"}
    plans = [{"name": name, "unit": "month", "prices": prices} for name in ("A", "B")]
    offering = await world.offering(type="Marketplace.Slurm", plans=plans)
    await world.keep(offering)
    made = await found(world, offering)
    path = f"{FOUND}{made['uuid']}/import_resource/"
    assert list((await world.post("keeper", path, {})).json()) == ["plan"]
    assert (await world.post("keeper", path, {"plan": world.ids["alpha"]})).status_code == 400
    resource = await world.must("keeper", "POST", path, {"plan": offering["plans"][1]["uuid"]}, 201)
    assert resource["plan_name"] == "B"


async def test_nothing_comes_of_it_where_nothing_may_be_ordered(
    world: World, offering: dict[str, Any]
) -> None:
    made = await found(world, offering)
    path = f"{FOUND}{made['uuid']}/import_resource/"
    for who, status in {"owner": 404, "stranger": 404, "support": 403}.items():
        assert (await world.post(who, path, {})).status_code == status
    archive = f"/api/marketplace-provider-offerings/{offering['uuid']}/archive/"
    await world.must("seller", "POST", archive, status=200)
    assert (await world.post("keeper", path, {})).status_code == 409
    assert (await world.must("staff", "GET", "/api/marketplace-resources/")) == []
    await world.must("keeper", "DELETE", f"{FOUND}{made['uuid']}/", status=204)
    assert await world.must("staff", "GET", FOUND) == []
