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
from mercato_tui.screens.base import Page
from mercato_tui.text import Piece, lines, prose, say
from mercato_tui.widgets.badge import offering_badge
from mercato_tui.widgets.block import Block
from mercato_tui.widgets.facts import answers, facts
from mercato_tui.widgets.md import document
from mercato_tui.widgets.notice import Notice
from mercato_tui.widgets.plans import comparison


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

    def _show(self, found: catalog.Offering) -> None:
        badge: Piece = offering_badge(found.state) if found.state != "Active" else ""
        head = say((found.name, "strong"), "   ", badge)
        whose = say((found.customer_name, "secondary"), (f"  ·  {found.category_title}", "muted"))
        self.query_one("#offering-title", Block).show(lines([head, whose]))
        text = [document(found.description)]
        if found.full_description.strip():
            text += [Content(""), document(found.full_description)]
        self.query_one("#offering-text", Block).show(lines(text))
        currency = self.session.currency
        self.query_one("#offering-plans", Block).show(
            lambda width: comparison(found.plans, found.components, currency, width)
        )
        self.query_one("#offering-facts", Block).show(lambda width: lines(self._about(found, width)))

    def _about(self, found: catalog.Offering, width: int) -> list[Content]:
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
        features = answers(found.attributes)
        if features:
            rows += [say((_("Features"), "label")), facts(features, width, 14), Content("")]
        if found.terms_of_service.strip():
            rows += [
                say((_("Terms of service"), "label")),
                prose((found.terms_of_service, "muted")),
            ]
        return rows

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only an active offering can be ordered."""
        if action == "order":
            return True if self.offering is not None and self.offering.state == "Active" else None
        return True

    def action_order(self) -> None:
        self.mercato.nav.open(f"configure/{self.argument}")
