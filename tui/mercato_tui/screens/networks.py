"""An organisation's networks: from where its people sign in, and which services let them in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import UNSET
from textual.binding import Binding, BindingType
from textual.content import Content

from mercato.schemas import Nothing, networks, resources
from mercato.schemas.networks import AccessSubnet
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.modals.ask import AskModal
from mercato_tui.modals.confirm import ConfirmModal
from mercato_tui.screens.list_page import ListPage
from mercato_tui.session import uuid
from mercato_tui.text import Piece, lines, prose, say
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.fields import Field, SeveralField, TextField, TickField
from mercato_tui.widgets.vtable import Column

CREATE, UPDATE, DELETE = "ACCESS_SUBNET.CREATE", "ACCESS_SUBNET.UPDATE", "ACCESS_SUBNET.DELETE"
MOST = 300
OPTION = "enable_resource_access_subnets"


class NetworksPage(ListPage[AccessSubnet]):
    """The networks of one organisation."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", _("Add a network"), id="networks.new"),
        Binding("e", "edit", _("Edit"), id="networks.edit"),
        Binding("D", "delete", _("Delete"), id="networks.delete"),
    ]
    heading = _("Networks")
    placeholder = _("/ network")
    preview_pane = True
    help_text: ClassVar[str] = _(
        "The networks that an organisation's people work from. As soon as one of them is marked for sign-in, "
        "everybody with a role in the organisation or in its projects signs in from such networks only; staff and "
        "support are let in from anywhere. Services that take networks let in only those that name them. n adds a "
        "network, e changes it, D deletes it; those that staff added only staff can change."
    )

    def __init__(self, argument: str = "") -> None:
        super().__init__(argument)
        self.services: list[Item] = []

    def columns(self) -> Sequence[Column[AccessSubnet]]:
        return (
            Column(_("Network"), lambda row: (row.inet, "strong"), flex=2, least=18),
            Column(_("Sign-in"), _portal, width=10),
            Column(_("Services"), _services, flex=2, least=12, drop=1),
            Column(_("Description"), lambda row: (row.description or "–", "muted"), flex=2, least=12, drop=2),
        )

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[AccessSubnet]:
        if page == 1:
            self.services = await self._services()
        query = networks.AccessSubnetQuery(
            page=page, page_size=size, o=["inet"], customer_uuid=uuid(self.argument), inet=text or UNSET
        )
        return await self.api.page(networks.SUBNETS, query)

    async def _services(self) -> list[Item]:
        """What the organisation uses that takes networks."""
        query = resources.ResourceQuery(page=1, page_size=MOST, customer_uuid=uuid(self.argument))
        found = await self.api.page(resources.RESOURCES, query)
        taking = {
            row.offering_uuid: row.offering_name
            for row in found.rows
            if row.offering_plugin_options.get(OPTION) is True and row.state != "Terminated"
        }
        return [Item(key, name) for key, name in sorted(taking.items(), key=lambda pair: pair[1].casefold())]

    def preview(self, row: AccessSubnet) -> Content:
        portal = (
            _("People sign in from here.") if row.applies_to_portal else _("Sign-in does not depend on it.")
        )
        found = [say((row.inet, "strong")), prose((row.description, "muted")), Content(""), prose(portal)]
        for offering in row.scoped_offerings:
            gone = "" if offering.get("has_live_resources") else "  " + _("nothing there any more")
            found.append(say("→ ", (str(offering.get("name")), ""), (gone, "muted")))
        if row.is_staff_managed:
            found += [Content(""), prose((_("Added by staff: only staff can change it."), "muted"))]
        return lines(found)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only where my role allows it; what staff added is theirs."""
        names = {"new": CREATE, "edit": UPDATE, "delete": DELETE}
        if action not in names:
            return super().check_action(action, parameters)
        if self.mercato.session is None or not self.session.may(names[action], self.argument):
            return False
        if action == "new":
            return True
        row = self.chosen_row if self.is_mounted else None
        return row is not None and (self.session.is_staff or not row.is_staff_managed)

    def choose(self, row: AccessSubnet) -> None:
        if self.check_action("edit", ()):
            self.action_edit()

    def _fields(self, row: AccessSubnet | None) -> list[Field]:
        hint = _("192.0.2.0/24, 2001:db8::/32, or a single address")
        fields: list[Field] = [
            TextField("inet", _("Network"), row.inet if row else "", required=True, hint=hint),
            TextField("description", _("Description"), row.description if row else ""),
            TickField(
                "applies_to_portal", _("Sign-in"), bool(row and row.applies_to_portal),
                sentence=_("Its people sign in from such networks only"),
            ),
        ]  # fmt: skip
        chosen = row.offerings if row else []
        items = self.services + [
            Item(str(one["uuid"]), str(one["name"]))
            for one in (row.scoped_offerings if row else [])
            if one["uuid"] not in {item.value for item in self.services}
        ]
        if items:
            fields.append(SeveralField("offerings", _("Services"), items, list(chosen)))
        return fields

    def action_new(self) -> None:
        async def send(values: dict[str, Any]) -> None:
            new = networks.NewAccessSubnet(
                inet=values["inet"],
                customer=self.argument,
                description=values["description"] or "",
                applies_to_portal=bool(values["applies_to_portal"]),
                offerings=list(values.get("offerings") or []),
            )
            await self.api(networks.SUBNET_CREATE, new)

        self._ask(_("Add a network"), None, send, _("Add"))

    def action_edit(self) -> None:
        row: AccessSubnet | None = self.chosen_row
        if row is None:
            return

        async def send(values: dict[str, Any]) -> None:
            change = networks.AccessSubnetChange(
                inet=values["inet"],
                description=values["description"] or "",
                applies_to_portal=bool(values["applies_to_portal"]),
                offerings=list(values.get("offerings") or []) if "offerings" in values else UNSET,
            )
            await self.api(networks.SUBNET_UPDATE, change, uuid=row.uuid)

        self._ask(_("Edit {name}").format(name=row.inet), row, send, _("Save"))

    def _ask(self, title: str, row: AccessSubnet | None, send: Any, yes: str) -> None:
        def answered(sent: bool | None) -> None:
            if sent:
                self.mercato.say(_("Saved."))
                self.restart()

        self.app.push_screen(AskModal(title, self._fields(row), send, yes=yes), answered)

    def action_delete(self) -> None:
        row: AccessSubnet | None = self.chosen_row
        if row is None:
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.act(
                    lambda: self.api(networks.SUBNET_DELETE, Nothing(), uuid=row.uuid),
                    _("Deleted: {name}").format(name=row.inet),
                    lambda _done: self.restart(),
                )

        if row.applies_to_portal:
            text = _(
                "People will no longer sign in from {name}. If it was the last one, they do from anywhere."
            )
        else:
            text = _("{name} is forgotten; services no longer let it in.")
        text = text.format(name=row.inet)
        self.app.push_screen(ConfirmModal(_("Delete the network?"), text, _("Delete")), answered)

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if text:
            return super().nothing(text, choice)
        if self.session.may(CREATE, self.argument):
            return _("No networks yet: people sign in from anywhere."), _("Press n to add the first one.")
        return _("No networks: people sign in from anywhere."), _(
            "An owner of the organisation can add some."
        )


def _portal(row: AccessSubnet) -> Piece:
    return ("● " + _("yes"), "ok") if row.applies_to_portal else ("○ " + _("no"), "muted")


def _services(row: AccessSubnet) -> Piece:
    return ", ".join(str(one.get("name")) for one in row.scoped_offerings) or ("–", "faint")
