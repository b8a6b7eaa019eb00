"""The event log: what happened, to whom and where, as people read it."""

from __future__ import annotations

import httpx
import pytest

from mercato.schemas import events
from tui.looking import NARROW, WIDE, Disturbed, entered, go, screen_text, until, until_text, write
from tui.marketplace import Place

pytestmark = pytest.mark.pilot


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x45"])
async def test_the_newest_comes_first(place: Place, size: tuple[int, int]) -> None:
    async with entered(place, "olga", size) as (app, pilot):
        await go(app, pilot, "log")
        text = await until_text(pilot, "What happened", "for Notebook server", "for Web server")
        assert text.index("for Notebook server") < text.index("for Web server")
        assert all(len(line) <= size[0] for line in text.splitlines())


async def test_words_and_groups_narrow_it(place: Place) -> None:
    async with entered(place, "olga", WIDE) as (app, pilot):
        await go(app, pilot, "log")
        await until_text(pilot, "Notebook server")
        write(app, "#search", "Refused machine")
        await until(pilot, lambda: "Notebook server" not in screen_text(app))
        assert "Refused machine" in screen_text(app)
        write(app, "#search", "")
        await until_text(pilot, "Notebook server")
        app.screen.query_one("VList").focus()
        await pilot.press("right", "right", "right", "right")
        await until(pilot, lambda: "Notebook server" not in screen_text(app))
        await until_text(pilot, "User olga logged in.")
        write(app, "#search", "never heard of")
        await until_text(pilot, "Nothing like that has happened.", "another group")


async def test_any_group_by_the_command_line(place: Place) -> None:
    way = Disturbed(place)
    async with entered(place, "stella", WIDE, transport=way) as (_app, pilot):
        await until_text(pilot, "Waits for you")
        await pilot.press("colon", *"log group=permissions", "enter")
        await until_text(pilot, " Permissions ", "PROJECT.MANAGER")
        assert any("feature=permissions" in str(request.url) for request in way.seen)


async def test_the_preview_tells_all_an_entry_knows(place: Place) -> None:
    async with entered(place, "olga", WIDE) as (app, pilot):
        await go(app, pilot, "log")
        await until_text(pilot, "By", "Max Manager (max)", "Details", "Organisation")


async def test_an_entry_opens_and_leads_to_its_resource(place: Place) -> None:
    rows = await place.api("olga").page(events.LOG, events.EventQuery(scope=place.ids["lab"], page_size=50))
    made = next(row for row in rows.rows if row.event_type == "marketplace_resource_create_succeeded")
    async with entered(place, "olga", NARROW) as (app, pilot):
        app.nav.open(f"event/{made.uuid}")
        text = await until_text(pilot, "Lab cluster", "marketplace_resource_create_succeeded", "Details")
        assert "Open what it is about" in text
        await pilot.press("o")
        await until_text(pilot, "456 of 1,000 hours")


async def test_l_shows_what_happened_in_one_place(place: Place) -> None:
    async with entered(place, "stella", WIDE) as (app, pilot):
        app.nav.open(f"resource/{place.ids['lab']}")
        await until_text(pilot, "L Event log")
        await pilot.press("L")
        text = await until_text(pilot, "Lab cluster › Event log", "Usage of Lab cluster")
        assert "Web server" not in text
        app.nav.open(f"project/{place.ids['alpha']}")
        await until_text(pilot, "Protein folding")
        await pilot.press("l")
        await until_text(pilot, "Alpha › Event log", "Web server")
        app.nav.open(f"organisation/{place.ids['aurora']}")
        await until_text(pilot, "aurora@example.org")
        await pilot.press("l")
        text = await until_text(pilot, "Aurora Computing › Event log", "Offering Cloud VM has been created.")
        assert "Lab cluster has" not in text


async def test_what_a_backend_wrote_is_no_markup(place: Place) -> None:
    way = Disturbed(place)
    hostile = {
        "uuid": "0" * 32,
        "created": "2026-11-12T12:00:00Z",
        "event_type": "marketplace_resource_terminate_failed",
        "message": "[red]gone[/] [/foo] \u202eevil",
        "context": {"error": "[bold]x[/y]", "limits": {"cpu[": 1}, "resource_name": "[link=x]r"},
    }

    def say(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/api/events/":
            return httpx.Response(200, json=[hostile], headers={"X-Result-Count": "1"})
        return None

    way.trouble = say
    async with entered(place, "olga", WIDE, transport=way) as (app, pilot):
        await go(app, pilot, "log")
        await until_text(pilot, "[red]gone[/] [/foo] evil", "[bold]x[/y]", '{"cpu[":1}', "[link=x]r")
