"""Terminal app tests: the same app a person runs, in process, with everything that varies held still."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from textual.widgets import Input

from databases import build_tables
from mercato_tui.server import Tokens
from tui.marketplace import Place, fill, open_place


@pytest.fixture(autouse=True)
def quiet_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No person's settings, no blinking cursor, one language, one time zone."""
    for name in ("LC_ALL", "LC_MONETARY", "LANG", "TMUX", "MERCATO_THEME", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)


@pytest.fixture(autouse=True)
async def eager_tasks() -> None:
    """Textual starts tasks eagerly on 3.12 and later; tests must see what people see."""
    if sys.version_info >= (3, 12):
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)


@pytest.fixture(scope="session")
def filled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of the small marketplace, made once through its own API."""
    folder = tmp_path_factory.mktemp("marketplace")
    build_tables(f"sqlite:///{folder / 'mercato.db'}")

    async def make() -> None:
        place = await open_place(folder)
        try:
            await fill(place)
        finally:
            await place.close()
        known = {"tokens": place.tokens, "ids": place.ids}
        (folder / "known.json").write_text(json.dumps(known))

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, make()).result()
    return folder


@pytest.fixture
async def place(filled_folder: Path, tmp_path: Path) -> AsyncIterator[Place]:
    """A copy of the small marketplace, running."""
    folder = tmp_path / "marketplace"
    shutil.copytree(filled_folder, folder)
    found = await open_place(folder)
    known = json.loads((folder / "known.json").read_text())
    found.tokens, found.ids = known["tokens"], known["ids"]
    yield found
    await found.close()


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    """Where this test's app remembers sessions."""
    return Tokens(tmp_path / "tokens.json")
