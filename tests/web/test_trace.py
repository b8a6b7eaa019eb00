"""A request has a name, and so has everything that comes of it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from mercato.kernel import log, trace
from mercato.kernel.db import Tx
from world import World

pytestmark = pytest.mark.http


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, as a service's log would get it."""
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    level = root.level
    out = io.StringIO()
    log.set_up("info", stream=out)
    yield out
    structlog.reset_defaults()
    root.handlers[:], root.level = before, level


def told(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


async def test_a_refusal_says_which_request_it_was(world: World) -> None:
    given = await world.get(None, "/api/customers/", headers={"X-Request-ID": "front-42"})
    assert (given.status_code, given.headers["X-Request-ID"]) == (401, "front-42")
    made = await world.get(None, f"/api/customers/{world.ids['buyer']}/")
    assert len(made.headers["X-Request-ID"]) == 16


@pytest.mark.parametrize("bad", ["x" * 65, "a b", 'a"b', "ü"])
async def test_a_name_that_would_spoil_the_log_is_not_taken(world: World, bad: str) -> None:
    answer = await world.get(None, "/api/customers/", headers={"X-Request-ID": bad.encode()})
    assert answer.headers["X-Request-ID"] != bad
    assert len(answer.headers["X-Request-ID"]) == 16


async def test_the_job_knows_the_request_it_came_of(world: World, lines: io.StringIO) -> None:
    seen: list[tuple[str | None, dict[str, Any]]] = []

    async def work(_db: Any, **ids: Any) -> None:
        seen.append((trace.current(), ids))
        logging.getLogger("mercato.somewhere").warning("half done")

    def put(tx: Tx) -> None:
        tx.enqueue("traced", number=1)

    world.market.engine.add("traced", work)
    with trace.during("front-43"):
        await world.market.db.write(put)
    await world.drain()
    assert seen == [("front-43", {"number": 1})]
    assert trace.current() is None
    [line] = [entry for entry in told(lines) if entry.get("message") == "half done"]
    assert (line["request_id"], line["logger"], line["level"]) == (
        "front-43",
        "mercato.somewhere",
        "warning",
    )


async def test_an_order_carries_its_request_to_its_execution(world: World) -> None:
    offering = await world.offering()
    order = await world.order(offering)
    headers = {"X-Request-ID": "front-44"}
    path = f"/api/marketplace-orders/{order['uuid']}/approve_by_provider/"
    assert (await world.post("seller", path, headers=headers)).is_success

    def waiting(conn: Any) -> list[Any]:
        found = conn.exec_driver_sql("SELECT args FROM procrastinate_jobs WHERE status = 'todo'")
        return [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in found]

    jobs = await world.market.db.read(waiting)
    assert {job.get("request_id") for job in jobs if "order" in job} == {"front-44"}


def test_a_line_is_json_and_holds_no_variables(lines: io.StringIO) -> None:
    secret_in_a_variable = "geheim"  # noqa: F841
    try:
        raise ValueError("bad\nline")
    except ValueError:
        structlog.get_logger("mercato.web").exception("request failed", path="/x")
    [line] = told(lines)
    assert (line["message"], line["path"], line["level"]) == ("request failed", "/x", "error")
    assert line["exception"][0]["exc_value"] == "bad\nline"
    assert "geheim" not in lines.getvalue()
