"""What went wrong or what is missing, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.widgets import Static

from mercato_tui.text import lines, prose, say

if TYPE_CHECKING:
    from mercato_tui.api import ApiError


class Notice(Static):
    """A strip above the page's content; not there while there is nothing to say."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(markup=False, **kwargs)
        self.display = False

    def show_problem(self, problem: ApiError) -> None:
        """A problem of the server's or the connection's."""
        rows = [say(("✖ ", "bad"), (problem.detail, "strong"))]
        rows += [
            say(("  · ", "faint"), f"{name}: {' '.join(messages)}")
            for name, messages in problem.fields.items()
        ]
        if problem.advice:
            rows.append(say("  ", (problem.advice, "muted")))
        self._show(lines(rows), "-problem")

    def show_note(self, title: str, advice: str = "") -> None:
        """Something to know."""
        rows = [say(("● ", "warn"), (title, "strong"))]
        if advice:
            rows.append(say("  ", (advice, "muted")))
        self._show(lines(rows), "-note")

    def clear(self) -> None:
        self.display = False

    def _show(self, content: Content, kind: str) -> None:
        self.remove_class("-problem", "-note")
        self.add_class(kind)
        self.update(content)
        self.display = True


class Empty(Static):
    """Nothing here: says so kindly, and names the next step."""

    def __init__(self, title: str = "", advice: str = "", **kwargs: Any) -> None:
        super().__init__(markup=False, **kwargs)
        self.say(title, advice)

    def say(self, title: str, advice: str = "") -> None:
        self.update(lines([say((title, "strong")), prose((advice, "muted"))]))
