"""Personal access tokens: keys for programs that may less than their owners, from fewer places, for a time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.access.tables import grants, role_permissions, roles
from mercato.identity import rules
from mercato.identity.tables import personal_tokens, users
from mercato.kernel.db import Tx
from mercato.kernel.errors import Forbidden, Invalid, NotFound, invalid
from mercato.kernel.ids import as_hex, key_hash, new_uuid
from mercato.schemas.access import Scope
from mercato.schemas.facts import TokenChanged
from mercato.schemas.identity import NewPersonalToken, PersonalTokenMade, Place, PlaceRef
from mercato.schemas.permissions import Permission

_MINE = select(personal_tokens).where(
    personal_tokens.c.user_id == bindparam("user"), personal_tokens.c.uuid == bindparam("uuid")
)
_KNOWN = {permission.value for permission in Permission}
_BY_SESSION_ONLY = "Personal access tokens are managed with a session, not with a personal access token."


class TokenTerms(NamedTuple):
    """What an operator decides about personal access tokens."""

    enabled: bool
    days: int
    """The longest life that one may have."""
    each: int
    """How many of them a person may have at a time."""


def _by_person(actor: Actor) -> None:
    if actor.limits is not None:
        raise Forbidden(_BY_SESSION_ONLY, code="token_by_token")


# -- making ------------------------------------------------------------------------------------


def create(tx: Tx, actor: Actor, data: NewPersonalToken, terms: TokenTerms) -> PersonalTokenMade:
    """A new token; its key is shown this once."""
    _by_person(actor)
    may = select(users.c.can_use_personal_access_tokens).where(users.c.id == actor.id)
    if not terms.enabled or not tx.conn.execute(may).scalar_one():
        raise Forbidden("Personal access tokens are not allowed here.", code="tokens_disabled")
    if not data.name.strip():
        raise invalid("name", "This field may not be blank.", code="blank")
    scopes = _scopes(actor, data.scopes)
    expires = data.expires_at if data.expires_at.tzinfo else data.expires_at.replace(tzinfo=UTC)
    problem = rules.expiry_problem(expires, tx.now, terms.days)
    if problem:
        raise invalid("expires_at", problem, code="bad_expiry")
    _check_number(tx, actor, terms.each)
    values = {
        "user_id": actor.id,
        "name": data.name.strip(),
        "scopes": scopes,
        "allowed_scopes": _places(tx, actor, data.allowed_scopes, scopes),
        "allowed_networks": _networks(data.allowed_networks),
        "expires_at": expires,
    }
    return _insert(tx, actor, values, "pat_created", "created")


def _scopes(actor: Actor, asked: list[str]) -> list[str]:
    scopes = sorted(set(asked))
    if not scopes:
        raise invalid("scopes", "This list may not be empty.", code="empty")
    unknown = [scope for scope in scopes if scope not in _KNOWN]
    if unknown:
        raise invalid("scopes", f"Invalid scopes: {', '.join(unknown)}.", code="unknown_scope")
    if Permission.STAFF_ACCESS in scopes and not actor.is_staff:
        raise invalid("scopes", "Only staff can use STAFF.ACCESS.", code="staff_only")
    if Permission.SUPPORT_ACCESS in scopes and not (actor.is_staff or actor.is_support):
        raise invalid("scopes", "Only staff and support can use SUPPORT.ACCESS.", code="staff_only")
    return scopes


def _networks(asked: list[str]) -> list[str]:
    found, wrong = rules.networks(asked)
    if wrong:
        raise Invalid(fields={"allowed_networks": wrong}, code="bad_network")
    return found


def _places(tx: Tx, actor: Actor, asked: list[PlaceRef], scopes: list[str]) -> list[dict[str, Any]]:
    """Where the token may act: only where its owner holds one of its permissions."""
    if asked and {Permission.STAFF_ACCESS, Permission.SUPPORT_ACCESS} & set(scopes):
        message = "Tokens with staff or support access cannot be bound to places."
        raise invalid("allowed_scopes", message, code="staff_everywhere")
    found: list[dict[str, Any]] = []
    for place in asked:
        row = None
        if place.type in _BINDABLE:
            row = access.scope_row(tx.conn, Scope(place.type), as_hex(place.uuid) or "")
        held = row is not None and any(
            access.holds(
                tx.conn,
                actor,
                Permission(scope),
                [(row.type, row.id), (Scope.CUSTOMER, row.customer_id)],
                tx.now,
            )
            for scope in scopes
        )
        if row is None or not held:
            message = f"You hold none of these permissions on {place.type} {place.uuid}."
            raise invalid("allowed_scopes", message, code="unknown_place")
        found.append({"type": row.type.value, "uuid": row.uuid, "id": row.id, "name": row.name})
    return found


def _check_number(tx: Tx, actor: Actor, most: int) -> None:
    living = and_(
        personal_tokens.c.user_id == actor.id,
        personal_tokens.c.revoked_at.is_(None),
        personal_tokens.c.expires_at > tx.now,
    )
    count = select(func.count()).select_from(personal_tokens).where(living)
    if tx.conn.execute(count).scalar_one() >= most:
        raise Invalid(f"You can have at most {most} personal access tokens.", code="too_many_tokens")


def give(tx: Tx, actor: Actor, data: NewPersonalToken, key: str) -> bool:
    """A token with a key that is known already, for ever so long; whether it is new. Bound to no place."""
    if not key.startswith(rules.PERSONAL):
        raise invalid("key", f"A personal access token starts with {rules.PERSONAL}.", code="bad_key")
    known = select(personal_tokens.c.id).where(personal_tokens.c.key_hash == key_hash(key))
    if tx.conn.execute(known).first() is not None:
        return False
    values = {
        "user_id": actor.id,
        "name": data.name,
        "scopes": _scopes(actor, data.scopes),
        "allowed_scopes": [],
        "allowed_networks": _networks(data.allowed_networks),
        "expires_at": data.expires_at if data.expires_at.tzinfo else data.expires_at.replace(tzinfo=UTC),
    }
    _insert(tx, actor, values, "pat_created", "created", key)
    return True


def _insert(
    tx: Tx, actor: Actor, values: dict[str, Any], event: str, verb: str, key: str = ""
) -> PersonalTokenMade:
    key = key or rules.new_personal_key()
    row = {
        **values,
        "uuid": new_uuid(),
        "created": tx.now,
        "token_prefix": key[: rules.SHOWN_OF_KEY],
        "key_hash": key_hash(key),
        "last_used_ip": "",
        "use_count": 0,
    }
    tx.conn.execute(insert(personal_tokens), row)
    _tell(tx, actor, row["uuid"], event, f"Personal access token {row['name']} has been {verb}.")
    return PersonalTokenMade(
        uuid=row["uuid"],
        name=row["name"],
        token=key,
        scopes=row["scopes"],
        allowed_scopes=[Place(type=p["type"], uuid=p["uuid"], name=p["name"]) for p in row["allowed_scopes"]],
        allowed_networks=row["allowed_networks"],
        expires_at=row["expires_at"],
        created=tx.now,
    )


def _tell(tx: Tx, actor: Actor, uuid: str, event: str, message: str) -> None:
    tx.emit(TokenChanged(object=uuid, user=actor.uuid), event=event, message=message)


# -- changing ----------------------------------------------------------------------------------


_HELD = (
    select(role_permissions.c.permission, grants.c.scope_type)
    .join(grants, grants.c.role_id == role_permissions.c.role_id)
    .join(roles, roles.c.id == grants.c.role_id)
    .where(grants.c.user_id == access.ME, access.ACTIVE, roles.c.is_active)
    .distinct()
)
_BINDABLE = (Scope.CUSTOMER, Scope.PROJECT, Scope.OFFERING)


def available(conn: Connection, actor: Actor, now: datetime) -> dict[str, list[str]]:
    """The permissions that a token of mine could use, with the kinds of places to which it can be bound."""
    found: dict[str, list[str]] = {}
    if actor.is_staff:
        found = {permission.value: [scope.value for scope in _BINDABLE] for permission in Permission}
        found[Permission.STAFF_ACCESS] = []
        found[Permission.SUPPORT_ACCESS] = []
        return found
    for permission, scope in conn.execute(_HELD, {"me": actor.id, "now": now}):
        found.setdefault(permission, []).append(scope)
    if actor.is_support:
        found[Permission.SUPPORT_ACCESS] = []
    return {name: sorted(found[name]) for name in sorted(found)}


def _mine(tx: Tx, actor: Actor, uuid: str) -> Any:
    _by_person(actor)
    row = tx.conn.execute(_MINE, {"user": actor.id, "uuid": uuid}).first()
    if row is None:
        raise NotFound
    return row


def revoke(tx: Tx, actor: Actor, uuid: str) -> None:
    """End a token of one's own; it stays on the list."""
    row = _mine(tx, actor, uuid)
    if row.revoked_at is None:
        _end(tx, personal_tokens.c.id == row.id)
        _tell(tx, actor, uuid, "pat_revoked", f"Personal access token {row.name} has been revoked.")


