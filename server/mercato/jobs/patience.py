"""How a job ended must be written down: a job that stays "running" keeps its lock and is never looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg
from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import OperationalError

T = TypeVar("T")

# The file is busy, the disk is full, the server restarts: it passes, or the process ends anyway.
TEMPORARY = (OperationalError, psycopg.OperationalError)
TIMES = 60
PAUSE = 1.0  # seconds


async def patiently(write: Callable[[], Awaitable[T]]) -> T:
    """Repeat a statement of upstream's while the database is unable to take it, for about a minute."""
    for _ in range(TIMES):
        try:
            return await write()
        except ConnectorException as error:
            if not isinstance(error.__cause__, TEMPORARY):
                raise
        await asyncio.sleep(PAUSE)
    return await write()
