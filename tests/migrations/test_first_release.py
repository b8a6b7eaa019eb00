"""The database that the first release left behind: every later version must carry it over, row by row."""

from __future__ import annotations

import gzip
import sqlite3
from pathlib import Path

import pytest

from mercato.migrations import current, head, upgrade

pytestmark = pytest.mark.db

DUMP = Path(__file__).parents[1] / "data" / "first-release.sql.gz"
ROWS = {
    "users": 11,
    "orders": 3,
    "resources": 3,
    "invoices": 2,
    "invoice_items": 6,
    "component_usages": 1,
}


def restored(folder: Path) -> str:
    with sqlite3.connect(folder / "mercato.db") as conn:
        conn.executescript(gzip.decompress(DUMP.read_bytes()).decode())
    conn.close()
    return f"sqlite:///{folder / 'mercato.db'}"


def test_it_comes_to_the_newest_revision_with_every_row(tmp_path: Path) -> None:
    url = restored(tmp_path)
    upgrade(url)
    assert current(url) == head()
    with sqlite3.connect(tmp_path / "mercato.db") as conn:
        found = {table: conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ROWS}
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
        total = conn.execute("SELECT sum(price) FROM invoice_items").fetchone()
    conn.close()
    assert found == ROWS
    # October's journey, begun on the 3rd, and a whole November.
    assert total == (7541 + 8060,)
