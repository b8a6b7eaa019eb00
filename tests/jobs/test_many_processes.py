"""Two servers and three workers on one PostgreSQL database: each does its part, all hear of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from chaos.market import BUYER, OFFERING, PLAN, PROJECT, PROVIDER, agent_queue, opened
from chaos.run import chaos
from several import House, Node
from stomp_client import Stomp

pytestmark = pytest.mark.process


@pytest.fixture
def many(tmp_path: Path, postgres_url: str) -> Iterator[House]:
    house = opened(tmp_path / "data", postgres_url)
    yield house
    house.stop()


def until(true: Callable[[], Any], seconds: float = 20) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def order(web: Node) -> str:
    body = {
        "offering": OFFERING,
        "project": PROJECT,
        "plan": PLAN,
        "limits": {"cpu": 10, "ram": 4, "storage": 2},
        "attributes": {"name": "thing"},
    }
    headers = {"Authorization": f"Token {BUYER}"}
    answer = httpx.post(f"{web.url}/api/marketplace-orders/", json=body, headers=headers, timeout=30)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["uuid"])


def reader(web: Node, access: dict[str, Any]) -> Stomp:
    stomp = Stomp(web.url)
    stomp.sign_in(access, PROVIDER)
    stomp.read_queue(access["queue_name"], "auto")
    return stomp


def message(stomp: Stomp, within: float = 20) -> dict[str, Any]:
    while True:
        command, _headers, body = stomp.hear(within)
        if command == "MESSAGE":
            return dict(json.loads(body))


def test_an_order_placed_on_one_is_executed_by_another_and_heard_of_at_the_first(many: House) -> None:
    first, second = (many.node(f"web-{n}", "serve", "--no-worker") for n in (1, 2))
    workers = [many.node(f"worker-{n}", "worker") for n in (1, 2, 3)]
    for node in many.nodes:
        node.wait()
    access = agent_queue(second)
    waits: list[float] = []
    with reader(first, access) as heard:
        for _ in range(5):
            uuid = order(second)
            while (told := message(heard))["order_uuid"] != uuid or told["order_state"] not in (
                "done",
                "erred",
            ):
                pass
            now = datetime.now(UTC)
            path = f"{first.url}/api/marketplace-orders/{uuid}/?field=completed_at"
            seen = httpx.get(path, headers={"Authorization": f"Token {BUYER}"}, timeout=30).json()
            waits.append((now - datetime.fromisoformat(seen["completed_at"])).total_seconds())
    assert sorted(waits)[2] < 1, waits
    ledger = [line.split() for line in (many.folder / "ledger").read_text().splitlines()]
    assert {int(line[0]) for line in ledger} <= {worker.pid for worker in workers}
    health = httpx.get(f"{first.url}/health/", timeout=30)
    assert (health.status_code, health.json()["status"]) == (200, "ok")
    for worker in workers:
        worker.signal(signal.SIGTERM)
        assert worker.process is not None
        assert worker.process.wait(20) == 0


def test_of_two_readers_at_two_servers_one_is_served_until_it_goes(many: House) -> None:
    first, second = (many.node(f"web-{n}", "serve") for n in (1, 2))
    for node in many.nodes:
        node.wait()
    access = agent_queue(first)
    with reader(first, access) as one:
        uuid = order(second)
        assert message(one)["order_uuid"] == uuid
        with reader(second, access) as two:
            path = f"{first.url}/api/marketplace-site-agent-connection-stats/"
            asked = {"Authorization": f"Token {PROVIDER}"}

            def consumers() -> int:
                stats = httpx.get(path, headers=asked, timeout=30).json()
                return int(stats["agents"][0]["queues"][0]["consumers"])

            until(lambda: consumers() == 2)
            later = order(second)
            assert any(message(one)["order_uuid"] == later for _ in range(10))
            with pytest.raises(TimeoutError):
                message(two, within=1)
            one.close()
            last = order(first)
            assert any(message(two)["order_uuid"] == last for _ in range(20))


def test_processes_behind_one_address_are_started_again(many: House) -> None:
    node = many.node("web", "serve", "--workers", "2")
    node.wait()

    def children() -> set[int]:
        found = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(node.pid)], capture_output=True, text=True, check=False
        )
        return {int(pid) for pid in found.stdout.split()}

    before = until(lambda: len(children()) == 2 and children())
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    until(lambda: len(children()) == 2 and victim not in children())
    assert node.is_ready()
    node.signal(signal.SIGTERM)
    assert node.process is not None
    assert node.process.wait(30) == 0
    assert not any(_alive(pid) for pid in before)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("args", [["worker"], ["serve", "--workers", "2"], ["serve", "--no-worker"]])
def test_a_file_has_one_process(tmp_path: Path, args: list[str]) -> None:
    house = House(tmp_path / "data")
    node = house.node("refused", *args)
    assert node.process is not None
    assert node.process.wait(60) == 3
    assert "SQLite is served by one process" in node.log.read_text()


def test_a_worker_knows_its_queues(many: House) -> None:
    node = many.node("refused", "worker", "--queues", "sytem")
    assert node.process is not None
    assert node.process.wait(60) == 3
    assert "There is no queue sytem." in node.log.read_text()


@pytest.mark.real
def test_a_short_storm_on_a_file(tmp_path: Path) -> None:
    assert chaos("", tmp_path / "data", 8, 7, None)


@pytest.mark.real
def test_a_short_storm_on_many_processes(tmp_path: Path) -> None:
    from databases import create_postgres_database, private_cluster

    with private_cluster(durable=True) as server:
        if server is None:
            pytest.skip("PostgreSQL is not installed")
        create_postgres_database(server, "storm")
        assert chaos(server.database("storm"), tmp_path / "data", 20, 7, server.restart)
