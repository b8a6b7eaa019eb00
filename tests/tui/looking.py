"""What a test sees of the app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.pilot import Pilot

NARROW = (80, 24)
WIDE = (140, 45)


def screen_text(app: App[Any]) -> str:
    """The text of the screen that is seen, line by line (Textual has no public way to ask)."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[Any], true: Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait until something is so; fail with what the screen shows."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not true():
        if loop.time() > end:
            raise AssertionError(f"never came true; the screen shows:\n{screen_text(pilot.app)}")
        await pilot.pause(0.01)


async def until_text(pilot: Pilot[Any], *texts: str, seconds: float = 8.0) -> str:
    """Wait until all of these are on the screen; the screen's text."""

    def seen() -> bool:
        shown = screen_text(pilot.app)
        return all(text in shown for text in texts)

    await until(pilot, seen, seconds)
    return screen_text(pilot.app)
