"""The demo as of a fixed moment: built once for all tests, and once more by two rival processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from mercato.demo.build import ensure
from mercato.kernel import clock

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
BUILDER = """
import sys
from datetime import datetime
from pathlib import Path
from mercato.demo.build import ensure
from mercato.kernel import clock
with clock.replaying(datetime.fromisoformat(sys.argv[2])):
    ensure(Path(sys.argv[1]))
"""


class Contested(NamedTuple):
    """A directory with a half-built demo, and the processes that were told at once to build it."""

    place: Path
    builders: list[subprocess.Popen[bytes]]


@pytest.fixture(scope="session")
def contested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contested]:
    """They work while this process builds its own."""
    folder = tmp_path_factory.mktemp("contested")
    (folder / "mercato.db").write_text("half built")
    (folder / "mercato.db-wal").write_text("its log")
    (folder / ".building-left").mkdir()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", BUILDER, str(folder), NOW.isoformat()]
    builders = [subprocess.Popen(command, env=environment) for _ in range(2)]
    yield Contested(folder, builders)
    for builder in builders:
        if builder.poll() is None:
            builder.kill()
            builder.wait()


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory, contested: Contested) -> Path:
    """A data directory with the demo, which tests only read."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    with clock.replaying(NOW):
        ensure(folder)
    return folder
