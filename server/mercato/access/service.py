"""Giving and taking roles. One function is one act: change, audit and fact together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, column, insert, or_, select, table, update

from mercato.access import queries
from mercato.access.rules import DEFAULT_ROLES, Actor, member_permission
from mercato.access.tables import grants, role_permissions, roles
from mercato.kernel.db import Tx
from mercato.kernel.errors import Forbidden, Invalid, NotFound, invalid
from mercato.kernel.fixed import fixed
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.schemas.access import Scope
from mercato.schemas.facts import Granted

_users = table("users", column("id"), column("uuid"), column("username"), column("removed_at"))

_ROLE = fixed(
    select(roles).where(
        or_(roles.c.uuid == bindparam("uuid"), roles.c.name == bindparam("name")),
        roles.c.removed_at.is_(None),
    )
)
_ACTIVE_GRANT = fixed(
    select(grants).where(
        grants.c.user_id == bindparam("user"),
        grants.c.role_id == bindparam("role"),
        grants.c.scope_type == bindparam("scope_type"),
        grants.c.scope_id == bindparam("scope_id"),
        grants.c.is_active,
    )
)
_INSERT_GRANT = fixed(insert(grants))


class Person(NamedTuple):
    id: int
    uuid: str
    username: str


def ensure_roles(tx: Tx) -> None:
    """Create the system roles that are missing; what staff changed since is left alone."""
    known = {row[0] for row in tx.conn.execute(select(roles.c.name))}
    for role in DEFAULT_ROLES:
        if role.name.value in known:
            continue
        made = tx.conn.execute(
            insert(roles).returning(roles.c.id),
            {
                "uuid": new_uuid(),
                "name": role.name.value,
                "description": role.description,
                "content_type": role.scope.value,
                "is_system_role": True,
                "is_active": True,
                "created": tx.now,
            },
        ).scalar_one()
        tx.conn.execute(
            insert(role_permissions),
            [{"role_id": made, "permission": p.value} for p in sorted(role.permissions)],
        )


def find_role(tx: Tx, name_or_uuid: str, scope: Scope) -> Any:
    """The role for this scope. 400 with Waldur's words when it is none."""
    row = tx.conn.execute(_ROLE, {"uuid": uuid_of_link(name_or_uuid) or "", "name": name_or_uuid}).first()
    if row is None:
        raise invalid("role", "Role is not found.", code="unknown_role")
    if not row.is_active:
        raise invalid("role", "Role is not active.", code="inactive_role")
    if row.content_type != scope.value:
        raise invalid("role", "Role is not valid for this scope.", code="wrong_scope")
    return row


def find_person(tx: Tx, link: str) -> Person:
    """The person by uuid or hyperlink."""
    uuid = uuid_of_link(link)
    row = tx.conn.execute(select(_users).where(_users.c.uuid == (uuid or ""))).first()
    if row is None or row.removed_at is not None:
        raise invalid("user", "User is not found.", code="unknown_user")
    return Person(row.id, row.uuid, row.username)


def _allowed(tx: Tx, actor: Actor, verb: str, place: queries.ScopeRow) -> bool:
    """Whether the permission comes from the organization (checked first) and not from the scope alone, which
    does not extend to one's own role. Raises Forbidden, before anything is said about people and roles."""
    permission = member_permission(place.type, verb)
    if queries.holds(tx.conn, actor, permission, [(Scope.CUSTOMER, place.customer_id)], tx.now):
        return True
    if place.type is Scope.CUSTOMER:
        raise Forbidden(permission=permission.value)
    queries.must(tx.conn, actor, permission, [(place.type, place.id)], tx.now)
    return False


def _who_and_what(
    tx: Tx, actor: Actor, verb: str, place: queries.ScopeRow, user: str, role: str
) -> tuple[Person, Any]:
    """The person and the role that the actor may give, change or take here."""
    from_above = _allowed(tx, actor, verb, place)
    person, found = find_person(tx, user), find_role(tx, role, place.type)
    if person.id == actor.id and not from_above:
        raise Invalid("User can not manage own role.", code="own_role")
    return person, found


