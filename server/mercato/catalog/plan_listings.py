"""How plans are listed: of one offering, of all that is public, and for their providers."""

from __future__ import annotations

from typing import Any

from mercato.catalog.documents import PLAN_COLUMNS, plan_url
from mercato.catalog.listings import ON_SHELF, PUBLIC_PATH, for_me, mine
from mercato.catalog.tables import offerings, plans
from mercato.kernel.filters import equals
from mercato.kernel.listing import Listing, numeric
from mercato.kernel.wiresql import link
from mercato.schemas.catalog import OfferingState
from mercato.schemas.plans import Plan, ProviderPlan

_plan_source = plans.join(offerings, offerings.c.id == plans.c.offering_id)
_PLAN_FILTERS = {
    "uuid": equals(plans.c.uuid),
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
    where=_plan_live & ~plans.c.archived & offerings.c.state.in_(ON_SHELF),
    columns={"url": plan_url(offerings.c.uuid), **_PLAN_SHAPES},
    filters=_PLAN_FILTERS,
    order={"name": plans.c.name},
)
PUBLIC_PLANS = Listing(
    ProviderPlan,
    table=plans,
    source=_plan_source,
    visible=for_me,
    where=_plan_live & ~plans.c.archived & (offerings.c.state == OfferingState.ACTIVE.value),
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
