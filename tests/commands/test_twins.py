"""The commands do what the screens do: against the real application, as different people."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
from click.testing import CliRunner, Result

from furnished import furnish
from mercato.cli import main
from mercato_tui.commands import TWINS
from mercato_tui.commands import connecting as twins
from mercato_tui.server import Connection, Tokens
from world import World

pytestmark = pytest.mark.http

HERE = "http://marketplace.test"
Run = Callable[..., Any]


@pytest.fixture
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tokens:
    kept = Tokens(tmp_path / "tokens.json")
    monkeypatch.setattr(Tokens, "default", classmethod(lambda _cls: kept))
    return kept


class AtHome(httpx.AsyncBaseTransport):
    """Asks the application in the loop where its database connections live; commands have a loop of their own."""

    def __init__(self, app: Any, home: asyncio.AbstractEventLoop) -> None:
        self._inner, self._home = httpx.ASGITransport(app=app), home

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._ask(request), self._home))

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


@pytest.fixture
async def run(world: World, tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`await run(who, "orders", "list")`: the command as this person; `who` None is signed in nowhere."""
    transport = AtHome(world._house.app, asyncio.get_running_loop())

    def client(_self: Connection, url: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=transport, base_url=url)

    monkeypatch.setattr(Connection, "client", client)

    async def go(who: str | None, *args: str, text: str = "", code: int = 0) -> Result:
        environment = {"MERCATO_SERVER": HERE, "MERCATO_TOKEN": world.tokens[who] if who else ""}
        runner = CliRunner(env=environment)
        found = await asyncio.to_thread(
            runner.invoke, main, list(args), input=text, prog_name="mercato", terminal_width=100
        )
        assert found.exit_code == code, (args, found.output, found.exception)
        return found

    return go


# -- signing in ------------------------------------------------------------------------------------


async def test_who_signs_in_stays_signed_in(run: Run, world: World, tokens: Tokens) -> None:
    body = {"username": "newman", "email": "n@example.org", "password": "a long and good one"}
    await world.must("staff", "POST", "/api/users/", body, 201)
    said = await run(None, "login", "-u", "newman", "--password-stdin", text="a long and good one\n")
    assert "You are newman" in said.output
    assert "newman" in (await run(None, "whoami")).output
    assert (await run(None, "logout")).output == f"Signed out of {HERE}.\n"
    assert tokens.get(HERE) is None
    assert "mercato login" in (await run(None, "whoami", code=1)).output


async def test_a_wrong_password_says_so(run: Run, tokens: Tokens) -> None:
    said = await run(None, "login", "-u", "nobody", "--password-stdin", text="wrong\n", code=1)
    assert "Sign in again" not in said.output
    assert tokens.get(HERE) is None


async def test_a_key_is_checked_before_it_is_kept(run: Run, world: World, tokens: Tokens) -> None:
    await run(None, "login", "--token", "f" * 40, code=1)
    assert tokens.get(HERE) is None
    await run(None, "login", "--token", world.tokens["owner"])
    assert tokens.get(HERE) == world.tokens["owner"]


async def test_an_ended_session_can_be_left(run: Run, tokens: Tokens) -> None:
    tokens.put(HERE, "f" * 40)
    await run(None, "logout")
    assert tokens.get(HERE) is None


def test_without_a_marketplace_one_is_asked_for(tokens: Tokens, tmp_path: Path) -> None:
    runner = CliRunner(env={"MERCATO_DATA_DIR": str(tmp_path), "MERCATO_SERVER": "", "MERCATO_TOKEN": ""})
    found = runner.invoke(main, ["orders"])
    assert found.exit_code == 2
    assert "--server URL" in found.output
    tokens.put("https://one.example", "x")
    assert "one.example" not in runner.invoke(main, ["orders", "--help"]).output
    tokens.put("https://two.example", "x")
    assert "https://one.example, https://two.example" in runner.invoke(main, ["orders"]).output


def test_an_address_is_one(tokens: Tokens) -> None:
    found = CliRunner().invoke(main, ["orders", "list", "--server", "market.example"])
    assert found.exit_code == 2
    assert "http://" in found.output


async def test_a_server_that_is_away_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def client(_self: Connection, url: str) -> httpx.AsyncClient:
        def away(_request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("away")

        return httpx.AsyncClient(transport=httpx.MockTransport(away), base_url=url)

    monkeypatch.setattr(Connection, "client", client)
    runner = CliRunner(env={"MERCATO_TOKEN": "x"})
    found = await asyncio.to_thread(runner.invoke, main, ["orders", "list", "--server", HERE])
    assert (found.exit_code, found.output) == (1, f"Error: {HERE} does not answer.\n")


# -- every command ---------------------------------------------------------------------------------


def _commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    context = click.Context(main)
    for name in TWINS:
        command = main.get_command(context, name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, verb) for verb in command.commands]
    return found


