"""Rows of resources' keys for services, whoever asks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from mercato.api_keys.tables import resource_api_keys
from mercato.catalog.tables import offerings
from mercato.resources.tables import resources
from mercato.tenants.tables import projects

_KEY = (
    select(
        resource_api_keys,
        resources.c.uuid.label("resource_uuid"),
        resources.c.name.label("resource_name"),
        resources.c.backend_id.label("resource_backend_id"),
        resources.c.offering_id,
        resources.c.project_id,
        projects.c.customer_id,
        offerings.c.uuid.label("offering_uuid"),
        offerings.c.customer_id.label("provider_id"),
    )
    .join(resources, resources.c.id == resource_api_keys.c.resource_id)
    .join(offerings, offerings.c.id == resources.c.offering_id)
    .join(projects, projects.c.id == resources.c.project_id)
)


def key_row(conn: Connection, uuid: str) -> Any:
    """The key with its resource, offering, project and both organizations; or None."""
    return conn.execute(_KEY.where(resource_api_keys.c.uuid == uuid)).first()


def key_of_client(conn: Connection, resource_id: int, client_id: str) -> Any:
    where = (resource_api_keys.c.resource_id == resource_id, resource_api_keys.c.client_id == client_id)
    return conn.execute(_KEY.where(*where)).first()


def how_many(conn: Connection, resource_id: int) -> int:
    count = select(func.count()).where(resource_api_keys.c.resource_id == resource_id)
    return int(conn.execute(count).scalar_one())


def keys_of(conn: Connection, resource_id: int) -> list[Any]:
    """The resource's keys, oldest first."""
    mine = _KEY.where(resource_api_keys.c.resource_id == resource_id)
    return list(conn.execute(mine.order_by(resource_api_keys.c.id)))
