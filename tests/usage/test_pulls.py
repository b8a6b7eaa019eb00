"""What backends say of resources: asked hourly and on request, written down if nothing came in between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mercato.plugins import Plugin
from mercato.sdk import Link, Manifest, OrderFacts, ResourceFacts, Result, Retry, Seen
from mercato.usage.pulls import GONE
from world import COMPONENTS, World

pytestmark = pytest.mark.http

USED = [*COMPONENTS, {"type": "hours", "name": "Hours", "billing_type": "usage", "measured_unit": "h"}]


class Base:
    """Makes everything at once, under the resource's name."""

    async def create(self, order: OrderFacts) -> Result:
        return Result(backend_id=f"at-{order.resource_name}")

    async def terminate(self, order: OrderFacts) -> Result:
        return Result()


class OneByOne(Base):
    def __init__(self) -> None:
        self.asked: list[ResourceFacts] = []
        self.seen: Seen | Exception = Seen()
        self.used: dict[str, int | float | str] = {"hours": 1.5}

    async def pull(self, resource: ResourceFacts) -> Seen:
        self.asked.append(resource)
        if isinstance(self.seen, Exception):
            raise self.seen
        return self.seen

    async def links(self, resource: ResourceFacts) -> tuple[Link, ...]:
        return (Link("Login", f"ssh {resource.backend_id}"),)

    async def usage(self, resource: ResourceFacts) -> Mapping[str, int | float | str]:
        return self.used


class Together(Base):
    def __init__(self) -> None:
        self.asked: list[Mapping[str, Any]] = []
        self.told: dict[str, Seen] = {}

    async def sync(self, settings: Mapping[str, Any]) -> Mapping[str, Seen]:
        self.asked.append(settings)
        return self.told


def played(world: World, code: Any) -> Any:
    registry = world.market.plugins
    assert isinstance(registry, dict)
    registry["Marketplace.Basic"] = Plugin(Manifest(id="Marketplace.Basic", name="T", api=1), code, "here")
    return code


async def test_a_resource_is_asked_about_on_request(world: World) -> None:
    code = played(world, OneByOne())
    resource = await world.resource(await world.offering(components=USED, secret_options={"key": "k"}))
    code.seen = Seen(metadata={"ip": "192.0.2.7"})
    path = f"/api/marketplace-resources/{resource['uuid']}/pull/"
    assert (await world.post("stranger", path)).status_code == 404
    asked = await world.post("owner", path)
    assert (asked.status_code, asked.json()) == (202, {"detail": "Its backend is being asked."})
    await world.must("seller", "POST", path.replace("resources", "provider-resources"), None, 202)
    await world.drain()
    [facts] = code.asked
    assert (facts.backend_id, facts.state, facts.settings) == ("at-thing", "OK", {"key": "k"})
    now = await world.reload(resource["uuid"])
    assert now["backend_metadata"] == {"ip": "192.0.2.7"}
    assert now["endpoints"][0]["url"] == "ssh at-thing"
    assert now["current_usages"] == {"hours": 1.5}
    looked = await world.must(
        "owner", "GET", f"/api/marketplace-resources/{resource['uuid']}/?field=last_sync"
    )
    assert looked["last_sync"] is not None


async def test_the_same_usage_is_not_reported_twice(world: World) -> None:
    code = played(world, OneByOne())
    resource = await world.resource(await world.offering(components=USED))
    events = f"/api/events/?scope=http://x/api/marketplace-resources/{resource['uuid']}/"
    for used, reports in ((1, 1), (1, 1), ("1.00", 1), (2, 2)):
        code.used = {"hours": used}
        await world.must("owner", "POST", f"/api/marketplace-resources/{resource['uuid']}/pull/", None, 202)
        await world.drain()
        found = await world.must("staff", "GET", f"{events}&event_type=marketplace_component_usage_reported")
        assert len(found) == reports


