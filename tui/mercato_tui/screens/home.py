"""Home: what waits for me, what is under way, what I have, what it costs this month."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from mercato.schemas import Nothing, billing, notices, orders, resources
from mercato_tui import background, dates
from mercato_tui.i18n import _, some
from mercato_tui.money import change, money
from mercato_tui.screens.base import Page
from mercato_tui.screens.my_accounts import AskLines, asks_of
from mercato_tui.text import Piece, fit_content, lines, say, spread
from mercato_tui.views import InvoiceRow, NoticeRow, OrderRow, ResourceRow
from mercato_tui.widgets.badge import RUNNING, order_badge, resource_badge, resource_state
from mercato_tui.widgets.block import Block
from mercato_tui.widgets.usage import short_share
from mercato_tui.widgets.vlist import VList

FEW = 6
SOME = 30


class OrderLines(VList[OrderRow]):
    """An order on one line: state, what, whose, since when."""

    def __init__(self, now: Callable[[], datetime], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.now = now

    def draw_row(self, row: OrderRow, width: int) -> list[Content]:
        badge = fit_content(say(order_badge(row.state)), 20)
        age = say((dates.ago(row.created, self.now()), "muted"))
        what = say((row.resource_name or row.offering_name, "strong"), (f"  {row.offering_name}", ""),
                   (f"  {row.customer_name}", "muted"))  # fmt: skip
        return [badge + " " + spread(what, age, width - 21)]


class ResourceLines(VList[ResourceRow]):
    """A resource on one line: state, name, offering, the fullest of its limits."""

    def draw_row(self, row: ResourceRow, width: int) -> list[Content]:
        badge = fit_content(say(resource_badge(resource_state(row.state, row.creation_order))), 14)
        share = fit_content(short_share(row.limits, row.limit_usage), 13)
        what = say((row.name, "strong"), (f"  {row.offering_name}", ""), (f"  {row.project_name}", "muted"))
        return [badge + spread(what, share, width - 14)]


class NoticeLines(VList[NoticeRow]):
    """What happened without me, one line each."""

    def __init__(self, now: Callable[[], datetime], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.now = now

    def draw_row(self, row: NoticeRow, width: int) -> list[Content]:
        age = say((dates.ago(row.created, self.now()), "muted"))
        return [spread(say(("! ", "warn"), (row.text, "")), age, width)]


class HomePage(Page):
    """The first thing one sees."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", _("Next block"), id="home.next"),
        Binding("x", "read", _("Mark as read"), id="home.read"),
    ]
    heading = _("Home")
    AUTO_FOCUS = ""
    help_text: ClassVar[str] = _(
        "Tab goes from block to block, enter opens what the cursor is on. g and a letter goes anywhere; ctrl+p "
        "finds everything by name. What happened without you stands on top until you have opened it, or marked "
        "it as read with x."
    )

    def __init__(self, argument: str = "") -> None:
        super().__init__(argument)
        self._mine: list[OrderRow] = []

    def body(self) -> ComposeResult:
        yield Static(self._greeting(), id="greeting", markup=False)
        with Vertical(id="news-block"):
            yield Static(say((_("Happened without you"), "label")), markup=False)
            yield NoticeLines(self.mercato.now, id="news")
        yield AskLines(id="asks")
        with Vertical(classes="columns"):
            with Vertical(classes="column -main"):
                yield Static(say((_("Waits for you"), "label")), markup=False)
                yield OrderLines(self.mercato.now, id="waiting")
                yield Static(id="waiting-none", markup=False, classes="none")
                yield Static(say((_("Under way"), "label")), markup=False, classes="next")
                yield OrderLines(self.mercato.now, id="running")
                yield Static(id="running-none", markup=False, classes="none")
            with Vertical(classes="column", id="cost-column"):
                yield Block(id="cost")
        yield Static(say((_("What you have"), "label")), markup=False, classes="next")
        yield ResourceLines(id="having")
        yield Static(id="having-none", markup=False, classes="none")

    def _greeting(self) -> Content:
        session = self.mercato.session
        if session is None:
            return Content("")
        hour = self.now.astimezone().hour
        hello = _("Good morning") if hour < 12 else _("Good afternoon") if hour < 18 else _("Good evening")
        waits = session.waiting.total
        rest = (
            some("{n} order waits for you", "{n} orders wait for you", waits)
            if waits
            else _("nothing waits for you")
        )
        return say((f"{hello}, {session.name}", "strong"), (f"  ·  {rest}", "warn" if waits else "muted"))

    async def fetch(self) -> None:
        await self._news()
        asks = await asks_of(self.session, self.api, FEW)
        self.query_one(AskLines).put_all(asks)
        self.query_one(AskLines).display = bool(asks)
        await self._to_approve()
        await self._under_way()
        await self._having()
        await self._cost()
        self.query_one("#greeting", Static).update(self._greeting())
        if self.focused is None:
            for name in ("news", "asks", "waiting", "running", "having"):
                table = self.query_one(f"#{name}", VList)
                if table.display and table.total:
                    table.focus()
                    break

    async def _news(self) -> None:
        query = notices.NoticeQuery(page=1, page_size=FEW, is_read=False)
        rows = await self.api.some(notices.NOTICES, NoticeRow, query)
        self.query_one("#news", NoticeLines).put_all(rows.rows)
        self.query_one("#news-block").display = bool(rows.rows)

    async def action_read(self) -> None:
        """The notice under the cursor has done its work."""
        row = self.query_one("#news", NoticeLines).row
        if row is not None:
            await self.api(notices.READ, Nothing(), uuid=row.uuid.hex)
            self.load()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "read":
            return self.query_one("#news-block").display
        return super().check_action(action, parameters)

    async def _to_approve(self) -> None:
        found: dict[str, OrderRow] = {}
        sides = [orders.OrderQuery(page=1, page_size=FEW, o=["created"], can_approve_as_consumer=True)]
        if self.session.is_provider:
            sides.append(
                orders.OrderQuery(page=1, page_size=FEW, o=["created"], can_approve_as_provider=True)
            )
        for query in sides:
            rows = await self.api.some(orders.ORDERS, OrderRow, self.session.narrowed(query))
            found |= {row.uuid: row for row in rows.rows}
        self._mine = list(found.values())[:FEW]
        self._fill("waiting", self._mine, _("Nothing. Well done."))

    async def _under_way(self) -> None:
        query = orders.OrderQuery(
            page=1, page_size=FEW, o=["-created"], state=[orders.OrderState(state) for state in RUNNING]
        )
        rows = await self.api.some(orders.ORDERS, OrderRow, self.session.narrowed(query))
        self.poll = 2.0 if any(row.state == "executing" for row in rows.rows) else 15.0
        mine = {row.uuid for row in self._mine}
        others = [row for row in rows.rows if row.uuid not in mine]
        self._fill("running", others, _("Nothing else is under way. g c shows what you can order."))

    async def _having(self) -> None:
        ended = resources.ResourceState.TERMINATED
        states: list[resources.ResourceState] = [one for one in resources.ResourceState if one is not ended]
        query = resources.ResourceQuery(page=1, page_size=SOME, o=["-modified"], state=states)
        rows = await self.api.some(resources.RESOURCES, ResourceRow, self.session.narrowed(query))
        self._fill("having", rows.rows, _("Nothing yet. Press g c for the catalogue and order something."))

    def _fill(self, name: str, rows: list[OrderRow] | list[ResourceRow], none: str) -> None:
        table, words = self.query_one(f"#{name}", VList), self.query_one(f"#{name}-none", Static)
        table.put_all(rows)
        table.display = bool(rows)
        words.update(say("  ", (none, "muted")))
        words.display = not rows

    async def _cost(self) -> None:
        today = self.now.date()
        last = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
        this = await self._invoices(today.year, today.month)
        before = await self._invoices(*last)
        self.query_one("#cost-column").display = bool(this or before)
        if this or before:
            self.query_one("#cost", Block).show(lambda width: lines(self._cost_lines(this, before, width)))

    async def _invoices(self, year: int, month: int) -> list[InvoiceRow]:
        query = billing.InvoiceQuery(page=1, page_size=SOME, year=year, month=month)
        found = await self.api.some(billing.INVOICES, InvoiceRow, self.session.narrowed(query))
        return found.rows

    def _cost_lines(self, this: list[InvoiceRow], before: list[InvoiceRow], width: int) -> Iterable[Content]:
        currency = (this or before)[0].currency
        now, last = _sum(this), _sum(before)
        compared = say((_("last month {sum}").format(sum=money(last, currency)), "muted"))
        head = say((_("Cost this month"), "label"))
        figure: Piece = (money(now, currency), "title")
        if not self.has_class("-narrow"):
            yield head
            yield say(figure, ("  " + change(now - last, currency), "muted"))
            yield compared
            for row in sorted(this, key=lambda row: -Decimal(row.total))[:4]:
                yield spread(
                    say((row.customer_name, "")), say((money(row.total, row.currency), "muted")), width
                )
        else:
            yield say((_("Cost this month") + "  ", "label"), figure, "   ", compared)

    def on_vlist_chosen(self, event: VList.Chosen) -> None:
        event.stop()
        if event.list.id == "news":
            background.run(self, partial(self._open_news, event.row), "news")
            return
        if event.list.id == "asks":
            self.mercato.nav.go("my-accounts")
            return
        kind = "resource" if event.list.id == "having" else "order"
        self.mercato.nav.open(f"{kind}/{event.row.uuid}")

    async def _open_news(self, row: NoticeRow) -> None:
        await self.api(notices.READ, Nothing(), uuid=row.uuid.hex)
        self.mercato.nav.open(f"{row.object_type}/{row.object_uuid}")


def _sum(rows: list[InvoiceRow]) -> Decimal:
    return sum((Decimal(row.total) for row in rows), Decimal(0))
