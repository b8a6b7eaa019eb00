"""After `g`: the places and their letters. The next key goes there."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.widgets import Static

from mercato_tui.i18n import _
from mercato_tui.modals.overlay import Overlay
from mercato_tui.nav.registry import shown_to
from mercato_tui.text import lines, say


class LeaderModal(Overlay[None]):
    """A small panel at the bottom; not a dialog, so that fast fingers never notice it."""

    AUTO_FOCUS: ClassVar[str | None] = ""

    def compose(self) -> ComposeResult:
        places = shown_to(self.mercato.session)
        rows = [say((f" {place.key} ", "key"), f" {place.label}") for place in places]
        panel = Static(lines(rows), markup=False)
        panel.border_title = say(_("Go to"))
        yield panel

    def on_key(self, event: events.Key) -> None:
        event.stop()
        app = self.mercato
        letter = event.character or event.key
        place = next((place for place in shown_to(app.session) if place.key == letter), None)
        self.dismiss(None)
        if place is not None:
            app.nav.go(place.id)

    def on_click(self) -> None:
        self.dismiss(None)
