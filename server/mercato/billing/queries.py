"""Invoices for services and lists."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, bindparam, false, literal, or_, select

from mercato.access import queries as access
from mercato.billing.core.lines import Line
from mercato.billing.core.periods import Month
from mercato.billing.tables import invoice_items, invoices, opened_months
from mercato.catalog.tables import components
from mercato.kernel.columns import Json
from mercato.kernel.filters import equals, linked, since
from mercato.kernel.fixed import fixed
from mercato.kernel.listing import Listing, numeric, omit
from mercato.kernel.wiresql import children, json_text, link, minor_text
from mercato.resources.tables import resources
from mercato.schemas.billing import Invoice, InvoiceLine, InvoiceState
from mercato.schemas.resources import ResourceState
from mercato.tenants.tables import customers, projects

MUTABLE = (InvoiceState.PENDING.value, InvoiceState.PENDING_FINALIZATION.value)

_OF_MONTH = fixed(
    select(invoices).where(
        invoices.c.customer_id == bindparam("customer"),
        invoices.c.year == bindparam("year"),
        invoices.c.month == bindparam("month"),
    )
)


def invoice_of(conn: Connection, customer_id: int, month: Month, *, lock: bool = False) -> Any:
    """The organization's invoice of the month, or None; locked first where several would write it."""
    found = _OF_MONTH.with_for_update() if lock else _OF_MONTH
    params = {"customer": customer_id, "year": month.year, "month": month.month}
    return conn.execute(found, params).first()


def stored_lines(conn: Connection, invoice_id: int, resource_id: int) -> list[Line]:
    """The lines of one resource on one invoice."""
    found = select(invoice_items.c.line).where(
        invoice_items.c.invoice_id == invoice_id, invoice_items.c.resource_id == resource_id
    )
    return [msgspec.convert(line, Line) for (line,) in conn.execute(found)]


class Charged(NamedTuple):
    """A line of a quarter's charge: who was charged, in which month, and where that month is counted."""

    customer_id: int
    month: Month
    zone: str
    line: Line


def quarter_lines(conn: Connection, resource_id: int, since: Month) -> list[Charged]:
    """The quarterly lines and corrections of a resource on invoices of that month and later ones, whosever they
    are."""
    found = (
        select(
            invoices.c.customer_id,
            invoices.c.year,
            invoices.c.month,
            invoices.c.time_zone,
            invoice_items.c.line,
        )
        .join(invoices, invoices.c.id == invoice_items.c.invoice_id)
        .where(
            invoice_items.c.resource_id == resource_id,
            invoice_items.c.billing_type.in_(["quarterly", "correction"]),
            invoices.c.year >= since.year,
        )
        .order_by(invoice_items.c.id)
    )
    rows = [
        Charged(
            row.customer_id,
            Month(int(row.year), int(row.month)),
            row.time_zone,
            msgspec.convert(row.line, Line),
        )
        for row in conn.execute(found).fetchall()
    ]
    return [row for row in rows if row.month >= since]


def pending_before(conn: Connection, customer_id: int, month: Month) -> list[Any]:
    """Invoices of earlier months that are still open."""
    earlier = or_(
        invoices.c.year < month.year,
        and_(invoices.c.year == month.year, invoices.c.month < month.month),
    )
    found = select(invoices).where(
        invoices.c.customer_id == customer_id, invoices.c.state == InvoiceState.PENDING.value, earlier
    )
    return list(conn.execute(found.order_by(invoices.c.year, invoices.c.month)))


def open_invoices(conn: Connection, customer_id: int, since: Month) -> list[Any]:
    """The organization's invoices of that month and later ones that can still change."""
    found = select(invoices).where(
        invoices.c.customer_id == customer_id,
        invoices.c.state.in_(MUTABLE),
        or_(
            invoices.c.year > since.year,
            and_(invoices.c.year == since.year, invoices.c.month >= since.month),
        ),
    )
    return list(conn.execute(found.order_by(invoices.c.year, invoices.c.month)))


def of_month(customer_id: int | None, month: Month) -> ColumnElement[bool]:
    """The row that says that the month was begun for the organization; None asks for the price list."""
    return and_(
        opened_months.c.customer_id == customer_id,
        opened_months.c.year == month.year,
        opened_months.c.month == month.month,
    )


def opened_at(conn: Connection, customer_id: int | None, month: Month) -> datetime | None:
    """When the month was begun, or None."""
    return conn.execute(select(opened_months.c.at).where(of_month(customer_id, month))).scalar()


def last_opened(conn: Connection, customer_id: int) -> Month | None:
    """The latest month that was begun for the organization."""
    at = opened_months.c
    found = select(at.year, at.month).where(at.customer_id == customer_id)
    row = conn.execute(found.order_by(at.year.desc(), at.month.desc()).limit(1)).first()
    return None if row is None else Month(int(row.year), int(row.month))


def customers_with_zone(conn: Connection) -> list[Any]:
    """(id, time_zone, removed_at) of every organization."""
    found = select(customers.c.id, customers.c.time_zone, customers.c.removed_at)
    return list(conn.execute(found.order_by(customers.c.id)))


def owes(conn: Connection, customer_id: int) -> bool:
    """Whether there is an invoice that is not pending or not zero."""
    found = select(invoices.c.id).where(
        invoices.c.customer_id == customer_id,
        or_(invoices.c.state != InvoiceState.PENDING.value, invoices.c.total != 0),
    )
    return conn.execute(found.limit(1)).first() is not None


