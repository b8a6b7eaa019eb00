"""Resources over HTTP: looking for customers, reporting for providers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mercato.access.rules import SIGNED_IN
from mercato.catalog.listings import PROVIDED
from mercato.kernel.db import Tx
from mercato.kernel.errors import NotFound
from mercato.kernel.http import Call, Route, acting, detail, listed
from mercato.kernel.listing import Listing
from mercato.resources import service
from mercato.resources.listings import PROVIDED_RESOURCES, RESOURCES
from mercato.schemas import Status
from mercato.schemas import catalog as catalog_api
from mercato.schemas import orders as order_api
from mercato.schemas import resources as api
from mercato.schemas.permissions import Permission as P


def _on(listing: Listing, act: Callable[..., Any]) -> Callable[..., Any]:
    def run(tx: Tx, call: Call, uuid: str, *data: Any) -> Any:
        if not listing.count(tx.conn, call.looker, None, uuid=uuid):
            raise NotFound
        return act(tx, call.actor, uuid, *data)

    return run


def _mine(act: Callable[..., Any]) -> Callable[..., Any]:
    return _on(PROVIDED_RESOURCES, act)


def _backend_id(tx: Tx, actor: Any, uuid: str, data: order_api.BackendId) -> Status:
    service.set_backend_id(tx, actor, uuid, data.backend_id)
    return Status(status="Resource backend ID has been changed.")


def _metadata(tx: Tx, actor: Any, uuid: str, data: api.BackendMetadata) -> Status:
    service.set_backend_metadata(tx, actor, uuid, data.backend_metadata)
    return Status(status="Resource backend metadata has been changed.")


def _endpoints(tx: Tx, actor: Any, uuid: str, data: api.Endpoints) -> Status:
    service.provider_endpoints(tx, actor, uuid, data.endpoints)
    return Status(status="Resource endpoints have been changed.")


def _limits(tx: Tx, actor: Any, uuid: str, data: api.ProviderLimits) -> Status:
    service.report_limits(tx, actor, uuid, data.limits)
    return Status(status="Resource limits have been changed.")


def _failed(tx: Tx, actor: Any, uuid: str, data: api.Problem) -> None:
    service.set_failed(tx, actor, uuid, data.error_message, data.error_traceback)


def _is_unique(
    tx: Tx, call: Call, uuid: str, data: catalog_api.BackendIdQuestion
) -> catalog_api.BackendIdAnswer:
    PROVIDED.one(tx.conn, call.looker, uuid=uuid)
    everywhere = data.check_all_offerings
    unique = service.is_unique_backend_id(tx, call.actor, uuid, data.backend_id, everywhere=everywhere)
    return catalog_api.BackendIdAnswer(is_unique=unique)


ROUTES: list[Route] = [
    acting(catalog_api.BACKEND_ID_CHECK, _is_unique, needs=P.OFFERING_UPDATE),
    listed(api.RESOURCES, RESOURCES, needs=SIGNED_IN),
    detail(api.RESOURCE, RESOURCES, needs=SIGNED_IN),
    acting(api.RESOURCE_UPDATE, _on(RESOURCES, service.change), needs=P.RESOURCE_UPDATE, then=RESOURCES),
    listed(api.PROVIDER_RESOURCES, PROVIDED_RESOURCES, needs=SIGNED_IN),
    detail(api.PROVIDER_RESOURCE, PROVIDED_RESOURCES, needs=SIGNED_IN),
    acting(api.SET_BACKEND_ID, _mine(_backend_id), needs=P.RESOURCE_SET_BACKEND_ID),
    acting(api.SET_BACKEND_ID_ALIAS, _on(RESOURCES, _backend_id), needs=P.RESOURCE_SET_BACKEND_ID),
    acting(api.SET_BACKEND_METADATA, _mine(_metadata), needs=P.RESOURCE_SET_BACKEND_METADATA),
    acting(api.SET_ENDPOINTS, _mine(_endpoints), needs=P.RESOURCE_SET_BACKEND_METADATA),
    acting(api.SET_LIMITS, _mine(_limits), needs=P.RESOURCE_SET_STATE),
    acting(api.SET_OK, _mine(service.set_ok), needs=P.RESOURCE_SET_STATE),
    acting(api.SET_FAILED, _mine(_failed), needs=P.RESOURCE_SET_STATE),
]
