"""What dates bring about: starts of projects and orders, ends of projects and resources."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from mercato.access.rules import Actor
from mercato.catalog.tables import offerings
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, Invalid
from mercato.orders import moves, queries, service
from mercato.orders.states import PENDING
from mercato.orders.tables import orders
from mercato.resources import service as resource_service
from mercato.resources.tables import resources
from mercato.schemas.facts import CustomerChanged, ProjectChanged, ResourceMoved, ResourceUnlinked
from mercato.schemas.orders import OrderState, Termination
from mercato.schemas.resources import ResourceState
from mercato.tenants import queries as tenants
from mercato.tenants import service as tenant_service
from mercato.tenants.service import ProjectGoes, ProviderGoes, StartDue
from mercato.tenants.tables import projects

# The system acts with every permission and nobody's name.
SYSTEM = Actor(0, "", "system", "System", is_staff=True, is_support=False, token_id=0)
_ALIVE = (
    ResourceState.OK.value,
    ResourceState.UPDATING.value,
    ResourceState.TERMINATING.value,
    ResourceState.ERRED.value,
)


def start_dates(tx: Tx) -> None:
    """Let go what waited for a project's or an order's day."""
    tenant_service.announce_starts(tx)
    moves.start_dates_reached(tx)


def end_dates(tx: Tx) -> None:
    """Close projects that are over and order the end of resources that are."""
    tenant_service.close_ended_projects(tx)
    for row in resource_service.ended_resources(tx):
        order_end(tx, row, f"End date {row.end_date} has passed.")


def order_end(tx: Tx, resource: Any, reason: str) -> None:
    """The system orders the end of a resource, unless an order is under way already."""
    if queries.open_order(tx.conn, resource.id) is None:
        service.order_end(tx, SYSTEM, resource.uuid, Termination(termination_comment=reason))


def on_start_due(tx: Tx, question: StartDue) -> int:
    return moves.project_started(tx, question.project_id)


def on_project(tx: Tx, fact: ProjectChanged) -> None:
    """A project's start moves its waiting orders at once; its end cancels them and ends its resources."""
    if fact.closed:
        row = tenants.project_by_id(tx.conn, fact.id)
        removed = row.removed_at is not None
        reason = f"Project {row.name} was removed." if removed else f"Project {row.name} has ended."
        states = PENDING if removed else (OrderState.PENDING_PROJECT,)
        moves.cancel_waiting(tx, reason, orders.c.project_id == fact.id, states=states)
        living = select(resources).where(
            resources.c.project_id == fact.id, resources.c.state.in_(["OK", "Erred"])
        )
        for resource in tx.conn.execute(living).fetchall():
            order_end(tx, resource, reason)
    elif fact.start_moved:
        moves.project_started(tx, fact.id)


def on_customer(tx: Tx, fact: CustomerChanged) -> None:
    """An organization that closes cancels what waits for its projects to start."""
    if fact.closed:
        mine = orders.c.project_id.in_(select(projects.c.id).where(projects.c.customer_id == fact.id))
        row = tenants.customer_by_id(tx.conn, fact.id)
        moves.cancel_waiting(tx, f"Organization {row.name} is not available any more.", mine)


def on_resource_moved(tx: Tx, fact: ResourceMoved) -> None:
    """A resource takes its orders along, but not in the midst of one; in a project that moves, they stay in it."""
    if fact.project == fact.from_project:
        return
    if queries.open_order(tx.conn, fact.id) is not None:
        raise Invalid("Pending order for resource already exists.", code="pending_order")
    mine = orders.c.resource_id == fact.id
    tx.conn.execute(update(orders).where(mine), {"project_id": fact.project})


def on_resource_unlinked(tx: Tx, fact: ResourceUnlinked) -> None:
    """What was under way for a resource that staff let go of comes to nothing."""
    uuid = queries.open_order(tx.conn, fact.id)
    if uuid is not None:
        moves.give_up(tx, queries.order_row(tx.conn, uuid), "The resource was unlinked.")


def on_project_goes(tx: Tx, question: ProjectGoes) -> None:
    """A project with running resources, or with work under way, stays."""
    living = select(resources.c.id).where(
        resources.c.project_id == question.id, resources.c.state.in_(_ALIVE)
    )
    working = select(orders.c.id).where(
        orders.c.project_id == question.id, orders.c.state == OrderState.EXECUTING.value
    )
    if tx.conn.execute(living).first() or tx.conn.execute(working).first():
        raise Conflict("Project contains active resources.", code="has_resources")


def on_provider_goes(tx: Tx, question: ProviderGoes) -> None:
    """A provider that still serves somebody stays one."""
    living = (
        select(resources.c.id)
        .join(offerings, offerings.c.id == resources.c.offering_id)
        .where(
            offerings.c.customer_id == question.customer_id,
            resources.c.state != ResourceState.TERMINATED.value,
        )
    )
    if tx.conn.execute(living).first():
        raise Conflict("Service provider has active resources.", code="has_resources")
