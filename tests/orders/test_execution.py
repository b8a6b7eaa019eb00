"""How orders are executed: steps that are done once, what waits, what breaks, what is undone, and who may go on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mercato.orders.progress import REMAINS, TRIES
from mercato.plugins import Plugin
from mercato.sdk import ActionRequired, Failed, Manifest, OrderFacts, Result, Retry, step
from world import World

pytestmark = pytest.mark.http

NOON = datetime(2026, 5, 10, 12, tzinfo=UTC)
Verb = Callable[[OrderFacts], Awaitable[Any]]


class Backend:
    """A type whose verbs are given by the test; `did` is what it was asked to do."""

    def __init__(self) -> None:
        self.did: list[str] = []

    async def create(self, _order: OrderFacts) -> Result:
        self.did.append("create")
        return Result(backend_id="vm")

    async def update(self, _order: OrderFacts) -> Result:
        self.did.append("update")
        return Result()

    async def terminate(self, _order: OrderFacts) -> Result:
        self.did.append("terminate")
        return Result()

    def says(self, verb: str, *answers: Any) -> None:
        """The verb's answers in turn (the last again and again): results, exceptions, or functions of the order."""
        left = list(answers)

        async def run(order: OrderFacts) -> Any:
            self.did.append(verb)
            answer = left.pop(0) if len(left) > 1 else left[0]
            if callable(answer):
                return await answer(order)
            if isinstance(answer, Exception):
                raise answer
            return answer

        setattr(self, verb, run)


@pytest.fixture
def backend(world: World) -> Backend:
    return installed(world)


def installed(world: World, **manifest: Any) -> Backend:
    made = Backend()
    registry = world.market.plugins
    assert isinstance(registry, dict)
    told = Manifest(id="Marketplace.Basic", name="Backend", api=1, **manifest)
    registry["Marketplace.Basic"] = Plugin(told, made, "here")
    return made


async def ordered(world: World) -> str:
    order = await world.order(await world.offering())
    await world.act("seller", order, "approve_by_provider")
    return str(order["uuid"])


async def seen(world: World, order: str, who: str = "owner") -> dict[str, Any]:
    return dict(await world.must(who, "GET", f"/api/marketplace-orders/{order}/"))


async def steps(world: World, order: str) -> dict[str, tuple[str, int]]:
    found = await world.must("owner", "GET", f"/api/marketplace-orders/{order}/steps/")
    return {each["name"]: (each["state"], each["tries"]) for each in found}


async def drained_at(world: World, after: float) -> None:
    with world.at((NOON + timedelta(seconds=after)).isoformat()):
        await world.drain()


async def test_an_order_shows_how_far_it_has_come(world: World, backend: Backend) -> None:
    order = await ordered(world)
    assert await steps(world, order) == {}
    await world.drain()
    assert await steps(world, order) == {"create": ("done", 1)}
    path = f"/api/marketplace-orders/{order}/steps/"
    assert (await world.get("stranger", path)).status_code == 404
    assert (await world.get("seller", path)).status_code == 200


async def test_what_cannot_work_is_refused_before_anything_is_begun(world: World, backend: Backend) -> None:
    backend.says("validate", Failed("No such image."), None)
    backend.says("undo", None)
    order = await ordered(world)
    await world.drain()
    now = await seen(world, order)
    assert (now["state"], now["error_message"], backend.did) == ("erred", "No such image.", ["validate"])
    await world.act("seller", order, "retry")
    await world.drain()
    assert backend.did == ["validate", "validate", "create"]
    assert (await seen(world, order))["state"] == "done"


async def test_a_step_that_was_done_is_not_done_again(world: World, backend: Backend) -> None:
    made: list[str] = []
    waits = [Retry(30, "boots"), None]

    async def create(order: OrderFacts) -> Result:
        async def network() -> dict[str, Any]:
            made.append("network")
            return {"id": 7}

        async def machine() -> str:
            problem = waits.pop(0)
            if problem is not None:
                raise problem
            made.append("machine")
            return "vm-7"

        assert await step("network", network) == {"id": 7}
        return Result(backend_id=await step("machine", machine))

    backend.says("create", create)
    with world.at(NOON.isoformat()):
        order = await ordered(world)
        await world.drain()
    assert await steps(world, order) == {
        "create": ("waiting", 1),
        "network": ("done", 1),
        "machine": ("waiting", 1),
    }
    assert (await seen(world, order))["output"] == "boots"
    await drained_at(world, 20)
    assert backend.did == ["create"]
    await drained_at(world, 31)
    assert (made, backend.did) == (["network", "machine"], ["create", "create"])
    assert await steps(world, order) == {
        "create": ("done", 2),
        "network": ("done", 1),
        "machine": ("done", 2),
    }
    assert (await seen(world, order))["state"] == "done"


async def test_what_breaks_is_tried_again_and_then_given_up(world: World, backend: Backend) -> None:
    backend.says("create", ConnectionError("down"))
    with world.at(NOON.isoformat()):
        order = await ordered(world)
        await world.drain()
    for number in range(1, TRIES):
        [about] = await world.must("owner", "GET", f"/api/marketplace-orders/{order}/steps/")
        assert about["message"] == f"Try {number} of {TRIES} failed: ConnectionError: down"
        await drained_at(world, 600 * number)
    now = await seen(world, order)
    assert (now["state"], len(backend.did)) == ("erred", TRIES)
    assert "kept failing" in now["error_message"]
    assert "ConnectionError: down" in now["error_traceback"]
    assert await steps(world, order) == {"create": ("failed", TRIES)}


