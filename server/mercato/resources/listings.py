"""How resources are listed, for their customers and for their providers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    bindparam,
    case,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    table,
)

from mercato.access import queries as access
from mercato.catalog.listings import offering_components
from mercato.catalog.tables import categories, components, offerings, plans
from mercato.kernel.columns import Json, Utc
from mercato.kernel.filters import contains, equals, since
from mercato.kernel.listing import Listing, omit
from mercato.kernel.wiresql import children, in_json, json_map, link, sketch
from mercato.resources.tables import resource_endpoints, resources
from mercato.schemas.resources import Resource
from mercato.tenants.tables import customers, projects

providers = customers.alias("providers")
_orders = table(
    "orders",
    column("id"),
    column("uuid", String()),
    column("type", String()),
    column("state", String()),
    column("created", Utc()),
    column("limits", Json()),
    column("attributes", Json()),
    column("resource_id"),
)
_usages = table(
    "component_usages",
    column("id"),
    column("resource_id"),
    column("component_id"),
    column("billing_period"),
    column("hundredths"),
)
_ORDER_SKETCH: dict[str, Any] = {
    name: _orders.c[name] for name in ("uuid", "type", "state", "created", "limits", "attributes")
}
_OPEN = (
    "pending-consumer", "pending-provider", "pending-project", "pending-start-date", "executing",
)  # fmt: skip


def consumed(kind: str) -> ColumnElement[bool] | None:
    """Resources of my projects and organizations, and those of the offerings I provide."""
    if kind == access.EVERYTHING:
        return None
    return or_(
        access.sees_project(projects.c.id, projects.c.customer_id),
        access.provides(offerings.c.id, offerings.c.customer_id),
    )


def provided(kind: str) -> ColumnElement[bool] | None:
    if kind == access.EVERYTHING:
        return None
    return access.provides(offerings.c.id, offerings.c.customer_id)


def _has_component(billing_type: str) -> ColumnElement[bool]:
    return exists().where(
        components.c.offering_id == offerings.c.id, components.c.billing_type == billing_type
    )


def _limit_usage() -> ColumnElement[Any]:
    """Usage since the start of each component's current limit period; the starts are bound as dates."""
    start = case(
        (components.c.limit_period == "month", bindparam("month_start", None, type_=String())),
        (components.c.limit_period == "quarterly", bindparam("quarter_start", None, type_=String())),
        (components.c.limit_period == "annual", bindparam("year_start", None, type_=String())),
        else_=literal("0001-01-01"),
    )

    since_start = func.coalesce(
        func.sum(case((_usages.c.billing_period.cast(String()) >= start, _usages.c.hundredths), else_=0)), 0
    )
    rows = (
        select(components.c.type.label("k"), (since_start / 100.0).label("v"))
        .select_from(_usages.join(components, components.c.id == _usages.c.component_id))
        .where(_usages.c.resource_id == resources.c.id)
        .group_by(components.c.type)
        .order_by(components.c.type)
        .correlate(resources)
        .subquery()
    )

    return select(json_map(rows.c.k, in_json(rows.c.v))).select_from(rows).scalar_subquery()


