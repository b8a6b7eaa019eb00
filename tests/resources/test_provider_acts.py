"""What providers and their agents say about resources, and what customers may change themselves."""

from __future__ import annotations

from typing import Any

import pytest

from mercato.kernel.errors import Conflict
from mercato.resources.rules import whole
from mercato.resources.states import RESOURCE
from mercato.schemas.resources import ResourceState as S
from world import World

pytestmark = pytest.mark.http

MINE = "/api/marketplace-provider-resources/"
THEIRS = "/api/marketplace-resources/"


async def test_a_backend_id_in_both_places(world: World) -> None:
    resource = await world.resource(await world.offering())
    for where, backend_id in ((MINE, "acc-1"), (THEIRS, "acc-2")):
        path = f"{where}{resource['uuid']}/set_backend_id/"
        told = await world.must("seller", "POST", path, {"backend_id": backend_id}, 200)
        assert told == {"status": "Resource backend ID has been changed."}
        assert (await world.reload(resource["uuid"]))["backend_id"] == backend_id
    found = await world.must("owner", "GET", f"{THEIRS}?backend_id=acc-2&field=uuid")
    assert found == [{"uuid": resource["uuid"]}]
    long = await world.post("seller", f"{MINE}{resource['uuid']}/set_backend_id/", {"backend_id": "x" * 256})
    assert list(long.json()) == ["backend_id"]


async def test_is_this_backend_id_free(world: World) -> None:
    offering, other = await world.offering(), await world.offering("Other")
    resource = await world.resource(offering)
    await world.must(
        "seller", "POST", f"{MINE}{resource['uuid']}/set_backend_id/", {"backend_id": "acc-1"}, 200
    )

    async def free(where: dict[str, Any], **question: Any) -> bool:
        path = f"/api/marketplace-provider-offerings/{where['uuid']}/check_unique_backend_id/"
        return bool((await world.must("seller", "POST", path, question, 200))["is_unique"])

    assert await free(offering, backend_id="acc-2")
    assert not await free(offering, backend_id="acc-1")
    assert await free(other, backend_id="acc-1")
    assert not await free(other, backend_id="acc-1", check_all_offerings=True)


async def test_metadata_and_endpoints(world: World) -> None:
    resource = await world.resource(await world.offering())
    path = f"{MINE}{resource['uuid']}/"
    for metadata in ({"qos": "normal", "nested": {"a": [1, None]}}, {"only": "this"}):
        body = {"backend_metadata": metadata}
        await world.must("seller", "POST", path + "set_backend_metadata/", body, 200)
        assert (await world.reload(resource["uuid"]))["backend_metadata"] == metadata
    links = [{"name": "Login", "url": "ssh x"}, {"name": "Web", "url": "https://x"}]
    await world.must("seller", "POST", path + "set_endpoints/", {"endpoints": links}, 200)
    seen = (await world.reload(resource["uuid"]))["endpoints"]
    assert [{"name": e["name"], "url": e["url"]} for e in seen] == links
    blank = await world.post("seller", path + "set_endpoints/", {"endpoints": [{"name": "", "url": "x"}]})
    assert blank.status_code == 400
    await world.must("seller", "POST", path + "set_endpoints/", {"endpoints": []}, 200)
    assert (await world.reload(resource["uuid"]))["endpoints"] == []


async def test_broken_and_well_again(world: World) -> None:
    resource = await world.resource(await world.offering())
    path = f"{MINE}{resource['uuid']}/"
    failure = {"error_message": "[red]disk[/] full", "error_traceback": "Traceback"}
    for message in (failure, {"error_message": "still"}):
        assert (await world.post("seller", path + "set_as_erred/", message)).status_code == 200
        seen = await world.reload(resource["uuid"])
        assert (seen["state"], seen["error_message"]) == ("Erred", message["error_message"])
    for _ in range(2):
        assert (await world.post("seller", path + "set_as_ok/")).status_code == 200
        seen = await world.reload(resource["uuid"])
        assert (seen["state"], seen["error_message"], seen["error_traceback"]) == ("OK", "", "")


async def test_what_was_never_made_cannot_be_well(world: World) -> None:
    offering = await world.offering()
    order = await world.order(offering)
    path = f"{MINE}{order['marketplace_resource_uuid']}/"
    for action in ("set_as_ok/", "set_as_erred/"):
        answer = await world.post("seller", path + action)
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state"), action
    assert (await world.reload(order["marketplace_resource_uuid"]))["state"] == "Creating"


async def test_the_backends_own_limits_are_billed(world: World) -> None:
    with world.at("2026-04-01"):
        resource = await world.resource(await world.offering())
        path = f"{MINE}{resource['uuid']}/set_limits/"
        told = await world.must("seller", "POST", path, {"limits": {"cpu": 2000}}, 200)
        assert told == {"status": "Resource limits have been changed."}
        assert (await world.reload(resource["uuid"]))["limits"]["cpu"] == 2000
        assert (await world.invoices())[0]["price"] == "130.60"
        for wrong in ({"ghost": 1}, {"cpu": -2}, {"cpu": 10**12}, {"cpu": 10**30}):
            answer = await world.post("seller", path, {"limits": wrong})
            assert (answer.status_code, list(answer.json())) == (400, ["limits"]), wrong
        assert (await world.reload(resource["uuid"]))["limits"]["cpu"] == 2000


