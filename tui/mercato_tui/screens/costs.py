"""What a month costs each organisation, and all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec import UNSET
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from mercato.schemas import reports
from mercato.schemas.reports import FinancialReport
from mercato_tui import dates
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.money import money
from mercato_tui.screens.list_page import ListPage
from mercato_tui.text import Piece, say
from mercato_tui.widgets.vtable import Column

FIRST_YEAR = 2000


class CostsPage(ListPage[FinancialReport]):
    """Organisations by what they pay in one month."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_square_bracket", "month(-1)", _("Month before"), key_display="[", id="costs.before"),
        Binding("right_square_bracket", "month(1)", _("Month after"), key_display="]", id="costs.after"),
    ]
    heading = _("Costs")
    placeholder = _("/ organisation")
    help_text: ClassVar[str] = _(
        "What a month costs each organisation, with and without tax, and what it comes to. [ and ] go from month to "
        "month; enter shows the organisation. The present month still grows."
    )

    def __init__(self, argument: str = "") -> None:
        super().__init__(argument)
        # Whole months since the year 0; not yet known before the first look at the clock.
        self.at = 0

    def body(self) -> ComposeResult:
        yield Static(id="costs-total", markup=False)
        yield from super().body()

    def columns(self) -> Sequence[Column[FinancialReport]]:
        return (
            Column(_("Organisation"), lambda row: (row.name, "strong"), flex=3, least=18),
            Column(_("Agreement"), lambda row: (row.agreement_number or "–", "muted"), width=14, drop=3),
            Column(
                _("Without tax"), lambda row: self._money(row, "current"), width=15, align="right", drop=1
            ),
            Column(_("Tax"), lambda row: self._money(row, "tax"), width=13, align="right", drop=2),
            Column(_("Total"), lambda row: self._money(row, "total"), width=15, align="right"),
        )

    def _money(self, row: FinancialReport, name: str) -> Piece:
        amount = str(getattr(row.billing_price_estimate, name))
        nothing = not amount.strip("0.")
        tone = "faint" if nothing else "strong" if name == "total" else "muted"
        return (money(amount, self.session.currency), tone)

    @property
    def _now(self) -> int:
        return self.now.year * 12 + self.now.month - 1

    def _month(self) -> tuple[int, int]:
        self.at = self.at or self._now
        return self.at // 12, self.at % 12 + 1

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[FinancialReport]:
        year, month = self._month()
        if page == 1:
            found = await self.api(reports.TOTAL_COST, reports.TotalCostQuery(year=year, month=month))
            self._tell_total(year, month, found)
        query = reports.FinancialReportQuery(
            page=page, page_size=size, o=["name"], year=year, month=month, query=text or UNSET
        )
        return await self.api.page(reports.REPORTS, query)

    def _tell_total(self, year: int, month: int, found: reports.TotalCost) -> None:
        currency = self.session.currency
        total, price = (money(f"{amount:.2f}", currency) for amount in (found.total, found.price))
        growing = "   " + _("so far") if self.at >= self._now else ""
        words = say(
            (dates.month(year, month), "strong"),
            ("   " + _("together {total}").format(total=total), "accent"),
            ("   " + _("{price} without tax").format(price=price), "muted"),
            (growing, "warn"),
        )
        self.query_one("#costs-total", Static).update(words)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Not beyond the present month, nor before there was any."""
        if action == "month":
            self._month()
            step = parameters[0] if parameters and isinstance(parameters[0], int) else 0
            return FIRST_YEAR * 12 <= self.at + step <= self._now
        return super().check_action(action, parameters)

    def action_month(self, step: int) -> None:
        self._month()
        self.at += step
        self.refresh_bindings()
        self.restart()

    def choose(self, row: FinancialReport) -> None:
        self.mercato.nav.open(f"organisation/{row.uuid}")

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if text:
            return super().nothing(text, choice)
        return _("No organisations."), _(
            "What they cost is shown to their own people, to staff and to support."
        )
