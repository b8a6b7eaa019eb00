"""Orders: the list for everybody, and the provider's inbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import UNSET
from textual.binding import Binding, BindingType

from mercato.schemas import orders
from mercato_tui import dates
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.modals.confirm import ReasonModal
from mercato_tui.money import money
from mercato_tui.screens.list_page import ListPage
from mercato_tui.text import Piece
from mercato_tui.views import OrderRow
from mercato_tui.widgets.badge import RUNNING, order_badge, order_words
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.vtable import Column

MINE = "mine"
GROUPS: dict[str, tuple[str, ...]] = {
    "running": RUNNING,
    "done": ("done",),
    "failed": ("erred", "rejected", "canceled"),
}


class OrdersPage(ListPage[OrderRow]):
    """All orders one sees, narrowed by state."""

    heading = _("Orders")
    renew_every = 15.0
    placeholder = _("/ resource or offering")
    help_text: ClassVar[str] = _(
        "Every request to create, change or end a resource, and where it stands. Enter opens one: there it "
        "can be approved, rejected or canceled by whoever may. The left and right arrows go through the filters."
    )

    def filters(self) -> list[Item]:
        return [
            Item("", _("All")),
            Item(MINE, _("To approve")),
            Item("running", _("Under way")),
            Item("done", _("Done")),
            Item("failed", _("Failed")),
        ]

    def columns(self) -> Sequence[Column[OrderRow]]:
        return (
            Column(_("State"), lambda row: order_badge(row.state), width=20),
            Column(_("Resource"), lambda row: (row.resource_name, "strong"), flex=3, least=18),
            Column(_("Offering"), lambda row: row.offering_name, flex=3, least=16),
            Column(_("Type"), lambda row: (row.type, "muted"), width=9, drop=2),
            Column(_("Project"), lambda row: row.project_name, flex=2, drop=4),
            Column(_("Organisation"), lambda row: (row.customer_name, "muted"), flex=2, drop=6),
            Column(_("Cost"), self._cost, width=11, align="right", drop=1),
            Column(_("Ordered"), lambda row: (dates.ago(row.created, self.now), "muted"), width=12, align="right",
                   drop=3),
        )  # fmt: skip

    def _cost(self, row: OrderRow) -> Piece:
        return money(row.cost, self.session.currency) if row.cost is not None else ("–", "faint")

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[OrderRow]:
        return await self.api.some(orders.ORDERS, OrderRow, self.query_for(page, size, text, choice))

    def query_for(self, page: int, size: int, text: str, choice: str) -> orders.OrderQuery:
        """The question to the server for these chips and this search."""
        states = [orders.OrderState(state) for state in GROUPS.get(choice, ())]
        if not states and choice in list(orders.OrderState):
            states = [orders.OrderState(choice)]
        query = orders.OrderQuery(
            page=page,
            page_size=size,
            o=["-created"],
            query=text or UNSET,
            state=states or UNSET,
            can_approve_as_consumer=True if choice == MINE else UNSET,
        )
        narrowed: orders.OrderQuery = self.session.narrowed(query)
        return narrowed

    def arrive(self, search: str, filters: dict[str, str]) -> None:
        state = filters.get("state", "")
        if state and state not in [item.value for item in self.bar.chips.items]:
            self.bar.chips.offer([*self.bar.chips.items, Item(state, order_words(state))])
        super().arrive(search, filters)

    def choose(self, row: OrderRow) -> None:
        self.mercato.nav.open(f"order/{row.uuid}")

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if choice == MINE and not text:
            return _("Nothing waits for your approval."), _("New orders show up here by themselves.")
        if not text and not choice:
            return _("No orders yet."), _("Press g c for the catalogue and order something.")
        return super().nothing(text, choice)


class InboxPage(OrdersPage):
    """Orders that wait for me as the provider, decided where they stand."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "approve", _("Approve"), id="inbox.approve"),
        Binding("x", "reject", _("Reject"), id="inbox.reject"),
    ]
    heading = _("Inbox")
    renew_every = 10.0
    help_text: ClassVar[str] = _(
        "Orders that wait for you as the provider. a approves the one under the cursor, x rejects it with a "
        "reason that the customer reads; enter shows everything about it."
    )

    def filters(self) -> list[Item]:
        return [
            Item("waiting", _("To review")),
            Item("executing", _("Being set up")),
            Item("erred", _("Failed")),
            Item("", _("All")),
        ]

    def query_for(self, page: int, size: int, text: str, choice: str) -> orders.OrderQuery:
        query = super().query_for(page, size, text, "" if choice == "waiting" else choice)
        if choice == "waiting":
            query.can_approve_as_provider = True
            query.o = ["created"]
        return query

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if choice == "waiting" and not text:
            return _("Nothing waits for you. Inbox zero."), _("New orders show up here by themselves.")
        return super().nothing(text, choice)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Approving and rejecting only what waits for the provider."""
        if action in ("approve", "reject") and self.is_mounted:
            row = self.chosen_row
            return True if row is not None and row.state == "pending-provider" else None
        return super().check_action(action, parameters)

    def action_approve(self) -> None:
        row: OrderRow | None = self.chosen_row
        if row is not None:
            self.act(
                lambda: self.api(orders.APPROVE_BY_PROVIDER, orders.Approval(), uuid=row.uuid),
                _("Approved: {name}").format(name=row.resource_name or row.offering_name),
            )

    def action_reject(self) -> None:
        row: OrderRow | None = self.chosen_row
        if row is None:
            return
        name = row.resource_name or row.offering_name

        def answered(reason: str | None) -> None:
            if reason is not None:
                self.act(lambda: self._reject(row.uuid, reason), _("Rejected: {name}").format(name=name))

        text = _("{who} will read why {name} was rejected.").format(
            who=row.created_by_full_name or row.customer_name, name=name
        )
        self.app.push_screen(ReasonModal(_("Reject the order"), text, _("Reject")), answered)

    async def _reject(self, uuid: str, reason: str) -> Any:
        return await self.api(
            orders.REJECT_BY_PROVIDER, orders.Rejection(provider_rejection_comment=reason), uuid=uuid
        )
