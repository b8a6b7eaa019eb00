"""Building the demo marketplace into a data directory: once, completely or not at all."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from mercato import config
from mercato.commands.running import being_server, find, prepare, write_private
from mercato.demo import bundled, story
from mercato.demo.personas import PERSONAS, token_of
from mercato.demo.stage import Stage
from mercato.jobs.alone import AnotherProcess, alone
from mercato.kernel import clock
from mercato.kernel.db import open_database
from mercato.market import Market
from mercato.migrations import upgrade
from mercato.server_files import personas_file

DATABASE = "mercato.db"
BUILDING = ".building-"
PRESET = "marketplace"


def ensure(place: Path) -> None:
    """Build the demo into the data directory `place` unless it is there.

    Several processes may ask at once: one builds, the others wait. What an interrupted build has left is
    replaced; a database that a server uses is left alone.
    """
    prepare(place)
    with alone(place / "demo.lock", wait=True):
        if _is_there(place):
            return
        for left in place.glob(f"{BUILDING}*"):
            shutil.rmtree(left)
        workshop = Path(tempfile.mkdtemp(prefix=BUILDING, dir=place))
        try:
            personas = build(workshop / DATABASE, place)
            _move_in(workshop / DATABASE, place, personas)
        finally:
            shutil.rmtree(workshop)


def _is_there(place: Path) -> bool:
    if not (place / DATABASE).exists():
        return False
    return personas_file(place).exists() or find(place) is not None


def build(database: Path, place: Path, now: datetime | None = None) -> list[dict[str, str]]:
    """Make a new database with the demo, told up to `now` (default: the present); its personas with tokens.

    `place` is the data directory whose settings hold.
    """
    url = f"sqlite:///{database}"
    upgrade(url)
    market = Market(open_database(url, durable=False), config.load(data_dir=str(place)))
    return asyncio.run(_told(market, now or clock.now()))


async def _told(market: Market, now: datetime) -> list[dict[str, str]]:
    preset = bundled(PRESET)
    if preset is None:
        raise FileNotFoundError(f"{PRESET}.json is missing from this installation")
    try:
        stage = Stage(market, json.loads(preset.read_text(encoding="utf-8")))
        await story.tell(stage, now)
        with clock.replaying(now):
            return [
                {**persona.shown, "token": await market.db.write(token_of, persona.username)}
                for persona in PERSONAS
            ]
    finally:
        await market.close()


def _move_in(made: Path, place: Path, personas: list[dict[str, str]]) -> None:
    """The database first, then the personas: their file says that the demo is complete."""
    with made.open("rb") as file:
        os.fsync(file.fileno())
    try:
        with being_server(place):
            for suffix in ("", "-wal", "-shm"):
                old = place / f"{DATABASE}{suffix}"
                if old.exists():
                    old.replace(place / f"{DATABASE}.replaced{suffix}")
            made.replace(place / DATABASE)
            write_private(personas_file(place), json.dumps(personas, ensure_ascii=False, indent=1))
    except AnotherProcess:
        # A server came first and has made a database of its own: that one stays.
        return
