"""Above a list: ready-made filters as chips, and a search that goes to the server as one types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from mercato_tui.i18n import _
from mercato_tui.text import clean, fit_content, say
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.fields import Entry

PAUSE = 0.15


class Chips(Widget):
    """One of several filters, in a row."""

    ALLOW_SELECT = False
    value: reactive[str] = reactive("")

    class Chosen(Message):
        """Another filter."""

    def __init__(self, items: Sequence[Item], value: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.items = list(items)
        self.set_reactive(Chips.value, value)

    def offer(self, items: Sequence[Item]) -> None:
        """Other filters, or the same with other counts."""
        self.items = list(items)
        self.refresh(layout=True)

    def render(self) -> Content:
        parts = []
        for item in self.items:
            here = item.value == self.value
            label = f" {clean(item.label)} "
            part = Content.styled(label, "bold $ink on $secondary" if here else "$foreground")
            if item.note:
                part += say((f"{item.note} ", "muted"))
            parts.append(part.stylize(Style.from_meta({"chip": item.value})))
        return fit_content(Content.assemble(*parts), self.content_size.width)

    def step(self, step: int) -> None:
        """The next or the one before, around the ends."""
        values = [item.value for item in self.items]
        at = values.index(self.value) if self.value in values else 0
        self.choose(values[(at + step) % len(values)])

    def choose(self, value: str) -> None:
        if value != self.value and any(item.value == value for item in self.items):
            self.value = value
            self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        chip = event.style.meta.get("chip")
        if chip is not None:
            self.choose(chip)


class Search(Entry):
    """The search line: enter and down go to the list, escape clears and then leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", _("Clear"), id="search.clear"),
        Binding("down,enter", "to_list", _("To the list"), id="search.list"),
    ]

    class Left(Message):
        """The person wants to go to the list."""

    def action_clear(self) -> None:
        if self.value:
            self.value = ""
        self.post_message(self.Left())

    def action_to_list(self) -> None:
        self.post_message(self.Left())


class FilterBar(Horizontal):
    """Chips and search. `Changed` comes once after a short pause in typing."""

    class Changed(Message):
        """The filter or the search is another one."""

    def __init__(self, items: Sequence[Item] = (), value: str = "", *, placeholder: str = "") -> None:
        super().__init__(id="filter-bar")
        self.chips = Chips(items, value, id="chips")
        self.search = Search(placeholder=placeholder or _("/ search"), id="search")
        self._pause: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self.chips
        yield self.search

    @property
    def text(self) -> str:
        return self.search.value.strip()

    @property
    def choice(self) -> str:
        return self.chips.value

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self._say_changed)

    def on_chips_chosen(self, event: Chips.Chosen) -> None:
        event.stop()
        self._say_changed()

    def _say_changed(self) -> None:
        self.post_message(self.Changed())
