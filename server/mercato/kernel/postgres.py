"""PostgreSQL through asyncpg: writes at SERIALIZABLE, repeated as a whole when the database asks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from mercato.kernel import trace
from mercato.kernel.db import Committed, Tx, present
from mercato.kernel.fits import guard

T = TypeVar("T")
P = ParamSpec("P")

ATTEMPTS = 20
# Seconds.
LONGEST_PAUSE = 0.3
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
        self._reads = engine.execution_options(isolation_level="READ COMMITTED", postgresql_readonly=True)

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *a: P.args, **kw: P.kwargs) -> T:
        async with self._reads.connect() as conn:
            return await conn.run_sync(fn, *a, **kw)

    async def look(self, fn: Callable[Concatenate[Connection, P], T], *a: P.args, **kw: P.kwargs) -> T:
        """Another machine's answer never holds up the event loop."""
        return await self.read(fn, *a, **kw)

    async def write(self, fn: Callable[Concatenate[Tx, P], T], *a: P.args, **kw: P.kwargs) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._write_once(fn, *a, **kw)
            except DBAPIError as error:
                if attempt == ATTEMPTS or not must_repeat(error):
                    raise
            pause = random.uniform(0, min(0.01 * 2**attempt, LONGEST_PAUSE))  # noqa: S311 jitter, not a secret
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")

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
