"""A small STOMP 1.2 client over a real WebSocket, for tests. It says exactly what it is told to."""

from __future__ import annotations

import contextlib
import json
import socket
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect


class Closed(Exception):
    """The server has closed the connection."""


class Stomp:
    """One connection; `frames` come as (command, headers, body), heart-beats as ('', {}, '')."""

    def __init__(self, url: str, path: str = "/rmqws-stomp", *, room: int = 0) -> None:
        """`room`: how many bytes the system keeps for us while we do not read (0: what it thinks best)."""
        self.url = url.replace("http", "ws", 1) + path
        self._open = contextlib.ExitStack()
        plain = socket.socket()
        if room:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        parts = urlsplit(url)
        plain.connect((parts.hostname, parts.port))
        self.socket: ClientConnection = self._open.enter_context(
            connect(self.url, sock=plain, open_timeout=10, close_timeout=0.5, ping_interval=None, max_queue=1)
        )

    def close(self) -> None:
        self._open.close()

    def __enter__(self) -> Stomp:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def say(self, command: str, headers: dict[str, Any] | None = None, body: str = "") -> None:
        lines = [command, *(f"{k}:{v}" for k, v in (headers or {}).items())]
        self.raw("\n".join([*lines, "", body]) + "\0")

    def raw(self, text: str | bytes) -> None:
        self.socket.send(text)

    def hear(self, within: float = 10.0) -> tuple[str, dict[str, str], str]:
        """The next frame. TimeoutError when nothing comes, Closed when the server hangs up."""
        try:
            text = self.socket.recv(timeout=within)
        except ConnectionClosed as closed:
            raise Closed(str(closed)) from None
        assert isinstance(text, str)
        if text == "\n":
            return "", {}, ""
        assert text.endswith("\0")
        head, _, body = text[:-1].partition("\n\n")
        command, *lines = head.split("\n")
        return command, dict(line.split(":", 1) for line in lines), body

    def frame(self, within: float = 10.0) -> tuple[str, dict[str, str], str]:
        """The next frame that is no heart-beat."""
        while True:
            heard = self.hear(within)
            if heard[0]:
                return heard

    def sign_in(self, access: dict[str, Any], token: str, beats: str = "10000,10000") -> dict[str, str]:
        """CONNECT as agents do, with what registering a queue gave; the answer's headers."""
        headers = {
            "accept-version": "1.2",
            "host": access["vhost"],
            "login": access["rmq_username"],
            "passcode": token,
            "heart-beat": beats,
        }
        self.say("STOMP", headers)
        command, answer, body = self.frame()
        assert command == "CONNECTED", (answer, body)
        return answer

    def read_queue(self, name: str, ack: str = "auto") -> None:
        self.say("SUBSCRIBE", {"destination": f"/amq/queue/{name}", "id": name, "ack": ack})

    def message(self, within: float = 10.0) -> dict[str, Any]:
        """The body of the next MESSAGE."""
        command, headers, body = self.frame(within)
        assert command == "MESSAGE", (command, headers, body)
        found: dict[str, Any] = json.loads(body)
        return found

    def refusal(self, within: float = 10.0) -> tuple[str, str]:
        """The `message` header and the text of an ERROR, after which the connection is closed."""
        command, headers, body = self.frame(within)
        assert command == "ERROR", (command, headers, body)
        try:
            self.frame(within)
        except Closed:
            return headers["message"], body
        raise AssertionError("the connection is still open")
