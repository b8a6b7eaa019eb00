"""A process is killed while it runs jobs: the next one runs what was interrupted, and only that, again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mercato.jobs.engine import Engine
from mercato.jobs.worker import Worker
from mercato.kernel.db import Database, open_database

pytestmark = pytest.mark.db

VICTIM = """
import asyncio, sys
from mercato.jobs.engine import Engine
from mercato.jobs.worker import Worker
from mercato.kernel.db import open_database

async def work(db, number):
    print("started", number, flush=True)
    if number > 2:
        await asyncio.sleep(60)
    print("done", number, flush=True)

async def main():
    engine = Engine(open_database(sys.argv[1]))
    engine.add("work", work)
    for number in range(1, 5):
        await engine.db.write(lambda tx: tx.enqueue("work", lock=f"work:{number}", number=number))
    await Worker(engine).start()
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_after_a_kill_the_interrupted_jobs_run_again_once(sqlite_tables_url: str) -> None:
    victim = subprocess.Popen(
        [sys.executable, "-c", VICTIM, sqlite_tables_url],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert victim.stdout is not None
    seen: set[str] = set()
    while not {"done 1", "done 2", "started 3", "started 4"} <= seen:
        line = victim.stdout.readline()
        assert line, "the victim died by itself"
        seen.add(line.strip())
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    victim.stdout.close()

    ran: list[int] = []

    async def work(_db: Database, number: int) -> None:
        ran.append(number)

    db = open_database(sqlite_tables_url)
    engine = Engine(db)
    engine.add("work", work)
    await engine.drain()
    assert sorted(n for n in ran if n > 2) == [3, 4]
    # A job whose work was done may have lost the note of that; it runs at least once, not only once.
    assert len(ran) == len(set(ran))
    ran.clear()
    worker = Worker(engine)
    await worker.start()
    await worker.stop()
    assert ran == []
    async with engine.opened():
        assert {job.status for job in await engine.jobs.list_jobs_async()} == {"succeeded"}
    await db.close()
    assert Path(sqlite_tables_url.removeprefix("sqlite:///") + ".worker.lock").exists()
