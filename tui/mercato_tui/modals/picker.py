"""Choose one of many, with a search as one types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input

from mercato_tui.i18n import _
from mercato_tui.modals.base import Dialog
from mercato_tui.text import say, spread
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.fields import Entry
from mercato_tui.widgets.vlist import VList


class ItemList(VList[Item]):
    """Items on one line each, their notes at the right."""

    def draw_row(self, row: Item, width: int) -> list[Content]:
        return [spread(say(row.label), say((row.note, "muted")), width)]


class SearchEntry(Entry):
    """The search line above a list: the arrows move in the list, enter takes what it points at."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "screen.move(1)", show=False),
        Binding("up", "screen.move(-1)", show=False),
        Binding("pagedown", "screen.move(10)", show=False),
        Binding("pageup", "screen.move(-10)", show=False),
    ]


class PickModal(Dialog[str]):
    """Gives the chosen item's value, or None."""

    AUTO_FOCUS = "SearchEntry"

    def __init__(self, title: str, items: Sequence[Item], value: str = "") -> None:
        super().__init__(title, _("type to search · enter takes it"))
        self.items = list(items)
        self.value = value

    def inside(self) -> ComposeResult:
        yield SearchEntry(placeholder=_("search"))
        yield ItemList()

    def on_mount(self) -> None:
        self.populate()

    def populate(self) -> None:
        """Show all items, the cursor on the present value."""
        found = self.query_one(ItemList)
        found.put_all(self.narrow(""))
        found.move_to(lambda item: item.value == self.value)

    def chosen(self, item: Item) -> None:
        """Enter on an item. Subclasses do something else with it."""
        self.dismiss(item.value)

    def narrow(self, text: str) -> list[Item]:
        """The items that match what was typed: every word of it occurs."""
        words = text.casefold().split()
        return [
            item
            for item in self.items
            if all(word in f"{item.label} {item.note}".casefold() for word in words)
        ]

    def on_input_changed(self, event: Input.Changed) -> None:
        found = self.query_one(ItemList)
        found.put_all(self.narrow(event.value))
        found.cursor = 0

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        self.query_one(ItemList).action_choose()

    def action_move(self, step: int) -> None:
        self.query_one(ItemList).action_move(step)

    def on_vlist_chosen(self, event: VList.Chosen) -> None:
        event.stop()
        self.chosen(event.row)
