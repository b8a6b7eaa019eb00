"""PostgreSQL through asyncpg: writes at SERIALIZABLE, repeated as a whole when the database asks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from mercato.kernel import trace
from mercato.kernel.db import Committed, Tx, present
from mercato.kernel.fits import guard

T = TypeVar("T")
P = ParamSpec("P")

FREE, ATTEMPTS = 2, 30
# The advisory lock of those whose turn it is; no other use of such locks in this database takes the number.
REPEATERS = 0x6D65726361746F01
_LOCK, _UNLOCK = text("SELECT pg_advisory_lock(:key)"), text("SELECT pg_advisory_unlock(:key)")
# Serialization failure and deadlock: the unit did nothing and may simply run again.
REPEATABLE = frozenset({"40001", "40P01"})


def must_repeat(error: DBAPIError) -> bool:
    """Whether PostgreSQL asks for the transaction to be run again."""
    return getattr(error.orig, "sqlstate", None) in REPEATABLE


class PostgresDatabase(Committed):
    """Any number of processes on one database."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        engine = create_async_engine(
            url.replace("postgresql:", "postgresql+asyncpg:", 1),
            pool_size=5,
            max_overflow=5,
            pool_pre_ping=True,
        )
        guard(engine.sync_engine)
        self._engine = engine
        self._writes = engine.execution_options(isolation_level="SERIALIZABLE")
        self._plain = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._turn = asyncio.Lock()
        self._reads = engine.execution_options(isolation_level="READ COMMITTED", postgresql_readonly=True)

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *a: P.args, **kw: P.kwargs) -> T:
        async with self._reads.connect() as conn:
            return await conn.run_sync(fn, *a, **kw)

    async def look(self, fn: Callable[Concatenate[Connection, P], T], *a: P.args, **kw: P.kwargs) -> T:
        """Another machine's answer never holds up the event loop."""
        return await self.read(fn, *a, **kw)

    async def write(self, fn: Callable[Concatenate[Tx, P], T], *a: P.args, **kw: P.kwargs) -> T:
        for attempt in range(1, FREE + 1):
            try:
                return await self._write_once(fn, *a, **kw)
            except DBAPIError as error:
                if not must_repeat(error):
                    raise
            await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 jitter, not a secret
        # Many want the same rows: those who have failed go one by one, or nobody would get through.
        async with self._turn, self._ahead_of_all():
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    return await self._write_once(fn, *a, **kw)
                except DBAPIError as error:
                    if attempt == ATTEMPTS or not must_repeat(error):
                        raise
                await asyncio.sleep(random.uniform(0, 0.03))  # noqa: S311 jitter, not a secret
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def _ahead_of_all(self) -> AsyncIterator[None]:
        """Be the only one, of all processes, who repeats a unit. Taken before the unit's transaction begins, so
        nobody waits for it while holding a row."""
        async with self._plain.connect() as conn:
            try:
                await conn.execute(_LOCK, {"key": REPEATERS})
                yield
                await conn.execute(_UNLOCK, {"key": REPEATERS})
            except BaseException:
                # A connection that ends gives the lock back, whatever has happened.
                await conn.invalidate()
                raise

    async def _write_once(self, fn: Callable[Concatenate[Tx, P], T], *a: P.args, **kw: P.kwargs) -> T:
        held: list[Tx] = []
        request = trace.current()

        def unit(conn: Connection) -> T:
            tx = Tx(conn, now=present(), listeners=self.listeners, request=request)
            held.append(tx)
            return fn(tx, *a, **kw)

        async with self._writes.begin() as conn:
            result = await conn.run_sync(unit)
        self.announce(held[-1])
        return result

    async def close(self) -> None:
        await self._engine.dispose()
