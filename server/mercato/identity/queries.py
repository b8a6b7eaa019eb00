"""Who is behind a token, and users as lists show them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, exists, or_, select

from mercato.access import queries as access
from mercato.access.listings import my_permissions, projects
from mercato.access.rules import ANONYMOUS, PUBLIC, STAFF, STAFF_OR_SUPPORT, Actor
from mercato.access.tables import grants
from mercato.identity.rules import TOUCH_EVERY, token_ended
from mercato.identity.tables import tokens, users
from mercato.kernel.errors import Forbidden, NotSignedIn
from mercato.kernel.filters import contains, equals, holds
from mercato.kernel.ids import key_hash
from mercato.kernel.listing import Listing
from mercato.kernel.wiresql import link
from mercato.schemas.access import Scope
from mercato.schemas.identity import Me, User

_BY_KEY = (
    select(
        users.c.id,
        users.c.uuid,
        users.c.username,
        users.c.full_name,
        users.c.is_staff,
        users.c.is_support,
        users.c.is_active,
        users.c.removed_at,
        users.c.token_lifetime,
        tokens.c.id.label("token_id"),
        tokens.c.last_used,
        tokens.c.keeps,
        tokens.c.revoked_at,
    )
    .join(users, users.c.id == tokens.c.user_id)
    .where(tokens.c.key_hash == bindparam("key_hash"))
)


_ID = select(users.c.id).where(users.c.uuid == bindparam("uuid"))


def user_id_of(conn: Connection, uuid: str) -> int | None:
    """The id behind a person's uuid, whatever has become of the account."""
    found: int | None = conn.execute(_ID, {"uuid": uuid}).scalar()
    return found


class Session(NamedTuple):
    """The person behind a token, and whether its last use should be written down again."""

    actor: Actor
    stale: bool


def session_of(conn: Connection, key: str, now: datetime) -> Session:
    """Raises NotSignedIn (401) with the contract's words."""
    row = conn.execute(_BY_KEY, {"key_hash": key_hash(key)}).first()
    if row is None or row.revoked_at is not None:
        raise NotSignedIn("Invalid token.", code="invalid_token")
    if not row.is_active or row.removed_at is not None:
        raise NotSignedIn("User inactive or deleted.", code="inactive_user")
    if token_ended(keeps=row.keeps, last_used=row.last_used, lifetime=row.token_lifetime, now=now):
        raise NotSignedIn("Token has expired.", code="expired_token")
    actor = Actor(row.id, row.uuid, row.username, row.full_name, row.is_staff, row.is_support, row.token_id)
    return Session(actor, now - row.last_used > TOUCH_EVERY)


def meets(actor: Actor, needs: Any) -> Actor:
    """The actor, or 401 / 403 where a route's needs cannot be met whatever the object is."""
    if needs == PUBLIC or actor.is_staff:
        return actor
    if not actor.signed_in:
        raise NotSignedIn
    if needs == STAFF or (needs == STAFF_OR_SUPPORT and not actor.is_support):
        raise Forbidden
    return actor


def actor_for(conn: Connection, key: str, needs: Any, now: datetime) -> tuple[Actor, bool]:
    """Who asks, and whether the token's use should be noted. A wrong token is refused even where none is needed."""
    if not key:
        return meets(ANONYMOUS, needs), False
    session = session_of(conn, key, now)
    return meets(session.actor, needs), session.stale


def _visible(kind: str) -> ColumnElement[bool] | None:
    """Oneself, and everybody who shares an organization or project with me."""
    if kind == access.EVERYTHING:
        return None
    mates = grants.alias("mates")
    in_my_project = select(projects.c.id).where(access.sees_project(projects.c.id, projects.c.customer_id))
    shared = exists().where(
        mates.c.user_id == users.c.id,
        access.active(mates),
        or_(
            (mates.c.scope_type == Scope.CUSTOMER.value) & access.sees_customer(mates.c.scope_id),
            (mates.c.scope_type == Scope.PROJECT.value) & mates.c.scope_id.in_(in_my_project),
        ),
    )
    return or_(users.c.id == access.ME, shared)


def _holder_in(scope: Scope, uuids: Any) -> Any:
    place = access.SCOPE_TABLES[scope]
    return users.c.id.in_(
        select(grants.c.user_id)
        .join(place, place.c.id == grants.c.scope_id)
        .where(grants.c.scope_type == scope.value, access.ACTIVE, place.c.uuid == uuids)
    )


_COLUMNS: dict[str, Any] = {
    "url": link("/api/users/{}/", users.c.uuid),
    **{
        name: users.c[name]
        for name in (
            "uuid", "username", "slug", "email", "first_name", "last_name", "full_name", "native_name",
            "job_title", "organization", "phone_number", "description", "is_staff", "is_support", "is_active",
            "date_joined", "agreement_date", "token_lifetime", "registration_method", "preferred_language",
            "birth_date",
        )
    },
    "has_usable_password": users.c.password_hash.is_not(None),
}  # fmt: skip

USERS = Listing(
    User,
    table=users,
    source=users,
    visible=_visible,
    where=users.c.removed_at.is_(None),
    columns=_COLUMNS,
    filters={
        "uuid": equals(users.c.uuid),
        "username": equals(users.c.username),
        "email": contains(users.c.email),
        "full_name": contains(users.c.full_name),
        "is_active": equals(users.c.is_active),
        "is_staff": equals(users.c.is_staff),
        "is_support": equals(users.c.is_support),
        "user_keyword": contains(users.c.full_name, users.c.email, users.c.username),
        "query": contains(users.c.full_name, users.c.email, users.c.username, users.c.organization),
        "customer_uuid": holds(lambda v: _holder_in(Scope.CUSTOMER, v)),
        "project_uuid": holds(lambda v: _holder_in(Scope.PROJECT, v)),
    },
    order={
        "username": users.c.username,
        "full_name": users.c.full_name,
        "email": users.c.email,
        "date_joined": users.c.date_joined,
    },
    default_order=("username",),
)

ME = Listing(
    Me,
    table=users,
    source=users,
    visible=lambda _kind: users.c.id == access.ME,
    columns={**_COLUMNS, "permissions": my_permissions(users)},
)
