"""Accounts and sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from mercato.access.rules import Actor
from mercato.access.service import revoke_all
from mercato.identity import personal, rules
from mercato.identity.tables import sign_in_attempts, tokens, users
from mercato.kernel import crypto
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, Forbidden, NotFound, NotSignedIn, invalid
from mercato.kernel.fixed import fixed
from mercato.kernel.ids import key_hash, new_key, new_uuid
from mercato.kernel.slugs import take_slug
from mercato.schemas.facts import SignedIn, UserChanged
from mercato.schemas.identity import NewUser, UserChange

_BY_NAME = fixed(select(users).where(users.c.username == bindparam("username"), users.c.removed_at.is_(None)))
_BY_UUID = fixed(select(users).where(users.c.uuid == bindparam("uuid"), users.c.removed_at.is_(None)))
_ATTEMPTS = fixed(
    select(sign_in_attempts).where(
        sign_in_attempts.c.username == bindparam("username"),
        sign_in_attempts.c.address == bindparam("address"),
    )
)
# What of an account only staff may change.
FOR_STAFF = (
    "username", "is_staff", "is_support", "is_active", "token_lifetime", "affiliations", "eduperson_assurance",
    "is_identity_manager", "can_use_personal_access_tokens", "managed_isds", "deactivation_reason",
)  # fmt: skip
WRONG = "Invalid username/password."


def find_user(tx: Tx, *, uuid: str = "", username: str = "") -> Any:
    """The account's row, or None."""
    if uuid:
        return tx.conn.execute(_BY_UUID, {"uuid": uuid}).first()
    return tx.conn.execute(_BY_NAME, {"username": username}).first()


def hashed(password: str, username: str, field: str = "password") -> str:
    """The hash of a new password, which takes a while. Raises Invalid for one that is too weak."""
    problem = rules.password_problem(password, username)
    if problem:
        raise invalid(field, problem, code="weak_password")
    return crypto.hash_password(password)


def create_user(
    tx: Tx, data: NewUser, *, uuid: str = "", by_staff: bool = True, password_hash: str | None = None
) -> str:
    """A local account; its uuid. The password may come later; its hash had better been made before."""
    _check_username(tx, data.username)
    check_email(data.email)
    if data.password is not None and password_hash is None:
        password_hash = hashed(data.password, data.username)
    made = uuid or new_uuid()
    fields = msgspec.structs.asdict(data)
    del fields["password"]
    tx.conn.execute(
        insert(users),
        {
            **fields,
            "uuid": made,
            "slug": take_slug(tx.conn, users, data.username),
            "full_name": rules.full_name(data.first_name, data.last_name),
            "password_hash": password_hash,
            "date_joined": tx.now,
            "token_lifetime": int(rules.TOKEN_LIFETIME.total_seconds()),
        },
    )
    event = "user_has_been_created_by_staff" if by_staff else "user_creation_succeeded"
    tx.emit(UserChanged(object=made), event=event, message=f"User {data.username} has been created.")
    return made


def _check_username(tx: Tx, username: str) -> None:
    if not rules.USERNAME.fullmatch(username):
        raise invalid(
            "username", "Enter a valid username: letters, digits and @/./+/-/_ only.", code="bad_username"
        )
    if find_user(tx, username=username) is not None:
        raise invalid("username", "User with this username already exists.", code="username_taken")


def check_email(email: str) -> None:
    """Raises Invalid for what is no address; none at all is fine."""
    if email and "@" not in email:
        raise invalid("email", "Enter a valid email address.", code="bad_email")


def change_user(tx: Tx, actor: Actor, uuid: str, data: UserChange) -> str:
    """Staff change anybody, others themselves; what others vouch for, flags and lifetimes are for staff."""
    row = find_user(tx, uuid=uuid)
    if row is None:
        raise NotFound
    given = {k: v for k, v in msgspec.structs.asdict(data).items() if v is not msgspec.UNSET}
    if not actor.is_staff and (row.id != actor.id or actor.limits is not None):
        raise Forbidden
    if given.pop("agree_with_policy", False) and row.agreement_date is None:
        given["agreement_date"] = tx.now
    values = {name: value for name, value in given.items() if value != getattr(row, name)}
    for name in FOR_STAFF:
        if name in values and not actor.is_staff:
            raise Forbidden(f"Only staff can change {name}.")
    if not values:
        return uuid
    check_email(values.get("email", ""))
    if "username" in values:
        _check_username(tx, values["username"])
    if (values.get("token_lifetime") or 0) < 0:
        raise invalid("token_lifetime", "Ensure this value is greater than or equal to 0.", code="too_small")
    event = "user_update_succeeded"
    if "is_active" in values:
        values["is_admin_deactivated"] = not values["is_active"]
        event = "user_activated" if values["is_active"] else "user_deactivated"
        if not values["is_active"]:
            personal.revoke_all(tx, row.id)
    first, last = values.get("first_name", row.first_name), values.get("last_name", row.last_name)
    if "first_name" in values or "last_name" in values:
        values["full_name"] = rules.full_name(first, last)
    tx.conn.execute(update(users).where(users.c.id == row.id), {**values, "modified": tx.now})
    message = f"User {row.username} has been updated: {', '.join(sorted(values))}."
    fact = UserChanged(object=uuid, changed=tuple(sorted(values)))
    tx.emit(fact, event=event, message=message)
    return uuid