def _end(tx: Tx, which: Any) -> None:
    living = personal_tokens.c.revoked_at.is_(None)
    tx.conn.execute(update(personal_tokens).where(which, living), {"revoked_at": tx.now})


def revoke_all(tx: Tx, user_id: int) -> None:
    """End every token of a person whose account ends."""
    _end(tx, personal_tokens.c.user_id == user_id)


def rotate(tx: Tx, actor: Actor, uuid: str) -> PersonalTokenMade:
    """Another key with the same rights and the same end; the old one ends at once."""
    row = _mine(tx, actor, uuid)
    if row.revoked_at is not None or row.expires_at <= tx.now:
        raise Invalid("Cannot rotate an inactive token.", code="inactive_token")
    _end(tx, personal_tokens.c.id == row.id)
    kept = ("user_id", "name", "scopes", "allowed_scopes", "allowed_networks", "expires_at")
    return _insert(tx, actor, {name: getattr(row, name) for name in kept}, "pat_rotated", "rotated")


def set_networks(tx: Tx, actor: Actor, uuid: str, networks: list[str]) -> str:
    """Say from where a token may be used."""
    row = _mine(tx, actor, uuid)
    values = {"allowed_networks": _networks(networks)}
    tx.conn.execute(update(personal_tokens).where(personal_tokens.c.id == row.id), values)
    text = f"Personal access token {row.name} may be used from: "
    text += ", ".join(values["allowed_networks"]) or "anywhere"
    _tell(tx, actor, uuid, "pat_network_acl_updated", text + ".")
    return uuid


