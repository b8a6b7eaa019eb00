"""Databases for tests: a SQLite file by default, PostgreSQL with `--database-url postgresql://…`.

`database_url` is a fresh empty database, `db` one with all tables in it. Tests about PostgreSQL itself
take `postgres_url` or `postgres_db`: they start a private cluster, or say that there is none.
"""

from __future__ import annotations

import shutil
import sqlite3
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from databases import (
    PostgresServer,
    build_tables,
    create_postgres_database,
    drop_postgres_database,
    private_cluster,
)
from live import Live
from mercato.kernel.db import Database, Tx, open_database
from mercato.schemas.events import EVENTS
from world import World


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-url", default=None, help="run on this PostgreSQL server instead of SQLite files"
    )


@pytest.fixture(scope="session", autouse=True)
def known_events() -> Iterator[None]:
    """Whatever any test makes happen has a name that clients know, or one of ours."""
    known = {name for names in EVENTS.values() for name in names}
    emit = Tx.emit

    def checked(self: Tx, fact: Any, *, event: str, message: str) -> None:
        ours = type(fact).__module__.startswith("mercato.")
        assert event in known or not ours, f"{event} is not in mercato/schemas/events.py"
        emit(self, fact, event=event, message=message)

    Tx.emit = checked  # type: ignore[method-assign]
    yield
    Tx.emit = emit  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def server_url(request: pytest.FixtureRequest) -> str | None:
    """The server given on the command line."""
    url: str | None = request.config.getoption("--database-url")
    return url


@pytest.fixture(scope="session")
def postgres_server(server_url: str | None) -> Iterator[PostgresServer]:
    if server_url is not None:
        yield PostgresServer(server_url)
        return
    with private_cluster() as server:
        if server is None:
            pytest.skip("PostgreSQL is not installed")
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, copied for each test."""
    file = tmp_path_factory.mktemp("template") / "mercato.db"
    build_tables(f"sqlite:///{file}")
    with sqlite3.connect(file) as conn:
        conn.execute("PRAGMA journal_mode=WAL")
    conn.close()
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> Iterator[str]:
    """The name of a database with all tables, cloned for each test."""
    name = f"template_{uuid.uuid4().hex}"
    create_postgres_database(postgres_server, name)
    build_tables(postgres_server.database(name))
    yield name
    drop_postgres_database(postgres_server, name)


@pytest.fixture
def fresh_postgres(postgres_server: PostgresServer) -> Iterator[Callable[[str | None], str]]:
    """Make databases, dropped after the test: empty, or clones of the named template."""
    names: list[str] = []

    def make(template: str | None) -> str:
        name = f"test_{uuid.uuid4().hex}"
        create_postgres_database(postgres_server, name, template)
        names.append(name)
        return postgres_server.database(name)

    yield make
    for name in names:
        drop_postgres_database(postgres_server, name)


@pytest.fixture
def postgres_url(fresh_postgres: Callable[[str | None], str]) -> str:
    return fresh_postgres(None)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, server_url: str | None, tmp_path: Path) -> str:
    if server_url is not None:
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path / 'mercato.db'}"


@pytest.fixture
def filled_url(request: pytest.FixtureRequest, server_url: str | None) -> str:
    """A database with all tables and no rows, of the kind the run is about."""
    kind = "sqlite" if server_url is None else "postgresql"
    url: str = request.getfixturevalue(f"{kind}_tables_url")
    return url


@pytest.fixture
def sqlite_tables_url(sqlite_template: Path, tmp_path: Path) -> str:
    file = tmp_path / "mercato.db"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgresql_tables_url(postgres_template: str, fresh_postgres: Callable[[str | None], str]) -> str:
    return fresh_postgres(postgres_template)


@pytest.fixture
async def db(filled_url: str) -> AsyncIterator[Database]:
    """The product's tables, empty, on the kind of database the run is about."""
    database = open_database(filled_url)
    yield database
    await database.close()


@pytest.fixture
async def postgres_db(postgresql_tables_url: str) -> AsyncIterator[Database]:
    database = open_database(postgresql_tables_url)
    yield database
    await database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def either_db(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """The same test on both databases, whatever the run is about."""
    database = open_database(request.getfixturevalue(f"{request.param}_tables_url"))
    yield database
    await database.close()


@pytest.fixture
async def world(filled_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A small marketplace with everybody in it, asked over HTTP in process."""
    made = await World.open(filled_url, tmp_path)
    yield made
    await made.close()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """A real server process with the example preset in it, not started yet."""
    server = Live(tmp_path / "live")
    server.command("preset", "load", str(Path(__file__).parent / "data" / "preset.json"))
    yield server
    server.stop()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What could not run here is said aloud, once for each reason."""
    reasons = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    for reason, number in sorted(reasons.items()):
        terminalreporter.write_line(f"NOT RUN HERE: {number} tests: {reason}", yellow=True, bold=True)


def _reason(report: Any) -> str:
    where = report.longrepr
    return str(where[2] if isinstance(where, tuple) else where).removeprefix("Skipped: ")
