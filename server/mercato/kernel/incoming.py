"""A request as it arrives and an answer as it leaves, with nothing of a framework between.

Litestar routes, guards the lifespan and turns errors into answers; what it does besides for each request
(signatures, response objects, header models) costs more than reading a kept page does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from litestar.exceptions import ClientException, HTTPException
from litestar.middleware import ASGIMiddleware

MAX_BODY = 20 * 1024 * 1024
JSON = b"application/json"
# Answers of which HTTP says that they have no body at all.
BODILESS = frozenset({204, 304})


class Reply(NamedTuple):
    """Finished bytes; JSON, unless the headers hold another `Content-Type`."""

    body: bytes
    status: int
    headers: Mapping[str, str] | None = None


class Incoming:
    """One request. `scope` is ASGI's."""

    __slots__ = ("_headers", "_receive", "scope")

    def __init__(self, scope: Any, receive: Any) -> None:
        self.scope = scope
        self._receive = receive
        self._headers: dict[bytes, bytes] = dict(scope["headers"])

    @property
    def method(self) -> str:
        return str(self.scope["method"])

    @property
    def client(self) -> str:
        """The sender's address, or empty."""
        client = self.scope.get("client")
        return client[0] if client else ""

    def header(self, name: bytes) -> str:
        """The header (name in lower case) or empty."""
        found = self._headers.get(name)
        return "" if found is None else found.decode("latin-1")

    def value(self, name: str) -> str:
        """A value of the path."""
        return str(self.scope["path_params"][name])

    async def body(self) -> bytes:
        """All of it. Raises 413 for one of more than 20 MiB, 400 when the client goes away in the middle."""
        parts, size = [], 0
        while True:
            message = await self._receive()
            if message["type"] != "http.request":
                raise ClientException("The request was not sent completely.")
            part = message.get("body", b"")
            size += len(part)
            if size > MAX_BODY:
                raise HTTPException(f"A request may have at most {MAX_BODY} bytes.", status_code=413)
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)


Handler = Callable[[Incoming], Awaitable[Reply]]


class Straight(ASGIMiddleware):
    """Requests go from Litestar's router straight to our handlers (`opt["straight"]`).

    Litestar's own way on from here (signatures, response objects) costs 40 µs a request. Its ASGI handlers
    would be the obvious way around it, but they cannot have values in their paths.
    """

    async def handle(self, scope: Any, receive: Any, send: Any, next_app: Any) -> None:
        handler: Handler | None = scope["route_handler"].opt.get("straight")
        if handler is None:
            await next_app(scope, receive, send)
        else:
            await send_answer(send, await handler(Incoming(scope, receive)))


async def send_answer(send: Any, answer: Reply) -> None:
    headers = [] if answer.headers and "Content-Type" in answer.headers else [(b"content-type", JSON)]
    if answer.status not in BODILESS:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    if answer.headers:
        headers += [(name.encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
