"""Configure an order: the form on the left, the living receipt on the right."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from mercato.schemas import catalog, orders, tenants
from mercato.schemas.plans import Plan
from mercato_tui.api import ApiError
from mercato_tui.i18n import _
from mercato_tui.modals.base import button
from mercato_tui.pricing_input import order_receipt
from mercato_tui.screens.base import Page
from mercato_tui.text import prose, say
from mercato_tui.views import ProjectRow
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.fields import ChoiceField, DateField, Field, RadioField, TextField, TickField
from mercato_tui.widgets.form import (
    LIMIT,
    MONTHS,
    OPTION,
    Form,
    for_wire,
    limit_field,
    months_field,
    option_fields,
)
from mercato_tui.widgets.notice import Notice
from mercato_tui.widgets.plans import headline, sold
from mercato_tui.widgets.receipt import ReceiptPanel

MOST_PROJECTS = 300
TERMS_SHOWN = 300


class ConfigurePage(Page):
    """Everything an offering asks, with what it costs moving on each keystroke."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "submit", _("Order"), id="configure.submit", priority=True),
    ]
    heading = _("Order")
    AUTO_FOCUS = ""
    help_text: ClassVar[str] = _(
        "Tab and the arrows go through the form; enter on a choice opens it. The receipt on the right is computed "
        "by the same rules that will bill you. ctrl+s sends the order. Leaving keeps what you typed."
    )

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.offering: catalog.Offering | None = None
        self.projects: dict[str, ProjectRow] = {}
        self.plans: dict[str, Plan] = {}
        self._sent: tuple[bytes, str] | None = None

    def body(self) -> ComposeResult:
        with Horizontal(id="order-area"):
            yield Form(id="form")
            panel = ReceiptPanel(id="receipt")
            panel.border_title = say(_("Receipt"))
            yield panel

    # Building the form.

    async def fetch(self) -> None:
        if self.offering is not None:
            return
        found = await self.api(catalog.PUBLIC_OFFERING, uuid=self.argument)
        query = tenants.ProjectQuery(page=1, page_size=MOST_PROJECTS, o=["name"])
        rows = (await self.api.some(tenants.PROJECTS, ProjectRow, query)).rows
        may = self.session.may
        self.projects = {row.uuid: row for row in rows if may("ORDER.CREATE", row.uuid, row.customer_uuid)}
        self.offering = found
        self.plans = {plan.uuid: plan for plan in sold(found.plans)}
        self.rename(_("Order {name}").format(name=found.name))
        form = self.query_one(Form)
        await form.remove_children()
        await form.mount(*self._parts(found))
        form.restore(self.mercato.drafts.get(self.argument, {}))
        self._reckon()
        self._begin(form)

    def _begin(self, form: Form) -> None:
        """Start where something is missing."""
        fields = form.fields
        empty = [field for field in fields.values() if field.required and not field.raw()]
        first = empty[0] if empty else next(iter(fields.values()))
        first.widget().focus()
        if not self.projects:
            self.query_one(Notice).show_note(
                _("You cannot order for any project."),
                _("Ask an owner of your organisation for a role in a project, then come back."),
            )

    def _parts(self, found: catalog.Offering) -> list[Widget]:
        parts: list[Widget] = [self._project(), *self._called(found)]
        if self.plans:
            parts.append(self._plan())
        limited = [part for part in found.components if part.billing_type == "limit" or part.is_prepaid]
        if limited:
            parts += [_heading(_("How much")), *(limit_field(part) for part in limited)]
        ahead = [part for part in limited if part.is_prepaid]
        if ahead:
            parts.append(months_field(ahead))
        asked = [field for field in option_fields(found.options) if field.key != OPTION + "name"]
        if asked:
            parts += [_heading(_("Details")), *asked]
        parts.append(_heading(_("Before you order")))
        terms = found.terms_of_service_link or found.terms_of_service
        if terms:
            if found.terms_of_service.strip():
                parts.append(Static(prose((_beginning(found), "muted")), markup=False, classes="form-text"))
            parts.append(
                TickField(
                    "accepting_terms_of_service", _("Terms"), required=True,
                    sentence=_("I accept the terms of service"), hint=found.terms_of_service_link,
                )
            )  # fmt: skip
        parts += [
            DateField("start_date", _("Start date"), hint=_("Empty: as soon as it is approved")),
            TextField("request_comment", _("Comment"), hint=_("Whoever approves it reads this")),
            button(_("Order (ctrl+s)"), "submit", "-main"),
        ]
        return parts

    def _project(self) -> ChoiceField:
        items = [Item(row.uuid, row.name, row.customer_name) for row in self.projects.values()]
        here = self.session.context.project_uuid
        chosen = here if here in self.projects else items[0].value if len(items) == 1 else ""
        return ChoiceField(
            "project", _("Project"), items, chosen, prompt=_("choose a project"), required=True
        )

    def _called(self, found: catalog.Offering) -> list[Field]:
        option = found.options.options.get("name")
        label = option.label if option is not None and option.label else _("Name")
        hint = option.help_text if option is not None else ""
        return [
            TextField(OPTION + "name", label, required=True, hint=hint, placeholder=_("what you call it"))
        ]

    def _plan(self) -> RadioField:
        currency = self.session.currency
        items = [Item(plan.uuid, plan.name, headline(plan, currency)) for plan in self.plans.values()]
        return RadioField("plan", _("Plan"), items, items[0].value, required=True)

    # The receipt.

    def on_field_changed(self, event: Field.Changed) -> None:
        event.stop()
        if self.offering is not None:
            self.mercato.drafts[self.argument] = self.query_one(Form).drafts()
            self._reckon()

    def _reckon(self) -> None:
        found, panel = self.offering, self.query_one(ReceiptPanel)
        if found is None:
            return
        values = self.query_one(Form).values()
        plan = self.plans.get(values.get("plan") or "")
        project = self.projects.get(values.get("project") or "")
        panel.zone = self.session.zone(project.customer_uuid) if project is not None else "UTC"
        panel.tax = self.session.tax(project.customer_uuid) if project is not None else panel.tax * 0
        panel.heading = f"{found.name} · {plan.name}" if plan is not None else found.name
        if plan is None:
            panel.show_problem(_("Choose a plan to see the price.") if self.plans else _("Free of charge."))
            return
        typed = {name.removeprefix(LIMIT): value for name, value in values.items() if name.startswith(LIMIT)}
        try:
            panel.show_receipt(
                order_receipt(
                    plan,
                    found.components,
                    typed,
                    at=self.now,
                    zone=panel.zone,
                    currency=self.session.currency,
                    resource_name=values.get(OPTION + "name") or "",
                    offering_name=found.name,
                    months=values.get(MONTHS),
                )
            )
        except ValueError as problem:
            panel.show_problem(str(problem))

    # Sending.

    def action_submit(self) -> None:
        found, form = self.offering, self.query_one(Form)
        if found is None or not form.check():
            return
        order = self._order(found, form.values())
        body = msgspec.json.encode(order)
        if self._sent is None or self._sent[0] != body:
            self._sent = (body, uuid4().hex)
        key = self._sent[1]
        self.act(
            lambda: self.api(orders.ORDER_CREATE, order, headers={"Idempotency-Key": key}),
            _("Ordered: {name}").format(name=order.attributes.get("name", found.name)),
            self._ordered,
        )

    def _order(self, found: catalog.Offering, values: dict[str, Any]) -> orders.NewOrder:
        plan, project = self.plans.get(values.get("plan") or ""), self.projects[values["project"]]
        attributes = {
            name.removeprefix(OPTION): for_wire(value)
            for name, value in values.items()
            if name.startswith(OPTION) and value is not None
        }
        limits = {
            name.removeprefix(LIMIT): value
            for name, value in values.items()
            if name.startswith(LIMIT) and value is not None
        }
        return orders.NewOrder(
            offering=found.url,
            project=project.url,
            plan=plan.url if plan is not None else None,
            attributes=attributes,
            limits=limits,
            accepting_terms_of_service=bool(values.get("accepting_terms_of_service")),
            request_comment=values["request_comment"],
            start_date=values["start_date"],
        )

    def _ordered(self, made: orders.Order) -> None:
        self.mercato.drafts.pop(self.argument, None)
        self.mercato.nav.replace(f"order/{made.uuid}")

    def failed(self, problem: ApiError) -> None:
        """The server's refusals at the fields; what belongs to none of them above the form."""
        homeless = self.query_one(Form).complain(problem.fields)
        if homeless or not problem.fields:
            super().failed(ApiError(problem.status, problem.detail, fields=homeless, code=problem.code))
        else:
            self.query_one(Notice).clear()


def _beginning(found: catalog.Offering) -> str:
    """The terms, or where they are long their beginning and where the rest is."""
    text = found.terms_of_service.strip()
    if len(text) <= TERMS_SHOWN:
        return text
    return f"{text[:TERMS_SHOWN].rstrip()} … {_('(all of it on the page of the offering)')}"


def _heading(text: str) -> Static:
    return Static(say(text), markup=False, classes="form-heading")