async def test_a_call_that_takes_too_long_is_ended(world: World) -> None:
    backend = installed(world, time_limit=0.05)

    async def hang(_order: OrderFacts) -> Result:
        await asyncio.sleep(60)
        return Result()

    backend.says("create", hang, Result(backend_id="vm"))
    with world.at(NOON.isoformat()):
        order = await ordered(world)
        await world.drain()
    [about] = await world.must("owner", "GET", f"/api/marketplace-orders/{order}/steps/")
    assert about["message"] == f"Try 1 of {TRIES} failed: It took longer than 0.05 seconds."
    await drained_at(world, 10)
    assert (await seen(world, order))["state"] == "done"


async def test_patience_ends(world: World) -> None:
    backend = installed(world, patience=3600)
    backend.says("create", Retry(1800, "in the queue"))
    with world.at(NOON.isoformat()):
        order = await ordered(world)
        await world.drain()
    for after in (1801, 3602, 5403):
        assert (await seen(world, order))["state"] == "executing"
        await drained_at(world, after)
        if after > 3600:
            break
    now = await seen(world, order)
    assert (now["state"], now["error_message"]) == ("erred", "It was not ready within 1 hours. in the queue")


async def test_a_half_done_creation_is_undone(world: World, backend: Backend) -> None:
    async def create(_order: OrderFacts) -> Result:
        async def network() -> str:
            return "net"

        await step("network", network)
        raise Failed("No host has room.")

    backend.says("create", create)
    backend.says("undo", RuntimeError("not now"), None)
    with world.at(NOON.isoformat()):
        order = await ordered(world)
        await world.drain()
    assert (await seen(world, order))["state"] == "executing"
    await drained_at(world, 10)
    now = await seen(world, order)
    assert (now["state"], now["error_message"]) == ("erred", "No host has room.")
    assert backend.did == ["create", "undo", "undo"]
    found = await steps(world, order)
    assert found == {"create": ("failed", 1), "network": ("undone", 1), "undo": ("done", 2)}


async def test_remains_are_said(world: World, backend: Backend) -> None:
    backend.says("create", Failed("No host has room."))
    backend.says("undo", Failed("locked"))
    order = await ordered(world)
    await world.drain()
    now = await seen(world, order)
    assert (now["state"], now["error_message"]) == ("erred", f"No host has room. {REMAINS}")


async def test_what_a_backend_has_named_is_terminated_where_there_is_no_undo(
    world: World, backend: Backend
) -> None:
    backend.says("create", Result(done=False, backend_id="vm-9"), Failed("It never booted."))
    order = await ordered(world)
    await world.drain()
    now = await seen(world, order)
    resource = now["marketplace_resource_uuid"]
    assert (await world.reload(resource))["backend_id"] == "vm-9"
    await world.market.db.write(_again, order)
    await world.drain()
    assert backend.did == ["create", "create", "terminate"]
    assert (await seen(world, order))["error_message"] == "It never booted."
    assert (await world.reload(resource))["backend_id"] == ""


def _again(tx: Any, order: str) -> None:
    from mercato.orders import moves, queries

    moves.execute_now(tx, queries.order_row(tx.conn, order))


async def test_somebody_acts_and_it_goes_on(world: World, backend: Backend) -> None:
    backend.says("create", ActionRequired("Sign the form."), Result(backend_id="vm"))
    order = await ordered(world)
    await world.drain()
    assert (await seen(world, order))["output"] == "Sign the form."
    assert await steps(world, order) == {"create": ("waiting", 1)}
    asked = await world.must("seller", "GET", f"/api/marketplace-orders/{order}/actions/")
    assert "retry" in asked["actions"]
    asked = await world.must("owner", "GET", f"/api/marketplace-orders/{order}/actions/")
    assert "retry" not in asked["actions"]
    assert (await world.act("owner", order, "retry")).status_code == 403
    assert (await world.act("seller", order, "retry")).json() == {"detail": "Order goes on."}
    await world.drain()
    assert (await seen(world, order))["state"] == "done"
    assert (await world.act("seller", order, "retry")).status_code == 409


async def test_a_run_that_was_overtaken_changes_nothing(world: World, backend: Backend) -> None:
    """A process that hung over its lease wakes up behind the one that took over."""
    order = await ordered(world)
    later: list[str] = []

    async def create(facts: OrderFacts) -> Result:
        if backend.did == ["create"]:
            # Meanwhile another process takes the order, and finishes it.
            await world.market.engine.tasks["orders.execute"].fn(world.market.db, order=facts.order)

            async def more() -> None:
                later.append("more")

            await step("more", more)
        return Result(backend_id=f"vm-{len(backend.did)}")

    backend.says("create", create)
    await world.drain()
    now = await seen(world, order)
    assert (now["state"], later) == ("done", [])
    resource = await world.reload(now["marketplace_resource_uuid"])
    assert resource["backend_id"] == "vm-2"


async def test_a_backend_that_hangs_takes_only_its_providers_hands(world: World) -> None:
    """Orders of one provider take only so many hands."""
    backend = Backend()
    started, release = list[str](), asyncio.Event()

    async def create(facts: OrderFacts) -> Result:
        started.append(facts.order)
        await release.wait()
        return Result()

    backend.says("create", create)
    registry = world.market.plugins
    assert isinstance(registry, dict)
    registry["Marketplace.Basic"] = Plugin(Manifest(id="Marketplace.Basic", name="B", api=1), backend, "here")
    slow = await world.offering()
    for _ in range(12):
        order = await world.order(slow)
        await world.act("seller", order, "approve_by_provider")
    await world.market.start_worker()
    try:
        async with asyncio.timeout(10):
            while len(started) < 2:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        assert len(started) <= world.market.settings.provider_concurrency
    finally:
        release.set()
        assert world.market.worker is not None
        await world.market.worker.stop()
        world.market.worker = None
