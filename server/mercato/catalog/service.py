"""Authoring offerings: drafts, texts, integration, order forms, endpoints, and their life."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
from sqlalchemy import delete, insert, select, update

from mercato.access import queries as access
from mercato.access import service as roles
from mercato.access.rules import Actor
from mercato.catalog import pricing, queries, rules, taxonomy
from mercato.catalog.states import OFFERING, OfferingFacts
from mercato.catalog.tables import offering_endpoints, offerings
from mercato.files import service as files
from mercato.kernel.db import Tx
from mercato.kernel.errors import Forbidden, Invalid, NotFound, invalid
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.kernel.slugs import take_slug
from mercato.schemas.access import Scope
from mercato.schemas.catalog import (
    DetailState,
    IntegrationChange,
    LinkRef,
    NewLink,
    NewOffering,
    OfferingState,
    Options,
    OverviewChange,
)
from mercato.schemas.facts import CatalogChanged
from mercato.schemas.permissions import Permission as P
from mercato.tenants import queries as tenants


class OfferingInUse(NamedTuple):
    """Asked before an offering is removed; true from whoever still uses it."""

    id: int


class OfferingTypes(NamedTuple):
    """Asked for the offering types that can be provisioned here."""


def told(tx: Tx, uuid: str, event: str, message: str) -> None:
    tx.emit(CatalogChanged(object=uuid), event=event, message=message)


def editable(tx: Tx, actor: Actor, uuid: str, permission: P) -> Any:
    """The offering's row for somebody who may change it so. 404, 403, or 400 when it is archived."""
    row = queries.offering_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    access.must(tx.conn, actor, permission, queries.offering_scopes(row), tx.now)
    if row.state == OfferingState.ARCHIVED:
        raise Invalid("It is not possible to update archived offering.", code="archived")
    return row


def create_offering(tx: Tx, actor: Actor, data: NewOffering, *, uuid: str = "") -> str:
    """A draft with its components and plans; its uuid."""
    customer = tenants.customer_row(tx.conn, uuid_of_link(data.customer) or "")
    if customer is None:
        raise invalid("customer", "Organization is not found.", code="unknown_customer")
    access.must(tx.conn, actor, P.OFFERING_CREATE, [(Scope.CUSTOMER, customer.id)], tx.now)
    if tenants.provider_of(tx.conn, customer.id) is None:
        raise invalid("customer", "Organization is not a service provider.", code="not_a_provider")
    category = queries.category_row(tx.conn, uuid_of_link(data.category) or "")
    if category is None:
        raise invalid("category", "Category is not found.", code="unknown_category")
    project = _own_project(tx, customer.id, data.project)
    check_form("options", data.options)
    check_form("resource_options", data.resource_options)
    types = [name for names in tx.ask(OfferingTypes()) for name in names]
    if types and data.type not in types:
        message = f'"{data.type}" is not a valid choice. Known are: {", ".join(sorted(types))}.'
        raise invalid("type", message, code="unknown_type")
    _named(data.name)
    problem = rules.place_problem(data.latitude, data.longitude, data.country)
    if problem:
        raise invalid(*problem, code="bad_place")
    made = uuid or new_uuid()
    values = msgspec.structs.asdict(data)
    for name in ("category", "customer", "project", "components", "plans", "thumbnail", "image"):
        del values[name]
    row = {
        **values,
        "uuid": made,
        "slug": take_slug(tx.conn, offerings, data.name),
        "created": tx.now,
        "customer_id": customer.id,
        "project_id": project,
        "category_id": category.id,
        "state": OfferingState.DRAFT.value,
        "options": data.options or Options(),
        "resource_options": data.resource_options or Options(),
        "attributes": taxonomy.checked_attributes(tx, category.id, data.attributes),
        **_pictures(tx, data),
    }
    number = tx.conn.execute(insert(offerings).returning(offerings.c.id), row).scalar_one()
    pricing.add_components(tx, number, data.components)
    for plan in data.plans:
        pricing.insert_plan(tx, number, plan)
    told(tx, made, "marketplace_offering_created", f"Offering {data.name} has been created.")
    return made


