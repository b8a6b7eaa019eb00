"""Rows of site agents for services, whoever asks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from mercato.catalog.tables import offerings
from mercato.site_agents.tables import agent_identities, agent_processors, agent_services

_OWNER = (offerings.c.uuid.label("offering_uuid"), offerings.c.customer_id.label("provider_id"))
_IDENTITY = select(agent_identities, offerings.c.name.label("offering_name"), *_OWNER).join(
    offerings, offerings.c.id == agent_identities.c.offering_id
)
_SERVICE = (
    select(
        agent_services,
        agent_identities.c.offering_id,
        agent_identities.c.uuid.label("identity_uuid"),
        agent_identities.c.name.label("identity_name"),
        offerings.c.name.label("offering_name"),
        *_OWNER,
    )
    .join(agent_identities, agent_identities.c.id == agent_services.c.identity_id)
    .join(offerings, offerings.c.id == agent_identities.c.offering_id)
)
_PROCESSOR = (
    select(agent_processors, agent_identities.c.offering_id, *_OWNER)
    .join(agent_services, agent_services.c.id == agent_processors.c.service_id)
    .join(agent_identities, agent_identities.c.id == agent_services.c.identity_id)
    .join(offerings, offerings.c.id == agent_identities.c.offering_id)
)


def identity_row(conn: Connection, uuid: str) -> Any:
    """The agent with offering_uuid, offering_name and provider_id (organization); or None."""
    return conn.execute(_IDENTITY.where(agent_identities.c.uuid == uuid)).first()


def identities_where(conn: Connection, condition: Any, limit: int) -> list[Any]:
    """The oldest agents that meet the condition."""
    return list(conn.execute(_IDENTITY.where(condition).order_by(agent_identities.c.id).limit(limit)))


def services_where(conn: Connection, condition: Any, limit: int) -> list[Any]:
    """The oldest services that meet the condition."""
    return list(conn.execute(_SERVICE.where(condition).order_by(agent_services.c.id).limit(limit)))


def identity_named(conn: Connection, offering_id: int, name: str) -> Any:
    where = (agent_identities.c.offering_id == offering_id, agent_identities.c.name == name)
    return conn.execute(_IDENTITY.where(*where)).first()


def service_row(conn: Connection, uuid: str) -> Any:
    return conn.execute(_SERVICE.where(agent_services.c.uuid == uuid)).first()


def service_named(conn: Connection, identity_id: int, name: str) -> Any:
    where = (agent_services.c.identity_id == identity_id, agent_services.c.name == name)
    return conn.execute(_SERVICE.where(*where)).first()


def processor_row(conn: Connection, uuid: str) -> Any:
    return conn.execute(_PROCESSOR.where(agent_processors.c.uuid == uuid)).first()


def processor_named(conn: Connection, service_id: int, name: str) -> Any:
    where = (agent_processors.c.service_id == service_id, agent_processors.c.name == name)
    return conn.execute(_PROCESSOR.where(*where)).first()
