"""What becomes a message, and what it says (contract 11.4). Listens to facts, in their transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, select

from mercato.catalog.tables import plans
from mercato.identity.tables import users
from mercato.kernel.db import Database, Tx
from mercato.kernel.fixed import fixed
from mercato.orders import holds
from mercato.orders import queries as order_queries
from mercato.orders.tables import orders
from mercato.queues import queries
from mercato.queues.service import publish
from mercato.queues.tables import event_queues
from mercato.resources.tables import resources
from mercato.schemas.access import Scope
from mercato.schemas.facts import (
    AccountChanged,
    BackendRequested,
    Granted,
    OrderMoved,
    ProjectAccountChanged,
    ResourceChanged,
    ResourceKeyChanged,
    SyncRequested,
)
from mercato.schemas.imports import RequestState
from mercato.schemas.queues import ObjectType
from mercato.schemas.resources import ResourceState
from mercato.tenants.tables import projects

# What an agent itself reports (backend id, metadata, state, last sync) is no news to it: a message about
# that would make it report again, for ever.
NEWS = frozenset(
    {"paused", "downscaled", "restrict_member_access", "limits", "end_date", "name", "options", "plan_id",
     "project_id"}
)  # fmt: skip

_ORDER = fixed(
    select(
        orders.c.uuid.label("order_uuid"),
        orders.c.state.label("order_state"),
        orders.c.type.label("order_type"),
        resources.c.uuid.label("resource_uuid"),
        resources.c.backend_id.label("resource_backend_id"),
        resources.c.name.label("resource_name"),
        projects.c.uuid.label("project_uuid"),
        projects.c.name.label("project_name"),
        plans.c.uuid.label("plan_uuid"),
        orders.c.attributes,
        orders.c.limits,
    )
    .join(resources, resources.c.id == orders.c.resource_id)
    .join(projects, projects.c.id == orders.c.project_id)
    .outerjoin(plans, plans.c.id == orders.c.plan_id)
    .where(orders.c.uuid == bindparam("uuid"))
)
_RESOURCE = fixed(
    select(
        resources.c.uuid.label("resource_uuid"),
        resources.c.name.label("resource_name"),
        resources.c.state.label("resource_state"),
        projects.c.uuid.label("project_uuid"),
        projects.c.name.label("project_name"),
        resources.c.limits,
    )
    .join(projects, projects.c.id == resources.c.project_id)
    .where(resources.c.id == bindparam("id"))
)


def _fields(conn: Connection, statement: Any, **params: Any) -> dict[str, Any]:
    return dict(conn.execute(statement, params).one()._mapping)


def on_order(tx: Tx, fact: OrderMoved) -> None:
    """One message at every state an order takes; what is said beside them is no news to an agent."""
    if fact.state == fact.previous:
        return
    found = queries.readers(tx.conn, fact.offering, tx.now)

    def body(reader: Any) -> dict[str, Any]:
        # The fact's own state: an order may take two in one transaction.
        fields = _fields(tx.conn, _ORDER, uuid=fact.object)
        return {**fields, "order_state": fact.state, "offering_uuid": reader.offering_uuid}

    publish(tx, ObjectType.ORDER, found, body)


def _released(tx: Tx, order: str) -> None:
    if not holds.lapsed(tx, order):
        return
    row = order_queries.order_row(tx.conn, order)
    found = queries.readers(tx.conn, row.offering_uuid, tx.now)
    fields = {**_fields(tx.conn, _ORDER, uuid=order), "offering_uuid": row.offering_uuid}
    publish(tx, ObjectType.ORDER, found, lambda _reader: fields)


async def released(db: Database, order: str) -> None:
    """The task `orders.released`: an order whose agent has not finished it in time is told of again."""
    await db.write(_released, order)


def on_resource(tx: Tx, fact: ResourceChanged) -> None:
    # While it is being made or after its end, only its order matters.
    if NEWS.isdisjoint(fact.changed) or fact.state in (ResourceState.CREATING, ResourceState.TERMINATED):
        return
    found = queries.readers(tx.conn, fact.offering, tx.now)

    def body(reader: Any) -> dict[str, Any]:
        return {**_fields(tx.conn, _RESOURCE, id=fact.id), "offering_uuid": reader.offering_uuid}

    publish(tx, ObjectType.RESOURCE, found, body)


def _project_readers(tx: Tx, project: str) -> list[Any]:
    """The queues of those offerings that the project has living resources of."""
    living = (
        select(resources.c.offering_id)
        .join(projects, projects.c.id == resources.c.project_id)
        .where(projects.c.uuid == project, resources.c.state != ResourceState.TERMINATED.value)
    )
    return queries.readers_where(tx.conn, event_queues.c.offering_id.in_(living), tx.now)


def on_grant(tx: Tx, fact: Granted) -> None:
    """A role in a project concerns the offerings that the project has living resources of."""
    if fact.scope_type != Scope.PROJECT.value:
        return
    found = _project_readers(tx, fact.scope)
    if not found:
        return
    person = tx.conn.execute(select(users).where(users.c.uuid == fact.object)).one()
    name = tx.conn.execute(select(projects.c.name).where(projects.c.uuid == fact.scope)).scalar_one()

    def body(reader: Any) -> dict[str, Any]:
        return {
            "user_uuid": person.uuid,
            "user_username": person.username,
            "user_email": person.email,
            "user_full_name": person.full_name,
            "project_uuid": fact.scope,
            "project_name": name,
            "role_name": fact.role,
            "granted": fact.granted,
            "offering_uuid": reader.offering_uuid,
        }

    publish(tx, ObjectType.USER_ROLE, found, body)


def on_sync(tx: Tx, fact: SyncRequested) -> None:
    body = {"offering_uuid": fact.object, "requested_by_user_uuid": fact.user}
    found = queries.readers(tx.conn, fact.object, tx.now)
    publish(tx, ObjectType.OFFERING_RESOURCES_SYNC, found, lambda _reader: body)


def on_key(tx: Tx, fact: ResourceKeyChanged) -> None:
    """The customer wants another secret, or an end of the key: the agent sees to it."""
    action = {"rotate": "rotate", "revoke": "delete"}.get(fact.action)
    if action is None:
        return
    found = queries.readers(tx.conn, fact.offering, tx.now)
    where = select(resources.c.backend_id).where(resources.c.uuid == fact.resource)

    def body(_reader: Any) -> dict[str, Any]:
        return {
            "action": action,
            "resource_uuid": fact.resource,
            "resource_backend_id": tx.conn.execute(where).scalar_one(),
            "api_key_uuid": fact.object,
            "client_id": fact.client_id,
        }

    publish(tx, ObjectType.RESOURCE_API_KEY_ROTATION, found, body)


def on_backend_request(tx: Tx, fact: BackendRequested) -> None:
    """Somebody wants to know what could be imported: the agent is told once."""
    if fact.state == RequestState.SENT:
        body = {"backend_resource_request_uuid": fact.object}
        found = queries.readers(tx.conn, fact.offering, tx.now)
        publish(tx, ObjectType.IMPORTABLE_RESOURCES, found, lambda _reader: body)


def on_account(tx: Tx, fact: AccountChanged) -> None:
    """An account at the offering: made, changed, named, removed."""
    found = queries.readers(tx.conn, fact.offering, tx.now)

    def body(reader: Any) -> dict[str, Any]:
        return {
            "offering_user_uuid": fact.object,
            "user_uuid": fact.user,
            "username": fact.username,
            "state": fact.state,
            "action": fact.action,
            "offering_uuid": reader.offering_uuid,
            "attributes": fact.attributes,
            "changed_attributes": fact.changed_attributes,
            "resource_backend_ids": fact.resource_backend_ids,
        }

    publish(tx, ObjectType.OFFERING_USER, found, body)


def on_project_account(tx: Tx, fact: ProjectAccountChanged) -> None:
    """A service or course account of a project concerns the offerings that the project has resources of."""
    found = _project_readers(tx, fact.project)

    def body(_reader: Any) -> dict[str, Any]:
        return {
            "account_uuid": fact.object,
            "account_username": fact.username,
            "scope_type": Scope.PROJECT.value,
            "project_uuid": fact.project,
            "project_name": fact.project_name,
            "action": fact.action,
        }

    publish(tx, ObjectType(fact.kind), found, body)
