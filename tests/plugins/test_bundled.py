"""The offering types that come with the product, and what happens to a plugin that is not one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from mercato.market import Market
from mercato.plugins import Plugin, discover, folders
from mercato.sdk import ActionRequired, Failed, Link, Manifest, OrderFacts, Result, Retry
from world import World

pytestmark = pytest.mark.http

FACTS = OrderFacts(
    order="0" * 32,
    type="Create",
    resource="1" * 32,
    resource_name="thing",
    resource_slug="thing",
    backend_id="",
    backend_metadata={},
    attributes={},
    limits={},
    old_limits={},
    plan="",
    offering="2" * 32,
    project="3" * 32,
    project_name="Alpha",
    customer="4" * 32,
    customer_name="Buyer Org",
    settings={},
)


def test_two_types_come_with_the_product() -> None:
    found = discover(folders())
    assert set(found) == {"Marketplace.Basic", "Marketplace.Slurm"}
    assert all(plugin.manifest.description and plugin.manifest.api == 1 for plugin in found.values())
    assert all((Path(plugin.origin) / "README.md").read_text() for plugin in found.values())


@pytest.mark.parametrize(("kind", "done"), [("Marketplace.Basic", True), ("Marketplace.Slurm", False)])
@pytest.mark.parametrize("verb", ["create", "update", "terminate"])
async def test_their_verbs(kind: str, done: bool, verb: str) -> None:
    plugin = discover(folders())[kind]
    assert (await getattr(plugin.code, verb)(FACTS)).done is done


def folder(place: Path, name: str, toml: str, code: str) -> None:
    (place / name).mkdir()
    (place / name / "plugin.toml").write_text(toml)
    (place / name / "__init__.py").write_text(code)


GOOD = """
from mercato.sdk import Result
class Type:
    async def create(self, order): return Result(backend_id='made')
    async def terminate(self, order): return Result()
plugin = Type()
"""
TOML = 'id = "Test.{0}"\nname = "{0}"\napi = 1\n'


def test_broken_plugins_are_named_and_left_out(tmp_path: Path) -> None:
    folder(tmp_path, "p_good", TOML.format("Good"), GOOD)
    folder(tmp_path, "p_crashes", TOML.format("Crashes"), "1 / 0")
    folder(tmp_path, "p_empty", TOML.format("Empty"), "")
    folder(tmp_path, "p_future", TOML.format("Future").replace("api = 1", "api = 9"), GOOD)
    folder(tmp_path, "p_lazy", TOML.format("Lazy"), "class Type:\n    create = None\nplugin = Type()")
    folder(tmp_path, "p_odd", TOML.format("Odd") + "colour = 'red'\n", GOOD)
    folder(tmp_path, "p_again", TOML.format("Good"), GOOD)
    (tmp_path / "p_no_toml").mkdir()
    with capture_logs() as logs:
        found = discover([tmp_path])
    assert set(found) == {"Test.Good"}
    reasons = {Path(log["origin"]).name: log.get("reason", log["event"]) for log in logs}
    assert reasons.keys() == {"p_crashes", "p_empty", "p_future", "p_lazy", "p_odd", "p_good"}
    assert "division by zero" in reasons["p_crashes"]
    assert reasons["p_empty"] == "it defines no `plugin`"
    assert reasons["p_future"] == "it is made for plugin api 9, this is 1"
    assert reasons["p_lazy"] == "it has no `create`"
    assert "colour" in reasons["p_odd"]


class Actor:
    """A type that does what it is told."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.seen: list[OrderFacts] = []

    async def create(self, order: OrderFacts) -> Result:
        self.seen.append(order)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]

    update = terminate = create


@pytest.fixture
def actor(world: World) -> Actor:
    """The world's Marketplace.Basic is played by this actor."""
    made = Actor()
    registry = world.market.plugins
    assert isinstance(registry, dict)
    registry["Marketplace.Basic"] = Plugin(
        Manifest(id="Marketplace.Basic", name="Actor", api=1), made, "here"
    )
    return made


async def ordered(world: World) -> dict[str, Any]:
    order = await world.order(await world.offering(plugin_options={"a": 1}, secret_options={"b": 2}))
    await world.act("seller", order, "approve_by_provider")
    return order


async def test_a_plugin_learns_what_it_needs_and_its_words_are_kept(world: World, actor: Actor) -> None:
    links = (Link("Login", "ssh x"),)
    actor.answers = [Result(backend_id="vm-1", metadata={"ip": "10.0.0.1"}, endpoints=links, message="ready")]
    order = await ordered(world)
    await world.drain()
    [facts] = actor.seen
    assert (facts.order, facts.type, facts.resource_name) == (order["uuid"], "Create", "thing")
    assert (facts.limits, facts.settings) == ({"cpu": 1000, "ram": 256, "storage": 500}, {"a": 1, "b": 2})
    assert (facts.project_name, facts.customer_name) == ("Alpha", "Buyer Org")
    resource = await world.reload(order["marketplace_resource_uuid"])
    assert (resource["state"], resource["backend_id"], resource["backend_metadata"]) == (
        "OK",
        "vm-1",
        {"ip": "10.0.0.1"},
    )
    assert resource["endpoints"][0]["url"] == "ssh x"
    seen = await world.must("owner", "GET", f"/api/marketplace-orders/{order['uuid']}/")
    assert (seen["state"], seen["output"]) == ("done", "ready")


async def test_a_refusal_is_shown_to_the_customer(world: World, actor: Actor) -> None:
    actor.answers = [Failed("no [red]quota[/red]")]
    order = await ordered(world)
    await world.drain()
    seen = await world.must("owner", "GET", f"/api/marketplace-orders/{order['uuid']}/")
    assert (seen["state"], seen["error_message"]) == ("erred", "no [red]quota[/red]")
    assert (await world.reload(order["marketplace_resource_uuid"]))["state"] == "Erred"
    assert await world.invoices() == []


async def test_not_yet_means_later(world: World, actor: Actor) -> None:
    actor.answers = [Retry(30, "still building"), ActionRequired("sign the form")]
    with world.at("2026-05-10 12:00"):
        order = await ordered(world)
        await world.drain()
    seen = await world.must("owner", "GET", f"/api/marketplace-orders/{order['uuid']}/")
    assert (seen["state"], seen["output"], len(actor.seen)) == ("executing", "still building", 1)
    with world.at("2026-05-10 12:01"):
        await world.drain()
    seen = await world.must("owner", "GET", f"/api/marketplace-orders/{order['uuid']}/")
    assert (seen["state"], seen["output"], len(actor.seen)) == ("executing", "sign the form", 2)


async def test_an_unknown_type_fails_its_order(world: World) -> None:
    order = await ordered(world)
    market: Market = world.market
    assert isinstance(market.plugins, dict)
    del market.plugins["Marketplace.Basic"]
    await world.drain()
    seen = await world.must("owner", "GET", f"/api/marketplace-orders/{order['uuid']}/")
    assert (seen["state"], seen["error_message"]) == ("erred", "No plugin provides Marketplace.Basic here.")
