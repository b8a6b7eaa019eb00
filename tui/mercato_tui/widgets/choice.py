"""Light controls of one node each: a tick, a choice that opens a list, a set of radio lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from mercato_tui.i18n import _
from mercato_tui.text import fit_content, lines, say, spread


@dataclass(frozen=True)
class Item:
    """Something to choose: its value, its name, and a word beside it."""

    value: str
    label: str
    note: str = ""


class Control(Widget, can_focus=True):
    """What the light controls share: they tell when their value changed."""

    ALLOW_SELECT = False

    class Changed(Message):
        """The person chose something else."""

        def __init__(self, sender: Control) -> None:
            super().__init__()
            self.sender_control = sender

        @property
        def control(self) -> Control:
            return self.sender_control

    def _say_changed(self) -> None:
        self.refresh(layout=True)
        self.post_message(self.Changed(self))

    def _bullet(self, on: bool, shape: tuple[str, str]) -> tuple[str, str]:
        return (shape[0] if on else shape[1], "primary" if on else "muted")


class Tick(Control):
    """A yes or no. The text beside it is part of the control, so that a click on it counts."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "tick", _("Tick"), id="tick.toggle"),
    ]
    value: reactive[bool] = reactive(False)

    def __init__(self, label: str, value: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.label = label
        self.set_reactive(Tick.value, value)

    def render(self) -> Content:
        return say(self._bullet(self.value, ("[✓] ", "[ ] ")), self.label)

    def action_tick(self) -> None:
        self.value = not self.value
        self._say_changed()

    def on_click(self) -> None:
        self.action_tick()


class Choice(Control):
    """One of several, on one line. Arrows go through them; enter opens the list with a search."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "pick", _("Choose"), id="choice.pick"),
        Binding("right", "step(1)", _("Next"), show=False, id="choice.next"),
        Binding("left", "step(-1)", _("Previous"), show=False, id="choice.previous"),
    ]
    value: reactive[str] = reactive("")

    def __init__(
        self, items: Sequence[Item], value: str = "", *, prompt: str = "", title: str = "", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.items = tuple(items)
        self.prompt = prompt or _("choose")
        self.title = title
        self.set_reactive(Choice.value, value)

    @property
    def chosen(self) -> Item | None:
        return next((item for item in self.items if item.value == self.value), None)

    def offer(self, items: Sequence[Item], value: str = "") -> None:
        """Other things to choose from."""
        self.items = tuple(items)
        self.value = value
        self.refresh()

    def render(self) -> Content:
        item = self.chosen
        shown = say((self.prompt, "muted")) if item is None else say(item.label)
        if item is not None and item.note:
            shown += say((f"  {item.note}", "muted"))
        return spread(shown, say(("▾", "primary")), self.content_size.width)

    def action_step(self, step: int) -> None:
        if not self.items:
            return
        values = [item.value for item in self.items]
        at = values.index(self.value) + step if self.value in values else 0
        self._choose(values[max(0, min(len(values) - 1, at))])

    def action_pick(self) -> None:
        from mercato_tui.modals.picker import PickModal

        def picked(value: str | None) -> None:
            if value is not None:
                self._choose(value)

        self.app.push_screen(PickModal(self.title or self.prompt, self.items, self.value), picked)

    def _choose(self, value: str) -> None:
        if value != self.value:
            self.value = value
            self._say_changed()

    def on_click(self) -> None:
        self.action_pick()


class Radio(Control):
    """One of a few, each on its own line with a note at the right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,right", "step(1)", _("Next"), show=False, id="radio.next"),
        Binding("up,left", "step(-1)", _("Previous"), show=False, id="radio.previous"),
    ]
    value: reactive[str] = reactive("")

    def __init__(self, items: Sequence[Item], value: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.items = tuple(items)
        self.set_reactive(Radio.value, value)

    def get_content_height(self, *_args: object) -> int:
        return max(1, len(self.items))

    def render(self) -> Content:
        rows = []
        for item in self.items:
            on = item.value == self.value
            name = say(self._bullet(on, ("● ", "○ ")), (item.label, "strong" if on else ""))
            note = say((item.note, "muted"))
            # A note that does not fit whole says less than none.
            if name.cell_length + note.cell_length + 1 > self.content_size.width:
                note = say()
            rows.append(spread(name, note, self.content_size.width))
        return lines(rows) if rows else say((_("nothing to choose"), "muted"))

    def action_step(self, step: int) -> None:
        values = [item.value for item in self.items]
        if values:
            at = values.index(self.value) + step if self.value in values else 0
            self._choose(values[max(0, min(len(values) - 1, at))])

    def _choose(self, value: str) -> None:
        if value != self.value:
            self.value = value
            self._say_changed()

    def on_click(self, event: events.Click) -> None:
        if event.y < len(self.items):
            self._choose(self.items[event.y].value)


class Several(Control):
    """Any of a few, each on its own line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", _("Next"), show=False, id="several.next"),
        Binding("up", "move(-1)", _("Previous"), show=False, id="several.previous"),
        Binding("space,enter", "tick", _("Tick"), id="several.toggle"),
    ]
    cursor: reactive[int] = reactive(0)

    def __init__(self, items: Sequence[Item], values: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.items = tuple(items)
        self.ticked = set(values)

    @property
    def values(self) -> list[str]:
        """What is ticked, in the order of the items."""
        return [item.value for item in self.items if item.value in self.ticked]

    def get_content_height(self, *_args: object) -> int:
        return max(1, len(self.items))

    def render(self) -> Content:
        rows = []
        for index, item in enumerate(self.items):
            here = index == self.cursor and self.has_focus
            rows.append(
                fit_content(
                    say(
                        self._bullet(item.value in self.ticked, ("[✓] ", "[ ] ")),
                        (item.label, "primary" if here else ""),
                    ),
                    self.content_size.width,
                )
            )
        return lines(rows)

    def action_move(self, step: int) -> None:
        self.cursor = max(0, min(len(self.items) - 1, self.cursor + step))

    def action_tick(self) -> None:
        if self.items:
            self.ticked ^= {self.items[self.cursor].value}
            self._say_changed()

    def on_click(self, event: events.Click) -> None:
        if event.y < len(self.items):
            self.cursor = event.y
            self.action_tick()
