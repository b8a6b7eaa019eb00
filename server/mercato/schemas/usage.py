"""What was consumed: component usages per resource and billing month."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing


class UsageItem(Struct, kw_only=True):
    """`amount` in the component's measured unit: a decimal string or a number, at least 0."""

    type: str
    amount: str | int | float
    description: str = ""
    recurring: bool = False


class UsageReport(Struct, kw_only=True):
    """A report overwrites an earlier one of the same component and month (contract §7)."""

    usages: list[UsageItem]
    resource: str | None = None
    plan_period: str | None = None
    date: dt.datetime | None = None


class ResourceUsageReport(Struct, kw_only=True):
    """The same with the resource in the path."""

    usages: list[UsageItem]
    date: dt.datetime | None = None


class ComponentUsage(Struct, kw_only=True):
    uuid: str
    created: dt.datetime
    type: str
    name: str
    measured_unit: str
    description: str
    usage: int | float
    date: dt.datetime
    billing_period: dt.date
    recurring: bool
    modified_by: int | None = None
    resource_uuid: str
    resource_name: str
    offering_uuid: str
    offering_name: str
    project_uuid: str
    project_name: str
    customer_uuid: str
    customer_name: str


class UsageQuery(ListQuery, kw_only=True):
    resource: str | UnsetType = UNSET
    resource_uuid: list[UUID] | UnsetType = UNSET
    offering_uuid: list[UUID] | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    type: list[str] | UnsetType = UNSET
    billing_period: dt.date | UnsetType = UNSET
    billing_period_year: float | UnsetType = UNSET
    billing_period_month: float | UnsetType = UNSET
    date_after: dt.date | UnsetType = UNSET
    date_before: dt.date | UnsetType = UNSET


class UserUsageItem(Struct, kw_only=True):
    """`usage` in the component's measured unit; `user` is a hyperlink to the account on the service."""

    username: str
    usage: str | int | float = 0
    user: str | None = None
    date: dt.datetime | None = None


class UserUsageReport(Struct, kw_only=True):
    usages: list[UserUsageItem]


class UserUsage(Struct, kw_only=True):
    """What one user of the service used of a record; `user` is absent for a name that is nobody's account."""

    uuid: str
    user: str | UnsetType = UNSET
    username: str
    component_usage: str
    component_type: str
    usage: int | float
    measured_unit: str
    description: str
    created: dt.datetime
    modified: dt.datetime
    backend_id: str
    date: dt.datetime
    billing_period: dt.date
    resource_uuid: str
    resource_name: str
    offering_uuid: str
    offering_name: str
    project_uuid: str
    project_name: str
    customer_uuid: str
    customer_name: str


class UserUsageQuery(ListQuery, kw_only=True):
    component_usage__billing_period: dt.date | UnsetType = UNSET
    billing_period_year: float | UnsetType = UNSET
    billing_period_month: float | UnsetType = UNSET
    resource: str | UnsetType = UNSET
    resource_uuid: list[UUID] | UnsetType = UNSET
    offering_uuid: list[UUID] | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    type: list[str] | UnsetType = UNSET
    username: str | UnsetType = UNSET
    date_after: dt.date | UnsetType = UNSET
    date_before: dt.date | UnsetType = UNSET


class UserUsageLimit(Struct, kw_only=True):
    """`limit` in the component's measured unit, with two decimals."""

    url: str
    uuid: str
    resource: str
    component: str
    component_type: str
    user: str
    limit: str


class UserUsageLimitQuery(ListQuery, kw_only=True):
    resource: str | UnsetType = UNSET
    resource_uuid: list[UUID] | UnsetType = UNSET
    offering_uuid: list[UUID] | UnsetType = UNSET
    component_type: str | UnsetType = UNSET
    username: str | UnsetType = UNSET


class NewUserUsageLimit(Struct, kw_only=True):
    """`resource` and `user` are hyperlinks, `component` is a uuid."""

    resource: str
    component: str
    user: str
    limit: str | int | float = 0


