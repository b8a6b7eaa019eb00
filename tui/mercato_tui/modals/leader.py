"""After `g`: the places and their letters. The next key goes there."""

from __future__ import annotations

from typing import ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Static

from mercato_tui.app import MercatoApp
from mercato_tui.i18n import _
from mercato_tui.nav.registry import shown_to
from mercato_tui.text import lines, say


class LeaderModal(ModalScreen[None]):
    """A small panel at the bottom; not a dialog, so that fast fingers never notice it."""

    AUTO_FOCUS: ClassVar[str | None] = ""

    def compose(self) -> ComposeResult:
        app = cast("MercatoApp", self.app)
        rows = [say((f" {place.key} ", "key"), f" {place.label}") for place in shown_to(app.session)]
        panel = Static(lines(rows), markup=False)
        panel.border_title = say(_("Go to"))
        yield panel

    def on_key(self, event: events.Key) -> None:
        event.stop()
        app = cast("MercatoApp", self.app)
        letter = event.character or ""
        place = next((place for place in shown_to(app.session) if place.key == letter), None)
        self.dismiss(None)
        if place is not None:
            app.nav.go(place.id)

    def on_click(self) -> None:
        self.dismiss(None)
