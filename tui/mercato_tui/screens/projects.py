"""Projects: where resources belong and people work together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import UNSET
from textual.binding import Binding, BindingType

from mercato.schemas import project_acts, tenants
from mercato_tui import dates
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.modals.ask import AskModal
from mercato_tui.screens.list_page import ListPage
from mercato_tui.text import Piece
from mercato_tui.views import ProjectRow
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.fields import ChoiceField, DateField, Field, LongField, TextField, TickField
from mercato_tui.widgets.vtable import Column

CREATE = "PROJECT.CREATE"
REMOVED = "removed"


class ProjectsPage(ListPage[ProjectRow]):
    """The projects one sees."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", _("New project"), id="projects.new"),
        Binding("b", "recover", _("Bring back"), id="projects.recover"),
    ]
    heading = _("Projects")
    placeholder = _("/ name")
    help_text: ClassVar[str] = _(
        "A project holds resources and the people who work with them. Enter shows its team; n makes a new one "
        "where you may. What was removed is kept: → shows it to the owners of its organisation, b brings it back."
    )

    def filters(self) -> list[Item]:
        """The removed ones only for those who may bring them back."""
        if not self._organisations():
            return []
        return [Item("", _("Projects")), Item(REMOVED, _("Removed"))]

    def columns(self) -> Sequence[Column[ProjectRow]]:
        return (
            Column(_("Project"), lambda row: (row.name, "strong"), flex=3, least=16),
            Column(_("Organisation"), lambda row: row.customer_name, flex=2, drop=2),
            Column(_("Resources"), lambda row: str(row.resources_count), width=9, align="right", drop=3),
            Column(_("Starts"), self._starts, width=12, drop=4),
            Column(_("Ends"), self._ends, width=16, drop=1),
        )

    def _starts(self, row: ProjectRow) -> Piece:
        waiting = row.start_date is not None and row.start_date > self.now.date()
        return (dates.day(row.start_date), "secondary" if waiting else "muted")

    def _ends(self, row: ProjectRow) -> Piece:
        if row.end_date is None:
            return ("–", "faint")
        soon = (row.end_date - self.now.date()).days <= 30
        return (dates.until(row.end_date, self.now), "warn" if soon else "muted")

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[ProjectRow]:
        query = tenants.ProjectQuery(
            page=page,
            page_size=size,
            o=["name"],
            query=text or UNSET,
            is_removed=True if choice == REMOVED else UNSET,
        )
        if self.session.context.customer_uuid:
            query.customer_uuid = _uuid(self.session.context.customer_uuid)
        return await self.api.some(tenants.PROJECTS, ProjectRow, query)

    def choose(self, row: ProjectRow) -> None:
        if self.bar.choice == REMOVED:
            self.action_recover()
            return
        self.mercato.nav.open(f"project/{row.uuid}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A new project only where I may make one."""
        if action == "new":
            return bool(self._organisations())
        if action == "recover":
            row = self.chosen_row if self.is_mounted and self.bar.choice == REMOVED else None
            return row is not None and self.session.may(CREATE, row.customer_uuid)
        return super().check_action(action, parameters)

    def _organisations(self) -> list[Item]:
        session = self.mercato.session
        if session is None:
            return []
        return [
            Item(row.uuid, row.name) for row in session.customers.values() if session.may(CREATE, row.uuid)
        ]

    def action_new(self) -> None:
        items = self._organisations()
        chosen = self.session.context.customer_uuid or (items[0].value if len(items) == 1 else "")
        fields = [
            ChoiceField("customer", _("Organisation"), items, chosen, required=True),
            TextField("name", _("Name"), required=True),
            LongField("description", _("Description")),
            DateField("start_date", _("Starts"), hint=_("Empty: at once")),
            DateField("end_date", _("Ends"), hint=_("Empty: never")),
        ]

        def answered(sent: bool | None) -> None:
            if sent:
                self.mercato.say(_("The project is there."))
                self.restart()

        self.app.push_screen(AskModal(_("New project"), fields, self._create, yes=_("Create")), answered)

    async def _create(self, values: dict[str, Any]) -> None:
        await self.api(
            tenants.PROJECT_CREATE,
            tenants.NewProject(
                name=values["name"],
                customer=values["customer"],
                description=values["description"] or "",
                start_date=values["start_date"],
                end_date=values["end_date"],
            ),
        )

    def action_recover(self) -> None:
        row: ProjectRow | None = self.chosen_row
        if row is None:
            return

        async def send(values: dict[str, Any]) -> None:
            how = project_acts.ProjectRecovery(
                restore_team_members=bool(values.get("restore_team_members")), end_date=values["end_date"]
            )
            await self.api(project_acts.RECOVER, how, uuid=row.uuid)

        def answered(sent: bool | None) -> None:
            if sent:
                self.mercato.say(_("{name} is back.").format(name=row.name))
                self.restart()

        over = row.end_date is not None and row.end_date < self.now.date()
        end = "" if over or row.end_date is None else row.end_date.isoformat()
        fields: list[Field] = [DateField("end_date", _("Ends"), end, hint=_("Empty: never"))]
        text = _("Its terminated resources stay terminated; its team is made anew.")
        if self.session.is_staff:
            fields.append(
                TickField(
                    "restore_team_members", _("Team"), True, sentence=_("Everybody gets their role back")
                )
            )
            text = _("Its terminated resources stay terminated.")
        title = _("Bring {name} back").format(name=row.name)
        self.app.push_screen(AskModal(title, fields, send, yes=_("Bring back"), text=text), answered)

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if choice == REMOVED and not text:
            return _("No project was removed."), _("Those that are will be kept here.")
        if not text and self._organisations():
            return _("No projects yet."), _("Press n to make the first one.")
        if not text:
            return _("You are in no project."), _("Ask an owner of your organisation to add you to one.")
        return super().nothing(text, choice)


def _uuid(text: str) -> Any:
    from mercato_tui.session import uuid

    return uuid(text)
