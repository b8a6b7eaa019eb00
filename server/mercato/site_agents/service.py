"""Registering site agents (contract 11.1, 11.2): the same name twice is the same thing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.catalog import queries as catalog
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, NotFound, invalid
from mercato.kernel.ids import new_uuid
from mercato.queues import queries as queues
from mercato.queues import service as live
from mercato.schemas.access import Scope
from mercato.schemas.facts import AgentChanged, SyncRequested
from mercato.schemas.permissions import Permission as P
from mercato.schemas.queues import (
    AgentSubscription,
    NewSubscription,
    ObjectType,
    ObservedObject,
    QueueAccess,
    QueueRequest,
)
from mercato.schemas.site_agents import NewIdentity, NewProcessor, NewService, ServiceState
from mercato.site_agents import queries
from mercato.site_agents.tables import agent_identities, agent_logs, agent_processors, agent_services

# A service that has not been heard of for so long is idle.
IDLE_AFTER = timedelta(hours=1)


def _must(tx: Tx, actor: Actor, row: Any) -> Any:
    """The row of an agent (or of what runs in it) that the actor may speak for."""
    if row is None:
        raise NotFound
    scopes = [(Scope.OFFERING, row.offering_id), (Scope.CUSTOMER, row.provider_id)]
    access.must(tx.conn, actor, P.OFFERING_UPDATE, scopes, tx.now)
    return row


def _tell(tx: Tx, uuid: str, offering: str, event: str, message: str) -> None:
    tx.emit(AgentChanged(object=uuid, offering=offering), event=event, message=message)


def _offering(tx: Tx, actor: Actor, uuid: str) -> Any:
    row = catalog.offering_row(tx.conn, uuid)
    if row is None:
        raise invalid("offering", "Offering is not found.", code="unknown_offering")
    access.must(tx.conn, actor, P.OFFERING_UPDATE, catalog.offering_scopes(row), tx.now)
    return row


def _values(tx: Tx, data: NewIdentity) -> dict[str, Any]:
    restarted = tx.now if data.last_restarted is msgspec.UNSET else data.last_restarted
    return {
        "modified": tx.now,
        "name": data.name,
        "version": data.version,
        "dependencies": msgspec.to_builtins(data.dependencies),
        "config_file_path": data.config_file_path,
        "config_file_content": data.config_file_content,
        "last_restarted": _aware(restarted),
    }


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def register_identity(tx: Tx, actor: Actor, data: NewIdentity) -> str:
    """The agent of this name at the offering, made or brought up to date; its uuid."""
    offering = _offering(tx, actor, data.offering.hex)
    known = queries.identity_named(tx.conn, offering.id, data.name)
    if known is not None:
        return _bring_up_to_date(tx, known, offering, data)
    made = new_uuid()
    row = {
        **_values(tx, data),
        "uuid": made,
        "created": tx.now,
        "offering_id": offering.id,
        "created_by_id": actor.id,
    }
    tx.conn.execute(insert(agent_identities), row)
    message = f"Site agent {data.name} of {offering.name} has been registered."
    _tell(tx, made, offering.uuid, "site_agent_identity_created", message)
    return made


def change_identity(tx: Tx, actor: Actor, uuid: str, data: NewIdentity) -> str:
    """The agent tells of itself again, usually because it has started."""
    row = _must(tx, actor, queries.identity_row(tx.conn, uuid))
    offering = _offering(tx, actor, data.offering.hex)
    if offering.id != row.offering_id:
        raise invalid("offering", "An agent stays with its offering.", code="other_offering")
    other = queries.identity_named(tx.conn, offering.id, data.name)
    if other is not None and other.id != row.id:
        raise invalid("name", "This offering has another agent of that name.", code="same_name")
    return _bring_up_to_date(tx, row, offering, data)


def _bring_up_to_date(tx: Tx, row: Any, offering: Any, data: NewIdentity) -> str:
    tx.conn.execute(update(agent_identities).where(agent_identities.c.id == row.id), _values(tx, data))
    message = f"Site agent {data.name} of {offering.name} has started."
    _tell(tx, row.uuid, offering.uuid, "site_agent_identity_updated", message)
    return str(row.uuid)


def forget_identity(tx: Tx, actor: Actor, uuid: str) -> None:
    """Remove an agent with everything that runs in it, its logs and its queues."""
    drop_identity(tx, _must(tx, actor, queries.identity_row(tx.conn, uuid)))


def drop_identity(tx: Tx, row: Any) -> None:
    """The same, whoever asks."""
    mine = select(agent_services.c.id).where(agent_services.c.identity_id == row.id)
    tx.conn.execute(delete(agent_processors).where(agent_processors.c.service_id.in_(mine)))
    tx.conn.execute(delete(agent_services).where(agent_services.c.identity_id == row.id))
    tx.conn.execute(delete(agent_logs).where(agent_logs.c.identity_id == row.id))
    live.forget_agent(tx, row.uuid)
    tx.conn.execute(delete(agent_identities).where(agent_identities.c.id == row.id))
    message = f"Site agent {row.name} of {row.offering_name} has been removed."
    _tell(tx, row.uuid, row.offering_uuid, "site_agent_identity_deleted", message)


# -- what runs in an agent ---------------------------------------------------------------------


def register_service(tx: Tx, actor: Actor, uuid: str, data: NewService) -> tuple[str, bool]:
    """The service of this name in the agent: its uuid, and whether it is new."""
    identity = _must(tx, actor, queries.identity_row(tx.conn, uuid))
    seen = {"modified": tx.now, "mode": data.mode, "state": ServiceState.ACTIVE.value}
    known = queries.service_named(tx.conn, identity.id, data.name)
    if known is not None:
        tx.conn.execute(update(agent_services).where(agent_services.c.id == known.id), seen)
        return str(known.uuid), False
    made = new_uuid()
    fixed = {"uuid": made, "created": tx.now, "identity_id": identity.id, "name": data.name, "statistics": {}}
    tx.conn.execute(insert(agent_services), {**fixed, **seen})
    message = f"Service {data.name} of site agent {identity.name} has been registered."
    _tell(tx, identity.uuid, identity.offering_uuid, "site_agent_service_created", message)
    return made, True


def set_statistics(tx: Tx, actor: Actor, uuid: str, statistics: dict[str, Any]) -> str:
    row = _must(tx, actor, queries.service_row(tx.conn, uuid))
    values = {"statistics": statistics, "modified": tx.now, "state": ServiceState.ACTIVE.value}
    tx.conn.execute(update(agent_services).where(agent_services.c.id == row.id), values)
    return uuid


def forget_service(tx: Tx, actor: Actor, uuid: str) -> None:
    drop_service(tx, _must(tx, actor, queries.service_row(tx.conn, uuid)))


def drop_service(tx: Tx, row: Any) -> None:
    """The same, whoever asks."""
    tx.conn.execute(delete(agent_processors).where(agent_processors.c.service_id == row.id))
    tx.conn.execute(delete(agent_services).where(agent_services.c.id == row.id))
    message = f"Service {row.name} of site agent {row.identity_name} has been removed."
    _tell(tx, row.identity_uuid, row.offering_uuid, "site_agent_service_deleted", message)


def register_processor(tx: Tx, actor: Actor, uuid: str, data: NewProcessor) -> tuple[str, bool]:
    """The processor of this name in the service: its uuid, and whether it is new."""
    service = _must(tx, actor, queries.service_row(tx.conn, uuid))
    tx.conn.execute(
        update(agent_services).where(agent_services.c.id == service.id),
        {"modified": tx.now, "state": ServiceState.ACTIVE.value},
    )
    seen = {
        "modified": tx.now,
        "last_run": tx.now,
        "backend_type": data.backend_type,
        "backend_version": data.backend_version,
    }
    known = queries.processor_named(tx.conn, service.id, data.name)
    if known is not None:
        tx.conn.execute(update(agent_processors).where(agent_processors.c.id == known.id), seen)
        return str(known.uuid), False
    made = new_uuid()
    fixed = {"uuid": made, "created": tx.now, "service_id": service.id, "name": data.name}
    tx.conn.execute(insert(agent_processors), {**fixed, **seen})
    message = f"Processor {data.name} ({data.backend_type}) of site agent {service.identity_name} is known."
    _tell(tx, service.identity_uuid, service.offering_uuid, "site_agent_processor_created", message)
    return made, True


def forget_processor(tx: Tx, actor: Actor, uuid: str) -> None:
    row = _must(tx, actor, queries.processor_row(tx.conn, uuid))
    tx.conn.execute(delete(agent_processors).where(agent_processors.c.id == row.id))


def note_idle(tx: Tx) -> None:
    """Services that have not been heard of for an hour are idle."""
    silent = agent_services.c.modified < tx.now - IDLE_AFTER
    active = agent_services.c.state == ServiceState.ACTIVE.value
    tx.conn.execute(update(agent_services).where(active, silent), {"state": ServiceState.IDLE.value})


def request_sync(tx: Tx, actor: Actor, uuid: str) -> None:
    """Ask the offering's agents to restore what is missing at the backend and to bring all else in line."""
    row = catalog.offering_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    access.must(tx.conn, actor, P.OFFERING_UPDATE, catalog.offering_scopes(row), tx.now)
    message = f"{row.name}: everything at the backend shall be brought in line."
    tx.emit(
        SyncRequested(object=uuid, user=actor.uuid),
        event="marketplace_offering_sync_requested",
        message=message,
    )