@pytest.mark.parametrize("who", ["owner", "manager"])
async def test_customers_name_their_resources(world: World, who: str) -> None:
    resource = await world.resource(await world.offering())
    path = f"{THEIRS}{resource['uuid']}/"
    seen = await world.must(who, "PATCH", path, {"name": "web", "description": "ours"})
    assert (seen["name"], seen["description"]) == ("web", "ours")
    for wrong, field in (
        ({"name": " "}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"end_date": "2001-01-01"}, "end_date"),
    ):
        answer = await world.ask(who, "PATCH", path, wrong)
        assert (answer.status_code, list(answer.json())) == (400, [field])
    assert (await world.ask("member", "PATCH", path, {"name": "x"})).status_code == 403


async def test_an_end_date_orders_the_end_on_the_customers_calendar(world: World) -> None:
    offering = await world.offering()
    zone = {"time_zone": "America/Los_Angeles"}
    await world.must("staff", "PATCH", f"/api/customers/{world.ids['buyer']}/", zone)
    with world.at("2026-05-01"):
        resource = await world.resource(offering)
        path = f"{THEIRS}{resource['uuid']}/"
        await world.must("owner", "PATCH", path, {"end_date": "2026-05-10"})
    for moment in ("2026-05-10 12:00", "2026-05-11 06:00"):  # still May 10 over there
        with world.at(moment):
            await world.tick()
            assert (await world.reload(resource["uuid"]))["order_in_progress"] is None, moment
    with world.at("2026-05-11 08:00"):
        await world.tick()
        order = (await world.reload(resource["uuid"]))["order_in_progress"]
        assert (order["type"], order["state"]) == ("Terminate", "pending-provider")
        seen = await world.must("owner", "GET", f"/api/marketplace-orders/{order['uuid']}/")
        assert seen["termination_comment"] == "End date 2026-05-10 has passed."
        await world.tick()
        await world.done(order["uuid"])
    assert (await world.reload(resource["uuid"]))["state"] == "Terminated"
    with world.at("2026-05-12 08:00"):
        await world.tick()
    orders = await world.must("owner", "GET", "/api/marketplace-orders/?type=Terminate")
    assert len(orders) == 1


async def test_resources_say_where_they_come_from(world: World) -> None:
    offering = await world.offering()
    resource = await world.resource(offering)
    assert resource["url"].endswith(f"{THEIRS}{resource['uuid']}/")
    assert (resource["offering_name"], resource["plan_name"], resource["project_name"]) == (
        "HPC",
        "Standard",
        "Alpha",
    )
    assert (resource["customer_slug"], resource["provider_slug"]) == ("buyer-org", "seller-org")
    assert (resource["is_limit_based"], resource["is_usage_based"]) == (True, False)
    assert resource["creation_order"]["state"] == "done"
    assert resource["limit_usage"] == {}
    provided = await world.must("seller", "GET", f"{MINE}{resource['uuid']}/")
    assert provided["url"].endswith(f"{MINE}{resource['uuid']}/")
    second = await world.resource(offering)
    assert (resource["slug"], second["slug"]) == ("thing", "thing-2")


async def test_resources_are_found(world: World) -> None:
    resource = await world.resource(await world.offering())
    ids = {**world.ids, "offering": resource["offering_uuid"], "plan": resource["plan_uuid"]}
    for query in (
        "state=OK&state=Erred",
        "name=THI",
        "query=hpc",
        "offering_uuid={offering}",
        "project_uuid={alpha}",
        "customer_uuid={buyer}",
        "provider_uuid={provider}",
        "plan_uuid={plan}",
        "category_uuid={category}",
        "offering_type=Marketplace.Basic",
        "slug=thing",
    ):
        found = await world.must("owner", "GET", f"{THEIRS}?field=uuid&{query.format(**ids)}")
        assert found == [{"uuid": resource["uuid"]}], query
        other = await world.must("owner", "GET", f"{THEIRS}?state=Terminated&{query.format(**ids)}")
        assert other == [] or query.startswith("state")


WAYS = {
    ("provisioned", S.CREATING, S.OK),
    ("failed", S.CREATING, S.ERRED),
    ("refused", S.CREATING, S.TERMINATED),
    ("update", S.OK, S.UPDATING),
    ("terminate", S.OK, S.TERMINATING),
    ("updated", S.UPDATING, S.OK),
    ("failed", S.UPDATING, S.ERRED),
    ("terminated", S.TERMINATING, S.TERMINATED),
    ("failed", S.TERMINATING, S.ERRED),
    ("resolved", S.ERRED, S.OK),
    ("update", S.ERRED, S.UPDATING),
    ("terminate", S.ERRED, S.TERMINATING),
    ("create", S.ERRED, S.CREATING),
    ("broken", S.OK, S.ERRED),
    ("broken", S.UPDATING, S.ERRED),
    ("broken", S.TERMINATING, S.ERRED),
}


@pytest.mark.parametrize("action", sorted({action for action, _, _ in WAYS}))
@pytest.mark.parametrize("state", list(S))
def test_the_life_of_a_resource(action: str, state: S) -> None:
    found = {target for a, source, target in WAYS if (a, source) == (action, state)}
    if found:
        assert RESOURCE.step(state, action, None) in found
    else:
        with pytest.raises(Conflict):
            RESOURCE.step(state, action, None)


@pytest.mark.parametrize(
    ("given", "number"),
    [(5, 5), ("5", 5), (5.0, 5), ("5.0", 5), (-1, -1), (10**12 - 1, 10**12 - 1)]
    + [(v, None) for v in (True, "", "x", 1.5, "NaN", 10**12, "1e999")],
)
def test_whole_numbers(given: Any, number: int | None) -> None:
    assert whole(given) == number
