"""What every request passes: who asks, from which base, with which pages already made."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.config import Settings
from mercato.identity import personal
from mercato.identity import queries as identity
from mercato.identity import service as sessions
from mercato.identity.rules import PERSONAL
from mercato.kernel.cache import ListCache
from mercato.kernel.db import Database
from mercato.kernel.errors import NotSignedIn
from mercato.kernel.http import Credentials
from mercato.kernel.incoming import Incoming
from mercato.kernel.listing import Looker


class _Use(NamedTuple):
    """How a personal access token was used since that was last written down."""

    credentials: Credentials
    times: int
    at: datetime


class WebDoor:
    """The composition root's answer to `kernel.http.Door`."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.db = db
        self.settings = settings
        self.cache = ListCache(enabled=db.dialect == "sqlite")
        self._hosts = settings.hosts
        self._bases: dict[tuple[str, str], str] = {}
        self.used_tokens: set[int] = set()
        self._used_personal: dict[int, _Use] = {}
        self._refused: set[tuple[int, str]] = set()

    def base_of(self, request: Incoming) -> str:
        """Links start with the host the client used, if it is one of ours; else with the base URL."""
        key = (request.scope["scheme"], request.header(b"host"))
        base = self._bases.get(key)
        if base is None:
            host = key[1]
            name = host if host.startswith("[") and host.endswith("]") else host.rsplit(":", 1)[0]
            known = name.lower() in self._hosts
            base = f"{key[0]}://{host}" if known else self.settings.base_url.rstrip("/")
            if known:
                self._bases[key] = base
        return base

    def identify(self, conn: Connection, credentials: Credentials, needs: Any, now: datetime) -> Actor:
        if credentials.key.startswith(PERSONAL):
            return self._identify_personal(conn, credentials, needs, now)
        actor, stale = identity.actor_for(conn, credentials.key, needs, now)
        if stale:
            self.used_tokens.add(actor.token_id)
        return actor

    def _identify_personal(
        self, conn: Connection, credentials: Credentials, needs: Any, now: datetime
    ) -> Actor:
        if not self.settings.pat_enabled:
            raise NotSignedIn("Invalid token.", code="invalid_token")
        try:
            actor, _ = identity.actor_for(conn, credentials.key, needs, now, credentials.address)
        except identity.WrongAddress as error:
            self._refused.add((error.token, credentials.address))
            raise
        token = actor.limits.token if actor.limits is not None else 0
        last = self._used_personal.get(token)
        if last is None or last.credentials is not credentials:  # a request may ask twice who it is from
            times = last.times + 1 if last is not None else 1
            self._used_personal[token] = _Use(credentials, times, now)
        return actor

    def looker(self, actor: Actor, base: str, now: datetime) -> Looker:
        return access.looker(actor, base, now)

    def cache_key(self, conn: Connection, actor: Actor, now: datetime) -> Any:
        return access.scopes_of(conn, actor, now)

    async def note_used_tokens(self) -> None:
        """Write down which tokens were used lately (the readers may not write)."""
        used, self.used_tokens = self.used_tokens, set()
        for token in used:
            await self.db.write(sessions.touch, token)
        personally, self._used_personal = self._used_personal, {}
        for token, use in personally.items():
            await self.db.write(personal.note_use, token, use.times, use.credentials.address, use.at)
        refused, self._refused = self._refused, set()
        for token, address in refused:
            await self.db.write(personal.note_refusal, token, address)