async def test_what_is_gone_or_broken_is_erred_and_what_is_well_again_is_ok(world: World) -> None:
    code = played(world, OneByOne())
    resource = await world.resource(await world.offering(components=USED))
    path = f"/api/marketplace-resources/{resource['uuid']}/pull/"
    for seen, state, message in (
        (Seen(gone=True), "Erred", GONE),
        (Seen(well=False, message="Disk full."), "Erred", "Disk full."),
        (Seen(), "OK", ""),
    ):
        code.seen = seen
        await world.must("owner", "POST", path, None, 202)
        await world.drain()
        now = await world.reload(resource["uuid"])
        assert (now["state"], now["error_message"]) == (state, message)


async def test_not_yet_is_asked_again(world: World) -> None:
    code = played(world, OneByOne())
    code.seen = Retry(120)
    with world.at("2026-05-10 12:00"):
        resource = await world.resource(await world.offering(components=USED))
        await world.must("owner", "POST", f"/api/marketplace-resources/{resource['uuid']}/pull/", None, 202)
        await world.drain()
    with world.at("2026-05-10 12:01"):
        await world.drain()
    assert len(code.asked) == 1
    with world.at("2026-05-10 12:03"):
        await world.drain()
    assert len(code.asked) == 2


async def test_an_order_that_came_in_between_wins(world: World) -> None:
    code = played(world, OneByOne())
    resource = await world.resource(await world.offering(components=USED))

    async def pull(_resource: ResourceFacts) -> Seen:
        order = await world.must("owner", "POST", f"/api/marketplace-resources/{resource['uuid']}/terminate/")
        await world.act("seller", order["order_uuid"], "approve_by_provider")
        return Seen(gone=True)

    code.pull = pull
    await world.must("owner", "POST", f"/api/marketplace-resources/{resource['uuid']}/pull/", None, 202)
    await world.drain()
    assert (await world.reload(resource["uuid"]))["state"] == "Terminated"


async def test_every_hour_every_backend_is_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mercato.usage.pulls.AT_ONCE", 2)
    code = played(world, OneByOne())
    with world.at("2026-05-10 12:00"):
        offering = await world.offering(components=USED)
        names = ["a", "b", "c", "d", "e"]
        for name in names:
            await world.resource(offering, attributes={"name": name})
        await world.tick()
    assert sorted(facts.resource_name for facts in code.asked) == names
    with world.at("2026-05-10 12:30"):
        await world.tick()
    assert len(code.asked) == 5
    with world.at("2026-05-10 13:01"):
        await world.tick()
    assert len(code.asked) == 10


async def test_a_backend_that_tells_of_all_at_once_is_asked_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mercato.usage.pulls.AT_ONCE", 2)
    code = played(world, Together())
    offering = await world.offering(components=USED, plugin_options={"a": 1})
    made = [await world.resource(offering, attributes={"name": name}) for name in ("a", "b", "c")]
    code.told = {"at-a": Seen(metadata={"n": 1}), "at-b": Seen(well=False, message="Broken.")}
    await world.must("owner", "POST", f"/api/marketplace-resources/{made[0]['uuid']}/pull/", None, 202)
    await world.drain()
    assert code.asked == [{"a": 1}]
    states = [(await world.reload(one["uuid"]))["state"] for one in made]
    assert states == ["OK", "Erred", "Erred"]
    code.asked.clear()
    await world.must(
        "seller", "POST", f"/api/marketplace-provider-offerings/{offering['uuid']}/sync/", None, 202
    )
    await world.drain()
    assert len(code.asked) == 1


async def test_a_type_that_can_not_be_asked_says_so(world: World) -> None:
    resource = await world.resource(await world.offering())
    path = f"/api/marketplace-resources/{resource['uuid']}/pull/"
    assert (await world.post("owner", path)).status_code == 409
    await world.tick()
    async with world.market.engine.opened():
        jobs = await world.market.engine.jobs.list_jobs_async()
    assert not [job for job in jobs if job.task_name.endswith(".pull")]
