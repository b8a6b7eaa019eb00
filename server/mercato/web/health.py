"""Is it alive, can it take requests, is everything done that should be? For people, balancers and alarms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, text

from mercato.access.rules import PUBLIC
from mercato.jobs import backlog
from mercato.kernel import clock
from mercato.kernel.http import Door, Route, raw
from mercato.kernel.incoming import Incoming, Reply
from mercato.migrations import head
from mercato.schemas import system as api

# Seconds.
PATIENCE = 5.0  # a database that takes longer to say a word is not there
LONGEST_WAIT = 300.0  # a job that has waited longer tells that workers are missing
LONGEST_SILENCE = 900.0  # the schedule has something to do every few minutes
OK = "ok"

Checks = dict[str, str]


def routes(worker: Callable[[], str]) -> list[Route]:
    """`worker` says `ok` or what is wrong with the job worker of this process."""
    return [
        Route(api.LIVE, PUBLIC, _live, "read"),
        Route(api.READY, PUBLIC, _asking(_ready), "read"),
        Route(
            api.HEALTH,
            PUBLIC,
            _asking(lambda conn: {**_ready(conn), "worker": worker(), **_work(conn)}),
            "read",
        ),
    ]


def _live(_door: Door, _route: Route) -> Callable[..., Any]:
    async def handler(_request: Incoming) -> Reply:
        return raw(api.Health(status=OK, checks={}), 200)

    return handler


def _asking(look: Callable[[Connection], Checks]) -> Callable[[Door, Route], Callable[..., Any]]:
    def mount(door: Door, _route: Route) -> Callable[..., Any]:
        async def handler(_request: Incoming) -> Reply:
            try:
                checks = await asyncio.wait_for(door.db.read(look), PATIENCE)
            except TimeoutError:
                checks = {"database": f"It has not answered for {PATIENCE:.0f} seconds."}
            except Exception as error:  # whatever it is: this is where it is told
                checks = {"database": type(error).__name__}
            well = all(answer == OK for answer in checks.values())
            return raw(api.Health(status=OK if well else "degraded", checks=checks), 200 if well else 503)

        return handler

    return mount


def _ready(conn: Connection) -> Checks:
    """The database answers, and has the shape that this version works with."""
    found = conn.execute(text("SELECT max(version_num) FROM alembic_version")).scalar()
    shape = OK if found == head() else f"It is at revision {found}, and this server is made for {head()}."
    return {"database": shape}


def _work(conn: Connection) -> Checks:
    """What waits, and whether the clock is followed."""
    found = backlog.look(conn)
    waits = f"A job has waited for {found.seconds:.0f} seconds." if found.seconds > LONGEST_WAIT else OK
    silence = (clock.now() - found.slot).total_seconds() if found.slot is not None else 0.0
    silent = (
        f"Nothing has happened by the clock for {silence:.0f} seconds." if silence > LONGEST_SILENCE else OK
    )
    return {"backlog": waits, "schedule": silent}
