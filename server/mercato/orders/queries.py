"""Rows of orders for services, whoever asks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, select

from mercato.catalog.tables import offerings
from mercato.identity.tables import users
from mercato.kernel.fixed import fixed
from mercato.orders.states import OPEN
from mercato.orders.tables import orders
from mercato.resources.tables import resources
from mercato.schemas.access import Scope
from mercato.schemas.orders import OrderState
from mercato.tenants.tables import customers, projects

_ROW = (
    select(
        orders,
        offerings.c.uuid.label("offering_uuid"),
        offerings.c.name.label("offering_name"),
        offerings.c.type.label("offering_type"),
        offerings.c.shared,
        offerings.c.plugin_options,
        offerings.c.customer_id.label("provider_id"),
        projects.c.uuid.label("project_uuid"),
        projects.c.start_date.label("project_start"),
        projects.c.end_date.label("project_end"),
        projects.c.removed_at.label("project_removed"),
        projects.c.customer_id,
        customers.c.blocked,
        customers.c.archived,
        customers.c.time_zone,
        resources.c.uuid.label("resource_uuid"),
        resources.c.name.label("resource_name"),
        resources.c.state.label("resource_state"),
        users.c.is_staff.label("created_by_staff"),
    )
    .join(offerings, offerings.c.id == orders.c.offering_id)
    .join(projects, projects.c.id == orders.c.project_id)
    .join(customers, customers.c.id == projects.c.customer_id)
    .join(resources, resources.c.id == orders.c.resource_id)
    .outerjoin(users, users.c.id == orders.c.created_by_id)
)
_TOLD = fixed(
    select(
        orders.c.uuid,
        orders.c.type,
        orders.c.error_message,
        offerings.c.uuid.label("offering_uuid"),
        offerings.c.name.label("offering_name"),
        projects.c.uuid.label("project_uuid"),
        resources.c.uuid.label("resource_uuid"),
        resources.c.name.label("resource_name"),
    )
    .join(offerings, offerings.c.id == orders.c.offering_id)
    .join(projects, projects.c.id == orders.c.project_id)
    .join(resources, resources.c.id == orders.c.resource_id)
    .where(orders.c.uuid == bindparam("uuid"))
)
_BY_UUID = fixed(_ROW.where(orders.c.uuid == bindparam("uuid")))
_BY_KEY = fixed(
    select(orders.c.uuid).where(
        orders.c.created_by_id == bindparam("user"), orders.c.request_key == bindparam("key")
    )
)


def order_row(conn: Connection, uuid: str) -> Any:
    """The order with what its offering, project, organization and resource say; or None."""
    return conn.execute(_BY_UUID, {"uuid": uuid}).first()


def told_row(conn: Connection, uuid: str) -> Any:
    """Of the order what is told when it moves."""
    return conn.execute(_TOLD, {"uuid": uuid}).one()


def same_request(conn: Connection, user_id: int, key: str) -> str | None:
    """The order that the same request made before."""
    return conn.execute(_BY_KEY, {"user": user_id, "key": key}).scalar()


def consumer_scopes(row: Any) -> list[tuple[Scope, int]]:
    return [(Scope.PROJECT, row.project_id), (Scope.CUSTOMER, row.customer_id)]


def provider_scopes(row: Any) -> list[tuple[Scope, int]]:
    return [(Scope.OFFERING, row.offering_id), (Scope.CUSTOMER, row.provider_id)]


def open_order(conn: Connection, resource_id: int) -> str | None:
    """The uuid of the order that the resource is busy with."""
    found = select(orders.c.uuid).where(
        orders.c.resource_id == resource_id, orders.c.state.in_([s.value for s in OPEN])
    )
    return conn.execute(found.limit(1)).scalar()


def waiting_orders(conn: Connection, state: OrderState, *where: Any) -> list[str]:
    """The uuids of the orders in a state, oldest first."""
    found = (
        select(orders.c.uuid)
        .join(projects, projects.c.id == orders.c.project_id)
        .where(orders.c.state == state.value, *where)
        .order_by(orders.c.id)
    )
    return [row[0] for row in conn.execute(found)]
