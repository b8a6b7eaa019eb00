"""How categories, offerings, components and plans are listed: one SELECT each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    case,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
)

from mercato.access import queries as access
from mercato.access.listings import projects
from mercato.catalog.tables import (
    categories,
    category_groups,
    components,
    offering_endpoints,
    offerings,
    plan_components,
    plans,
)
from mercato.kernel.columns import Json
from mercato.kernel.filters import contains, equals, holds, linked
from mercato.kernel.listing import Listing, Shape
from mercato.kernel.wiresql import (
    children,
    in_json,
    json_list,
    json_map,
    json_members,
    json_object,
    link,
    mapping,
    spliced_children,
)
from mercato.schemas.access import Scope
from mercato.schemas.catalog import Category, Offering, OfferingState, ProviderOffering
from mercato.tenants.tables import customers

_orders = table("orders", column("id"), column("offering_id"))
_resources = table("resources", column("id"), column("plan_id"), column("state"))
_overage = components.alias("overage")
_NONE = literal_column("'[]'", Json())

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


_plan_parts = plan_components.join(components, components.c.id == plan_components.c.component_id)
_of_plan = plan_components.c.plan_id == plans.c.id
# The order of the components, as the index of plan_components has it.
_part_order = [plan_components.c.component_id]
_has_future = plan_components.c.future_price.is_not(None)

_PART = {
    "type": components.c.type,
    "name": components.c.name,
    "measured_unit": components.c.measured_unit,
    "amount": plan_components.c.amount,
    "price": plan_components.c.price,
    "future_price": plan_components.c.future_price,
}

PLAN_COLUMNS: dict[str, Any] = {
    "uuid": plans.c.uuid,
    "name": plans.c.name,
    "description": plans.c.description,
    "article_code": plans.c.article_code,
    "unit": plans.c.unit,
    "unit_price": plans.c.unit_price,
    "max_amount": plans.c.max_amount,
    "archived": plans.c.archived,
    "is_active": ~plans.c.archived,
    "backend_id": plans.c.backend_id,
    "organization_groups": _NONE,
    "components": children(
        _PART,
        _plan_parts,
        where=_of_plan,
        order=_part_order,
        of=plans,
    ),
    "prices": mapping(
        components.c.type,
        plan_components.c.price,
        _plan_parts,
        where=_of_plan,
        order=_part_order,
        of=plans,
    ),
    "future_prices": mapping(
        components.c.type,
        plan_components.c.future_price,
        _plan_parts,
        where=_of_plan & _has_future,
        order=_part_order,
        of=plans,
    ),
    "quotas": mapping(
        components.c.type,
        plan_components.c.amount,
        _plan_parts,
        where=_of_plan,
        order=_part_order,
        of=plans,
    ),
    "resources_count": select(func.count())
    .select_from(_resources)
    .where(_resources.c.plan_id == plans.c.id, _resources.c.state != "Terminated")
    .correlate(plans)
    .scalar_subquery(),
    "plan_type": literal("", String()),
    "minimal_price": plans.c.unit_price,
}


def plan_url(offering_uuid: ColumnElement[Any]) -> ColumnElement[Any]:
    before = link("/api/marketplace-public-offerings/{}/plans/", offering_uuid)
    return before + plans.c.uuid + literal("/", literal_execute=True)


def _json_number(expr: ColumnElement[Any]) -> ColumnElement[Any]:
    """An exact decimal's own digits as a JSON number."""
    return expr.cast(String()).cast(Json())


_live_plans = (plans.c.offering_id == offerings.c.id) & plans.c.removed_at.is_(None)

COMPONENT_COLUMNS: dict[str, Any] = {
    **{
        name: components.c[name]
        for name in (
            "uuid", "type", "name", "description", "billing_type", "measured_unit", "unit_factor", "limit_period",
            "limit_amount", "article_code", "min_value", "max_value", "max_available_limit", "default_limit",
            "is_boolean", "is_builtin", "is_prepaid", "min_prepaid_duration", "max_prepaid_duration",
            "prepaid_duration_step", "min_renewal_duration", "max_renewal_duration", "renewal_duration_step",
        )
    },
    "offering_uuid": offerings.c.uuid,
    "overage_component": _overage.c.uuid,
}  # fmt: skip

_component_source = components.outerjoin(_overage, _overage.c.id == components.c.overage_component_id)

LINKS = children(
    {
        "uuid": offering_endpoints.c.uuid,
        "name": offering_endpoints.c.name,
        "url": offering_endpoints.c.url,
    },
    offering_endpoints,
    where=offering_endpoints.c.offering_id == offerings.c.id,
    order=[offering_endpoints.c.id],
    of=offerings,
)


def offering_components() -> ColumnElement[Any]:
    """The components of the current offering, as a JSON array."""
    return children(
        COMPONENT_COLUMNS,
        _component_source,
        where=components.c.offering_id == offerings.c.id,
        order=[components.c.id],
        of=offerings,
    )


def _plan_members() -> ColumnElement[Any]:
    """What a plan's components say, all of it from one look at them."""
    rows = (
        select(*(expr.label(name) for name, expr in _PART.items()))
        .select_from(_plan_parts)
        .where(_of_plan)
        .order_by(*_part_order)
        .correlate(plans)
        .subquery()
    )
    part = rows.c
    members = json_members(
        {
            "components": json_list(json_object({name: part[name] for name in _PART})),
            "prices": json_map(part.type, in_json(part.price)),
            "future_prices": json_map(part.type, in_json(part.future_price), part.future_price.is_not(None)),
            "quotas": json_map(part.type, in_json(part.amount)),
        }
    )
    return select(members).select_from(rows).scalar_subquery()


_SPLICED = ("components", "prices", "future_prices", "quotas")


def _offering_plans(where: ColumnElement[bool]) -> ColumnElement[Any]:
    return spliced_children(
        _plan_members(),
        {
            "url": plan_url(offerings.c.uuid),
            **{name: expr for name, expr in PLAN_COLUMNS.items() if name not in _SPLICED},
            "init_price": _json_number(plans.c.init_price),
            "switch_price": _json_number(plans.c.switch_price),
        },
        plans,
        where=where,
        order=[plans.c.id],
        of=offerings,
    )


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
        "plans": _offering_plans(plans_where),
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
