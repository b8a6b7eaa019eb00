"""A database of the first release with work waiting in it is upgraded, and the work is done."""

from __future__ import annotations

import gzip
import json
import sqlite3
from pathlib import Path

import pytest

from mercato.config import Settings
from mercato.kernel.db import open_database
from mercato.market import Market
from mercato.migrations import upgrade

pytestmark = pytest.mark.db

DUMP = Path(__file__).parents[1] / "data" / "first-release.sql.gz"
NO_PAUSE = "INSERT INTO procrastinate_events (job_id, type, at) VALUES (?, 'deferred', 1.0)"


def left_behind(folder: Path) -> tuple[str, str, str]:
    """The first release was stopped while an order executed (its job waits) and another was being executed (its job
    runs): the database's URL and both orders."""
    with sqlite3.connect(folder / "mercato.db") as conn:
        conn.executescript(gzip.decompress(DUMP.read_bytes()).decode())
        rows = conn.execute(
            "SELECT o.id, o.uuid, o.resource_id, r.uuid FROM orders o JOIN resources r ON r.id = o.resource_id"
            " WHERE o.state LIKE 'pending%'"
            " ORDER BY o.id LIMIT 2"
        ).fetchall()
        for (number, order, resource_id, resource), status in zip(rows, ("todo", "doing"), strict=True):
            token = "f" * 32 if status == "doing" else None
            conn.execute(
                "UPDATE orders SET type = 'Create', state = 'executing', completed_at = NULL, run_token = ?"
                " WHERE id = ?",
                (token, number),
            )
            conn.execute("UPDATE resources SET state = 'Creating' WHERE id = ?", (resource_id,))
            made = conn.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, status)"
                " VALUES ('provision', 'orders.execute', 0, ?, ?, ?, ?) RETURNING id",
                (f"resource:{resource}", f"order:{order}", json.dumps({"order": order}), status),
            ).fetchone()[0]
            conn.execute(NO_PAUSE, (made,))
    conn.close()
    return f"sqlite:///{folder / 'mercato.db'}", rows[0][1], rows[1][1]


async def test_jobs_of_the_first_release_run_after_the_upgrade(tmp_path: Path) -> None:
    url, waiting, running = left_behind(tmp_path)
    upgrade(url)
    market = Market(open_database(url), Settings(data_dir=str(tmp_path), database_url=url))
    try:
        await market.prepare()
        await market.engine.drain()
        async with market.engine.opened():
            jobs = await market.engine.jobs.list_jobs_async(task="orders.execute")
        assert {job.status for job in jobs} == {"succeeded"}
    finally:
        await market.close()
    with sqlite3.connect(tmp_path / "mercato.db") as conn:
        found = dict(conn.execute("SELECT uuid, state FROM orders").fetchall())
        steps = conn.execute("SELECT name, state FROM order_steps").fetchall()
    conn.close()
    assert (found[waiting], found[running]) == ("done", "done")
    assert steps == [("create", "done")] * 2
