"""Keys are worked off one by one, and wait for an overlay that is coming up.

Textual hands a key to the focused widget and takes the next one before the first has had its effect, so the
`c` of a fast `g c` would reach the page instead of the panel that `g` opens. Here the next key leaves only when
a message sent behind the one before has come the whole way from the focused widget up to the app.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from textual import events
    from textual.timer import Timer

    from mercato_tui.app import MercatoApp

Deliver = Callable[["events.Key"], Awaitable[None]]

LONGEST = 0.5


class KeySettled(Message):
    """Follows a key on its way; arrives at the app when the key has had its effect."""


class TypeAhead:
    """The queue in front of the app's keys."""

    def __init__(self, app: MercatoApp, deliver: Deliver) -> None:
        self.app = app
        self.deliver = deliver
        self.held: list[events.Key] = []
        self._guard: Timer | None = None

    @property
    def open(self) -> bool:
        """Can the top screen take keys? Every screen but an overlay that is still coming up can."""
        return getattr(self.app.screen, "takes_keys", True)

    async def take(self, key: events.Key) -> None:
        """A key was pressed: hand it on, after those that wait."""
        self.held.append(key)
        await self.next()

    async def settled(self) -> None:
        """The key on its way has arrived (or was lost with its widget, which the guard finds out)."""
        if self._guard is not None:
            self._guard.stop()
            self._guard = None
        await self.next()

    async def next(self) -> None:
        """Hand on the next key if none is on its way and somebody can take it."""
        if not self.held or self._guard is not None or not self.open:
            return
        self._guard = self.app.set_timer(LONGEST, self.settled)
        target = self.app.focused or self.app.screen
        await self.deliver(self.held.pop(0))
        target.post_message(KeySettled())
