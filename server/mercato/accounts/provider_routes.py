"""Whom a provider serves and how it is doing, over HTTP."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from mercato.access import queries as access
from mercato.access.rules import SIGNED_IN
from mercato.accounts import provider_listings as listings
from mercato.accounts import provider_statistics
from mercato.accounts.project_listings import COURSE_ACCOUNTS, SERVICE_ACCOUNTS
from mercato.kernel.errors import NotFound
from mercato.kernel.http import Call, Route, listed, reading
from mercato.schemas import Nothing
from mercato.schemas import providers as api
from mercato.schemas.access import Scope
from mercato.schemas.permissions import Permission as P
from mercato.tenants import queries as tenants
from mercato.tenants.provider_listings import OWN_PROVIDERS

_MINE: dict[str, Any] = {"needs": SIGNED_IN, "scope": "provider", "within": listings.MY_PROVIDERS}


def _statistics(conn: Connection, call: Call, uuid: str, _query: Nothing) -> api.ProviderStatistics:
    if not OWN_PROVIDERS.count(conn, call.looker, None, uuid=uuid):
        raise NotFound
    row, now = tenants.provider_row(conn, uuid), call.looker.params["now"]
    if call.looker.kind != access.EVERYTHING:
        scopes = [(Scope.CUSTOMER, row.customer_id)]
        access.must(conn, call.actor, P.SERVICE_PROVIDER_GET_STATISTICS, scopes, now)
    return provider_statistics.of(conn, row.customer_id, now)


ROUTES: list[Route] = [
    listed(api.CUSTOMERS, listings.PROVIDER_CUSTOMERS, **_MINE),
    listed(api.USER_CUSTOMERS, listings.PROVIDER_CUSTOMERS, **_MINE),
    listed(api.CUSTOMER_PROJECTS, listings.CUSTOMER_PROJECTS, **_MINE),
    listed(api.USERS, listings.PROVIDER_USERS, **_MINE),
    listed(api.PROJECTS, listings.PROVIDER_PROJECTS, **_MINE),
    listed(api.KEYS, listings.PROVIDER_KEYS, **_MINE),
    listed(api.OFFERINGS, listings.PROVIDER_OFFERINGS, without=("secret_options",), **_MINE),
    listed(api.SERVICE_ACCOUNTS, SERVICE_ACCOUNTS, **_MINE),
    listed(api.COURSE_ACCOUNTS, COURSE_ACCOUNTS, **_MINE),
    reading(api.STATISTICS, _statistics, needs=SIGNED_IN),
]
