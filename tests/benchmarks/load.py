"""A client that keeps several connections busy: a server that is never idle shows what a request costs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

CONNECTIONS = 16


class Wrong(Exception):
    """The server answered with something else than success."""


def request(url: str, method: str, path: str, token: str = "", body: bytes = b"") -> bytes:
    """A whole HTTP request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {urlsplit(url).netloc}"]
    if token:
        lines.append(f"Authorization: Token {token}")
    if method != "GET":
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def run(url: str, requests: list[bytes]) -> None:
    """Send them all, each once; as many at a time as there are connections."""
    asyncio.run(_run(url, requests))


async def _run(url: str, requests: list[bytes]) -> None:
    waiting = iter(requests)
    async with asyncio.TaskGroup() as group:
        for _ in range(min(CONNECTIONS, len(requests))):
            group.create_task(_connection(url, waiting))


async def _connection(url: str, waiting: Iterator[bytes]) -> None:
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        for asked in waiting:
            writer.write(asked)
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(_length(head))
            if not head.startswith(b"HTTP/1.1 2"):
                raise Wrong(asked[:200], head[:200], body[:400])
    finally:
        writer.close()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
