"""The people of a project or an organisation, with their roles; adding and removing where one may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mercato.schemas import Endpoint, access, identity
from mercato_tui import dates
from mercato_tui.i18n import _
from mercato_tui.modals.ask import AskModal
from mercato_tui.modals.confirm import ConfirmModal
from mercato_tui.roles import role_label
from mercato_tui.text import Piece
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.fields import DateField, RadioField, TextField
from mercato_tui.widgets.vtable import Column, VTable

if TYPE_CHECKING:
    from mercato_tui.screens.base import Page

MOST = 300
MembersEndpoints = tuple[Endpoint[Any, Any], Endpoint[Any, Any], Endpoint[Any, Any], Endpoint[Any, Any]]


class Team(VTable[access.Member]):
    """A table of people. The page gives the endpoints, the scope and what kind of roles fit."""

    opens = False

    def __init__(self, page: Page, endpoints: MembersEndpoints, scope: str, **kwargs: Any) -> None:
        super().__init__(
            (
                Column(_("Name"), lambda row: (row.user_full_name or row.user_username, "strong"), flex=2),
                Column(_("Role"), lambda row: (role_label(row.role_name), "secondary"), width=18),
                Column(_("E-mail"), lambda row: (row.user_email, "muted"), flex=2, drop=2),
                Column(_("Until"), self._until, width=16, drop=1),
            ),
            **kwargs,
        )
        self.page = page
        self.endpoints = endpoints
        self.scope = scope

    def _until(self, row: access.Member) -> Piece:
        if row.expiration_time is None:
            return ("–", "faint")
        return (dates.until(row.expiration_time, self.page.now), "warn")

    async def read(self, uuid: str) -> None:
        """Show the people of this scope. Raises ApiError."""
        query = access.MemberQuery(page=1, page_size=MOST)
        found = await self.page.api.page(self.endpoints[0], query, uuid=uuid)
        self.put_all(found.rows)

    def bring_in(self, uuid: str, where: str) -> None:
        """Ask whom to add with which role until when."""
        roles = [
            Item(role.name, role_label(role.name), role.description)
            for role in self.page.session.role_names
            if role.content_type == self.scope
        ]

        async def send(values: dict[str, Any]) -> None:
            found = await self._person(values["user"])
            end = values["end"]
            member = access.NewMember(
                user=found, role=values["role"], expiration_time=dates.noon(end) if end else None
            )
            await self.page.api(self.endpoints[1], member, uuid=uuid)

        def answered(sent: bool | None) -> None:
            if sent:
                self.page.load()

        fields = [
            TextField("user", _("Who"), required=True, hint=_("User name or e-mail address")),
            RadioField("role", _("Role"), roles, roles[-1].value if roles else "", required=True),
            DateField("end", _("Until"), hint=_("Empty: without end")),
        ]
        title = _("Add somebody to {where}").format(where=where)
        self.app.push_screen(AskModal(title, fields, send, yes=_("Add")), answered)

    async def _person(self, typed: str) -> str:
        """The uuid of the person whose user name or e-mail was typed. Raises ApiError."""
        from mercato_tui.api import ApiError

        query = identity.UserQuery(page=1, page_size=10)
        field = "email" if "@" in typed else "username"
        setattr(query, field, typed)
        found = await self.page.api.page(identity.USERS, query)
        exact = [user for user in found.rows if getattr(user, field).casefold() == typed.casefold()]
        if len(exact) != 1:
            raise ApiError(400, "", fields={"user": [_("Nobody is called exactly that.")]})
        return exact[0].uuid

    def take_away(self, uuid: str, where: str) -> None:
        """Ask, then take the role under the cursor away."""
        member = self.row
        if member is None:
            return
        gone = access.NewMember(user=member.user_uuid, role=member.role_uuid)

        def answered(sure: bool | None) -> None:
            if sure:
                self.page.act(lambda: self.page.api(self.endpoints[3], gone, uuid=uuid), _("Removed."))

        text = _("{name} will no longer be {role} of {where}.").format(
            name=member.user_full_name or member.user_username, role=role_label(member.role_name), where=where
        )
        self.app.push_screen(ConfirmModal(_("Remove?"), text, _("Remove")), answered)
