"""Invoices over HTTP."""

from __future__ import annotations

from mercato.access.rules import SIGNED_IN
from mercato.billing.queries import INVOICES, ITEMS
from mercato.kernel.http import Route, detail, listed
from mercato.schemas import billing as api

ROUTES: list[Route] = [
    listed(api.INVOICES, INVOICES, needs=SIGNED_IN),
    detail(api.INVOICE, INVOICES, needs=SIGNED_IN),
    listed(api.INVOICE_ITEMS, ITEMS, needs=SIGNED_IN),
    detail(api.INVOICE_ITEM, ITEMS, needs=SIGNED_IN),
]
