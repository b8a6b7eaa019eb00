"""Moving about by keyboard and mouse: places, history, palette, command line, help, context, themes."""

from __future__ import annotations

import pytest
from textual import events
from textual.content import Content

from mercato_tui.nav.registry import DESTINATIONS
from tui.looking import NARROW, WIDE, entered, go, quiet, screen_text, until, until_text
from tui.marketplace import Place

pytestmark = pytest.mark.pilot

MINE = ["my-accounts", "keys", "tokens"]
CUSTOMER = ["home", "catalogue", "orders", "resources", "invoices", "projects", "organisations", "log", *MINE]


async def test_who_sees_which_places(place: Place) -> None:
    from mercato_tui.nav.registry import shown_to

    async with entered(place, "max") as (app, _pilot):
        assert [found.id for found in shown_to(app.session)] == CUSTOMER
    async with entered(place, "petra") as (app, _pilot):
        assert {"inbox", "offerings", "sold"} < {found.id for found in shown_to(app.session)}
        assert "users" not in {found.id for found in shown_to(app.session)}
    async with entered(place, "stella") as (app, _pilot):
        assert [found.id for found in shown_to(app.session)] == [found.id for found in DESTINATIONS]


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x45"])
async def test_every_place_can_be_reached_by_its_key(place: Place, size: tuple[int, int]) -> None:
    async with entered(place, "stella", size) as (app, pilot):
        for found in DESTINATIONS:
            app.screen.set_focus(None)
            await pilot.press("g", found.key)
            await until(pilot, lambda wanted=found.id: app.nav.place == wanted)  # type: ignore[misc]
            await quiet(pilot)
            text = screen_text(app)
            assert found.label[:6] in text
            assert "Something went wrong" not in text
            assert "✖ The server" not in text
            assert all(len(line) <= size[0] for line in text.splitlines())


async def test_back_forward_up_and_home(place: Place) -> None:
    async with entered(place, "olga") as (app, pilot):
        await go(app, pilot, "orders")
        app.nav.open(f"order/{place.ids['waiting']}")
        await until_text(pilot, "Orders › Web server")
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: app.nav.trail == ["Orders"])
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: app.nav.place == "home")
        await pilot.press("right_square_bracket", "right_square_bracket")
        await until_text(pilot, "Orders › Web server")
        await pilot.press("q")
        await until(pilot, lambda: app.nav.trail == ["Orders"])
        await pilot.press("escape")
        await until(pilot, lambda: app.nav.place == "home")


async def test_the_palette_finds_places_and_shows_themes(place: Place) -> None:
    async with entered(place, "olga") as (app, pilot):
        await pilot.press("ctrl+p")
        await until_text(pilot, "Commands", "Go to Catalogue")
        assert app.theme == "notturno"
        await pilot.press(*"mattino")
        await until(pilot, lambda: app.theme == "mattino")
        await pilot.press("escape")
        await until(pilot, lambda: app.theme == "notturno")
        await pilot.press("ctrl+p", *"invoices", "enter")
        await until(pilot, lambda: app.nav.place == "invoices")


async def test_the_command_line_goes_searches_and_filters(place: Place) -> None:
    async with entered(place, "olga") as (app, pilot):
        await quiet(pilot)
        await pilot.press("colon", *"orders state=rejected", "enter")
        await until_text(pilot, "rejected", "Refused machine")
        await until(pilot, lambda: "Web server" not in screen_text(app))
        await pilot.press("colon", *"nowhere", "enter")
        await until_text(pilot, "No place is called nowhere.")
        await pilot.press("colon", *"theme contrasto", "enter")
        await until(pilot, lambda: app.theme == "contrasto")


async def test_help_names_the_keys_of_the_page(place: Place) -> None:
    async with entered(place, "petra", WIDE) as (app, pilot):
        await go(app, pilot, "inbox")
        await until_text(pilot, "Web server")
        await pilot.press("question_mark")
        text = await until_text(pilot, "This page", "Everywhere", "Go to", "Approve")
        assert "g a" in text
        await pilot.press("escape")
        await until(pilot, lambda: "Everywhere" not in screen_text(app))


async def test_looking_at_one_project_narrows_the_lists(place: Place) -> None:
    async with entered(place, "stella", WIDE) as (app, pilot):
        await pilot.press("at")
        await until_text(pilot, "All organisations", "▸ Alpha", "Aurora Computing")
        await pilot.press(*"aurora", "enter")
        await until_text(pilot, "Aurora Computing")
        await go(app, pilot, "orders")
        await until_text(pilot, "No orders yet.")
        await pilot.press("at", *"alpha", "enter")
        await until_text(pilot, "Acme Research ▸ Alpha", "Lab cluster")


async def test_everything_by_mouse(place: Place) -> None:
    async with entered(place, "olga", WIDE) as (app, pilot):
        await quiet(pilot)
        await pilot.click("Sidebar", offset=(5, 3))
        await until(pilot, lambda: app.nav.place == "orders")
        await until_text(pilot, "Web server")
        await pilot.click("VList", offset=(10, 3))
        await until(pilot, lambda: app.screen.query_one("VList").cursor == 2)  # type: ignore[attr-defined]
        await pilot.click("VList", offset=(10, 3))
        await until(pilot, lambda: len(app.nav.trail) == 2)
        await pilot.click("Crumbs", offset=(3, 0))
        await until(pilot, lambda: app.nav.trail == ["Orders"])
        await pilot.click("Chips", offset=(8, 0))
        await until(pilot, lambda: "Lab cluster" not in screen_text(app))
        await pilot.click("KeyBar", offset=(12, 0))
        await pilot.pause()
        assert app.focused is not None
        assert app.focused.id == "search"


async def test_tabs_on_narrow_terminals(place: Place) -> None:
    async with entered(place, "stella", NARROW) as (app, pilot):
        await quiet(pilot)
        await pilot.click("Crumbs", offset=(10, 0))
        await until(pilot, lambda: app.nav.place == "catalogue")
        await go(app, pilot, "users")
        await until_text(pilot, "‹", "Users", "stella")


async def test_leaving_from_inside_a_dialog(place: Place) -> None:
    async with entered(place, "olga") as (app, pilot):
        await pilot.press("ctrl+p")
        await until_text(pilot, "Commands")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running or app._exit)


async def test_keys_typed_faster_than_an_overlay_opens_wait_for_it(place: Place) -> None:
    async with entered(place, "olga") as (app, pilot):
        await quiet(pilot)
        for key in ("g", "c"):
            app.simulate_key(key)
        await until(pilot, lambda: app.nav.place == "catalogue")
        for key in ("colon", *"orders", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: app.nav.place == "orders")
        assert app.nav.trail == ["Orders"]


async def test_a_builtin_theme_has_all_our_colours(place: Place) -> None:
    async with entered(place, "olga") as (app, pilot):
        for name in ("nord", "textual-light", "ansi-dark"):
            app.theme = name
            await pilot.pause()
            assert Content.styled("x", "$muted on $cursor").plain == "x"
            assert "Olga Owner" in screen_text(app)


async def test_a_terminal_that_is_resized(place: Place) -> None:
    async with entered(place, "olga", WIDE) as (app, pilot):
        app.nav.open(f"resource/{place.ids['lab']}")
        await until_text(pilot, "g c", "45.6 %")
        await pilot.resize_terminal(*NARROW)
        await until(pilot, lambda: "g c" not in screen_text(app))
        assert "45.6 %" in screen_text(app)
        assert all(len(line) <= 80 for line in screen_text(app).splitlines())
        await pilot.resize_terminal(*WIDE)
        await until_text(pilot, "g c", "45.6 %")
