"""Processes of ours for tests: servers and workers on one database, which may be killed, stopped and started."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from live import ROOT


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Node:
    """`mercato serve …` or `mercato worker …` in a process of its own."""

    def __init__(self, folder: Path, name: str, args: list[str], env: Mapping[str, str]) -> None:
        self.name, self.args, self.env = name, args, env
        self.log = folder / f"{name}.log"
        self.port = free_port() if args[0] == "serve" else 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        args = [*self.args, "--port", str(self.port)] if self.port else self.args
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mercato", *args], env=self.env, stdout=log, stderr=log
            )

    def is_ready(self) -> bool:
        if not self.port:
            return "Mercato runs jobs" in self.log.read_text()
        try:
            return httpx.get(f"{self.url}/api/version/", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def wait(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.05)

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        self.signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()


class House:
    """Several nodes on one database, with a data directory between them."""

    def __init__(self, folder: Path, url: str = "", **settings: Any) -> None:
        self.folder, self.nodes = folder, list[Node]()
        folder.mkdir(parents=True, exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if not k.startswith("MERCATO_")}
        chosen = {f"MERCATO_{name.upper()}": str(value) for name, value in settings.items()}
        paths = os.pathsep.join([str(ROOT / "server"), str(ROOT / "tui")])
        self.env = {**kept, "PYTHONPATH": paths, "MERCATO_DATA_DIR": str(folder), **chosen}
        if url:
            self.env["MERCATO_DATABASE_URL"] = url
        self.url = url or f"sqlite:///{folder / 'mercato.db'}"

    def command(self, *args: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "mercato", *args],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout.strip()

    def node(self, name: str, *args: str) -> Node:
        made = Node(self.folder, name, list(args), self.env)
        self.nodes.append(made)
        made.start()
        return made

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()


@contextmanager
def house(folder: Path, url: str = "", **settings: Any) -> Iterator[House]:
    made = House(folder, url, **settings)
    try:
        yield made
    finally:
        made.stop()
