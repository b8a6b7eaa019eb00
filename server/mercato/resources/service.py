"""Bringing resources to life, changing and ending them. Orders and agents call this; nobody else writes here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import delete, insert, select, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.catalog import queries as catalog
from mercato.catalog.tables import offerings
from mercato.kernel import clock
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, Invalid, NotFound, invalid
from mercato.kernel.fixed import fixed
from mercato.kernel.ids import new_uuid
from mercato.kernel.slugs import take_slug
from mercato.resources import queries, rules
from mercato.resources.states import RESOURCE
from mercato.resources.tables import prepaid_charges, resource_endpoints, resource_history, resources
from mercato.schemas.catalog import NewLink
from mercato.schemas.facts import ResourceBilled, ResourceChanged
from mercato.schemas.permissions import Permission as P
from mercato.schemas.resources import ResourceChange, ResourceState
from mercato.tenants.service import today_of
from mercato.tenants.tables import customers, projects


class NewResource(NamedTuple):
    """What a Create order asks for."""

    name: str
    offering_id: int
    plan_id: int | None
    project_id: int
    attributes: dict[str, Any]
    options: dict[str, Any]
    limits: dict[str, int]
    end_date: Any = None


_INSERT = fixed(insert(resources).returning(resources.c.id))
_INSERT_HISTORY = fixed(insert(resource_history))


def create(tx: Tx, new: NewResource, *, uuid: str = "") -> int:
    """A resource that waits for its order; its id."""
    number: int = tx.conn.execute(
        _INSERT,
        {
            "uuid": uuid or new_uuid(),
            "slug": take_slug(tx.conn, resources, new.name),
            "created": tx.now,
            "modified": tx.now,
            "name": new.name,
            "state": ResourceState.CREATING.value,
            "offering_id": new.offering_id,
            "plan_id": new.plan_id,
            "project_id": new.project_id,
            "attributes": new.attributes,
            "options": new.options,
            "limits": new.limits,
            "current_usages": {},
            "backend_metadata": {},
            "end_date": new.end_date,
        },
    ).scalar_one()
    return number


def move(tx: Tx, row: Any, action: str, *, event: str, message: str, **values: Any) -> Any:
    """Let the resource take an arrow of its table, with what changes along; the row afterwards."""
    state = RESOURCE.step(ResourceState(row.state), action, None)
    return write(tx, row, {"state": state.value, **values}, event, message)


def write(
    tx: Tx, row: Any, values: dict[str, Any], event: str, message: str, *, changed: tuple[str, ...] = ()
) -> Any:
    """Write what is other than before and tell of it, the row afterwards; agents repeat themselves, so nothing
    happens where nothing is new. `changed` names what was changed elsewhere."""
    new = {name: value for name, value in values.items() if value != getattr(row, name)}
    if not new and not changed:
        return row
    tx.conn.execute(update(resources).where(resources.c.id == row.id), {**new, "modified": tx.now})
    after = queries.resource_by_id(tx.conn, row.id)
    fact = ResourceChanged(
        object=row.uuid,
        id=row.id,
        state=after.state,
        offering=after.offering_uuid,
        project=after.project_uuid,
        changed=(*sorted(new), *changed),
    )
    tx.emit(fact, event=event, message=message)
    return after


def bill(tx: Tx, row: Any, kind: str) -> None:
    """Write the state after a change that matters for money, and tell billing."""
    tx.conn.execute(
        _INSERT_HISTORY,
        {
            "resource_id": row.id,
            "at": tx.now,
            "kind": kind,
            "plan_id": row.plan_id,
            "limits": row.limits,
        },
    )
    tx.emit(
        ResourceBilled(object=row.uuid, id=row.id, kind=kind),
        event="marketplace_resource_billing_changed",
        message=f"Billing of {row.name}: {kind}.",
    )


def charge(tx: Tx, row: Any, plan_id: int, charges: Sequence[Mapping[str, Any]]) -> None:
    """Note what was paid for in advance; whoever does so tells billing next."""
    for one in charges:
        values = {name: one[name] for name in ("component", "allowance", "periods", "length")}
        values |= {"unit_price": Decimal(one["unit_price"]), "plan_id": plan_id}
        tx.conn.execute(insert(prepaid_charges), {"resource_id": row.id, "at": tx.now, **values})


def set_endpoints(tx: Tx, row: Any, endpoints: list[NewLink]) -> None:
    """Replace the access endpoints; any kind of address."""
    for given in endpoints:
        if not given.name.strip() or not given.url.strip():
            raise invalid("endpoints", "Name and url are required.", code="blank")
    if [(given.name, given.url) for given in endpoints] == queries.endpoints_of(tx.conn, row.id):
        return
    tx.conn.execute(delete(resource_endpoints).where(resource_endpoints.c.resource_id == row.id))
    for given in endpoints:
        tx.conn.execute(
            insert(resource_endpoints),
            {"uuid": new_uuid(), "resource_id": row.id, "name": given.name, "url": given.url},
        )
    message = f"Endpoints of {row.name} have been updated."
    write(tx, row, {}, "marketplace_resource_update_succeeded", message, changed=("endpoints",))


def provided(tx: Tx, actor: Actor, uuid: str, permission: P) -> Any:
    """The resource's row for somebody who may do this for its provider; 404 or 403."""
    row = queries.resource_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    access.must(tx.conn, actor, permission, queries.provider_scopes(row), tx.now)
    return row


