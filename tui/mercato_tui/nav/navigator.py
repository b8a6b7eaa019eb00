"""Moving between places. The history's present chain is where the person is; screens follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import ModalScreen

from mercato_tui.i18n import _
from mercato_tui.nav.history import Chain, History
from mercato_tui.nav.registry import BY_ID, make, page_for, shown_to

if TYPE_CHECKING:
    from mercato_tui.app import MercatoApp
    from mercato_tui.screens.base import Page
    from mercato_tui.session import Session

HOME = "home"


class Navigator:
    """Keeps each place as a mode of its own, with the pages opened from it on top."""

    def __init__(self, app: MercatoApp) -> None:
        self.app = app
        self.history = History()

    # Where one is.

    @property
    def chain(self) -> Chain:
        return self.history.now

    @property
    def place(self) -> str:
        """The destination whose pages are shown; empty before signing in."""
        mode = self.app.current_mode
        return mode if mode in BY_ID else ""

    @property
    def pages(self) -> list[Page]:
        """The pages of the present place, from its root to the one that is seen."""
        from mercato_tui.screens.base import Page

        return [screen for screen in self.app.screen_stack if isinstance(screen, Page)]

    @property
    def trail(self) -> list[str]:
        """What the pages are called."""
        return [page.crumb for page in self.pages]

    # Going somewhere.

    def go(self, place: str, search: str = "", filters: dict[str, str] | None = None) -> None:
        """To a destination, by its id."""
        if place not in BY_ID or BY_ID[place] not in shown_to(self.app.session):
            return
        self.history.visit((place,))
        self.app.call_later(self._show, (place,), search, filters or {})

    def open(self, route: str) -> None:
        """One level deeper, to a page such as `order/3f2a…`."""
        self._visit((*self.chain, route))

    def replace(self, route: str) -> None:
        """The same place in the way, another page: a form gives way to what it made."""
        chain = (*self.chain[:-1], route)
        self.history.replace(chain)
        self.app.call_later(self._show, chain)

    def up(self) -> None:
        """One level up; from a place's root home."""
        if len(self.chain) > 1:
            self._visit(self.chain[:-1])
        elif self.chain[:1] != (HOME,):
            self.go(HOME)
        else:
            self.app.say(_("You are home. ctrl+q quits."))

    def up_to(self, depth: int) -> None:
        """To the page at this depth of the way (1 is the place itself)."""
        if 0 < depth < len(self.chain):
            self._visit(self.chain[:depth])

    def back(self) -> None:
        chain = self.history.back()
        if chain is not None:
            self.app.call_later(self._show, chain)

    def forward(self) -> None:
        chain = self.history.forward()
        if chain is not None:
            self.app.call_later(self._show, chain)

    def _visit(self, chain: Chain) -> None:
        self.history.visit(chain)
        self.app.call_later(self._show, chain)

    async def _show(self, chain: Chain, search: str = "", filters: dict[str, str] | None = None) -> None:
        app = self.app
        while isinstance(app.screen, ModalScreen):
            await app.pop_screen()
        await app.switch_mode(chain[0])
        have = [page.route for page in self.pages[1:]]
        keep = 0
        while keep < min(len(have), len(chain) - 1) and have[keep] == chain[1 + keep]:
            keep += 1
        for _page in have[keep:]:
            await app.pop_screen()
        for route in chain[1 + keep :]:
            page = page_for(route)
            page.route = route
            await app.push_screen(page)
        if search or filters:
            self.pages[-1].arrive(search, filters or {})
        app.frame_changed()

    # Coming and leaving.

    async def build(self, session: Session) -> None:
        """The places of this person, and home."""
        for place in shown_to(session):
            factory = place.factory
            self.app.add_mode(place.id, lambda factory=factory: make(factory))  # type: ignore[misc]
        self.history.clear()
        self.go(HOME)

    async def demolish(self) -> None:
        """Nobody is signed in any more: no place is left, only the start screen."""
        app = self.app
        while isinstance(app.screen, ModalScreen):
            await app.pop_screen()
        await app.switch_mode("start")
        for place in [mode for mode in BY_ID if mode in app._modes]:
            await app.remove_mode(place)
        self.history.clear()
