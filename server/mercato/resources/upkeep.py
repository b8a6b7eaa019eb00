"""What agents, providers and staff note about a resource, and what holds it back without ending it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import column, delete, insert, or_, select, table, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.catalog import queries as catalog
from mercato.catalog import rules as forms
from mercato.identity.tables import users
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, Invalid, NotFound, invalid
from mercato.kernel.ids import uuid_of_link
from mercato.resources import queries, service
from mercato.resources.tables import member_syncs, resources
from mercato.schemas.catalog import Options
from mercato.schemas.facts import ResourceUnlinked
from mercato.schemas.permissions import Permission as P
from mercato.schemas.resource_acts import MemberSync, MemberSyncResult
from mercato.schemas.resources import ReportSection, ResourceState

UPDATED = "marketplace_resource_update_succeeded"
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,50}")
# The offering's option that lets agents report how far each member's access has got.
SYNC_OPTION = "enable_membership_sync_status"
_FLAGS = {
    "paused": ("marketplace_resource_paused", "paused", "resumed"),
    "downscaled": ("marketplace_resource_downscaled", "downscaled", "at full scale again"),
    "restrict_member_access": (
        "marketplace_resource_update_succeeded",
        "closed to its members",
        "open to its members again",
    ),
}
_accounts = table("offering_users", column("user_id"), column("offering_id"), column("username"))


def _row(tx: Tx, uuid: str) -> Any:
    row = queries.resource_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    return row


def set_effective_id(tx: Tx, actor: Actor, uuid: str, effective_id: str) -> None:
    """What the resource is called by the provider behind the provider."""
    row = service.provided(tx, actor, uuid, P.RESOURCE_SET_BACKEND_ID)
    message = f"Effective id of {row.name} is {effective_id or 'empty'}."
    service.write(tx, row, {"effective_id": effective_id}, UPDATED, message)


def refresh_last_sync(tx: Tx, actor: Actor, uuid: str) -> None:
    """The agent has looked: a heartbeat of each of its cycles, so nobody is told and nothing is recorded."""
    row = service.provided(tx, actor, uuid, P.RESOURCE_SET_STATE)
    tx.conn.execute(update(resources).where(resources.c.id == row.id), {"last_sync": tx.now})
    tx.rooms.add("resources")


def end_by_customer(tx: Tx, actor: Actor, uuid: str, end: date | None) -> None:
    """Another end date, or none, by the customer or the provider."""
    row = _row(tx, uuid)
    scopes = [*queries.consumer_scopes(row), *queries.provider_scopes(row)]
    access.must(tx.conn, actor, P.RESOURCE_SET_END_DATE, scopes, tx.now)
    _end(tx, row, end)


def end_by_provider(tx: Tx, actor: Actor, uuid: str, end: date | None) -> None:
    _end(tx, service.provided(tx, actor, uuid, P.RESOURCE_SET_END_DATE), end)


def end_by_staff(tx: Tx, _actor: Actor, uuid: str, end: date | None) -> None:
    _end(tx, _row(tx, uuid), end)


def _end(tx: Tx, row: Any, end: date | None) -> None:
    message = f"Resource {row.name} ends after {end}." if end else f"Resource {row.name} has no end date."
    event = "marketplace_resource_update_end_date_succeeded"
    service.write(tx, row, service.new_end(tx, row, end), event, message)


def set_slug(tx: Tx, _actor: Actor, uuid: str, slug: str) -> None:
    """Staff rename what backends use as a name: nobody else's, and nothing that a URL cannot hold."""
    row = _row(tx, uuid)
    if not SLUG.fullmatch(slug):
        message = "Up to 50 letters, digits, underscores or hyphens."
        raise invalid("slug", message, code="bad_slug")
    other = select(resources.c.id).where(resources.c.slug == slug, resources.c.id != row.id)
    if tx.conn.execute(other.limit(1)).first() is not None:
        raise invalid("slug", "Another resource has this slug.", code="slug_is_taken")
    service.write(tx, row, {"slug": slug}, UPDATED, f"The slug of {row.name} is {slug}.")


def set_flag(tx: Tx, actor: Actor, uuid: str, flag: str, *, on: bool, for_provider: bool) -> None:
    """Pause, downscale or close a resource to its members, or end that; agents act on it (contract §3.3)."""
    row = _row(tx, uuid)
    scopes = queries.provider_scopes(row) if for_provider else queries.consumer_scopes(row)
    access.must(tx.conn, actor, P.RESOURCE_CONSUMPTION_LIMITATION, scopes, tx.now)
    event, begun, over = _FLAGS[flag]
    message = f"Resource {row.name} is {begun if on else over}."
    service.write(tx, row, {flag: on}, event if on else UPDATED, message)


def submit_report(tx: Tx, actor: Actor, uuid: str, sections: list[ReportSection]) -> None:
    """What the provider has to say, in sections; it replaces the last report."""
    row = service.provided(tx, actor, uuid, P.RESOURCE_SUBMIT_REPORT)
    if any(not s.header.strip() or not s.body.strip() for s in sections):
        raise invalid("report", "Each section needs a header and a body.", code="blank")
    report = [msgspec.to_builtins(section) for section in sections]
    service.write(tx, row, {"report": report}, UPDATED, f"A report about {row.name} has been submitted.")


# -- options -----------------------------------------------------------------------------------


