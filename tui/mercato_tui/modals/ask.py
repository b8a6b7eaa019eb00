"""A small form in a dialog: fields, a button, and the server's refusals at the fields."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from mercato_tui.i18n import _
from mercato_tui.modals.base import Dialog, button, buttons, complaint
from mercato_tui.text import prose
from mercato_tui.widgets.fields import Field
from mercato_tui.widgets.form import Form

Send = Callable[[dict[str, Any]], Awaitable[Any]]


class AskModal(Dialog[bool]):
    """Gives True when `send` went through. A refusal is shown and the dialog stays as it was typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "send", _("Send"), id="ask.send", priority=True),
    ]
    AUTO_FOCUS = "Input, TextArea, Control"

    def __init__(self, title: str, fields: Sequence[Field], send: Send, *, yes: str, text: str = "") -> None:
        super().__init__(title, _("ctrl+s sends · esc leaves"))
        self.asked = list(fields)
        self.sending = send
        self.yes = yes
        self.text = text

    def inside(self) -> ComposeResult:
        if self.text:
            yield Static(prose((self.text, "muted")), markup=False, classes="dialog-text")
        yield Form(*self.asked)
        yield complaint()
        yield buttons(button(_("Cancel"), "leave"), button(self.yes, "send", "-main"))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes to the next field; in the last one it sends."""
        inputs = list(self.query(Input))
        if event.input is inputs[-1]:
            self.action_send()
        else:
            self.focus_next()

    def action_send(self) -> None:
        form = self.query_one(Form)
        if not form.check():
            return
        values = form.values()

        async def work() -> None:
            await self.sending(values)
            # Signing in rebuilds every place, this dialog with them: then there is nothing left to close.
            if self.is_current:
                self.dismiss(True)

        self.complain("")
        self.in_background(work)

    def failed(self, problem: Any) -> None:
        homeless = self.query_one(Form).complain(problem.fields)
        rest = " ".join(text for messages in homeless.values() for text in messages)
        self.complain(" ".join(part for part in (problem.detail, rest) if part))
