"""The `:` line at the bottom of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from mercato_tui.i18n import _
from mercato_tui.modals.overlay import Overlay
from mercato_tui.nav.line import Command, completions, parse
from mercato_tui.nav.registry import shown_to
from mercato_tui.text import say

if TYPE_CHECKING:
    from mercato_tui.app import MercatoApp


class LineModal(Overlay[None]):
    """Type a place, filters and a search: `orders state=done gpu`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", _("Cancel"), id="line.leave"),
    ]

    def compose(self) -> ComposeResult:
        app = self.mercato
        words = completions(shown_to(app.session), sorted(app.themes.files))
        with Horizontal():
            yield Static(" : ", markup=False)
            yield Input(
                compact=True,
                placeholder=_("a place, then filters: orders state=done gpu · theme mattino · quit"),
                suggester=SuggestFromList(words, case_sensitive=False),
            )

    def action_leave(self) -> None:
        self.dismiss(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        app = self.mercato
        command = parse(event.value, shown_to(app.session))
        self.dismiss(None)
        if command is not None:
            run(app, command)


def run(app: MercatoApp, command: Command) -> None:
    """Do what the line said."""
    match command.act:
        case "go":
            app.nav.go(command.target, command.search, command.filters)
        case "open":
            app.nav.open(command.target)
        case "theme" if command.target in app.available_themes:
            app.theme = command.target
        case "theme":
            app.say(_("Themes: {names}").format(names=", ".join(sorted(app.themes.files))))
        case "help":
            app.call_later(app.action_help)
        case "quit":
            app.exit()
        case _:
            app.say(str(say(_("No place is called {word}.").format(word=command.target))), "warning")
