"""Usage over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import Connection

from mercato.access.rules import SIGNED_IN
from mercato.catalog.listings import PROVIDED
from mercato.kernel.acts import on_visible
from mercato.kernel.clock import day_of
from mercato.kernel.db import Tx
from mercato.kernel.errors import Invalid, NotFound, invalid
from mercato.kernel.http import Call, Route, acting, detail, listed, reading
from mercato.kernel.ids import uuid_of_link
from mercato.kernel.listing import Listing
from mercato.resources.listings import PROVIDED_RESOURCES, RESOURCES
from mercato.schemas import overviews
from mercato.schemas import resource_acts as acts
from mercato.schemas import statistics as numbers
from mercato.schemas import usage as api
from mercato.schemas.permissions import Permission as P
from mercato.tenants import queries as tenants
from mercato.tenants.listings import CUSTOMERS, PROJECTS
from mercato.tenants.tables import projects
from mercato.usage import listings, pulls, queries, service, stats, users
from mercato.usage.categories import CATEGORY_USAGES
from mercato.usage.queries import USAGES


def _report(tx: Tx, call: Call, data: api.UsageReport) -> None:
    if not data.resource and not data.plan_period:
        raise Invalid("Either plan_period or resource should be provided.", code="no_resource")
    uuid = uuid_of_link(data.resource) if data.resource else _of_period(tx, data.plan_period or "")
    if uuid is None or not RESOURCES.count(tx.conn, call.looker, None, uuid=uuid):
        field = "resource" if data.resource else "plan_period"
        name = "Resource" if data.resource else "Plan period"
        raise invalid(field, f"{name} is not found.", code=f"unknown_{field}")
    service.report(tx, call.actor, uuid, data.usages, data.date)


def _of_period(tx: Tx, link: str) -> str | None:
    found = queries.plan_period(tx.conn, uuid_of_link(link) or "0" * 32)
    if found is not None and found.ended:
        raise invalid("plan_period", "Billing period is closed.", code="closed_period")
    return None if found is None else str(found.uuid)


def _report_on(tx: Tx, call: Call, uuid: str, data: api.ResourceUsageReport) -> None:
    if not RESOURCES.count(tx.conn, call.looker, None, uuid=uuid):
        raise NotFound
    service.report(tx, call.actor, uuid, data.usages, data.date)


def _by_user(tx: Tx, actor: Any, uuid: str, data: api.UserUsageItem) -> None:
    users.report(tx, actor, uuid, [data])


def _by_users(tx: Tx, actor: Any, uuid: str, data: api.UserUsageReport) -> None:
    users.report(tx, actor, uuid, data.usages)


def _limit(tx: Tx, call: Call, data: api.NewUserUsageLimit) -> str:
    uuid = uuid_of_link(data.resource)
    if uuid is None or not RESOURCES.count(tx.conn, call.looker, None, uuid=uuid):
        raise invalid("resource", "Resource is not found.", code="unknown_resource")
    return users.create_limit(tx, call.actor, data)


_SCOPES: tuple[tuple[Listing, Any], ...] = (
    (CUSTOMERS, tenants.customer_row),
    (PROJECTS, tenants.project_row),
)


def _asking(which: int, answer: Callable[..., Any]) -> Callable[..., Any]:
    """A question about an organization (0) or a project (1): `answer(used, query, today)`."""
    listing, find = _SCOPES[which]

    def read(conn: Connection, call: Call, uuid: str, query: Any) -> Any:
        if not listing.count(conn, call.looker, None, uuid=uuid):
            raise NotFound
        row = find(conn, uuid)
        customer = tenants.customer_by_id(conn, row.id if which == 0 else row.customer_id)
        mine = projects.c.customer_id == row.id if which == 0 else projects.c.id == row.id
        used = stats.load(conn, mine, terminated=query.include_terminated is True)
        return answer(used, query, day_of(call.looker.params["now"], customer.time_zone))

    return read


def _totals(used: stats.Used, query: Any, today: date) -> Any:
    return stats.stats(used, today, this_month=query.for_current_month is True)


def _by_offering(used: stats.Used, _query: Any, today: date) -> Any:
    return stats.by_offering(used, today)


def _statistics() -> list[Route]:
    made = [
        reading(numbers.USAGE_BY_PROJECT, _asking(0, stats.by_project), needs=SIGNED_IN),
        listed(
            numbers.COMPONENT_STATS,
            listings.COMPONENT_STATS,
            needs=SIGNED_IN,
            scope="offering",
            within=PROVIDED,
        ),
    ]
    for which in (0, 1):
        made += [
            reading(numbers.STATS_OF[which], _asking(which, _totals), needs=SIGNED_IN),
            reading(numbers.COMPONENTS_USAGE_OF[which], _asking(which, _by_offering), needs=SIGNED_IN),
            reading(numbers.TIMESERIES_OF[which], _asking(which, stats.timeseries), needs=SIGNED_IN),
        ]
    return made


_LIMITS = listings.USER_USAGE_LIMITS
_change = on_visible(_LIMITS, users.change_limit)

ROUTES: list[Route] = [
    listed(api.USAGES, USAGES, needs=SIGNED_IN),
    listed(overviews.CATEGORY_USAGES, CATEGORY_USAGES, needs=SIGNED_IN),
    detail(api.USAGE, USAGES, needs=SIGNED_IN),
    acting(acts.PULLS[0], on_visible(RESOURCES, pulls.pull_now), needs=SIGNED_IN),
    acting(acts.PULLS[1], on_visible(PROVIDED_RESOURCES, pulls.pull_now), needs=SIGNED_IN),
    acting(api.SET_USAGE, _report, needs=P.RESOURCE_SET_USAGE),
    acting(api.REPORT_USAGE, _report_on, needs=P.RESOURCE_SET_USAGE),
    acting(api.SET_USER_USAGE, on_visible(USAGES, _by_user), needs=P.RESOURCE_SET_USAGE),
    acting(api.SET_USER_USAGES, on_visible(USAGES, _by_users), needs=P.RESOURCE_SET_USAGE),
    listed(api.USER_USAGES, listings.USER_USAGES, needs=SIGNED_IN),
    detail(api.USER_USAGE, listings.USER_USAGES, needs=SIGNED_IN),
    listed(api.USER_USAGE_LIMITS, _LIMITS, needs=SIGNED_IN),
    detail(api.USER_USAGE_LIMIT, _LIMITS, needs=SIGNED_IN),
    acting(api.USER_USAGE_LIMIT_CREATE, _limit, needs=P.RESOURCE_CONSUMPTION_LIMITATION, then=_LIMITS),
    acting(api.USER_USAGE_LIMIT_REPLACE, _change, needs=P.RESOURCE_CONSUMPTION_LIMITATION, then=_LIMITS),
    acting(api.USER_USAGE_LIMIT_UPDATE, _change, needs=P.RESOURCE_CONSUMPTION_LIMITATION, then=_LIMITS),
    acting(
        api.USER_USAGE_LIMIT_DELETE,
        on_visible(_LIMITS, users.remove_limit),
        needs=P.RESOURCE_CONSUMPTION_LIMITATION,
    ),
    listed(api.MONTHLY_USAGE, listings.MONTHLY_USAGE, needs=SIGNED_IN),
    *_statistics(),
]
