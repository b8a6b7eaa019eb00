"""Accounts at offerings over HTTP: for their people, for providers and their agents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from mercato.access.rules import SIGNED_IN
from mercato.accounts import attributes, consents, service
from mercato.accounts.listings import CONSENTS, OFFERING_USERS, TEAM
from mercato.catalog.listings import PROVIDED, PUBLIC
from mercato.kernel.acts import on_visible
from mercato.kernel.db import Tx
from mercato.kernel.errors import NotFound
from mercato.kernel.http import Call, Route, acting, detail, listed, reading
from mercato.kernel.listing import MAX_PAGE_SIZE, Listing
from mercato.resources.listings import PROVIDED_RESOURCES, RESOURCES
from mercato.resources.queries import resource_row
from mercato.schemas import Detail, DetailQuery, ListQuery, Nothing, Status
from mercato.schemas import accounts as api
from mercato.schemas.permissions import Permission as P
from mercato.tenants.provider_listings import PROVIDERS


def _create(tx: Tx, call: Call, data: api.NewOfferingUser) -> str:
    def sees(uuid: str) -> bool:
        listings = (PROVIDED, PUBLIC)
        return any(listing.count(tx.conn, call.looker, None, uuid=uuid) for listing in listings)

    return service.create(tx, call.actor, data, sees_offering=sees)


def _create_for_resource(tx: Tx, actor: Any, uuid: str, data: api.NewResourceUser) -> str:
    offering = resource_row(tx.conn, uuid).offering_uuid
    new = api.NewOfferingUser(user=data.user, offering=offering, username=data.username)
    # Whoever sees the resource knows the offering.
    return service.create(tx, actor, new, sees_offering=lambda _uuid: True)


def _restrict(tx: Tx, actor: Any, uuid: str, data: api.Restriction) -> Detail:
    service.restrict(tx, actor, uuid, restricted=data.is_restricted)
    return Detail(detail="Restriction has been updated.")


def _runtime_state(tx: Tx, actor: Any, uuid: str, data: api.NewRuntimeState) -> Detail:
    service.set_runtime_state(tx, actor, uuid, data)
    return Detail(detail=f"Runtime state is now {data.runtime_state.value}.")


def _moves() -> list[Route]:
    """The transitions of specification 004; its pending states say what the person has to do."""
    routes = []
    for endpoint in api.MOVES:
        action = endpoint.path.rstrip("/").rsplit("/", 1)[-1]

        def act(tx: Tx, actor: Any, uuid: str, *remark: api.Remark, action: str = action) -> Detail:
            return Detail(detail=service.transition(tx, actor, uuid, action, *remark))

        routes.append(acting(endpoint, on_visible(OFFERING_USERS, act), needs=P.OFFERING_UPDATE_USER))
    return routes


def _name_everywhere(tx: Tx, actor: Any, uuid: str, data: api.ProviderUsername) -> Detail:
    return Detail(detail=service.name_everywhere(tx, actor, uuid, data.user_uuid.hex, data.username))


def _refresh(tx: Tx, actor: Any, uuid: str) -> Status:
    return Status(status=f"{service.refresh_names(tx, actor, uuid)} usernames have been generated.")


def _team(within: Listing) -> Callable[..., bytes]:
    """Everybody at once: agents read one page and would take those on the others for gone."""

    def read(conn: Connection, call: Call, uuid: str, query: api.TeamQuery) -> bytes:
        if not within.count(conn, call.looker, None, uuid=uuid):
            raise NotFound
        scope: dict[str, Any] = {"resource": uuid}
        if isinstance(query.has_consent, bool):
            scope["has_consent"] = query.has_consent
        pages, seen, number = [], 0, 1
        while True:
            asked = ListQuery(page=number, page_size=MAX_PAGE_SIZE)
            page = TEAM.page(conn, call.looker, asked, **scope)
            pages.append(page.body[1:-1])
            seen += MAX_PAGE_SIZE
            if seen >= page.total:
                return b"[" + b",".join(pages) + b"]"
            number += 1

    return read


def _config(conn: Connection, call: Call, uuid: str, _query: Nothing) -> Any:
    PROVIDED.one(conn, call.looker, DetailQuery(field=["uuid"]), uuid=uuid)
    return attributes.config(conn, uuid)


def _agree(tx: Tx, call: Call, data: api.NewConsent) -> api.ConsentGiven:
    def sees(uuid: str) -> bool:
        return PUBLIC.count(tx.conn, call.looker, None, uuid=uuid) > 0

    made, offering = consents.create(tx, call.actor, data.offering, sees_offering=sees)
    return api.ConsentGiven(uuid=made, offering=offering)


ROUTES: list[Route] = [
    listed(api.OFFERING_USERS, OFFERING_USERS, needs=SIGNED_IN),
    detail(api.OFFERING_USER, OFFERING_USERS, needs=SIGNED_IN),
    acting(api.OFFERING_USER_CREATE, _create, needs=P.OFFERING_CREATE_USER, then=OFFERING_USERS),
    acting(
        api.OFFERING_USER_UPDATE,
        on_visible(OFFERING_USERS, service.change),
        needs=P.OFFERING_UPDATE_USER,
        then=OFFERING_USERS,
    ),
    acting(
        api.OFFERING_USER_REPLACE,
        on_visible(OFFERING_USERS, service.change),
        needs=P.OFFERING_UPDATE_USER,
        then=OFFERING_USERS,
    ),
    acting(
        api.OFFERING_USER_DELETE, on_visible(OFFERING_USERS, service.remove), needs=P.OFFERING_DELETE_USER
    ),
    acting(
        api.RESOURCE_USER_CREATE,
        on_visible(RESOURCES, _create_for_resource),
        needs=P.OFFERING_CREATE_USER,
        then=OFFERING_USERS,
    ),
    *_moves(),
    acting(
        api.UPDATE_COMMENTS, on_visible(OFFERING_USERS, service.update_comments), needs=P.OFFERING_UPDATE_USER
    ),
    acting(
        api.UPDATE_RESTRICTED, on_visible(OFFERING_USERS, _restrict), needs=P.OFFERINGUSER_UPDATE_RESTRICTION
    ),
    acting(
        api.UPDATE_RUNTIME_STATE, on_visible(OFFERING_USERS, _runtime_state), needs=P.OFFERING_UPDATE_USER
    ),
    acting(
        api.SET_OFFERINGS_USERNAME,
        on_visible(PROVIDERS, _name_everywhere),
        needs=P.SERVICE_PROVIDER_SET_OFFERINGS_USERNAME,
    ),
    acting(api.REFRESH_USERNAMES, on_visible(PROVIDED, _refresh), needs=P.OFFERING_UPDATE_INTEGRATION),
    reading(api.TEAM, _team(RESOURCES), needs=SIGNED_IN),
    reading(api.PROVIDER_TEAM, _team(PROVIDED_RESOURCES), needs=SIGNED_IN),
    reading(api.ATTRIBUTE_CONFIG, _config, needs=SIGNED_IN),
    *(
        acting(endpoint, on_visible(PROVIDED, attributes.change_config), needs=P.OFFERING_UPDATE_ATTRIBUTES)
        for endpoint in api.ATTRIBUTE_CONFIG_CHANGES
    ),
    acting(
        api.ATTRIBUTE_CONFIG_DELETE,
        on_visible(PROVIDED, attributes.drop_config),
        needs=P.OFFERING_UPDATE_ATTRIBUTES,
    ),
    listed(api.CONSENTS, CONSENTS, needs=SIGNED_IN),
    detail(api.CONSENT, CONSENTS, needs=SIGNED_IN),
    acting(api.CONSENT_CREATE, _agree, needs=SIGNED_IN),
    acting(api.CONSENT_REVOKE, on_visible(CONSENTS, consents.revoke), needs=SIGNED_IN, then=CONSENTS),
]
