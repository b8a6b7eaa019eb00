"""A real server process for tests: `mercato serve` on a free loopback port, in a data directory of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]


class Live:
    """The process; `url` once it answers. It may be killed and started again on the same data."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        paths = os.pathsep.join([str(ROOT / "server"), str(ROOT / "tui")])
        kept = {k: v for k, v in os.environ.items() if not k.startswith("MERCATO_")}
        return {**kept, "PYTHONPATH": paths, "MERCATO_DATA_DIR": str(self.data)}

    def command(self, *args: str, text: str | None = None) -> str:
        """Run `mercato …` and give what it printed; AssertionError when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "mercato", *args],
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout.strip()

    def start(self, port: int = 0) -> None:
        """Port 0: any that is free. The same port again is how a server comes back for those who knew it."""
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data / "test.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mercato", "serve", "--port", str(port)],
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.url = self._address()
            if self.url and self._answers():
                return
            assert self._process.poll() is None, (self.data / "test.log").read_text()
            time.sleep(0.05)
        raise AssertionError("the server does not answer: " + (self.data / "test.log").read_text())

    def _address(self) -> str:
        try:
            card = json.loads((self.data / "server.json").read_text())
        except (OSError, ValueError):
            return ""
        mine = self._process is not None and card["pid"] == self._process.pid
        return str(card["url"]) if mine else ""

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/version/", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def get(self, token: str, path: str) -> Any:
        answer = httpx.get(self.url + path, headers={"Authorization": f"Token {token}"}, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()
