"""SQLite in lanes: one writer thread owns the file, a few reader threads look at snapshots of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool

from mercato.kernel.db import Committed, Tx, present
from mercato.kernel.fits import guard

T = TypeVar("T")
P = ParamSpec("P")

# With one interpreter lock a second reader costs more (threads handing the lock to and fro: measured 1.8
# times the CPU per request) than it gives.
READERS = 1
NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "lustre", "gpfs", "beegfs", "ceph", "afs", "fuse.sshfs", "9p"}
)


def file_system_of(path: Path, mounts: str | None = None) -> str:
    """The type of the file system that holds the path, from Linux' mount table; empty when unknown."""
    if mounts is None:
        try:
            mounts = Path("/proc/mounts").read_text()
        except OSError:
            return ""
    place, best, kind = str(path.resolve()), "", ""
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        at = fields[1].rstrip("/")
        if (place == at or place.startswith(at + "/")) and len(at) >= len(best):
            best, kind = at, fields[2]
    return kind


def on_network(path: Path) -> bool:
    """Whether write-ahead logging would be unsafe there: its shared memory does not cross machines."""
    return file_system_of(path) in NETWORK_FILE_SYSTEMS


def sqlite_engine(
    url: str,
    begin: str,
    *,
    size: int = 1,
    network: bool = False,
    read_only: bool = False,
    durable: bool = True,
) -> Engine:
    """A synchronous engine whose transactions start with `begin` (pysqlite's own start too late)."""
    journal = ("locking_mode=EXCLUSIVE", "journal_mode=DELETE") if network else ("journal_mode=WAL",)
    synchronous = "FULL" if durable else "OFF"
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        connect_args={"check_same_thread": False, "cached_statements": 512},
    )

    @event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None
        cursor = dbapi.cursor()
        for pragma in (*journal, f"synchronous={synchronous}", "foreign_keys=ON", "busy_timeout=5000"):
            cursor.execute("PRAGMA " + pragma)
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        conn.exec_driver_sql(begin)

    return engine


class SqliteDatabase(Committed):
    """One process, one file. On a network file system: a rollback journal and an exclusive lock.

    Not `durable`: what was committed may be lost when the machine fails, for a file that is made anew then.
    """

    dialect = "sqlite"

    def __init__(self, url: str, *, durable: bool = True) -> None:
        super().__init__()
        self.url = url
        file = make_url(url).database
        if not file or file == ":memory:":
            raise ValueError("The database must be a file: sqlite:////path/to/mercato.db")
        self.network = on_network(Path(file))
        self._writer = sqlite_engine(url, "BEGIN IMMEDIATE", network=self.network, durable=durable)
        guard(self._writer)
        self._write_lane = ThreadPoolExecutor(1, "mercato-write")
        if self.network:
            # An exclusive lock has one holder: readers share the writer's lane and connection.
            self._reader, self._read_lane = self._writer, self._write_lane
        else:
            self._reader = sqlite_engine(url, "BEGIN", size=READERS, read_only=True)
            self._read_lane = ThreadPoolExecutor(READERS, "mercato-read")

        self.can_glance = not self.network
        self._glancer = None if self.network else sqlite_engine(url, "BEGIN", read_only=True)

    def glance(self, fn: Callable[Concatenate[Connection, P], T], *a: P.args, **kw: P.kwargs) -> T:
        """A look so short (a few rows by index) that it happens at once, in the event loop's own thread."""
        assert self._glancer is not None
        with self._glancer.connect() as conn:
            try:
                return fn(conn, *a, **kw)
            finally:
                conn.rollback()

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *a: P.args, **kw: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._read_lane, lambda: self.read_here(fn, *a, **kw)
        )

    async def write(self, fn: Callable[Concatenate[Tx, P], T], *a: P.args, **kw: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._write_lane, lambda: self.write_here(fn, *a, **kw)
        )

    def read_here(self, fn: Callable[Concatenate[Connection, P], T], *a: P.args, **kw: P.kwargs) -> T:
        """Read in the calling thread. It ends with a rollback, so that even the network mode's shared
        connection (the writer's) keeps nothing of it."""
        with self._reader.connect() as conn:
            try:
                return fn(conn, *a, **kw)
            finally:
                conn.rollback()

    def write_here(self, fn: Callable[Concatenate[Tx, P], T], *a: P.args, **kw: P.kwargs) -> T:
        """Write in the calling thread; SQLite's own lock keeps it apart from the lane."""
        with self._writer.begin() as conn:
            tx = Tx(conn, now=present(), listeners=self.listeners)
            result = fn(tx, *a, **kw)
        self.announce(tx)
        return result

    async def close(self) -> None:
        self._write_lane.shutdown()
        self._read_lane.shutdown()
        self._writer.dispose()
        if self._glancer is not None:
            self._glancer.dispose()
        self._reader.dispose()
