"""Networks for services, and what keeps somebody from signing in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select

from mercato.access import queries as access
from mercato.catalog.tables import offerings
from mercato.identity.rules import address_allowed
from mercato.networks.tables import access_subnets, subnet_offerings
from mercato.resources.tables import resources
from mercato.schemas.resources import ResourceState
from mercato.tenants.tables import customers, projects

_ROW = (
    select(access_subnets, customers.c.uuid.label("customer_uuid"), customers.c.name.label("customer_name"))
    .join(customers, customers.c.id == access_subnets.c.customer_id)
    .where(customers.c.removed_at.is_(None))
)
_BY_UUID = _ROW.where(access_subnets.c.uuid == bindparam("uuid"))
# Something of the offering is there for the organization.
LIVES = exists().where(
    resources.c.offering_id == offerings.c.id,
    resources.c.state != ResourceState.TERMINATED.value,
    resources.c.project_id == projects.c.id,
    projects.c.customer_id == access_subnets.c.customer_id,
)
_PORTALS = (
    select(access_subnets.c.customer_id, access_subnets.c.inet, customers.c.name)
    .join(customers, customers.c.id == access_subnets.c.customer_id)
    .where(access_subnets.c.applies_to_portal, customers.c.removed_at.is_(None))
)


def subnet_row(conn: Connection, uuid: str) -> Any:
    """The network with customer_uuid and customer_name, whoever asks, or None."""
    return conn.execute(_BY_UUID, {"uuid": uuid}).first()


def offerings_of(conn: Connection, subnet_id: int) -> set[int]:
    """The ids of the offerings that the network shall be let in to."""
    found = select(subnet_offerings.c.offering_id).where(subnet_offerings.c.subnet_id == subnet_id)
    return {row[0] for row in conn.execute(found)}


def consumed(conn: Connection, customer_id: int, uuid: str) -> Any:
    """The offering, if the organization has something of it; else None."""
    used = exists().where(
        resources.c.offering_id == offerings.c.id,
        resources.c.state != ResourceState.TERMINATED.value,
        resources.c.project_id == projects.c.id,
        projects.c.customer_id == customer_id,
    )
    found = select(offerings).where(offerings.c.uuid == uuid, offerings.c.removed_at.is_(None), used)
    return conn.execute(found).first()


_ADMITTED = (
    select(
        access_subnets.c.inet,
        access_subnets.c.description,
        access_subnets.c.is_staff_managed,
        customers.c.uuid.label("customer_uuid"),
        customers.c.name.label("customer_name"),
        offerings.c.uuid.label("offering_uuid"),
        offerings.c.name.label("offering_name"),
    )
    .join(customers, customers.c.id == access_subnets.c.customer_id)
    .join(subnet_offerings, subnet_offerings.c.subnet_id == access_subnets.c.id)
    .join(offerings, offerings.c.id == subnet_offerings.c.offering_id)
    .where(offerings.c.uuid == bindparam("offering"), customers.c.removed_at.is_(None))
    .order_by(customers.c.name, access_subnets.c.id)
)


def admitted(conn: Connection, offering: str) -> list[Any]:
    """The networks that shall be let in to the offering, with whose they are."""
    return list(conn.execute(_ADMITTED, {"offering": offering}))


def portal_networks(conn: Connection, customer_id: int) -> list[str]:
    """From where the organization's people may sign in; empty means anywhere."""
    found = _PORTALS.where(access_subnets.c.customer_id == customer_id)
    return [row.inet for row in conn.execute(found)]


def refusing(conn: Connection, user_id: int, address: str, now: datetime) -> list[str]:
    """The names of the person's organizations whose people do not sign in from this address."""
    mine = access.sees_customer(access_subnets.c.customer_id)
    rows = conn.execute(_PORTALS.where(mine), {"me": user_id, "now": now}).fetchall()
    allowed: dict[str, list[str]] = {}
    for row in rows:
        allowed.setdefault(row.name, []).append(row.inet)
    return sorted(name for name, inets in allowed.items() if not address_allowed(address, inets))
