"""Copies of a PostgreSQL database, made by its own tools (`pg_dump`, `pg_restore`)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy.engine import make_url

# Where Debian keeps the tools of every version that is installed.
DEBIAN = Path("/usr/lib/postgresql")


class ToolFailed(Exception):
    """A tool is missing, or said no; the message is for people."""


def dump(url: str, file: Path) -> None:
    """The database at one moment, in the custom format. Raises ToolFailed."""
    _run("pg_dump", url, ["--format=custom", "--no-owner", "--no-privileges", f"--file={file}"])


def load(url: str, file: Path) -> None:
    """All of a dump or nothing, in one transaction, into an empty database. Raises ToolFailed."""
    _run(
        "pg_restore",
        url,
        ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(file)],
    )


def empty(url: str) -> None:
    """Drop everything that the schema holds."""
    import psycopg
    from psycopg import sql

    place = make_url(url).set(drivername="postgresql").render_as_string(False)
    with psycopg.connect(place) as conn:
        row = conn.execute("SELECT current_schema()").fetchone()
        schema = sql.Identifier(row[0] if row else "public")
        conn.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(schema))
        conn.execute(sql.SQL("CREATE SCHEMA {}").format(schema))


def _run(tool: str, url: str, args: list[str]) -> None:
    place = make_url(url)
    # The password must not be read in the list of processes.
    bare = place._replace(drivername="postgresql", password=None).render_as_string(False)
    environment = {**os.environ, **({"PGPASSWORD": str(place.password)} if place.password else {})}
    command = [_found(tool), f"--dbname={bare}", *args]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if done.returncode != 0:
        raise ToolFailed(f"{tool}: {done.stderr.strip() or done.returncode}")


def _found(tool: str) -> str:
    """The newest that Debian has, else what is on the path: a tool must not be older than its server."""
    newest = sorted(DEBIAN.glob(f"*/bin/{tool}"), key=lambda path: int(path.parts[-3]))
    found = str(newest[-1]) if newest else shutil.which(tool)
    if found is None:
        raise ToolFailed(f"{tool} is not installed (Debian: postgresql-client).")
    return found
