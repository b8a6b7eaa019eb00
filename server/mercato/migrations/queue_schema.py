"""Procrastinate's tables as they are at one version: frozen here, so that a revision means the same for ever.

A new version of Procrastinate brings a new revision with its own files; a test compares the frozen
text with the installed package.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

FOLDER = Path(__file__).parent / "procrastinate"


def create_queue(conn: Connection, version: str = "3_10") -> None:
    """Create Procrastinate's tables in the caller's transaction (synchronous drivers only)."""
    dialect = conn.dialect.name
    script = (FOLDER / f"{dialect}_{version}.sql").read_text(encoding="utf-8")
    if dialect == "postgresql":
        # psycopg takes many statements at once, but only without parameters, which SQLAlchemy adds.
        driver = conn.connection.driver_connection
        if driver is None:
            raise RuntimeError("The connection is closed.")
        driver.execute(script)
        return
    for statement in script.split(";\n"):
        lines = [line for line in statement.splitlines() if not line.startswith("--")]
        if any(line.strip() for line in lines):
            conn.exec_driver_sql("\n".join(lines))
