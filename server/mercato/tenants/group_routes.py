"""Organization groups over HTTP: shown to everybody signed in, kept by staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mercato.access.rules import SIGNED_IN, STAFF
from mercato.kernel.db import Tx
from mercato.kernel.http import Call, Route, acting, detail, listed
from mercato.schemas import Status
from mercato.schemas import groups as api
from mercato.tenants import groups
from mercato.tenants.group_listings import GROUPS


def _by_staff(act: Callable[..., Any]) -> Callable[..., Any]:
    return lambda tx, _call, *args: act(tx, *args)


def _put_in(tx: Tx, _call: Call, uuid: str, data: api.Groups) -> Status:
    groups.set_groups(tx, uuid, data.organization_groups)
    return Status(status="Organization groups have been updated.")


ROUTES: list[Route] = [
    listed(api.GROUPS, GROUPS, needs=SIGNED_IN),
    detail(api.GROUP, GROUPS, needs=SIGNED_IN),
    acting(api.GROUP_CREATE, _by_staff(groups.create), needs=STAFF, then=GROUPS),
    acting(api.GROUP_REPLACE, _by_staff(groups.change), needs=STAFF, then=GROUPS),
    acting(api.GROUP_UPDATE, _by_staff(groups.change), needs=STAFF, then=GROUPS),
    acting(api.GROUP_DELETE, _by_staff(groups.remove), needs=STAFF),
    acting(api.CUSTOMER_GROUPS, _put_in, needs=STAFF),
]
