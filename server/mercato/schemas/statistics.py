"""What organizations and projects use of services, against their limits; what offerings were used."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import Endpoint, ListQuery


class ComponentStats(Struct, kw_only=True):
    """A component over all resources; `usage` in all (or this month), `limit_usage` in its limit period."""

    type: str
    name: str
    description: str
    measured_unit: str
    billing_type: str
    usage: int | float
    limit_usage: int | float
    limit: int
    offering_name: str
    offering_uuid: str


class UsageStats(Struct, kw_only=True):
    components: list[ComponentStats]


class UsageStatsQuery(Struct, kw_only=True):
    for_current_month: bool | UnsetType = UNSET
    include_terminated: bool | UnsetType = UNSET


class PeriodStats(Struct, kw_only=True):
    """The same in the component's own limit period; `limit` is null where there is none."""

    type: str
    name: str
    description: str
    measured_unit: str
    billing_type: str
    usage: float
    limit_usage: float
    limit: float | None = None
    offering_name: str
    offering_uuid: str
    limit_period: str | None = None
    current_period_label: str
    current_period_start: dt.date | None = None
    current_period_end: dt.date | None = None


class OfferingStats(Struct, kw_only=True):
    components: list[PeriodStats]


class OfferingStatsQuery(Struct, kw_only=True):
    include_terminated: bool | UnsetType = UNSET


class Bucket(Struct, kw_only=True):
    billing_period: dt.date
    usage: float


class Timeseries(Struct, kw_only=True):
    """One component of one offering, month by month through one limit period."""

    offering_uuid: str
    offering_name: str
    type: str
    name: str
    measured_unit: str
    billing_type: str
    limit_period: str | None = None
    limit: float | None = None
    current_period_label: str
    current_period_start: dt.date | None = None
    current_period_end: dt.date | None = None
    today: dt.date
    buckets: list[Bucket]


class ProjectUsage(Struct, kw_only=True):
    project_uuid: str
    project_name: str
    usage: float
    buckets: list[Bucket]


class UsageByProject(Struct, kw_only=True):
    """The same split by project, the largest first."""

    offering_uuid: str
    offering_name: str
    type: str
    name: str
    measured_unit: str
    billing_type: str
    limit_period: str | None = None
    limit: float | None = None
    current_period_label: str
    current_period_start: dt.date | None = None
    current_period_end: dt.date | None = None
    today: dt.date
    total_usage: float
    projects: list[ProjectUsage]


class TimeseriesQuery(Struct, kw_only=True):
    """`period_offset` goes so many limit periods back; without `component_type` the first that is measured."""

    offering_uuid: UUID
    component_type: str | UnsetType = UNSET
    period_offset: int | UnsetType = UNSET
    include_terminated: bool | UnsetType = UNSET


class OfferingComponentStat(Struct, kw_only=True):
    """What all customers used of an offering's component in a month; `date` is the month's last day."""

    period: str
    billing_period: dt.date
    date: dt.date
    type: str
    name: str
    description: str
    measured_unit: str
    usage: int | float


class MonthsQuery(ListQuery, kw_only=True):
    """`start` and `end` are months, `YYYY-MM`."""

    start: str | UnsetType = UNSET
    end: str | UnsetType = UNSET


class Cost(Struct, kw_only=True):
    """What was invoiced for an offering in a month."""

    period: str
    price: float
    tax: float
    total: float


class Revenue(Struct, kw_only=True):
    """What a provider's offerings were invoiced for in a month, tax included."""

    year: int
    month: int
    total: float


_C = "/api/marketplace-customer-usage/{uuid}/"
_P = "/api/marketplace-project-usage/{uuid}/"
_O = "/api/marketplace-provider-offerings/{uuid}/"

STATS_OF = tuple(
    Endpoint(
        "GET", f"/api/{plural}/{{uuid}}/stats/", UsageStatsQuery, UsageStats, 200, "What is used, of what"
    )
    for plural in ("customers", "projects")
)
COMPONENTS_USAGE_OF = tuple(
    Endpoint("GET", at + "components-usage/", OfferingStatsQuery, OfferingStats, 200, "Usage by offering")
    for at in (_C, _P)
)
TIMESERIES_OF = tuple(
    Endpoint(
        "GET", at + "components-usage-timeseries/", TimeseriesQuery, Timeseries, 200, "Usage month by month"
    )
    for at in (_C, _P)
)
USAGE_BY_PROJECT = Endpoint(
    "GET", _C + "components-usage-by-project/", TimeseriesQuery, UsageByProject, 200, "Usage by project"
)
COMPONENT_STATS = Endpoint(
    "GET", _O + "component_stats/", MonthsQuery, list[OfferingComponentStat], 200, "Its usage by month"
)
COSTS = Endpoint("GET", _O + "costs/", MonthsQuery, list[Cost], 200, "What was invoiced for it by month")
REVENUE = Endpoint(
    "GET",
    "/api/marketplace-service-providers/{uuid}/revenue/",
    ListQuery,
    list[Revenue],
    200,
    "What was invoiced for its offerings by month",
)
