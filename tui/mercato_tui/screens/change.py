"""Ordering a change of a running resource, other limits or another plan, with the difference in price."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from mercato.schemas import catalog, orders, resources
from mercato.schemas.plans import Plan
from mercato_tui.api import ApiError
from mercato_tui.i18n import _
from mercato_tui.modals.base import button
from mercato_tui.money import per, price
from mercato_tui.pricing_input import change_receipts
from mercato_tui.screens.base import Page
from mercato_tui.text import prose, say
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.fields import Field, RadioField
from mercato_tui.widgets.form import LIMIT, Form, limit_field
from mercato_tui.widgets.notice import Notice
from mercato_tui.widgets.receipt import ReceiptPanel


class ChangePage(Page):
    """A form on the left, the receipt of the change on the right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "submit", _("Order the change"), id="change.submit", priority=True),
    ]
    AUTO_FOCUS = "Input, Control"
    title_words: ClassVar[str] = ""

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.resource: resources.Resource | None = None
        self.plans: list[Plan] = []

    def body(self) -> ComposeResult:
        with Horizontal(id="order-area"):
            yield Form(id="form")
            panel = ReceiptPanel(id="receipt")
            panel.border_title = say(_("What changes"))
            yield panel

    async def fetch(self) -> None:
        if self.resource is not None:
            return
        found = await self.api(resources.RESOURCE, uuid=self.argument)
        offering = await self.api(catalog.PUBLIC_OFFERING, uuid=found.offering_uuid)
        self.resource = found
        self.plans = [plan for plan in offering.plans if plan.is_active or plan.uuid == found.plan_uuid]
        panel = self.query_one(ReceiptPanel)
        panel.heading = found.name
        panel.zone = self.session.zone(found.customer_uuid)
        form = self.query_one(Form)
        await form.remove_children()
        intro = Static(prose((self.intro(found), "muted")), markup=False, classes="form-text")
        await form.mount(intro, *self.fields(found), button(self.title_words, "submit", "-main"))
        self.reckon()
        if form.fields:
            next(iter(form.fields.values())).widget().focus()

    def intro(self, found: resources.Resource) -> str:
        """What this form is for."""
        raise NotImplementedError

    def fields(self, found: resources.Resource) -> list[Field]:
        """The questions."""
        raise NotImplementedError

    def wanted(self) -> tuple[str | None, Mapping[str, int | Decimal | None]]:
        """The plan (uuid) and the limits that the form asks for."""
        raise NotImplementedError

    async def order(self, values: dict[str, Any]) -> orders.OrderRef:
        """Send the order. Raises ApiError."""
        raise NotImplementedError

    def on_field_changed(self, event: Field.Changed) -> None:
        event.stop()
        self.reckon()

    def reckon(self) -> None:
        """The receipt of what the form says now."""
        found, panel = self.resource, self.query_one(ReceiptPanel)
        if found is None:
            return
        plan_uuid, limits = self.wanted()
        old = next((plan for plan in self.plans if plan.uuid == found.plan_uuid), None)
        new = next((plan for plan in self.plans if plan.uuid == plan_uuid), None)
        if old is None or new is None:
            panel.show_problem(_("The price of this change cannot be shown; the order will say it."))
            return
        try:
            before, after = change_receipts(
                old,
                new,
                found.offering_components,
                found.limits,
                limits,
                since=found.created,
                at=self.now,
                zone=panel.zone,
                currency=self.session.currency,
                resource_name=found.name,
                offering_name=found.offering_name,
            )
        except ValueError as problem:
            panel.show_problem(str(problem))
            return
        panel.show_receipt(after, before=before)

    def action_submit(self) -> None:
        form = self.query_one(Form)
        if self.resource is None or not form.check():
            return
        values = form.values()
        self.act(lambda: self.order(values), _("Ordered."), self._to_order)

    def _to_order(self, made: orders.OrderRef) -> None:
        self.mercato.nav.replace(f"order/{made.order_uuid}")

    def failed(self, problem: ApiError) -> None:
        homeless = self.query_one(Form).complain(problem.fields)
        if homeless or not problem.fields:
            rest = ApiError(problem.status, problem.detail, fields=homeless, code=problem.code)
            super().failed(rest)
        else:
            self.query_one(Notice).clear()


class LimitsPage(ChangePage):
    """Other limits for a resource."""

    heading = _("Change limits")
    title_words = _("Order these limits")
    help_text: ClassVar[str] = _(
        "Type the limits you want. The receipt shows what each month costs then, and the difference to now. "
        "ctrl+s orders the change."
    )

    def intro(self, found: resources.Resource) -> str:
        return _("How much should {name} have?").format(name=found.name)

    def fields(self, found: resources.Resource) -> list[Field]:
        return [
            limit_field(part, found.limits.get(part.type))
            for part in found.offering_components
            if part.billing_type == "limit"
        ]

    def wanted(self) -> tuple[str | None, Mapping[str, int | Decimal | None]]:
        found = self.resource
        if found is None:
            return None, {}
        typed = {name.removeprefix(LIMIT): value for name, value in self.query_one(Form).values().items()}
        return found.plan_uuid, found.limits | {
            name: value for name, value in typed.items() if value is not None
        }

    async def order(self, values: dict[str, Any]) -> orders.OrderRef:
        limits = {name.removeprefix(LIMIT): value for name, value in values.items() if value is not None}
        return await self.api(orders.UPDATE_LIMITS, orders.NewLimits(limits=limits), uuid=self.argument)


class PlanPage(ChangePage):
    """Another plan for a resource."""

    heading = _("Switch plan")
    title_words = _("Order this plan")
    help_text: ClassVar[str] = _(
        "Choose a plan with the arrows. The receipt compares it with the present one. ctrl+s orders the switch."
    )

    def intro(self, found: resources.Resource) -> str:
        return _("{name} has the plan {plan} now.").format(name=found.name, plan=found.plan_name or "–")

    def fields(self, found: resources.Resource) -> list[Field]:
        currency = self.session.currency
        items = [
            Item(plan.uuid, plan.name, f"{price(plan.unit_price, currency)} {per(plan.unit)}")
            for plan in self.plans
            if not plan.archived or plan.uuid == found.plan_uuid
        ]
        return [RadioField("plan", _("Plan"), items, found.plan_uuid or "", required=True)]

    def wanted(self) -> tuple[str | None, Mapping[str, int | Decimal | None]]:
        found = self.resource
        if found is None:
            return None, {}
        return self.query_one(Form).values().get("plan"), dict(found.limits)

    async def order(self, values: dict[str, Any]) -> orders.OrderRef:
        plan = next((one for one in self.plans if one.uuid == values["plan"]), None)
        link = plan.url if plan is not None else str(values["plan"])
        return await self.api(orders.SWITCH_PLAN, orders.NewPlanChoice(plan=link), uuid=self.argument)
