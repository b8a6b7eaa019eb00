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
    resource_uuid: str
    resource_name: str
    offering_uuid: str
    offering_name: str
    project_uuid: str
    project_name: str
    customer_uuid: str
    customer_name: str


class UsageQuery(ListQuery, kw_only=True):
    resource_uuid: list[UUID] | UnsetType = UNSET
    offering_uuid: list[UUID] | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    type: list[str] | UnsetType = UNSET
    billing_period: dt.date | UnsetType = UNSET
    date_after: dt.date | UnsetType = UNSET
    date_before: dt.date | UnsetType = UNSET


_U = "/api/marketplace-component-usages/"

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
