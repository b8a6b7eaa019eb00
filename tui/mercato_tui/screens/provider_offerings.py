"""What I sell: offerings with their states, and changing these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import UNSET
from textual.binding import Binding, BindingType

from mercato.schemas import Endpoint, Nothing, catalog
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.modals.confirm import ConfirmModal, ReasonModal, TypedModal
from mercato_tui.screens.list_page import ListPage
from mercato_tui.text import Piece
from mercato_tui.views import ProviderOfferingRow
from mercato_tui.widgets.badge import offering_badge
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.vtable import Column

ACTS: dict[str, tuple[tuple[str, ...], str]] = {
    "activate": (("Draft",), "OFFERING.CREATE"),
    "pause": (("Active",), "OFFERING.PAUSE"),
    "unpause": (("Paused",), "OFFERING.UNPAUSE"),
    "archive": (("Active", "Paused", "Draft"), "OFFERING.ARCHIVE"),
}


class ProviderOfferingsPage(ListPage[ProviderOfferingRow]):
    """My offerings."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "activate", _("Activate"), id="offerings.activate"),
        Binding("p", "pause", _("Pause"), id="offerings.pause"),
        Binding("u", "unpause", _("Unpause"), id="offerings.unpause"),
        Binding("D", "archive", _("Archive"), id="offerings.archive"),
    ]
    heading = _("My offerings")
    placeholder = _("/ name")
    help_text: ClassVar[str] = _(
        "A draft is seen by nobody; an active offering can be ordered; a paused one is seen but cannot be ordered; "
        "an archived one is gone for good. Enter shows the offering as customers see it."
    )

    def filters(self) -> list[Item]:
        return [
            Item("", _("All")),
            Item("Active", _("Active")),
            Item("Draft", _("Draft")),
            Item("Paused", _("Paused")),
            Item("Archived", _("Archived")),
        ]

    def columns(self) -> Sequence[Column[ProviderOfferingRow]]:
        return (
            Column(_("State"), lambda row: offering_badge(row.state), width=12),
            Column(_("Offering"), lambda row: (row.name, "strong"), flex=3, least=16),
            Column(_("Category"), lambda row: row.category_title, flex=1, drop=2),
            Column(_("Provider"), lambda row: (row.customer_name, "muted"), flex=2, drop=3),
            Column(_("Type"), lambda row: (row.type.rsplit(".", 1)[-1], "muted"), width=10, drop=4),
            Column(_("Seen by"), _audience, width=9, drop=5),
            Column(_("Orders"), lambda row: str(row.order_count), width=7, align="right", drop=1),
        )

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[ProviderOfferingRow]:
        query = catalog.OfferingQuery(
            page=page,
            page_size=size,
            o=["name"],
            query=text or UNSET,
            state=[catalog.OfferingState(choice)] if choice else UNSET,
        )
        if self.session.context.customer_uuid:
            query = self.session.narrowed(query)
            query.project_uuid = UNSET
        return await self.api.some(catalog.OFFERINGS, ProviderOfferingRow, query)

    def choose(self, row: ProviderOfferingRow) -> None:
        self.mercato.nav.open(f"offering/{row.uuid}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what the state and my role allow for the one under the cursor."""
        if action not in ACTS:
            return super().check_action(action, parameters)
        row: ProviderOfferingRow | None = self.chosen_row if self.is_mounted else None
        states, permission = ACTS[action]
        if row is None or row.state not in states:
            return False
        return self.session.may(permission, row.uuid, row.customer_uuid)

    def _send(self, endpoint: Endpoint[Any, Any], body: Any, row: ProviderOfferingRow, done: str) -> None:
        self.act(lambda: self.api(endpoint, body, uuid=row.uuid), done.format(name=row.name))

    def action_activate(self) -> None:
        row: ProviderOfferingRow | None = self.chosen_row
        if row is None:
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self._send(catalog.OFFERING_ACTIVATE, Nothing(), row, _("{name} can be ordered now."))

        text = _("{name} will be seen in the catalogue and can be ordered.").format(name=row.name)
        self.app.push_screen(ConfirmModal(_("Activate?"), text, _("Activate")), answered)

    def action_pause(self) -> None:
        row: ProviderOfferingRow | None = self.chosen_row
        if row is None:
            return

        def answered(reason: str | None) -> None:
            if reason is not None:
                self._send(
                    catalog.OFFERING_PAUSE, catalog.Pause(paused_reason=reason), row, _("{name} is paused.")
                )

        text = _("Nobody can order {name} until you unpause it. Why? Customers read this.").format(
            name=row.name
        )
        self.app.push_screen(ReasonModal(_("Pause"), text, _("Pause"), optional=True), answered)

    def action_unpause(self) -> None:
        row: ProviderOfferingRow | None = self.chosen_row
        if row is not None:
            self._send(catalog.OFFERING_UNPAUSE, Nothing(), row, _("{name} can be ordered again."))

    def action_archive(self) -> None:
        row: ProviderOfferingRow | None = self.chosen_row
        if row is None:
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self._send(catalog.OFFERING_ARCHIVE, Nothing(), row, _("{name} is archived."))

        text = _("{name} can never be ordered again. What customers have stays.").format(name=row.name)
        self.app.push_screen(TypedModal(_("Archive"), text, row.name, _("Archive")), answered)

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if not text and not choice:
            return _("You sell nothing yet."), _("Offerings are made through the REST API or a preset.")
        return super().nothing(text, choice)


def _audience(row: ProviderOfferingRow) -> Piece:
    return (_("all"), "muted") if row.shared else (_("invited"), "secondary")
