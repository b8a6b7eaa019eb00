"""What organizations cost, month by month, for those who run the marketplace (contract §16)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery
from mercato.schemas.tenants import PriceEstimate

Year = Annotated[int, Meta(ge=1, le=9999)]
MonthNumber = Annotated[int, Meta(ge=1, le=12)]


class FinancialReport(Struct, kw_only=True):
    """An organization and what a month costs it. `payment_profiles` are how it has agreed to pay."""

    uuid: str
    created: datetime
    name: str
    abbreviation: str
    registration_code: str
    agreement_number: str
    accounting_start_date: datetime | UnsetType = UNSET
    payment_profiles: list[Any]
    billing_price_estimate: PriceEstimate


class FinancialReportQuery(ListQuery, kw_only=True):
    """`year` and `month` say which month is meant; without them it is the current one (UTC)."""

    year: Year | UnsetType = UNSET
    month: MonthNumber | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    name: str | UnsetType = UNSET
    name_exact: str | UnsetType = UNSET
    query: str | UnsetType = UNSET
    abbreviation: str | UnsetType = UNSET
    native_name: str | UnsetType = UNSET
    agreement_number: str | UnsetType = UNSET
    contact_details: str | UnsetType = UNSET
    backend_id: str | UnsetType = UNSET
    registration_code: str | UnsetType = UNSET
    slug: str | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    accounting_is_running: bool | UnsetType = UNSET
    organization_group_name: str | UnsetType = UNSET
    organization_group_uuid: list[UUID] | UnsetType = UNSET
    current_user_has_role: list[str] | UnsetType = UNSET
    current_user_has_project_create_permission: bool | UnsetType = UNSET
    owned_by_current_user: bool | UnsetType = UNSET


class TotalCost(Struct, kw_only=True):
    """Sums over the month's invoices: `total` with tax, `price` without."""

    total: float
    price: float


class TotalCostQuery(Struct, kw_only=True):
    """Of which month (without them the current one, UTC), and of which organizations."""

    year: Year | UnsetType = UNSET
    month: MonthNumber | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    name: str | UnsetType = UNSET
    accounting_is_running: bool | UnsetType = UNSET


_F = "/api/financial-reports/"

REPORTS = Endpoint(
    "GET", _F, FinancialReportQuery, list[FinancialReport], 200, "What each organization costs"
)
REPORT = Endpoint("GET", _F + "{uuid}/", DetailQuery, FinancialReport, 200, "What an organization costs")
TOTAL_COST = Endpoint(
    "GET", "/api/billing-total-cost/", TotalCostQuery, TotalCost, 200, "What a month brings in"
)
