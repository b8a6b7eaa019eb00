"""The shape of the database, step by step: revisions are append-only, and run by synchronous drivers.

Knowing whether there is anything to do costs one small query: Alembic is imported only when there is.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import msgspec
from sqlalchemy.engine import make_url

VERSIONS = Path(__file__).parent / "versions"
# A revision is called by the minute (UTC) in which it was made.
FILE_NAME = re.compile(r"(\d{4}-\d\d-\d\d-\d{4})_\w+\.py")


class CannotMigrate(RuntimeError):
    """The database stays as it was."""


class UpgradeReport(msgspec.Struct, frozen=True):
    """From which revision (None: an empty database) to which, and where the copy of the old file is."""

    before: str | None
    after: str
    backup: Path | None = None


def revisions(versions: Path = VERSIONS) -> list[str]:
    """The revisions that this installation knows, oldest first."""
    names = [match[1] for file in versions.iterdir() if (match := FILE_NAME.fullmatch(file.name))]
    return sorted(name.replace("-", "_") for name in names)


def head(versions: Path = VERSIONS) -> str:
    """The newest revision that this installation knows."""
    return revisions(versions)[-1]


def current(url: str) -> str | None:
    """The revision of the database, or None when it is empty or (SQLite) not there yet.

    Raises CannotMigrate when there is something else in it.
    """
    if url.startswith("sqlite"):
        file = sqlite_file(url)
        return _current_sqlite(file) if file.exists() else None
    return _current_postgres(url)


def sqlite_file(url: str) -> Path:
    name = make_url(url).database
    if not name or name == ":memory:":
        raise CannotMigrate("The database must be a file: sqlite:////path/to/mercato.db")
    return Path(name)


def _current_sqlite(file: Path) -> str | None:
    conn = sqlite3.connect(file, timeout=30)
    try:
        tables = {name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "alembic_version" in tables:
            return _one([name for (name,) in conn.execute("SELECT version_num FROM alembic_version")])
    except sqlite3.DatabaseError as error:
        raise CannotMigrate(f"{file}: {error}") from error
    finally:
        conn.close()
    _refuse_foreign(tables)
    return None


def _current_postgres(url: str) -> str | None:
    import psycopg

    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(False)) as conn:
        found = conn.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        )
        tables = {str(name) for (name,) in found}
        if "alembic_version" in tables:
            return _one([str(n) for (n,) in conn.execute("SELECT version_num FROM alembic_version")])
    _refuse_foreign(tables)
    return None


def _one(revisions: list[str]) -> str | None:
    return revisions[0] if revisions else None


def _refuse_foreign(tables: set[str]) -> None:
    if tables:
        raise CannotMigrate(
            f"This is not a Mercato database: it has tables ({', '.join(sorted(tables)[:3])}, …)"
            " but no revision."
        )


def upgrade(url: str, versions: Path = VERSIONS) -> UpgradeReport:
    """Bring the database (made if need be) to the newest revision; does nothing when it is there.

    Only one process does this at a time, the others wait. Of a SQLite file that holds something a copy
    is kept beside it. Either all revisions are applied or none. Raises CannotMigrate when the database
    is not ours, newer than this installation, or would end with references to rows that do not exist.
    """
    known, before = revisions(versions), current(url)
    if before == known[-1]:
        return UpgradeReport(before, before)
    if before is not None and before not in known:
        raise CannotMigrate(f"The database is at revision {before}, which this installation does not know.")
    from mercato.migrations.run import run

    return run(url, versions)
