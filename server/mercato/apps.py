"""Opening the terminal app: on the embedded server, on the demo, or on a server elsewhere."""

from __future__ import annotations

import asyncio
from pathlib import Path

from mercato.commands.running import Running, ask
from mercato.config import Settings
from mercato.embedded import Embedded
from mercato_tui.app import run_app
from mercato_tui.server import Connection, Ready


def open_app(settings: Settings, *, server: str | None, theme: str | None) -> None:
    """The app on this data directory, or on the marketplace at `server`."""
    if server is not None:
        run_app(Connection(base_url=server.rstrip("/")), theme=theme)
        return
    own = _Own(settings.data)
    run_app(Connection(start=own.start, start_demo=own.start_demo, first_admin=own.first_admin), theme=theme)


def open_demo(settings: Settings, *, theme: str | None) -> None:
    """The app on the demo marketplace, which lives in a data directory of its own."""
    own = _Own(settings.data)
    run_app(Connection(start=own.start_demo), theme=theme)


class _Own:
    """The servers that this app may start."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._server: Embedded | None = None
        self._running: Running | None = None

    async def start(self) -> Ready:
        return await self._open(Embedded(self.data))

    async def start_demo(self) -> Ready:
        """Build the demo if need be, then open it."""
        from mercato.demo.build import ensure

        place = self.data / "demo"
        embedded = Embedded(place, own_database=True)
        embedded.hold()
        await asyncio.to_thread(ensure, place)
        return await self._open(embedded)

    async def first_admin(self, username: str, password: str, email: str) -> str:
        """Make the first administrator through the data directory's own secret; a session for them."""
        if self._running is None:
            raise RuntimeError("no server yet")
        args = {"username": username, "password": password, "email": email}
        made = await asyncio.to_thread(ask, self._running, "first-administrator", args)
        return str(made["token"])

    async def _open(self, embedded: Embedded) -> Ready:
        before, self._server = self._server, embedded
        self._running = await embedded.start()
        if before is not None and before is not embedded:
            before.release()
        empty = bool(await asyncio.to_thread(ask, self._running, "is-empty", {}))
        return Ready(self._running.url, empty=empty, personas_path=embedded.personas)