@pytest.mark.parametrize("names", _commands(), ids=" ".join)
def test_every_command_explains_itself(names: tuple[str, ...]) -> None:
    found = CliRunner().invoke(main, [*names, "--help"], prog_name="mercato")
    assert found.exit_code == 0
    assert "Usage: mercato" in found.output


LISTS = [names for names in _commands() if names[-1] == "list"]


async def test_every_list_lists(run: Run, world: World) -> None:
    await furnish(world)
    for noun, verb in LISTS:
        plain = await run("staff", noun, verb)
        whole = json.loads((await run("staff", noun, verb, "--json")).stdout)
        table = list(csv.reader(io.StringIO((await run("staff", noun, verb, "--csv")).stdout)))
        assert len(table) == len(whole) + 1, noun
        if whole:
            heading, *rows = plain.stdout.splitlines()
            assert len(rows) == min(len(whole), 50), noun
            assert heading.isupper(), noun


async def test_a_noun_alone_lists(run: Run, world: World) -> None:
    await world.order(await world.offering())
    assert (await run("owner", "orders")).stdout == (await run("owner", "orders", "list")).stdout


async def test_nothing_is_said_kindly_and_beside_the_data(run: Run) -> None:
    found = await run("owner", "orders")
    assert (found.stdout, found.stderr) == ("", "No orders.\n")


# -- ordering --------------------------------------------------------------------------------------

PLACE = ("orders", "create", "--offering", "HPC", "--project", "Alpha", "--name", "run 1")
LIMITS = ("--limit", "cpu=1000", "--limit", "ram=256", "--limit", "storage=500")


async def test_an_order_from_the_first_look_to_the_last_bill(run: Run, world: World) -> None:
    await world.offering()
    priced = await run("owner", *PLACE, *LIMITS, "--estimate")
    assert "every month from the next" in priced.output
    assert "No orders." in (await run("owner", "orders")).output
    placed = await run("owner", *PLACE, *LIMITS, "--yes")
    assert "is pending-provider." in placed.output
    order = json.loads((await run("seller", "orders", "list", "--json")).stdout)[0]
    assert order["attributes"] == {"name": "run 1"}
    assert order["limits"] == {"cpu": 1000, "ram": 256, "storage": 500}
    assert "is approved" in (await run("seller", "orders", "approve", order["slug"])).output
    await world.drain()
    shown = (await run("owner", "resources", "show", "run 1")).output
    assert "State" in shown
    assert "OK" in shown
    await run("owner", "resources", "update-limits", "run 1", "--limit", "cpu=2000")
    order = json.loads((await run("seller", "orders", "list", "--json")).stdout)[0]
    await run("seller", "orders", "approve", order["uuid"])
    await world.drain()
    assert "cpu 2000" in (await run("owner", "resources", "show", "run 1")).output
    bill = json.loads((await run("owner", "invoices", "list", "--json")).stdout)[0]
    lines = (await run("owner", "invoices", "lines", bill["uuid"])).output
    assert "run 1" in lines
    assert bill["total"].split(".", maxsplit=1)[0] in bill["total"]


async def test_the_price_is_the_servers(run: Run, world: World) -> None:
    """The estimate's next month is what the server charges for a whole month."""
    await world.offering()
    with world.at("2026-03-01T00:00:01"):
        placed = await run("owner", *PLACE, *LIMITS, "--yes")
        [order] = json.loads((await run("seller", "orders", "list", "--json")).stdout)
        await world.done(order["uuid"])
        [bill] = await world.invoices()
    whole = bill["price"].replace(".", "")
    assert whole in placed.output.replace(",", "").replace(".", "")


async def test_the_provider_refuses_and_the_customer_takes_back(run: Run, world: World) -> None:
    offering = await world.offering()
    first = await world.order(offering)
    await run("seller", "orders", "reject", first["uuid"], "-y", "--provider-rejection-comment", "full")
    assert await world.order_state(first) == "rejected"
    second = await world.order(offering, attributes={"name": "other"})
    await run("owner", "orders", "cancel", second["uuid"], "--yes")
    assert await world.order_state(second) == "canceled"


async def test_whoever_may_approves_for_the_customer(run: Run, world: World) -> None:
    order = await world.order(await world.offering(), "manager")
    assert order["state"] == "pending-consumer"
    await run("owner", "orders", "approve", order["uuid"])
    assert await world.order_state(order) == "pending-provider"


async def test_what_cannot_be_taken_back_is_asked_for(run: Run, world: World) -> None:
    order = await world.order(await world.offering())
    refused = await run("owner", "orders", "cancel", order["uuid"], code=2)
    assert "--yes" in refused.output
    assert await world.order_state(order) == "pending-provider"


# -- what was typed wrong --------------------------------------------------------------------------


