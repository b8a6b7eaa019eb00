"""One project: what it is for, its dates, its people."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from mercato.schemas import access, project_acts, tenants
from mercato_tui import dates
from mercato_tui.i18n import _
from mercato_tui.modals.ask import AskModal
from mercato_tui.money import money
from mercato_tui.screens.base import Page
from mercato_tui.session import Context, given
from mercato_tui.text import Piece, lines, prose, say
from mercato_tui.widgets import describing
from mercato_tui.widgets.block import Block
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.facts import facts
from mercato_tui.widgets.fields import ChoiceField, TickField
from mercato_tui.widgets.team import Team

MOST = 300


class ProjectPage(Page):
    """A project and its team."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", _("Edit"), id="project.edit"),
        Binding("n", "add", _("Add somebody"), id="team.add"),
        Binding("x", "remove", _("Remove"), id="team.remove"),
        Binding("M", "move", _("Move"), id="project.move"),
        Binding("v", "view", _("Look at this project"), id="project.view"),
        Binding("L,l", "log", _("Event log"), id="project.log"),
    ]
    heading = _("Project")
    AUTO_FOCUS = "Team"
    help_text: ClassVar[str] = _(
        "n adds somebody with a role, x removes the role under the cursor, e changes what is written here, each "
        "where you may. v narrows every list to this project. L shows what happened in it. Staff give a project to "
        "another organisation with M."
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
        month = money(found.billing_price_estimate.total, self.session.currency)
        rows: list[tuple[str, Piece]] = [
            (_("Organisation"), found.customer_name),
            (_("Type"), found.type_name or ""),
            (_("Field of science"), found.science_sub_domain_name or found.oecd_fos_2007_label),
            (_("Starts"), dates.day(found.start_date)),
            (_("Ends"), dates.until(found.end_date, self.now)),
            (_("Name elsewhere"), found.backend_id),
            (_("Resources"), str(found.resources_count)),
            (_("This month"), (month, "strong")),
            (_("Picture"), _("there is one") if found.image else ""),
            (_("Notes of staff"), (given(found.staff_notes), "warn") if given(found.staff_notes) else ""),
        ]
        rows = [(label, value) for label, value in rows if value]
        head = [say((found.name, "strong"), ("   " + _("industry") if found.is_industry else "", "accent"))]
        if found.description:
            head.append(prose((found.description, "muted")))
        self.query_one("#project-facts", Block).show(lambda width: lines([*head, facts(rows, width)]))
        await self.query_one(Team).read(self.argument)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The team only where my role allows it."""
        names = {
            "add": "PROJECT.CREATE_PERMISSION",
            "remove": "PROJECT.DELETE_PERMISSION",
            "edit": "PROJECT.UPDATE",
        }
        if action == "move":
            return self.mercato.session is not None and self.session.is_staff
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

    def action_edit(self) -> None:
        self.act(self._types, then=self._edit)

    async def _types(self) -> list[project_acts.ProjectType]:
        query = project_acts.ProjectTypeQuery(page=1, page_size=MOST)
        return (await self.api.page(project_acts.TYPES, query)).rows

    def _edit(self, types: list[project_acts.ProjectType]) -> None:
        found = self.project
        if found is None:
            return

        async def send(values: dict[str, Any]) -> None:
            change = describing.project_change(found, values)
            if change is not None:
                await self.api(tenants.PROJECT_UPDATE, change, uuid=found.uuid)

        fields = describing.project_fields(found, types, staff=self.session.is_staff)
        title = _("Edit {name}").format(name=found.name)
        form = AskModal(title, fields, send, yes=_("Save"))
        self.app.push_screen(form, lambda sent: self._told(sent, _("Saved.")))

    def _told(self, sent: bool | None, text: str) -> None:
        if sent:
            self.mercato.say(text)
            self.load()

    def action_move(self) -> None:
        found = self.project
        if found is None:
            return
        others = [
            Item(row.uuid, row.name)
            for row in self.session.customers.values()
            if row.uuid != found.customer_uuid and not row.blocked and not row.archived
        ]

        async def send(values: dict[str, Any]) -> None:
            to = project_acts.ProjectMove(
                customer=values["customer"], preserve_permissions=bool(values["preserve_permissions"])
            )
            await self.api(project_acts.MOVE, to, uuid=found.uuid)

        fields = [
            ChoiceField("customer", _("To"), others, required=True),
            TickField("preserve_permissions", _("Team"), True, sentence=_("Its people keep their roles")),
        ]
        text = _(
            "Its resources and orders go along, and what they cost from this month on. What was invoiced before stays "
            "with {name}; of a quarter that was paid in advance the rest is credited."
        ).format(name=found.customer_name)
        form = AskModal(_("Move {name}").format(name=found.name), fields, send, yes=_("Move"), text=text)
        self.app.push_screen(form, lambda sent: self._told(sent, _("The project has moved.")))

    def action_view(self) -> None:
        found = self.project
        if found is not None:
            self.session.context = Context(found.customer_uuid, found.customer_name, found.uuid, found.name)
            self.mercato.frame_changed()
            self.mercato.nav.go("resources")

    def action_log(self) -> None:
        self.mercato.nav.open(f"log-of/project/{self.argument}")
