"""The living receipt: what an order will cost, line by line, while it is typed.

The amounts come from the billing core as they are; here they are only written down. Amounts that the last
keystroke changed stand out.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content

from mercato_tui import dates
from mercato_tui.explained import line_explanation
from mercato_tui.i18n import _
from mercato_tui.money import change, money, number, per, price
from mercato_tui.text import lines, prose, say, short, spread
from mercato_tui.widgets.block import Block

if TYPE_CHECKING:
    from mercato.billing.core.lines import Line
    from mercato.billing.core.receipt import Receipt

RULE = "─"


class ReceiptPanel(Vertical):
    """Lines that scroll, totals that stay."""

    def __init__(self, *, zone: str = "UTC", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.zone = zone
        self.heading = ""
        self.tax = Decimal(0)
        self.receipt: Receipt | None = None
        self.before: Receipt | None = None
        self._known: dict[str, Decimal] = {}
        self._problem = ""

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="receipt-scroll", can_focus=False):
            yield Block(id="receipt-lines")
        yield Block(id="receipt-totals")

    def show_receipt(self, receipt: Receipt, *, before: Receipt | None = None) -> None:
        """The receipt as it is now; `before` makes it one of a change, with differences."""
        known = _amounts(self.receipt) if self.receipt is not None else {}
        self._known = known
        self.receipt, self.before, self._problem = receipt, before, ""
        self._draw()

    def show_problem(self, text: str) -> None:
        """No receipt can be made of what is typed; the last one is not shown as if it were true."""
        self.receipt, self._problem = None, text
        self._draw()

    def _draw(self) -> None:
        above, below = self.query_one("#receipt-lines", Block), self.query_one("#receipt-totals", Block)
        receipt = self.receipt
        if receipt is None:
            above.show(prose((self._problem or _("Choose a plan to see the price."), "muted")))
            below.show(Content(""))
            return
        above.show(lambda width: lines(self._lines(receipt, width)))
        below.show(lambda width: lines(self._totals(receipt, width)))

    def _tone(self, key: str, amount: Decimal, tone: str = "") -> str:
        return "changed" if self._known and self._known.get(key) != amount else tone

    def _lines(self, receipt: Receipt, width: int) -> list[Content]:
        rows = [say((short(self.heading, width), "strong")), Content("")] if self.heading else []
        if receipt.now:
            rows.append(say((_("Once, with the order"), "label")))
            rows += [row for line in receipt.now for row in self._line("now", line, receipt, width)]
            rows.append(Content(""))
        monthly = receipt.full_month or receipt.this_month
        if monthly:
            rows.append(say((_("Each full month"), "label")))
            rows += [row for line in monthly for row in self._line("month", line, receipt, width)]
        quarterly = [line for line in receipt.next_quarter if line not in receipt.full_month]
        if quarterly:
            rows += [Content(""), say((_("From the next quarter"), "label"))]
            rows += [row for line in quarterly for row in self._line("quarter", line, receipt, width)]
        if receipt.rates:
            rows += [Content(""), say((_("By what you use"), "label"))]
            for rate in receipt.rates:
                unit = _("per {unit}").format(unit=rate.measured_unit) if rate.measured_unit else _("each")
                cost = say(price(rate.unit_price, receipt.currency), (f" {unit}", "muted"))
                rows.append(spread(say(rate.component_name), cost, width))
        if not rows or (not receipt.now and not monthly and not quarterly and not receipt.rates):
            rows.append(prose((_("Nothing to pay with these numbers."), "muted")))
        return rows

    def _line(self, kind: str, line: Line, receipt: Receipt, width: int) -> list[Content]:
        tone = self._tone(f"{kind}|{line.component}|{line.kind}", line.amount)
        amount = say((money(line.amount, receipt.currency), tone))
        first = spread(say(line.component_name), amount, width)
        return [first, say((f"  {line_explanation(line, receipt.currency)}", "muted"))]

    def _totals(self, receipt: Receipt, width: int) -> list[Content]:
        rows = [say((RULE * width, "faint"))]
        for key, title, amount, tone in self._sums(receipt):
            figure = money(amount, receipt.currency)
            shown = say((figure, self._tone(key, amount, tone)))
            name = say((title, "strong" if tone else ""))
            if name.cell_length + shown.cell_length < width:
                rows.append(spread(name, shown, width))
            else:
                rows += [name, spread(say(), shown, width)]
            if self.before is not None and key in ("this_month", "full_month"):
                difference = amount - _amounts(self.before)[key]
                sign = "warn" if difference > 0 else "ok" if difference < 0 else "muted"
                was = money(_amounts(self.before)[key], receipt.currency)
                rows.append(
                    spread(
                        say((_("  until now {was}").format(was=was), "muted")),
                        say((change(difference, receipt.currency), sign)),
                        width,
                    )
                )
        if self.tax:
            rows.append(say((_("plus {percent} % tax").format(percent=number(self.tax)), "muted")))
        return rows

    def _sums(self, receipt: Receipt) -> list[tuple[str, str, Decimal, str]]:
        rows: list[tuple[str, str, Decimal, str]] = []
        if receipt.now or receipt.now_total:
            rows.append(("now", _("Now, once"), receipt.now_total, ""))
        rows.append(("this_month", _("This month") + self._rest(receipt), receipt.this_month_total, ""))
        rows.append(("full_month", _("Each full month"), receipt.full_month_total, "primary"))
        if receipt.next_quarter and receipt.next_quarter_total != receipt.full_month_total:
            rows.append(("next_quarter", _("Next quarter"), receipt.next_quarter_total, ""))
        if self.before is None:
            title = _("Order cost, {per}").format(per=per(receipt.order_cost.unit))
            rows.append(("cost", title, receipt.order_cost.amount, ""))
        return rows

    def _rest(self, receipt: Receipt) -> str:
        """The days of this month that are charged: ` · 12–30` of a month begun, nothing for a whole one."""
        if self.before is not None or not receipt.this_month:
            return ""
        zone = ZoneInfo(self.zone)
        first = min(_local(line.start, zone) for line in receipt.this_month)
        last = max(_local(line.end, zone) for line in receipt.this_month)
        if (first.year, first.month) != (last.year, last.month) or first.day == 1:
            return ""
        return f" · {first.day}–{dates.short_day(last)}"


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(zone)


def _amounts(receipt: Receipt) -> dict[str, Decimal]:
    """Every figure of a receipt by its name, to see what a keystroke changed."""
    found = {
        "now": receipt.now_total,
        "this_month": receipt.this_month_total,
        "full_month": receipt.full_month_total,
        "next_quarter": receipt.next_quarter_total,
        "cost": receipt.order_cost.amount,
    }
    for kind, many in (
        ("now", receipt.now),
        ("month", receipt.full_month or receipt.this_month),
        ("quarter", receipt.next_quarter),
    ):
        found |= {f"{kind}|{line.component}|{line.kind}": line.amount for line in many}
    return found