_COLUMNS: dict[str, Any] = {
    **{
        name: resources.c[name]
        for name in (
            "uuid", "name", "slug", "description", "state", "created", "modified", "attributes", "options",
            "limits", "current_usages", "backend_id", "effective_id", "backend_metadata", "end_date", "paused",
            "downscaled", "restrict_member_access", "error_message", "error_traceback",
        )
    },
    "offering": link("/api/marketplace-public-offerings/{}/", offerings.c.uuid),
    "offering_uuid": offerings.c.uuid,
    "offering_name": offerings.c.name,
    "offering_slug": offerings.c.slug,
    "offering_type": offerings.c.type,
    "offering_description": offerings.c.description,
    "offering_shared": offerings.c.shared,
    "offering_billable": offerings.c.billable,
    "offering_state": offerings.c.state,
    "offering_plugin_options": offerings.c.plugin_options,
    "offering_components": offering_components(),
    "provider_name": providers.c.name,
    "provider_uuid": providers.c.uuid,
    "provider_slug": providers.c.slug,
    "category_title": categories.c.title,
    "category_uuid": categories.c.uuid,
    "plan": link("/api/marketplace-plans/{}/", plans.c.uuid),
    "plan_uuid": plans.c.uuid,
    "plan_name": plans.c.name,
    "plan_unit": plans.c.unit,
    "plan_description": plans.c.description,
    "project": link("/api/projects/{}/", projects.c.uuid),
    "project_uuid": projects.c.uuid,
    "project_name": projects.c.name,
    "project_slug": projects.c.slug,
    "project_description": projects.c.description,
    "project_end_date": projects.c.end_date,
    "customer_uuid": customers.c.uuid,
    "customer_name": customers.c.name,
    "customer_slug": customers.c.slug,
    "limit_usage": _limit_usage(),
    "endpoints": children(
        {
            "uuid": resource_endpoints.c.uuid,
            "name": resource_endpoints.c.name,
            "url": resource_endpoints.c.url,
        },
        resource_endpoints,
        where=resource_endpoints.c.resource_id == resources.c.id,
        order=[resource_endpoints.c.id],
        of=resources,
    ),
    "is_usage_based": _has_component("usage"),
    "is_limit_based": _has_component("limit"),
    "last_sync": omit(resources.c.last_sync),
    "getting_started": offerings.c.getting_started,
    "order_in_progress": sketch(
        _ORDER_SKETCH,
        _orders,
        where=and_(_orders.c.resource_id == resources.c.id, _orders.c.state.in_(_OPEN)),
        order=[_orders.c.id.desc()],
        of=resources,
    ),
    "creation_order": sketch(
        _ORDER_SKETCH,
        _orders,
        where=and_(_orders.c.resource_id == resources.c.id, _orders.c.type == "Create"),
        order=[_orders.c.id],
        of=resources,
    ),
}  # fmt: skip

_SOURCE = (
    resources.join(offerings, offerings.c.id == resources.c.offering_id)
    .join(providers, providers.c.id == offerings.c.customer_id)
    .join(categories, categories.c.id == offerings.c.category_id)
    .join(projects, projects.c.id == resources.c.project_id)
    .join(customers, customers.c.id == projects.c.customer_id)
    .outerjoin(plans, plans.c.id == resources.c.plan_id)
)
_FILTERS = {
    "uuid": equals(resources.c.uuid),
    "name": contains(resources.c.name),
    "name_exact": equals(resources.c.name),
    "query": contains(
        resources.c.name, resources.c.slug, resources.c.backend_id, offerings.c.name, projects.c.name
    ),
    "slug": equals(resources.c.slug),
    "backend_id": equals(resources.c.backend_id),
    "state": equals(resources.c.state),
    "offering": equals(offerings.c.uuid),
    "offering_uuid": equals(offerings.c.uuid),
    "offering_type": equals(offerings.c.type),
    "category_uuid": equals(categories.c.uuid),
    "project_uuid": equals(projects.c.uuid),
    "customer_uuid": equals(customers.c.uuid),
    "provider_uuid": equals(providers.c.uuid),
    "plan_uuid": equals(plans.c.uuid),
    "created": since(resources.c.created),
    "modified": since(resources.c.modified),
}
_ORDER = {
    "name": resources.c.name,
    "created": resources.c.created,
    "modified": resources.c.modified,
    "state": resources.c.state,
    "end_date": resources.c.end_date,
    "project_name": projects.c.name,
    "customer_name": customers.c.name,
    "offering_name": offerings.c.name,
}

RESOURCES = Listing(
    Resource,
    table=resources,
    source=_SOURCE,
    visible=consumed,
    columns={"url": link("/api/marketplace-resources/{}/", resources.c.uuid), **_COLUMNS},
    filters=_FILTERS,
    order=_ORDER,
    default_order=("-created",),
)
PROVIDED_RESOURCES = Listing(
    Resource,
    table=resources,
    source=_SOURCE,
    visible=provided,
    columns={"url": link("/api/marketplace-provider-resources/{}/", resources.c.uuid), **_COLUMNS},
    filters=_FILTERS,
    order=_ORDER,
    default_order=("-created",),
)
