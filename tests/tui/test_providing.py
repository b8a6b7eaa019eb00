"""Screens of those who sell: how they are doing, programs at resources, accounts to the end, their log."""

from __future__ import annotations

from pathlib import Path

import pytest

from furnished import KEY
from mercato.schemas import (
    Nothing,
    access,
    accounts,
    catalog,
    events,
    orders,
    providers,
    resources,
    tenants,
    usage,
)
from mercato.schemas import robot_accounts as robots
from mercato.schemas.plans import NewPlan, Unit
from mercato_tui.screens.accounts import MOVES
from mercato_tui.screens.robots import MOVES as ROBOT_MOVES
from mercato_tui.session import uuid
from mercato_tui.widgets.people import people_of
from mercato_tui.widgets.robot import STEPS
from tui.looking import NARROW, WIDE, entered, go, screen_text, until, until_text, write
from tui.marketplace import Place

pytestmark = pytest.mark.pilot

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x45"])


async def choose(pilot: object, label: str) -> None:
    await pilot.press("enter")  # type: ignore[attr-defined]
    await until_text(pilot, "type to search", label)  # type: ignore[arg-type]
    await pilot.press(*label)  # type: ignore[attr-defined]
    await pilot.press("enter")  # type: ignore[attr-defined]


def fits(text: str, size: tuple[int, int]) -> bool:
    return all(len(line) <= size[0] for line in text.splitlines())


# -- the provider itself -----------------------------------------------------------------------


@SIZES
async def test_how_a_provider_is_doing(place: Place, size: tuple[int, int]) -> None:
    async with entered(place, "petra", size) as (app, pilot):
        app.nav.open(f"organisation/{place.ids['aurora']}")
        await until_text(pilot, "Petra Provider      owner" if size == NARROW else "As a provider")
        await pilot.press("s")
        text = await until_text(pilot, "Aurora Computing", "How it is going", "Orders waiting", "Resources")
        assert fits(text, size)
        await until_text(pilot, "Acme Research")


async def test_a_provider_says_who_it_is_and_shows_its_code(place: Place, tmp_path: Path) -> None:
    async with entered(place, "petra", WIDE) as (app, pilot):
        app.nav.open(f"provider/{place.ids['aurora']}")
        await until_text(pilot, "How it is going", "Acme Research", "Mia Member")
        await pilot.press("e")
        await until_text(pilot, "What you say of yourself")
        app.screen.query_one("#description-field TextArea").text = "We [red]compute[/]"  # type: ignore[attr-defined]
        await pilot.press("ctrl+s")
        await until_text(pilot, "We [red]compute[/]", "Changed.")
        await pilot.press("i")
        await until_text(pilot, "Your image")
        write(app, "#image-field Input", str(tmp_path / "no.txt"))
        await pilot.press("ctrl+s")
        await until_text(pilot, "An image file, please.")
        (tmp_path / "dot.gif").write_bytes(b"GIF89a\x01\x00\x01\x00\x00\x00\x00,")
        write(app, "#image-field Input", str(tmp_path / "dot.gif"))
        await pilot.press("ctrl+s")
        await until_text(pilot, "there is one")
        await pilot.press("s")
        await until_text(pilot, "Secret code", "y copies")
        await pilot.press("y")
        await until(pilot, lambda: len(app.clipboard) == 40)
        first = app.clipboard
        await pilot.press("q")
        await until(pilot, lambda: "y copies" not in screen_text(app))
        await pilot.press("S")
        await until_text(pilot, "Make another secret code?")
        await pilot.press("y")
        await until_text(pilot, "There is a new secret code.")
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard not in ("", first))


async def test_an_onlooker_changes_nothing(place: Place) -> None:
    async with entered(place, "petra", WIDE) as (app, pilot):
        app.nav.open(f"organisation/{place.ids['aurora']}")
        await until_text(pilot, "As a provider")
    async with entered(place, "olga", WIDE) as (app, pilot):
        app.nav.open(f"organisation/{place.ids['acme']}")
        await until_text(pilot, "Acme Research", "Team")
        assert "As a provider" not in screen_text(app)


async def test_a_providers_log_tells_of_its_customers_orders(place: Place) -> None:
    whole = events.EventQuery(provider_uuid=uuid(place.ids["aurora"]), page_size=100)
    rows = await place.api("petra")(events.LOG, whole)
    assert any(row.event_type == "marketplace_order_created" for row in rows)
    async with entered(place, "petra", WIDE) as (app, pilot):
        app.nav.open(f"log-of/organisation/{place.ids['aurora']}")
        await until_text(pilot, "What happened", "order")
        write(app, "#search", "Web server")
        await until_text(pilot, "Web server")


