"""How revisions are run: on one connection of its own, by one process at a time, all or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from mercato.jobs.alone import alone
from mercato.kernel.columns import metadata
from mercato.migrations import CannotMigrate, UpgradeReport, current, head, sqlite_file

# Any number that no other use of advisory locks in this database takes: "mercato" in hex.
ADVISORY_LOCK = 0x6D65726361746F


def run(url: str, versions: Path) -> UpgradeReport:
    """`upgrade` once it is known that there is something to do."""
    if url.startswith("sqlite"):
        return _run_sqlite(url, versions)
    return _run_postgres(url, versions)


def _run_sqlite(url: str, versions: Path) -> UpgradeReport:
    file = sqlite_file(url)
    file.parent.mkdir(parents=True, exist_ok=True)
    with alone(Path(f"{file}.migrate.lock"), wait=True):
        before, newest = current(url), head(versions)
        if before == newest:
            return UpgradeReport(before, newest)
        backup = None if before is None else _copy(file, before)
        with migration_engine(url) as engine, engine.begin() as conn:
            apply(conn, versions)
            _check_references(conn)
    return UpgradeReport(before, newest, backup)


def _run_postgres(url: str, versions: Path) -> UpgradeReport:
    newest = head(versions)
    with migration_engine(url) as engine, engine.begin() as conn:
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        # A table in use elsewhere must not make everybody behind us wait for ever.
        conn.execute(text("SET LOCAL lock_timeout = '30s'"))
        before = MigrationContext.configure(conn).get_current_revision()
        if before != newest:
            apply(conn, versions)
    return UpgradeReport(before, newest)


@contextmanager
def migration_engine(url: str) -> Iterator[Engine]:
    """Connections for changing tables: on SQLite without enforcing references, as rebuilding a table
    would otherwise delete the rows that refer to it."""
    engine = create_engine(
        make_url(url).set(drivername="sqlite" if url.startswith("sqlite") else "postgresql+psycopg"),
        poolclass=NullPool,
    )
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _connect(dbapi: Any, _record: Any) -> None:
            dbapi.isolation_level = None
            dbapi.execute("PRAGMA foreign_keys=OFF")
            dbapi.execute("PRAGMA synchronous=FULL")
            dbapi.execute("PRAGMA busy_timeout=60000")

        @event.listens_for(engine, "begin")
        def _begin(conn: Connection) -> None:
            conn.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        yield engine
    finally:
        engine.dispose()


def scripts(versions: Path) -> ScriptDirectory:
    return ScriptDirectory(str(versions.parent), version_locations=[str(versions)])


def apply(conn: Connection, versions: Path) -> None:
    """Run all revisions that are missing, in the caller's transaction."""
    directory = scripts(versions)

    def missing(revision: Any, _context: Any) -> Any:
        return directory._upgrade_revs("head", revision)

    with EnvironmentContext(Config(), directory, fn=missing) as env:
        env.configure(connection=conn, **options())
        env.run_migrations()


def options() -> dict[str, Any]:
    """How the database and the metadata are compared and altered, everywhere."""
    return {
        "target_metadata": metadata,
        "render_as_batch": True,
        "compare_type": True,
        "include_name": _is_ours,
        "transaction_per_migration": False,
    }


def _is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Procrastinate's tables come from its own text (`queue_schema`), not from the metadata."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def _check_references(conn: Connection) -> None:
    broken = conn.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        tables = sorted({f"{row[0]} → {row[2]}" for row in broken})
        raise CannotMigrate(f"{len(broken)} references would lead nowhere: {', '.join(tables)}.")


def _copy(file: Path, revision: str) -> Path:
    """A consistent copy of the file, readable by its owner only, complete or not there."""
    copy, unfinished = Path(f"{file}.{revision}.bak"), Path(f"{file}.{revision}.unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    source, target = sqlite3.connect(file, timeout=60), sqlite3.connect(unfinished)
    try:
        target.execute("PRAGMA synchronous=FULL")
        source.backup(target)
    finally:
        target.close()
        source.close()
    unfinished.replace(copy)
    return copy
