"""Resources go to other projects, alone or with the project that they are in (contract §8.15)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from mercato.access.rules import Actor
from mercato.catalog import queries as catalog
from mercato.kernel.db import Tx
from mercato.kernel.errors import NotFound, invalid
from mercato.kernel.ids import uuid_of_link
from mercato.resources import queries, service
from mercato.resources.tables import resource_moves, resources
from mercato.schemas.facts import ProjectMoved, ResourceMoved
from mercato.schemas.resources import ResourceState
from mercato.tenants import queries as tenants
from mercato.tenants import rules as tenant_rules
from mercato.tenants.moves import ProjectLeaves
from mercato.tenants.service import today_of

UPDATED = "marketplace_resource_update_succeeded"


def move_to(tx: Tx, _actor: Actor, uuid: str, link: str) -> str:
    """Staff give a resource to another project, with its orders and what this month costs."""
    row = queries.resource_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    project = tenants.project_row(tx.conn, uuid_of_link(link) or "")
    if project is None:
        raise invalid("project", "Project is not found.", code="unknown_project")
    if project.id == row.project_id:
        raise invalid("project", "The resource belongs to this project already.", code="same_project")
    customer = tenants.customer_by_id(tx.conn, project.customer_id)
    if customer.blocked or customer.archived:
        raise invalid("project", "Customer is not available.", code="closed_customer")
    if tenant_rules.ended(project.end_date, today_of(tx, customer.id)):
        raise invalid("project", "Project end date has passed.", code="ended_project")
    offering = catalog.offering_by_id(tx.conn, row.offering_id)
    elsewhere = offering.project_id not in (None, project.id)
    if not offering.shared and (offering.customer_id != customer.id or elsewhere):
        raise invalid("project", "The offering is not available to this project.", code="private_offering")
    message = f"Resource {row.name} belongs to project {project.name} now."
    _give(tx, row, project.id, customer.id, row.customer_id, message)
    return uuid


def on_project_leaves(tx: Tx, question: ProjectLeaves) -> None:
    """What is private to an organization or a project of it is not taken to another."""
    for row in _resources_in(tx, question.id):
        offering = catalog.offering_by_id(tx.conn, row.offering_id)
        living = row.state != ResourceState.TERMINATED
        if living and not offering.shared and offering.customer_id != question.customer_id:
            message = f"{row.name} uses {offering.name}, which is not available to this organization."
            raise invalid("customer", message, code="private_offering")


def on_project_moved(tx: Tx, fact: ProjectMoved) -> None:
    """Everything in a project goes along, also what ended in the current month and is on its invoice."""
    customer = tenants.customer_by_id(tx.conn, fact.customer)
    for row in _resources_in(tx, fact.id):
        message = f"Resource {row.name} belongs to {customer.name} now."
        _give(tx, row, fact.id, fact.customer, fact.from_customer, message)


def _resources_in(tx: Tx, project_id: int) -> list[Any]:
    found = select(resources.c.id).where(resources.c.project_id == project_id).order_by(resources.c.id)
    return [queries.resource_by_id(tx.conn, row[0]) for row in tx.conn.execute(found).fetchall()]


def _give(tx: Tx, row: Any, project: int, customer: int, from_customer: int, message: str) -> None:
    came = {} if customer == from_customer else {"came_at": tx.now}
    if came:
        was = {"from_project_id": row.project_id, "from_customer_id": from_customer}
        tx.conn.execute(insert(resource_moves), {"resource_id": row.id, "at": tx.now, **was})
    service.write(tx, row, {"project_id": project, **came}, UPDATED, message)
    fact = ResourceMoved(
        object=row.uuid,
        id=row.id,
        from_project=row.project_id,
        from_customer=from_customer,
        project=project,
        customer=customer,
    )
    tx.emit(fact, event=UPDATED, message=message)
