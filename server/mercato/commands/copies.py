"""`mercato backup` and `mercato restore`: a whole marketplace in one file, taken while it runs.

The file is a zip: `manifest.json`, the database (a SQLite file, or PostgreSQL's own dump), and what the data
directory holds besides (the key that opens sealed secrets, settings, a demo's personas). Whoever has it has
everything: it is written readable by its owner alone.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from mercato import migrations
from mercato.commands import postgres_copies
from mercato.commands.running import being_server, find, prepare
from mercato.config import VERSION, Settings
from mercato.jobs.alone import AnotherProcess
from mercato.kernel import clock
from mercato.kernel.sqlite import on_network

FORMAT = 1
MANIFEST, DATABASE = "manifest.json", "database"
# Beside the database, and only where they exist.
KEPT = ("secret.key", "mercato.toml", "personas.json")


class Refused(Exception):
    """Nothing was copied or replaced; the message is for people."""


class Manifest(msgspec.Struct, frozen=True):
    """What is in a backup: of which kind and revision its database is, when (UTC) it was taken, by which version."""

    format: int
    dialect: str
    revision: str
    taken: datetime
    version: str


class Report(msgspec.Struct, frozen=True):
    """Where the backup is and how many bytes it has, or where what was replaced lies now."""

    file: Path
    size: int
    manifest: Manifest
    before: Path | None = None


def backup(settings: Settings, target: Path, *, replace: bool = False) -> Report:
    """Copy the marketplace as it is at one moment into a file. Raises Refused, CannotMigrate."""
    file = _file_for(target)
    if file.exists() and not replace:
        raise Refused(f"{file} exists already. Choose another name, or say --replace.")
    revision = migrations.current(settings.database)
    if revision is None:
        raise Refused(f"There is no marketplace in {settings.data} yet.")
    manifest = Manifest(FORMAT, _dialect(settings), revision, clock.now(), VERSION)
    with _fresh(file) as fresh, tempfile.TemporaryDirectory(dir=file.parent, prefix=".mercato-") as folder:
        copy = Path(folder) / DATABASE
        _copy_database(settings, copy)
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(MANIFEST, msgspec.json.encode(manifest))
            archive.write(copy, DATABASE)
            for name in KEPT:
                if (settings.data / name).exists():
                    archive.write(settings.data / name, name)
    return Report(file, file.stat().st_size, manifest)


def _file_for(target: Path) -> Path:
    if not target.is_dir():
        return target
    return target / f"mercato-{clock.now():%Y-%m-%d-%H%M%S}.zip"


def _dialect(settings: Settings) -> str:
    return "sqlite" if settings.database.startswith("sqlite") else "postgresql"


@contextmanager
def _fresh(file: Path) -> Iterator[Path]:
    """A file that only its owner can read, in the place of `file` once it is whole."""
    if not file.parent.is_dir():
        raise Refused(f"There is no directory {file.parent}.")
    fresh = file.with_name(f".{file.name}.new")
    try:
        os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        yield fresh
        fresh.replace(file)
    except OSError as error:
        raise Refused(f"{error.filename or file}: {error.strerror or error}") from error
    finally:
        fresh.unlink(missing_ok=True)


def _copy_database(settings: Settings, copy: Path) -> None:
    if _dialect(settings) == "postgresql":
        postgres_copies.dump(settings.database, copy)
        return
    file = migrations.sqlite_file(settings.database)
    if on_network(file) and find(settings.data) is not None:
        # The server holds the file alone there.
        raise Refused("On a network file system a running server cannot be copied. Stop it first.")
    source, target = sqlite3.connect(file, timeout=30), sqlite3.connect(copy)
    try:
        source.execute("PRAGMA query_only=ON")
        source.backup(target)  # in one go: a snapshot, and nobody waits for it
        _sound(target, copy)
    except sqlite3.Error as error:
        raise Refused(f"{file}: {error}") from error
    finally:
        source.close()
        target.close()


def _sound(conn: sqlite3.Connection, file: Path) -> None:
    found = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise Refused(f"{file} is damaged: {found}")


# -- and back --------------------------------------------------------------------------------------


def restore(settings: Settings, source: Path, *, replace: bool = False) -> Report:
    """Make the marketplace what it was when the backup was taken. Raises Refused, CannotMigrate.

    What was there is only given up with `replace`, and a copy of it is kept. What goes wrong leaves everything
    as it was.
    """
    running = find(settings.data)
    if running is not None:
        raise Refused(f"The server at {running.url} uses this data directory; stop it first.")
    prepare(settings.data)
    try:
        with being_server(settings.data), _opened(source) as archive:
            manifest = _manifest(archive, settings)
            with tempfile.TemporaryDirectory(dir=settings.data, prefix=".mercato-") as folder:
                fresh = _unpacked(archive, Path(folder))
                before = _put(settings, fresh, replace=replace)
            migrations.upgrade(settings.database)
    except AnotherProcess:
        raise Refused("A server is just starting on this data directory.") from None
    return Report(source, source.stat().st_size, manifest, before)


@contextmanager
def _opened(source: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(source) as archive:
            yield archive
    except zipfile.BadZipFile as error:
        raise Refused(f"{source} is not a backup, or it is damaged: {error}") from error
    except OSError as error:
        raise Refused(f"{error.filename or source}: {error.strerror or error}") from error


def _manifest(archive: zipfile.ZipFile, settings: Settings) -> Manifest:
    try:
        manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
    except (KeyError, msgspec.MsgspecError) as error:
        raise Refused(f"{archive.filename} is not a backup of a marketplace.") from error
    if manifest.format != FORMAT or manifest.revision not in migrations.revisions():
        raise Refused(
            f"This backup was taken by Mercato {manifest.version}, which is newer than this one ({VERSION})."
        )
    if manifest.dialect != _dialect(settings):
        raise Refused(f"This backup is of {manifest.dialect}, and the database here is {_dialect(settings)}.")
    return manifest


def _unpacked(archive: zipfile.ZipFile, folder: Path) -> Path:
    """The known members of the archive (never a path of its own choosing), with sound sums."""
    for name in (DATABASE, *KEPT):
        if name in archive.namelist():
            with archive.open(name) as packed, (folder / name).open("wb") as file:
                shutil.copyfileobj(packed, file, 1024 * 1024)
            (folder / name).chmod(0o600)
    if not (folder / DATABASE).exists():
        raise Refused(f"{archive.filename} has no database in it.")
    return folder


def _put(settings: Settings, fresh: Path, *, replace: bool) -> Path | None:
    """Put what was unpacked in its place; where what was there before lies now."""
    before = settings.data / f"before-restore-{clock.now():%Y-%m-%d-%H%M%S}"
    if _dialect(settings) == "postgresql":
        _put_dump(settings, fresh / DATABASE, before, replace=replace)
    else:
        _put_file(settings, fresh / DATABASE, before, replace=replace)
    for name in KEPT:
        if (fresh / name).exists():
            place = settings.data / name
            if place.exists() and place.read_bytes() != (fresh / name).read_bytes():
                before.mkdir(mode=0o700, exist_ok=True)
                place.rename(before / name)
            (fresh / name).replace(place)
    return before if before.exists() else None


def _put_dump(settings: Settings, fresh: Path, before: Path, *, replace: bool) -> None:
    url = settings.database
    if migrations.current(url) is not None:
        if not replace:
            raise Refused(
                "There is a marketplace in this database. Say --replace; a dump of it will be kept."
            )
        before.mkdir(mode=0o700, exist_ok=True)
        postgres_copies.dump(url, before / DATABASE)
        postgres_copies.empty(url)
    try:
        postgres_copies.load(url, fresh)
    except postgres_copies.ToolFailed:
        if before.exists():
            postgres_copies.load(url, before / DATABASE)
        raise


def _put_file(settings: Settings, fresh: Path, before: Path, *, replace: bool) -> None:
    file = migrations.sqlite_file(settings.database)
    conn = sqlite3.connect(fresh)
    try:
        _sound(conn, fresh)
    except sqlite3.DatabaseError as error:
        raise Refused(f"The database in the backup is damaged: {error}") from error
    finally:
        conn.close()
    if file.exists():
        if not replace:
            raise Refused(f"There is a marketplace at {file}. Say --replace; it will be kept beside.")
        before.mkdir(mode=0o700, exist_ok=True)
        for part in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm", "-journal"))):
            if part.exists():
                part.rename(before / part.name)
    fresh.replace(file)
