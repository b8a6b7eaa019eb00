"""What identity service domains (ISDs) tell about people: each attribute remembers who told it, and when.

An ISD never clears what another one told. A person whom no ISD knows any more is deactivated.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from msgspec import UNSET, structs
from sqlalchemy import Connection, select, update

from mercato.access.rules import Actor
from mercato.identity import personal, rules, service
from mercato.identity.tables import users
from mercato.kernel.columns import wire_moment
from mercato.kernel.db import Tx
from mercato.kernel.errors import Forbidden, Invalid, NotFound, invalid
from mercato.schemas.bridge import BridgeRemoval, BridgeRemovalResult, BridgeResult, BridgeUser
from mercato.schemas.facts import UserChanged
from mercato.schemas.identity import NewUser

FIELDS = tuple(f.name for f in structs.fields(BridgeUser) if f.name not in ("username", "source"))
SOURCE = re.compile(r"[a-z]+:[a-zA-Z0-9._-]+")
_LISTS = ("affiliations", "nationalities", "eduperson_assurance")
_MAY_BE_NULL = ("gender", "birth_date", "civil_number")


class BridgeTerms(NamedTuple):
    """What an operator decides about ISDs."""

    enabled: bool
    fields: tuple[str, ...]
    """The attributes that they may tell."""
    any_removal: bool
    """Whether the first ISD that removes a person deactivates the account, or only the last one."""


def may_manage(conn: Connection, actor: Actor, terms: BridgeTerms, source: str = "") -> None:
    """Staff, and identity managers for the ISDs that they manage. Raises Forbidden."""
    if not terms.enabled:
        raise Forbidden("Identity Bridge is disabled.", code="bridge_disabled")
    if actor.is_staff:
        return
    row = conn.execute(select(users).where(users.c.id == actor.id)).first()
    if row is None or not row.is_identity_manager or actor.limits is not None:
        message = "Only staff and identity managers are allowed to use the Identity Bridge."
        raise Forbidden(message, code="not_an_identity_manager")
    if source and source not in row.managed_isds:
        raise Forbidden(f"Source '{source}' is not in your managed ISDs.", code="foreign_source")


def _checked_source(source: str) -> str:
    if not SOURCE.fullmatch(source):
        raise invalid("source", "A source looks like isd:puhuri.", code="bad_source")
    return source


def tell(tx: Tx, actor: Actor, data: BridgeUser, terms: BridgeTerms) -> BridgeResult:
    """Create or update a person as an ISD knows them."""
    may_manage(tx.conn, actor, terms, data.source)
    _checked_source(data.source)
    given = {name: getattr(data, name) for name in FIELDS if getattr(data, name) is not UNSET}
    told = {name: value for name, value in given.items() if name in terms.fields}
    return learn(tx, data.username, data.source, told)


def learn(tx: Tx, username: str, source: str, told: dict[str, Any]) -> BridgeResult:
    """The same without asking whether the caller may."""
    service.check_email(told.get("email") or "")
    row = service.find_user(tx, username=username)
    if row is None:
        return _create(tx, username, source, told)
    if not row.is_active and row.is_admin_deactivated:
        raise Invalid(f"User {username} is deactivated.", code="inactive_user")
    values, sources = _news(row, source, told, wire_moment(tx.now))
    if not row.is_active:
        values |= {"is_active": True, "deactivation_reason": ""}
    if source not in row.active_isds:
        values["active_isds"] = [*row.active_isds, source]
    _write(tx, row, values, sources)
    return BridgeResult(uuid=row.uuid, created=False, updated_fields=sorted(values))


def _create(tx: Tx, username: str, source: str, told: dict[str, Any]) -> BridgeResult:
    new = NewUser(username=username, email=told.get("email") or "", notifications_enabled=False)
    made = service.create_user(tx, new, by_staff=False)
    row = service.find_user(tx, uuid=made)
    values, sources = _news(row, source, told, wire_moment(tx.now))
    values |= {"registration_method": source, "active_isds": [source]}
    _write(tx, row, values, sources)
    return BridgeResult(uuid=made, created=True, updated_fields=sorted(told))


def _blank(name: str) -> Any:
    if name in _LISTS:
        return []
    return None if name in _MAY_BE_NULL else ""


def _news(row: Any, source: str, told: dict[str, Any], moment: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """(values that differ, who told what)."""
    values: dict[str, Any] = {}
    sources = dict(row.attribute_sources)
    for name, given in told.items():
        value = _blank(name) if given is None else given
        owner = sources.get(name, {}).get("source", source)
        if value == _blank(name) and owner != source:
            continue
        if value != getattr(row, name):
            values[name] = value
        if value == _blank(name):
            sources.pop(name, None)
        else:
            sources[name] = {"source": source, "timestamp": moment}
    return values, sources


def _write(tx: Tx, row: Any, values: dict[str, Any], sources: dict[str, Any]) -> None:
    changed = dict(values)
    if "first_name" in values or "last_name" in values:
        first, last = values.get("first_name", row.first_name), values.get("last_name", row.last_name)
        changed["full_name"] = rules.full_name(first, last)
    stored = {**changed, "attribute_sources": sources, "modified": tx.now}
    tx.conn.execute(update(users).where(users.c.id == row.id), stored)
    if changed:
        names = ", ".join(sorted(changed))
        fact = UserChanged(object=row.uuid, changed=tuple(sorted(changed)))
        message = f"User {row.username} has been updated by an identity provider: {names}."
        tx.emit(fact, event="user_details_update_succeeded", message=message)


def remove(tx: Tx, actor: Actor, data: BridgeRemoval, terms: BridgeTerms) -> BridgeRemovalResult:
    """An ISD knows the person no more: what it told is cleared."""
    may_manage(tx.conn, actor, terms, data.source)
    _checked_source(data.source)
    row = service.find_user(tx, username=data.username)
    if row is None:
        raise NotFound(f"User {data.username} not found.")
    return forget(tx, row, data.source, any_removal=terms.any_removal)


def forget(tx: Tx, row: Any, source: str, *, any_removal: bool) -> BridgeRemovalResult:
    """The same without asking whether the caller may."""
    known = source in row.active_isds
    left = [isd for isd in row.active_isds if isd != source]
    mine = [name for name, told in row.attribute_sources.items() if told["source"] == source]
    values: dict[str, Any] = {name: _blank(name) for name in mine}
    if known:
        values["active_isds"] = left
    deactivated = known and row.is_active and (any_removal or not left)
    if deactivated:
        values |= {"is_active": False, "deactivation_reason": f"Removed from {source}."}
        service.end_sessions(tx, row.id)
        personal.revoke_all(tx, row.id)
    kept = {name: told for name, told in row.attribute_sources.items() if name not in mine}
    _write(tx, row, values, kept)
    return BridgeRemovalResult(uuid=row.uuid, deactivated=deactivated)
