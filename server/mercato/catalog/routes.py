"""The catalogue over HTTP: browsing for everybody, authoring for providers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Connection

from mercato.access import queries as access
from mercato.access.routes import member_routes
from mercato.access.rules import PUBLIC, SIGNED_IN
from mercato.catalog import (
    authoring_routes,
    listings,
    plan_listings,
    pricing,
    queries,
    service,
    taxonomy_routes,
)
from mercato.catalog.seeing import browsed, must_see, on_mine
from mercato.catalog.tables import offerings
from mercato.config import Settings
from mercato.kernel.acts import on_visible
from mercato.kernel.db import Tx
from mercato.kernel.http import Call, Route, acting, detail, listed, reading
from mercato.kernel.listing import Listing
from mercato.plugins import discover, folders
from mercato.schemas import Detail, DetailQuery, overviews
from mercato.schemas import authoring as authoring_api
from mercato.schemas import catalog as api
from mercato.schemas import plans as plan_api
from mercato.schemas.access import OFFERING_MEMBERS, Scope
from mercato.schemas.permissions import Permission as P
from mercato.tenants.listings import CUSTOMERS


def _move(action: str) -> Callable[..., Any]:
    def run(tx: Tx, actor: Any, uuid: str, *data: Any) -> api.DetailState:
        return service.move_offering(tx, actor, uuid, action, data[0].paused_reason if data else "")

    return on_mine(run)


def _create(tx: Tx, call: Call, data: api.NewOffering) -> str:
    must_see(tx, call, CUSTOMERS, "customer", data.customer, "Organization is not found.")
    return service.create_offering(tx, call.actor, data)


def _form(tx: Tx, actor: Any, uuid: str, data: api.OptionsChange) -> None:
    service.change_form(tx, actor, uuid, data.options)


def _drop_component(tx: Tx, actor: Any, uuid: str, data: api.ComponentRef) -> None:
    pricing.remove_component(tx, actor, uuid, data.uuid)


def _drop_endpoint(tx: Tx, actor: Any, uuid: str, data: api.LinkRef) -> None:
    service.remove_endpoint(tx, actor, uuid, data.uuid)


def _new_plan(tx: Tx, call: Call, data: plan_api.NewPlan) -> str:
    must_see(tx, call, listings.PROVIDED, "offering", data.offering, "Offering is not found.")
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


def _browsers(settings: Settings) -> Any:
    return PUBLIC if settings.anonymous_user_can_view_offerings else SIGNED_IN


def _browsing(settings: Settings) -> list[Route]:
    anybody = _browsers(settings)
    see_plans = PUBLIC if settings.anonymous_user_can_view_plans else SIGNED_IN
    scoped = ("offering_uuid", "uuid")
    return [
        browsed(api.PUBLIC_OFFERINGS, listings.BROWSE, needs=anybody),
        detail(api.PUBLIC_OFFERING, listings.PUBLIC, needs=anybody),
        listed(
            plan_api.PUBLIC_OFFERING_PLANS,
            plan_listings.OFFERING_PLANS,
            needs=see_plans,
            scope="offering_uuid",
            within=listings.PUBLIC,
        ),
        detail(plan_api.PUBLIC_OFFERING_PLAN, plan_listings.OFFERING_PLANS, needs=see_plans, names=scoped),
        browsed(plan_api.PUBLIC_PLANS, plan_listings.PUBLIC_PLANS, needs=see_plans),
        detail(plan_api.PUBLIC_PLAN, plan_listings.PUBLIC_PLANS, needs=see_plans),
    ]


def _authoring() -> list[Route]:
    provided = listings.PROVIDED
    return [
        listed(api.OFFERINGS, provided, needs=SIGNED_IN, without=("secret_options",)),
        reading(api.OFFERING, _offering(provided), needs=SIGNED_IN),
        acting(api.OFFERING_CREATE, _create, needs=P.OFFERING_CREATE, then=provided),
        acting(api.OFFERING_CREATE_ALIAS, _create, needs=P.OFFERING_CREATE, then=provided),
        acting(api.OFFERING_DELETE, on_mine(service.remove_offering), needs=P.OFFERING_DELETE),
        acting(api.OFFERING_ACTIVATE, _move("activate"), needs=P.OFFERING_CREATE),
        acting(api.OFFERING_DRAFT, _move("draft"), needs=P.OFFERING_CREATE),
        acting(api.OFFERING_PAUSE, _move("pause"), needs=P.OFFERING_PAUSE),
        acting(api.OFFERING_UNPAUSE, _move("unpause"), needs=P.OFFERING_UNPAUSE),
        acting(api.OFFERING_ARCHIVE, _move("archive"), needs=P.OFFERING_ARCHIVE),
        acting(authoring_api.MAKE_AVAILABLE, _move("make_available"), needs=P.OFFERING_PAUSE),
        acting(authoring_api.MAKE_UNAVAILABLE, _move("make_unavailable"), needs=P.OFFERING_PAUSE),
        acting(api.OFFERING_OVERVIEW, on_mine(service.change_overview), needs=P.OFFERING_UPDATE),
        acting(
            api.OFFERING_INTEGRATION, on_mine(service.change_integration), needs=P.OFFERING_UPDATE_INTEGRATION
        ),
        acting(api.OFFERING_OPTIONS, on_mine(_form), needs=P.OFFERING_UPDATE_OPTIONS),
        acting(api.COMPONENT_CREATE, on_mine(pricing.create_component), needs=P.OFFERING_UPDATE_COMPONENTS),
        acting(api.COMPONENT_UPDATE, on_mine(pricing.change_component), needs=P.OFFERING_UPDATE_COMPONENTS),
        acting(api.COMPONENT_DELETE, on_mine(_drop_component), needs=P.OFFERING_UPDATE_COMPONENTS),
        acting(api.ENDPOINT_ADD, on_mine(service.add_endpoint), needs=P.OFFERING_ADD_ENDPOINT),
        acting(api.ENDPOINT_DELETE, on_mine(_drop_endpoint), needs=P.OFFERING_DELETE_ENDPOINT),
        *member_routes(Scope.OFFERING, OFFERING_MEMBERS, offerings, provided),
    ]


def _plans() -> list[Route]:
    plans = plan_listings.PROVIDER_PLANS
    change = on_visible(plans, pricing.change_plan)
    return [
        listed(plan_api.PLANS, plans, needs=SIGNED_IN),
        detail(plan_api.PLAN, plans, needs=SIGNED_IN),
        acting(plan_api.PLAN_CREATE, _new_plan, needs=P.OFFERING_CREATE_PLAN, then=plans),
        acting(plan_api.PLAN_UPDATE, change, needs=P.OFFERING_UPDATE_PLAN, then=plans),
        acting(plan_api.PLAN_REPLACE, change, needs=P.OFFERING_UPDATE_PLAN, then=plans),
        acting(plan_api.PLAN_DELETE, on_visible(plans, pricing.remove_plan), needs=P.OFFERING_UPDATE_PLAN),
        listed(plan_api.PLAN_USAGE, plan_listings.PLAN_USAGE, needs=SIGNED_IN),
        listed(plan_api.PLAN_PARTS, plan_listings.PLAN_PARTS, needs=SIGNED_IN),
        acting(plan_api.PLAN_ARCHIVE, on_visible(plans, _archive), needs=P.OFFERING_ARCHIVE_PLAN),
        acting(plan_api.PLAN_PRICES, on_visible(plans, _prices), needs=P.OFFERING_UPDATE_PLAN),
        acting(plan_api.PLAN_QUOTAS, on_visible(plans, _quotas), needs=P.OFFERING_UPDATE_PLAN),
    ]


def _offering_types(settings: Settings) -> Callable[..., Any]:
    """The types that plugins bring, looked for when they are first asked for."""

    @cache
    def types() -> list[overviews.PluginType]:
        found = discover(folders(settings.plugins)).values()
        return [queries.offering_type(plugin.manifest) for plugin in found]

    return lambda _conn, _call, _query: types()


def routes(settings: Settings) -> list[Route]:
    browse = _browsers(settings)
    return [
        reading(overviews.PLUGINS, _offering_types(settings), needs=SIGNED_IN),
        *_browsing(settings),
        *taxonomy_routes.routes(browse),
        *_authoring(),
        *authoring_routes.routes(browse),
        *_plans(),
    ]
