"""One's own keys: SSH keys to get in with, tokens for programs."""

from __future__ import annotations

import pytest

from mercato.schemas import ListQuery, identity
from mercato_tui.api import Api
from mercato_tui.modals.tell import SecretModal
from mercato_tui.screens.keys import one_line
from mercato_tui.screens.new_token import ScopeList
from mercato_tui.session import Context
from mercato_tui.widgets.fields import LongField
from tui.looking import NARROW, WIDE, entered, go, screen_text, until, until_text, write
from tui.marketplace import Place

pytestmark = pytest.mark.pilot

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPVF1JqOj0pQk6nBuoOaZ0mPxyUQ8kS1vT9sYb0AqWe olga@laptop [red]"
SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "140x45"])


def test_a_key_that_a_terminal_broke_is_whole_again() -> None:
    head, body, comment = KEY.split(" ", 2)
    assert one_line(KEY + "\n") == KEY
    assert one_line(f"{head}\n{body[:30]}\n{body[30:]} {comment}") != ""
    assert one_line(f"{head} {body[:30]}\n{body[30:]}") == f"{head} {body}"
    assert one_line(f"{head} {body}\nolga@laptop") == f"{head} {body} olga@laptop"


@SIZES
async def test_a_key_is_pasted_shown_and_deleted(place: Place, size: tuple[int, int]) -> None:
    async with entered(place, "olga", size) as (app, pilot):
        await pilot.press("M")
        await until_text(pilot, "SSH keys", "Access tokens")
        app.screen.query_one("EntryList").move_to(lambda row: row.token == "keys")  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until_text(pilot, "No SSH key yet.", "Press n and paste")
        await pilot.press("n")
        await until_text(pilot, "Add an SSH key", "from your .pub file")
        area = app.screen.query_one("#public_key-field", LongField).area
        area.text = "-----BEGIN OPENSSH PRIVATE KEY-----"
        await pilot.press("ctrl+s")
        await until_text(pilot, "This is a private key.")
        area.text = KEY
        await pilot.press("ctrl+s")
        text = await until_text(pilot, "olga@laptop [red]", "SHA256:", "ed25519", "D Delete")
        assert all(len(line) <= size[0] for line in text.splitlines())
        await pilot.press("enter")
        await until_text(pilot, "MD5", "SHA512")
        await pilot.press("q")
        await until(pilot, lambda: app.nav.place == "keys" and len(app.screen_stack) == 1)
        await pilot.press("D")
        await until_text(pilot, "Delete the key?", "will no longer let you in")
        await pilot.press("y")
        await until_text(pilot, "No SSH key yet.")
    assert not await place.api("olga")(identity.KEYS, identity.SshKeyQuery())


@SIZES
async def test_a_token_is_made_with_chosen_rights_and_its_key_shown_once(
    place: Place, size: tuple[int, int]
) -> None:
    async with entered(place, "olga", size) as (app, pilot):
        await go(app, pilot, "tokens")
        await until_text(pilot, "No access token yet.", "Press n")
        await pilot.press("n")
        await until_text(pilot, "What it may", "Access subnet: create", "Networks")
        await pilot.press("ctrl+s")
        await until_text(pilot, "Please fill this in.", "Choose at least one.")
        write(app, "#name-field Input", "nightly [x]")
        write(app, "#expires_at-field Input", "2099-01-01")
        write(app, "#scopes-search", "order approve")
        await until(pilot, lambda: "Access subnet" not in screen_text(app))
        app.screen.query_one("#scopes-search").focus()
        await pilot.press("enter")
        await until_text(pilot, "1 chosen", "[✓] Order: approve")
        await pilot.press("ctrl+s")
        await until_text(pilot, "can live for at most 365 days")
        write(app, "#expires_at-field Input", "2027-01-01")
        await pilot.press("ctrl+s")
        text = await until_text(pilot, "Your new key", "nightly [x]", "It is shown only now.", "Copy the key")
        assert all(len(line) <= size[0] for line in text.splitlines())
        modal = app.screen
        assert isinstance(modal, SecretModal)
        await pilot.press("escape")
        await until_text(pilot, "Copy the key first")
        await pilot.press("y")
        await until(pilot, lambda: modal.kept)
        assert app.clipboard == modal.copied
        await pilot.press("escape")
        await until_text(pilot, "nightly [x]", "● active", "D Revoke")
    key = app.clipboard
    me = await Api(place.client, key)(identity.ME)
    assert me.username == "olga"


async def test_a_token_is_rotated_and_revoked(place: Place) -> None:
    from datetime import timedelta

    from mercato_tui.dates import now

    new = identity.NewPersonalToken(name="ci", scopes=["ORDER.LIST"], expires_at=now() + timedelta(days=3))
    made = await place.api("olga")(identity.TOKEN_CREATE, new)
    async with entered(place, "olga", WIDE) as (app, pilot):
        await go(app, pilot, "tokens")
        await until_text(pilot, "ci", "in 3 days", "never", "• ORDER.LIST", "everywhere")
        await pilot.press("t")
        await until_text(pilot, "Another key?", "The old key stops at once.")
        await pilot.press("y")
        await until_text(pilot, "Your new key")
        modal = app.screen
        assert isinstance(modal, SecretModal)
        assert modal.copied != made.token
        app.screen.query_one("Button").press()  # type: ignore[attr-defined]
        await until(pilot, lambda: app.screen is not modal)
        await until_text(pilot, "○ revoked", "● active")
        app.screen.query_one("VList").move_to(lambda row: row.is_active)  # type: ignore[attr-defined]
        await pilot.press("D")
        await until_text(pilot, "Revoke the token?")
        await pilot.press("y")
        await until_text(pilot, "Revoked: ci")
        await until(pilot, lambda: "● active" not in screen_text(app))
    rows = await place.api("olga")(identity.TOKENS, ListQuery())
    assert [row.is_active for row in rows] == [False, False]


async def test_a_token_only_for_what_one_looks_at(place: Place) -> None:
    async with entered(place, "olga", WIDE) as (app, pilot):
        assert app.session is not None
        app.session.context = Context(place.ids["acme"], "Acme Research", place.ids["alpha"], "Alpha")
        await go(app, pilot, "tokens")
        await pilot.press("n")
        await until_text(pilot, "only in Alpha")
        write(app, "#name-field Input", "bound")
        write(app, "#allowed_networks-field Input", "10.0.0.0/8, nonsense")
        app.screen.query_one("#allowed_scopes-field Tick").action_tick()  # type: ignore[attr-defined]
        app.screen.query_one(ScopeList).tick("PROJECT.UPDATE")
        await pilot.press("ctrl+s")
        await until_text(pilot, "nonsense", "▲")
        write(app, "#allowed_networks-field Input", "10.0.0.0/8")
        await pilot.press("ctrl+s")
        await until_text(pilot, "Your new key")
    rows = await place.api("olga")(identity.TOKENS, ListQuery())
    assert [(row.allowed_scopes[0].name, row.allowed_networks) for row in rows] == [("Alpha", ["10.0.0.0/8"])]
