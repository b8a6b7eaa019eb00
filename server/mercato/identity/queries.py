"""Who is behind a token."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from mercato.access.rules import ANONYMOUS, PUBLIC, STAFF, STAFF_OR_SUPPORT, Actor, Limits
from mercato.identity.rules import PERSONAL, TOUCH_EVERY, address_allowed, token_ended
from mercato.identity.tables import personal_tokens, tokens, users
from mercato.kernel.errors import Forbidden, NotSignedIn
from mercato.kernel.fixed import fixed
from mercato.kernel.ids import key_hash
from mercato.schemas.permissions import Permission

_BY_KEY = fixed(
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


_BY_PERSONAL_KEY = (
    select(
        users.c.id,
        users.c.uuid,
        users.c.username,
        users.c.full_name,
        users.c.is_staff,
        users.c.is_support,
        users.c.is_active,
        users.c.removed_at,
        users.c.can_use_personal_access_tokens.label("may"),
        personal_tokens.c.id.label("token_id"),
        personal_tokens.c.scopes,
        personal_tokens.c.allowed_scopes,
        personal_tokens.c.allowed_networks,
        personal_tokens.c.expires_at,
        personal_tokens.c.revoked_at,
    )
    .join(users, users.c.id == personal_tokens.c.user_id)
    .where(personal_tokens.c.key_hash == bindparam("key_hash"))
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


class WrongAddress(NotSignedIn):
    """The key is right and comes from where it must not; `token` is its id, for the record."""

    token = 0


def actor_of(conn: Connection, key: str, address: str, now: datetime) -> Actor:
    """The person behind a personal access token, as limited as the token. Raises NotSignedIn (401)."""
    row = conn.execute(_BY_PERSONAL_KEY, {"key_hash": key_hash(key)}).first()
    if row is None or row.revoked_at is not None or not row.may:
        raise NotSignedIn("Invalid token.", code="invalid_token")
    if not row.is_active or row.removed_at is not None:
        raise NotSignedIn("User inactive or deleted.", code="inactive_user")
    if row.expires_at <= now:
        raise NotSignedIn("Token has expired.", code="expired_token")
    if not address_allowed(address, row.allowed_networks):
        refused = WrongAddress("Invalid token.", code="invalid_token")
        refused.token = row.token_id
        raise refused
    scopes = frozenset(row.scopes)
    places = frozenset((place["type"], place["id"]) for place in row.allowed_scopes)
    limits = Limits(row.token_id, scopes, places, staff=row.is_staff)
    return Actor(
        row.id,
        row.uuid,
        row.username,
        row.full_name,
        is_staff=row.is_staff and Permission.STAFF_ACCESS in scopes,
        is_support=(row.is_staff or row.is_support) and Permission.SUPPORT_ACCESS in scopes,
        token_id=0,
        limits=limits,
    )


def meets(actor: Actor, needs: Any) -> Actor:
    """The actor, or 401 / 403 where a route's needs cannot be met whatever the object is."""
    limits = actor.limits
    if limits is not None and isinstance(needs, Permission) and needs.value not in limits.scopes:
        raise Forbidden(permission=needs.value)
    if needs == PUBLIC or actor.is_staff:
        return actor
    if not actor.signed_in:
        raise NotSignedIn
    if needs == STAFF or (needs == STAFF_OR_SUPPORT and not actor.is_support):
        raise Forbidden
    return actor


def actor_for(conn: Connection, key: str, needs: Any, now: datetime, address: str = "") -> tuple[Actor, bool]:
    """Who asks, and whether the token's use should be noted. A wrong token is refused even where none is needed."""
    if not key:
        return meets(ANONYMOUS, needs), False
    if key.startswith(PERSONAL):
        return meets(actor_of(conn, key, address, now), needs), True
    session = session_of(conn, key, now)
    return meets(session.actor, needs), session.stale
