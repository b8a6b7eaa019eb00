"""How categories, offerings, components and plans are listed: one SELECT each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
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
from mercato.catalog.documents import (
    CLASSIFICATION,
    LINKS,
    SCREENSHOTS_OF,
    offering_components,
    offering_plans,
)
from mercato.catalog.filters import FILTERS, ON_SHELF, ORDER
from mercato.catalog.tables import (
    categories,
    offering_groups,
    offerings,
    plan_groups,
    plans,
    screenshots,
)
from mercato.kernel.filters import equals, linked
from mercato.kernel.listing import Listing, Looker, Shape, omit
from mercato.kernel.wiresql import (
    link,
)
from mercato.schemas.access import Scope
from mercato.schemas.authoring import Screenshot
from mercato.schemas.catalog import Offering, OfferingState, ProviderOffering
from mercato.schemas.tenants import NameUuid
from mercato.tenants.group_listings import groups_of
from mercato.tenants.queries import for_groups, groups_of_mine
from mercato.tenants.tables import customers

_orders = table("orders", column("id"), column("offering_id"))

_OFFERING_ID = offering_groups.c.offering_id


def mine(kind: str) -> ColumnElement[bool] | None:
    """Offerings that I provide."""
    if kind == access.EVERYTHING:
        return None
    return access.provides(offerings.c.id, offerings.c.customer_id)


def for_me(kind: str) -> ColumnElement[bool] | None:
    """Shared offerings for everybody, or for the groups that they are for; private ones for their own organization
    and project."""
    if kind == access.EVERYTHING:
        return None
    shared = and_(offerings.c.shared, for_groups(offering_groups, _OFFERING_ID, offerings.c.id))
    if kind == access.NOTHING:
        return shared
    in_project = offerings.c.project_id.in_(access.granted(Scope.PROJECT))
    members = and_(offerings.c.project_id.is_(None), access.sees_customer(offerings.c.customer_id))
    return or_(
        shared,
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


def _picture(name: str) -> ColumnElement[Any]:
    where = link(f"/api/marketplace-public-offerings/{{}}/{name}/", offerings.c.uuid)
    return case((offerings.c[f"{name}_id"].is_not(None), where))


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
        "latitude": offerings.c.latitude,
        "longitude": offerings.c.longitude,
        "country": omit(func.nullif(offerings.c.country, "", type_=String())),
        "thumbnail": _picture("thumbnail"),
        "image": _picture("image"),
        "screenshots": SCREENSHOTS_OF,
        "billing_type_classification": CLASSIFICATION,
        "endpoints": LINKS,
        "organization_groups": groups_of(offering_groups, _OFFERING_ID, offerings),
        "components": offering_components(),
        "plans": offering_plans(plans_where),
    }


_offering_source = (
    offerings.join(customers, customers.c.id == offerings.c.customer_id)
    .join(categories, categories.c.id == offerings.c.category_id)
    .outerjoin(projects, projects.c.id == offerings.c.project_id)
)
PUBLIC_PATH = "/api/marketplace-public-offerings/{}/"
PLANS_FOR_ME = for_groups(plan_groups, plan_groups.c.plan_id, plans.c.id)
_public_plans = _live_plans & ~plans.c.archived & PLANS_FOR_ME


class _WithPlansForMe(Listing):
    """Its documents hold plans that are for some groups only: who is in the same groups is shown the same."""

    def _documents(
        self,
        conn: Connection,
        looker: Looker,
        fields: tuple[str, ...],
        ids: list[int],
        kept: Callable[[Any], dict[int, bytes]],
    ) -> bytes:
        all_of_them = looker.kind == access.EVERYTHING
        mine = access.EVERYTHING if all_of_them else groups_of_mine(conn, looker.params)
        return super()._documents(conn, looker, fields, ids, lambda key: kept((*key, mine)))


# What a buyer browses: active offerings only (the specification hides what is paused).
BROWSE = _WithPlansForMe(
    Offering,
    table=offerings,
    source=_offering_source,
    visible=for_me,
    where=offerings.c.removed_at.is_(None) & (offerings.c.state == OfferingState.ACTIVE.value),
    columns=_offering_columns(PUBLIC_PATH, _public_plans),
    filters=FILTERS,
    order=ORDER,
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
    filters=FILTERS,
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
        "scope_state": offerings.c.check_state,
        "scope_error_message": offerings.c.check_error,
        "secret_options": offerings.c.secret_options,
    },
    filters=FILTERS,
    order=ORDER,
    default_order=("name",),
)


def shown(kind: str, *and_also: ColumnElement[bool]) -> ColumnElement[bool] | None:
    """What belongs to offerings that are, or were, on the shelf for me, and to those that I provide."""
    seen = for_me(kind)
    if seen is None:
        return None
    once = and_(offerings.c.state != OfferingState.DRAFT.value, seen, *and_also)
    own = mine(kind) if kind != access.NOTHING else None
    return once if own is None else or_(once, own)


PICTURED = Listing(
    NameUuid,
    table=offerings,
    source=offerings,
    visible=shown,
    where=offerings.c.removed_at.is_(None),
    columns={"uuid": offerings.c.uuid, "name": offerings.c.name},
    filters={"uuid": equals(offerings.c.uuid)},
)

_SCREENSHOT = "/api/marketplace-screenshots/{}/image/"
SCREENSHOTS = Listing(
    Screenshot,
    table=screenshots,
    source=screenshots.join(offerings, offerings.c.id == screenshots.c.offering_id).join(
        customers, customers.c.id == offerings.c.customer_id
    ),
    visible=shown,
    where=offerings.c.removed_at.is_(None),
    columns={
        "url": link("/api/marketplace-screenshots/{}/", screenshots.c.uuid),
        **{name: screenshots.c[name] for name in ("uuid", "name", "description", "created")},
        "image": link(_SCREENSHOT, screenshots.c.uuid),
        "thumbnail": link(_SCREENSHOT, screenshots.c.uuid),
        "offering": link(PUBLIC_PATH, offerings.c.uuid),
        "customer_uuid": customers.c.uuid,
    },
    filters={
        "uuid": equals(screenshots.c.uuid),
        "offering": linked(offerings.c.uuid),
        "offering_uuid": equals(offerings.c.uuid),
        "offering_slug": equals(offerings.c.slug),
    },
    order={"name": screenshots.c.name, "created": screenshots.c.created},
)
