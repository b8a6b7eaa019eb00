"""Rows of imports for services, whoever asks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from mercato.catalog.tables import offerings
from mercato.imports.tables import backend_resource_requests, backend_resources
from mercato.tenants.tables import projects

_OFFERING = (
    offerings.c.uuid.label("offering_uuid"),
    offerings.c.name.label("offering_name"),
    offerings.c.customer_id.label("provider_id"),
)


def request_row(conn: Connection, uuid: str) -> Any:
    """The request with offering_uuid, offering_name and provider_id (organization); or None."""
    found = select(backend_resource_requests, *_OFFERING).join(
        offerings, offerings.c.id == backend_resource_requests.c.offering_id
    )
    return conn.execute(found.where(backend_resource_requests.c.uuid == uuid)).first()


def found_row(conn: Connection, uuid: str) -> Any:
    """What was found, with its offering and the project's uuid; or None."""
    found = (
        select(backend_resources, *_OFFERING, projects.c.uuid.label("project_uuid"))
        .join(offerings, offerings.c.id == backend_resources.c.offering_id)
        .join(projects, projects.c.id == backend_resources.c.project_id)
    )
    return conn.execute(found.where(backend_resources.c.uuid == uuid)).first()


def is_reported(conn: Connection, offering_id: int, project_id: int, backend_id: str) -> bool:
    found = select(backend_resources.c.id).where(
        backend_resources.c.offering_id == offering_id,
        backend_resources.c.project_id == project_id,
        backend_resources.c.backend_id == backend_id,
    )
    return conn.execute(found).first() is not None
