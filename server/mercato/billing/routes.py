"""Invoices over HTTP."""

from __future__ import annotations

from mercato.access.rules import SIGNED_IN
from mercato.billing import reports
from mercato.billing.queries import INVOICES, ITEMS
from mercato.billing.revenue import COSTS, REVENUE
from mercato.catalog.listings import PROVIDED
from mercato.kernel.http import Route, detail, listed
from mercato.schemas import billing as api
from mercato.schemas import statistics as numbers
from mercato.tenants.provider_listings import OWN_PROVIDERS

ROUTES: list[Route] = [
    listed(api.INVOICES, INVOICES, needs=SIGNED_IN),
    detail(api.INVOICE, INVOICES, needs=SIGNED_IN),
    listed(api.INVOICE_ITEMS, ITEMS, needs=SIGNED_IN),
    detail(api.INVOICE_ITEM, ITEMS, needs=SIGNED_IN),
    listed(numbers.COSTS, COSTS, needs=SIGNED_IN, scope="offering", within=PROVIDED),
    listed(numbers.REVENUE, REVENUE, needs=SIGNED_IN, scope="provider", within=OWN_PROVIDERS),
    *reports.ROUTES,
]
