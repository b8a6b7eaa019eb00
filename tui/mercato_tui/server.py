"""The joint between the app and whoever runs its server. The command line fills in a `Connection`.

The app paints first and connects afterwards: nothing here is awaited before the first frame.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True)
class Ready:
    """A server that answers.

    `base_url`: where. `empty`: nobody can sign in yet, so the start screen offers its choices.
    `personas_path`: the personas of a demo marketplace, if it is one. `token`: signs in at once.
    """

    base_url: str
    empty: bool = False
    personas_path: Path | None = None
    token: str | None = None


Start = Callable[[], Awaitable[Ready]]
FirstAdmin = Callable[[str, str, str], Awaitable[str]]
NewClient = Callable[[str], "httpx.AsyncClient"]


@dataclass(frozen=True)
class Connection:
    """How this app reaches a server.

    `base_url`: a server that already runs. `start`: brings one up (the embedded server) and says where.
    `first_admin(username, password, email)`: creates the first administrator, gives a token.
    `start_demo`: brings up the demo marketplace. `personas_path`: JSON with the demo's personas.
    `token`: signs in without asking. `new_client`: makes the HTTP client (tests drive the server in process).
    `label`: what to call the server in the context bar, where its address says nothing.
    """

    base_url: str | None = None
    start: Start | None = None
    personas_path: Path | None = None
    first_admin: FirstAdmin | None = None
    start_demo: Start | None = None
    token: str | None = None
    new_client: NewClient | None = None
    label: str = ""

    def client(self, base_url: str) -> httpx.AsyncClient:
        """An HTTP client for this address."""
        if self.new_client is not None:
            return self.new_client(base_url)
        import httpx

        return httpx.AsyncClient(base_url=base_url, timeout=httpx.Timeout(30.0, connect=5.0))


class Tokens:
    """Signed-in sessions by server address, in a file only its owner can read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def default(cls) -> Tokens:
        from platformdirs import user_config_path

        return cls(user_config_path("mercato") / "tokens.json")

    def get(self, base_url: str) -> str | None:
        found = self._read().get(base_url.rstrip("/"))
        return found if isinstance(found, str) else None

    def addresses(self) -> list[str]:
        """Where somebody is signed in."""
        return sorted(self._read())

    def put(self, base_url: str, token: str) -> None:
        self._write(self._read() | {base_url.rstrip("/"): token})

    def forget(self, base_url: str) -> None:
        kept = self._read()
        if kept.pop(base_url.rstrip("/"), None) is not None:
            self._write(kept)

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}

    def _write(self, kept: dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self.path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(kept, file)
        fresh.replace(self.path)


@dataclass(frozen=True)
class Persona:
    """Somebody of the demo marketplace to enter as."""

    key: str
    name: str
    title: str
    description: str
    token: str


def read_personas(path: Path | None) -> list[Persona]:
    """The demo's personas; none where there is no file. A file that others can read is not used."""
    if path is None:
        return []
    try:
        if path.stat().st_mode & 0o077:
            return []
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    names = ("key", "name", "title", "description", "token")
    return [
        Persona(*(str(row[name]) for name in names))
        for row in rows
        if isinstance(row, dict) and all(name in row for name in names)
    ]