def _pictures(tx: Tx, data: NewOffering) -> dict[str, int]:
    given = {"thumbnail": data.thumbnail, "image": data.image}
    kept = {name: upload for name, upload in given.items() if upload is not None}
    return {f"{name}_id": files.store(tx, upload, field=name, image=True) for name, upload in kept.items()}


def _named(name: str) -> None:
    if not name.strip():
        raise invalid("name", "This field may not be blank.", code="blank")
    if len(name) > 150:
        raise invalid("name", "Ensure this field has no more than 150 characters.", code="too_long")


def _own_project(tx: Tx, customer_id: int, link: str | None) -> int | None:
    if not link:
        return None
    project = tenants.project_row(tx.conn, uuid_of_link(link) or "")
    if project is None or project.customer_id != customer_id:
        raise invalid("project", "Project is not found in this organization.", code="unknown_project")
    return int(project.id)


def check_form(field: str, form: Options | None) -> None:
    wrong = rules.form_problems(form) if form else {}
    if wrong:
        raise Invalid(fields={field: [f"{n}: {m}" for n, ms in wrong.items() for m in ms]}, code="bad_form")


_ACT_PERMISSION = {
    "activate": P.OFFERING_CREATE,
    "draft": P.OFFERING_CREATE,
    "pause": P.OFFERING_PAUSE,
    "unpause": P.OFFERING_UNPAUSE,
    "archive": P.OFFERING_ARCHIVE,
    "make_available": P.OFFERING_PAUSE,
    "make_unavailable": P.OFFERING_PAUSE,
}


def move_offering(tx: Tx, actor: Actor, uuid: str, action: str, reason: str = "") -> DetailState:
    """Activate, pause, unpause, archive or bring back to draft (contract §4.3)."""
    row = queries.offering_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    access.must(tx.conn, actor, _ACT_PERMISSION[action], queries.offering_scopes(row), tx.now)
    live = [plan for plan in queries.plans_of(tx.conn, row.id) if not plan.archived]
    facts = OfferingFacts(billable=row.billable, has_plan=bool(live))
    if action == "activate" and row.billable and not live and row.state in ("Draft", "Paused"):
        raise Invalid(
            "A billable offering needs at least one plan before it can be activated.", code="no_plan"
        )
    state = OFFERING.step(OfferingState(row.state), action, facts)
    set_state(tx, row, state, reason if action == "pause" else "")
    return DetailState(detail=f"Offering is now {state.value}.", state=state.value)


def set_state(tx: Tx, row: Any, state: OfferingState, reason: str = "") -> None:
    values = {"state": state.value, "paused_reason": reason}
    tx.conn.execute(update(offerings).where(offerings.c.id == row.id), values)
    message = f"Offering {row.name} has moved from {row.state} to {state.value}."
    told(tx, row.uuid, "marketplace_offering_updated", message)


def clear_shelf(tx: Tx, customer_id: int) -> None:
    """Archive whatever an organization that is gone still sold; nobody manages it any more."""
    found = select(offerings).where(offerings.c.customer_id == customer_id, offerings.c.removed_at.is_(None))
    for row in tx.conn.execute(found).fetchall():
        roles.end_roles(tx, Scope.OFFERING, row.id, "organization removed")
        if row.state != OfferingState.ARCHIVED:
            set_state(tx, row, OfferingState.ARCHIVED)


def change_overview(tx: Tx, actor: Actor, uuid: str, data: OverviewChange) -> None:
    row = editable(tx, actor, uuid, P.OFFERING_UPDATE)
    values = {k: v for k, v in msgspec.structs.asdict(data).items() if v is not msgspec.UNSET}
    if "name" in values:
        _named(values["name"])
    if "slug" in values:
        _check_slug(tx, actor, row, values["slug"])
    write(tx, row, values)


def _check_slug(tx: Tx, actor: Actor, row: Any, slug: str) -> None:
    """Slugs are staff's to give: links and backends know things by them."""
    if slug == row.slug:
        return
    if not actor.is_staff:
        raise Forbidden("Only staff can change slug.")
    if not rules.SLUG.fullmatch(slug):
        raise invalid("slug", "Up to 50 letters, digits, underscores or hyphens.", code="bad_slug")
    other = select(offerings.c.id).where(offerings.c.slug == slug, offerings.c.id != row.id)
    if tx.conn.execute(other).first() is not None:
        raise invalid("slug", "Another offering has this slug.", code="slug_is_taken")


