"""Invoices by month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec import UNSET

from mercato.schemas import billing
from mercato_tui import dates
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.money import money
from mercato_tui.screens.list_page import ListPage
from mercato_tui.views import InvoiceRow
from mercato_tui.widgets.badge import invoice_badge
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.vtable import Column


class InvoicesPage(ListPage[InvoiceRow]):
    """One invoice for each organisation and month."""

    heading = _("Invoices")
    searchable = False
    help_text: ClassVar[str] = _(
        "One invoice for each organisation and month. The open one grows during its month; enter shows its lines "
        "and how each came about."
    )

    def filters(self) -> list[Item]:
        return [
            Item("", _("All")),
            Item("pending", _("Open")),
            Item("created", _("To be paid")),
            Item("paid", _("Paid")),
        ]

    def columns(self) -> Sequence[Column[InvoiceRow]]:
        return (
            Column(_("Month"), lambda row: (dates.month(row.year, row.month), "strong"), width=16),
            Column(_("Organisation"), lambda row: row.customer_name, flex=2, least=14),
            Column(_("Number"), lambda row: (str(row.number), "muted"), width=9, drop=2),
            Column(_("State"), lambda row: invoice_badge(row.state), width=13),
            Column(
                _("Without tax"), lambda row: money(row.price, row.currency), width=13, align="right", drop=1
            ),
            Column(
                _("Total"), lambda row: (money(row.total, row.currency), "strong"), width=13, align="right"
            ),
        )

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[InvoiceRow]:
        query = billing.InvoiceQuery(
            page=page,
            page_size=size,
            o=["-year", "-month"],
            state=[billing.InvoiceState(choice)] if choice else UNSET,
        )
        return await self.api.some(billing.INVOICES, InvoiceRow, self.session.narrowed(query))

    def choose(self, row: InvoiceRow) -> None:
        self.mercato.nav.open(f"invoice/{row.uuid}")

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if not text and not choice:
            return (
                _("No invoices."),
                _(
                    "They are made when the first thing costs something, and only owners of an organisation see them."
                ),
            )
        return super().nothing(text, choice)
