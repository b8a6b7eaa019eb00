"""Networks over HTTP."""

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
from mercato.networks import queries, rules, service
from mercato.networks.listings import SUBNETS
from mercato.schemas import DetailQuery, Nothing
from mercato.schemas import networks as api
from mercato.schemas.permissions import Permission as P
from mercato.tenants.listings import CUSTOMERS


def _create(tx: Tx, call: Call, data: api.NewAccessSubnet) -> str:
    uuid = uuid_of_link(data.customer)
    if uuid is None or not CUSTOMERS.count(tx.conn, call.looker, None, uuid=uuid):
        raise invalid("customer", "Organization is not found.", code="unknown_customer")
    return service.create(tx, call.actor, data, address=call.credentials.address)


def _on(act: Callable[..., Any]) -> Callable[..., Any]:
    """Run an act on a network that the caller can see; else it does not exist for them (404)."""

    def run(tx: Tx, call: Call, uuid: str, *data: Any) -> Any:
        if not SUBNETS.count(tx.conn, call.looker, None, uuid=uuid):
            raise NotFound
        return act(tx, call.actor, uuid, *data, address=call.credentials.address)

    return run


def _admitted(conn: Connection, call: Call, uuid: str, _query: Nothing) -> api.AdmittedNetworks:
    """For the offering's own people: what a firewall in front of it needs."""
    PROVIDED.one(conn, call.looker, DetailQuery(field=["uuid"]), uuid=uuid)
    rows = [api.Admitted(**row._mapping) for row in queries.admitted(conn, uuid)]
    return api.AdmittedNetworks(expanded=rows, packed=rules.packed(row.inet for row in rows), defaults=[])


ROUTES: list[Route] = [
    listed(api.SUBNETS, SUBNETS, needs=SIGNED_IN),
    detail(api.SUBNET, SUBNETS, needs=SIGNED_IN),
    acting(api.SUBNET_CREATE, _create, needs=P.ACCESS_SUBNET_CREATE, then=SUBNETS),
    acting(api.SUBNET_UPDATE, _on(service.change), needs=P.ACCESS_SUBNET_UPDATE, then=SUBNETS),
    acting(api.SUBNET_REPLACE, _on(service.change), needs=P.ACCESS_SUBNET_UPDATE, then=SUBNETS),
    acting(api.SUBNET_DELETE, _on(service.remove), needs=P.ACCESS_SUBNET_DELETE),
    reading(api.ADMITTED, _admitted, needs=SIGNED_IN),
]