# -- programs ----------------------------------------------------------------------------------


def test_the_steps_are_the_servers() -> None:
    from mercato.robot_accounts.states import ROBOT

    names = {"begin_creating": "creating", "set_ok": "ok", "set_erred": "erred", "set_deleted": "deleted"}
    ways = {
        (row.source.value, names.get(row.action, row.action)) for row in ROBOT.rows if row.action != "end"
    }
    assert {(source.value, name) for name, _label, sources in STEPS for source in sources} == ways
    assert set(ROBOT_MOVES) == {name for name, _label, _sources in STEPS}


@SIZES
async def test_a_program_gets_an_account(place: Place, size: tuple[int, int]) -> None:
    async with entered(place, "petra", size) as (app, pilot):
        app.nav.open(f"sold-resource/{place.ids['lab']}")
        await until_text(pilot, "Usage")
        await pilot.press("a")
        await until_text(pilot, "No robot account.", "n New")
        await pilot.press("n")
        await until_text(pilot, "A new robot account")
        write(app, "#type-field Input", "toolong")
        write(app, "#username-field Input", "builder")
        app.screen.query_one("#keys-field TextArea").text = KEY  # type: ignore[attr-defined]
        await pilot.press("ctrl+s")
        await until_text(pilot, "▲")
        write(app, "#type-field Input", "cicd")
        await pilot.press("ctrl+s")
        text = await until_text(pilot, "requested", "builder", "cicd", "enter What now")
        assert fits(text, size)
        await choose(pilot, "It can be used")
        await until_text(pilot, "● in use")
        await choose(pilot, "Something went wrong")
        await until_text(pilot, "What went wrong")
        app.screen.query_one("#error_message-field TextArea").text = "Disk [full]"  # type: ignore[attr-defined]
        await pilot.press("ctrl+s")
        await until_text(pilot, "✖ failed")
        if size == WIDE:
            await until_text(pilot, "Disk [full]", "Its own keys", "SHA256:")
        await choose(pilot, "Change it")
        await until_text(pilot, "What for")
        write(app, "#description-field Input", "Builds")
        await pilot.press("ctrl+s")
        await until_text(pilot, "Done.")
    [made] = await place.api("olga")(robots.ROBOT_ACCOUNTS, robots.RobotAccountQuery())
    assert (made.state, made.description, len(made.keys)) == ("Error", "Builds", 1)
    async with entered(place, "olga", size) as (app, pilot):
        app.nav.open(f"robots/{place.ids['lab']}")
        await until_text(pilot, "builder", "failed")
        assert "n New" not in screen_text(app)
    async with entered(place, "petra", size) as (app, pilot):
        app.nav.open(f"robots/{place.ids['lab']}")
        await until_text(pilot, "builder")
        await choose(pilot, "Forget it")
        await until_text(pilot, "Forget the account?")
        await pilot.press("y")
        await until_text(pilot, "No robot account.")


# -- accounts of people ------------------------------------------------------------------------


async def used_account(place: Place) -> str:
    new = accounts.NewOfferingUser(user=place.ids["mia"], offering=place.ids["puhti"], username="mmember")
    petra = place.api("petra")
    made = (await petra(accounts.OFFERING_USER_CREATE, new)).uuid
    assert (await petra(accounts.OFFERING_USER, uuid=made)).state == "OK"
    return made


async def test_what_an_account_still_waits_for(place: Place) -> None:
    made = await used_account(place)
    async with entered(place, "petra", WIDE) as (app, pilot):
        await go(app, pilot, "accounts")
        app.screen.query_one("#chips").choose("used")  # type: ignore[attr-defined]
        await until_text(pilot, "mmember")
        await choose(pilot, "Say what it still waits for")
        await until_text(pilot, "What is missing?", "They link an account")
        await pilot.press(*"link")
        await pilot.press("enter")
        await until_text(pilot, "In use, but", "Pending account linking")
    found = await place.api("petra")(accounts.OFFERING_USER, uuid=made)
    assert (found.state, found.runtime_state) == ("OK", "Pending account linking")


