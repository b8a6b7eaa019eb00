"""A piece of text that is laid out for the width it really has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from mercato_tui.text import lines, say

Draw = Callable[[int], Content]


class Block(Widget):
    """Shows what `show` was given, drawn anew for each width; a quiet skeleton until then."""

    def __init__(self, *, skeleton: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        bars = lines(say(("░" * (28 - 6 * (row % 3)), "faint")) for row in range(skeleton))
        self._draw: Draw = lambda _width: bars
        self._drawn: tuple[int, Content] | None = None

    def show(self, what: Draw | Content) -> None:
        """The text, or a function that makes it for a number of cells."""
        self._draw = (lambda _width: what) if isinstance(what, Content) else what
        self._drawn = None
        self.refresh(layout=True)

    def _for(self, width: int) -> Content:
        if self._drawn is None or self._drawn[0] != width:
            self._drawn = (width, self._draw(max(10, width)))
        return self._drawn[1]

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        found = self._for(width)
        return found.get_height({}, max(1, width)) if found.plain else 0

    def render(self) -> Content:
        return self._for(self.content_size.width)