def set_backend_id(tx: Tx, actor: Actor, uuid: str, backend_id: str) -> None:
    row = provided(tx, actor, uuid, P.RESOURCE_SET_BACKEND_ID)
    if len(backend_id) > 255:
        raise invalid("backend_id", "Ensure this field has no more than 255 characters.", code="too_long")
    message = f"Backend id of {row.name} is {backend_id or 'empty'}."
    write(tx, row, {"backend_id": backend_id}, "marketplace_resource_update_succeeded", message)


def is_unique_backend_id(tx: Tx, actor: Actor, offering: str, backend_id: str, *, everywhere: bool) -> bool:
    """Whether no living resource of the offering (or of any of its provider's) has this backend id."""
    row = catalog.offering_row(tx.conn, offering)
    access.must(tx.conn, actor, P.OFFERING_UPDATE, catalog.offering_scopes(row), tx.now)
    same = resources.c.backend_id == backend_id
    if everywhere:
        mine = select(offerings.c.id).where(offerings.c.customer_id == row.customer_id)
        return not queries.is_used(tx.conn, same, resources.c.offering_id.in_(mine))
    return not queries.is_used(tx.conn, same, resources.c.offering_id == row.id)


def set_backend_metadata(tx: Tx, actor: Actor, uuid: str, metadata: dict[str, Any]) -> None:
    row = provided(tx, actor, uuid, P.RESOURCE_SET_BACKEND_METADATA)
    message = f"Backend metadata of {row.name} has been updated."
    write(tx, row, {"backend_metadata": metadata}, "marketplace_resource_update_succeeded", message)


def provider_endpoints(tx: Tx, actor: Actor, uuid: str, endpoints: list[NewLink]) -> None:
    set_endpoints(tx, provided(tx, actor, uuid, P.RESOURCE_SET_BACKEND_METADATA), endpoints)


def report_limits(tx: Tx, actor: Actor, uuid: str, limits: dict[str, int]) -> None:
    """The backend's own limits win: what is really there is what is billed.

    Agents report a bound for metered components too; it is kept, and billed by what is used.
    """
    row = provided(tx, actor, uuid, P.RESOURCE_SET_STATE)
    components = catalog.components_of(tx.conn, row.offering_id)
    known = {c.type for c in components if c.billing_type in ("limit", "usage")}
    unknown = sorted(set(limits) - known)
    if unknown:
        raise invalid("limits", f"Invalid types: {', '.join(unknown)}", code="unknown_component")
    wrong = [
        type_ for type_, value in limits.items() if rules.whole(value) is None or value < rules.UNLIMITED
    ]
    if wrong:
        message = f"{', '.join(sorted(wrong))}: the limit can not be negative or absurdly large."
        raise invalid("limits", message, code="bad_limits")
    merged = {**row.limits, **limits}
    if merged == row.limits:
        return
    message = f"Limits of {row.name} have been reported."
    after = write(tx, row, {"limits": merged}, "marketplace_resource_update_limits_succeeded", message)
    if queries.history_of(tx.conn, row.id) and row.state != ResourceState.TERMINATED:
        bill(tx, after, "limits")


def set_ok(tx: Tx, actor: Actor, uuid: str) -> None:
    """The provider found it healthy (again)."""
    row = provided(tx, actor, uuid, P.RESOURCE_SET_STATE)
    if row.state == ResourceState.OK:
        return
    history = queries.history_of(tx.conn, row.id)
    if not history:
        raise Conflict("Resource has not been created yet.", code="wrong_state", state=row.state)
    message = f"Resource {row.name} is well again."
    event = "marketplace_resource_update_succeeded"
    after = move(tx, row, "resolved", event=event, message=message, error_message="", error_traceback="")
    if history[-1].kind == "terminated":  # its restoration had failed halfway
        bill(tx, after, "restored")


