"""`mercato serve` and `mercato worker`: one process, or many on one PostgreSQL database.

Several servers of one address are children of a process that only watches them: it holds the socket, starts
again who ends, and passes on when it is told to stop. A child whose parent has died stops too: its standard
input ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection

from mercato.commands.running import prepare
from mercato.config import Settings
from mercato.kernel import log
from mercato.kernel.db import open_database
from mercato.kernel.queue import QUEUES
from mercato.market import Market
from mercato.server import (
    CannotServe,
    How,
    Share,
    bound,
    loop_factory,
    must_be_shared,
    settle,
    upgraded,
    url_of,
)
from mercato.server import serve as serve_alone

Say = Callable[[str], None]

# Seconds. A child that ends sooner than this after its start is not started again at once.
SHORT_LIFE, PAUSE, LOOK = 5.0, 2.0, 0.2
FAREWELL = 30.0


def serve(
    settings: Settings,
    *,
    host: str,
    port: int,
    workers: int = 1,
    no_worker: bool = False,
    embedded: bool = False,
    share: int | None = None,
    say: Say = print,
) -> None:
    """Serve in this process, or watch `workers` processes that do. Raises CannotServe."""
    how = How(host, port, embedded, not no_worker)
    if share is not None:
        _be_child(settings, how, share, say)
    elif workers == 1:
        serve_alone(settings, how, say=say)
    else:
        must_be_shared(settings, f"--workers {workers}")
        _watch(settings, how, workers, say)


def _be_child(settings: Settings, how: How, descriptor: int, say: Say) -> None:
    """One of several: standard input says who it is, and ends with the parent."""
    code, number = sys.stdin.readline().split()

    def leave_with_parent() -> None:
        sys.stdin.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=leave_with_parent, daemon=True).start()
    sock = socket.socket(fileno=descriptor)
    serve_alone(settings, how, say=say, share=Share(sock, code, number == "0"))


class _Child:
    """One server process, started again when it ends."""

    def __init__(self, number: int, command: list[str], sock: socket.socket, code: str) -> None:
        self.number, self._command, self._sock, self._code = number, command, sock, code
        self._began, self._after = 0.0, 0.0
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self._began = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 our own interpreter and module
            self._command,
            stdin=subprocess.PIPE,
            pass_fds=[self._sock.fileno()],
            text=True,
            # Ctrl+c in the terminal reaches the parent, which tells its children once.
            start_new_session=True,
        )
        assert self.process.stdin is not None
        self.process.stdin.write(f"{self._code} {self.number}\n")
        self.process.stdin.flush()

    def look(self, say: Say) -> None:
        """Start it again if it has ended, with a pause if it did not live long."""
        if self.process is None:
            if time.monotonic() >= self._after:
                self.start()
            return
        status = self.process.poll()
        if status is not None:
            say(f"Server process {self.process.pid} ended (status {status}); starting another")
            short = time.monotonic() - self._began < SHORT_LIFE
            self._after = time.monotonic() + (PAUSE if short else 0)
            self._forget()

    def _forget(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        self.process = None

    def stop(self, deadline: float) -> None:
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.1, deadline - time.monotonic()))
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._forget()


def _watch(settings: Settings, how: How, number: int, say: Say) -> None:
    log.set_up(settings.log_level)
    prepare(settings.data)
    upgraded(settings, say)
    sock = bound(how.host, how.port)
    command = [sys.executable, "-m", "mercato", "serve", "--host", how.host, "--port", str(how.port)]
    command += ["--share", str(sock.fileno()), "--data-dir", str(settings.data)]
    if not how.worker:
        command.append("--no-worker")
    code = secrets.token_hex(8)
    children = [_Child(n, command, sock, code) for n in range(number)]
    told = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: told.set())
    for child in children:
        child.start()
    say(f"Mercato listens on {url_of(how.host, sock)} with {number} processes")
    while not told.wait(LOOK):
        for child in children:
            child.look(say)
    for child in children:
        if child.process is not None:
            child.process.terminate()
    deadline = time.monotonic() + FAREWELL
    for child in children:
        child.stop(deadline)


def work(
    settings: Settings,
    *,
    queues: Collection[str] | None = None,
    concurrency: int | None = None,
    say: Say = print,
) -> None:
    """Run jobs until told to stop. Raises CannotServe."""
    log.set_up(settings.log_level)
    must_be_shared(settings, "`mercato worker`")
    unknown = sorted(set(queues or ()) - QUEUES)
    if unknown:
        raise CannotServe(f"There is no queue {unknown[0]}. There are {', '.join(sorted(QUEUES))}.")
    prepare(settings.data)
    upgraded(settings, say)
    market = Market(open_database(settings.database), settings)

    async def run() -> None:
        loop, told = asyncio.get_running_loop(), asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, told.set)
        try:
            await market.prepare()
            await market.start_worker(queues=queues or QUEUES, concurrency=concurrency)
            settle()
            say(f"Mercato runs jobs of {', '.join(sorted(queues or QUEUES))} as process {os.getpid()}")
            await told.wait()
        finally:
            await market.close()

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(run())
