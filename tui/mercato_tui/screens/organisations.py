"""Organisations: who buys and who sells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import UNSET
from textual.binding import Binding, BindingType

from mercato.schemas import tenants
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.modals.ask import AskModal
from mercato_tui.screens.list_page import ListPage
from mercato_tui.text import Piece
from mercato_tui.views import CustomerRow
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.fields import TextField
from mercato_tui.widgets.vtable import Column


class OrganisationsPage(ListPage[CustomerRow]):
    """The organisations one sees."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", _("New organisation"), id="organisations.new"),
    ]
    heading = _("Organisations")
    placeholder = _("/ name")
    help_text: ClassVar[str] = _("Enter shows an organisation's people and what it is.")

    def filters(self) -> list[Item]:
        return [Item("", _("All")), Item("providers", _("Providers"))]

    def columns(self) -> Sequence[Column[CustomerRow]]:
        return (
            Column(_("Organisation"), lambda row: (row.name, "strong"), flex=3, least=18),
            Column(_("Short"), lambda row: (row.abbreviation, "muted"), width=8, drop=3),
            Column(_("Sells"), _sells, width=10, drop=2),
            Column(_("Projects"), lambda row: str(row.projects_count), width=8, align="right", drop=1),
            Column(_("People"), lambda row: str(row.users_count), width=7, align="right", drop=4),
            Column(_("State"), _standing, width=11),
        )

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[CustomerRow]:
        query = tenants.CustomerQuery(
            page=page,
            page_size=size,
            o=["name"],
            query=text or UNSET,
            is_service_provider=True if choice == "providers" else UNSET,
        )
        return await self.api.some(tenants.CUSTOMERS, CustomerRow, query)

    def choose(self, row: CustomerRow) -> None:
        self.mercato.nav.open(f"organisation/{row.uuid}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only staff make organisations."""
        if action == "new":
            return self.mercato.session is not None and self.mercato.session.is_staff
        return super().check_action(action, parameters)

    def action_new(self) -> None:
        fields = [
            TextField("name", _("Name"), required=True),
            TextField("abbreviation", _("Short name")),
            TextField("email", _("E-mail")),
            TextField("country", _("Country"), hint=_("Two letters, such as EE")),
        ]

        def answered(sent: bool | None) -> None:
            if sent:
                self.mercato.say(_("The organisation is there."))
                self.restart()

        title = _("New organisation")
        self.app.push_screen(AskModal(title, fields, self._create, yes=_("Create")), answered)

    async def _create(self, values: dict[str, Any]) -> None:
        await self.api(
            tenants.CUSTOMER_CREATE,
            tenants.NewCustomer(
                name=values["name"],
                abbreviation=values["abbreviation"] or "",
                email=values["email"] or "",
                country=values["country"] or "",
            ),
        )


def _sells(row: CustomerRow) -> Piece:
    return (_("provider"), "accent") if row.is_service_provider else ("–", "faint")


def _standing(row: CustomerRow) -> Piece:
    if row.blocked:
        return ("✖ " + _("blocked"), "bad")
    if row.archived:
        return ("○ " + _("archived"), "muted")
    return ("● " + _("active"), "ok")