def _deadline(tx: Tx, moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if aware <= tx.now:
        raise invalid("expiration_time", "Expiration time should be greater than current time.", code="past")
    return aware


def _current(tx: Tx, person: Person, role_id: int, place: queries.ScopeRow) -> Any:
    return tx.conn.execute(
        _ACTIVE_GRANT,
        {"user": person.id, "role": role_id, "scope_type": place.type.value, "scope_id": place.id},
    ).first()


def give(
    tx: Tx,
    person: Person,
    role: Any,
    place: queries.ScopeRow,
    *,
    until: datetime | None = None,
    uuid: str = "",
) -> str:
    """Give the role without asking whether the caller may; the uuid of the grant."""
    held = _current(tx, person, role.id, place)
    if held is not None and held.expiration_time is not None and held.expiration_time <= tx.now:
        _end(tx, held.id, "expired")
        held = None
    if held is not None:
        raise Invalid("User has already the same role in this scope.", code="same_role")
    made = uuid or new_uuid()
    tx.conn.execute(
        _INSERT_GRANT,
        {
            "uuid": made,
            "user_id": person.id,
            "role_id": role.id,
            "scope_type": place.type.value,
            "scope_id": place.id,
            "created": tx.now,
            "created_by_id": tx.who,
            "expiration_time": until,
            "is_active": True,
        },
    )
    _tell(tx, person, role.name, place, granted=True)
    return made


def _tell(tx: Tx, person: Person, role: str, place: queries.ScopeRow, *, granted: bool) -> None:
    fact = Granted(
        object=person.uuid, role=role, scope_type=place.type.value, scope=place.uuid, granted=granted
    )
    verb, event = ("granted", "role_granted") if granted else ("revoked", "role_revoked")
    tx.emit(fact, event=event, message=f"Role {role} in {place.name} was {verb}: {person.username}.")


def _end(tx: Tx, grant_id: int, reason: str) -> None:
    tx.conn.execute(
        update(grants).where(grants.c.id == grant_id),
        {"is_active": False, "revoked_at": tx.now, "revoked_by_id": tx.who, "revoke_reason": reason},
    )


def add_member(
    tx: Tx, actor: Actor, place: queries.ScopeRow, user: str, role: str, until: datetime | None
) -> tuple[str, datetime | None]:
    """Give a person a role in a scope (contract §3.2): the grant's uuid and its end."""
    person, found = _who_and_what(tx, actor, "CREATE", place, user, role)
    tx.ask(RoleOffered(place))
    deadline = _deadline(tx, until)
    return give(tx, person, found, place, until=deadline), deadline


def update_member(
    tx: Tx, actor: Actor, place: queries.ScopeRow, user: str, role: str, until: datetime | None
) -> datetime | None:
    """Change when a role ends."""
    person, found = _who_and_what(tx, actor, "UPDATE", place, user, role)
    deadline = _deadline(tx, until)
    held = _current(tx, person, found.id, place)
    if held is None:
        raise Invalid("User does not have this role in this scope.", code="no_role")
    tx.conn.execute(update(grants).where(grants.c.id == held.id), {"expiration_time": deadline})
    _tell(tx, person, found.name, place, granted=True)
    return deadline


def remove_member(tx: Tx, actor: Actor, place: queries.ScopeRow, user: str, role: str) -> None:
    """Take a role from a person."""
    person, found = _who_and_what(tx, actor, "DELETE", place, user, role)
    held = _current(tx, person, found.id, place)
    if held is None:
        raise Invalid("User does not have this role in this scope.", code="no_role")
    _end(tx, held.id, "removed")
    _tell(tx, person, found.name, place, granted=False)


def revoke_expired(tx: Tx) -> int:
    """Record the roles whose end has passed; they gave nothing since that second anyway."""
    return _revoke(tx, "expired", grants.c.expiration_time <= tx.now)


def revoke_all(tx: Tx, user_id: int) -> int:
    """Take every role from a person whose account goes."""
    return _revoke(tx, "account removed", grants.c.user_id == user_id)


def end_roles(tx: Tx, scope: Scope, scope_id: int, reason: str) -> int:
    """Take every role in a scope that goes: nobody keeps looking at its neighbours through it. How many."""
    here = and_(grants.c.scope_type == scope.value, grants.c.scope_id == scope_id)
    _revoke(tx, "expired", and_(here, grants.c.expiration_time <= tx.now))
    return _revoke(tx, reason, here)


def restore_roles(tx: Tx, scope: Scope, scope_id: int, reason: str, *, ended: datetime) -> int:
    """Give back the roles in a scope that ended for this reason at that moment or later, to those who are still
    here and for as long as they were given. How many."""
    place = scope_by_id(tx, scope, scope_id)
    if place is None:
        return 0
    lost = (
        select(grants.c.role_id, grants.c.expiration_time, _users.c.id, _users.c.uuid, _users.c.username)
        .join(_users, _users.c.id == grants.c.user_id)
        .join(roles, roles.c.id == grants.c.role_id)
        .where(
            grants.c.scope_type == scope.value,
            grants.c.scope_id == scope_id,
            grants.c.revoke_reason == reason,
            grants.c.revoked_at >= ended,
            or_(grants.c.expiration_time.is_(None), grants.c.expiration_time > tx.now),
            _users.c.removed_at.is_(None),
            roles.c.is_active,
            roles.c.removed_at.is_(None),
        )
        .order_by(grants.c.id)
    )
    back = 0
    for row in tx.conn.execute(lost).fetchall():
        person = Person(row.id, row.uuid, row.username)
        if _current(tx, person, row.role_id, place) is None:
            role = tx.conn.execute(select(roles).where(roles.c.id == row.role_id)).one()
            give(tx, person, role, place, until=row.expiration_time)
            back += 1
    return back


def _revoke(tx: Tx, reason: str, which: ColumnElement[bool]) -> int:
    due = tx.conn.execute(
        select(grants, roles.c.name.label("role"), _users.c.uuid.label("person"), _users.c.username)
        .join(roles, roles.c.id == grants.c.role_id)
        .join(_users, _users.c.id == grants.c.user_id)
        .where(grants.c.is_active, which)
    ).fetchall()
    for row in due:
        _end(tx, row.id, reason)
        scope = Scope(row.scope_type)
        place = scope_by_id(tx, scope, row.scope_id)
        if place is not None:
            _tell(tx, Person(row.user_id, row.person, row.username), row.role, place, granted=False)
    return len(due)


def scope_by_id(tx: Tx, scope: Scope, scope_id: int) -> queries.ScopeRow | None:
    place = queries.SCOPE_TABLES[scope]
    uuid = tx.conn.execute(select(place.c.uuid).where(place.c.id == scope_id)).scalar()
    return queries.scope_row(tx.conn, scope, uuid) if uuid else None


def place_of(tx: Tx, scope: Scope, uuid: str) -> queries.ScopeRow:
    found = queries.scope_row(tx.conn, scope, uuid)
    if found is None:
        raise NotFound
    return found


class RoleOffered(NamedTuple):
    """Asked before a role is given in a scope: higher rooms veto closed organizations, private offerings."""

    place: queries.ScopeRow