def set_failed(tx: Tx, actor: Actor, uuid: str, message: str, traceback: str) -> None:
    """The provider found it broken."""
    row = provided(tx, actor, uuid, P.RESOURCE_SET_STATE)
    values = {"error_message": message, "error_traceback": traceback}
    event = "marketplace_resource_erred_on_backend"
    text = f"Resource {row.name} failed on its backend: {message}"
    if row.state == ResourceState.ERRED:
        write(tx, row, values, event, text)
        return
    move(tx, row, "broken", event=event, message=text, **values)


def change(tx: Tx, actor: Actor, uuid: str, data: ResourceChange) -> str:
    """Name, description and end date, by customer or provider."""
    row = queries.resource_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    scopes = [*queries.consumer_scopes(row), *queries.provider_scopes(row)]
    access.must(tx.conn, actor, P.RESOURCE_UPDATE, scopes, tx.now)
    values = {k: v for k, v in msgspec.structs.asdict(data).items() if v is not msgspec.UNSET}
    if "name" in values and not values["name"].strip():
        raise invalid("name", "This field may not be blank.", code="blank")
    if "end_date" in values:
        values |= new_end(tx, row, values["end_date"])
    if values:
        named = [name for name in sorted(values) if not name.startswith("end_date_")]
        message = f"Resource {row.name} has been updated: {', '.join(named)}."
        write(tx, row, values, "marketplace_resource_update_succeeded", message)
    return uuid


def new_end(tx: Tx, row: Any, end: date | None) -> dict[str, Any]:
    """The values of another end date, whoever asked for it; 400 for a day that is over."""
    if end == row.end_date:
        return {}
    if end is not None and end < today_of(tx, row.customer_id):
        raise invalid("end_date", "End date can not be in the past.", code="past")
    return {"end_date": end, "end_date_requested_by_id": tx.who, "end_date_updated_at": tx.now}


def wish_changed(tx: Tx, resource_id: int, limits: Any, attributes: Any) -> None:
    """A resource that only waits for its order follows the order's changes."""
    values = {k: v for k, v in {"limits": limits, "attributes": attributes}.items() if v is not None}
    if values:
        where = resources.c.id == resource_id
        tx.conn.execute(update(resources).where(where), {**values, "modified": tx.now})


def backend_said(
    tx: Tx, row: Any, *, backend_id: str, metadata: dict[str, Any], endpoints: list[NewLink]
) -> None:
    """What the plugin learned while it worked; empty means nothing new."""
    values: dict[str, Any] = {}
    if backend_id:
        values["backend_id"] = backend_id[:255]
    if metadata:
        values["backend_metadata"] = {**row.backend_metadata, **metadata}
    if values:
        message = f"Resource {row.name} is {backend_id or row.backend_id} on its backend."
        write(tx, row, values, "marketplace_resource_update_succeeded", message)
    if endpoints:
        set_endpoints(tx, row, endpoints)


def checked_limits(
    tx: Tx, components: list[Any], offering_id: int, given: dict[str, Any], *, complete: bool, but: int = 0
) -> dict[str, int]:
    """Limits that the offering's components allow, or 400 with every reason."""
    limited = any(c.max_available_limit is not None for c in components)
    others = queries.limits_elsewhere(tx.conn, offering_id, but) if limited else {}
    limits, wrong = rules.limit_problems(components, given, others, complete=complete)
    if wrong:
        raise Invalid(fields={"limits": wrong}, code="bad_limits")
    return limits


def ended_resources(tx: Tx) -> list[Any]:
    """Living resources past their end date on their organization's calendar: (id, uuid, end_date)."""
    due = (
        select(resources.c.id, resources.c.uuid, resources.c.end_date, customers.c.time_zone)
        .join(projects, projects.c.id == resources.c.project_id)
        .join(customers, customers.c.id == projects.c.customer_id)
        .where(
            resources.c.end_date.is_not(None),
            # No calendar is a whole day ahead of UTC's.
            resources.c.end_date <= tx.now.date(),
            resources.c.state.in_([ResourceState.OK.value, ResourceState.ERRED.value]),
        )
    )
    return [r for r in tx.conn.execute(due) if r.end_date < clock.day_of(tx.now, r.time_zone)]
