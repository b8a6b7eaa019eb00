"""Everybody in an organisation: who has a role in it, and who in which of its projects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec import UNSET
from textual.content import Content

from mercato.schemas import organizations
from mercato.schemas.organizations import CustomerUser
from mercato_tui import dates
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.roles import role_label
from mercato_tui.screens.list_page import ListPage
from mercato_tui.text import Piece, lines, say
from mercato_tui.widgets.vtable import Column


class PeopleOfPage(ListPage[CustomerUser]):
    """The people of an organisation, with all their roles."""

    heading = _("People")
    placeholder = _("/ name or e-mail")
    preview_pane = True
    help_text: ClassVar[str] = _(
        "Everybody with a role in the organisation itself or in one of its projects. Enter on somebody with a role "
        "in one project shows that project; roles are given and taken on the pages of the organisation and of its "
        "projects."
    )

    def columns(self) -> Sequence[Column[CustomerUser]]:
        return (
            Column(_("Name"), lambda row: (row.full_name or row.username, "strong"), flex=2, least=14),
            Column(_("Role here"), _role, width=16),
            Column(_("Projects"), _projects, flex=2, least=14, drop=2),
            Column(_("E-mail"), lambda row: (row.email, "muted"), flex=2, least=16, drop=1),
        )

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[CustomerUser]:
        query = organizations.CustomerUserQuery(
            page=page, page_size=size, o=["concatenated_name"], user_keyword=text or UNSET
        )
        return await self.api.page(organizations.USERS, query, uuid=self.argument)

    def preview(self, row: CustomerUser) -> Content:
        found = [
            say((row.full_name or row.username, "strong")),
            say((row.username, "secondary")),
            Content(""),
        ]
        if row.role_name:
            until = row.expiration_time
            end = "  " + _("until {day}").format(day=dates.day(until.date())) if until else ""
            found.append(say(role_label(row.role_name), (end, "warn")))
        for project in row.projects:
            role = role_label(project.get("role_name") or "")
            found.append(say((str(project.get("name") or ""), ""), ("  " + role, "secondary")))
        return lines(found)

    def choose(self, row: CustomerUser) -> None:
        if len(row.projects) == 1:
            self.mercato.nav.open(f"project/{row.projects[0]['uuid']}")

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if text:
            return super().nothing(text, choice)
        return _("Nobody has a role here."), _("Staff give the first one on the organisation's page.")


def _role(row: CustomerUser) -> Piece:
    return (role_label(row.role_name), "secondary") if row.role_name else ("–", "faint")


def _projects(row: CustomerUser) -> Piece:
    names = ", ".join(dict.fromkeys(str(project.get("name") or "") for project in row.projects))
    return names or ("–", "faint")