def deactivate(tx: Tx, user_id: int, reason: str) -> str:
    """End an account for a reason of the market's own; its username."""
    row = tx.conn.execute(select(users).where(users.c.id == user_id)).one()
    if row.is_active:
        values = {"is_active": False, "deactivation_reason": reason, "modified": tx.now}
        tx.conn.execute(update(users).where(users.c.id == user_id), values)
        end_sessions(tx, user_id)
        personal.revoke_all(tx, user_id)
        fact = UserChanged(object=row.uuid, changed=("is_active",))
        tx.emit(fact, event="user_deactivated", message=f"User {row.username} has been deactivated. {reason}")
    return str(row.username)


def remove_user(tx: Tx, uuid: str) -> None:
    """Hide the account, end its sessions and roles; what it did stays recorded."""
    row = find_user(tx, uuid=uuid)
    if row is None:
        raise NotFound
    tx.conn.execute(update(users).where(users.c.id == row.id), {"removed_at": tx.now, "is_active": False})
    end_sessions(tx, row.id)
    personal.revoke_all(tx, row.id)
    revoke_all(tx, row.id)
    tx.emit(
        UserChanged(object=uuid),
        event="user_deletion_succeeded",
        message=f"User {row.username} has been deleted.",
    )


def end_sessions(tx: Tx, user_id: int) -> None:
    """End every session and key of a person; personal access tokens are not among them."""
    living = tokens.c.revoked_at.is_(None)
    tx.conn.execute(update(tokens).where(tokens.c.user_id == user_id, living), {"revoked_at": tx.now})


def end_sessions_of(tx: Tx, number: str) -> None:
    """The same by the number of a person. Raises NotFound where there is nothing to end."""
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    row = tx.conn.execute(
        select(users.c.id, users.c.uuid, users.c.username)
        .join(tokens, tokens.c.user_id == users.c.id)
        .where(users.c.id == wanted, tokens.c.revoked_at.is_(None))
    ).first()
    if row is None:
        raise NotFound
    end_sessions(tx, row.id)
    message = f"All sessions of {row.username} have been ended by staff."
    tx.emit(SignedIn(object=row.uuid), event="auth_logged_out", message=message)


class CheckedPassword(NamedTuple):
    """What was found out about a new password before the transaction that stores it."""

    new_hash: str
    old_hash: str | None
    """The stored hash that the given old password belongs to."""


def check_password(
    conn: Connection, actor: Actor, uuid: str, new: str, old: str
) -> Callable[[], CheckedPassword]:
    """The slow part of `set_password`: to be run outside any transaction. Raises Forbidden, Invalid."""
    row = conn.execute(_BY_UUID, {"uuid": uuid}).first()
    if row is None:
        raise NotFound
    if not actor.is_staff and (row.id != actor.id or actor.limits is not None):
        raise Forbidden

    def work() -> CheckedPassword:
        old_is_needed = not actor.is_staff and row.password_hash is not None
        if old_is_needed and not crypto.verify_password(row.password_hash, old):
            raise invalid("old_password", "The old password is wrong.", code="wrong_password")
        return CheckedPassword(hashed(new, row.username, "new_password"), row.password_hash)

    return work


def set_password(tx: Tx, actor: Actor, uuid: str, checked: CheckedPassword) -> None:
    """Staff set anybody's password, others their own with the old one; all other sessions end."""
    row = find_user(tx, uuid=uuid)
    if row is None:
        raise NotFound
    if row.password_hash != checked.old_hash:
        raise Conflict("The password has been changed meanwhile.", code="password_changed")
    tx.conn.execute(update(users).where(users.c.id == row.id), {"password_hash": checked.new_hash})
    tx.conn.execute(
        update(tokens).where(tokens.c.user_id == row.id, tokens.c.id != actor.token_id, ~tokens.c.keeps),
        {"revoked_at": tx.now},
    )
    event = "user_password_updated_by_staff" if row.id != actor.id else "user_password_updated"
    tx.emit(UserChanged(object=uuid), event=event, message=f"Password of {row.username} has been changed.")


def make_token(tx: Tx, user_id: int, *, name: str, keeps: bool, key: str = "") -> str:
    """A new secret key; only its hash is stored."""
    made = key or new_key()
    tx.conn.execute(
        insert(tokens),
        {
            "key_hash": key_hash(made),
            "user_id": user_id,
            "name": name,
            "created": tx.now,
            "last_used": tx.now,
            "keeps": keeps,
        },
    )
    return made


