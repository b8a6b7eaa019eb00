"""Keys typed faster than an overlay opens wait for it, in order; they never reach the page below by mistake.

`:quit` pasted at once, or `g c` by fast fingers over a slow line, do what they say.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual import events

    from mercato_tui.app import MercatoApp

Deliver = Callable[["events.Key"], Awaitable[None]]


class TypeAhead:
    """Holds keys back while the top screen is an overlay that cannot take them yet."""

    def __init__(self, app: MercatoApp, deliver: Deliver) -> None:
        self.app = app
        self.deliver = deliver
        self.held: list[events.Key] = []

    @property
    def open(self) -> bool:
        """Can the top screen take keys? Every screen but an overlay that is still coming up can."""
        return getattr(self.app.screen, "takes_keys", True)

    async def take(self, key: events.Key) -> None:
        """A key was pressed: hand it on, after those that wait."""
        self.held.append(key)
        await self._drain()

    def release(self) -> None:
        """The top screen can take keys now."""
        self.app.call_later(self._drain)

    async def _drain(self) -> None:
        while self.held and self.open:
            await self.deliver(self.held.pop(0))
