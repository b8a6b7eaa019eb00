"""One resource: how it is, how much of it is used, how to get in, and what can be done with it."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from mercato.schemas import Endpoint, accounts, orders, resources, usage
from mercato_tui import dates
from mercato_tui.api import ApiError
from mercato_tui.i18n import _
from mercato_tui.modals.ask import AskModal
from mercato_tui.modals.confirm import TypedModal
from mercato_tui.money import money
from mercato_tui.screens.base import Page
from mercato_tui.template import fill
from mercato_tui.text import Piece, lines, prose, say
from mercato_tui.views import OrderRow
from mercato_tui.widgets.badge import order_badge, order_words, resource_badge, resource_state
from mercato_tui.widgets.block import Block
from mercato_tui.widgets.facts import answers, facts
from mercato_tui.widgets.fields import DateField, NumberField
from mercato_tui.widgets.md import document
from mercato_tui.widgets.people import People, people_of
from mercato_tui.widgets.usage import gauge_lines, gauges
from mercato_tui.widgets.vlist import VList
from mercato_tui.widgets.vtable import Column, VTable

MOVING = ("Creating", "Updating", "Terminating")
POLL = 1.0
HISTORY = 20
PEOPLE = 8


class ResourcePage(Page):
    """What the customer sees of a resource."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "limits", _("Change limits"), id="resource.limits"),
        Binding("p", "plan", _("Switch plan"), id="resource.plan"),
        Binding("u", "usage", _("Report usage"), id="resource.usage"),
        Binding("D", "terminate", _("Terminate"), id="resource.terminate"),
        Binding("o", "order", _("Open the order under way"), id="resource.order"),
        Binding("a", "robots", _("Robot accounts"), id="resource.robots"),
        Binding("L", "log", _("Event log"), id="resource.log"),
        Binding("y", "copy", _("Copy address"), id="resource.copy", show=False),
    ]
    heading = _("Resource")
    endpoint: ClassVar[Endpoint[Any, resources.Resource]] = resources.RESOURCE
    help_text: ClassVar[str] = _(
        "Usage is shown against the limits of the present period. l orders other limits and p another plan: "
        "both show beforehand what changes in the price. D ends the resource, after you typed its name. "
        "a shows the accounts of its programs, L what happened to it."
    )

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.resource: resources.Resource | None = None
        self._team = accounts.TEAM if self.endpoint is resources.RESOURCE else accounts.PROVIDER_TEAM

    def body(self) -> ComposeResult:
        with VerticalScroll(classes="scroll", can_focus=True):
            yield Block(skeleton=1, id="resource-title", classes="title-line")
            with Vertical(classes="columns"):
                with Vertical(classes="column -main"):
                    yield Static(say((_("Usage"), "label")), markup=False)
                    yield Block(skeleton=3, id="resource-usage", classes="section")
                    yield Block(skeleton=0, id="resource-access", classes="section")
                with Vertical(classes="column"):
                    yield Static(say((_("About"), "label")), markup=False)
                    yield Block(skeleton=4, id="resource-facts", classes="section")
            yield Static(say((_("People"), "label")), markup=False)
            yield People(id="resource-people")
            yield Static(say((_("History"), "label")), markup=False)
            yield VTable(
                (
                    Column(_("Order"), lambda row: row.type, width=10),
                    Column(_("State"), lambda row: order_badge(row.state), width=20),
                    Column(_("By"), lambda row: row.created_by_full_name or "–", flex=1, drop=1),
                    Column(_("Cost"), self._cost, width=12, align="right", drop=2),
                    Column(_("When"), lambda row: (dates.ago(row.created, self.now), "muted"), width=13,
                           align="right"),
                ),
                id="resource-history",
            )  # fmt: skip

    def _cost(self, row: OrderRow) -> Piece:
        return money(row.cost, self.session.currency) if row.cost is not None else ("–", "faint")

    async def fetch(self) -> None:
        found = await self._read()
        self.resource = found
        self.poll = POLL if found.state in MOVING or found.order_in_progress is not None else 0
        self.rename(found.name)
        self._show(found)
        self.refresh_bindings()
        query = orders.OrderQuery(
            page=1, page_size=HISTORY, o=["-created"], marketplace_resource_uuid=_uuid(self.argument)
        )
        history = await self.api.some(orders.ORDERS, OrderRow, query)
        self.query_one("#resource-history", VTable).put_all(history.rows)
        people = await people_of(self.api, self._team, self.argument, self.now.date())
        self.query_one(People).put_all(people)
        self.query_one(People).styles.height = min(PEOPLE, max(1, len(people))) + 1

    async def _read(self) -> resources.Resource:
        """The resource; a provider who has no part in the project sees it as its provider."""
        try:
            return await self.api(self.endpoint, uuid=self.argument)
        except ApiError as problem:
            if problem.status != 404 or not self.session.is_provider:
                raise
        self._team = accounts.PROVIDER_TEAM
        return await self.api(resources.PROVIDER_RESOURCE, uuid=self.argument)

    @property
    def state(self) -> str:
        found = self.resource
        return resource_state(found.state, found.creation_order) if found is not None else ""

    def _show(self, found: resources.Resource) -> None:
        head = [
            say(
                (found.name, "strong"), "   ", resource_badge(self.state),
                (f"   {found.category_title}", "muted"),
            )
        ]  # fmt: skip
        if found.order_in_progress is not None:
            order = found.order_in_progress
            words = _("An order to {what} it is under way: {state}. o opens it.").format(
                what=order.type.lower(), state=order_words(order.state)
            )
            head.append(say((words, "warn")))
        if found.error_message:
            head.append(prose(("✖ ", "bad"), (found.error_message, "bad")))
        self.query_one("#resource-title", Block).show(lines(head))
        shown = gauges(found.offering_components, found.limits, found.limit_usage, found.current_usages)
        about = self._facts(found)
        self.query_one("#resource-usage", Block).show(lambda width: lines(gauge_lines(shown, width)))
        self.query_one("#resource-access", Block).show(lines(self._access(found)))
        self.query_one("#resource-facts", Block).show(lambda width: facts(about, width, 13))

    def _access(self, found: resources.Resource) -> list[Content]:
        rows: list[Content] = []
        if found.endpoints:
            rows.append(say((_("Access"), "label")))
            rows += [say((f"{link.name}  ", "muted"), (link.url, "secondary")) for link in found.endpoints]
            rows.append(Content(""))
        if found.getting_started.strip():
            rows += [say((_("Getting started"), "label")), document(fill(found.getting_started, found))]
        return rows

    def _facts(self, found: resources.Resource) -> list[tuple[str, Piece]]:
        rows: list[tuple[str, Piece]] = [
            (_("Offering"), found.offering_name),
            (_("Provider"), found.provider_name),
            (_("Organisation"), found.customer_name),
            (_("Project"), found.project_name),
            (_("Plan"), found.plan_name or "–"),
            (_("Since"), dates.day(found.created)),
            (_("Ends"), dates.until(found.end_date, self.now)),
        ]
        if found.backend_id:
            rows.append((_("Backend id"), (found.backend_id, "muted")))
        return [*rows, *answers(found.attributes)]

    def on_vlist_chosen(self, event: VList.Chosen) -> None:
        event.stop()
        self.mercato.nav.open(f"order/{event.row.uuid}")

    # What I may do.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What the state and my roles allow; the server has the last word."""
        found = self.resource
        if action not in ("limits", "plan", "usage", "terminate", "order", "copy"):
            return True
        if found is None:
            return False
        free = found.order_in_progress is None
        ours = (found.project_uuid, found.customer_uuid)
        theirs = (found.offering_uuid, found.provider_uuid)
        may = self.session.may
        match action:
            case "limits":
                limited = any(part.billing_type == "limit" for part in found.offering_components)
                return free and limited and found.state == "OK" and may("RESOURCE.SET_LIMITS", *ours)
            case "plan":
                return free and found.state == "OK" and may("RESOURCE.SET_PLAN", *ours)
            case "usage":
                used = found.state in ("OK", "Updating", "Terminating")
                return used and bool(self._metered()) and may("RESOURCE.SET_USAGE", *theirs)
            case "terminate":
                ends = found.state in ("OK", "Erred")
                return free and ends and may("RESOURCE.TERMINATE", *ours, theirs[1])
            case "copy":
                return bool(found.endpoints)
        return found.order_in_progress is not None

    def _metered(self) -> list[Any]:
        parts = self.resource.offering_components if self.resource is not None else []
        return [part for part in parts if part.billing_type in ("usage", "limit")]

    def action_limits(self) -> None:
        self.mercato.nav.open(f"limits/{self.argument}")

    def action_plan(self) -> None:
        self.mercato.nav.open(f"plan/{self.argument}")

    def action_robots(self) -> None:
        self.mercato.nav.open(f"robots/{self.argument}")

    def action_log(self) -> None:
        self.mercato.nav.open(f"log-of/resource/{self.argument}")

    def action_order(self) -> None:
        if self.resource is not None and self.resource.order_in_progress is not None:
            self.mercato.nav.open(f"order/{self.resource.order_in_progress.uuid}")

    def action_copy(self) -> None:
        if self.resource is not None and self.resource.endpoints:
            address = self.resource.endpoints[0].url
            self.app.copy_to_clipboard(address)
            self.mercato.say(_("Sent to the terminal's clipboard: {text}").format(text=address))

    def action_terminate(self) -> None:
        found = self.resource
        if found is None:
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.act(
                    lambda: self.api(orders.TERMINATE, orders.Termination(), uuid=self.argument),
                    _("The end of {name} is ordered.").format(name=found.name),
                    self._to_order,
                )

        text = _(
            "{name} will be ended and what is in it may be lost. It is billed until the moment it ends."
        ).format(name=found.name)
        self.app.push_screen(TypedModal(_("Terminate"), text, found.name, _("Terminate")), answered)

    def _to_order(self, made: orders.OrderRef) -> None:
        self.mercato.nav.open(f"order/{made.order_uuid}")

    def action_usage(self) -> None:
        found = self.resource
        if found is None:
            return
        fields = [
            NumberField(
                part.type, part.name, _shown(found.current_usages.get(part.type)), exact=True, least=0,
                unit=part.measured_unit,
            )
            for part in self._metered()
        ]  # fmt: skip

        def answered(sent: bool | None) -> None:
            if sent:
                self.mercato.say(_("Usage reported."))
                self.load()

        self.app.push_screen(
            AskModal(
                _("Report usage"),
                [
                    *fields,
                    DateField("date", _("For the month of"), hint=_("Any day of it; empty: this month")),
                ],
                self._send_usage,
                yes=_("Report"),
                text=_("The month's sum so far. A report replaces the one before it in the same month."),
            ),
            answered,
        )

    async def _send_usage(self, values: dict[str, Any]) -> None:
        day = values.pop("date")
        items = [
            usage.UsageItem(type=kind, amount=amount) for kind, amount in values.items() if amount is not None
        ]
        report = usage.UsageReport(
            usages=items, resource=self.argument, date=dates.noon(day) if day else None
        )
        await self.api(usage.SET_USAGE, report)


class SoldResourcePage(ResourcePage):
    """What the provider sees of a resource of theirs."""

    endpoint: ClassVar[Endpoint[Any, resources.Resource]] = resources.PROVIDER_RESOURCE


def _shown(amount: float | None) -> str | None:
    return f"{amount:g}" if amount is not None else None


def _uuid(text: str) -> Any:
    from mercato_tui.session import uuid

    return uuid(text)
