"""What providers earn: invoiced amounts by month, of one offering and of all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, case, cast, func

from mercato.access import queries as access
from mercato.billing.core.periods import Month
from mercato.billing.tables import invoice_items, invoices
from mercato.catalog.tables import offerings
from mercato.kernel.errors import Invalid
from mercato.kernel.filters import equals, since, until
from mercato.kernel.grouping import GroupedListing
from mercato.kernel.listing import numeric
from mercato.kernel.wiresql import minor_text
from mercato.resources.tables import resources
from mercato.schemas.access import Scope
from mercato.schemas.billing import InvoiceState
from mercato.schemas.permissions import Permission as P
from mercato.schemas.statistics import Cost, Revenue
from mercato.tenants.tables import service_providers


def _sum(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Of one offering or provider, as a number of the wire."""
    summed = cast(func.coalesce(func.sum(column), 0), BigInteger)
    return minor_text(summed, invoices.c.exponent)


def _revenue_seen(kind: str) -> ColumnElement[bool] | None:
    """What a provider earns is for those of its people who may know."""
    if kind == access.EVERYTHING:
        return None
    return access.i_hold(P.SERVICE_PROVIDER_GET_REVENUE, Scope.CUSTOMER, offerings.c.customer_id)


_sold = (
    invoice_items.join(invoices, invoices.c.id == invoice_items.c.invoice_id)
    .join(resources, resources.c.id == invoice_items.c.resource_id)
    .join(offerings, offerings.c.id == resources.c.offering_id)
)
_period = (invoices.c.year, invoices.c.month)


def _months() -> dict[str, Any]:
    number = invoices.c.year * 12 + invoices.c.month

    def counted(text: Any) -> int:
        try:
            month = Month.parse(str(text)[:7])
        except ValueError:
            raise Invalid("A month looks like 2026-05.", code="bad_month") from None
        return month.year * 12 + month.month

    return {
        "start": since(number)._replace(value=counted),
        "end": until(number)._replace(value=counted),
    }


# What was invoiced for one offering, month by month.
COSTS = GroupedListing(
    Cost,
    table=invoice_items,
    source=_sold,
    by=(*_period, invoices.c.exponent),
    visible=_revenue_seen,
    where=invoices.c.state != InvoiceState.CANCELED.value,
    columns={
        "period": invoices.c.year.cast(String())
        + case((invoices.c.month < 10, "-0"), else_="-")
        + invoices.c.month.cast(String()),
        "price": numeric(_sum(invoice_items.c.price)),
        "tax": numeric(_sum(invoice_items.c.tax)),
        "total": numeric(_sum(invoice_items.c.total)),
    },
    filters={"offering": equals(offerings.c.uuid), **_months()},
)

# And for all that one provider sells.
REVENUE = GroupedListing(
    Revenue,
    table=invoice_items,
    source=_sold.join(service_providers, service_providers.c.customer_id == offerings.c.customer_id),
    by=(*_period, invoices.c.exponent),
    visible=_revenue_seen,
    where=invoices.c.state != InvoiceState.CANCELED.value,
    columns={
        "year": invoices.c.year,
        "month": invoices.c.month,
        "total": numeric(_sum(invoice_items.c.total)),
    },
    filters={"provider": equals(service_providers.c.uuid)},
)
