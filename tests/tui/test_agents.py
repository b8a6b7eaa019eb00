"""Site agents, as their providers see them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from mercato.schemas import site_agents as api
from tui.looking import NARROW, WIDE, entered, go, screen_text, until, until_text
from tui.marketplace import Place

pytestmark = pytest.mark.pilot

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x45"])
LINES = (
    ("DEBUG", "looking for orders"),
    ("INFO", "order [red]done[/]"),
    ("WARNING", "slow answer"),
    ("ERROR", "sacctmgr: no such account"),
)


async def agent(place: Place) -> str:
    """An agent that works and logs."""
    petra = place.api("petra")
    now = datetime.now(UTC)
    new = api.NewIdentity(
        offering=UUID(place.ids["puhti"]), name="puhti-agent [x]", version="1.0.7", last_restarted=now,
        config_file_path="/etc/agent.yaml", config_file_content="offerings:\n  - name: [puhti]\n",
    )  # fmt: skip
    made = await petra(api.IDENTITY_CREATE, new)
    service = await petra(
        api.REGISTER_SERVICE, api.NewService(name="order_process-1", mode="order_process"), uuid=made.uuid
    )
    await petra(
        api.REGISTER_PROCESSOR,
        api.NewProcessor(name="orders", backend_type="slurm", backend_version="23.11"),
        uuid=service.uuid,
    )
    entries = [
        api.NewLogEntry(
            agent_identity_uuid=UUID(made.uuid), timestamp=now.timestamp() + index, level=api.LogLevel(level),
            message=text, module="backend.slurm",
        )
        for index, (level, text) in enumerate(LINES)
    ]  # fmt: skip
    await petra(api.LOGS_CREATE, entries)
    return made.uuid


@SIZES
async def test_an_agent_what_runs_in_it_and_what_it_logs(place: Place, size: tuple[int, int]) -> None:
    await agent(place)
    async with entered(place, "petra", size) as (app, pilot):
        await go(app, pilot, "agents")
        text = await until_text(pilot, "puhti-agent [x]", "Puhti HPC", "● active", "just now")
        assert all(len(line) <= size[0] for line in text.splitlines())
        await pilot.press("enter")
        text = await until_text(
            pilot, "order_process-1", "orders  slurm 23.11", "/etc/agent.yaml", "order [red]done[/]", "1.0.7"
        )
        assert all(len(line) <= size[0] for line in text.splitlines())
        assert text.index("sacctmgr") < text.index("slow answer") < text.index("looking for orders")
        await pilot.press("right")
        await until(pilot, lambda: "looking for orders" not in screen_text(app))
        await pilot.press("right", "right")
        await until(pilot, lambda: "slow answer" not in screen_text(app))
        await pilot.press("enter")
        await until_text(pilot, "Log entry", "sacctmgr: no such account")
        await pilot.press("q", "c")
        await until_text(pilot, "- name: [puhti]")


async def test_an_agent_is_forgotten(place: Place) -> None:
    uuid = await agent(place)
    async with entered(place, "petra", WIDE) as (app, pilot):
        await go(app, pilot, "agents")
        await until_text(pilot, "puhti-agent [x]")
        app.nav.open(f"agent/{uuid}")
        await until_text(pilot, "D Forget it")
        await pilot.press("D")
        await until_text(pilot, "Forget the agent?")
        await pilot.press("y")
        await until_text(pilot, "No site agent works for your offerings yet.", "registers itself")


async def test_customers_have_no_agents(place: Place) -> None:
    await agent(place)
    async with entered(place, "olga") as (app, pilot):
        app.nav.go("agents")
        await pilot.pause()
        assert app.nav.place == "home"
