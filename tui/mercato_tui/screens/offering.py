"""One offering: what it is, what it costs in each plan, whose it is, under which terms."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from mercato.schemas import catalog
from mercato_tui.api import ApiError
from mercato_tui.i18n import _
from mercato_tui.screens.base import Block, Page
from mercato_tui.text import Piece, lines, prose, say
from mercato_tui.widgets.badge import offering_badge
from mercato_tui.widgets.facts import facts
from mercato_tui.widgets.md import document
from mercato_tui.widgets.notice import Notice
from mercato_tui.widgets.plans import comparison

TERMS_SHOWN = 600


class OfferingPage(Page):
    """An offering as a customer sees it; a provider also sees their drafts so."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o,enter", "order", _("Order"), id="offering.order"),
    ]
    heading = _("Offering")
    help_text: ClassVar[str] = _(
        "The plans stand side by side with every price. o or enter goes on to ordering, where the receipt shows "
        "what your numbers cost before anything is sent."
    )

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.offering: catalog.Offering | None = None

    def body(self) -> ComposeResult:
        with VerticalScroll(classes="scroll", can_focus=True):
            yield Block(skeleton=2, id="offering-title", classes="title-line")
            with Vertical(classes="columns"):
                with Vertical(classes="column -main"):
                    yield Block(skeleton=3, id="offering-text", classes="section")
                    yield Static(say((_("Plans and prices"), "label")), markup=False)
                    yield Block(skeleton=5, id="offering-plans", classes="section")
                with Vertical(classes="column"):
                    yield Block(skeleton=4, id="offering-facts", classes="section")

    async def fetch(self) -> None:
        found = await self._read()
        self.offering = found
        self.rename(found.name)
        self._show(found)
        self.refresh_bindings()
        if found.state == "Paused":
            self.call_after_refresh(
                self.query_one(Notice).show_note, _("This offering is paused."), found.paused_reason
            )

    async def _read(self) -> catalog.Offering:
        """What everybody sees; else what only its provider sees (a draft)."""
        try:
            return await self.api(catalog.PUBLIC_OFFERING, uuid=self.argument)
        except ApiError as problem:
            if problem.status != 404 or not self.session.is_provider:
                raise
        return await self.api(catalog.OFFERING, uuid=self.argument)

    def on_resize(self) -> None:
        if self.offering is not None:
            self.call_after_refresh(self._show, self.offering)

    def _show(self, found: catalog.Offering) -> None:
        badge: Piece = offering_badge(found.state) if found.state != "Active" else ""
        head = say((found.name, "strong"), "   ", badge)
        whose = say((found.customer_name, "secondary"), (f"  ·  {found.category_title}", "muted"))
        self.query_one("#offering-title", Static).update(lines([head, whose]))
        text = [document(found.description)]
        if found.full_description.strip():
            text += [Content(""), document(found.full_description)]
        self.query_one("#offering-text", Static).update(lines(text))
        block = self.query_one("#offering-plans", Static)
        width = max(40, block.content_size.width)
        block.update(comparison(found.plans, found.components, self.session.currency, width))
        self.query_one("#offering-facts", Static).update(lines(self._about(found)))

    def _about(self, found: catalog.Offering) -> list[Content]:
        width = max(30, self.query_one("#offering-facts", Static).content_size.width)
        rows = [say(("o ", "key"), (_("order this"), "strong")), Content("")]
        links = [
            (_("Documentation"), found.documentation_url),
            (_("Help"), found.helpdesk_url),
            (_("Access"), found.access_url),
            (_("Privacy"), found.privacy_policy_link),
            (_("Terms"), found.terms_of_service_link),
            *((link.name, link.url) for link in found.endpoints),
        ]
        known: list[tuple[str, Piece]] = [(name, (url, "secondary")) for name, url in links if url]
        if known:
            rows += [say((_("Links"), "label")), facts(known, width, 14), Content("")]
        features: list[tuple[str, Piece]] = [
            (name.replace("_", " "), ", ".join(map(str, value)) if isinstance(value, list) else str(value))
            for name, value in found.attributes.items()
            if value not in (None, "", [], {})
        ]
        if features:
            rows += [say((_("Features"), "label")), facts(features, width, 14), Content("")]
        if found.terms_of_service.strip():
            rows += [
                say((_("Terms of service"), "label")),
                prose((found.terms_of_service[:TERMS_SHOWN], "muted")),
            ]
        return rows

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only an active offering can be ordered."""
        if action == "order":
            return True if self.offering is not None and self.offering.state == "Active" else None
        return True

    def action_order(self) -> None:
        self.mercato.nav.open(f"configure/{self.argument}")
