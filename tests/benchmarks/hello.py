"""The least that a request can cost here: uvicorn and nothing else. The floor of every other number."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"2")],
}


async def app(
    scope: dict[str, Any], _receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    if scope["type"] == "http":
        await send(START)
        await send({"type": "http.response.body", "body": b"{}"})
