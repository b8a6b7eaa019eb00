"""Users: everybody who can sign in, for staff and support."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import UNSET
from textual.binding import Binding, BindingType
from textual.content import Content

from mercato.schemas import identity
from mercato_tui import dates
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.modals.ask import AskModal
from mercato_tui.screens.list_page import ListPage
from mercato_tui.text import Piece, lines, say
from mercato_tui.views import UserRow
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.facts import facts
from mercato_tui.widgets.fields import PasswordField, TextField, TickField
from mercato_tui.widgets.vlist import VList
from mercato_tui.widgets.vtable import Column, VTable


class People(VTable[UserRow]):
    """Everything about a person fits into the preview."""

    opens = False


class UsersPage(ListPage[UserRow]):
    """People, found by name, user name or e-mail."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", _("New user"), id="users.new"),
    ]
    heading = _("Users")
    placeholder = _("/ name or e-mail")
    preview_pane = True
    help_text: ClassVar[str] = _("Everybody who can sign in. n makes a new account, for staff.")

    def filters(self) -> list[Item]:
        return [
            Item("", _("Active")),
            Item("staff", _("Staff")),
            Item("support", _("Support")),
            Item("inactive", _("Inactive")),
        ]

    def columns(self) -> Sequence[Column[UserRow]]:
        return (
            Column(_("Name"), lambda row: (row.full_name or row.username, "strong"), flex=2),
            Column(_("User name"), lambda row: row.username, flex=2),
            Column(_("E-mail"), lambda row: (row.email, "muted"), flex=3, drop=1),
            Column(_("Standing"), _standing, width=12),
        )

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[UserRow]:
        query = identity.UserQuery(
            page=page,
            page_size=size,
            o=["username"],
            query=text or UNSET,
            is_active=[choice != "inactive"],
            is_staff=True if choice == "staff" else UNSET,
            is_support=True if choice == "support" else UNSET,
        )
        return await self.api.some(identity.USERS, UserRow, query)

    def make_list(self) -> VList[UserRow]:
        return People(self.columns())

    def preview(self, row: UserRow) -> Content:
        rows: list[tuple[str, Piece]] = [
            (_("User name"), row.username),
            (_("E-mail"), row.email),
            (_("Organisation"), row.organization or "–"),
            (_("Joined"), dates.day(row.date_joined)),
        ]
        return lines([say((row.full_name or row.username, "strong")), say(_standing(row)), Content(""),
                      facts(rows, 38, 13)])  # fmt: skip

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only staff make accounts."""
        if action == "new":
            return self.mercato.session is not None and self.mercato.session.is_staff
        return super().check_action(action, parameters)

    def action_new(self) -> None:
        fields = [
            TextField("username", _("User name"), required=True),
            TextField("email", _("E-mail"), required=True),
            TextField("first_name", _("First name")),
            TextField("last_name", _("Last name")),
            PasswordField("password", _("Password"), hint=_("Empty: they cannot sign in with one")),
            TickField("is_staff", _("Staff"), sentence=_("may do everything")),
        ]

        def answered(sent: bool | None) -> None:
            if sent:
                self.mercato.say(_("The account is there."))
                self.restart()

        self.app.push_screen(AskModal(_("New user"), fields, self._create, yes=_("Create")), answered)

    async def _create(self, values: dict[str, Any]) -> None:
        await self.api(
            identity.USER_CREATE,
            identity.NewUser(
                username=values["username"],
                email=values["email"],
                first_name=values["first_name"] or "",
                last_name=values["last_name"] or "",
                password=values["password"],
                is_staff=values["is_staff"],
            ),
        )


def _standing(row: UserRow) -> Piece:
    if not row.is_active:
        return ("○ " + _("inactive"), "muted")
    if row.is_staff:
        return ("★ " + _("staff"), "accent")
    if row.is_support:
        return ("◆ " + _("support"), "secondary")
    return ("● " + _("active"), "ok")
