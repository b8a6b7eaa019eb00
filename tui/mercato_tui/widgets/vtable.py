"""A windowed table: named columns, fixed or flexible, in a `VList`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from textual.content import Content

from mercato_tui.text import Piece, clean, fit_content, say
from mercato_tui.widgets.vlist import VList

Row = TypeVar("Row")


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column. `width` cells; or 0: a share (`flex`) of what is left.

    `show` gives the cell: a string, a (string, tone) pair or Content. Columns with the highest `drop` go first
    when the table gets too narrow for `least` cells in each flexible column.
    """

    title: str
    show: Callable[[Row], Piece]
    width: int = 0
    flex: int = 1
    least: int = 12
    align: str = "left"
    drop: int = 0


class VTable(VList[Row]):
    """Rows of columns with a header line."""

    def __init__(self, columns: Sequence[Column[Row]], **kwargs: Any) -> None:
        super().__init__(row_height=1, header_height=1, **kwargs)
        self.columns = tuple(columns)

    def layout_for(self, width: int) -> list[tuple[Column[Row], int]]:
        """The columns that fit into `width` cells, with their widths."""
        kept = list(self.columns)
        while len(kept) > 1:
            needed = sum(column.width or column.least for column in kept) + 2 * (len(kept) - 1)
            droppable = [column for column in kept if column.drop]
            if needed <= width or not droppable:
                break
            kept.remove(max(droppable, key=lambda column: column.drop))
        spare = width - sum(column.width for column in kept) - 2 * (len(kept) - 1)
        shares = sum(column.flex for column in kept if not column.width)
        found: list[tuple[Column[Row], int]] = []
        for column in kept:
            if column.width:
                found.append((column, column.width))
                continue
            cells = max(1, spare * column.flex // shares) if shares else 1
            spare -= cells
            shares -= column.flex
            found.append((column, cells))
        return found

    def draw_header(self, width: int) -> list[Content]:
        heads = [
            fit_content(say((clean(column.title), "label")), cells, column.align)
            for column, cells in self.layout_for(width - 2)
        ]
        return [Content("  ") + Content("  ").join(heads)]

    def draw_row(self, row: Row, width: int) -> list[Content]:
        cells = [
            fit_content(say(column.show(row)), cells, column.align)
            for column, cells in self.layout_for(width)
        ]
        return [Content("  ").join(cells)]

    def draw_placeholder(self, width: int) -> list[Content]:
        cells = [
            fit_content(say(("░" * max(2, cells * 2 // 3), "faint")), cells)
            for _column, cells in self.layout_for(width)
        ]
        return [Content("  ").join(cells)]
