"""Rows of accounts for services, and who has access to what, whoever asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, select

from mercato.access import queries as access
from mercato.access.tables import grants
from mercato.accounts.tables import attribute_configs, offering_users
from mercato.catalog.tables import offerings
from mercato.identity.tables import users
from mercato.kernel.wiresql import constant
from mercato.resources.tables import resource_history, resources
from mercato.schemas.access import Scope
from mercato.schemas.accounts import AccountState
from mercato.schemas.resources import ResourceState

LIVING = offering_users.c.state != constant(AccountState.DELETED.value)
_ROW = (
    select(
        offering_users,
        offerings.c.uuid.label("offering_uuid"),
        offerings.c.name.label("offering_name"),
        offerings.c.customer_id.label("provider_id"),
        offerings.c.plugin_options,
        users.c.uuid.label("user_uuid"),
        users.c.username.label("user_username"),
    )
    .join(offerings, offerings.c.id == offering_users.c.offering_id)
    .join(users, users.c.id == offering_users.c.user_id)
)
_BY_UUID = _ROW.where(offering_users.c.uuid == bindparam("uuid"))
_LIVING_OF = _ROW.where(LIVING, offering_users.c.user_id == bindparam("user"))
_NAMES = select(offering_users.c.username).where(
    offering_users.c.offering_id == bindparam("offering"), offering_users.c.username != ""
)

# A resource that was made and is not gone.
_made = exists().where(resource_history.c.resource_id == resources.c.id, resource_history.c.kind == "created")
_in_use = and_(resources.c.state != ResourceState.TERMINATED.value, _made)
_roles_in_project = and_(
    grants.c.scope_type == Scope.PROJECT.value, grants.c.scope_id == resources.c.project_id, access.ACTIVE
)
_ACCESS = (
    select(resources.c.backend_id)
    .where(
        _in_use,
        resources.c.offering_id == bindparam("offering"),
        exists().where(_roles_in_project, grants.c.user_id == bindparam("user")),
    )
    .order_by(resources.c.id)
)


def offering_user_row(conn: Connection, uuid: str) -> Any:
    """The account with offering_uuid, offering_name, provider_id, plugin_options, user_uuid, user_username."""
    return conn.execute(_BY_UUID, {"uuid": uuid}).first()


def living_account(conn: Connection, offering_id: int, user_id: int) -> Any:
    """The person's account at the offering that is not deleted, or None."""
    found = _LIVING_OF.where(offering_users.c.offering_id == bindparam("offering"))
    return conn.execute(found, {"offering": offering_id, "user": user_id}).first()


def accounts_of(conn: Connection, user_id: int, *where: ColumnElement[bool]) -> list[Any]:
    """The person's accounts that are not deleted, in the order in which they came."""
    found = _LIVING_OF.where(*where).order_by(offering_users.c.id)
    return list(conn.execute(found, {"user": user_id}))


def names_taken(conn: Connection, offering_id: int) -> list[str]:
    """The names of all accounts that the offering ever had: none is given to somebody else."""
    return [row[0] for row in conn.execute(_NAMES, {"offering": offering_id})]


def backends_in_reach(conn: Connection, offering_id: int, user_id: int, now: datetime) -> list[str]:
    """The backend ids of the offering's resources that the person has access to (through a role in their
    project); empty ones among them."""
    rows = conn.execute(_ACCESS, {"offering": offering_id, "user": user_id, "now": now})
    return [row[0] for row in rows]


def people_in(conn: Connection, project_id: int, now: datetime) -> list[int]:
    """Who holds a role in the project itself and has not been deactivated."""
    found = (
        select(grants.c.user_id)
        .distinct()
        .join(users, users.c.id == grants.c.user_id)
        .where(
            grants.c.scope_type == Scope.PROJECT.value,
            grants.c.scope_id == project_id,
            access.ACTIVE,
            users.c.is_active,
        )
        .order_by(grants.c.user_id)
    )
    return [row[0] for row in conn.execute(found, {"now": now})]


def offerings_in(conn: Connection, project_id: int) -> list[Any]:
    """The offerings whose resources the project uses."""
    used = select(resources.c.offering_id).where(_in_use, resources.c.project_id == project_id)
    found = select(offerings).where(offerings.c.id.in_(used)).order_by(offerings.c.id)
    return list(conn.execute(found))


def offerings_in_use(conn: Connection) -> list[Any]:
    """The offerings that somebody uses."""
    used = select(resources.c.offering_id).where(_in_use)
    found = select(offerings).where(offerings.c.id.in_(used), offerings.c.removed_at.is_(None))
    return list(conn.execute(found.order_by(offerings.c.id)))


def without_account(conn: Connection, offering_id: int, now: datetime) -> list[int]:
    """Who has access to a resource of the offering and no account there."""
    mine = offering_users.alias("mine")
    found = (
        select(grants.c.user_id)
        .distinct()
        .select_from(grants.join(resources, _roles_in_project).join(users, users.c.id == grants.c.user_id))
        .where(
            _in_use,
            users.c.is_active,
            resources.c.offering_id == offering_id,
            ~exists().where(
                mine.c.offering_id == offering_id,
                mine.c.user_id == grants.c.user_id,
                mine.c.state != constant(AccountState.DELETED.value),
            ),
        )
        .order_by(grants.c.user_id)
    )
    return [row[0] for row in conn.execute(found, {"now": now})]


def provided_in_reach(conn: Connection, customer_id: int, user_id: int, now: datetime) -> list[Any]:
    """The organization's offerings of which the person has access to a resource."""
    used = (
        select(resources.c.offering_id)
        .select_from(resources.join(grants, _roles_in_project))
        .where(_in_use, grants.c.user_id == user_id)
    )
    found = select(offerings).where(offerings.c.customer_id == customer_id, offerings.c.id.in_(used))
    return list(conn.execute(found.order_by(offerings.c.id), {"now": now}))


def config_of(conn: Connection, offering_id: int) -> Any:
    """The offering's choice of attributes, as a mapping, or None where nobody chose."""
    found = select(attribute_configs).where(attribute_configs.c.offering_id == offering_id)
    return conn.execute(found).mappings().first()


def person(conn: Connection, user_id: int) -> Any:
    """A person's whole row as a mapping."""
    return conn.execute(select(users).where(users.c.id == user_id)).mappings().one()


def person_by_uuid(conn: Connection, uuid: str) -> Any:
    """A person's row, or None when there is no such account."""
    found = select(users).where(users.c.uuid == uuid, users.c.removed_at.is_(None))
    return conn.execute(found).mappings().first()


def nameless(conn: Connection, offering_id: int, states: Iterable[str]) -> list[Any]:
    """The offering's accounts in these states that have no name yet."""
    found = _ROW.where(
        offering_users.c.offering_id == offering_id,
        offering_users.c.username == "",
        offering_users.c.state.in_(list(states)),
    )
    return list(conn.execute(found.order_by(offering_users.c.id)))
