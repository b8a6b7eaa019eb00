"""The server of a data directory: finding it, being it, asking it.

The server holds `server.lock` while it lives and describes itself in `server.json` (readable by its owner
only): address, process and the secret with which commands may ask it to work.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from mercato.jobs.alone import AnotherProcess, alone

ADMIN_HEADER = "X-Mercato-Admin"


class Running(NamedTuple):
    """A server that lives."""

    url: str
    pid: int
    secret: str


class CommandRefused(Exception):
    """The server (or the command itself) said no; the message is for people."""


def _card(data: Path) -> Path:
    return data / "server.json"


def lock_file(data: Path) -> Path:
    return data / "server.lock"


def prepare(data: Path) -> None:
    """Make the data directory; nobody else may look into it."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)


def find(data: Path) -> Running | None:
    """The server that serves this data directory now, or None."""
    if not lock_file(data).exists():
        return None
    try:
        with alone(lock_file(data)):
            return None  # nobody held the lock: what the card says is history
    except AnotherProcess:
        pass
    try:
        card = json.loads(_card(data).read_text())
        return Running(str(card["url"]), int(card["pid"]), str(card["secret"]))
    except (OSError, ValueError, KeyError):
        return None  # it is about to write its card


@contextmanager
def being_server(data: Path) -> Iterator[None]:
    """Be the one server of the data directory. Raises AnotherProcess when there is one."""
    prepare(data)
    with alone(lock_file(data)):
        try:
            yield
        finally:
            _card(data).unlink(missing_ok=True)


def describe(data: Path, url: str) -> Running:
    """Write the card that lets commands and apps find this server."""
    me = Running(url, os.getpid(), secrets.token_urlsafe(32))
    write_private(_card(data), json.dumps(me._asdict()))
    return me


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, all of it or nothing."""
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def ask(server: Running, command: str, args: dict[str, Any]) -> Any:
    """Let the running server do the command. Raises CommandRefused with its words."""
    import httpx

    url = f"{server.url}/api/mercato-commands/{command}/"
    try:
        answer = httpx.post(url, json={"args": args}, headers={ADMIN_HEADER: server.secret}, timeout=600)
    except httpx.HTTPError as error:
        raise CommandRefused(f"The running server at {server.url} does not answer: {error}") from error
    if answer.status_code != 200:
        raise CommandRefused(words_of(answer.json()))
    return answer.json()["result"]


def words_of(problem: Any) -> str:
    """An error body as one sentence."""
    if isinstance(problem, dict) and "detail" in problem:
        return str(problem["detail"])
    if isinstance(problem, dict):
        return "; ".join(f"{k}: {v[0] if isinstance(v, list) and v else v}" for k, v in problem.items())
    return str(problem)