async def test_names_that_mean_nothing_or_too_much(run: Run, world: World) -> None:
    await world.offering()
    unknown = await run("owner", *PLACE[:5], "Beta", *PLACE[6:], "--yes", code=2)
    assert "--project" in unknown.output
    assert "'Beta'" in unknown.output
    second = {"name": "Alpha", "customer": world.ids["buyer"]}
    await world.must("owner", "POST", "/api/projects/", second, 201)
    twice = await run("owner", *PLACE, "--yes", code=2)
    assert "Several" in twice.output
    assert world.ids["alpha"] in twice.output


async def test_the_servers_no_names_every_field(run: Run, world: World) -> None:
    await world.offering()
    refused = await run("owner", *PLACE, *LIMITS, "--limit", "gpu=1", "--yes", code=1)
    assert "limits: Invalid types: gpu" in refused.output


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("orders", "list", "--state", "sleeping"), "--state"),
        (("orders", "list", "--created", "yesterday"), "created"),
        (("resources", "update-limits", "x", "--limit", "cpu"), "NAME=VALUE"),
        (("usage", "report", "x", "cpu=many"), "amount"),
        (("usage", "report", "x", "cpu=1", "--month", "May"), "YYYY-MM"),
    ],
)
async def test_wrong_options_name_themselves(
    run: Run, world: World, args: tuple[str, ...], word: str
) -> None:
    await world.resource(await world.offering(), attributes={"name": "x"})
    assert word in (await run("owner", *args, code=2)).output


# -- the rest of the work --------------------------------------------------------------------------


async def test_a_project_and_its_team(run: Run, world: World) -> None:
    made = await run("owner", "projects", "create", "--name", "Beta", "--organization", "Buyer Org")
    assert made.output.startswith("Beta is there: ")
    await run("owner", "projects", "add", "Beta", "--user", world.ids["member"], "--role", "PROJECT.MEMBER")
    assert "PROJECT.MEMBER" in (await run("owner", "projects", "team", "Beta")).output
    await run(
        "owner", "projects", "remove", "Beta", "--user", world.ids["member"], "--role", "PROJECT.MEMBER", "-y"
    )
    assert "PROJECT.MEMBER" not in (await run("owner", "projects", "team", "Beta")).output
    await run("owner", "projects", "change", "Beta", "--end-date", "2030-01-31")
    assert "2030-01-31" in (await run("owner", "projects", "show", "Beta")).output


async def test_usage_is_reported_by_name(run: Run, world: World) -> None:
    await furnish(world)
    await run("seller", "usage", "report", world.ids["resource"], "hours=2.25", "--description", "by hand")
    assert "2.25" in (await run("owner", "resources", "usage", world.ids["resource"])).output


async def test_a_key_for_programs_is_shown_once(run: Run, world: World) -> None:
    made = await run(
        "owner", "access-tokens", "create", "--name", "ci", "--scopes", "ORDER.LIST",
        "--expires-at", "2099-01-01T00:00:00Z", code=1,
    )  # fmt: skip
    assert "expires_at" in made.output  # too far away: the server says so
    later = (await world.must("owner", "GET", "/api/version/")) and "2027-01-01T00:00:00Z"
    made = await run(
        "owner", "access-tokens", "create", "--name", "ci", "--scopes", "ORDER.LIST", "--expires-at", later
    )
    key = made.output.strip()
    assert (
        await world.client.get("/api/marketplace-orders/", headers={"Authorization": f"Token {key}"})
    ).is_success
    [row] = json.loads((await run("owner", "access-tokens", "list", "--json")).stdout)
    await run("owner", "access-tokens", "revoke", row["uuid"], "--yes")
    gone = await world.client.get("/api/marketplace-orders/", headers={"Authorization": f"Token {key}"})
    assert gone.status_code == 401


async def test_anything_can_be_asked(run: Run, world: World) -> None:
    found = await run("owner", "api", "get", "projects/", "-f", "field=name")
    assert json.loads(found.stdout) == [{"name": "Alpha"}]
    made = await run(
        "owner",
        "api",
        "POST",
        "/api/projects/",
        "-f",
        "name=Gamma",
        "-f",
        f"customer={world.ids['buyer']}",
        "-i",
    )
    assert made.stdout.startswith("201 ")
    refused = await run("owner", "api", "POST", "projects/", "--input", "-", text='{"name": ""}', code=1)
    assert "customer" in refused.output
    assert "is not NAME=VALUE" in (await run("owner", "api", "GET", "projects/", "-f", "x", code=2)).output


async def test_what_others_wrote_cannot_move_the_cursor(run: Run, world: World) -> None:
    name = "evil\x1b[2J\u202egnp.exe"
    made = await world.post("owner", "/api/projects/", {"name": name, "customer": world.ids["buyer"]})
    assert made.is_success
    shown = (await run("owner", "projects", "list")).output
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "evil" in shown


def test_confirmations_need_a_person() -> None:
    twins.confirm("Really?", yes=True)
    with pytest.raises(click.UsageError):
        twins.confirm("Really?", yes=False)
