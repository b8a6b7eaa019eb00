"""One organisation: what it is, and its people."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from mercato.schemas import access, tenants
from mercato_tui.i18n import _
from mercato_tui.money import number
from mercato_tui.screens.base import Page
from mercato_tui.session import Context, given
from mercato_tui.text import Piece, lines, prose, say
from mercato_tui.widgets.block import Block
from mercato_tui.widgets.facts import facts
from mercato_tui.widgets.team import Team


class OrganisationPage(Page):
    """An organisation and its team."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "add", _("Add somebody"), id="team.add"),
        Binding("x", "remove", _("Remove"), id="team.remove"),
        Binding("v", "view", _("Look at this organisation"), id="organisation.view"),
        Binding("L,l", "log", _("Event log"), id="organisation.log"),
    ]
    heading = _("Organisation")
    AUTO_FOCUS = "Team"
    help_text: ClassVar[str] = _(
        "n adds somebody with a role, x removes the role under the cursor, both where you may. v narrows every "
        "list to this organisation. L shows what happened in it."
    )

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.customer: tenants.Customer | None = None

    def body(self) -> ComposeResult:
        yield Block(skeleton=4, id="organisation-facts", classes="section")
        yield Static(say((_("Team"), "label")), markup=False)
        yield Team(self, access.CUSTOMER_MEMBERS, "customer")

    async def fetch(self) -> None:
        found = await self.api(tenants.CUSTOMER, uuid=self.argument)
        self.customer = found
        self.rename(found.name)
        place = ", ".join(
            part for part in (found.address, found.postal, found.city, given(found.country)) if part
        )
        rows: list[tuple[str, Piece]] = [
            (_("E-mail"), found.email or "–"),
            (_("Address"), place or "–"),
            (_("Registration code"), found.registration_code or "–"),
            (_("Tax"), f"{number(found.default_tax_percent)} %"),
            (_("Time zone"), found.time_zone),
            (_("Projects"), str(found.projects_count)),
        ]
        head = [
            say(
                (found.name, "strong"), ("   " + _("provider") if found.is_service_provider else "", "accent")
            )
        ]
        if found.description:
            head.append(prose((found.description, "muted")))
        self.query_one("#organisation-facts", Block).show(lambda width: lines([*head, facts(rows, width)]))
        await self.query_one(Team).read(self.argument)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The team only where my role allows it."""
        names = {"add": "CUSTOMER.CREATE_PERMISSION", "remove": "CUSTOMER.DELETE_PERMISSION"}
        if action in names:
            return self.customer is not None and self.session.may(names[action], self.argument)
        return True

    def action_add(self) -> None:
        if self.customer is not None:
            self.query_one(Team).bring_in(self.argument, self.customer.name)

    def action_remove(self) -> None:
        if self.customer is not None:
            self.query_one(Team).take_away(self.argument, self.customer.name)

    def action_view(self) -> None:
        found = self.customer
        if found is not None:
            self.session.context = Context(found.uuid, found.name)
            self.mercato.frame_changed()
            self.mercato.nav.go("projects")

    def action_log(self) -> None:
        self.mercato.nav.open(f"log-of/organisation/{self.argument}")
