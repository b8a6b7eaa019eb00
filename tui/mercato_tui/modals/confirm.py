"""Yes or no; with a name to type where something is destroyed; or with a reason to give."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from mercato_tui.i18n import _
from mercato_tui.modals.base import Dialog, button, buttons, complaint
from mercato_tui.text import prose
from mercato_tui.widgets.fields import Entry


class ConfirmModal(Dialog[bool]):
    """Asks before something is done."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", _("Yes"), id="confirm.yes"),
        Binding("n", "leave", _("No"), id="confirm.no"),
    ]
    AUTO_FOCUS = "Button.-main"

    def __init__(self, title: str, text: str, yes: str) -> None:
        super().__init__(title)
        self.text = text
        self.yes = yes

    def inside(self) -> ComposeResult:
        yield Static(prose(self.text), markup=False, classes="dialog-text")
        yield buttons(button(_("Cancel"), "leave"), button(self.yes, "yes", "-main"))

    def action_yes(self) -> None:
        self.dismiss(True)


class TypedModal(Dialog[bool]):
    """Asks for the thing's name before it is destroyed."""

    danger: ClassVar[bool] = True

    def __init__(self, title: str, text: str, name: str, yes: str) -> None:
        super().__init__(title)
        self.text = text
        self.name_to_type = name
        self.yes = yes

    def inside(self) -> ComposeResult:
        yield Static(prose(self.text), markup=False, classes="dialog-text")
        ask = _("Type {name} to confirm:").format(name=self.name_to_type)
        yield Static(prose((ask, "strong")), markup=False, classes="dialog-text")
        yield Entry(id="typed")
        yield complaint()
        yield buttons(button(_("Cancel"), "leave"), button(self.yes, "yes", "-danger"))

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        self.action_yes()

    def action_yes(self) -> None:
        if self.query_one("#typed", Input).value.strip() == self.name_to_type.strip():
            self.dismiss(True)
        else:
            self.complain(_("That is not its name."))


class ReasonModal(Dialog[str]):
    """Asks for a sentence; required unless `optional`."""

    def __init__(self, title: str, text: str, yes: str, *, optional: bool = False) -> None:
        super().__init__(title)
        self.text = text
        self.yes = yes
        self.optional = optional

    def inside(self) -> ComposeResult:
        yield Static(prose(self.text), markup=False, classes="dialog-text")
        yield Entry(id="reason")
        yield complaint()
        yield buttons(button(_("Cancel"), "leave"), button(self.yes, "yes", "-main"))

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        self.action_yes()

    def action_yes(self) -> None:
        reason = self.query_one("#reason", Input).value.strip()
        if reason or self.optional:
            self.dismiss(reason)
        else:
            self.complain(_("Please say why; they will read it."))
