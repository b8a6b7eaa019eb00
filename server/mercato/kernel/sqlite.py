"""SQLite in lanes: one writer thread owns the file, a few reader threads look at snapshots of it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from mercato.kernel import trace
from mercato.kernel.db import Committed, Tx, present
from mercato.kernel.fits import guard
from mercato.kernel.groups import Groups, Lost

T = TypeVar("T")
P = ParamSpec("P")

# With one interpreter lock a second reader costs more (threads handing the lock to and fro: measured 1.8
# times the CPU per request) than it gives.
READERS = 1
# How long a look may hold up the event loop, in steps of SQLite's machine: about 5 ms.
STRIDE = 10_000
PATIENCE = 10
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
    url: str, *, network: bool = False, read_only: bool = False, durable: bool = True
) -> Engine:
    """A synchronous engine on one connection, which begins and ends no transaction by itself."""
    journal = ("locking_mode=EXCLUSIVE", "journal_mode=DELETE") if network else ("journal_mode=WAL",)
    synchronous = "FULL" if durable else "OFF"
    engine = create_engine(
        url,
        poolclass=StaticPool,
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

    return engine


class TookLong(Exception):
    """A look was given up."""


class Lane:
    """One connection that is used by one unit at a time.

    For SQLAlchemy it is in one endless transaction; BEGIN, COMMIT and ROLLBACK go to the driver directly
    (3 µs instead of 11 for each unit).
    """

    def __init__(self, engine: Engine, begin: str) -> None:
        self._engine = engine
        self._begin = begin
        self._lock = threading.Lock()
        self._conn: Connection | None = None
        self._strides = self._allowed = 0
        event.listen(engine, "connect", lambda dbapi, _: dbapi.set_progress_handler(self._stride, STRIDE))

    @contextmanager
    def unit(self, *, keep: bool) -> Iterator[Connection]:
        """A transaction; committed at the end if `keep` and nothing was raised, else rolled back."""
        with self._lock:
            conn = self._begin_unit()
            try:
                yield conn
                if keep:
                    self._say(conn, "COMMIT")
            finally:
                self._end_unit(conn)

    def alone(self, work: Callable[[Connection], T]) -> T:
        """What `work` writes, in a transaction of its own."""
        with self.unit(keep=True) as conn:
            return work(conn)

    def together(self, steps: Callable[[Connection], None]) -> None:
        """What `steps` write, in one transaction. Raises Lost when nothing of it was kept."""
        try:
            self.alone(steps)
        except Exception as error:
            raise Lost from error

    def look(self, fn: Callable[[Connection], T]) -> T:
        """What `fn` reads. Raises TookLong."""
        with self.unit(keep=False) as conn:
            self._strides, self._allowed = 0, PATIENCE
            try:
                return fn(conn)
            except DBAPIError as error:
                if self._strides <= PATIENCE:
                    raise
                raise TookLong from error
            finally:
                self._allowed = 0  # what ends the unit is never interrupted

    def _begin_unit(self) -> Connection:
        if self._conn is None:
            self._conn = self._engine.connect()
            self._conn.begin()
        self._say(self._conn, self._begin)
        return self._conn

    @staticmethod
    def _end_unit(conn: Connection) -> None:
        """Roll back what was not committed."""
        raw: Any = conn.connection.dbapi_connection
        if raw.in_transaction:
            raw.execute("ROLLBACK")

    def close(self) -> None:
        with self._lock:
            if self._conn is not None:
                self._conn.close()
                self._conn = None
            self._engine.dispose()

    def _stride(self) -> bool:
        self._strides += 1
        return 0 < self._allowed < self._strides

    @staticmethod
    def _say(conn: Connection, what: str) -> None:
        raw: Any = conn.connection.dbapi_connection
        try:
            raw.execute(what)
        except sqlite3.Error as error:
            conn._handle_dbapi_exception(error, what, (), None, None)
            raise


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
        writer = sqlite_engine(url, network=self.network, durable=durable)
        guard(writer)
        self._writer = Lane(writer, "BEGIN IMMEDIATE")
        self._write_lane = ThreadPoolExecutor(1, "mercato-write")
        if self.network:
            # An exclusive lock has one holder: readers share the writer's lane and connection.
            self._reader, self._read_lane = self._writer, self._write_lane
        else:
            self._reader = Lane(sqlite_engine(url, read_only=True), "BEGIN")
            self._read_lane = ThreadPoolExecutor(READERS, "mercato-read")

        self._groups = Groups(self._writer, self._write_lane, self._committed)
        self._glancer = None if self.network else Lane(sqlite_engine(url, read_only=True), "BEGIN")

    async def look(self, fn: Callable[Concatenate[Connection, P], T], *a: P.args, **kw: P.kwargs) -> T:
        """A read that is probably short: at once, in the event loop's own thread. One that turns out to be
        long is given up after a few milliseconds and happens in the reader's lane."""
        if self._glancer is not None:
            try:
                return self._glancer.look(lambda conn: fn(conn, *a, **kw))
            except TookLong:
                pass
        return await self.read(fn, *a, **kw)

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *a: P.args, **kw: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._read_lane, lambda: self.read_here(fn, *a, **kw)
        )

    async def write(self, fn: Callable[Concatenate[Tx, P], T], *a: P.args, **kw: P.kwargs) -> T:
        """In the writer's lane; units that wait there together share one commit."""
        request = trace.current()  # the lane's thread does not know it
        found: T = await self._groups.run(lambda conn: self._unit(conn, lambda tx: fn(tx, *a, **kw), request))
        return found

    def _unit(self, conn: Connection, fn: Callable[[Tx], T], request: str | None = None) -> tuple[Tx, T]:
        tx = Tx(conn, now=present(), listeners=self.listeners, request=request)
        with trace.during(request):
            return tx, fn(tx)

    def _committed(self, kept: tuple[Tx, T]) -> T:
        self.announce(kept[0])
        return kept[1]

    def read_here(self, fn: Callable[Concatenate[Connection, P], T], *a: P.args, **kw: P.kwargs) -> T:
        """Read in the calling thread. It ends with a rollback, so that even the network mode's shared
        connection (the writer's) keeps nothing of it."""
        with self._reader.unit(keep=False) as conn:
            return fn(conn, *a, **kw)

    def write_here(self, fn: Callable[Concatenate[Tx, P], T], *a: P.args, **kw: P.kwargs) -> T:
        """Write in the calling thread; the lane's lock keeps it apart from the others."""
        return self._committed(self._writer.alone(lambda conn: self._unit(conn, lambda tx: fn(tx, *a, **kw))))

    async def close(self) -> None:
        self._write_lane.shutdown()
        self._read_lane.shutdown()
        for lane in (self._writer, self._glancer, self._reader):
            if lane is not None:
                lane.close()
