"""What every overlay shares: it says when it can take keys, so that none typed meanwhile is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar, cast

from textual.screen import ModalScreen

if TYPE_CHECKING:
    from mercato_tui.app import MercatoApp

Answer = TypeVar("Answer")


class Overlay(ModalScreen[Answer], Generic[Answer]):
    """A screen on top of a page."""

    takes_keys = False

    @property
    def mercato(self) -> MercatoApp:
        return cast("MercatoApp", self.app)

    def on_screen_resume(self) -> None:
        self.call_after_refresh(self._take_keys)

    def _take_keys(self) -> None:
        self.takes_keys = True
        self.mercato.call_later(self.mercato.type_ahead.next)
