"""Imports over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mercato.access.rules import SIGNED_IN
from mercato.catalog.listings import PROVIDED
from mercato.imports import service
from mercato.imports.listings import FOUND, IMPORTABLE, REQUESTS
from mercato.kernel.acts import on_visible
from mercato.kernel.db import Tx
from mercato.kernel.errors import invalid
from mercato.kernel.http import Call, Route, acting, detail, listed
from mercato.resources.listings import PROVIDED_RESOURCES
from mercato.schemas import Status
from mercato.schemas import imports as api
from mercato.schemas.permissions import Permission as P

_NEEDS = P.OFFERING_MANAGE_BACKEND_RESOURCES


def _at_mine(act: Callable[..., str]) -> Callable[..., str]:
    """Made at an offering that the caller sees."""

    def run(tx: Tx, call: Call, data: Any) -> str:
        if not PROVIDED.count(tx.conn, call.looker, None, uuid=data.offering.hex):
            raise invalid("offering", "Offering is not found.", code="unknown_offering")
        return act(tx, call.actor, data)

    return run


def _move(action: str, said: str) -> Callable[..., Any]:
    def act(tx: Tx, actor: Any, uuid: str, *problem: api.BackendProblem) -> Status:
        service.move(tx, actor, uuid, action, *problem)
        return Status(status=said)

    return on_visible(REQUESTS, act)


def _import(tx: Tx, actor: Any, uuid: str, data: api.ImportWish) -> str:
    return service.become(tx, actor, uuid, data.plan.hex if data.plan else None)


ROUTES: list[Route] = [
    listed(api.REQUESTS, REQUESTS, needs=SIGNED_IN),
    detail(api.REQUEST, REQUESTS, needs=SIGNED_IN),
    acting(api.REQUEST_CREATE, _at_mine(service.ask), needs=_NEEDS, then=REQUESTS),
    acting(api.REQUEST_START, _move("start_processing", "Request processing has started."), needs=_NEEDS),
    acting(api.REQUEST_DONE, _move("set_done", "Request is done."), needs=_NEEDS),
    acting(api.REQUEST_ERRED, _move("set_erred", "Request is erred."), needs=_NEEDS),
    listed(api.FOUND, FOUND, needs=SIGNED_IN),
    detail(api.FOUND_ONE, FOUND, needs=SIGNED_IN),
    acting(api.FOUND_CREATE, _at_mine(service.report), needs=_NEEDS, then=FOUND),
    acting(api.FOUND_DELETE, on_visible(FOUND, service.forget), needs=_NEEDS),
    acting(api.FOUND_IMPORT, on_visible(FOUND, _import), needs=_NEEDS, then=PROVIDED_RESOURCES),
    listed(api.IMPORTABLE, IMPORTABLE, needs=SIGNED_IN, scope="offering_uuid", within=PROVIDED),
]
