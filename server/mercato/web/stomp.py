"""One connection that reads live events: STOMP 1.2 on WebSocket (contract 11.3).

A connection speaks for one person, whose token is its passcode, and reads that person's queues. What is
delivered is in the database: a message leaves its queue only after it has been written to the socket (or
acknowledged, where the client wants to), so neither a crash nor a slow reader loses it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, Protocol

import structlog
from sqlalchemy import Connection

from mercato.access.rules import SIGNED_IN, Actor
from mercato.config import VERSION
from mercato.kernel import clock
from mercato.kernel.errors import MercatoError
from mercato.kernel.http import Credentials, Door
from mercato.kernel.ids import as_hex
from mercato.queues import queries, service
from mercato.queues.presence import Octets, Presence, Reader
from mercato.web.frames import HEARTBEAT, BadFrame, Decoder, Frame, encoded

_log = structlog.get_logger("mercato.stomp")

# Seconds. A client says who it is within the first; the others are how often a connection looks whether its
# token still holds and whether something waits (which is also told), and how long it may be silent in terms
# of what it promised.
CONNECT_WITHIN = 10.0
LOOK_EVERY = 5.0
PATIENCE = 3.0
# Milliseconds, as heart-beats are agreed on. We promise less than we do: a client that works on a message
# while it should listen must not take us for dead.
WE_SEND, WE_WANT = 60_000, 10_000
MOST_SUBSCRIPTIONS = 64
MOST_REFUSED = 1000
AT_ONCE = 100
POLICY, BROKEN = 1008, 1011

# The loop itself does not keep what nobody waits for.
_WRITING: set[asyncio.Task[None]] = set()

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Refused(Exception):
    """The connection ends with an ERROR frame: `title` for programs' logs, the text for people."""

    def __init__(self, title: str, text: str, receipt: str = "") -> None:
        super().__init__(text)
        self.title, self.receipt = title, receipt


class Gone(Exception):
    """The other side has left, or has been silent for too long."""


class Subscription:
    """One SUBSCRIBE: a queue, how it is acknowledged, and what has been handed out and not yet taken."""

    def __init__(self, name: str, queue: int, ack: str, destination: str) -> None:
        self.name, self.queue, self.ack, self.destination = name, queue, ack, destination
        self.pending: dict[str, int] = {}
        # Not wanted by this reader: they stay in the queue for the next.
        self.refused: set[int] = set()


class House(Protocol):
    """What a connection needs of the hub of all connections."""

    door: Door
    presence: Presence

    def ring(self, queue: int) -> None:
        """Tell whoever is served from the queue to look."""
        ...


