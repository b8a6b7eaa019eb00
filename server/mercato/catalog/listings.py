"""How categories, offerings, components and plans are listed: one SELECT each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    column,
    func,
    or_,
    select,
    table,
)

from mercato.access import queries as access
from mercato.access.listings import projects
from mercato.catalog.documents import LINKS, offering_components, offering_plans
from mercato.catalog.tables import (
    categories,
    category_groups,
    offerings,
    plans,
)
from mercato.kernel.filters import contains, equals, holds, linked
from mercato.kernel.listing import Listing, Shape
from mercato.kernel.wiresql import (
    link,
)
from mercato.schemas.access import Scope
from mercato.schemas.catalog import Category, Offering, OfferingState, ProviderOffering
from mercato.tenants.tables import customers

_orders = table("orders", column("id"), column("offering_id"))

ON_SHELF = (OfferingState.ACTIVE.value, OfferingState.PAUSED.value)


def mine(kind: str) -> ColumnElement[bool] | None:
    """Offerings that I provide."""
    if kind == access.EVERYTHING:
        return None
    return access.provides(offerings.c.id, offerings.c.customer_id)


def for_me(kind: str) -> ColumnElement[bool] | None:
    """Shared offerings for everybody; private ones for their own organization and project."""
    if kind == access.EVERYTHING:
        return None
    if kind == access.NOTHING:
        return offerings.c.shared
    in_project = offerings.c.project_id.in_(access.granted(Scope.PROJECT))
    members = and_(offerings.c.project_id.is_(None), access.sees_customer(offerings.c.customer_id))
    return or_(
        offerings.c.shared,
        members,
        in_project,
        access.provides(offerings.c.id, offerings.c.customer_id),
    )


_live_plans = (plans.c.offering_id == offerings.c.id) & plans.c.removed_at.is_(None)

_OFFERING_PLAIN = (
    "uuid", "created", "name", "slug", "description", "full_description", "vendor_details", "getting_started",
    "integration_guide", "access_url", "documentation_url", "helpdesk_url", "privacy_policy_link", "type",
    "state", "paused_reason", "shared", "billable", "attributes", "options", "resource_options",
    "plugin_options", "backend_id", "backend_metadata", "terms_of_service", "terms_of_service_link",
)  # fmt: skip


def _offering_columns(path: str, plans_where: ColumnElement[bool]) -> dict[str, ColumnElement[Any] | Shape]:
    return {
        "url": link(path, offerings.c.uuid),
        **{name: offerings.c[name] for name in _OFFERING_PLAIN},
        "customer": link("/api/customers/{}/", customers.c.uuid),
        "customer_uuid": customers.c.uuid,
        "customer_name": customers.c.name,
        "project": link("/api/projects/{}/", projects.c.uuid),
        "project_uuid": projects.c.uuid,
        "project_name": projects.c.name,
        "category": link("/api/marketplace-categories/{}/", categories.c.uuid),
        "category_uuid": categories.c.uuid,
        "category_title": categories.c.title,
        "order_count": select(func.count())
        .select_from(_orders)
        .where(_orders.c.offering_id == offerings.c.id)
        .correlate(offerings)
        .scalar_subquery(),
        "endpoints": LINKS,
        "components": offering_components(),
        "plans": offering_plans(plans_where),
    }


_offering_source = (
    offerings.join(customers, customers.c.id == offerings.c.customer_id)
    .join(categories, categories.c.id == offerings.c.category_id)
    .outerjoin(projects, projects.c.id == offerings.c.project_id)
)
_OFFERING_FILTERS = {
    "uuid": equals(offerings.c.uuid),
    "name": contains(offerings.c.name),
    "name_exact": equals(offerings.c.name),
    "query": contains(
        offerings.c.name, offerings.c.description, offerings.c.slug, customers.c.name, categories.c.title
    ),
    "slug": equals(offerings.c.slug),
    "category_uuid": equals(categories.c.uuid),
    "customer": linked(customers.c.uuid),
    "customer_uuid": equals(customers.c.uuid),
    "project_uuid": equals(projects.c.uuid),
    "state": equals(offerings.c.state),
    "type": equals(offerings.c.type),
    "shared": equals(offerings.c.shared),
    "billable": equals(offerings.c.billable),
}
_OFFERING_ORDER = {
    "name": offerings.c.name,
    "created": offerings.c.created,
    "type": offerings.c.type,
    "state": offerings.c.state,
}

PUBLIC_PATH = "/api/marketplace-public-offerings/{}/"
_public_plans = _live_plans & ~plans.c.archived

# What a buyer browses: active offerings only (the specification hides what is paused).
BROWSE = Listing(
    Offering,
    table=offerings,
    source=_offering_source,
    visible=for_me,
    where=offerings.c.removed_at.is_(None) & (offerings.c.state == OfferingState.ACTIVE.value),
    columns=_offering_columns(PUBLIC_PATH, _public_plans),
    filters=_OFFERING_FILTERS,
    order=_OFFERING_ORDER,
    default_order=("name",),
)
# What a link leads to: also offerings that are paused for a while.
PUBLIC = Listing(
    Offering,
    table=offerings,
    source=_offering_source,
    visible=for_me,
    where=offerings.c.removed_at.is_(None) & offerings.c.state.in_(ON_SHELF),
    columns=_offering_columns(PUBLIC_PATH, _public_plans),
    filters=_OFFERING_FILTERS,
)
# What a resource or an order is of, for whoever sees these: also what is sold no more.
SOLD = Listing(
    Offering,
    table=offerings,
    source=_offering_source,
    visible=lambda _kind: None,
    columns=_offering_columns(PUBLIC_PATH, _public_plans),
    filters={"uuid": equals(offerings.c.uuid)},
)
PROVIDED = Listing(
    ProviderOffering,
    table=offerings,
    source=_offering_source,
    visible=mine,
    where=offerings.c.removed_at.is_(None),
    columns={
        **_offering_columns("/api/marketplace-provider-offerings/{}/", _live_plans),
        "secret_options": offerings.c.secret_options,
    },
    filters=_OFFERING_FILTERS,
    order=_OFFERING_ORDER,
    default_order=("name",),
)


def _offerings_in(*states: str) -> ColumnElement[Any]:
    return (
        select(func.count())
        .select_from(offerings)
        .where(
            offerings.c.category_id == categories.c.id,
            offerings.c.removed_at.is_(None),
            offerings.c.state.in_(states),
            offerings.c.shared,
        )
        .correlate(categories)
        .scalar_subquery()
    )


_available = _offerings_in(OfferingState.ACTIVE.value)

CATEGORIES = Listing(
    Category,
    table=categories,
    source=categories.outerjoin(category_groups, category_groups.c.id == categories.c.group_id),
    visible=lambda _kind: None,
    columns={
        "url": link("/api/marketplace-categories/{}/", categories.c.uuid),
        "uuid": categories.c.uuid,
        "title": categories.c.title,
        "description": categories.c.description,
        "icon": categories.c.icon,
        "group": link("/api/marketplace-category-groups/{}/", category_groups.c.uuid),
        "offering_count": _offerings_in(*ON_SHELF),
        "available_offerings_count": _available,
    },
    filters={
        "uuid": equals(categories.c.uuid),
        "title": contains(categories.c.title),
        "group": equals(category_groups.c.uuid),
        "has_offerings": holds(lambda v: case((_available > 0, True), else_=False) == v),
    },
    order={"title": categories.c.title},
    default_order=("title",),
)
