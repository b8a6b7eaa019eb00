"""Dialogs: a framed question with its buttons and keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Button, Static

from mercato_tui import background
from mercato_tui.i18n import _
from mercato_tui.modals.overlay import Overlay
from mercato_tui.text import prose, say

Answer = TypeVar("Answer")


class Dialog(Overlay[Answer], Generic[Answer]):
    """A dialog. `escape` or a click outside leaves without an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", _("Cancel"), id="dialog.leave"),
    ]
    AUTO_FOCUS = "Input, VList, Control, Button"
    danger: ClassVar[bool] = False

    def __init__(self, title: str = "", subtitle: str = "") -> None:
        super().__init__()
        self.dialog_title = title
        self.dialog_subtitle = subtitle

    def compose(self) -> ComposeResult:
        box = Vertical(classes="dialog")
        entitle(box, self.dialog_title)
        if self.dialog_subtitle:
            box.border_subtitle = say(self.dialog_subtitle)
        if self.danger:
            box.add_class("-danger")
        with box:
            yield from self.inside()

    def inside(self) -> ComposeResult:
        """The dialog's content."""
        yield from ()

    def action_leave(self) -> None:
        self.dismiss(None)

    def in_background(self, doing: Callable[[], Awaitable[Any]]) -> None:
        """Do something to the server; a refusal is shown in the dialog, which stays open.

        Runs as the app's own work: what it does may end with this dialog gone.
        """
        from mercato_tui.api import ApiError

        async def work() -> None:
            try:
                await doing()
            except ApiError as problem:
                if self.is_mounted:
                    self.failed(problem)
                else:
                    self.mercato.say(problem.detail, "error")

        background.run(self.mercato, work, "dialog")

    def failed(self, problem: Any) -> None:
        """Show a refusal in the dialog."""
        self.complain(problem.detail)

    def complain(self, text: str) -> None:
        for box in self.query(".complaint").results(Static):
            box.update(prose(("✖ ", "bad"), (text, "bad")))
            box.display = bool(text)


def entitle(widget: Widget, title: str) -> None:
    """Write a title into a widget's border, as text and not as markup."""
    widget.border_title = say(title) if title else None


def complaint() -> Static:
    """Where `complain` writes; not there until then."""
    return Static(classes="complaint", markup=False)


def buttons(*made: Button) -> Horizontal:
    """A dialog's row of buttons."""
    return Horizontal(*made, classes="buttons")


def button(label: str, action: str, kind: str = "") -> Button:
    """A button of one line that runs an action of its dialog or page."""
    made = Button(say(label), action=f"screen.{action}", compact=True)
    if kind:
        made.add_class(kind)
    return made