class UserUsageLimitChange(Struct, kw_only=True):
    resource: str | UnsetType = UNSET
    component: str | UnsetType = UNSET
    user: str | UnsetType = UNSET
    limit: str | int | float | UnsetType = UNSET


class MonthlyUsage(Struct, kw_only=True):
    """A component's use in a month by all that whoever asks can see, and what these hold of it now; decimal
    strings. `usage_percent` is null where nothing is held."""

    offering_uuid: str
    offering_name: str
    offering_type: str
    service_provider_uuid: str | None = None
    service_provider_name: str
    category_uuid: str
    category_title: str
    component_type: str
    component_name: str
    measured_unit: str
    billing_type: str
    limit_amount: int | None = None
    limit_period: str | None = None
    billing_period: dt.date
    total_consumed: str
    total_allocated: str
    usage_percent: str | None = None


class MonthlyUsageQuery(ListQuery, kw_only=True):
    """Without `billing_period`, `start` and `end` the current month."""

    billing_period: dt.date | UnsetType = UNSET
    start: dt.date | UnsetType = UNSET
    end: dt.date | UnsetType = UNSET
    billing_type: str | UnsetType = UNSET
    component_type: str | UnsetType = UNSET
    offering_type: str | UnsetType = UNSET
    offering_uuid: UUID | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET


_U = "/api/marketplace-component-usages/"
_UU = "/api/marketplace-component-user-usages/"
_L = "/api/component-user-usage-limits/"

USAGES = Endpoint("GET", _U, UsageQuery, list[ComponentUsage], 200, "List reported usage")
USAGE = Endpoint("GET", _U + "{uuid}/", DetailQuery, ComponentUsage, 200, "Get a usage record")
SET_USAGE = Endpoint("POST", _U + "set_usage/", UsageReport, Nothing, 201, "Report usage")
REPORT_USAGE = Endpoint(
    "POST",
    "/api/marketplace-resources/{uuid}/report_usage/",
    ResourceUsageReport,
    Nothing,
    201,
    "Report usage of this resource",
    own=True,
)
SET_USER_USAGE = Endpoint(
    "POST", _U + "{uuid}/set_user_usage/", UserUsageItem, Nothing, 201, "Report what a user used of it"
)
SET_USER_USAGES = Endpoint(
    "POST", _U + "{uuid}/set_user_usages/", UserUsageReport, Nothing, 201, "Report what users used of it"
)
USER_USAGES = Endpoint("GET", _UU, UserUsageQuery, list[UserUsage], 200, "List usage by user")
USER_USAGE = Endpoint("GET", _UU + "{uuid}/", DetailQuery, UserUsage, 200, "Get a user's usage")
USER_USAGE_LIMITS = Endpoint("GET", _L, UserUsageLimitQuery, list[UserUsageLimit], 200, "List users' limits")
USER_USAGE_LIMIT = Endpoint("GET", _L + "{uuid}/", DetailQuery, UserUsageLimit, 200, "Get a user's limit")
USER_USAGE_LIMIT_CREATE = Endpoint(
    "POST", _L, NewUserUsageLimit, UserUsageLimit, 201, "Limit what a user may use"
)
USER_USAGE_LIMIT_REPLACE = Endpoint(
    "PUT", _L + "{uuid}/", NewUserUsageLimit, UserUsageLimit, 200, "Replace a user's limit"
)
USER_USAGE_LIMIT_UPDATE = Endpoint(
    "PATCH", _L + "{uuid}/", UserUsageLimitChange, UserUsageLimit, 200, "Change a user's limit"
)
USER_USAGE_LIMIT_DELETE = Endpoint("DELETE", _L + "{uuid}/", Nothing, Nothing, 204, "Lift a user's limit")
MONTHLY_USAGE = Endpoint(
    "GET",
    "/api/marketplace-component-usage-monthly/",
    MonthlyUsageQuery,
    list[MonthlyUsage],
    200,
    "Usage of all I see by month",
)
