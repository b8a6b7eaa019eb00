"""Notices over HTTP."""

from __future__ import annotations

from mercato.access.rules import SIGNED_IN
from mercato.kernel.db import Tx
from mercato.kernel.errors import NotFound
from mercato.kernel.http import Call, Route, acting, listed
from mercato.notices import service
from mercato.notices.listings import NOTICES
from mercato.schemas import notices as api


def _read(tx: Tx, call: Call, uuid: str) -> api.NoticesRead:
    if not NOTICES.count(tx.conn, call.looker, None, uuid=uuid):
        raise NotFound
    return api.NoticesRead(count=service.read(tx, call.actor, uuid))


def _read_all(tx: Tx, call: Call) -> api.NoticesRead:
    return api.NoticesRead(count=service.read(tx, call.actor))


ROUTES: list[Route] = [
    listed(api.NOTICES, NOTICES, needs=SIGNED_IN),
    acting(api.READ, _read, needs=SIGNED_IN),
    acting(api.READ_ALL, _read_all, needs=SIGNED_IN),
]