class SigningIn(NamedTuple):
    """Asked before somebody gets a session: higher rooms answer with the organizations whose people do not sign in
    from there."""

    user_id: int
    address: str


class KeptOut(NamedTuple):
    """Who gave the right password from the wrong place."""

    organizations: list[str]
    address: str

    @property
    def why(self) -> str:
        names = ", ".join(self.organizations)
        return f"People of {names} sign in from their organization's networks only, and {self.address} is in none."


def sign_in(tx: Tx, username: str, address: str, *, verified: bool) -> str | KeptOut | None:
    """A session token; None after noting the failure (so that the note is committed); or why not from there.

    The password was checked outside the transaction: argon2 must not hold up the writers.
    """
    name = username[:128]
    attempts = tx.conn.execute(_ATTEMPTS, {"username": name, "address": address}).first()
    waiting = _waits(attempts, tx.now)
    row = find_user(tx, username=username)
    if not verified or waiting or row is None or not row.is_active:
        if not waiting:
            _note_failure(tx, name, address, attempts)
        return None
    if attempts is not None:
        tx.conn.execute(delete(sign_in_attempts).where(sign_in_attempts.c.id == attempts.id))
    tx.who = row.id
    if not row.is_staff and not row.is_support:
        closed = [name for names in tx.ask(SigningIn(row.id, address)) for name in names]
        if closed:
            text = (
                f"User {row.username} was refused at {address}: it is in no network of {', '.join(closed)}."
            )
            fact = SignedIn(object=row.uuid, address=address)
            tx.emit(fact, event="auth_login_failed_with_username", message=text)
            return KeptOut(closed, address)
    key = make_token(tx, row.id, name="session", keeps=False)
    tx.emit(
        SignedIn(object=row.uuid, address=address),
        event="auth_logged_in_with_username",
        message=f"User {row.username} logged in.",
    )
    return key


def _waits(attempts: Any, now: datetime) -> bool:
    return attempts is not None and rules.must_wait(attempts.failures, attempts.last_failure, now)


def stored_hash(conn: Connection, username: str, address: str, now: datetime) -> tuple[bool, str | None]:
    """(whether it is worth checking a password now, the hash to check it against)."""
    attempts = conn.execute(_ATTEMPTS, {"username": username[:128], "address": address}).first()
    row = conn.execute(_BY_NAME, {"username": username}).first()
    stored = row.password_hash if row is not None and row.is_active else None
    return not _waits(attempts, now), stored


def _note_failure(tx: Tx, name: str, address: str, attempts: Any) -> None:
    if attempts is None:
        row = {"username": name, "address": address, "failures": 1, "last_failure": tx.now}
        tx.conn.execute(insert(sign_in_attempts), row)
    else:
        tx.conn.execute(
            update(sign_in_attempts).where(sign_in_attempts.c.id == attempts.id),
            {"failures": attempts.failures + 1, "last_failure": tx.now},
        )
    tx.emit(
        SignedIn(object="", address=address),
        event="auth_login_failed_with_username",
        message=f"User {name} failed to log in.",
    )


def refused() -> NotSignedIn:
    return NotSignedIn(WRONG, code="wrong_credentials")


def sign_out(tx: Tx, actor: Actor) -> None:
    """End this session. Keys made by command stay: they belong to programs."""
    if actor.limits is not None:
        raise Forbidden("A personal access token is no session: revoke it instead.")
    tx.conn.execute(
        update(tokens).where(tokens.c.id == actor.token_id, ~tokens.c.keeps), {"revoked_at": tx.now}
    )
    tx.emit(
        SignedIn(object=actor.uuid), event="auth_logged_out", message=f"User {actor.username} logged out."
    )


def touch(tx: Tx, token_id: int) -> None:
    """Note that a token was used: idle sessions end, used ones do not."""
    tx.conn.execute(update(tokens).where(tokens.c.id == token_id), {"last_used": tx.now})


def nobody_is_staff(tx: Tx) -> bool:
    found = select(users.c.id).where(users.c.is_staff, users.c.removed_at.is_(None))
    return tx.conn.execute(found.limit(1)).first() is None


def first_administrator(
    tx: Tx, username: str, password: str, email: str, password_hash: str | None = None
) -> str:
    """The first staff account and a session for it. Refused as soon as there is one."""
    if not nobody_is_staff(tx):
        raise Forbidden("There is an administrator already.", code="administrator_exists")
    new = NewUser(username=username, email=email, password=password, is_staff=True)
    uuid = create_user(tx, new, password_hash=password_hash)
    row = find_user(tx, uuid=uuid)
    return make_token(tx, row.id, name="session", keeps=False)
