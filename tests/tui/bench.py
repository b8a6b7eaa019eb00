"""A place to try one widget on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.app import App
from textual.widget import Widget

import mercato_tui.app
from mercato_tui.app import MercatoApp
from mercato_tui.themes import load
from mercato_tui.widgets.fields import Field
from mercato_tui.widgets.vlist import VList
from tui.looking import Driver


class Bench(App[None]):
    """A place to try one widget on."""

    CSS_PATH = Path(mercato_tui.app.__file__).parent / "styles" / "mercato.tcss"
    get_theme_variable_defaults = MercatoApp.get_theme_variable_defaults

    def __init__(self) -> None:
        super().__init__()
        self.said: list[Any] = []

    def on_mount(self) -> None:
        for file in load().files.values():
            self.register_theme(file.theme)
        self.theme = "notturno"

    def on_vlist_chosen(self, event: VList.Chosen) -> None:
        self.said.append(event.row)

    def on_field_changed(self, event: Field.Changed) -> None:
        self.said.append(event.field.key)


@asynccontextmanager
async def trying(*widgets: Widget, size: tuple[int, int] = (60, 12)) -> AsyncIterator[tuple[Bench, Driver]]:
    """These widgets on a bench; those that need an app to be made are put there by the test itself."""
    app = Bench()
    async with app.run_test(size=size) as pilot:
        await app.mount(*widgets)
        yield app, pilot
