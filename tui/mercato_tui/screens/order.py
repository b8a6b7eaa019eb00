"""One order: its way through the approvals drawn live, what was asked for, and what I may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from mercato.schemas import Endpoint, Nothing, catalog, orders
from mercato_tui import dates
from mercato_tui.api import ApiError
from mercato_tui.i18n import _, some
from mercato_tui.modals.confirm import ConfirmModal, ReasonModal
from mercato_tui.money import money, number, per
from mercato_tui.screens.base import Page
from mercato_tui.text import Piece, lines, prose, say
from mercato_tui.views import OfferingParts
from mercato_tui.widgets.badge import RUNNING, order_badge
from mercato_tui.widgets.block import Block
from mercato_tui.widgets.facts import answers, facts
from mercato_tui.widgets.pipeline import ball, draw, steps
from mercato_tui.widgets.progress import came

POLL = 1.0

APPROVALS = ("approve_by_consumer", "approve_by_provider")
EXECUTED = ("executing", "done", "erred")
REJECTIONS = ("reject_by_consumer", "reject_by_provider")


class OrderPage(Page):
    """Shows an order and renews it about every second while something is happening to it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "approve", _("Approve"), id="order.approve"),
        Binding("x", "reject", _("Reject"), id="order.reject"),
        Binding("c", "cancel", _("Cancel order"), id="order.cancel"),
        Binding("t", "retry", _("Try again"), id="order.retry"),
        Binding("d", "done", _("Report done"), id="order.done"),
        Binding("e", "erred", _("Report failure"), id="order.erred"),
        Binding("enter,o", "resource", _("Open resource"), id="order.resource"),
    ]
    heading = _("Order")
    help_text: ClassVar[str] = _(
        "The order's steps from left to right: the ring is where it is now. While it is under way this page "
        "renews itself. Below are what was asked for, the numbers, and what people said."
    )

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.order: orders.Order | None = None
        self.actions: list[str] = []
        self.progress: list[orders.OrderStep] = []
        self.parts: OfferingParts | None = None
        self._seen: object = None

    def body(self) -> ComposeResult:
        with VerticalScroll(classes="scroll", can_focus=True):
            yield Block(skeleton=1, id="order-title", classes="title-line")
            yield Block(skeleton=3, id="order-pipeline", classes="section")
            yield Block(skeleton=0, id="order-progress", classes="section")
            yield Block(skeleton=4, id="order-facts", classes="section")
            yield Block(skeleton=0, id="order-words", classes="section")

    async def fetch(self) -> None:
        order = await self.api(orders.ORDER, uuid=self.argument)
        asked = await self.api(orders.ORDER_ACTIONS, uuid=self.argument)
        if order.state in EXECUTED:
            self.progress = await self.api(orders.ORDER_STEPS, uuid=self.argument)
        if self.parts is None:
            self.parts = await self._named(order.offering_uuid)
        before = self.order.state if self.order is not None else order.state
        self.order, self.actions = order, asked.actions
        self.poll = POLL if order.state in RUNNING else 0
        name = order.resource_name or order.offering_name
        self.rename(name)
        # While nothing happens nothing is drawn: a page that waits costs a terminal far away nothing.
        seen = (order, asked.actions, self.progress, self.now.replace(second=0, microsecond=0))
        if seen != self._seen:
            self._seen = seen
            self._show(order)
            self.refresh_bindings()
        if order.state != before:
            self.mercato.count_waiting()
            if order.state == "done":
                self.mercato.say(_("{name} is ready.").format(name=name))

    async def _named(self, offering: str) -> OfferingParts:
        """The names of the offering's components and options; none where it cannot be seen any more."""
        try:
            return await self.api.one(catalog.PUBLIC_OFFERING, OfferingParts, uuid=offering)
        except ApiError as problem:
            if problem.status not in (403, 404):
                raise
            return OfferingParts(components=[], options=catalog.Options())

    def _show(self, order: orders.Order) -> None:
        sentence, tone = ball(order, self.now)
        title = say(
            (order.resource_name or order.offering_name, "strong"), "   ", order_badge(order.state),
            (f"   {order.type}", "muted"),
        )  # fmt: skip
        found, about = steps(order, self.now), self._facts(order)
        below = [Content(""), prose((sentence, tone)), *self._hint()]
        self.query_one("#order-title", Block).show(title)
        self.query_one("#order-pipeline", Block).show(lambda width: lines([draw(found, width), *below]))
        self.query_one("#order-progress", Block).show(lambda width: came(self.progress, self.now, width))
        self.query_one("#order-facts", Block).show(lambda width: facts(about, width))
        self.query_one("#order-words", Block).show(lines(self._words(order)))

    def _hint(self) -> list[Content]:
        """The keys that act on it now, said where one looks."""
        known = {"approve_by_consumer": ("a", _("approve")), "approve_by_provider": ("a", _("approve")),
                 "reject_by_consumer": ("x", _("reject")), "reject_by_provider": ("x", _("reject")),
                 "cancel": ("c", _("cancel")), "retry": ("t", _("try again")),
                 "set_state_done": ("d", _("report done")), "set_state_erred": ("e", _("report failure"))}  # fmt: skip
        pieces: list[Piece] = []
        for key, words in dict.fromkeys(known[action] for action in self.actions if action in known):
            pieces += [(f"{key} ", "key"), (f"{words}    ", "")]
        return [say((_("You can: "), "muted"), *pieces)] if pieces else []

    def _facts(self, order: orders.Order) -> list[tuple[str, Piece]]:
        rows: list[tuple[str, Piece]] = [
            (_("Offering"), say(order.offering_name, (f"  {order.provider_name}", "muted"))),
            (_("For"), say(order.customer_name, (" ▸ ", "faint"), order.project_name)),
        ]
        if order.plan_name:
            was = order.old_plan_name if order.old_plan_name not in (None, order.plan_name) else None
            rows.append((_("Plan"), f"{was} → {order.plan_name}" if was else order.plan_name))
        if order.cost is not None:
            unit = _unit(order)
            cost = say((money(order.cost, self.session.currency), "strong"), (f"  {unit}", "muted"))
            rows.append((_("Cost"), cost))
        rows += self._limits(order)
        rows += answers(order.attributes, self.parts.options if self.parts is not None else None)
        by = order.created_by_full_name or order.created_by_username or "–"
        rows.append((_("Ordered"), say(by, (f"  {dates.moment(order.created)}", "muted"))))
        if order.start_date:
            rows.append((_("Start date"), dates.day(order.start_date)))
        return rows

    def _limits(self, order: orders.Order) -> list[tuple[str, Piece]]:
        """The limits asked for; in an order to change them also what they were."""
        known = {part.type: part for part in self.parts.components} if self.parts is not None else {}
        old = order.attributes.get("old_limits")
        rows: list[tuple[str, Piece]] = []
        for kind, limit in order.limits.items():
            part = known.get(kind)
            unit = f" {part.measured_unit}" if part is not None and part.measured_unit else ""
            was = old.get(kind) if isinstance(old, dict) else None
            change = f"{number(was)} → " if isinstance(was, int | float) and was != limit else ""
            rows.append((part.name if part is not None else kind, f"{change}{number(limit)}{unit}"))
        return rows

    def _words(self, order: orders.Order) -> list[Content]:
        said = (
            (_("Comment"), order.request_comment, ""),
            (_("Rejected by the customer"), order.consumer_rejection_comment, "bad"),
            (_("Rejected by the provider"), order.provider_rejection_comment, "bad"),
            (_("Reason for the end"), order.termination_comment, ""),
            (_("Message"), order.output, ""),
            (_("Error"), order.error_message, "bad"),
        )
        rows: list[Content] = []
        for title, text, tone in said:
            if text:
                rows += [say((title, "label")), prose((text, tone)), Content("")]
        return rows

    # What I may do.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what the server says that I may do now."""
        wanted = {
            "approve": APPROVALS,
            "reject": REJECTIONS,
            "cancel": ("cancel",),
            "retry": ("retry",),
            "done": ("set_state_done",),
            "erred": ("set_state_erred",),
        }.get(action)
        if wanted is not None:
            return any(name in self.actions for name in wanted)
        if action == "resource":
            return self.order is not None and isinstance(self.order.marketplace_resource_uuid, str)
        return True

    def _send(self, endpoint: Endpoint[Any, Any], body: Any, done: str) -> None:
        self.act(lambda: self.api(endpoint, body, uuid=self.argument), done)

    def action_approve(self) -> None:
        if "approve_by_provider" in self.actions:
            self._send(orders.APPROVE_BY_PROVIDER, orders.Approval(), _("Approved."))
        elif "approve_by_consumer" in self.actions:
            self._send(orders.APPROVE_BY_CONSUMER, Nothing(), _("Approved."))

    def action_reject(self) -> None:
        def rejected(reason: str) -> None:
            if "reject_by_provider" in self.actions:
                said = orders.Rejection(provider_rejection_comment=reason)
                self._send(orders.REJECT_BY_PROVIDER, said, _("Rejected."))
            elif "reject_by_consumer" in self.actions:
                said = orders.Rejection(consumer_rejection_comment=reason)
                self._send(orders.REJECT_BY_CONSUMER, said, _("Rejected."))

        self._ask(
            _("Reject the order"), _("Say why: whoever ordered it will read this."), _("Reject"), rejected
        )

    def action_erred(self) -> None:
        def failed(reason: str) -> None:
            self._send(orders.SET_ERRED, orders.Failure(error_message=reason), _("Reported as failed."))

        self._ask(_("It failed"), _("What went wrong? The customer sees it."), _("Report"), failed)

    def _ask(self, title: str, text: str, yes: str, then: Callable[[str], None]) -> None:
        def answered(reason: str | None) -> None:
            if reason is not None:
                then(reason)

        self.app.push_screen(ReasonModal(title, text, yes), answered)

    def action_cancel(self) -> None:
        def answered(sure: bool | None) -> None:
            if sure:
                self._send(orders.CANCEL, Nothing(), _("Canceled."))

        text = _("The order is withdrawn. You can order again any time.")
        self.app.push_screen(ConfirmModal(_("Cancel the order?"), text, _("Cancel the order")), answered)

    def action_retry(self) -> None:
        self._send(orders.RETRY, Nothing(), _("Trying again."))

    def action_done(self) -> None:
        self._send(orders.SET_DONE, Nothing(), _("Reported as done."))

    def action_resource(self) -> None:
        if self.order is not None and isinstance(self.order.marketplace_resource_uuid, str):
            self.mercato.nav.open(f"resource/{self.order.marketplace_resource_uuid}")


def _unit(order: orders.Order) -> str:
    """What the cost is for: a unit of the plan, or the months that are paid for in advance."""
    months = order.attributes.get("prepaid_months") or order.attributes.get("extension_months")
    if isinstance(months, int):
        return some("for {n} month", "for {n} months", months)
    return per(order.plan_unit) if order.plan_unit else ""
