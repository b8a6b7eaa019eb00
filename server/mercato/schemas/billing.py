"""What it costs: monthly invoices and their lines. Amounts are exact decimal strings unless typed float."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery


class InvoiceState(StrEnum):
    PENDING = "pending"
    PENDING_FINALIZATION = "pending_finalization"
    CREATED = "created"
    PAID = "paid"
    CANCELED = "canceled"


class InvoiceItem(Struct, kw_only=True):
    url: str
    uuid: str
    name: str
    price: float
    tax: str
    total: str
    unit_price: str
    unit: str
    quantity: str
    factor: int
    measured_unit: str
    start: datetime
    end: datetime
    article_code: str
    billing_type: str
    project_uuid: str | None = None
    project_name: str
    resource: str | None = None
    resource_uuid: str | UnsetType = UNSET
    resource_name: str
    details: dict[str, Any]
    credit: bool = False


class InvoiceLine(InvoiceItem, kw_only=True):
    """A line by itself: with its invoice, who pays, and what it is of."""

    invoice: str
    customer_uuid: str
    customer_name: str
    offering_uuid: str
    offering_name: str
    offering_component_type: str


class Invoice(Struct, kw_only=True):
    url: str
    uuid: str
    number: int
    customer: str
    customer_uuid: str
    customer_name: str
    year: int
    month: int
    state: str
    price: str
    tax: str
    total: str
    currency: str
    invoice_date: date | None = None
    due_date: date | UnsetType = UNSET
    issuer_details: dict[str, Any]
    customer_details: dict[str, Any] | UnsetType = UNSET
    backend_id: str
    payment_url: str
    reference_number: str
    items: list[InvoiceItem]


class InvoiceQuery(ListQuery, kw_only=True):
    customer: str | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    state: list[InvoiceState] | UnsetType = UNSET
    year: int | UnsetType = UNSET
    month: int | UnsetType = UNSET
    created: date | UnsetType = UNSET


class InvoiceItemQuery(ListQuery, kw_only=True):
    resource_uuid: UUID | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    invoice_uuid: UUID | UnsetType = UNSET
    year: int | UnsetType = UNSET
    month: int | UnsetType = UNSET
    start_month: int | UnsetType = UNSET


INVOICES = Endpoint("GET", "/api/invoices/", InvoiceQuery, list[Invoice], 200, "List invoices")
INVOICE = Endpoint("GET", "/api/invoices/{uuid}/", DetailQuery, Invoice, 200, "Get an invoice")
INVOICE_ITEMS = Endpoint(
    "GET", "/api/invoice-items/", InvoiceItemQuery, list[InvoiceLine], 200, "List invoice lines"
)
INVOICE_ITEM = Endpoint(
    "GET", "/api/invoice-items/{uuid}/", DetailQuery, InvoiceLine, 200, "Get an invoice line"
)
