"""Rows of the catalogue for services, whoever asks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, select

from mercato.catalog.tables import (
    categories,
    components,
    offering_endpoints,
    offerings,
    plan_components,
    plans,
)
from mercato.kernel.fixed import fixed
from mercato.schemas.access import Scope

_OFFERING = fixed(
    select(offerings).where(offerings.c.uuid == bindparam("uuid"), offerings.c.removed_at.is_(None))
)
_OFFERING_BY_ID = fixed(select(offerings).where(offerings.c.id == bindparam("id")))
_PLAN = fixed(select(plans).where(plans.c.uuid == bindparam("uuid"), plans.c.removed_at.is_(None)))
_PLAN_BY_ID = fixed(select(plans).where(plans.c.id == bindparam("id")))
_PLANS = fixed(
    select(plans)
    .where(plans.c.offering_id == bindparam("offering"), plans.c.removed_at.is_(None))
    .order_by(plans.c.id)
)
_COMPONENTS = fixed(
    select(components).where(components.c.offering_id == bindparam("offering")).order_by(components.c.id)
)
_PRICES = fixed(
    select(plan_components.c.price, plan_components.c.amount, components.c.type, components.c.billing_type)
    .join(components, components.c.id == plan_components.c.component_id)
    .where(plan_components.c.plan_id == bindparam("plan"))
    .order_by(components.c.id)
)


def offering_row(conn: Connection, uuid: str) -> Any:
    return conn.execute(_OFFERING, {"uuid": uuid}).first()


def offering_by_id(conn: Connection, number: int) -> Any:
    return conn.execute(_OFFERING_BY_ID, {"id": number}).one()


def plan_row(conn: Connection, uuid: str) -> Any:
    return conn.execute(_PLAN, {"uuid": uuid}).first()


def plan_by_id(conn: Connection, number: int) -> Any:
    return conn.execute(_PLAN_BY_ID, {"id": number}).one()


def components_of(conn: Connection, offering_id: int) -> list[Any]:
    """The offering's components in their order."""
    return list(conn.execute(_COMPONENTS, {"offering": offering_id}))


def prices_of(conn: Connection, plan_id: int) -> list[Any]:
    """(price, amount, type, billing_type) of each component that the plan prices."""
    return list(conn.execute(_PRICES, {"plan": plan_id}))


def plans_of(conn: Connection, offering_id: int) -> list[Any]:
    """The offering's plans, archived ones among them."""
    return list(conn.execute(_PLANS, {"offering": offering_id}))


def category_row(conn: Connection, uuid: str) -> Any:
    return conn.execute(select(categories).where(categories.c.uuid == uuid)).first()


def component_row(conn: Connection, offering_id: int, uuid: str) -> Any:
    found = select(components).where(components.c.offering_id == offering_id, components.c.uuid == uuid)
    return conn.execute(found).first()


def component_by_id(conn: Connection, number: int) -> Any:
    return conn.execute(select(components).where(components.c.id == number)).one()


def endpoint_row(conn: Connection, offering_id: int, uuid: str) -> Any:
    table = offering_endpoints
    return conn.execute(select(table).where(table.c.offering_id == offering_id, table.c.uuid == uuid)).first()


def offering_scopes(offering: Any) -> list[tuple[Scope, int]]:
    """Where a permission on an offering may come from: the offering itself or its organization."""
    return [(Scope.OFFERING, offering.id), (Scope.CUSTOMER, offering.customer_id)]
