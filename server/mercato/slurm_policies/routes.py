"""Policies of periodic SLURM limits over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from mercato.access.rules import SIGNED_IN
from mercato.catalog.listings import PROVIDED
from mercato.kernel.db import Tx
from mercato.kernel.errors import NotFound, invalid
from mercato.kernel.http import Call, Route, acting, detail, listed, reading
from mercato.kernel.ids import uuid_of_link
from mercato.schemas import DetailQuery
from mercato.schemas import slurm_policies as api
from mercato.schemas.permissions import Permission as P
from mercato.slurm_policies import service
from mercato.slurm_policies.listings import COMMANDS, POLICIES


def _on(act: Callable[..., Any]) -> Callable[..., Any]:
    def run(tx: Tx, call: Call, uuid: str, *data: Any) -> Any:
        if not POLICIES.count(tx.conn, call.looker, None, uuid=uuid):
            raise NotFound
        return act(tx, call.actor, uuid, *data)

    return run


def _create(tx: Tx, call: Call, data: api.NewPolicy) -> str:
    uuid = uuid_of_link(data.scope)
    if uuid is None or not PROVIDED.count(tx.conn, call.looker, None, uuid=uuid):
        raise invalid("scope", "Offering is not found.", code="unknown_offering")
    return service.create(tx, call.actor, data)


def _actions(_conn: Connection, _call: Call, _query: DetailQuery) -> tuple[str, ...]:
    return api.ACTIONS


ROUTES: list[Route] = [
    listed(api.POLICIES, POLICIES, needs=SIGNED_IN),
    reading(api.POLICY_ACTIONS, _actions, needs=SIGNED_IN),
    detail(api.POLICY, POLICIES, needs=SIGNED_IN),
    acting(api.POLICY_CREATE, _create, needs=P.OFFERING_UPDATE, then=POLICIES),
    acting(api.POLICY_REPLACE, _on(service.change), needs=P.OFFERING_UPDATE, then=POLICIES),
    acting(api.POLICY_CHANGE, _on(service.change), needs=P.OFFERING_UPDATE, then=POLICIES),
    acting(api.POLICY_DELETE, _on(service.remove), needs=P.OFFERING_UPDATE),
    acting(api.REPORT_COMMAND, _on(service.report), needs=P.OFFERING_UPDATE),
    listed(api.COMMANDS, COMMANDS, needs=SIGNED_IN, scope="policy", within=POLICIES),
]