# -- use ---------------------------------------------------------------------------------------


def note_use(tx: Tx, token_id: int, times: int, address: str, at: datetime) -> None:
    """Write down that a token was used; a new address is worth an event."""
    row = _row(tx, token_id)
    if row.last_used_ip and address and row.last_used_ip != address:
        fact = TokenChanged(object=row.uuid, user=row.user_uuid)
        text = f"Personal access token {row.name} has been used from {address}."
        tx.emit(fact, event="pat_used_from_new_ip", message=text)
    values = {
        "last_used_at": at,
        "last_used_ip": address or row.last_used_ip,
        "use_count": personal_tokens.c.use_count + times,
    }
    tx.conn.execute(update(personal_tokens).where(personal_tokens.c.id == token_id).values(**values))


def note_refusal(tx: Tx, token_id: int, address: str) -> None:
    """Write down that somebody used a token from where it must not be used."""
    row = _row(tx, token_id)
    fact = TokenChanged(object=row.uuid, user=row.user_uuid)
    text = f"Personal access token {row.name} was refused from {address}."
    tx.emit(fact, event="pat_access_denied_from_ip", message=text)


def _row(tx: Tx, token_id: int) -> Any:
    found = (
        select(personal_tokens, users.c.uuid.label("user_uuid"))
        .join(users, users.c.id == personal_tokens.c.user_id)
        .where(personal_tokens.c.id == token_id)
    )
    return tx.conn.execute(found).one()
