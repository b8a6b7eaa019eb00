"""Site agents: which work for my offerings, how they are, and what they log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from msgspec import UNSET
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from mercato.schemas import DetailQuery, Nothing, site_agents
from mercato.schemas.site_agents import AgentConnection, Identity, LogEntry, LogLevel
from mercato_tui import dates
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.modals.confirm import ConfirmModal
from mercato_tui.modals.tell import TellModal
from mercato_tui.screens.list_page import ListPage
from mercato_tui.session import uuid
from mercato_tui.text import Piece, lines, prose, say
from mercato_tui.widgets.agent import (
    LEVELS,
    agent_badge,
    heard,
    listening,
    restarted,
    service_lines,
)
from mercato_tui.widgets.block import Block
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.facts import facts
from mercato_tui.widgets.vtable import Column

CELLS = 38


class AgentsPage(ListPage[Identity]):
    """The agents of my offerings."""

    heading = _("Site agents")
    renew_every = 15.0
    searchable = False
    preview_pane = True
    help_text: ClassVar[str] = _(
        "A site agent carries out orders, accounts and usage reports at your site. An agent is silent when "
        "nothing was heard of one of its services for an hour. Enter shows what runs in it and what it logs."
    )

    def __init__(self, argument: str = "") -> None:
        super().__init__(argument)
        self.connected: dict[str, AgentConnection] = {}

    def columns(self) -> Sequence[Column[Identity]]:
        return (
            Column(_("State"), agent_badge, width=12),
            Column(_("Agent"), lambda row: (row.name, "strong"), flex=3, least=14),
            Column(_("Offering"), lambda row: (self._offering(row), ""), flex=3, least=12),
            Column(_("Version"), self._version, width=10, drop=2),
            Column(
                _("Restarted"), lambda row: (dates.ago(restarted(row), self.now), "muted"), width=12, drop=3
            ),
            Column(_("Heard of"), lambda row: (dates.ago(heard(row), self.now), "muted"), width=12, drop=1),
        )

    def _offering(self, row: Identity) -> str:
        found = self.connected.get(row.uuid)
        return found.offering_name if found is not None else "–"

    def _version(self, row: Identity) -> Piece:
        tone = "bad" if row.compatibility.status.value == "incompatible" else ""
        return (row.version or "–", tone)

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[Identity]:
        states = await self.api(site_agents.CONNECTIONS, DetailQuery())
        self.connected = {agent.uuid: agent for agent in states.agents}
        query = site_agents.IdentityQuery(page=page, page_size=size)
        return await self.api.page(site_agents.IDENTITIES, query)

    def preview(self, row: Identity) -> Content:
        services = [
            say(("  ", ""), (one.name, ""), (f"  {one.mode or ''}  {one.state}", "muted"))
            for one in row.services
        ]
        return lines(
            [
                say((row.name, "strong")),
                say(agent_badge(row)),
                Content(""),
                facts(about(row, self.connected.get(row.uuid), self.now), CELLS, 11),
                Content(""),
                say((_("Services"), "label")),
                *(services or [say((_("none yet"), "muted"))]),
            ]
        )

    def choose(self, row: Identity) -> None:
        self.mercato.nav.open(f"agent/{row.uuid}")

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        return (
            _("No site agent works for your offerings yet."),
            _("Start waldur_site_agent with this server's address and your token; it registers itself."),
        )


def about(agent: Identity, connected: AgentConnection | None, now: datetime) -> list[tuple[str, Piece]]:
    """What an agent tells about itself."""
    rows: list[tuple[str, Piece]] = [
        (_("Offering"), connected.offering_name if connected is not None else "–"),
        (_("Version"), agent.version or "–"),
        (_("Restarted"), dates.moment(restarted(agent))),
        (_("Heard of"), dates.ago(heard(agent), now)),
        (_("Events"), listening(connected)),
    ]
    if agent.compatibility.message:
        rows.append((_("Careful"), (agent.compatibility.message, "warn")))
    if agent.config_file_path:
        rows.append((_("Settings"), (agent.config_file_path, "muted")))
    return rows


class AgentPage(ListPage[LogEntry]):
    """One agent: what runs in it, and its log as it grows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "config", _("Settings file"), id="agent.config"),
        Binding("D", "forget", _("Forget it"), id="agent.forget"),
    ]
    heading = _("Site agent")
    renew_every = 5.0
    searchable = False
    help_text: ClassVar[str] = _(
        "What runs in the agent stands on top, what it logs below, newest first. The left and right arrows choose "
        "how bad it must be to be shown, enter shows an entry whole. c shows its settings, D forgets the agent: "
        "it comes back when it starts again."
    )

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.agent: Identity | None = None

    def filters(self) -> list[Item]:
        return [
            Item("", _("All")),
            Item("INFO", _("Without details")),
            Item("WARNING", _("Warnings")),
            Item("ERROR", _("Errors")),
        ]

    def columns(self) -> Sequence[Column[LogEntry]]:
        return (
            Column(_("When"), lambda row: (_stamp(row, self.now), "muted"), width=12),
            Column(_("Level"), lambda row: (row.level, LEVELS.get(row.level, "")), width=8),
            Column(_("Message"), lambda row: row.message, flex=4, least=30),
            Column(_("Module"), lambda row: (row.module, "faint"), flex=1, least=14, drop=1),
        )

    def body(self) -> ComposeResult:
        yield Block(skeleton=5, id="agent", classes="section")
        yield from super().body()

    async def fetch(self) -> None:
        found = await self.api(site_agents.IDENTITY, uuid=self.argument)
        query = site_agents.ServiceQuery(page=1, page_size=50, identity_uuid=uuid(self.argument))
        services = await self.api(site_agents.SERVICES, query)
        states = await self.api(site_agents.CONNECTIONS, DetailQuery())
        self.agent = found
        self.rename(found.name)
        connected = next((one for one in states.agents if one.uuid == found.uuid), None)

        def draw(width: int) -> Content:
            head = say((found.name, "strong"), "   ", agent_badge(found))
            rows = about(found, connected, self.now)
            return lines([head, facts(rows, width, 11), *service_lines(services, self.now, width)])

        self.query_one("#agent", Block).show(draw)
        self.refresh_bindings()
        await super().fetch()

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[LogEntry]:
        levels = list(LogLevel)
        query = site_agents.LogQuery(
            page=page,
            page_size=size,
            agent_identity_uuid=uuid(self.argument),
            level=levels[levels.index(LogLevel(choice)) :] if choice else UNSET,
        )
        return await self.api.page(site_agents.LOGS, query)

    def choose(self, row: LogEntry) -> None:
        moment = dates.moment(datetime.fromtimestamp(row.timestamp, UTC))
        head = say(
            (moment, "muted"), "  ", (row.level, LEVELS.get(row.level, "")), (f"  {row.module}", "muted")
        )
        whole = lines([head, Content(""), prose(row.message)])
        self.app.push_screen(TellModal(_("Log entry"), whole, row.message))

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if choice:
            return _("It has logged nothing of this kind."), _("The left arrow shows more.")
        return _("It has sent no log yet."), _("An agent sends its log when its settings say so.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Its settings where it told them; forgetting where my role allows it."""
        if action == "config":
            return self.agent is not None and bool(self.agent.config_file_content)
        if action == "forget":
            session, found = self.mercato.session, self.agent
            return session is not None and found is not None and session.is_provider
        return super().check_action(action, parameters)

    def action_config(self) -> None:
        found = self.agent
        if found is not None and found.config_file_content:
            title = found.config_file_path or _("Settings file")
            self.app.push_screen(TellModal(title, found.config_file_content, found.config_file_content))

    def action_forget(self) -> None:
        found = self.agent
        if found is None:
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.act(
                    lambda: self.api(site_agents.IDENTITY_DELETE, Nothing(), uuid=found.uuid),
                    _("Forgotten: {name}").format(name=found.name),
                    lambda _done: self.mercato.nav.up(),
                )

        text = _("{name}, its services and its log go. It registers again when it is started.")
        self.app.push_screen(
            ConfirmModal(_("Forget the agent?"), text.format(name=found.name), _("Forget it")), answered
        )


def _stamp(row: LogEntry, now: datetime) -> str:
    """The time of day of today's entries, the day of older ones."""
    at = datetime.fromtimestamp(row.timestamp, UTC).astimezone()
    return f"{at:%H:%M:%S}" if at.date() == now.astimezone().date() else dates.day(at)
