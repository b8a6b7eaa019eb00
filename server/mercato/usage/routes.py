"""Usage over HTTP."""

from __future__ import annotations

from mercato.access.rules import SIGNED_IN
from mercato.kernel.db import Tx
from mercato.kernel.errors import Invalid, NotFound, invalid
from mercato.kernel.http import Call, Route, acting, detail, listed
from mercato.kernel.ids import uuid_of_link
from mercato.resources.listings import RESOURCES
from mercato.schemas import usage as api
from mercato.schemas.permissions import Permission as P
from mercato.usage import service
from mercato.usage.queries import USAGES


def _report(tx: Tx, call: Call, data: api.UsageReport) -> None:
    if not data.resource:
        if data.plan_period:
            raise invalid("plan_period", "Plan period is not found.", code="unknown_plan_period")
        raise Invalid("Either plan_period or resource should be provided.", code="no_resource")
    uuid = uuid_of_link(data.resource)
    if uuid is None or not RESOURCES.count(tx.conn, call.looker, None, uuid=uuid):
        raise invalid("resource", "Resource is not found.", code="unknown_resource")
    service.report(tx, call.actor, uuid, data.usages, data.date)


def _report_on(tx: Tx, call: Call, uuid: str, data: api.ResourceUsageReport) -> None:
    if not RESOURCES.count(tx.conn, call.looker, None, uuid=uuid):
        raise NotFound
    service.report(tx, call.actor, uuid, data.usages, data.date)


ROUTES: list[Route] = [
    listed(api.USAGES, USAGES, needs=SIGNED_IN),
    detail(api.USAGE, USAGES, needs=SIGNED_IN),
    acting(api.SET_USAGE, _report, needs=P.RESOURCE_SET_USAGE),
    acting(api.REPORT_USAGE, _report_on, needs=P.RESOURCE_SET_USAGE),
]
