"""How plans are listed: of one offering, of all that is public, and for their providers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func

from mercato.catalog.documents import PLAN_COLUMNS, plan_url
from mercato.catalog.filters import ON_SHELF
from mercato.catalog.listings import PLANS_FOR_ME, PUBLIC_PATH, for_me, mine, shown
from mercato.catalog.tables import components, offerings, plan_components, plans
from mercato.kernel.filters import equals, linked
from mercato.kernel.listing import Listing, numeric
from mercato.kernel.wiresql import link
from mercato.schemas.catalog import OfferingState
from mercato.schemas.plans import Plan, PlanPart, PlanUsage, ProviderPlan
from mercato.tenants.tables import customers

_plan_source = plans.join(offerings, offerings.c.id == plans.c.offering_id)
_PLAN_FILTERS = {
    "uuid": equals(plans.c.uuid),
    "offering": linked(offerings.c.uuid),
    "offering_slug": equals(offerings.c.slug),
    "offering_uuid": equals(offerings.c.uuid),
    "archived": equals(plans.c.archived),
}
_PLAN_SHAPES: dict[str, Any] = {
    **PLAN_COLUMNS,
    "init_price": numeric(plans.c.init_price),
    "switch_price": numeric(plans.c.switch_price),
}
_OF_OFFERING: dict[str, Any] = {
    "offering": link(PUBLIC_PATH, offerings.c.uuid),
    "offering_uuid": offerings.c.uuid,
    "offering_name": offerings.c.name,
}
_plan_live = plans.c.removed_at.is_(None) & offerings.c.removed_at.is_(None)

OFFERING_PLANS = Listing(
    Plan,
    table=plans,
    source=_plan_source,
    visible=for_me,
    where=_plan_live & ~plans.c.archived & PLANS_FOR_ME & offerings.c.state.in_(ON_SHELF),
    columns={"url": plan_url(offerings.c.uuid), **_PLAN_SHAPES},
    filters=_PLAN_FILTERS,
    order={"name": plans.c.name},
)
PUBLIC_PLANS = Listing(
    ProviderPlan,
    table=plans,
    source=_plan_source,
    visible=for_me,
    where=_plan_live & ~plans.c.archived & PLANS_FOR_ME & (offerings.c.state == OfferingState.ACTIVE.value),
    columns={"url": link("/api/marketplace-public-plans/{}/", plans.c.uuid), **_PLAN_SHAPES, **_OF_OFFERING},
    filters=_PLAN_FILTERS,
    order={"name": plans.c.name},
)
PROVIDER_PLANS = Listing(
    ProviderPlan,
    table=plans,
    source=_plan_source,
    visible=mine,
    where=_plan_live,
    columns={"url": link("/api/marketplace-plans/{}/", plans.c.uuid), **_PLAN_SHAPES, **_OF_OFFERING},
    filters=_PLAN_FILTERS,
    order={"name": plans.c.name},
)

PLAN_PARTS = Listing(
    PlanPart,
    table=plan_components,
    source=plan_components.join(components, components.c.id == plan_components.c.component_id)
    .join(plans, plans.c.id == plan_components.c.plan_id)
    .join(offerings, offerings.c.id == plans.c.offering_id),
    visible=lambda kind: shown(kind, PLANS_FOR_ME),
    where=_plan_live,
    columns={
        "offering_uuid": offerings.c.uuid,
        "offering_name": offerings.c.name,
        "plan_uuid": plans.c.uuid,
        "plan_name": plans.c.name,
        "plan_unit": plans.c.unit,
        "component_name": components.c.name,
        "measured_unit": components.c.measured_unit,
        "billing_type": components.c.billing_type,
        "amount": plan_components.c.amount,
        "price": plan_components.c.price,
        "future_price": plan_components.c.future_price,
    },
    filters={
        "offering_uuid": equals(offerings.c.uuid),
        "plan_uuid": equals(plans.c.uuid),
        "archived": equals(plans.c.archived),
        "shared": equals(offerings.c.shared),
    },
)

_used = PLAN_COLUMNS["resources_count"]
PLAN_USAGE = Listing(
    PlanUsage,
    table=plans,
    source=_plan_source.join(customers, customers.c.id == offerings.c.customer_id),
    visible=mine,
    where=_plan_live,
    columns={
        "plan_uuid": plans.c.uuid,
        "plan_name": plans.c.name,
        "limit": func.coalesce(plans.c.max_amount, 0),
        "usage": _used,
        "remaining": func.coalesce(plans.c.max_amount - _used, 0),
        "offering_uuid": offerings.c.uuid,
        "offering_name": offerings.c.name,
        "customer_provider_uuid": customers.c.uuid,
        "customer_provider_name": customers.c.name,
    },
    filters={**_PLAN_FILTERS, "customer_provider_uuid": equals(customers.c.uuid)},
    order={"usage": _used, "plan_name": plans.c.name},
)
