"""Service providers over HTTP."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from mercato.access.rules import SIGNED_IN
from mercato.files import queries as files
from mercato.kernel.acts import on_visible
from mercato.kernel.db import Tx
from mercato.kernel.downloads import serving
from mercato.kernel.errors import NotFound, invalid
from mercato.kernel.http import Call, Route, acting, detail, listed
from mercato.kernel.ids import uuid_of_link
from mercato.schemas import providers as api
from mercato.schemas.files import Download
from mercato.schemas.permissions import Permission as P
from mercato.tenants import providers, queries
from mercato.tenants.listings import CUSTOMERS
from mercato.tenants.provider_listings import OWN_PROVIDERS, PROVIDERS


def _register(tx: Tx, call: Call, data: api.NewServiceProvider) -> str:
    uuid = uuid_of_link(data.customer)
    if uuid is None or not CUSTOMERS.count(tx.conn, call.looker, None, uuid=uuid):
        raise invalid("customer", "Organization is not found.", code="unknown_customer")
    return providers.register(tx, call.actor, data)


def _image(conn: Connection, call: Call, uuid: str) -> Download:
    if not PROVIDERS.count(conn, call.looker, None, uuid=uuid):
        raise NotFound
    return files.download(conn, queries.provider_row(conn, uuid).image_id)


_CHANGE: dict[str, Any] = {"needs": P.CUSTOMER_UPDATE, "then": PROVIDERS}

ROUTES: list[Route] = [
    listed(api.PROVIDERS, PROVIDERS, needs=SIGNED_IN),
    detail(api.PROVIDER, PROVIDERS, needs=SIGNED_IN),
    acting(api.PROVIDER_CREATE, _register, needs=P.SERVICE_PROVIDER_REGISTER, then=PROVIDERS),
    acting(api.PROVIDER_REPLACE, on_visible(PROVIDERS, providers.change), **_CHANGE),
    acting(api.PROVIDER_UPDATE, on_visible(PROVIDERS, providers.change), **_CHANGE),
    acting(
        api.PROVIDER_DELETE, on_visible(PROVIDERS, providers.unregister), needs=P.SERVICE_PROVIDER_REGISTER
    ),
    serving(api.PROVIDER_IMAGE, _image, needs=SIGNED_IN),
    acting(
        api.SECRET_CODE,
        on_visible(OWN_PROVIDERS, providers.secret_code),
        needs=P.SERVICE_PROVIDER_GET_API_SECRET_CODE,
    ),
    acting(
        api.SECRET_CODE_RENEW,
        on_visible(PROVIDERS, providers.renew_secret_code),
        needs=P.SERVICE_PROVIDER_GENERATE_API_SECRET_CODE,
    ),
]
