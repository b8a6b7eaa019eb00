"""The hub of all connections that read live events, and their place in the web."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import structlog
from litestar.handlers import ASGIRouteHandler

from mercato.kernel import clock
from mercato.kernel.http import Door
from mercato.queues import queries, service
from mercato.queues.presence import Presence
from mercato.web.stomp import Receive, Send, Session, Wire

_log = structlog.get_logger("mercato.stomp")

# Where Waldur's agents look, and where its test suites do.
PATHS = ["/rmqws-stomp", "/ws"]
MOST_CONNECTIONS = 1000
TRY_LATER = 1013


class Hub:
    """All connections of this process; rings those whose queues have something to read."""

    def __init__(self, door: Door, presence: Presence) -> None:
        self.door, self.presence = door, presence
        self._bells: dict[int, asyncio.Event] = {}
        self._numbers = itertools.count(1)
        self._news = asyncio.Event()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Listen to what is committed, for as long as the application lives."""
        loop = asyncio.get_running_loop()

        def told(rooms: set[str]) -> None:
            # On SQLite the writer's own thread tells.
            if service.ROOM in rooms and self._bells:
                loop.call_soon_threadsafe(self._news.set)

        watchers = self.door.db.watchers
        watchers.append(told)
        self.presence.on_change = self._ring_all
        tasks = [asyncio.create_task(self._ring_readers()), asyncio.create_task(self.presence.keep())]
        try:
            yield
        finally:
            watchers.remove(told)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _ring_readers(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            read = self.presence.queues
            if not read:
                continue
            try:
                waiting = await self.door.db.read(queries.waiting, read, clock.now())
            except Exception as error:
                # Every connection looks by itself now and then.
                _log.warning("could not look for waiting messages", exc_info=error)
                continue
            for queue in waiting:
                self.ring(queue)

    def ring(self, queue: int) -> None:
        """Tell whoever is served from the queue to look."""
        for reader in self.presence.readers(queue)[:1]:
            if reader.connection in self._bells:
                self._bells[reader.connection].set()

    def _ring_all(self) -> None:
        for bell in self._bells.values():
            bell.set()

    async def serve(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """One WebSocket from its handshake to its end."""
        await receive()  # websocket.connect
        if len(self._bells) >= MOST_CONNECTIONS:
            await send({"type": "websocket.close", "code": TRY_LATER, "reason": "too many connections"})
            return
        offered = scope.get("subprotocols") or []
        await send(
            {"type": "websocket.accept", "subprotocol": "v12.stomp" if "v12.stomp" in offered else None}
        )
        number = next(self._numbers)
        bell = self._bells[number] = asyncio.Event()
        connection = Session(self, number, bell, _client(scope), Wire(receive, send))
        try:
            await connection.run()
        finally:
            del self._bells[number]
            for subscription in connection.subscriptions.values():
                self.presence.leave(subscription.queue, number)
                self.ring(subscription.queue)


def _client(scope: Mapping[str, Any]) -> tuple[str, str]:
    """Address and user agent."""
    agent = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"user-agent"), "")
    client = scope.get("client")
    return (client[0] if client else ""), agent


def live_handler(hub: Hub) -> ASGIRouteHandler:
    """The WebSocket of live events. A plain request is told to upgrade (426)."""

    async def live(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await hub.serve(scope, receive, send)
            return
        headers = [(b"upgrade", b"websocket"), (b"connection", b"Upgrade"), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 426, "headers": headers})
        await send({"type": "http.response.body", "body": b"This is a WebSocket that speaks STOMP 1.2.\n"})

    return ASGIRouteHandler(PATHS, copy_scope=False)(live)
