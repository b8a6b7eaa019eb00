"""Something to read, and to copy."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from mercato_tui.i18n import _
from mercato_tui.modals.base import Dialog, button, buttons
from mercato_tui.text import lines, prose, say


class TellModal(Dialog[None]):
    """A text, whole. `copy` is what y copies, where that is not the text itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", _("Copy"), id="tell.copy"),
        Binding("q", "leave", _("Close"), id="tell.close"),
    ]
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, title: str, text: Content | str, copy: str) -> None:
        super().__init__(title, _("y copies · esc closes"))
        self.text = text if isinstance(text, Content) else prose(text)
        self.copied = copy

    def inside(self) -> ComposeResult:
        with VerticalScroll(classes="tell"):
            yield Static(self.text, markup=False)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.copied)
        self.mercato.say(_("Sent to the terminal's clipboard."))


class SecretModal(TellModal):
    """A key that is shown this once: esc closes it only after it was copied, the button always."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "hold", show=False),
    ]
    AUTO_FOCUS = "Button.-main"

    def __init__(self, title: str, text: str, secret: str) -> None:
        warning = _("It is shown only now. Copy it and keep it like a password.")
        shown = [prose(text), Content(""), say((secret, "strong")), Content(""), prose((warning, "warn"))]
        super().__init__(title, lines(shown), secret)
        self.dialog_subtitle = _("y copies the key")
        self.kept = False

    def inside(self) -> ComposeResult:
        yield from super().inside()
        yield buttons(button(_("Done"), "leave"), button(_("Copy the key"), "copy", "-main"))

    def action_copy(self) -> None:
        super().action_copy()
        self.kept = True

    def action_hold(self) -> None:
        if self.kept:
            self.action_leave()
        else:
            self.mercato.say(_("Copy the key first (y). Done closes without copying."), "warning")
