"""`mercato serve`: the web and the worker of one data directory (or database) in this process."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import gc
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn

from mercato.commands.running import Running, being_server, describe, find, prepare
from mercato.config import Settings, without_password
from mercato.identity.service import nobody_is_staff
from mercato.jobs.alone import AnotherProcess
from mercato.kernel import log
from mercato.kernel.db import open_database
from mercato.market import Market
from mercato.migrations import upgrade
from mercato.server_files import apps_lock, personas_file
from mercato.web.admin import command_route
from mercato.web.app import create_app

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
# Seconds. An app holds its lock before it starts a server, so the first look may come soon.
FIRST_APP, LOOK = 2.0, 1.0
EXIT_TAKEN = 3


class CannotServe(Exception):
    """Why the server does not start; for people."""


class OneTimeCode:
    """The code with which the first administrator is made: shown once, right once."""

    def __init__(self, code: str = "") -> None:
        self._code = code or secrets.token_hex(8)

    @property
    def shown(self) -> str:
        return "-".join(self._code[i : i + 4] for i in range(0, len(self._code), 4))

    def is_right(self, given: str) -> bool:
        bare = given.replace("-", "").strip().lower()
        return bool(self._code) and secrets.compare_digest(bare.encode(), self._code.encode())


class How(NamedTuple):
    """How a server serves. `worker`: whether it also runs jobs and the schedule."""

    host: str = "127.0.0.1"
    port: int = 8000
    embedded: bool = False
    worker: bool = True


class Share(NamedTuple):
    """What servers of one address have in common: the socket, the first administrator's code, and whether this
    one is the first of them, which speaks for all."""

    sock: socket.socket
    code: str
    first: bool


ONE_PROCESS = (
    "SQLite is served by one process, with its worker in it. {} needs PostgreSQL:"
    " set MERCATO_DATABASE_URL=postgresql://USER@HOST/NAME."
)


def must_be_shared(settings: Settings, what: str) -> None:
    """Raises CannotServe where the database is one file, which has one process."""
    if settings.database.startswith("sqlite"):
        raise CannotServe(ONE_PROCESS.format(what))


def serve(
    settings: Settings, how: How, *, say: Callable[[str], None] = print, share: Share | None = None
) -> None:
    """Serve until told to stop. Raises CannotServe."""
    log.set_up(settings.log_level)
    prepare(settings.data)
    if personas_file(settings.data).exists() and how.host not in LOOPBACK_HOSTS:
        raise CannotServe(
            f"{settings.data} holds a demo marketplace, whose personas need no password: it is only served"
            " on this machine (127.0.0.1)."
        )
    if not how.worker:
        must_be_shared(settings, "A server without a worker")
    with _alone(settings, how):
        _serve(settings, how, say, share)


@contextmanager
def _alone(settings: Settings, how: How) -> Iterator[None]:
    """Be the one server of a file. Of a PostgreSQL database there may be many, but an app joins the embedded one."""
    if not (how.embedded or settings.database.startswith("sqlite")):
        yield
        return
    try:
        with being_server(settings.data):
            yield
    except AnotherProcess:
        other = find(settings.data)
        where = f" at {other.url}" if other else ""
        raise CannotServe(f"A server is running on {settings.data} already{where}.") from None


def upgraded(settings: Settings, say: Callable[[str], None]) -> None:
    """Bring the database to this version."""
    report = upgrade(settings.database)
    if report.before is None:
        say(f"Created the database {without_password(settings.database)}")
    elif report.before != report.after:
        copy = f"; the copy from before is {report.backup}" if report.backup else ""
        say(f"Upgraded the database to {report.after}{copy}")


def bound(host: str, port: int) -> socket.socket:
    """The socket to listen on. Raises CannotServe when the address is taken."""
    try:
        return uvicorn.Config("", host=host, port=port, log_level="critical").bind_socket()
    except SystemExit:
        raise CannotServe(f"The address {host}:{port} is taken.") from None


def url_of(host: str, sock: socket.socket) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{sock.getsockname()[1]}"


def _serve(settings: Settings, how: How, say: Callable[[str], None], share: Share | None) -> None:
    upgraded(settings, say)
    market = Market(open_database(settings.database), settings)
    code = OneTimeCode(share.code if share else "")
    me: list[Running] = []
    admin = command_route(market, lambda: me[0].secret if me else "")
    app = create_app(market, with_worker=how.worker, code_is_right=code.is_right, more=[admin])
    sock = share.sock if share else bound(how.host, how.port)
    config = _web(app, how.host, how.port)
    url = url_of(how.host, sock)

    def ready() -> None:
        settle()
        if share is None:
            me.append(describe(settings.data, url))
            say(f"Mercato listens on {url}")

    async def run() -> None:
        server = _Server(config, ready)
        tasks = [asyncio.create_task(_leave_with_last_app(server, settings.data))] if how.embedded else []
        if share is None or share.first:
            tasks.append(asyncio.create_task(_greet(market, code, url, say)))
        await server.serve(sockets=[sock])
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(run())


def settle() -> None:
    """What is loaded now stays: the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    with contextlib.suppress(OSError, AttributeError):  # where there is no glibc
        ctypes.CDLL(None).malloc_trim(0)  # what starting took and no longer needs


def _web(app: Any, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=10,
        # Frames are short: compressing them costs more memory than it saves. STOMP's own heart-beats tell who
        # is gone: an agent that works on a message answers no ping.
        ws_max_size=64 * 1024,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
    )


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed (it halves the cost of a request), else asyncio's own loop."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


class _Server(uvicorn.Server):
    """Tells when it accepts requests."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


async def _greet(market: Market, code: OneTimeCode, url: str, say: Callable[[str], None]) -> None:
    """Say how the first administrator is made, where there is none. There is never a default password."""
    if await market.db.write(nobody_is_staff):
        say(
            "There is no administrator yet. Make one with `mercato user create NAME --staff`, or send this"
            f" one-time code with a name and a password to {url}/api-auth/first-administrator/: {code.shown}"
        )


async def _leave_with_last_app(server: uvicorn.Server, data: Path) -> None:
    """End an embedded server when no app holds the apps' lock any more (it is freed even by SIGKILL)."""
    await asyncio.sleep(FIRST_APP)
    while not server.should_exit:
        with apps_lock(data).open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                await asyncio.sleep(LOOK)
                continue
        server.should_exit = True
