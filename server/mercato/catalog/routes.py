"""The catalogue over HTTP: browsing for everybody, authoring for providers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from mercato.access import queries as access
from mercato.access.routes import member_routes
from mercato.access.rules import PUBLIC, SIGNED_IN, STAFF
from mercato.catalog import listings, plan_listings, pricing, queries, service
from mercato.catalog.tables import offerings
from mercato.config import Settings
from mercato.kernel.db import Tx
from mercato.kernel.errors import NotFound, invalid
from mercato.kernel.http import Call, Route, acting, detail, listed, reading
from mercato.kernel.ids import uuid_of_link
from mercato.kernel.listing import Listing
from mercato.schemas import Detail, DetailQuery
from mercato.schemas import catalog as api
from mercato.schemas import plans as plan_api
from mercato.schemas.access import OFFERING_MEMBERS, Scope
from mercato.schemas.permissions import Permission as P
from mercato.tenants.queries import CUSTOMERS

ROOMS = ("catalog", "tenants", "orders")


def _visible(listing: Listing, act: Callable[..., Any]) -> Callable[..., Any]:
    def run(tx: Tx, call: Call, uuid: str, *data: Any) -> Any:
        if not listing.count(tx.conn, call.looker, None, uuid=uuid):
            raise NotFound
        return act(tx, call.actor, uuid, *data)

    return run


def _see(tx: Tx, call: Call, listing: Listing, field: str, link: str, message: str) -> None:
    """What is made inside a thing that the caller cannot see is refused as if that thing did not exist."""
    uuid = uuid_of_link(link)
    if uuid is None or not listing.count(tx.conn, call.looker, None, uuid=uuid):
        raise invalid(field, message, code=f"unknown_{field}")


def _mine(act: Callable[..., Any]) -> Callable[..., Any]:
    return _visible(listings.PROVIDED, act)


def _move(action: str) -> Callable[..., Any]:
    def run(tx: Tx, actor: Any, uuid: str, *data: Any) -> api.DetailState:
        return service.move_offering(tx, actor, uuid, action, data[0].paused_reason if data else "")

    return _mine(run)


def _create(tx: Tx, call: Call, data: api.NewOffering) -> str:
    _see(tx, call, CUSTOMERS, "customer", data.customer, "Organization is not found.")
    return service.create_offering(tx, call.actor, data)


def _form(tx: Tx, actor: Any, uuid: str, data: api.OptionsChange) -> None:
    service.change_form(tx, actor, uuid, data.options)


def _drop_component(tx: Tx, actor: Any, uuid: str, data: api.ComponentRef) -> None:
    pricing.remove_component(tx, actor, uuid, data.uuid)


def _drop_endpoint(tx: Tx, actor: Any, uuid: str, data: api.LinkRef) -> None:
    service.remove_endpoint(tx, actor, uuid, data.uuid)


def _new_plan(tx: Tx, call: Call, data: plan_api.NewPlan) -> str:
    _see(tx, call, listings.PROVIDED, "offering", data.offering, "Offering is not found.")
    return pricing.create_plan(tx, call.actor, data)


def _archive(tx: Tx, actor: Any, uuid: str) -> Detail:
    return Detail(detail=pricing.archive_plan(tx, actor, uuid))


def _prices(tx: Tx, actor: Any, uuid: str, data: plan_api.NewPrices) -> Detail:
    return Detail(detail=pricing.update_prices(tx, actor, uuid, data.prices))


def _quotas(tx: Tx, actor: Any, uuid: str, data: plan_api.NewQuotas) -> Detail:
    return Detail(detail=pricing.update_quotas(tx, actor, uuid, data.quotas))


def _offering(listing: Listing) -> Callable[..., Any]:
    """An offering for its provider; secrets only for whoever may change the integration."""

    def read(conn: Connection, call: Call, uuid: str, query: DetailQuery) -> bytes:
        row = queries.offering_row(conn, uuid)
        may = row is not None and access.holds(
            conn,
            call.actor,
            P.OFFERING_UPDATE_INTEGRATION,
            queries.offering_scopes(row),
            call.looker.params["now"],
        )
        return listing.one(conn, call.looker, query, without=() if may else ("secret_options",), uuid=uuid)

    return read


def _category(act: Callable[..., Any]) -> Callable[..., Any]:
    return lambda tx, _call, *args: act(tx, *args)


def _browsing(settings: Settings) -> list[Route]:
    see = PUBLIC if settings.anonymous_user_can_view_offerings else SIGNED_IN
    see_plans = PUBLIC if settings.anonymous_user_can_view_plans else SIGNED_IN
    scoped = ("offering_uuid", "uuid")
    return [
        listed(api.CATEGORIES, listings.CATEGORIES, needs=see, rooms=ROOMS),
        detail(api.CATEGORY, listings.CATEGORIES, needs=see),
        listed(api.PUBLIC_OFFERINGS, listings.BROWSE, needs=see, rooms=ROOMS),
        detail(api.PUBLIC_OFFERING, listings.PUBLIC, needs=see),
        listed(
            plan_api.PUBLIC_OFFERING_PLANS,
            plan_listings.OFFERING_PLANS,
            needs=see_plans,
            scope="offering_uuid",
            within=listings.PUBLIC,
        ),
        detail(plan_api.PUBLIC_OFFERING_PLAN, plan_listings.OFFERING_PLANS, needs=see_plans, names=scoped),
        listed(plan_api.PUBLIC_PLANS, plan_listings.PUBLIC_PLANS, needs=see_plans, rooms=ROOMS),
        detail(plan_api.PUBLIC_PLAN, plan_listings.PUBLIC_PLANS, needs=see_plans),
    ]


def _authoring() -> list[Route]:
    provided, plans = listings.PROVIDED, plan_listings.PROVIDER_PLANS
    return [
        acting(
            api.CATEGORY_CREATE, _category(service.create_category), needs=STAFF, then=listings.CATEGORIES
        ),
        acting(
            api.CATEGORY_UPDATE, _category(service.change_category), needs=STAFF, then=listings.CATEGORIES
        ),
        acting(api.CATEGORY_DELETE, _category(service.remove_category), needs=STAFF),
        listed(api.OFFERINGS, provided, needs=SIGNED_IN, without=("secret_options",)),
        reading(api.OFFERING, _offering(provided), needs=SIGNED_IN),
        acting(api.OFFERING_CREATE, _create, needs=P.OFFERING_CREATE, then=provided),
        acting(api.OFFERING_CREATE_ALIAS, _create, needs=P.OFFERING_CREATE, then=provided),
        acting(api.OFFERING_DELETE, _mine(service.remove_offering), needs=P.OFFERING_DELETE),
        acting(api.OFFERING_ACTIVATE, _move("activate"), needs=P.OFFERING_CREATE),
        acting(api.OFFERING_DRAFT, _move("draft"), needs=P.OFFERING_CREATE),
        acting(api.OFFERING_PAUSE, _move("pause"), needs=P.OFFERING_PAUSE),
        acting(api.OFFERING_UNPAUSE, _move("unpause"), needs=P.OFFERING_UNPAUSE),
        acting(api.OFFERING_ARCHIVE, _move("archive"), needs=P.OFFERING_ARCHIVE),
        acting(api.OFFERING_OVERVIEW, _mine(service.change_overview), needs=P.OFFERING_UPDATE),
        acting(
            api.OFFERING_INTEGRATION, _mine(service.change_integration), needs=P.OFFERING_UPDATE_INTEGRATION
        ),
        acting(api.OFFERING_OPTIONS, _mine(_form), needs=P.OFFERING_UPDATE_OPTIONS),
        acting(api.COMPONENT_CREATE, _mine(pricing.create_component), needs=P.OFFERING_UPDATE_COMPONENTS),
        acting(api.COMPONENT_UPDATE, _mine(pricing.change_component), needs=P.OFFERING_UPDATE_COMPONENTS),
        acting(api.COMPONENT_DELETE, _mine(_drop_component), needs=P.OFFERING_UPDATE_COMPONENTS),
        acting(api.ENDPOINT_ADD, _mine(service.add_endpoint), needs=P.OFFERING_ADD_ENDPOINT),
        acting(api.ENDPOINT_DELETE, _mine(_drop_endpoint), needs=P.OFFERING_DELETE_ENDPOINT),
        listed(plan_api.PLANS, plans, needs=SIGNED_IN),
        detail(plan_api.PLAN, plans, needs=SIGNED_IN),
        acting(plan_api.PLAN_CREATE, _new_plan, needs=P.OFFERING_CREATE_PLAN, then=plans),
        acting(
            plan_api.PLAN_UPDATE,
            _visible(plans, pricing.change_plan),
            needs=P.OFFERING_UPDATE_PLAN,
            then=plans,
        ),
        acting(plan_api.PLAN_ARCHIVE, _visible(plans, _archive), needs=P.OFFERING_ARCHIVE_PLAN),
        acting(plan_api.PLAN_PRICES, _visible(plans, _prices), needs=P.OFFERING_UPDATE_PLAN),
        acting(plan_api.PLAN_QUOTAS, _visible(plans, _quotas), needs=P.OFFERING_UPDATE_PLAN),
        *member_routes(Scope.OFFERING, OFFERING_MEMBERS, offerings, provided),
    ]


def routes(settings: Settings) -> list[Route]:
    return _browsing(settings) + _authoring()