def checked_options(tx: Tx, row: Any, given: dict[str, Any]) -> dict[str, Any]:
    """The resource's options with the given ones among them (null removes one), or 400 with what is wrong."""
    offering = catalog.offering_by_id(tx.conn, row.offering_id)
    form = msgspec.convert(offering.resource_options, Options)
    unknown = sorted(set(given) - set(form.options))
    merged = {k: v for k, v in {**(row.options or {}), **given}.items() if v is not None}
    wrong = [f"{name}: this option is not known." for name in unknown]
    wrong += [f"{n}: {m}" for n, ms in forms.answer_problems(form, merged).items() for m in ms]
    if wrong:
        raise Invalid(fields={"options": wrong}, code="bad_options")
    return merged


def set_options(tx: Tx, row: Any, options: dict[str, Any]) -> None:
    """Write options that were checked."""
    names = sorted(
        k for k in {**options, **(row.options or {})} if options.get(k) != (row.options or {}).get(k)
    )
    message = f"Options of {row.name} have been updated: {', '.join(names)}."
    service.write(tx, row, {"options": options}, UPDATED, message)


def options_by_provider(tx: Tx, actor: Actor, uuid: str, given: dict[str, Any]) -> None:
    """Options without an order, whatever the offering says of orders."""
    row = service.provided(tx, actor, uuid, P.RESOURCE_UPDATE_OPTIONS)
    set_options(tx, row, checked_options(tx, row, given))


# -- letting go and moving ---------------------------------------------------------------------


def unlink(tx: Tx, _actor: Actor, uuid: str) -> None:
    """Staff let go of a resource that hangs: it is over here and no longer billed, its backend is not asked."""
    row = _row(tx, uuid)
    if row.state == ResourceState.TERMINATED:
        return
    tx.emit(
        ResourceUnlinked(object=row.uuid, id=row.id),
        event="marketplace_resource_unlinked",
        message=f"Resource {row.name} has been unlinked.",
    )
    row = _row(tx, uuid)  # its orders are settled by now
    if row.state != ResourceState.TERMINATED:
        event = "marketplace_resource_terminate_succeeded"
        row = service.move(tx, row, "unlink", event=event, message=f"Resource {row.name}: unlink.")
    history = queries.history_of(tx.conn, row.id)
    if history and history[-1].kind != "terminated":
        service.bill(tx, row, "terminated")


# -- members -----------------------------------------------------------------------------------


def sync_members(tx: Tx, actor: Actor, uuid: str, reported: list[MemberSync]) -> MemberSyncResult:
    """The agent's whole report of how far each member's access has got; what it leaves out is forgotten.

    People who cannot be found are named in the answer and skipped. 409 unless the offering asks for it.
    """
    row = service.provided(tx, actor, uuid, P.RESOURCE_SET_STATE)
    offering = catalog.offering_by_id(tx.conn, row.offering_id)
    if offering.plugin_options.get(SYNC_OPTION) is not True:
        raise Conflict(f"The offering does not have the option {SYNC_OPTION}.", code="not_asked_for")
    wanted: dict[tuple[Any, ...], tuple[str, str]] = {}
    skipped = []
    for entry in reported:
        user = _person(tx, row.offering_id, entry)
        if user is None:
            skipped.append(entry.user_uuid or entry.username)
            continue
        scope = uuid_of_link(entry.resource_project_uuid or "") or ""
        wanted[user, entry.scope_type.value, scope, entry.role_name] = (entry.state.value, entry.message)
    _store_syncs(tx, row.id, wanted)
    tx.conn.execute(update(resources).where(resources.c.id == row.id), {"members_synced_at": tx.now})
    tx.rooms.add("resources")
    return MemberSyncResult(stored=len(wanted), skipped=skipped)


def _person(tx: Tx, offering_id: int, entry: MemberSync) -> int | None:
    if entry.user_uuid:
        found = select(users.c.id).where(users.c.uuid == (uuid_of_link(entry.user_uuid) or ""))
    else:
        mine = select(_accounts.c.user_id).where(
            _accounts.c.offering_id == offering_id, _accounts.c.username == entry.username
        )
        named = or_(users.c.username == entry.username, users.c.id.in_(mine))
        found = select(users.c.id).where(named).order_by(users.c.username != entry.username)
    number = tx.conn.execute(found.limit(1)).scalar() if entry.user_uuid or entry.username else None
    return None if number is None else int(number)


def _store_syncs(tx: Tx, resource_id: int, wanted: dict[tuple[Any, ...], tuple[str, str]]) -> None:
    """Write the differences only."""
    mine = select(member_syncs).where(member_syncs.c.resource_id == resource_id)
    stored = {
        (row.user_id, row.scope_type, row.scope, row.role_name): row
        for row in tx.conn.execute(mine).fetchall()
    }
    for key, row in stored.items():
        here = member_syncs.c.id == row.id
        if key not in wanted:
            tx.conn.execute(delete(member_syncs).where(here))
        elif (row.state, row.message) != wanted[key]:
            state, message = wanted[key]
            values = {"state": state, "message": message, "modified": tx.now}
            tx.conn.execute(update(member_syncs).where(here), values)
    for key, (state, message) in wanted.items():
        if key in stored:
            continue
        user, scope_type, scope, role = key
        tx.conn.execute(
            insert(member_syncs),
            {
                "resource_id": resource_id,
                "user_id": user,
                "scope_type": scope_type,
                "scope": scope,
                "role_name": role,
                "state": state,
                "message": message,
                "modified": tx.now,
            },
        )
