"""The palette: everything that can be done, found by a few letters of its name."""

from __future__ import annotations

import inspect
from typing import Any

from textual.fuzzy import Matcher
from textual.screen import Screen

from mercato_tui.i18n import _
from mercato_tui.modals.picker import PickModal
from mercato_tui.nav.commands import Act, acts
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.vlist import VList


class PaletteModal(PickModal):
    """Runs what is chosen. Themes are shown while one looks at them."""

    def __init__(self, about: Screen[Any]) -> None:
        super().__init__(_("Commands"), [])
        self.about = about
        self.found: list[Act] = []
        self.before = ""
        self.browsed = False

    def on_mount(self) -> None:
        self.before = self.mercato.theme
        self.found = list(acts(self.mercato, self.about))
        self.items = [Item(str(index), act.name, act.note) for index, act in enumerate(self.found)]

    def narrow(self, text: str) -> list[Item]:
        if not text.strip():
            return self.items
        self.browsed = True
        matcher = Matcher(text)
        scored = [(matcher.match(item.label), item) for item in self.items]
        return [item for score, item in sorted(scored, key=lambda pair: -pair[0]) if score > 0]

    def on_vlist_moved(self, event: VList.Moved) -> None:
        act = self._act(event.row)
        look = act.theme if act is not None and self.browsed else ""
        self.mercato.theme = look or self.before

    def action_move(self, step: int) -> None:
        self.browsed = True
        super().action_move(step)

    def chosen(self, item: Item) -> None:
        act = self._act(item)
        if act is not None and not act.theme:
            self.mercato.theme = self.before
        self.dismiss(None)
        if act is not None:
            self.mercato.call_later(_run, act)

    def action_leave(self) -> None:
        self.mercato.theme = self.before
        super().action_leave()

    def _act(self, item: Item | None) -> Act | None:
        return self.found[int(item.value)] if item is not None else None


async def _run(act: Act) -> None:
    answer = act.run()
    if inspect.isawaitable(answer):
        await answer