class Wire:
    """Frames over the socket. Writers wait for one another, and for a client that does not read."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._decoder, self._ready = Decoder(), list[Frame]()
        self._lock = asyncio.Lock()
        self.octets = Octets()

    async def frame(self, within: float | None) -> Frame:
        """The next frame. Raises Gone when the client leaves or nothing, not even a heart-beat, comes in time."""
        while not self._ready:
            try:
                event = await asyncio.wait_for(self._receive(), within)
            except TimeoutError:
                raise Gone("silent for too long") from None
            if event["type"] != "websocket.receive":
                raise Gone("closed")
            text = event.get("text")
            data = text.encode() if text is not None else event.get("bytes") or b""
            self.octets.received += len(data)
            self._ready = self._decoder.feed(data)
        return self._ready.pop(0)

    async def write(self, data: bytes) -> None:
        async with self._lock:
            await self._send({"type": "websocket.send", "text": data.decode()})
            self.octets.sent += len(data)

    async def close(self, code: int, reason: str) -> None:
        with contextlib.suppress(Exception):  # whoever has gone needs no farewell
            await self._send({"type": "websocket.close", "code": code, "reason": reason})


class Beats(NamedTuple):
    """Seconds: how often we send, how long the client may be silent; None means never and for ever."""

    ours: float | None
    theirs: float | None


class Session:
    """One connection: who it is, what it reads, and the two tasks that listen and deliver."""

    def __init__(
        self, hub: House, number: int, bell: asyncio.Event, client: tuple[str, str], wire: Wire
    ) -> None:
        self.hub, self.number, self.bell, self.wire = hub, number, bell, wire
        self.address, self.user_agent = client
        self.since = clock.now()
        self.actor: Actor | None = None
        self.credentials = Credentials("", "", "")
        self.login = ""
        self.beats = Beats(None, None)
        self.subscriptions: dict[str, Subscription] = {}

    async def run(self) -> None:
        code, reason = 1000, ""
        try:
            await self._greet()
            await self._both()
        except Gone as gone:
            code, reason = 1001, str(gone)
        except (Refused, BadFrame) as refused:
            code, reason = POLICY, "see the ERROR frame"
            await self._say_error(refused)
        except Exception as error:
            _log.exception("a connection failed", exc_info=error)
            code, reason = BROKEN, "the server met an error"
        finally:
            await self.wire.close(code, reason)

    async def _both(self) -> None:
        """Listen and deliver until either ends; its error is ours."""
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._deliver())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for task, result in zip(tasks, results, strict=True):
            if task in done and isinstance(result, BaseException):
                raise result

    async def _say_error(self, error: Refused | BadFrame) -> None:
        headers = {"message": "malformed frame", "content-type": "text/plain"}
        if isinstance(error, Refused):
            headers["message"] = error.title
            if error.receipt:
                headers["receipt-id"] = error.receipt
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.wire.write(encoded(Frame("ERROR", headers, str(error).encode()))), 5)

    # -- who is it ---------------------------------------------------------------------------

    async def _greet(self) -> None:
        """The first frame: CONNECT, or STOMP, which means the same."""
        frame = await self.wire.frame(CONNECT_WITHIN)
        receipt = frame.headers.get("receipt", "")
        if frame.command not in ("CONNECT", "STOMP"):
            raise Refused("not connected", "The first frame must be CONNECT or STOMP.", receipt)
        if "1.2" not in frame.headers.get("accept-version", "1.0").split(","):
            raise Refused("unsupported version", "Only STOMP 1.2 is spoken here.", receipt)
        self.beats = _agreed(frame.headers.get("heart-beat", "0,0"))
        self.credentials = Credentials(frame.headers.get("passcode", ""), self.address, self.user_agent)
        self.login, host = frame.headers.get("login", ""), frame.headers.get("host", "")

        def check(conn: Connection) -> Actor:
            actor = self._identified(conn)
            if as_hex(host) != actor.uuid:
                raise Refused("unknown host", "The virtual host is the uuid of the token's user.", receipt)
            if not queries.knows_login(conn, as_hex(self.login) or "", actor.id):
                text = "Nothing of yours is read under this login: register a queue first."
                raise Refused("unknown login", text, receipt)
            return actor

        self.actor = await self.hub.door.db.read(check)
        answer = {
            "version": "1.2",
            "heart-beat": f"{WE_SEND},{WE_WANT}",
            "server": f"Mercato/{VERSION}",
            "session": str(self.number),
            "user-name": self.login,
        }
        await self.wire.write(encoded(Frame("CONNECTED", answer)))

    def _identified(self, conn: Connection) -> Actor:
        """Whose token it is, as long as it is good. Refuses as soon as it is not."""
        try:
            actor: Actor = self.hub.door.identify(conn, self.credentials, SIGNED_IN, clock.now())
        except MercatoError as error:
            text = (
                "The passcode is no valid token." if self.actor is None else "The token is no longer valid."
            )
            raise Refused("access refused", f"{text} {error.detail}") from None
        if self.actor is not None and actor.id != self.actor.id:
            raise Refused("access refused", "The token belongs to somebody else now.")
        return actor

    # -- what it wants -----------------------------------------------------------------------

    async def _listen(self) -> None:
        acts = {
            "SUBSCRIBE": self._subscribe,
            "UNSUBSCRIBE": self._unsubscribe,
            "ACK": self._ack,
            "NACK": self._nack,
        }
        while True:
            frame = await self.wire.frame(self.beats.theirs)
            receipt = frame.headers.get("receipt", "")
            if frame.command == "DISCONNECT":
                await self._receipt(receipt)
                return
            act = acts.get(frame.command)
            if act is None:
                text = f"{frame.command[:20]!r} is not understood here: queues are only read."
                raise Refused("unknown command", text, receipt)
            try:
                await act(frame.headers)
            except Refused as refused:
                refused.receipt = receipt
                raise
            await self._receipt(receipt)

    async def _receipt(self, name: str) -> None:
        if name:
            await self.wire.write(encoded(Frame("RECEIPT", {"receipt-id": name})))

    async def _subscribe(self, headers: Mapping[str, str]) -> None:
        name, destination = _needed(headers, "id"), _needed(headers, "destination")
        ack = headers.get("ack", "auto")
        if ack not in ("auto", "client", "client-individual"):
            raise Refused("unknown ack", "ack is auto, client or client-individual.")
        if name in self.subscriptions:
            raise Refused("subscription exists", f"There is a subscription {name[:80]!r} already.")
        if len(self.subscriptions) >= MOST_SUBSCRIPTIONS:
            raise Refused("too many subscriptions", f"At most {MOST_SUBSCRIPTIONS} at once.")
        queue = destination.removeprefix("/amq").removeprefix("/queue/")
        row = await self.hub.door.db.read(queries.queue_named, queue)
        # Somebody else's queue is as unknown as one that does not exist.
        if row is None or self.actor is None or row.user_id != self.actor.id:
            raise Refused("not found", f"There is no queue {queue[:160]!r} for you.")
        self.subscriptions[name] = Subscription(name, row.id, ack, destination)
        reader = Reader(self.number, self.address, self.since, self.wire.octets)
        self.hub.presence.enter(row.id, reader)
        self.bell.set()

    async def _unsubscribe(self, headers: Mapping[str, str]) -> None:
        gone = self.subscriptions.pop(_needed(headers, "id"), None)
        if gone is not None:
            self.hub.presence.leave(gone.queue, self.number)
            self.hub.ring(gone.queue)

    def _pending(self, headers: Mapping[str, str]) -> tuple[Subscription, list[str]]:
        """What an ACK or NACK is about: one message, or (ack: client) all up to that one."""
        name = _needed(headers, "id")
        for subscription in self.subscriptions.values():
            if name in subscription.pending:
                names = list(subscription.pending)
                first = 0 if subscription.ack == "client" else names.index(name)
                return subscription, names[first : names.index(name) + 1]
        raise Refused("unknown message", "This id does not name a message that waits for its ACK.")

    async def _ack(self, headers: Mapping[str, str]) -> None:
        subscription, names = self._pending(headers)
        ids = [subscription.pending[name] for name in names]
        await self._taken(subscription.queue, ids)
        for name in names:
            del subscription.pending[name]
        self.bell.set()

    async def _nack(self, headers: Mapping[str, str]) -> None:
        subscription, names = self._pending(headers)
        if len(subscription.refused) >= MOST_REFUSED:
            raise Refused("too many refusals", "Nothing of this queue seems to be wanted.")
        for name in names:
            subscription.refused.add(subscription.pending.pop(name))
        self.bell.set()

    # -- what it gets ------------------------------------------------------------------------

    async def _deliver(self) -> None:
        loop = asyncio.get_running_loop()
        sent_at = loop.time()
        pause = min(LOOK_EVERY, self.beats.ours or LOOK_EVERY)
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.bell.wait(), pause)
            self.bell.clear()
            sent = 0
            for subscription in list(self.subscriptions.values()):
                while self.hub.presence.is_first(subscription.queue, self.number):
                    number = await self._hand_out(subscription)
                    sent += number
                    if number < AT_ONCE:
                        break
            if not self.subscriptions:
                await self.hub.door.db.read(self._identified)
            if sent:
                sent_at = loop.time()
            elif self.beats.ours is not None and loop.time() - sent_at >= self.beats.ours:
                await self.wire.write(HEARTBEAT)
                sent_at = loop.time()

    async def _hand_out(self, subscription: Subscription) -> int:
        """Send what waits, at most `AT_ONCE`; how many. The token is looked at each time."""
        kept = [*subscription.pending.values(), *subscription.refused]
        room = AT_ONCE - len(subscription.pending)

        def look(conn: Connection) -> list[tuple[int, str]]:
            self._identified(conn)
            if not self.hub.presence.is_served(conn, subscription.queue, self.number):
                return []
            now = clock.now()
            waiting = queries.messages(conn, subscription.queue, now, but=kept, limit=max(room, 0))
            return waiting if waiting and queries.may_read(conn, subscription.queue, now) else []

        found = await self.hub.door.db.read(look)
        for number, body in found:
            headers = {
                "subscription": subscription.name,
                "message-id": f"{subscription.queue}-{number}",
                "destination": subscription.destination,
                "content-type": "application/json",
            }
            if subscription.ack != "auto":
                headers["ack"] = f"{self.number}-{number}"
                subscription.pending[headers["ack"]] = number
            await self.wire.write(encoded(Frame("MESSAGE", headers, body.encode())))
        if found and subscription.ack == "auto":
            await self._taken(subscription.queue, [number for number, _ in found])
        return len(found)

    async def _taken(self, queue: int, ids: list[int]) -> None:
        """Written down even if the client has what it wanted and leaves in this moment."""
        writing = asyncio.create_task(self.hub.door.db.write(service.taken, queue, ids))
        _WRITING.add(writing)
        writing.add_done_callback(_WRITING.discard)
        await asyncio.shield(writing)


def _needed(headers: Mapping[str, str], name: str) -> str:
    if not headers.get(name):
        raise Refused("header missing", f"The header {name} is required.")
    return headers[name]


def _agreed(wish: str) -> Beats:
    """What `heart-beat:cx,cy` (milliseconds) and our own wishes come to."""
    parts = wish.replace(" ", "").split(",")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        raise Refused("bad heart-beat", "heart-beat is two numbers of milliseconds: it can send, it wants.")
    sends, wants = int(parts[0]), int(parts[1])
    ours = max(1.0, min(wants, WE_SEND) / 1000) if wants else None
    theirs = max(sends, WE_WANT) / 1000 * PATIENCE if sends else None
    return Beats(ours, theirs)
