"""Resources: what I have, and what customers have of my offerings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec import UNSET
from textual.content import Content

from mercato.schemas import Endpoint, resources
from mercato_tui import dates
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.screens.list_page import ListPage
from mercato_tui.text import Piece, lines, say
from mercato_tui.views import ResourceRow
from mercato_tui.widgets.badge import resource_badge, resource_state
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.facts import facts
from mercato_tui.widgets.usage import short_share
from mercato_tui.widgets.vtable import Column

GROUPS: dict[str, tuple[str, ...]] = {
    "": ("Creating", "OK", "Erred", "Updating", "Terminating"),
    "ok": ("OK",),
    "busy": ("Creating", "Updating", "Terminating"),
    "erred": ("Erred",),
    "ended": ("Terminated",),
}


class ResourcesPage(ListPage[ResourceRow]):
    """What was bought and is running."""

    heading = _("Resources")
    placeholder = _("/ name")
    preview_pane = True
    kind: ClassVar[str] = "resource"
    endpoint: ClassVar[Endpoint[resources.ResourceQuery, list[resources.Resource]]] = resources.RESOURCES
    help_text: ClassVar[str] = _(
        "Everything you have, with the fullest of its limits as a little bar. Enter opens one: status, usage, "
        "access, history, and changing or ending it."
    )

    def filters(self) -> list[Item]:
        return [
            Item("", _("Current")),
            Item("ok", _("OK")),
            Item("busy", _("Changing")),
            Item("erred", _("Erred")),
            Item("ended", _("Ended")),
        ]

    def columns(self) -> Sequence[Column[ResourceRow]]:
        return (
            Column(_("State"), _state, width=13),
            Column(_("Name"), lambda row: (row.name, "strong"), flex=4, least=18),
            Column(_("Offering"), lambda row: row.offering_name, flex=3, least=12, drop=1),
            Column(_("Project"), lambda row: row.project_name, flex=2, drop=3),
            Column(_("Organisation"), lambda row: (row.customer_name, "muted"), flex=2, drop=5),
            Column(_("Usage"), lambda row: short_share(row.limits, row.limit_usage), width=13, drop=2),
        )

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[ResourceRow]:
        query = resources.ResourceQuery(
            page=page,
            page_size=size,
            o=["name"],
            query=text or UNSET,
            state=[resources.ResourceState(state) for state in GROUPS.get(choice, ())] or UNSET,
        )
        return await self.api.some(self.endpoint, ResourceRow, self.session.narrowed(query))

    def choose(self, row: ResourceRow) -> None:
        self.mercato.nav.open(f"{self.kind}/{row.uuid}")

    def preview(self, row: ResourceRow) -> Content:
        rows: list[tuple[str, Piece]] = [
            (_("Offering"), row.offering_name),
            (_("Provider"), row.provider_name),
            (_("Plan"), row.plan_name or "–"),
            (_("Organisation"), row.customer_name),
            (_("Project"), row.project_name),
            (_("Since"), dates.day(row.created)),
        ]
        head = [say((row.name, "strong")), say(_state(row)), Content("")]
        return lines([*head, facts(rows, 38, 13), Content(""), say((_("enter opens it"), "muted"))])

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if not text and not choice:
            return _("You have nothing yet."), _("Press g c for the catalogue and order something.")
        return super().nothing(text, choice)


class SoldResourcesPage(ResourcesPage):
    """What customers have of my offerings."""

    heading = _("Sold resources")
    kind = "sold-resource"
    endpoint = resources.PROVIDER_RESOURCES
    help_text: ClassVar[str] = _(
        "What customers have of your offerings. Enter opens one: there u reports usage for its components."
    )

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if not text and not choice:
            return _("Nobody has anything of yours yet."), _(
                "Press g f to see whether your offerings are active."
            )
        return super().nothing(text, choice)


def _state(row: ResourceRow) -> tuple[str, str]:
    return resource_badge(resource_state(row.state, row.creation_order))
