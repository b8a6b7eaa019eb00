"""A page costs one statement to find who asks, one for the rows and at most one to count, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from mercato.access.rules import STAFF
from mercato.web.app import all_routes
from world import World

pytestmark = pytest.mark.db


@contextmanager
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_lists_need_no_statement_per_row(world: World) -> None:
    offering = await world.offering()
    for n in range(7):
        order = await world.order(offering, attributes={"name": f"r{n}"})
        await world.act("seller", order, "approve_by_provider")
    await world.drain()
    paths = [
        (route.endpoint.path, "staff" if route.needs == STAFF else "owner")
        for route in all_routes(world.market.settings)
        if route.kind == "list" and "{" not in route.endpoint.path
    ]
    assert len(paths) > 12
    for path, who in paths:
        for size in (1, 5, 300):
            with statements() as seen:
                answer = await world.get(who, f"{path}?page_size={size}&nothing={size}")
            assert answer.status_code == 200, (path, answer.text)
            # Shared lists also ask for the caller's grants (part of the cache key), once to look into the
            # cache and once more when the page has to be made.
            assert len(seen) <= 6, (path, size, seen)
