"""What a test sees of the app."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from mercato_tui.app import MercatoApp
from mercato_tui.server import Connection, Tokens
from tui.marketplace import BASE, Place

NARROW = (80, 24)
WIDE = (140, 45)


def screen_text(app: App[Any]) -> str:
    """The text of the screen that is seen, line by line (Textual has no public way to ask)."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[Any], true: Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait until something is so; fail with what the screen shows."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not true():
        if loop.time() > end:
            raise AssertionError(f"never came true; the screen shows:\n{screen_text(pilot.app)}")
        await pilot.pause(0.01)


async def until_text(pilot: Pilot[Any], *texts: str, seconds: float = 8.0) -> str:
    """Wait until all of these are on the screen; the screen's text."""

    def seen() -> bool:
        shown = screen_text(pilot.app)
        return all(text in shown for text in texts)

    await until(pilot, seen, seconds)
    return screen_text(pilot.app)


Driver = Pilot[None]


def connection(
    place: Place, token: str | None = None, transport: httpx.AsyncBaseTransport | None = None
) -> Connection:
    """The way to the marketplace in process; through another transport where a test wants to disturb it."""
    carrier = transport or place.transport
    return Connection(
        base_url=BASE,
        token=token,
        new_client=lambda url: httpx.AsyncClient(transport=carrier, base_url=url),
    )


@asynccontextmanager
async def driving(app: MercatoApp, size: tuple[int, int] = NARROW) -> AsyncIterator[Driver]:
    """The app, running, at a size; toasts are shown as people see them."""
    async with app.run_test(size=size, notifications=True) as pilot:
        yield pilot


@asynccontextmanager
async def entered(
    place: Place,
    who: str,
    size: tuple[int, int] = NARROW,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    **more: Any,
) -> AsyncIterator[tuple[MercatoApp, Driver]]:
    """The app with somebody signed in, at home."""
    app = MercatoApp(
        connection(place, place.tokens[who], transport),
        tokens=Tokens(Path(place.folder) / "tokens.json"),
        **more,
    )
    async with driving(app, size) as pilot:
        await until(pilot, lambda: app.nav.place == "home")
        yield app, pilot


def write(app: App[Any], selector: str, text: str) -> None:
    """Put text into an input at once (a pressed key costs far more than what it shows)."""
    app.screen.query_one(selector, Input).value = text


async def quiet(pilot: Driver) -> None:
    """Wait until the app has nothing left to do (trying to reach a lost server does not count)."""
    busy = [worker for worker in pilot.app.workers if worker.group != "reconnect"]
    if busy:
        await pilot.app.workers.wait_for_complete(busy)
    await pilot.pause()


def with_demo(found: Connection, **more: Any) -> Connection:
    """The same connection with other things it can do."""
    return replace(found, **more)


async def go(app: MercatoApp, pilot: Driver, place: str) -> None:
    """To a place; its first answers are there."""
    app.nav.go(place)
    await until(pilot, lambda: app.nav.place == place)
    await quiet(pilot)


class Disturbed(httpx.AsyncBaseTransport):
    """The way to the marketplace, with trouble on it: `trouble` may answer, raise, or let a request through."""

    def __init__(self, place: Place) -> None:
        self.inner = place.transport
        self.trouble: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.seen: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        answer = self.trouble(request)
        return answer if answer is not None else await self.inner.handle_async_request(request)

    def gone(self) -> None:
        """Nobody answers any more."""

        def refuse(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused", request=request)

        self.trouble = refuse

    def answer(self, status: int, body: object, *, only: str = "", method: str = "") -> None:
        """This status and body, for paths that hold `only` and for this method; everything for neither."""

        def say(request: httpx.Request) -> httpx.Response | None:
            if only in request.url.path and method in ("", request.method):
                return httpx.Response(status, json=body)
            return None

        self.trouble = say

    def well(self) -> None:
        """No trouble any more."""
        self.trouble = lambda request: None
