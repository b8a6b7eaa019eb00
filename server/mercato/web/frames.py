"""STOMP 1.2 frames as bytes and back. Pure: no sockets, no time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

# What a reader of events has to say is short.
LONGEST_FRAME = 16 * 1024
MOST_HEADERS = 64

_ESCAPED = {"\\": "\\\\", "\r": "\\r", "\n": "\\n", ":": "\\c"}
_UNESCAPED = {escaped: plain for plain, escaped in _ESCAPED.items()}
_ESCAPE = re.compile(r"\\.?")
_SPECIAL = re.compile(r"[\\\r\n:]")
# These two are older than escaping.
_VERBATIM = frozenset({"CONNECT", "CONNECTED"})
_NUMBER = re.compile(r"[0-9]{1,9}")


class BadFrame(Exception):
    """What came is no frame; the text says why, for people."""


class Frame(NamedTuple):
    command: str
    headers: Mapping[str, str] = {}
    body: bytes = b""


HEARTBEAT = b"\n"


def encoded(frame: Frame) -> bytes:
    """The frame for the wire, with its terminating null; `content-length` goes with every body."""
    headers = dict(frame.headers)
    if frame.body:
        headers["content-length"] = str(len(frame.body))
    escape = frame.command not in _VERBATIM
    lines = [frame.command, *(f"{_written(k, escape)}:{_written(v, escape)}" for k, v in headers.items())]
    return "\n".join([*lines, "", ""]).encode() + frame.body + b"\0"


def _written(text: str, escape: bool) -> str:
    return _SPECIAL.sub(lambda found: _ESCAPED[found[0]], text) if escape else text


class Decoder:
    """Bytes as they come become frames; line ends between frames (heart-beats) are dropped."""

    def __init__(self, longest: int = LONGEST_FRAME) -> None:
        self._longest = longest
        self._buffer = b""

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are complete now. Raises BadFrame; the decoder is of no use after that."""
        self._buffer += data
        found = []
        while True:
            self._buffer = self._buffer.lstrip(b"\r\n")
            taken = self._next()
            if taken is None:
                break
            frame, self._buffer = taken
            found.append(frame)
        if len(self._buffer) > self._longest:
            raise BadFrame(f"A frame may have at most {self._longest} bytes.")
        return found

    def _next(self) -> tuple[Frame, bytes] | None:
        """The first frame in the buffer and what comes after it; None while it is incomplete."""
        head, gap, rest = _split_head(self._buffer)
        if b"\0" in head:
            raise BadFrame("A frame ends before its headers do.")
        if not gap:
            return None
        command, headers = _read_head(head)
        length = headers.get("content-length")
        if length is None:
            body, end, rest = rest.partition(b"\0")
            if not end:
                return None
        else:
            if not _NUMBER.fullmatch(length):
                raise BadFrame("content-length is no number.")
            size = int(length)
            if size > self._longest:
                raise BadFrame(f"A frame may have at most {self._longest} bytes.")
            if len(rest) <= size:
                return None
            body, end, rest = rest[:size], rest[size : size + 1], rest[size + 1 :]
            if end != b"\0":
                raise BadFrame("The body does not end where content-length says.")
        if len(head) + len(body) > self._longest:
            raise BadFrame(f"A frame may have at most {self._longest} bytes.")
        return Frame(command, headers, body), rest


_GAP = re.compile(rb"\r?\n\r?\n")


def _split_head(data: bytes) -> tuple[bytes, bytes, bytes]:
    found = _GAP.search(data)
    return (data[: found.start()], found[0], data[found.end() :]) if found else (data, b"", b"")


def _read_head(head: bytes) -> tuple[str, dict[str, str]]:
    try:
        lines = [line.removesuffix("\r") for line in head.decode().split("\n")]
    except UnicodeDecodeError:
        raise BadFrame("Headers must be UTF-8.") from None
    command, *rest = lines
    if len(rest) > MOST_HEADERS:
        raise BadFrame(f"A frame may have at most {MOST_HEADERS} headers.")
    headers: dict[str, str] = {}
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon or not name:
            raise BadFrame("A header is not of the form name:value.")
        if command not in _VERBATIM:
            name, value = _read(name), _read(value)
        headers.setdefault(name, value)  # of repeated headers the first counts
    return command, headers


def _read(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        if found[0] not in _UNESCAPED:
            raise BadFrame(f"The escape {found[0]} does not exist.")
        return _UNESCAPED[found[0]]

    return _ESCAPE.sub(plain, text)
