"""How resources are searched, and in which orders they can be asked for (contract §16)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    bindparam,
    column,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    table,
)

from mercato.access import queries as access
from mercato.catalog.tables import categories, components, offerings, plans
from mercato.kernel.filters import Filter, contains, equals, holds, linked, number, since, until, whether
from mercato.kernel.wiresql import json_text
from mercato.resources.tables import resources
from mercato.schemas.access import Scope
from mercato.tenants.queries import provided_by
from mercato.tenants.tables import customers, projects

_orders = table("orders", column("resource_id"), column("state", String()))
_mine = components.c.offering_id == offerings.c.id


def has_component(billing_type: str) -> ColumnElement[bool]:
    return exists().where(_mine, components.c.billing_type == billing_type)


def _number_of(*where: ColumnElement[bool]) -> Filter:
    """As many components of a kind."""
    counted = select(func.count()).select_from(components).where(_mine, *where)
    return number(counted.correlate(offerings).scalar_subquery())


def _with_order(names: Sequence[str]) -> ColumnElement[bool]:
    states = [bindparam(name, None, type_=String()) for name in names]
    return exists().where(_orders.c.resource_id == resources.c.id, _orders.c.state.in_(states))


def managed_by(person: ColumnElement[Any]) -> ColumnElement[bool]:
    """Somebody manages the offering, or holds a role at its provider."""
    return or_(
        offerings.c.id.in_(access.granted_to(Scope.OFFERING, uuid=person)),
        offerings.c.customer_id.in_(access.granted_to(Scope.CUSTOMER, uuid=person)),
    )


def _seen_by(username: ColumnElement[Any]) -> ColumnElement[bool]:
    """Somebody works in the project, or for its organization."""
    return or_(
        projects.c.id.in_(access.granted_to(Scope.PROJECT, username=username)),
        projects.c.customer_id.in_(access.granted_to(Scope.CUSTOMER, username=username)),
    )


_by_usage, _by_limit = has_component("usage"), has_component("limit")

FILTERS = {
    "uuid": equals(resources.c.uuid),
    "name": contains(resources.c.name),
    "name_exact": equals(resources.c.name),
    "query": contains(
        resources.c.name, resources.c.slug, resources.c.backend_id, offerings.c.name, projects.c.name
    ),
    "slug": equals(resources.c.slug),
    "backend_id": equals(resources.c.backend_id),
    "state": equals(resources.c.state),
    "order_state": equals(resources.c.state)._replace(clause=_with_order),
    "runtime_state": equals(
        json_text(resources.c.backend_metadata, literal("runtime_state", literal_execute=True))
    ),
    "offering": linked(offerings.c.uuid),
    "offering_uuid": equals(offerings.c.uuid),
    "offering_slug": equals(offerings.c.slug),
    "offering_type": equals(offerings.c.type),
    "offering_shared": equals(offerings.c.shared),
    "offering_billable": equals(offerings.c.billable),
    "category_uuid": equals(categories.c.uuid),
    "project_uuid": equals(projects.c.uuid),
    "project_name": contains(projects.c.name),
    "customer": linked(customers.c.uuid),
    "customer_uuid": equals(customers.c.uuid),
    "provider_uuid": provided_by(offerings.c.customer_id),
    "service_manager_uuid": holds(managed_by),
    "plan_uuid": equals(plans.c.uuid),
    "created": since(resources.c.created),
    "created_before": until(resources.c.created),
    "modified": since(resources.c.modified),
    "modified_before": until(resources.c.modified),
    "paused": equals(resources.c.paused),
    "downscaled": equals(resources.c.downscaled),
    "restrict_member_access": equals(resources.c.restrict_member_access),
    "has_terminate_date": whether(resources.c.end_date.is_not(None)),
    "usage_based": whether(_by_usage),
    "limit_based": whether(_by_limit),
    "only_usage_based": whether(_by_usage & not_(_by_limit)),
    "only_limit_based": whether(_by_limit & not_(_by_usage)),
    "component_count": _number_of(),
    "limit_component_count": _number_of(components.c.billing_type == "limit"),
    "visible_to_username": holds(_seen_by),
}
ORDER: dict[str, ColumnElement[Any]] = {
    "name": resources.c.name,
    "created": resources.c.created,
    "modified": resources.c.modified,
    "state": resources.c.state,
    "backend_id": resources.c.backend_id,
    "end_date": resources.c.end_date,
    "plan_name": plans.c.name,
    "project_name": projects.c.name,
    "customer_name": customers.c.name,
    "offering_name": offerings.c.name,
}
