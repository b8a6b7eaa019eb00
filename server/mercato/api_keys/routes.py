"""Keys of resources over HTTP."""

from __future__ import annotations

from functools import partial
from typing import Any

from mercato.access.rules import SIGNED_IN
from mercato.api_keys import service
from mercato.api_keys.listings import API_KEYS
from mercato.kernel.acts import on_visible
from mercato.kernel.db import Tx
from mercato.kernel.errors import invalid
from mercato.kernel.http import Call, Route, acting, detail, listed
from mercato.resources.listings import PROVIDED_RESOURCES
from mercato.schemas import Status
from mercato.schemas import api_keys as api
from mercato.schemas.permissions import Permission as P

_on = partial(on_visible, API_KEYS)


def _created(tx: Tx, call: Call, data: api.NewApiKey) -> str:
    if not PROVIDED_RESOURCES.count(tx.conn, call.looker, None, uuid=data.resource.hex):
        raise invalid("resource", "Resource is not found.", code="unknown_resource")
    return service.report_created(tx, call.actor, data)


def _erred(tx: Tx, actor: Any, uuid: str, data: api.KeyProblem) -> str:
    return service.set_erred(tx, actor, uuid, data.error_message)


def _rotate(tx: Tx, actor: Any, uuid: str) -> Status:
    service.rotate(tx, actor, uuid)
    return Status(status="Rotation of the API key has been requested.")


def _revoke(tx: Tx, actor: Any, uuid: str) -> Status:
    service.revoke(tx, actor, uuid)
    return Status(status="Removal of the API key has been requested.")


ROUTES: list[Route] = [
    listed(api.API_KEYS, API_KEYS, needs=SIGNED_IN),
    detail(api.API_KEY, API_KEYS, needs=SIGNED_IN),
    acting(api.REPORT_CREATED, _created, needs=P.RESOURCE_SET_BACKEND_METADATA, then=API_KEYS),
    acting(api.SET_KEY, _on(service.set_key), needs=P.RESOURCE_SET_BACKEND_METADATA, then=API_KEYS),
    acting(api.SET_ERRED, _on(_erred), needs=P.RESOURCE_SET_BACKEND_METADATA, then=API_KEYS),
    acting(api.FORGET, _on(service.forget), needs=P.RESOURCE_SET_BACKEND_METADATA),
    acting(api.ROTATE, _on(_rotate), needs=P.RESOURCE_MANAGE_API_KEY),
    acting(api.REVOKE, _on(_revoke), needs=P.RESOURCE_MANAGE_API_KEY),
    acting(api.REVEAL, _on(service.reveal), needs=P.RESOURCE_MANAGE_API_KEY),
]
