"""A backup holds the whole marketplace at one moment, and a restore brings exactly that back."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from live import Live
from mercato.cli import main
from mercato.commands import copies, postgres_copies
from mercato.commands.copies import Refused
from mercato.commands.run import perform
from mercato.commands.running import being_server, describe
from mercato.config import Settings
from migrations.test_first_release import restored

pytestmark = pytest.mark.db


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Settings:
    """A marketplace with one person in it."""
    made = Settings(data_dir=str(tmp_path / "data"), database_url=database_url)
    user(made, "anna")
    return made


def user(settings: Settings, name: str) -> None:
    perform(settings, "user-create", username=name, email=f"{name}@example.org", staff=True)


def people(settings: Settings) -> list[str]:
    if settings.database.startswith("sqlite"):
        conn: Any = sqlite3.connect(settings.database.removeprefix("sqlite:///"))
    else:
        import psycopg

        conn = psycopg.connect(settings.database)
    try:
        return sorted(row[0] for row in conn.execute("SELECT username FROM users").fetchall())
    finally:
        conn.close()


def test_what_was_backed_up_comes_back(place: Settings, tmp_path: Path) -> None:
    (place.data / "secret.key").write_text("first")
    report = copies.backup(place, tmp_path / "b.zip")
    assert report.file.stat().st_mode & 0o077 == 0
    user(place, "late")
    (place.data / "secret.key").write_text("second")
    done = copies.restore(place, report.file, replace=True)
    assert people(place) == ["anna"]
    assert (place.data / "secret.key").read_text() == "first"
    assert done.before is not None
    assert (done.before / "secret.key").read_text() == "second"
    assert len(list(done.before.iterdir())) >= 2  # the database, too
    user(place, "next")  # it lives on
    assert people(place) == ["anna", "next"]


def test_a_directory_gets_a_dated_file(place: Settings, tmp_path: Path) -> None:
    report = copies.backup(place, tmp_path)
    assert report.file.parent == tmp_path
    assert report.file.name.startswith("mercato-2")


def test_neither_overwrites_unasked(place: Settings, tmp_path: Path) -> None:
    report = copies.backup(place, tmp_path / "b.zip")
    with pytest.raises(Refused, match="exists"):
        copies.backup(place, tmp_path / "b.zip")
    copies.backup(place, tmp_path / "b.zip", replace=True)
    user(place, "late")
    with pytest.raises(Refused, match="--replace"):
        copies.restore(place, report.file)
    assert people(place) == ["anna", "late"]


def test_there_must_be_something_to_copy(tmp_path: Path) -> None:
    nothing = Settings(data_dir=str(tmp_path / "none"))
    with pytest.raises(Refused, match="no marketplace"):
        copies.backup(nothing, tmp_path / "b.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_backup_leaves_nothing(
    place: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copies, "_copy_database", full)
    with pytest.raises(Refused, match="No space"):
        copies.backup(place, tmp_path / "b.zip")
    assert [p.name for p in tmp_path.iterdir() if "b.zip" in p.name or p.name.startswith(".")] == []


def test_a_server_in_the_way_is_named(place: Settings, tmp_path: Path) -> None:
    report = copies.backup(place, tmp_path / "b.zip")
    with being_server(place.data):
        describe(place.data, "http://127.0.0.1:1")
        with pytest.raises(Refused, match=r"127\.0\.0\.1:1"):
            copies.restore(place, report.file, replace=True)
    assert people(place) == ["anna"]


def _broken(file: Path) -> None:
    file.write_bytes(b"PK nothing")


def _empty(file: Path) -> None:
    with zipfile.ZipFile(file, "w"):
        pass


def _newer(file: Path) -> None:
    _rewrite(file, lambda text: text.replace(b'"revision":"', b'"revision":"9'))


def _other_kind(file: Path) -> None:
    swapped = {b'"sqlite"': b'"postgresql"', b'"postgresql"': b'"sqlite"'}

    def change(text: bytes) -> bytes:
        for one, other in swapped.items():
            if one in text:
                return text.replace(one, other)
        return text

    _rewrite(file, change)


def _damaged(file: Path) -> None:
    _rewrite(file, lambda text: text, database=b"not a database at all")


def _rewrite(file: Path, change: Callable[[bytes], bytes], database: bytes | None = None) -> None:
    with zipfile.ZipFile(file) as archive:
        manifest, kept = archive.read(copies.MANIFEST), archive.read(copies.DATABASE)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(copies.MANIFEST, change(manifest))
        archive.writestr(copies.DATABASE, database or kept)


@pytest.mark.parametrize("spoil", [_broken, _empty, _newer, _other_kind, _damaged])
def test_what_is_no_backup_changes_nothing(
    place: Settings, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    report = copies.backup(place, tmp_path / "b.zip")
    user(place, "late")
    spoil(report.file)
    with pytest.raises((Refused, postgres_copies.ToolFailed)):
        copies.restore(place, report.file, replace=True)
    assert people(place) == ["anna", "late"]


def test_members_with_paths_of_their_own_are_not_unpacked(place: Settings, tmp_path: Path) -> None:
    report = copies.backup(place, tmp_path / "b.zip")
    with zipfile.ZipFile(report.file, "a") as archive:
        archive.writestr("../evil", "x")
        archive.writestr("evil.py", "x")
    copies.restore(place, report.file, replace=True)
    assert not (tmp_path / "evil").exists()
    assert not (place.data / "evil.py").exists()


def test_an_older_backup_is_upgraded(tmp_path: Path) -> None:
    place = Settings(data_dir=str(tmp_path / "data"))
    user(place, "anna")
    old = tmp_path / "old"
    old.mkdir()
    url = restored(old)
    first = Settings(data_dir=str(old), database_url=url)
    report = copies.backup(first, tmp_path / "old.zip")
    copies.restore(place, report.file, replace=True)
    assert len(people(place)) == 11
    user(place, "next")


def test_the_password_is_not_on_the_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[Any] = []

    def run(command: list[str], **kw: Any) -> Any:
        seen.append((command, kw["env"]))
        return type("Done", (), {"returncode": 1, "stderr": "no"})

    monkeypatch.setattr(postgres_copies.subprocess, "run", run)
    monkeypatch.setattr(postgres_copies, "_found", lambda tool: tool)
    with pytest.raises(postgres_copies.ToolFailed, match="pg_dump: no"):
        postgres_copies.dump("postgresql://anna:geheim@db.example/market", tmp_path / "x")
    command, environment = seen[0]
    assert "geheim" not in " ".join(command)
    assert environment["PGPASSWORD"] == "geheim"


def test_the_commands_say_what_they_did(place: Settings, tmp_path: Path) -> None:
    env = {"MERCATO_DATA_DIR": str(place.data), "MERCATO_DATABASE_URL": place.database}
    runner = CliRunner(env=env)
    made = runner.invoke(main, ["backup", str(tmp_path / "b.zip")])
    assert (made.exit_code, "bytes" in made.output) == (0, True)
    again = runner.invoke(main, ["restore", str(tmp_path / "b.zip")])
    assert (again.exit_code, "--replace" in again.output) == (1, True)
    assert "as it was on" in runner.invoke(main, ["restore", str(tmp_path / "b.zip"), "--replace"]).output


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Live]:
    made = Live(tmp_path / "live")
    made.command("user", "create", "anna", "--staff", "--no-password")
    made.start()
    yield made
    made.stop()


@pytest.mark.process
def test_a_backup_is_consistent_while_the_marketplace_works(running: Live, tmp_path: Path) -> None:
    """Organisations are made in pairs by one preset each: no backup ever holds half a pair."""
    stop = threading.Event()
    problems: list[str] = []

    def work() -> None:
        number = 0
        while not stop.is_set() and number < 400:
            number += 1
            rows = [{"uuid": os.urandom(16).hex(), "name": f"{side} {number}"} for side in ("left", "right")]
            file = tmp_path / "pair.json"
            file.write_text(json.dumps({"customers": rows}))
            try:
                running.command("preset", "load", str(file))
            except AssertionError as error:
                problems.append(str(error))
                return

    busy = threading.Thread(target=work)
    busy.start()
    taken = []
    for number in range(5):
        file = tmp_path / f"{number}.zip"
        running.command("backup", str(file))
        taken.append(file)
    stop.set()
    busy.join()
    assert problems == []
    for file in taken:
        with zipfile.ZipFile(file) as archive:
            (tmp_path / "x.db").write_bytes(archive.read(copies.DATABASE))
        conn = sqlite3.connect(tmp_path / "x.db")
        names = [row[0].split()[1] for row in conn.execute("SELECT name FROM customers")]
        conn.close()
        assert len(names) % 2 == 0
        assert all(names.count(name) == 2 for name in names)
