"""Policies of periodic SLURM limits over HTTP."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection

from mercato.access.rules import SIGNED_IN
from mercato.catalog.listings import PROVIDED
from mercato.kernel.acts import on_visible
from mercato.kernel.db import Tx
from mercato.kernel.errors import invalid
from mercato.kernel.http import Call, Route, acting, detail, listed, reading
from mercato.kernel.ids import uuid_of_link
from mercato.schemas import DetailQuery
from mercato.schemas import slurm_policies as api
from mercato.schemas.permissions import Permission as P
from mercato.slurm_policies import service
from mercato.slurm_policies.listings import COMMANDS, POLICIES

_on = partial(on_visible, POLICIES)


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