# -- live events -------------------------------------------------------------------------------


def _own(tx: Tx, actor: Actor, uuid: str) -> Any:
    """The agent, for its owner: events of one user are not handed to another (409)."""
    row = _must(tx, actor, queries.identity_row(tx.conn, uuid))
    if row.created_by_id is None:
        tx.conn.execute(
            update(agent_identities).where(agent_identities.c.id == row.id), {"created_by_id": actor.id}
        )
    elif row.created_by_id != actor.id:
        raise Conflict("This agent identity belongs to another user.", code="foreign_identity")
    return row


def register_queue(tx: Tx, actor: Actor, uuid: str, data: QueueRequest) -> tuple[QueueAccess, bool]:
    """The agent's one queue for all its events (agents from 1.0.7 on), and whether it is new."""
    row = _own(tx, actor, uuid)
    types = None if data.object_types is msgspec.UNSET else [kind.value for kind in data.object_types]
    name = f"consumer_{row.uuid}"
    _, fresh = live.open_queue(
        tx, name=name, login=row.uuid, user_id=actor.id, offering_id=row.offering_id, object_types=types
    )
    chosen = queues.queue_named(tx.conn, name).object_types or [kind.value for kind in ObjectType]
    given = QueueAccess(
        rmq_username=row.uuid, queue_name=name, vhost=actor.uuid, observable_object_types=chosen
    )
    return given, fresh


def register_subscription(
    tx: Tx, actor: Actor, uuid: str, data: AgentSubscription, address: str
) -> tuple[str, bool]:
    """The agent's subscription to one kind of event (older agents): its uuid, and whether it is new."""
    row = _own(tx, actor, uuid)
    wanted = data.observable_object_type.value
    for known in queues.agents_subscriptions(tx.conn, row.uuid):
        if [item["object_type"] for item in known.observable_objects] == [wanted]:
            return str(known.uuid), False
    new = NewSubscription(
        description=data.description,
        observable_objects=[
            ObservedObject(object_type=data.observable_object_type, offering_uuid=row.offering_uuid)
        ],
    )
    return live.subscribe(tx, actor, new, address=address, agent=row.uuid), True
