"""Lists that draw only what is seen. A hundred thousand rows cost what a screenful costs.

The list asks for pages of rows as they come into view (`VList.Wanted`) and shows quiet placeholders until
they arrive. Rows are drawn as `Content` made by `text.say`, so nothing in them can be markup.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from mercato_tui.i18n import _
from mercato_tui.text import fit_content, say

Row = TypeVar("Row")

PAGE = 50


class VList(ScrollView, Generic[Row], can_focus=True):
    """A windowed list with a cursor. Subclasses say how a row looks; `row_height` lines each."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", _("Open"), id="list.open"),
        Binding("down,j", "move(1)", _("Down"), show=False, id="list.down"),
        Binding("up,k", "move(-1)", _("Up"), show=False, id="list.up"),
        Binding("pagedown,ctrl+d", "leaf(1)", _("Page down"), show=False, id="list.page_down"),
        Binding("pageup,ctrl+u", "leaf(-1)", _("Page up"), show=False, id="list.page_up"),
        Binding("home", "edge(0)", _("First"), show=False, id="list.first"),
        Binding("end,G", "edge(1)", _("Last"), show=False, id="list.last"),
    ]
    ALLOW_SELECT = False

    opens: ClassVar[bool] = True

    cursor = reactive(0, repaint=False)
    total = reactive(0, repaint=False)

    class Wanted(Message):
        """Rows of this page (from 1) have come into view and are not here yet."""

        def __init__(self, sender: VList[Any], page: int, generation: int) -> None:
            super().__init__()
            self.list = sender
            self.page = page
            self.generation = generation

        @property
        def control(self) -> VList[Any]:
            return self.list

    class Chosen(Message):
        """Enter or a second click on a row."""

        def __init__(self, sender: VList[Any], row: Any) -> None:
            super().__init__()
            self.list = sender
            self.row = row

        @property
        def control(self) -> VList[Any]:
            return self.list

    class Moved(Message):
        """The cursor is on another row, or its row has arrived."""

        def __init__(self, sender: VList[Any], row: Any | None) -> None:
            super().__init__()
            self.list = sender
            self.row = row

        @property
        def control(self) -> VList[Any]:
            return self.list

    def __init__(self, *, row_height: int = 1, header_height: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.row_height = row_height
        self.header_height = header_height
        self.generation = 0
        self._pages: dict[int, list[Row]] = {}
        self._asked: set[int] = set()
        self._stale: set[int] = set()
        self._drawn: dict[tuple[int, int, bool, bool], list[Strip]] = {}

    # What subclasses say.

    def draw_row(self, row: Row, width: int) -> list[Content]:
        """The lines of a row, at most `row_height` of them."""
        raise NotImplementedError

    def draw_placeholder(self, width: int) -> list[Content]:
        """The lines of a row that has not arrived."""
        return [say(("░" * max(3, min(24, width // 3)), "faint"))]

    def draw_header(self, width: int) -> list[Content]:
        """The lines above the rows, `header_height` of them."""
        return []

    # What pages do.

    def start(self) -> None:
        """Forget all rows and begin again at the top; the first page is asked for."""
        self.generation += 1
        self._pages.clear()
        self._asked.clear()
        self._stale.clear()
        self._drawn.clear()
        self.set_reactive(VList.cursor, 0)
        self.scroll_to(y=0, animate=False, immediate=True)
        self._ask(1)

    def reload(self) -> None:
        """Ask again for what is in view, keeping what is shown until the answer comes."""
        self.generation += 1
        self._asked.clear()
        self._stale = set(self._pages)
        first = self.scroll_offset.y // self.row_height
        last = min(max(0, self.total - 1), first + self.size.height // self.row_height)
        for page in range(first // PAGE + 1, last // PAGE + 2):
            self._ask(page)

    def put(self, page: int, rows: list[Row], total: int, generation: int) -> None:
        """The answer to `Wanted`. An answer to an older question is ignored."""
        if generation != self.generation:
            return
        self._pages[page] = rows
        self._stale.discard(page)
        self._drawn.clear()
        self.total = total
        self._measure()
        if self.cursor >= total:
            self.cursor = max(0, total - 1)
        self.refresh()
        if (page - 1) * PAGE <= self.cursor < (page - 1) * PAGE + max(1, len(rows)):
            self.post_message(self.Moved(self, self.row))

    def put_all(self, rows: list[Row]) -> None:
        """Show these rows and no others."""
        self.generation += 1
        self._pages = {index // PAGE + 1: rows[index : index + PAGE] for index in range(0, len(rows), PAGE)}
        self._asked = set(range(1, len(rows) // PAGE + 2))
        self._stale.clear()
        self._drawn.clear()
        self.total = len(rows)
        self._measure()
        self.cursor = max(0, min(self.cursor, len(rows) - 1))
        self.refresh()
        self.post_message(self.Moved(self, self.row))

    @property
    def row(self) -> Row | None:
        """The row under the cursor, if it is here."""
        return self.row_at(self.cursor)

    def row_at(self, index: int) -> Row | None:
        rows = self._pages.get(index // PAGE + 1)
        offset = index % PAGE
        return rows[offset] if rows is not None and offset < len(rows) and index < self.total else None

    def move_to(self, matches: Callable[[Row], bool]) -> bool:
        """Put the cursor on the first present row that matches."""
        for index in range(self.total):
            row = self.row_at(index)
            if row is not None and matches(row):
                self.cursor = index
                return True
        return False

    # Drawing.

    def _measure(self) -> None:
        self.virtual_size = Size(0, self.header_height + self.total * self.row_height)

    def _ask(self, page: int) -> None:
        if page not in self._asked:
            self._asked.add(page)
            self.post_message(self.Wanted(self, page, self.generation))

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        base = self.visual_style
        if y < self.header_height:
            heads = self.draw_header(width)
            return self._strip(heads[y] if y < len(heads) else Content(""), base, width)
        line = y - self.header_height + self.scroll_offset.y
        index, part = divmod(line, self.row_height)
        if index >= self.total:
            return Strip.blank(width, base.rich_style)
        return self._row_strips(index, width)[part]

    def _row_strips(self, index: int, width: int) -> list[Strip]:
        here, focused = index == self.cursor, self.has_focus
        key = (index, width, here, focused)
        strips = self._drawn.get(key)
        if strips is not None:
            return strips
        row = self.row_at(index)
        page = index // PAGE + 1
        if row is None or page in self._stale:
            self._ask(page)
        drawn = self.draw_placeholder(width - 2) if row is None else self.draw_row(row, width - 2)
        style = self.visual_style
        blank = Strip.blank(width, style.rich_style)
        if here:
            style += Style.parse("on $cursor" if focused else "on $surface")
        mark = say(("▌ ", "primary")) if here and focused else say("  ")
        strips = [self._strip(mark + line, style, width) for line in drawn[: self.row_height]]
        strips += [blank] * (self.row_height - len(strips))
        if row is not None:
            if len(self._drawn) > 600:
                self._drawn.clear()
            self._drawn[key] = strips
        return strips

    def _strip(self, content: Content, style: Style, width: int) -> Strip:
        fitted = fit_content(content, width)
        segments = [
            Segment(text, part.rich_style)
            for text, part in fitted.render(style, end="", parse_style=self._get_style)
        ]
        return Strip(segments, width)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn.clear()

    # Moving.

    def watch_cursor(self, before: int, after: int) -> None:
        self._repaint(before)
        self._repaint(after)
        self._into_view(after)
        self.post_message(self.Moved(self, self.row))

    def watch_has_focus(self, value: bool) -> None:
        super().watch_has_focus(value)
        self._repaint(self.cursor)

    def _repaint(self, index: int) -> None:
        top = self.header_height + index * self.row_height - self.scroll_offset.y
        self.refresh(Region(0, top, self.size.width, self.row_height))

    def _into_view(self, index: int) -> None:
        top, height = index * self.row_height, self.size.height - self.header_height
        offset = self.scroll_offset.y
        if height <= 0:
            return
        if top < offset:
            self.scroll_to(y=top, animate=False, immediate=True)
        elif top + self.row_height > offset + height:
            self.scroll_to(y=top + self.row_height - height, animate=False, immediate=True)

    def action_move(self, step: int) -> None:
        if self.total:
            self.cursor = max(0, min(self.total - 1, self.cursor + step))

    def action_leaf(self, direction: int) -> None:
        step = max(1, (self.size.height - self.header_height) // self.row_height - 1)
        self.action_move(direction * step)

    def action_edge(self, end: int) -> None:
        if self.total:
            self.cursor = self.total - 1 if end else 0

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No enter key where rows cannot be opened."""
        return action != "choose" or self.opens

    def action_choose(self) -> None:
        if self.row is not None and self.opens:
            self.post_message(self.Chosen(self, self.row))

    def on_click(self, event: events.Click) -> None:
        line = event.y - self.header_height
        if line < 0:
            return
        index = (line + self.scroll_offset.y) // self.row_height
        if index >= self.total:
            return
        again = index == self.cursor
        self.cursor = index
        if again or event.chain > 1:
            self.action_choose()
