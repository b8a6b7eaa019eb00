"""The log over HTTP. It is only read: what is in it was written by the acts themselves."""

from __future__ import annotations

from sqlalchemy import Connection

from mercato.access.rules import SIGNED_IN
from mercato.events.listings import LOG, STATS
from mercato.kernel.errors import NotFound
from mercato.kernel.http import Call, Route, listed, reading
from mercato.kernel.ids import as_hex
from mercato.schemas import DetailQuery
from mercato.schemas import events as api


def _entry(conn: Connection, call: Call, name: str, query: DetailQuery) -> bytes:
    """By uuid; old clients know numbers only."""
    uuid = as_hex(name)
    if uuid is not None:
        return LOG.one(conn, call.looker, query, uuid=uuid)
    if not (name.isascii() and name.isdigit() and len(name) < 19):
        raise NotFound
    return LOG.one(conn, call.looker, query, id=int(name))


def _count(conn: Connection, call: Call, query: api.EventQuery) -> api.EventCount:
    return api.EventCount(count=LOG.count(conn, call.looker, query))


def _groups(_conn: Connection, _call: Call, _query: DetailQuery) -> dict[str, tuple[str, ...]]:
    return api.EVENTS


def _scopes(_conn: Connection, _call: Call, _query: DetailQuery) -> list[str]:
    return [kind.value for kind in api.ScopeType]


def _metadata(_conn: Connection, _call: Call, _query: DetailQuery) -> api.EventMetadata:
    """Only Waldur's names: its clients refuse others."""
    return api.EventMetadata(event_groups=api.KNOWN_EVENTS)


ROUTES: list[Route] = [
    listed(api.LOG, LOG, needs=SIGNED_IN),
    reading(api.LOG_COUNT, _count, needs=SIGNED_IN),
    reading(api.LOG_GROUPS, _groups, needs=SIGNED_IN),
    reading(api.LOG_SCOPES, _scopes, needs=SIGNED_IN),
    listed(api.LOG_STATS, STATS, needs=SIGNED_IN),
    reading(api.METADATA, _metadata, needs=SIGNED_IN),
    reading(api.LOG_ENTRY, _entry, needs=SIGNED_IN),
]