async def test_a_deleted_account_is_forgotten(place: Place) -> None:
    made = await used_account(place)
    petra = place.api("petra")
    for action in ("request_deletion", "set_deleting", "set_deleted"):
        await petra(MOVES[action], Nothing(), uuid=made)
    async with entered(place, "petra", WIDE) as (app, pilot):
        await go(app, pilot, "accounts")
        app.screen.query_one("#chips").choose("deleted")  # type: ignore[attr-defined]
        await until_text(pilot, "mmember")
        await choose(pilot, "Forget it")
        await until_text(pilot, "Forget the account?", "mmember")
        await pilot.press("y")
        await until_text(pilot, "No such accounts.")


async def test_whose_accounts_where_one_works_for_several(place: Place) -> None:
    await used_account(place)
    staff = place.api("stella")
    second = await staff(tenants.CUSTOMER_CREATE, tenants.NewCustomer(name="Borealis"))
    await staff(providers.PROVIDER_CREATE, providers.NewServiceProvider(customer=second.uuid))
    owner = access.NewMember(user=place.ids["petra"], role="CUSTOMER.OWNER")
    await staff(access.CUSTOMER_MEMBERS[1], owner, uuid=second.uuid)
    async with entered(place, "petra", WIDE) as (app, pilot):
        await go(app, pilot, "accounts")
        app.screen.query_one("#chips").choose("used")  # type: ignore[attr-defined]
        await until_text(pilot, "mmember", "o Organisation")
        for name, seen in (("Borealis", False), ("Aurora", True), ("All of them", True)):
            await pilot.press("o")
            await until_text(pilot, "Whose accounts?")
            await pilot.press(*name)
            await pilot.press("enter")
            await until(pilot, lambda seen=seen: ("mmember" in screen_text(app)) == seen)  # type: ignore[misc]


async def test_the_people_of_a_resource_are_all_there(place: Place) -> None:
    petra, found = place.api("petra"), place.ids["lab"]
    today = (await petra(resources.PROVIDER_RESOURCE, uuid=found)).created.date()
    asked: list[int] = []

    class Many:
        async def __call__(self, *_a: object, **_k: object) -> list[accounts.TeamMember]:
            return []

        async def page(self, _endpoint: object, query: usage.UserUsageQuery) -> object:
            assert isinstance(query.page, int)
            asked.append(query.page)
            first = (query.page - 1) * 300
            rows = [_row(number) for number in range(first, min(first + 300, 650))]
            return type("Page", (), {"rows": rows, "total": 650})()

    people = await people_of(Many(), accounts.PROVIDER_TEAM, found, today)  # type: ignore[arg-type]
    assert (asked, len(people)) == ([1, 2, 3], 650)


def _row(number: int) -> object:
    values = {"username": f"u{number}", "component_type": "cpu", "measured_unit": "h", "usage": 1.5}
    return type("Row", (), values)()


# -- months in advance -------------------------------------------------------------------------


@SIZES
async def test_months_are_ordered_in_advance(place: Place, size: tuple[int, int]) -> None:
    part = catalog.NewComponent(
        type="hours", name="Hours", billing_type=catalog.BillingType.USAGE, measured_unit="h", is_prepaid=True,
        limit_period=catalog.LimitPeriod.TOTAL, min_prepaid_duration=3, max_prepaid_duration=24, default_limit=100,
    )  # fmt: skip
    new = catalog.NewOffering(
        name="Ahead", category=place.ids["HPC"], customer=place.ids["aurora"], type="Marketplace.Basic",
        components=[part], plans=[NewPlan(name="P", unit=Unit.MONTH, prices={"hours": "0.10"})],
    )  # fmt: skip
    petra = place.api("petra")
    offering = (await petra(catalog.OFFERING_CREATE, new)).uuid
    await petra(catalog.OFFERING_ACTIVATE, Nothing(), uuid=offering)
    async with entered(place, "olga", size) as (app, pilot):
        app.nav.open(f"configure/{offering}")
        await until_text(pilot, "Order Ahead", "Hours", "Months")
        write(app, "#attributes-name-field Input", "mine")
        if size == WIDE:
            await until_text(pilot, "100 h × 3 months × €0.10", "30.00")
        write(app, "#attributes-months-field Input", "2")
        await pilot.press("ctrl+s")
        await until_text(pilot, "At least 3.")
        write(app, "#attributes-months-field Input", "6")
        if size == WIDE:
            await until_text(pilot, "60.00")
        await pilot.press("ctrl+s")
        text = await until_text(pilot, "provider approval", "€60.00", "for 6 months")
        assert ("Prepaid" in text, fits(text, size)) == (False, True)
    [order] = await place.api("olga")(orders.ORDERS, orders.OrderQuery(offering_uuid=uuid(offering)))
    assert (order.attributes["months"], order.cost, order.limits) == (6, "60", {"hours": 100})
