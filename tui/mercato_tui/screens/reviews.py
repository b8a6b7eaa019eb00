"""Reviews of who belongs to an organisation: those that wait, and who closed the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec import UNSET
from textual.binding import Binding, BindingType

from mercato.schemas import Nothing, organizations
from mercato.schemas.organizations import Review
from mercato_tui import dates
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.modals.confirm import ConfirmModal
from mercato_tui.screens.list_page import ListPage
from mercato_tui.text import Piece
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.vtable import Column

MAY = "CUSTOMER.LIST_PERMISSION_REVIEWS"


class ReviewsPage(ListPage[Review]):
    """The reviews of one's organisations."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "close", _("Close"), id="reviews.close"),
        Binding("p", "people", _("Its people"), id="reviews.people"),
    ]
    heading = _("Reviews")
    searchable = False
    help_text: ClassVar[str] = _(
        "Every 90 days somebody should look whether all the people of an organisation still belong there. p lists "
        "them with their roles, enter shows the organisation, where roles are taken; c closes the review."
    )

    def filters(self) -> list[Item]:
        return [Item("waiting", _("Waiting")), Item("all", _("All"))]

    def columns(self) -> Sequence[Column[Review]]:
        return (
            Column(_("Organisation"), lambda row: (row.customer_name, "strong"), flex=3, least=18),
            Column(_("Since"), lambda row: (dates.day(row.created.date()), "muted"), width=13),
            Column(_("State"), _state, width=11),
            Column(_("Closed by"), lambda row: row.reviewer_full_name or ("–", "faint"), flex=2, drop=1),
            Column(_("Closed"), _closed, width=13, drop=2),
        )

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[Review]:
        waiting = True if choice == "waiting" else UNSET
        query = organizations.ReviewQuery(page=page, page_size=size, o=["-created"], is_pending=waiting)
        return await self.api.page(organizations.REVIEWS, query)

    def choose(self, row: Review) -> None:
        self.mercato.nav.open(f"organisation/{row.customer_uuid}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Closing what waits, where my role allows it."""
        row = self.chosen_row if action in ("close", "people") and self.is_mounted else None
        if action == "people":
            return row is not None
        if action == "close":
            return row is not None and row.is_pending and self.session.may(MAY, row.customer_uuid)
        return super().check_action(action, parameters)

    def action_people(self) -> None:
        row: Review | None = self.chosen_row
        if row is not None:
            self.mercato.nav.open(f"people-of/{row.customer_uuid}")

    def action_close(self) -> None:
        row: Review | None = self.chosen_row
        if row is None:
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.act(
                    lambda: self.api(organizations.REVIEW_CLOSE, Nothing(), uuid=row.uuid),
                    _("Noted. The next look is due in 90 days."),
                    lambda _done: self.restart(),
                )

        text = _(
            "You have looked at everybody in {name} and in its projects (p lists them), and whoever left has no "
            "role any more."
        ).format(name=row.customer_name)
        self.app.push_screen(ConfirmModal(_("All of them belong here?"), text, _("They do")), answered)

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if choice == "waiting":
            return _("Nothing to review."), _(
                "The next review of an organisation is due 90 days after the last one."
            )
        return _("No reviews yet."), _("The first one is due 90 days after an organisation came.")


def _state(row: Review) -> Piece:
    return ("◆ " + _("waiting"), "warn") if row.is_pending else ("● " + _("closed"), "ok")


def _closed(row: Review) -> Piece:
    return (dates.day(row.closed.date()), "muted") if row.closed else ("–", "faint")
