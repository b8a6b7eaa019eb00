"""What a month costs organizations, one by one and together (contract §16)."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Connection, and_, cast, func, literal_column, true

from mercato.access import queries as access
from mercato.access.rules import SIGNED_IN
from mercato.billing.tables import invoices
from mercato.kernel.columns import Json
from mercato.kernel.filters import equals, holds
from mercato.kernel.grouping import GroupedListing
from mercato.kernel.http import Call, Route, detail, listed, reading
from mercato.kernel.listing import Listing, Looker, numeric, omit
from mercato.kernel.wiresql import minor_text
from mercato.schemas import reports as api
from mercato.schemas.billing import InvoiceState
from mercato.tenants.estimates import customer_estimate
from mercato.tenants.listings import CUSTOMER_FILTERS
from mercato.tenants.tables import customers


def _visible(kind: str) -> ColumnElement[bool] | None:
    """What it costs is for people with a role on the organization itself, as its invoices are."""
    return None if kind == access.EVERYTHING else access.in_customer(customers.c.id)


def _sum(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return minor_text(cast(func.coalesce(func.sum(column), 0), BigInteger), invoices.c.exponent)


REPORTS = Listing(
    api.FinancialReport,
    table=customers,
    source=customers,
    visible=_visible,
    where=customers.c.removed_at.is_(None),
    columns={
        **{
            name: customers.c[name]
            for name in ("uuid", "created", "name", "abbreviation", "registration_code", "agreement_number")
        },
        "accounting_start_date": omit(customers.c.accounting_start_date),
        "payment_profiles": literal_column("'[]'", Json()),
        "billing_price_estimate": customer_estimate(),
    },
    filters={
        "uuid": equals(customers.c.uuid),
        "customer_uuid": equals(customers.c.uuid),
        **CUSTOMER_FILTERS,
        # Which month is looked at, not which organizations.
        "year": holds(lambda _year: true()),
        "month": holds(lambda _month: true()),
    },
    order={
        "name": customers.c.name,
        "abbreviation": customers.c.abbreviation,
        "created": customers.c.created,
        "registration_code": customers.c.registration_code,
        "agreement_number": customers.c.agreement_number,
    },
    default_order=("name",),
)

# All invoices together, for the month and the organizations that are asked for.
_TOTALS = GroupedListing(
    api.TotalCost,
    table=invoices,
    source=invoices.join(customers, customers.c.id == invoices.c.customer_id),
    by=(invoices.c.exponent,),
    visible=_visible,
    where=and_(invoices.c.state != InvoiceState.CANCELED.value, customers.c.removed_at.is_(None)),
    columns={"total": numeric(_sum(invoices.c.total)), "price": numeric(_sum(invoices.c.price))},
    filters={
        "year": equals(invoices.c.year),
        "month": equals(invoices.c.month),
        "customer_uuid": equals(customers.c.uuid),
        "name": CUSTOMER_FILTERS["name"],
        "accounting_is_running": CUSTOMER_FILTERS["accounting_is_running"],
    },
)


def _month(query: Any, looker: Looker) -> date:
    """First day of the month that is asked for; what is not named is the present's."""
    now = date.fromisoformat(looker.params["month_start"])
    year = query.year if isinstance(query.year, int) else now.year
    return date(year, query.month if isinstance(query.month, int) else now.month, 1)


def _in_month(query: Any, looker: Looker) -> Looker:
    """Looks at the month that is asked for as if it were the present one."""
    return looker._replace(params={**looker.params, "month_start": _month(query, looker).isoformat()})


def _total(conn: Connection, call: Call, query: api.TotalCostQuery) -> api.TotalCost:
    month = _month(query, call.looker)
    page = _TOTALS.page(conn, call.looker, query, year=month.year, month=month.month)
    sums = msgspec.json.decode(page.body, type=list[api.TotalCost])
    return sums[0] if sums else api.TotalCost(total=0.0, price=0.0)


ROUTES: list[Route] = [
    listed(api.REPORTS, REPORTS, needs=SIGNED_IN, seen=_in_month),
    detail(api.REPORT, REPORTS, needs=SIGNED_IN),
    reading(api.TOTAL_COST, _total, needs=SIGNED_IN),
]
