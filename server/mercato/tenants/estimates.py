"""What a month costs an organization or a project so far, from the invoices of the room above (contract §8.14)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    table,
)

from mercato.kernel.columns import BigId
from mercato.kernel.wiresql import json_object, minor_text
from mercato.tenants.tables import customers, projects

_invoices = table(
    "invoices",
    *(
        column(name, BigId)
        for name in ("id", "customer_id", "year", "month", "exponent", "price", "tax", "total")
    ),
    column("state", String()),
)
_items = table(
    "invoice_items", *(column(name, BigId) for name in ("invoice_id", "project_id", "price", "tax", "total"))
)
# First day of the month that is looked at, as `YYYY-MM-01`: the looker's own unless it asks for another.
_DAY = bindparam("month_start", None, type_=String())
_YEAR = cast(func.substr(_DAY, 1, 4), Integer())
_MONTH = cast(func.substr(_DAY, 6, 2), Integer())
IN_MONTH = (_invoices.c.year == _YEAR, _invoices.c.month == _MONTH, _invoices.c.state != "canceled")


def _document(rows: Any) -> ColumnElement[Any]:
    exponent = func.coalesce(func.max(_invoices.c.exponent), literal_column("2"))

    def text(name: str) -> ColumnElement[Any]:
        return minor_text(func.coalesce(func.sum(rows.c[name]), literal_column("0")), exponent)

    return json_object(
        {"total": text("total"), "current": text("price"), "tax": text("tax"), "tax_current": text("tax")}
    )


def customer_estimate() -> ColumnElement[Any]:
    """Of the current row of `customers`: {total, current, tax, tax_current}, each "0.00" where nothing was billed."""
    found = select(_document(_invoices)).where(_invoices.c.customer_id == customers.c.id, *IN_MONTH)
    return found.correlate(customers).scalar_subquery()


def project_estimate() -> ColumnElement[Any]:
    """The same of the current row of `projects`, from the lines that are its own."""
    found = (
        select(_document(_items))
        .select_from(_items.join(_invoices, _invoices.c.id == _items.c.invoice_id))
        .where(_items.c.project_id == projects.c.id, *IN_MONTH)
    )
    return found.correlate(projects).scalar_subquery()
