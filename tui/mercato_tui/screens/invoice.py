"""One invoice: its lines, how each came about, and the sum."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.content import Content

from mercato.schemas import billing
from mercato_tui import dates
from mercato_tui.explained import explanation
from mercato_tui.i18n import _
from mercato_tui.money import money
from mercato_tui.screens.base import Page
from mercato_tui.text import lines, say, spread
from mercato_tui.widgets.badge import invoice_badge
from mercato_tui.widgets.block import Block
from mercato_tui.widgets.vlist import VList


class Lines(VList[billing.InvoiceItem]):
    """Two lines each: what and how much; below, how it came about."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(row_height=2, **kwargs)
        self.currency = "EUR"
        self.zone = "UTC"

    def draw_row(self, row: billing.InvoiceItem, width: int) -> list[Content]:
        amount = money(Decimal(str(row.price)), self.currency)
        tone = "ok" if row.price < 0 else "strong"
        return [
            spread(say(row.name), say((amount, tone)), width),
            say((f"  {explanation(row, self.currency, self.zone)}", "muted")),
        ]


class InvoicePage(Page):
    """The lines of one invoice. The sums are the server's."""

    heading = _("Invoice")
    AUTO_FOCUS = "VList"
    help_text: ClassVar[str] = _(
        "Each line says what it is for, its span of days, and quantity × unit price. The sums stand below. "
        "Enter on a line opens the resource it is for."
    )

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.invoice: billing.Invoice | None = None

    def body(self) -> ComposeResult:
        yield Block(skeleton=1, id="invoice-title", classes="title-line")
        yield Lines(id="invoice-lines")
        yield Block(skeleton=2, id="invoice-sums")

    async def fetch(self) -> None:
        found = await self.api(billing.INVOICE, uuid=self.argument)
        self.invoice = found
        self.rename(
            _("{month}, {who}").format(month=dates.month(found.year, found.month), who=found.customer_name)
        )
        table = self.query_one(Lines)
        table.currency = found.currency
        table.zone = self.session.zone(found.customer_uuid)
        table.put_all(
            sorted(found.items, key=lambda item: (item.project_name, item.resource_name, item.name))
        )
        self._show(found)

    def _show(self, found: billing.Invoice) -> None:
        due = found.due_date
        parts: list[Any] = [
            (dates.month(found.year, found.month), "strong"), f"   {found.customer_name}   ",
            invoice_badge(found.state), (f"   {_('no.')} {found.number}", "muted"),
        ]  # fmt: skip
        if found.invoice_date is not None:
            parts.append((f"   {_('issued')} {dates.day(found.invoice_date)}", "muted"))
            if isinstance(due, date):
                parts.append((f"   {_('due')} {dates.day(due)}", "muted"))
        self.query_one("#invoice-title", Block).show(say(*parts))
        self.query_one("#invoice-sums", Block).show(lambda width: self._sums(found, min(46, width)))

    def _sums(self, found: billing.Invoice, width: int) -> Content:
        rows = [
            say(("─" * width, "faint")),
            spread(say((_("Sum without tax"), "muted")), say(money(found.price, found.currency)), width),
            spread(say((_("Tax"), "muted")), say(money(found.tax, found.currency)), width),
            spread(say((_("Total"), "strong")), say((money(found.total, found.currency), "title")), width),
        ]
        return lines(rows)

    def on_vlist_chosen(self, event: VList.Chosen) -> None:
        event.stop()
        if isinstance(event.row.resource_uuid, str):
            self.mercato.nav.open(f"resource/{event.row.resource_uuid}")
