"""One project: what it is for, its dates, its people."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from mercato.schemas import access, tenants
from mercato_tui import dates
from mercato_tui.i18n import _
from mercato_tui.screens.base import Page
from mercato_tui.session import Context
from mercato_tui.text import Piece, lines, prose, say
from mercato_tui.widgets.block import Block
from mercato_tui.widgets.facts import facts
from mercato_tui.widgets.team import Team


class ProjectPage(Page):
    """A project and its team."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "add", _("Add somebody"), id="team.add"),
        Binding("x", "remove", _("Remove"), id="team.remove"),
        Binding("v", "view", _("Look at this project"), id="project.view"),
        Binding("L,l", "log", _("Event log"), id="project.log"),
    ]
    heading = _("Project")
    AUTO_FOCUS = "Team"
    help_text: ClassVar[str] = _(
        "n adds somebody with a role, x removes the role under the cursor, both where you may. v narrows every "
        "list to this project. L shows what happened in it."
    )

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.project: tenants.Project | None = None

    def body(self) -> ComposeResult:
        yield Block(skeleton=3, id="project-facts", classes="section")
        yield Static(say((_("Team"), "label")), markup=False)
        yield Team(self, access.PROJECT_MEMBERS, "project")

    async def fetch(self) -> None:
        found = await self.api(tenants.PROJECT, uuid=self.argument)
        self.project = found
        self.rename(found.name)
        rows: list[tuple[str, Piece]] = [
            (_("Organisation"), found.customer_name),
            (_("Starts"), dates.day(found.start_date)),
            (_("Ends"), dates.until(found.end_date, self.now)),
            (_("Resources"), str(found.resources_count)),
        ]
        head = [say((found.name, "strong"))]
        if found.description:
            head.append(prose((found.description, "muted")))
        self.query_one("#project-facts", Block).show(lambda width: lines([*head, facts(rows, width)]))
        await self.query_one(Team).read(self.argument)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The team only where my role allows it."""
        names = {"add": "PROJECT.CREATE_PERMISSION", "remove": "PROJECT.DELETE_PERMISSION"}
        if action in names:
            found = self.project
            return found is not None and self.session.may(names[action], found.uuid, found.customer_uuid)
        return True

    def action_add(self) -> None:
        if self.project is not None:
            self.query_one(Team).bring_in(self.argument, self.project.name)

    def action_remove(self) -> None:
        if self.project is not None:
            self.query_one(Team).take_away(self.argument, self.project.name)

    def action_view(self) -> None:
        found = self.project
        if found is not None:
            self.session.context = Context(found.customer_uuid, found.customer_name, found.uuid, found.name)
            self.mercato.frame_changed()
            self.mercato.nav.go("resources")

    def action_log(self) -> None:
        self.mercato.nav.open(f"log-of/project/{self.argument}")
