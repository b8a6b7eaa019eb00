"""Rows of resources for services, whoever asks."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select

from mercato.catalog.tables import offerings
from mercato.kernel.fixed import fixed
from mercato.resources.tables import (
    prepaid_charges,
    resource_endpoints,
    resource_history,
    resource_moves,
    resources,
)
from mercato.schemas.access import Scope
from mercato.schemas.resources import ResourceState
from mercato.tenants.tables import projects

_ROW = (
    select(
        resources,
        offerings.c.uuid.label("offering_uuid"),
        offerings.c.customer_id.label("provider_id"),
        projects.c.uuid.label("project_uuid"),
        projects.c.customer_id,
    )
    .join(offerings, offerings.c.id == resources.c.offering_id)
    .join(projects, projects.c.id == resources.c.project_id)
)
_BY_UUID = fixed(_ROW.where(resources.c.uuid == bindparam("uuid")))
_BY_ID = fixed(_ROW.where(resources.c.id == bindparam("id")))


def resource_row(conn: Connection, uuid: str) -> Any:
    """The resource with offering_uuid, provider_id (organization), project_uuid and customer_id; or None."""
    return conn.execute(_BY_UUID, {"uuid": uuid}).first()


def resource_by_id(conn: Connection, number: int) -> Any:
    return conn.execute(_BY_ID, {"id": number}).one()


def consumer_scopes(row: Any) -> list[tuple[Scope, int]]:
    return [(Scope.PROJECT, row.project_id), (Scope.CUSTOMER, row.customer_id)]


def provider_scopes(row: Any) -> list[tuple[Scope, int]]:
    return [(Scope.OFFERING, row.offering_id), (Scope.CUSTOMER, row.provider_id)]


def limits_elsewhere(conn: Connection, offering_id: int, but: int = 0) -> dict[str, int]:
    """What all other living resources of the offering hold together, by component type."""
    found = select(resources.c.limits).where(
        resources.c.offering_id == offering_id,
        resources.c.id != but,
        resources.c.state != ResourceState.TERMINATED.value,
    )
    sums: dict[str, int] = {}
    for (limits,) in conn.execute(found):
        for type_, value in limits.items():
            if value > 0:
                sums[type_] = sums.get(type_, 0) + int(value)
    return sums


def component_limited(conn: Connection, offering_id: int, type_: str) -> bool:
    """Whether a living resource of the offering holds, or waits for, a limit of this component."""
    found = select(resources.c.limits).where(
        resources.c.offering_id == offering_id, resources.c.state != ResourceState.TERMINATED.value
    )
    return any(limits.get(type_, 0) != 0 for (limits,) in conn.execute(found))


def is_used(conn: Connection, *where: Any) -> bool:
    """Whether there is a living resource that meets the conditions."""
    living = resources.c.state != ResourceState.TERMINATED.value
    return conn.execute(select(resources.c.id).where(living, *where).limit(1)).first() is not None


def plan_uses(conn: Connection, plan_id: int) -> int:
    """How many living resources are on the plan."""
    living = resources.c.state != ResourceState.TERMINATED.value
    rows = conn.execute(select(resources.c.id).where(living, resources.c.plan_id == plan_id))
    return len(rows.fetchall())


def history_of(conn: Connection, resource_id: int) -> list[Any]:
    found = select(resource_history).where(resource_history.c.resource_id == resource_id)
    return list(conn.execute(found.order_by(resource_history.c.id)))


def prepaid_of(conn: Connection, resource_id: int) -> list[Any]:
    """What was paid for in advance, oldest first."""
    found = select(prepaid_charges).where(prepaid_charges.c.resource_id == resource_id)
    return list(conn.execute(found.order_by(prepaid_charges.c.id)))


def endpoints_of(conn: Connection, resource_id: int) -> list[tuple[str, str]]:
    """(name, url) of each access endpoint, in order."""
    at = resource_endpoints.c
    found = select(at.name, at.url).where(at.resource_id == resource_id).order_by(at.id)
    return [(row.name, row.url) for row in conn.execute(found)]


def moves_of(conn: Connection, resource_id: int) -> list[Any]:
    """Whose the resource was before, in the order in which it went on."""
    found = select(resource_moves).where(resource_moves.c.resource_id == resource_id)
    return list(conn.execute(found.order_by(resource_moves.c.at, resource_moves.c.id)))


def first_life(conn: Connection, customer_id: int) -> Any:
    """When the first of the organization's resources came to life, or None."""
    found = (
        select(resource_history.c.at)
        .join(resources, resources.c.id == resource_history.c.resource_id)
        .join(projects, projects.c.id == resources.c.project_id)
        .where(projects.c.customer_id == customer_id)
    )
    return conn.execute(found.order_by(resource_history.c.at).limit(1)).scalar()


def billed_resources(conn: Connection, customer_id: int) -> list[int]:
    """The organization's living resources: those that a new month begins with."""
    ever = select(resource_history.c.resource_id).where(resource_history.c.kind == "created")
    found = (
        select(resources.c.id)
        .join(projects, projects.c.id == resources.c.project_id)
        .where(
            projects.c.customer_id == customer_id,
            resources.c.state != ResourceState.TERMINATED.value,
            resources.c.id.in_(ever),
        )
    )
    return [row[0] for row in conn.execute(found.order_by(resources.c.id))]


def decoded(value: Any) -> Any:
    """A JSON column that a hand-written join handed over as text."""
    return msgspec.json.decode(value) if isinstance(value, str) else value
