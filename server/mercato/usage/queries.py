"""Usage records for services and lists."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, String, bindparam, column, exists, func, select, table

from mercato.catalog.tables import components, offerings
from mercato.kernel.filters import equals, linked, part_of, since, until
from mercato.kernel.fixed import fixed
from mercato.kernel.listing import Listing, converted
from mercato.resources.listings import consumed
from mercato.resources.tables import resource_history, resources
from mercato.schemas.usage import ComponentUsage
from mercato.tenants.tables import customers, projects
from mercato.usage.tables import component_usages, user_usage_limits

# Accounts on services are kept by a room above.
accounts = table(
    "offering_users",
    column("id"),
    column("uuid", String()),
    column("offering_id"),
    column("user_id"),
    column("username", String()),
)

_RECORD = fixed(
    select(component_usages).where(
        component_usages.c.resource_id == bindparam("resource"),
        component_usages.c.component_id == bindparam("component"),
        component_usages.c.billing_period == bindparam("period"),
    )
)


def record(conn: Connection, resource_id: int, component_id: int, period: date) -> Any:
    """The record of a component and month, or None."""
    params = {"resource": resource_id, "component": component_id, "period": period}
    return conn.execute(_RECORD, params).first()


def last_report(conn: Connection, resource_id: int) -> int:
    """The number of the resource's latest report."""
    found = select(func.max(component_usages.c.reported)).where(component_usages.c.resource_id == resource_id)
    return int(conn.execute(found).scalar() or 0)


def usages_of(conn: Connection, resource_id: int) -> list[Any]:
    """Every record of a resource with its component's type."""
    found = (
        select(component_usages, components.c.type)
        .join(components, components.c.id == component_usages.c.component_id)
        .where(component_usages.c.resource_id == resource_id)
    )
    return list(conn.execute(found.order_by(component_usages.c.id)))


def measured(conn: Connection, component_id: int) -> bool:
    """Whether usage of this component was ever reported."""
    found = select(component_usages.c.id).where(component_usages.c.component_id == component_id)
    return conn.execute(found.limit(1)).first() is not None


def record_by_uuid(conn: Connection, uuid: str) -> Any:
    """The record with its component's type, billing type and whether it is prepaid; or None."""
    found = (
        select(component_usages, components.c.type, components.c.billing_type, components.c.is_prepaid)
        .join(components, components.c.id == component_usages.c.component_id)
        .where(component_usages.c.uuid == uuid)
    )
    return conn.execute(found).first()


def accounts_named(conn: Connection, offering_id: int) -> dict[str, int]:
    """The ids of the offering's accounts by their names there."""
    at = accounts.c
    found = select(at.username, at.id).where(at.offering_id == offering_id, at.username != "")
    return {row.username: int(row.id) for row in conn.execute(found.order_by(at.id))}


def account(conn: Connection, offering_id: int, uuid: str) -> Any:
    """The offering's account with this uuid, or None."""
    at = accounts.c
    found = select(at.id, at.uuid, at.username).where(at.offering_id == offering_id, at.uuid == uuid)
    return conn.execute(found).first()


def user_limit(conn: Connection, uuid: str) -> Any:
    """A user's limit with the uuids of its resource, component and account; or None."""
    found = (
        select(
            user_usage_limits,
            resources.c.uuid.label("resource"),
            components.c.uuid.label("component"),
            components.c.type,
            accounts.c.uuid.label("user"),
            accounts.c.username,
        )
        .join(resources, resources.c.id == user_usage_limits.c.resource_id)
        .join(components, components.c.id == user_usage_limits.c.component_id)
        .join(accounts, accounts.c.id == user_usage_limits.c.user_id)
        .where(user_usage_limits.c.uuid == uuid)
    )
    return conn.execute(found).first()


def plan_period(conn: Connection, uuid: str) -> Any:
    """The resource (uuid) of a plan period and whether the period has ended; or None (see PLAN_PERIODS)."""
    at, later = resource_history.c, resource_history.alias("later")
    ended = exists().where(
        later.c.resource_id == at.resource_id, later.c.id > at.id, later.c.kind.in_(["plan", "terminated"])
    )
    found = (
        select(resources.c.uuid, ended.label("ended"))
        .join(resources, resources.c.id == at.resource_id)
        .where(
            at.id == int(uuid[16:], 16) % 2**63,
            resources.c.uuid.startswith(uuid[:16]),
            at.kind.in_(["created", "plan", "restored"]),
            at.plan_id.is_not(None),
        )
    )
    return conn.execute(found).first()


def wire_amount(value: int) -> int | float:
    """Whole amounts as integers (old clients read integers), others with their two decimals."""
    return value // 100 if value % 100 == 0 else value / 100


USAGES = Listing(
    ComponentUsage,
    table=component_usages,
    source=component_usages.join(resources, resources.c.id == component_usages.c.resource_id)
    .join(components, components.c.id == component_usages.c.component_id)
    .join(offerings, offerings.c.id == resources.c.offering_id)
    .join(projects, projects.c.id == resources.c.project_id)
    .join(customers, customers.c.id == projects.c.customer_id),
    visible=consumed,
    columns={
        "uuid": component_usages.c.uuid,
        "created": component_usages.c.created,
        "type": components.c.type,
        "name": components.c.name,
        "measured_unit": components.c.measured_unit,
        "description": component_usages.c.description,
        "usage": converted(component_usages.c.hundredths, wire_amount),
        "date": component_usages.c.date,
        "billing_period": component_usages.c.billing_period,
        "recurring": component_usages.c.recurring,
        "modified_by": component_usages.c.modified_by_id,
        "resource_uuid": resources.c.uuid,
        "resource_name": resources.c.name,
        "offering_uuid": offerings.c.uuid,
        "offering_name": offerings.c.name,
        "project_uuid": projects.c.uuid,
        "project_name": projects.c.name,
        "customer_uuid": customers.c.uuid,
        "customer_name": customers.c.name,
    },
    filters={
        "uuid": equals(component_usages.c.uuid),
        "resource": linked(resources.c.uuid),
        "resource_uuid": equals(resources.c.uuid),
        "offering_uuid": equals(offerings.c.uuid),
        "project_uuid": equals(projects.c.uuid),
        "customer_uuid": equals(customers.c.uuid),
        "type": equals(components.c.type),
        "billing_period": equals(component_usages.c.billing_period),
        "billing_period_year": part_of("year", component_usages.c.billing_period),
        "billing_period_month": part_of("month", component_usages.c.billing_period),
        "date_after": since(component_usages.c.billing_period),
        "date_before": until(component_usages.c.billing_period),
    },
    order={
        "billing_period": component_usages.c.billing_period,
        "date": component_usages.c.date,
        "usage": component_usages.c.hundredths,
        "type": components.c.type,
    },
    default_order=("-billing_period",),
)
