"""The embedded server: a child process that starts while the first screen paints and ends with the last app."""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

from mercato.commands.running import Running, find, prepare
from mercato.server_files import apps_lock, personas_file

PATIENCE = 60.0


class CannotStart(Exception):
    """Why the embedded server does not come up; for people."""


class Embedded:
    """This app's hold on the data directory's server; another app's server is joined."""

    def __init__(self, data: Path, *, own_database: bool = False) -> None:
        self.data = data
        # The demo never runs on the database that the operator's settings name.
        self.own_database = own_database
        self._held: TextIO | None = None
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def personas(self) -> Path | None:
        """The demo's personas, if this is a demo marketplace."""
        file = personas_file(self.data)
        return file if file.exists() else None

    def hold(self) -> None:
        """Keep the server alive as long as this process lives."""
        if self._held is None:
            prepare(self.data)
            self._held = apps_lock(self.data).open("a")
            fcntl.flock(self._held, fcntl.LOCK_SH)

    def release(self) -> None:
        """Let the server go with the last app."""
        if self._held is not None:
            self._held.close()
            self._held = None

    async def start(self) -> Running:
        """The server, started if need be. Raises CannotStart with what it said last."""
        self.hold()
        deadline = time.monotonic() + PATIENCE
        running = find(self.data)
        if running is None:
            self._spawn()
        while True:
            running = find(self.data)
            if running is not None and await _answers(running):
                return running
            child = self._child
            # Exit status 3: another server took the directory in the same moment; wait for that one.
            if child is not None and child.poll() not in (None, 3):
                raise CannotStart(f"The server did not start. {self._last_words()}")
            if time.monotonic() > deadline:
                raise CannotStart(f"The server did not answer within {PATIENCE:.0f} s. {self._last_words()}")
            await asyncio.sleep(0.03)

    def _spawn(self) -> None:
        log = (self.data / "server.log").open("ab")
        command = [sys.executable, "-m", "mercato", "serve", "--embedded", "--port", "0"]
        environment = {**os.environ, "MERCATO_DATA_DIR": str(self.data)}
        if self.own_database:
            environment.pop("MERCATO_DATABASE_URL", None)
        options: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
        # A session of its own: ctrl+c in the app's terminal is for the app.
        self._child = subprocess.Popen(  # noqa: S603 our own interpreter and module
            command, env=environment, start_new_session=True, **options
        )
        log.close()
        # The server may outlive this app; while the app lives, somebody must notice its end.
        threading.Thread(target=self._child.wait, name="mercato-server-end", daemon=True).start()

    def _last_words(self) -> str:
        try:
            lines = (self.data / "server.log").read_text(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return f"It said: {lines[-1]}" if lines else ""


async def _answers(running: Running) -> bool:
    import httpx

    try:
        async with httpx.AsyncClient(timeout=2.0) as client:
            return (await client.get(f"{running.url}/api/version/")).status_code == 200
    except httpx.HTTPError:
        return False
