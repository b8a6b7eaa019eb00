"""A page that is a list: chips, search on the server, a windowed table, and a preview where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from mercato_tui import background
from mercato_tui.api import ApiError
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.screens.base import Page
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.filter_bar import FilterBar, Search
from mercato_tui.widgets.notice import Empty
from mercato_tui.widgets.vlist import PAGE, VList
from mercato_tui.widgets.vtable import Column, VTable

Row = TypeVar("Row")


class ListPage(Page, Generic[Row]):
    """Subclasses give columns, read pages of rows in `read`, and open one in `choose`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", _("Search"), id="list.search"),
        Binding("right,l", "filter(1)", _("Filter"), key_display="← →", id="list.next_filter"),
        Binding("left,h", "filter(-1)", _("Previous filter"), show=False, id="list.last_filter"),
    ]
    AUTO_FOCUS = "VList"
    preview_pane: ClassVar[bool] = False
    placeholder: ClassVar[str] = ""
    searchable: ClassVar[bool] = True
    renew_every: ClassVar[float] = 0.0

    # What subclasses say.

    def columns(self) -> Sequence[Column[Row]]:
        """The table's columns."""
        return ()

    def make_list(self) -> VList[Row]:
        """The list itself, for pages whose list is not a table."""
        return VTable(self.columns())

    def filters(self) -> list[Item]:
        """The chips; the first is the one a page begins with."""
        return []

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[Row]:
        """A page of rows that match. May raise ApiError."""
        raise NotImplementedError

    def choose(self, row: Row) -> None:
        """Enter on a row."""

    def preview(self, row: Row) -> Content:
        """The row in the pane at the right, on wide terminals."""
        return Content("")

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        """Title and advice for an empty list."""
        if text:
            return _("Nothing matches."), _("Press / to change the search, esc in it to clear it.")
        return _("Nothing here yet."), ""

    # How it works.

    def body(self) -> ComposeResult:
        chips = self.filters()
        bar = FilterBar(chips, chips[0].value if chips else "", placeholder=self.placeholder)
        bar.search.display = self.searchable
        yield bar
        with Horizontal(id="list-area"):
            yield self.make_list()
            if self.preview_pane:
                with VerticalScroll(id="preview", can_focus=False):
                    yield Static(id="preview-text", markup=False)
        empty = Empty(id="empty")
        empty.display = False
        yield empty

    @property
    def table(self) -> VList[Row]:
        return self.query_one(VList)

    @property
    def bar(self) -> FilterBar:
        return self.query_one(FilterBar)

    async def fetch(self) -> None:
        """Renew what is in view; the rows that are shown stay until the answer comes."""
        self.poll = self.renew_every
        table = self.table
        table.reload() if table.generation else table.start()

    def restart(self) -> None:
        """Another question: begin at the top."""
        self.table.start()

    def on_filter_bar_changed(self) -> None:
        self.restart()

    def on_vlist_wanted(self, event: VList.Wanted) -> None:
        event.stop()
        background.run(self, partial(self._answer, event.page, event.generation), f"rows-{event.page}")

    async def _answer(self, page: int, generation: int) -> None:
        if self.mercato.session is None:
            return
        text, choice = self.bar.text, self.bar.choice
        try:
            found = await self.read(page, PAGE, text, choice)
        except ApiError as problem:
            if problem.status == 404 and page > 1:
                self.restart()
                return
            self.failed(problem)
            return
        self.table.put(page, found.rows, found.total, generation)
        if generation == self.table.generation:
            self._tell(found.total, text, choice)

    def _tell(self, total: int, text: str, choice: str) -> None:
        empty = self.query_one("#empty", Empty)
        empty.display = total == 0
        self.query_one("#list-area").display = total > 0
        if total == 0:
            empty.say(*self.nothing(text, choice))
        elif self.focused is None:
            self.table.focus()

    def on_vlist_chosen(self, event: VList.Chosen) -> None:
        event.stop()
        self.choose(event.row)

    def on_vlist_moved(self, event: VList.Moved) -> None:
        event.stop()
        if self.preview_pane and event.row is not None:
            self.query_one("#preview-text", Static).update(self.preview(event.row))
        self.refresh_bindings()

    def on_search_left(self, event: Search.Left) -> None:
        event.stop()
        self.table.focus()

    def action_search(self) -> None:
        self.bar.search.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No search key where there is no search, no filter key where there is nothing to filter by."""
        if action == "filter":
            return len(self.filters()) > 1
        return action != "search" or self.searchable

    def action_filter(self, step: int) -> None:
        if self.bar.chips.items:
            self.bar.chips.step(step)

    def arrive(self, search: str, filters: dict[str, str]) -> None:
        self.bar.search.value = search
        chosen = filters.get("state", "")
        if chosen:
            self.bar.chips.choose(chosen)
        self.table.focus()

    @property
    def chosen_row(self) -> Any:
        """The row under the cursor, or None."""
        return self.table.row
