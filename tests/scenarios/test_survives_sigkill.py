"""A server killed in the middle of 200 concurrent orders keeps every acknowledged one, once and whole."""

from __future__ import annotations

import asyncio
import sqlite3

import httpx
import pytest

from live import Live

pytestmark = pytest.mark.process

BUYER = "buyer00000000000000000000000000000000000"
OFFERING = "0f000000000000000000000000000001"
PLAN = "0b000000000000000000000000000001"
PROJECT = "b1000000000000000000000000000001"
ORDERS, KILL_AFTER = 200, 60


async def create_until_killed(live: Live) -> set[str]:
    acknowledged: set[str] = set()
    enough = asyncio.Event()

    async def one(client: httpx.AsyncClient, number: int) -> None:
        body = {
            "offering": OFFERING,
            "project": PROJECT,
            "plan": PLAN,
            "attributes": {"name": f"r{number}"},
            "limits": {"cpu": number},
        }
        try:
            answer = await client.post("/api/marketplace-orders/", json=body)
        except httpx.HTTPError:
            return
        if answer.status_code == 201:
            acknowledged.add(answer.json()["uuid"])
            if len(acknowledged) >= KILL_AFTER:
                enough.set()

    limits = httpx.Limits(max_connections=50)
    headers = {"Authorization": f"Token {BUYER}"}
    async with httpx.AsyncClient(base_url=live.url, headers=headers, limits=limits, timeout=30) as client:
        creating = [asyncio.create_task(one(client, n)) for n in range(1, ORDERS + 1)]
        await asyncio.wait_for(enough.wait(), 60)
        live.kill()
        await asyncio.gather(*creating)
    return acknowledged


def test_every_acknowledged_order_is_there_once(live: Live) -> None:
    live.start()
    acknowledged = asyncio.run(create_until_killed(live))
    assert KILL_AFTER <= len(acknowledged) < ORDERS
    live.start()
    seen: list[str] = []
    for page in (1, 2):
        headers = {"Authorization": f"Token {BUYER}"}
        answer = httpx.get(
            f"{live.url}/api/marketplace-orders/?page_size=100&page={page}&field=uuid&o=created",
            headers=headers,
        )
        if answer.status_code == 200:
            seen += [row["uuid"] for row in answer.json()]
    assert len(seen) == len(set(seen))
    assert acknowledged <= set(seen)
    live.stop()
    with sqlite3.connect(live.data / "mercato.db") as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        [orders, resources, audits, facts] = [
            conn.execute(query).fetchone()[0]
            for query in (
                "SELECT count(*) FROM orders",
                "SELECT count(*) FROM resources WHERE id IN (SELECT resource_id FROM orders)",
                "SELECT count(DISTINCT object) FROM audit WHERE event_type = 'marketplace_order_created'",
                "SELECT count(DISTINCT object) FROM facts WHERE topic = 'OrderMoved'",
            )
        ]
        stray = conn.execute(
            "SELECT count(*) FROM resources WHERE id NOT IN (SELECT resource_id FROM orders)"
        ).fetchone()
    conn.close()
    assert orders == resources == audits == facts == len(seen)
    assert stray == (0,)
