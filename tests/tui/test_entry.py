"""Coming in: the first screen, signing in, personas, a server that does not answer."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from mercato_tui.app import MercatoApp
from mercato_tui.modals.first import server_address
from mercato_tui.server import Connection, Ready, Tokens, read_personas
from tui.looking import connection, driving, entered, screen_text, until, until_text, with_demo, write
from tui.marketplace import BASE, PASSWORD, Place

pytestmark = pytest.mark.pilot


async def never() -> Ready:
    raise AssertionError("nobody asked for this")


def test_first_nothing_then_a_frame_of_choices() -> None:
    """`Connection` alone promises nothing."""
    assert Connection().start is None


async def test_the_three_choices_of_an_empty_marketplace(tokens: Tokens) -> None:
    async def first_admin(username: str, password: str, email: str) -> str:
        raise AssertionError((username, password, email))

    async def start() -> Ready:
        return Ready(BASE, empty=True)

    app = MercatoApp(Connection(start=start, start_demo=never, first_admin=first_admin), tokens=tokens)
    async with driving(app) as pilot:
        text = await until_text(
            pilot, "Explore the demo", "Create the first administrator", "Connect to a server"
        )
        assert "How do you want to begin?" in text


async def test_the_first_administrator_enters(place: Place, tokens: Tokens) -> None:
    made: list[tuple[str, str, str]] = []

    async def first_admin(username: str, password: str, email: str) -> str:
        made.append((username, password, email))
        return place.tokens["stella"]

    async def start() -> Ready:
        return Ready(BASE, empty=True)

    found = with_demo(connection(place), start=start, first_admin=first_admin, base_url=None)
    app = MercatoApp(found, tokens=tokens)
    async with driving(app) as pilot:
        await until_text(pilot, "Create the first administrator")
        await pilot.press("enter")
        await until_text(pilot, "The same again")
        write(app, "#username-field Input", "root")
        write(app, "#password-field Input", PASSWORD)
        write(app, "#again-field Input", "something else")
        await pilot.press("ctrl+s")
        await until_text(pilot, "The two passwords differ.")
        assert made == []
        write(app, "#again-field Input", PASSWORD)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.nav.place == "home")
        assert made == [("root", PASSWORD, "")]
        await pilot.pause(0.3)
        assert "Something went wrong" not in screen_text(app)


async def test_signing_in_and_being_remembered(place: Place, tokens: Tokens) -> None:
    app = MercatoApp(connection(place), tokens=tokens)
    async with driving(app) as pilot:
        await until_text(pilot, "User name", "Password")
        write(app, "#username-field Input", "olga")
        write(app, "#password-field Input", "wrong")
        await pilot.press("ctrl+s")
        await until_text(pilot, "Invalid username/password.")
        assert "wrong" not in screen_text(app)
        write(app, "#password-field Input", PASSWORD)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.nav.place == "home")
    assert tokens.path.stat().st_mode & 0o077 == 0
    again = MercatoApp(connection(place), tokens=tokens)
    async with driving(again) as pilot:
        await until(pilot, lambda: again.nav.place == "home")


async def test_signing_out_forgets(place: Place, tokens: Tokens) -> None:
    app = MercatoApp(connection(place), tokens=tokens)
    async with driving(app) as pilot:
        await until_text(pilot, "User name", "Password")
        write(app, "#username-field Input", "olga")
        write(app, "#password-field Input", PASSWORD)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.nav.place == "home")
        await pilot.press("M")
        await until_text(pilot, "owner of Acme Research", "Sign out", "Quit")
        await pilot.press("end", "up", "enter")
        await until_text(pilot, "User name", "Password")
        assert app.session is None
        assert tokens.get(BASE) is None


async def test_a_remembered_session_that_ended_asks_again(place: Place, tokens: Tokens) -> None:
    tokens.put(BASE, "long-gone")
    app = MercatoApp(connection(place), tokens=tokens)
    async with driving(app) as pilot:
        await until_text(pilot, "User name", "Password")
        assert tokens.get(BASE) is None


def write_personas(folder: Path, place: Place) -> Path:
    people = [
        {
            "key": name,
            "name": name.title(),
            "title": title,
            "description": f"[b]{title}[/b] of the demo",
            "token": place.tokens[name],
        }
        for name, title in (("olga", "customer owner"), ("petra", "provider"))
    ]
    file = folder / "personas.json"
    file.write_text(json.dumps(people))
    file.chmod(0o600)
    return file


async def test_entering_as_a_persona_and_becoming_another(
    place: Place, tokens: Tokens, tmp_path: Path
) -> None:
    file = write_personas(tmp_path, place)
    app = MercatoApp(with_demo(connection(place), personas_path=file), tokens=tokens)
    async with driving(app) as pilot:
        await until_text(
            pilot, "Who do you want to be?", "Olga · customer owner", "[b]provider[/b] of the demo"
        )
        await pilot.press("enter")
        await until_text(pilot, "Olga Owner")
        assert app.nav.place == "home"
        await pilot.press("M")
        await until_text(pilot, "Petra · provider")
        await pilot.press("down", "enter")
        await until_text(pilot, "Petra Provider")
        assert app.nav.place == "home"
        await pilot.press("g")
        await until_text(pilot, "Inbox")
    assert not tokens.path.exists(), "personas are not remembered"


def test_personas_that_others_can_read_are_not_used(tmp_path: Path) -> None:
    file = tmp_path / "personas.json"
    file.write_text('[{"key": "a", "name": "A", "title": "t", "description": "d", "token": "x"}]')
    file.chmod(0o644)
    assert read_personas(file) == []
    file.chmod(0o600)
    assert [persona.name for persona in read_personas(file)] == ["A"]
    assert read_personas(tmp_path / "none.json") == []


async def test_a_server_that_does_not_start_says_why_and_can_be_tried_again(
    place: Place, tokens: Tokens
) -> None:
    tries = []

    async def start() -> Ready:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("The server did not start. It said: [disk] full")
        return Ready(BASE, token=place.tokens["olga"])

    app = MercatoApp(with_demo(connection(place), start=start, base_url=None), tokens=tokens)
    async with driving(app) as pilot:
        await until_text(pilot, "It said: [disk] full", "Try again")
        await pilot.press("enter")
        await until(pilot, lambda: app.nav.place == "home")


async def test_an_address_where_nobody_answers(tokens: Tokens) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    app = MercatoApp(
        Connection(
            base_url=BASE,
            token="x",
            new_client=lambda url: httpx.AsyncClient(transport=httpx.MockTransport(refuse), base_url=url),
        ),
        tokens=tokens,
    )
    async with driving(app) as pilot:
        await until_text(pilot, "The server does not answer.", "Try again", "Connect to a server")


async def test_connecting_to_a_server_by_its_address(place: Place, tokens: Tokens) -> None:
    found = with_demo(connection(place), base_url=None)
    app = MercatoApp(found, tokens=tokens)
    async with driving(app) as pilot:
        await until_text(pilot, "Connect to a server")
        await pilot.press("enter")
        await until_text(pilot, "Address")
        write(app, "#url-field Input", "ftp://somewhere")
        await pilot.press("ctrl+s")
        await until_text(pilot, "An address like")
        write(app, "#url-field Input", "testserver.local")
        await pilot.press("ctrl+s")
        await until_text(pilot, "User name", "Password")


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("mercato.example.org", "https://mercato.example.org"),
        ("localhost:8000", "http://localhost:8000"),
        ("127.0.0.1:8000/", "http://127.0.0.1:8000"),
        (" http://a.example ", "http://a.example"),
        ("ftp://a.example", None),
        ("http://a.example:port", None),
        ("", None),
    ],
)
def test_addresses_as_people_type_them(typed: str, address: str | None) -> None:
    assert server_address(typed) == address


async def test_the_frame_says_who_and_where(place: Place) -> None:
    async with entered(place, "max") as (_app, pilot):
        await until_text(pilot, "Max Manager", "online")