def component_billed(conn: Connection, component_id: int) -> bool:
    """Whether any line was ever written for the component."""
    mine = select(components.c.offering_id, components.c.type).where(components.c.id == component_id)
    row = conn.execute(mine).first()
    if row is None:
        return False
    found = (
        select(invoice_items.c.line)
        .join(resources, resources.c.id == invoice_items.c.resource_id)
        .where(resources.c.offering_id == row.offering_id)
    )
    return any(line["component"] == row.type for (line,) in conn.execute(found))


def _visible(kind: str) -> ColumnElement[bool] | None:
    """Invoices are for people with a role on the organization itself."""
    return None if kind == access.EVERYTHING else access.in_customer(customers.c.id)


def _cents(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Minor units as decimal text, digit by digit."""
    return minor_text(column, invoices.c.exponent)


_items = invoice_items
ITEM_COLUMNS: dict[str, Any] = {
    "url": link("/api/invoice-items/{}/", _items.c.uuid),
    "uuid": _items.c.uuid,
    "name": _items.c.name,
    "price": _cents(_items.c.price).cast(Json()),
    "tax": _cents(_items.c.tax),
    "total": _cents(_items.c.total),
    "unit_price": _items.c.unit_price,
    "unit": _items.c.unit,
    "quantity": _items.c.quantity,
    "factor": literal(1),
    "measured_unit": _items.c.measured_unit,
    "start": _items.c.start,
    "end": _items.c.end,
    "article_code": _items.c.article_code,
    "billing_type": _items.c.billing_type,
    "project_uuid": _items.c.project_uuid,
    "project_name": _items.c.project_name,
    "resource": link("/api/marketplace-resources/{}/", resources.c.uuid),
    "resource_uuid": resources.c.uuid,
    "resource_name": _items.c.resource_name,
    "details": _items.c.details,
    "credit": false(),
}
_item_source = _items.outerjoin(resources, resources.c.id == _items.c.resource_id)

INVOICES = Listing(
    Invoice,
    table=invoices,
    source=invoices.join(customers, customers.c.id == invoices.c.customer_id),
    visible=_visible,
    columns={
        "url": link("/api/invoices/{}/", invoices.c.uuid),
        "uuid": invoices.c.uuid,
        "number": invoices.c.id + 100000,
        "customer": link("/api/customers/{}/", customers.c.uuid),
        "customer_uuid": customers.c.uuid,
        "customer_name": customers.c.name,
        "year": invoices.c.year,
        "month": invoices.c.month,
        "state": invoices.c.state,
        "price": _cents(invoices.c.price),
        "tax": _cents(invoices.c.tax),
        "total": _cents(invoices.c.total),
        "currency": invoices.c.currency,
        "invoice_date": invoices.c.invoice_date,
        "due_date": omit(invoices.c.due_date),
        "issuer_details": invoices.c.issuer_details,
        "customer_details": omit(invoices.c.customer_details),
        "backend_id": invoices.c.backend_id,
        "payment_url": invoices.c.payment_url,
        "reference_number": invoices.c.reference_number,
        "items": children(
            ITEM_COLUMNS,
            _item_source,
            where=_items.c.invoice_id == invoices.c.id,
            order=[_items.c.project_name, _items.c.resource_name, _items.c.id],
            of=invoices,
        ),
    },
    filters={
        "uuid": equals(invoices.c.uuid),
        "customer": linked(customers.c.uuid),
        "customer_uuid": equals(customers.c.uuid),
        "state": equals(invoices.c.state),
        "year": equals(invoices.c.year),
        "month": equals(invoices.c.month),
        "created": since(invoices.c.invoice_date),
    },
    order={
        "created": invoices.c.created,
        "year": invoices.c.year,
        "month": invoices.c.month,
        "total": invoices.c.total,
        "customer_name": customers.c.name,
    },
    default_order=("-year", "-month"),
)

ITEMS = Listing(
    InvoiceLine,
    table=_items,
    source=_item_source.join(invoices, invoices.c.id == _items.c.invoice_id)
    .join(customers, customers.c.id == invoices.c.customer_id)
    .outerjoin(projects, projects.c.id == _items.c.project_id),
    visible=_visible,
    columns={
        **ITEM_COLUMNS,
        "price": numeric(_cents(_items.c.price)),
        "resource_uuid": omit(resources.c.uuid),
        "invoice": link("/api/invoices/{}/", invoices.c.uuid),
        "customer_uuid": customers.c.uuid,
        "customer_name": customers.c.name,
        # As they were called when the line was written.
        **{
            name: json_text(_items.c.details, name)
            for name in ("offering_uuid", "offering_name", "offering_component_type")
        },
    },
    filters={
        "uuid": equals(_items.c.uuid),
        "resource_uuid": equals(resources.c.uuid),
        "project_uuid": equals(projects.c.uuid),
        "customer_uuid": equals(customers.c.uuid),
        "invoice_uuid": equals(invoices.c.uuid),
        "year": equals(invoices.c.year),
        "month": equals(invoices.c.month),
        "start_month": equals(invoices.c.month),
    },
    order={"name": _items.c.name, "start": _items.c.start, "price": _items.c.price},
    default_order=("start",),
)


def idle_since(conn: Connection, month: date) -> list[int]:
    """Resources that are OK, were there before that month (its first day), and have cost nothing since."""
    number = invoices.c.year * 12 + invoices.c.month
    paid = (
        select(invoice_items.c.id)
        .join(invoices, invoices.c.id == invoice_items.c.invoice_id)
        .where(
            invoice_items.c.resource_id == resources.c.id,
            invoice_items.c.total > 0,
            number >= month.year * 12 + month.month,
        )
    )
    before = datetime(month.year, month.month, 1, tzinfo=UTC)
    found = select(resources.c.id).where(
        resources.c.state == ResourceState.OK.value, resources.c.created < before, ~paid.exists()
    )
    return list(conn.execute(found).scalars())
