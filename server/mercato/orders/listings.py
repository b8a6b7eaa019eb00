"""How orders are listed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Float, String, and_, case, func, literal, null, or_

from mercato.access import queries as access
from mercato.catalog.tables import categories, offerings, plans
from mercato.identity.tables import users
from mercato.kernel.columns import ExactDecimal
from mercato.kernel.filters import contains, equals, holds, linked, since, until, whether
from mercato.kernel.listing import Listing, numeric, omit
from mercato.kernel.wiresql import link
from mercato.orders.holds import free
from mercato.orders.states import PENDING
from mercato.orders.tables import orders
from mercato.resources.filters import managed_by
from mercato.resources.tables import resources
from mercato.schemas.access import Scope
from mercato.schemas.orders import Order, OrderState, OrderType
from mercato.schemas.permissions import Permission as P
from mercato.tenants.queries import provided_by, provider_description
from mercato.tenants.tables import customers, projects

providers = customers.alias("providers")
authors = users.alias("authors")
consumer_reviewers = users.alias("consumer_reviewers")
provider_reviewers = users.alias("provider_reviewers")
old_plans = plans.alias("old_plans")


def _visible(kind: str) -> ColumnElement[bool] | None:
    """Orders of my projects and organizations, and those for the offerings I provide."""
    if kind == access.EVERYTHING:
        return None
    return or_(
        access.sees_project(projects.c.id, projects.c.customer_id),
        access.provides(offerings.c.id, offerings.c.customer_id),
    )


_for_consumer = and_(
    orders.c.state == OrderState.PENDING_CONSUMER.value,
    access.i_may(P.ORDER_APPROVE, (Scope.PROJECT, projects.c.id), (Scope.CUSTOMER, projects.c.customer_id)),
)
_for_provider = and_(
    orders.c.state == OrderState.PENDING_PROVIDER.value,
    access.i_may(
        P.ORDER_APPROVE, (Scope.OFFERING, offerings.c.id), (Scope.CUSTOMER, offerings.c.customer_id)
    ),
)
_changes_plan = orders.c.old_plan_id.is_not(None)

_ZERO = literal(Decimal(0), ExactDecimal())


def _file(name: str, file_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """The link to a file of the order, or null."""
    return case((file_id.is_not(None), link(f"/api/marketplace-orders/{{}}/{name}/", orders.c.uuid)))


_COLUMNS: dict[str, Any] = {
    "url": link("/api/marketplace-orders/{}/", orders.c.uuid),
    **{
        name: orders.c[name]
        for name in (
            "uuid", "slug", "created", "modified", "type", "state", "attributes", "limits", "cost", "start_date",
            "request_comment", "consumer_reviewed_at", "provider_reviewed_at", "consumer_rejection_comment",
            "provider_rejection_comment", "termination_comment", "backend_id", "output", "consumer_message",
            "consumer_message_updated_at", "provider_message", "provider_message_url",
            "provider_message_updated_at", "error_message",
            "error_traceback", "completed_at", "callback_url",
        )
    },
    "offering": link("/api/marketplace-public-offerings/{}/", offerings.c.uuid),
    "offering_uuid": offerings.c.uuid,
    "offering_name": offerings.c.name,
    "offering_type": offerings.c.type,
    "offering_description": offerings.c.description,
    "offering_shared": offerings.c.shared,
    "offering_billable": offerings.c.billable,
    "offering_plugin_options": offerings.c.plugin_options,
    "provider_name": providers.c.name,
    "provider_uuid": providers.c.uuid,
    "provider_slug": providers.c.slug,
    "provider_description": provider_description(providers.c.id),
    "category_title": categories.c.title,
    "category_uuid": categories.c.uuid,
    "category_icon": categories.c.icon,
    "plan": link("/api/marketplace-plans/{}/", plans.c.uuid),
    "plan_uuid": plans.c.uuid,
    "plan_name": plans.c.name,
    "plan_unit": plans.c.unit,
    "plan_description": plans.c.description,
    "old_plan_uuid": old_plans.c.uuid,
    "old_plan_name": old_plans.c.name,
    "new_plan_uuid": case((_changes_plan, plans.c.uuid), else_=None),
    "new_plan_name": case((_changes_plan, plans.c.name), else_=None),
    "marketplace_resource_uuid": omit(resources.c.uuid),
    "resource_name": resources.c.name,
    "resource_uuid": resources.c.uuid,
    "resource_type": null().cast(String()),
    "project_uuid": projects.c.uuid,
    "project_name": projects.c.name,
    "project_slug": projects.c.slug,
    "project_description": projects.c.description,
    "customer_uuid": customers.c.uuid,
    "customer_name": customers.c.name,
    "customer_slug": customers.c.slug,
    "created_by_username": authors.c.username,
    "created_by_full_name": authors.c.full_name,
    "created_by_email": authors.c.email,
    "created_by_organization": authors.c.organization,
    "consumer_reviewed_by": consumer_reviewers.c.username,
    "provider_reviewed_by": provider_reviewers.c.username,
    "consumer_reviewed_by_username": consumer_reviewers.c.username,
    "consumer_reviewed_by_full_name": consumer_reviewers.c.full_name,
    "provider_reviewed_by_username": provider_reviewers.c.username,
    "provider_reviewed_by_full_name": provider_reviewers.c.full_name,
    "attachment": _file("attachment", orders.c.attachment_id),
    "consumer_message_attachment": _file("consumer_message_attachment", orders.c.consumer_message_file_id),
    "provider_message_attachment": _file("provider_message_attachment", orders.c.provider_message_file_id),
    "fixed_price": numeric(func.coalesce(plans.c.unit_price, _ZERO, type_=ExactDecimal())),
    "activation_price": numeric(
        case((orders.c.type == OrderType.CREATE.value, func.coalesce(plans.c.init_price, _ZERO)), else_=_ZERO)
    ),
    "can_terminate": orders.c.state.in_([state.value for state in PENDING]),
}  # fmt: skip

ORDERS = Listing(
    Order,
    table=orders,
    source=orders.join(offerings, offerings.c.id == orders.c.offering_id)
    .join(providers, providers.c.id == offerings.c.customer_id)
    .join(categories, categories.c.id == offerings.c.category_id)
    .join(projects, projects.c.id == orders.c.project_id)
    .join(customers, customers.c.id == projects.c.customer_id)
    .join(resources, resources.c.id == orders.c.resource_id)
    .outerjoin(plans, plans.c.id == orders.c.plan_id)
    .outerjoin(old_plans, old_plans.c.id == orders.c.old_plan_id)
    .outerjoin(authors, authors.c.id == orders.c.created_by_id)
    .outerjoin(consumer_reviewers, consumer_reviewers.c.id == orders.c.consumer_reviewed_by_id)
    .outerjoin(provider_reviewers, provider_reviewers.c.id == orders.c.provider_reviewed_by_id),
    visible=_visible,
    columns=_COLUMNS,
    filters={
        "uuid": equals(orders.c.uuid),
        "slug": equals(orders.c.slug),
        "state": equals(orders.c.state),
        "type": equals(orders.c.type),
        "query": contains(orders.c.slug, offerings.c.name, resources.c.name, projects.c.name),
        "offering": linked(offerings.c.uuid),
        "offering_uuid": equals(offerings.c.uuid),
        "offering_slug": equals(offerings.c.slug),
        "offering_type": equals(offerings.c.type),
        "project_uuid": equals(projects.c.uuid),
        "customer_uuid": equals(customers.c.uuid),
        "provider_uuid": provided_by(offerings.c.customer_id),
        "service_provider_uuid": provided_by(offerings.c.customer_id),
        "service_manager_uuid": holds(managed_by),
        "category_uuid": equals(categories.c.uuid),
        "resource": linked(resources.c.uuid),
        "resource_uuid": equals(resources.c.uuid),
        "resource_name": contains(resources.c.name),
        "marketplace_resource_uuid": equals(resources.c.uuid),
        "created": since(orders.c.created),
        "created_before": until(orders.c.created),
        "modified": since(orders.c.modified),
        "modified_before": until(orders.c.modified),
        "free": whether(free()),
        "can_approve_as_consumer": whether(_for_consumer),
        "can_approve_as_provider": whether(_for_provider),
    },
    order={
        "created": orders.c.created,
        "modified": orders.c.modified,
        "consumer_reviewed_at": orders.c.consumer_reviewed_at,
        # Near enough to put prices in a row; nothing is computed by it.
        "cost": orders.c.cost.cast(Float()),
        "state": orders.c.state,
        "type": orders.c.type,
        "project_name": projects.c.name,
        "customer_name": customers.c.name,
        "resource_name": resources.c.name,
        "offering_name": func.lower(offerings.c.name),
        "start_date": orders.c.start_date,
    },
    default_order=("-created",),
)
