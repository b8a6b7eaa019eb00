"""Who sees what, and who may do what: the only place where scope is decided.

Visibility is a SQL predicate over the columns of whatever is listed (a foreign thing is 404); a
permission is a check on named scopes (403). A role past its end gives nothing from that second.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    column,
    exists,
    or_,
    select,
    table,
)

from mercato.access.rules import Actor
from mercato.access.tables import grants, role_permissions, roles
from mercato.kernel.columns import BigId, Utc
from mercato.kernel.errors import Forbidden
from mercato.kernel.fixed import fixed
from mercato.kernel.listing import Looker
from mercato.schemas.access import Scope
from mercato.schemas.permissions import Permission

EVERYTHING = "everything"
OWN = "own"
NOTHING = "nothing"

# Scopes are rows of rooms above this one; only these of their columns matter here.
_projects = table(
    "projects", column("id"), column("uuid"), column("name"), column("customer_id"), column("removed_at")
)
_customers = table("customers", column("id"), column("uuid"), column("name"))
_offerings = table("offerings", column("id"), column("uuid"), column("name"), column("customer_id"))
_users = table(
    "users",
    column("id"),
    column("uuid"),
    column("username"),
    column("is_staff", Boolean()),
    column("is_support", Boolean()),
)
SCOPE_TABLES = {Scope.CUSTOMER: _customers, Scope.PROJECT: _projects, Scope.OFFERING: _offerings}

ME = bindparam("me", None, type_=BigId)
NOW = bindparam("now", None, type_=Utc())
DAY_AGO = bindparam("day_ago", None, type_=Utc())
# Whether I am one who sees everything (the parameters of `looker`).
SEES_ALL = bindparam("sees_all", None, type_=Boolean())


def active(rows: Any) -> ColumnElement[bool]:
    """Of these grants (the table or an alias of it), those that give something now (`:now`)."""
    endless: ColumnElement[bool] = rows.c.expiration_time.is_(None)
    return and_(rows.c.is_active, or_(endless, rows.c.expiration_time > NOW))


ACTIVE = active(grants)


class ScopeRow(NamedTuple):
    """A place where roles hold, and the organization it belongs to."""

    type: Scope
    id: int
    uuid: str
    name: str
    customer_id: int


def looker(actor: Actor, base: str, now: datetime) -> Looker:
    """How this person looks at lists."""
    month = f"{now.year:04}-{now.month:02}-01"
    quarter = f"{now.year:04}-{(now.month - 1) // 3 * 3 + 1:02}-01"
    params = {
        "me": actor.id,
        "now": now,
        "day_ago": now - timedelta(days=1),
        "month_start": month,
        "quarter_start": quarter,
        "year_start": f"{now.year:04}-01-01",
        "sees_all": actor.is_staff or actor.is_support,
    }
    if actor.is_staff or actor.is_support:
        return Looker(EVERYTHING, params, base)
    return Looker(OWN if actor.signed_in else NOTHING, params, base)


def granted(scope: Scope) -> Select[Any]:
    """The ids of the scopes of this type in which I (`:me`) hold a role now (`:now`)."""
    return select(grants.c.scope_id).where(grants.c.user_id == ME, grants.c.scope_type == scope.value, ACTIVE)


def in_customer(customer_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """I hold a role on the organization itself."""
    return customer_id.in_(granted(Scope.CUSTOMER))


def sees_customer(customer_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """I hold a role on the organization or on one of the projects that it has."""
    through_projects = select(_projects.c.customer_id).where(
        _projects.c.id.in_(granted(Scope.PROJECT)), _projects.c.removed_at.is_(None)
    )
    return or_(in_customer(customer_id), customer_id.in_(through_projects))


def sees_project(project_id: ColumnElement[Any], customer_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """I hold a role on the project or on its organization."""
    return or_(project_id.in_(granted(Scope.PROJECT)), in_customer(customer_id))


def provides(offering_id: ColumnElement[Any], customer_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """I hold a role on the offering or on the organization that offers it."""
    return or_(offering_id.in_(granted(Scope.OFFERING)), in_customer(customer_id))


def granted_to(scope: Scope, **person: ColumnElement[Any]) -> Select[Any]:
    """The ids of the scopes of this type in which somebody (by `uuid` or `username`) holds a role now."""
    who = [_users.c[name] == value for name, value in person.items()]
    rows = grants.join(_users, _users.c.id == grants.c.user_id)
    found = select(grants.c.scope_id).select_from(rows)
    return found.where(grants.c.scope_type == scope.value, ACTIVE, *who)


I_SEE_ALL = exists().where(_users.c.id == ME, or_(_users.c.is_staff, _users.c.is_support))
I_AM_STAFF = exists().where(_users.c.id == ME, _users.c.is_staff)


def i_may(permission: Permission, *scopes: tuple[Scope, ColumnElement[Any]]) -> ColumnElement[bool]:
    """I am staff, or hold the permission now on one of these scopes (given by the columns of their ids)."""
    return or_(I_AM_STAFF, *(i_hold(permission, scope, scope_id) for scope, scope_id in scopes))


def i_hold(permission: Permission, scope: Scope, scope_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """I hold the permission now on the scope with this id."""
    mine = (
        select(grants.c.scope_id)
        .join(role_permissions, role_permissions.c.role_id == grants.c.role_id)
        .join(roles, roles.c.id == grants.c.role_id)
        .where(
            grants.c.user_id == ME,
            grants.c.scope_type == scope.value,
            role_permissions.c.permission == permission.value,
            roles.c.is_active,
            ACTIVE,
        )
    )
    return scope_id.in_(mine)


_HOLDS = fixed(
    select(grants.c.scope_type, grants.c.scope_id)
    .join(role_permissions, role_permissions.c.role_id == grants.c.role_id)
    .join(roles, roles.c.id == grants.c.role_id)
    .where(
        grants.c.user_id == ME,
        role_permissions.c.permission == bindparam("permission"),
        roles.c.is_active,
        ACTIVE,
    )
)


def holds(
    conn: Connection, actor: Actor, permission: Permission, scopes: Sequence[tuple[Scope, int]], now: datetime
) -> bool:
    """Whether the actor may: staff always, others by a role on any of these scopes."""
    if actor.limits is not None and not actor.limits.allow(permission, scopes):
        return False
    if actor.is_staff or (actor.limits is not None and actor.limits.staff):
        return True
    if not actor.signed_in:
        return False
    rows = conn.execute(_HOLDS, {"me": actor.id, "permission": permission.value, "now": now})
    held = {(row[0], row[1]) for row in rows}
    return any((scope.value, number) in held for scope, number in scopes)


def must(
    conn: Connection, actor: Actor, permission: Permission, scopes: Sequence[tuple[Scope, int]], now: datetime
) -> None:
    """Raises Forbidden (403) unless the actor holds the permission on one of the scopes."""
    if not holds(conn, actor, permission, scopes, now):
        raise Forbidden(permission=permission.value)


def must_be_staff(actor: Actor) -> None:
    if not actor.is_staff:
        raise Forbidden


_MY_GRANTS = fixed(
    select(grants.c.scope_type, grants.c.scope_id)
    .where(grants.c.user_id == ME, ACTIVE)
    .order_by(grants.c.scope_type, grants.c.scope_id)
)


def scopes_of(conn: Connection, actor: Actor, now: datetime) -> tuple[Any, ...]:
    """Everywhere the actor holds a role now; equal answers see the same lists."""
    if actor.is_staff or actor.is_support:
        return (EVERYTHING,)
    if not actor.signed_in:
        return (NOTHING,)
    rows = conn.execute(_MY_GRANTS, {"me": actor.id, "now": now}).fetchall()
    return tuple((row[0], row[1]) for row in rows)


_HAS_ROLE = fixed(
    select(grants.c.id).where(
        grants.c.user_id == ME,
        grants.c.scope_type == bindparam("scope_type"),
        grants.c.scope_id == bindparam("scope_id"),
        ACTIVE,
    )
)


def has_role(
    conn: Connection, user_id: int, scope: Scope, scope_id: int, now: datetime, role: str | None = None
) -> bool:
    """Whether the person holds a role (any, or the named one) on exactly this scope."""
    wanted = _HAS_ROLE
    params: dict[str, Any] = {"me": user_id, "now": now, "scope_type": scope.value, "scope_id": scope_id}
    if role is not None:
        wanted = wanted.join(roles, roles.c.id == grants.c.role_id).where(roles.c.name == bindparam("role"))
        params["role"] = role
    return conn.execute(wanted, params).first() is not None


_HOLDERS = fixed(
    select(grants.c.user_id)
    .join(role_permissions, role_permissions.c.role_id == grants.c.role_id)
    .where(
        grants.c.scope_type == bindparam("scope_type"),
        grants.c.scope_id == bindparam("scope_id"),
        role_permissions.c.permission == bindparam("permission"),
        ACTIVE,
    )
)


def holders(
    conn: Connection, permission: Permission, scopes: Sequence[tuple[Scope, int]], now: datetime
) -> set[int]:
    """The people who hold the permission on any of the scopes."""
    found: set[int] = set()
    for scope, number in scopes:
        params = {"scope_type": scope.value, "scope_id": number, "permission": permission.value, "now": now}
        found.update(row[0] for row in conn.execute(_HOLDERS, params))
    return found


def scope_row(conn: Connection, scope: Scope, uuid: str) -> ScopeRow | None:
    """The place with this uuid, whoever asks."""
    place = SCOPE_TABLES.get(scope)
    if place is None:
        return None
    found = conn.execute(select(place).where(place.c.uuid == uuid)).first()
    if found is None:
        return None
    row = found._mapping
    return ScopeRow(scope, row["id"], row["uuid"], row["name"], row.get("customer_id", row["id"]))
