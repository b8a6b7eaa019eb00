"""The event log: what happened, newest first; everywhere, or in one organisation, project or resource."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import UNSET
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from mercato.schemas import events
from mercato.schemas.events import Event, EventGroup
from mercato_tui import dates
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.screens.base import Page
from mercato_tui.screens.list_page import ListPage
from mercato_tui.session import uuid
from mercato_tui.widgets.block import Block
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.event import about, entry, tone, where, who
from mercato_tui.widgets.vtable import Column

G = EventGroup
GROUPS: dict[str, tuple[EventGroup, ...]] = {
    "resources": (G.RESOURCES, G.PROVIDERS, G.USAGE),
    "money": (G.INVOICES, G.BILLING, G.CREDITS),
    "people": (G.USERS, G.PERMISSIONS, G.PROJECTS, G.CUSTOMERS, G.TERMS_OF_SERVICE),
    "access": (G.AUTH, G.SSH, G.SERVICE_ACCOUNTS),
    "offerings": (G.OFFERING_ACCOUNTING, G.CATALOG, G.POLICIES),
    "agents": (G.SITE_AGENTS,),
}
PREVIEW = 38


class LogPage(ListPage[Event]):
    """What happened; every business act leaves an entry."""

    heading = _("Event log")
    renew_every = 15.0
    placeholder = _("/ words")
    preview_pane = True
    help_text: ClassVar[str] = _(
        "Every act leaves an entry: who did what to what. The left and right arrows go through the groups, / "
        "finds words. Enter shows all that an entry knows. L on an organisation, a project or a resource shows "
        "only what happened there."
    )

    def filters(self) -> list[Item]:
        return [
            Item("", _("All")),
            Item("resources", _("Resources")),
            Item("money", _("Money")),
            Item("people", _("People")),
            Item("access", _("Access")),
            Item("offerings", _("Offerings")),
            Item("agents", _("Agents")),
        ]

    def columns(self) -> Sequence[Column[Event]]:
        return (
            Column(_("When"), lambda row: (dates.ago(row.created, self.now), "muted"), width=11),
            Column(_("What happened"), lambda row: (row.message, tone(row.event_type)), flex=5, least=40),
            Column(_("By"), lambda row: (who(row), "secondary"), width=13, drop=1),
            Column(_("Where"), lambda row: (where(row), "muted"), flex=2, least=14, drop=2),
        )

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[Event]:
        query = events.EventQuery(
            page=page,
            page_size=size,
            message=text or UNSET,
            feature=list(GROUPS.get(choice, ())) or ([EventGroup(choice)] if choice else UNSET),
        )
        return await self.api.page(events.LOG, self.within(query))

    def within(self, query: events.EventQuery) -> events.EventQuery:
        """The same question about what is looked at: `@` narrows the whole log."""
        narrowed: events.EventQuery = self.session.narrowed(query)
        return narrowed

    def arrive(self, search: str, filters: dict[str, str]) -> None:
        """`:log state=invoices` takes any group of events, also those without a chip of their own."""
        group = filters.get("group") or filters.get("state", "")
        if group in list(EventGroup) and group not in GROUPS:
            self.bar.chips.offer([*self.filters(), Item(group, group.replace("_", " ").capitalize())])
        super().arrive(search, {**filters, "state": group})

    def choose(self, row: Event) -> None:
        self.mercato.nav.open(f"event/{row.uuid}")

    def preview(self, row: Event) -> Content:
        return entry(row, PREVIEW)

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if text or choice:
            return (
                _("Nothing like that has happened."),
                _("Press / to change the search, ← and → for another group."),
            )
        return _("Nothing has happened yet."), _("Every act leaves an entry here, at once.")


class ScopeLogPage(LogPage):
    """What happened to one thing and in everything it holds. The argument is `kind/uuid`."""

    heading = _("Event log")

    def within(self, query: events.EventQuery) -> events.EventQuery:
        kind, _slash, uuid_ = self.argument.rpartition("/")
        customer = self.session.customers.get(uuid_)
        if kind == "organisation" and customer is not None and customer.is_service_provider:
            # Whoever sells wants to see what customers do with it.
            query.provider_uuid = uuid(uuid_)
        else:
            query.scope = uuid_
        return query


class EventPage(Page):
    """All that one entry knows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o,enter", "about", _("Open what it is about"), id="event.about"),
    ]
    heading = _("Entry")
    help_text: ClassVar[str] = _(
        "o opens the resource, the project or the organisation that the entry is about."
    )

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.event: Event | None = None

    def body(self) -> ComposeResult:
        with VerticalScroll(classes="scroll", can_focus=True):
            yield Block(skeleton=6, id="event")

    async def fetch(self) -> None:
        found = await self.api(events.LOG_ENTRY, id=self.argument)
        self.event = found
        self.query_one("#event", Block).show(lambda width: entry(found, width))
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Only where the entry is about something that has a page."""
        if action == "about":
            return self.event is not None and about(self.event) is not None
        return super().check_action(action, parameters)

    def action_about(self) -> None:
        found = about(self.event) if self.event is not None else None
        if found is not None:
            self.mercato.nav.open("/".join(found))
