"""People's accounts at offerings, for those who run them and for those whose they are."""

from __future__ import annotations

import pytest

from mercato.schemas import Nothing, accounts
from mercato_tui.screens.accounts import MOVES
from mercato_tui.widgets.account import STEPS, steps
from tui.looking import NARROW, WIDE, entered, go, screen_text, until, until_text, write
from tui.marketplace import Place

pytestmark = pytest.mark.pilot

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x45"])


async def account(place: Place, who: str = "mia", offering: str = "puhti") -> str:
    new = accounts.NewOfferingUser(user=place.ids[who], offering=place.ids[offering])
    return (await place.api("petra")(accounts.OFFERING_USER_CREATE, new)).uuid


async def state(place: Place, uuid: str) -> str:
    return (await place.api("petra")(accounts.OFFERING_USER, uuid=uuid)).state


def test_the_steps_are_the_servers_arrows() -> None:
    from mercato.accounts.states import OFFERING_USER

    shown = {(source.value, step.action) for step in STEPS for source in step.sources}
    arrows = {(row.source.value, row.action) for row in OFFERING_USER.rows if row.action != "set_username"}
    assert shown == arrows
    assert set(MOVES) == {step.action for step in STEPS}
    assert [step.action for step in steps("Deleted")] == []


async def choose(pilot: object, app: object, label: str) -> None:
    await pilot.press("enter")  # type: ignore[attr-defined]
    await until_text(pilot, "type to search", label)  # type: ignore[arg-type]
    await pilot.press(*label)  # type: ignore[attr-defined]
    await pilot.press("enter")  # type: ignore[attr-defined]


@SIZES
async def test_an_account_is_made_questioned_and_validated(place: Place, size: tuple[int, int]) -> None:
    uuid = await account(place)
    async with entered(place, "petra", size) as (app, pilot):
        await go(app, pilot, "accounts")
        text = await until_text(pilot, "Mia Member", "requested", "Needs you", "enter What now")
        assert all(len(line) <= size[0] for line in text.splitlines())
        await choose(pilot, app, "Begin to make it")
        await until_text(pilot, "being made")
        await choose(pilot, app, "Ask them to link an account")
        await until_text(pilot, "What to do", "Mia Member reads this")
        app.screen.query_one("#comment-field TextArea").text = "Link [it] please"  # type: ignore[attr-defined]
        write(app, "#comment_url-field Input", "nonsense")
        await pilot.press("ctrl+s")
        await until_text(pilot, "▲")
        write(app, "#comment_url-field Input", "https://link.example/mia")
        await pilot.press("ctrl+s")
        await until_text(pilot, "No account needs you.")
        app.screen.query_one("#chips").choose("asked")  # type: ignore[attr-defined]
        await until_text(pilot, "needs linking")
        assert await state(place, uuid) == "Pending account linking"
        await choose(pilot, app, "They did as asked")
        await until(pilot, lambda: "needs linking" not in screen_text(app))
    assert await state(place, uuid) == "OK"


@SIZES
async def test_the_person_reads_what_to_do_and_where(place: Place, size: tuple[int, int]) -> None:
    uuid = await account(place)
    petra = place.api("petra")
    await petra(MOVES["begin_creating"], Nothing(), uuid=uuid)
    said = accounts.Remark(comment="Prove [red]it[/]", comment_url="https://check.example/mia")
    await petra(MOVES["set_pending_additional_validation"], said, uuid=uuid)
    async with entered(place, "mia", size) as (app, pilot):
        await until_text(pilot, "! Puhti HPC", "Prove [red]it[/]", "https://check.example/mia")
        app.screen.query_one("#asks").focus()
        await pilot.press("enter")
        text = await until_text(pilot, "needs validation", "Prove [red]it[/]", "o Open the link")
        assert all(len(line) <= size[0] for line in text.splitlines())
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard == "https://check.example/mia")
        await pilot.press("t")
        await until_text(pilot, "Agree to the terms?", "I agree")
        await pilot.press("y")
        await until_text(pilot, "Agreed.")
        assert "Agree to the terms" not in screen_text(app)


async def test_a_user_name_makes_an_account_usable(place: Place) -> None:
    uuid = await account(place)
    async with entered(place, "petra", WIDE) as (app, pilot):
        await go(app, pilot, "accounts")
        await until_text(pilot, "Mia Member", "What now: enter", "mia@example.org")
        await pilot.press("u")
        await until_text(pilot, "Mia Member at Puhti HPC.")
        write(app, "#username-field Input", "x" * 101)
        await pilot.press("ctrl+s")
        await until_text(pilot, "Ensure this field has no more than")
        write(app, "#username-field Input", "mmember")
        await pilot.press("ctrl+s")
        await until_text(pilot, "No account needs you.")
    found = await place.api("petra")(accounts.OFFERING_USER, uuid=uuid)
    assert (found.username, found.state) == ("mmember", "OK")


async def test_an_account_is_restricted_and_goes(place: Place) -> None:
    uuid = await account(place)
    change = accounts.OfferingUserChange(username="mmember")
    await place.api("petra")(accounts.OFFERING_USER_UPDATE, change, uuid=uuid)
    async with entered(place, "petra", WIDE) as (app, pilot):
        await go(app, pilot, "accounts")
        app.screen.query_one("#chips").choose("used")  # type: ignore[attr-defined]
        await until_text(pilot, "in use", "mmember")
        await choose(pilot, app, "Restrict it for now")
        await until_text(pilot, "◌ restricted")
        await choose(pilot, app, "Lift the restriction")
        await until_text(pilot, "● in use")
        await choose(pilot, app, "Ask for its deletion")
        await until_text(pilot, "Sure?", "mmember of Mia Member")
        await pilot.press("y")
        await until(pilot, lambda: "● in use" not in screen_text(app))
        app.screen.query_one("#chips").choose("waiting")  # type: ignore[attr-defined]
        await until_text(pilot, "to be deleted")
        await choose(pilot, app, "Begin to delete it")
        await until_text(pilot, "being deleted")
        await choose(pilot, app, "It could not be deleted")
        await until_text(pilot, "deleting failed")
    assert await state(place, uuid) == "Error deleting"


async def test_somebody_elses_accounts_are_not_there(place: Place) -> None:
    await account(place)
    async with entered(place, "max") as (app, pilot):
        app.nav.go("my-accounts")
        await until_text(pilot, "You have no account anywhere yet.")
        app.nav.go("accounts")
        await pilot.pause()
        assert app.nav.place == "my-accounts"
