"""Rows of robot accounts for services, whoever asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from mercato.access import queries as access
from mercato.access.tables import grants
from mercato.catalog.tables import offerings
from mercato.identity.tables import users
from mercato.resources.tables import resources
from mercato.robot_accounts.tables import robot_account_users, robot_accounts
from mercato.schemas.access import Scope
from mercato.schemas.robot_accounts import RobotState
from mercato.tenants.tables import projects

LIVING = robot_accounts.c.state != RobotState.DELETED.value
_ROW = (
    select(
        robot_accounts,
        resources.c.uuid.label("resource_uuid"),
        resources.c.name.label("resource_name"),
        resources.c.offering_id,
        resources.c.project_id,
        projects.c.customer_id,
        offerings.c.customer_id.label("provider_id"),
    )
    .join(resources, resources.c.id == robot_accounts.c.resource_id)
    .join(offerings, offerings.c.id == resources.c.offering_id)
    .join(projects, projects.c.id == resources.c.project_id)
)


def robot_row(conn: Connection, uuid: str) -> Any:
    """The account with its resource, project and both organizations; or None."""
    return conn.execute(_ROW.where(robot_accounts.c.uuid == uuid)).first()


def robots_of(conn: Connection, resource_id: int) -> list[Any]:
    """The resource's accounts that are not deleted, oldest first."""
    mine = _ROW.where(LIVING, robot_accounts.c.resource_id == resource_id)
    return list(conn.execute(mine.order_by(robot_accounts.c.id)))


def robots_behind(conn: Connection, user_id: int, scope: Scope, scope_id: int) -> list[Any]:
    """The accounts in a project, or in an organization's projects, behind which the person stands."""
    place = projects.c.customer_id if scope is Scope.CUSTOMER else projects.c.id
    mine = select(robot_account_users.c.robot_account_id).where(robot_account_users.c.user_id == user_id)
    found = _ROW.where(LIVING, place == scope_id, robot_accounts.c.id.in_(mine))
    return list(conn.execute(found.order_by(robot_accounts.c.id)))


def named(conn: Connection, resource_id: int, username: str, but: int) -> bool:
    """Whether another living account of the resource has this name."""
    other = select(robot_accounts.c.id).where(
        LIVING,
        robot_accounts.c.resource_id == resource_id,
        robot_accounts.c.username == username,
        robot_accounts.c.id != but,
    )
    return conn.execute(other).first() is not None


def people_with_access(
    conn: Connection, uuids: Iterable[str], scopes: Iterable[tuple[Scope, int]], now: datetime
) -> dict[str, int]:
    """Those of these active people who hold a role in one of the places: their ids by uuid."""
    places = [
        and_(grants.c.scope_type == scope.value, grants.c.scope_id == number) for scope, number in scopes
    ]
    holding = select(grants.c.user_id).where(or_(*places), access.ACTIVE)
    found = select(users.c.uuid, users.c.id).where(
        users.c.uuid.in_(list(uuids)),
        users.c.is_active,
        users.c.removed_at.is_(None),
        users.c.id.in_(holding),
    )
    return {row.uuid: row.id for row in conn.execute(found, {"now": now})}