def change_integration(tx: Tx, actor: Actor, uuid: str, data: IntegrationChange) -> None:
    """Options given are merged into those there are; null removes one."""
    row = editable(tx, actor, uuid, P.OFFERING_UPDATE_INTEGRATION)
    values: dict[str, Any] = {}
    for name in ("plugin_options", "secret_options"):
        given = getattr(data, name)
        if given is not msgspec.UNSET:
            merged = {**getattr(row, name), **given}
            values[name] = {k: v for k, v in merged.items() if v is not None}
    if data.backend_id is not msgspec.UNSET:
        values["backend_id"] = data.backend_id
    write(tx, row, values)


def change_form(tx: Tx, actor: Actor, uuid: str, form: Options) -> None:
    row = editable(tx, actor, uuid, P.OFFERING_UPDATE_OPTIONS)
    check_form("options", form)
    write(tx, row, {"options": form}, "marketplace_offering_options_updated")


def write(tx: Tx, row: Any, values: dict[str, Any], event: str = "marketplace_offering_updated") -> None:
    """Change an offering and tell of it; nothing for no values."""
    if not values:
        return
    tx.conn.execute(update(offerings).where(offerings.c.id == row.id), values)
    names = ", ".join(sorted(name.removesuffix("_id") for name in values))
    told(tx, row.uuid, event, f"Offering {row.name} has been updated: {names}.")


def remove_offering(tx: Tx, actor: Actor, uuid: str) -> None:
    """Providers remove drafts without resources, staff any offering without resources (contract §6)."""
    row = queries.offering_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    access.must(tx.conn, actor, P.OFFERING_DELETE, [(Scope.CUSTOMER, row.customer_id)], tx.now)
    if any(tx.ask(OfferingInUse(row.id))):
        raise Forbidden("Offering was not deleted since it has resources.", code="has_resources")
    if row.state != OfferingState.DRAFT and not actor.is_staff:
        raise Forbidden("Offering was not deleted since offering is not in draft state.", code="not_a_draft")
    roles.end_roles(tx, Scope.OFFERING, row.id, "offering removed")
    tx.conn.execute(update(offerings).where(offerings.c.id == row.id), {"removed_at": tx.now})
    told(tx, uuid, "marketplace_offering_updated", f"Offering {row.name} has been deleted.")


def add_endpoint(tx: Tx, actor: Actor, uuid: str, data: NewLink) -> LinkRef:
    """An access endpoint: any address (ssh, https, a plain sentence)."""
    row = editable(tx, actor, uuid, P.OFFERING_ADD_ENDPOINT)
    if not data.name.strip() or not data.url.strip():
        raise invalid(
            "name" if not data.name.strip() else "url", "This field may not be blank.", code="blank"
        )
    provider = tenants.provider_of(tx.conn, row.customer_id)
    if provider is not None and not rules.lies_in(data.url, provider.allowed_domains or []):
        names = ", ".join(provider.allowed_domains)
        raise invalid("url", f"Endpoints of this provider lie in: {names}.", code="foreign_domain")
    made = new_uuid()
    values = {"uuid": made, "offering_id": row.id, "name": data.name, "url": data.url}
    tx.conn.execute(insert(offering_endpoints), values)
    told(tx, uuid, "marketplace_offering_updated", f"Endpoint {data.name} has been added to {row.name}.")
    return LinkRef(uuid=made)


def remove_endpoint(tx: Tx, actor: Actor, uuid: str, endpoint: str) -> None:
    row = editable(tx, actor, uuid, P.OFFERING_DELETE_ENDPOINT)
    found = queries.endpoint_row(tx.conn, row.id, uuid_of_link(endpoint) or "")
    if found is None:
        raise invalid("uuid", "Endpoint is not found.", code="unknown_endpoint")
    tx.conn.execute(delete(offering_endpoints).where(offering_endpoints.c.id == found.id))
    told(tx, uuid, "marketplace_offering_updated", f"Endpoint {found.name} has been removed from {row.name}.")
