"""Projects that go to another organization, and projects that come back (contract §3.3, §8.15, §16)."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from sqlalchemy import update

from mercato.access import queries as access
from mercato.access import service as roles
from mercato.access.rules import Actor
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, Forbidden, NotFound, invalid
from mercato.kernel.ids import uuid_of_link
from mercato.schemas.access import Scope
from mercato.schemas.facts import ProjectChanged, ProjectMoved
from mercato.schemas.permissions import Permission as P
from mercato.schemas.project_acts import ProjectMove, ProjectRecovery
from mercato.tenants import queries, rules
from mercato.tenants.service import PROJECT_REMOVED, today_of
from mercato.tenants.tables import projects


class ProjectLeaves(NamedTuple):
    """Asked before a project goes to another organization; higher rooms veto what may not go along."""

    id: int
    customer_id: int


def move(tx: Tx, uuid: str, data: ProjectMove) -> str:
    """Staff give a project to another organization: resources, orders and what the current month costs go along.

    Its people keep their roles in it only with `preserve_permissions`.
    """
    row = queries.project_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    customer = queries.customer_row(tx.conn, uuid_of_link(data.customer) or "")
    if customer is None:
        raise invalid("customer", "Organization is not found.", code="unknown_customer")
    if customer.id == row.customer_id:
        raise invalid("customer", "New customer must be different than current one.", code="same_customer")
    if customer.blocked or customer.archived:
        raise invalid("customer", "Customer is not available.", code="closed_customer")
    tx.ask(ProjectLeaves(row.id, customer.id))
    before = queries.customer_by_id(tx.conn, row.customer_id)
    if not data.preserve_permissions:
        roles.end_roles(tx, Scope.PROJECT, row.id, "project moved")
    tx.conn.execute(update(projects).where(projects.c.id == row.id), {"customer_id": customer.id})
    fact = ProjectMoved(object=uuid, id=row.id, from_customer=before.id, customer=customer.id)
    message = f"Project {row.name} has been moved from {before.name} to {customer.name}."
    tx.emit(fact, event="project_update_succeeded", message=message)
    return uuid


def recover(tx: Tx, actor: Actor, uuid: str, data: ProjectRecovery) -> str:
    """Bring a removed project back. Its former roles come back only if staff ask for it."""
    row = queries.removed_project(tx.conn, uuid)
    if row is None:
        raise NotFound
    access.must(tx.conn, actor, P.PROJECT_CREATE, [(Scope.CUSTOMER, row.customer_id)], tx.now)
    if row.removed_at is None:
        raise Conflict("Project is not removed.", code="not_removed")
    if row.customer_removed_at is not None or row.blocked or row.archived:
        raise Conflict("Customer is not available.", code="closed_customer")
    if data.restore_team_members and not actor.is_staff:
        raise Forbidden("Only staff can restore team members.")
    if data.send_invitations_to_previous_members:
        message = "People can not be invited yet: add them to the project."
        raise invalid("send_invitations_to_previous_members", message, code="no_invitations")
    end = row.end_date if data.end_date is msgspec.UNSET else data.end_date
    if rules.ended(end, today_of(tx, row.customer_id)):
        raise invalid("end_date", "The end date has passed: give a later one, or none.", code="past")
    if end and row.start_date and end < row.start_date:
        raise invalid("end_date", "End date must not be before the start date.", code="end_before_start")
    values = {"removed_at": None, "ended_at": None, "end_date": end}
    tx.conn.execute(update(projects).where(projects.c.id == row.id), values)
    tx.emit(
        ProjectChanged(object=uuid, id=row.id),
        event="project_update_succeeded",
        message=f"Project {row.name} has been recovered.",
    )
    if data.restore_team_members:
        roles.restore_roles(tx, Scope.PROJECT, row.id, PROJECT_REMOVED, ended=row.removed_at)
    return uuid
