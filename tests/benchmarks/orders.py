"""Throughput of orders through approval and a backend that does nothing, on PostgreSQL: `orders.py [ORDERS]`.

Orders are placed by a buyer, approved by the provider and executed: once on one process and once on four behind one
address. Prints orders per second, CPU of the servers per order, and what an idle process takes of memory.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS.parent / "server")]

from sqlalchemy import create_engine, text  # noqa: E402
from sqlalchemy.pool import NullPool  # noqa: E402

from benchmarks.load import request, run  # noqa: E402
from databases import create_postgres_database, private_cluster  # noqa: E402
from several import House, Node  # noqa: E402

BUYER, PROVIDER = "buyer".ljust(40, "0"), "provider".ljust(40, "0")
TICK = os.sysconf("SC_CLK_TCK")
WISH = {
    "offering": "0f" + "1".rjust(30, "0"),
    "project": "b1" + "1".rjust(30, "0"),
    "plan": "0b" + "1".rjust(30, "0"),
    "limits": {"cpu": 10, "ram": 4, "storage": 2},
    "attributes": {"name": "thing"},
}


class Figures(NamedTuple):
    """`placed`, `approved`, `done`: seconds from the first request until all were; `cpu`: of all our processes."""

    processes: int
    placed: float
    approved: float
    done: float
    cpu: float


def processes_of(node: Node) -> list[int]:
    """The node and its children."""
    found = [node.pid]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == node.pid:
            found.append(int(stat.parent.name))
    return found


def cpu_of(pids: list[int]) -> float:
    """Seconds of user and system time."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICK


def memory_of(pid: int) -> float:
    """Resident memory, MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def measured(house: House, processes: int, number: int) -> Figures:
    args = ["serve"] if processes == 1 else ["serve", "--workers", str(processes)]
    node = house.node(f"web-{processes}", *args)
    node.wait()
    deadline = time.monotonic() + 60
    while len(processes_of(node)) < (1 if processes == 1 else processes + 1) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(3)
    pids = processes_of(node)
    engine = create_engine(house.url.replace("postgresql:", "postgresql+psycopg:", 1), poolclass=NullPool)

    def asked(statement: str) -> list[str]:
        with engine.connect() as conn:
            return [row[0] for row in conn.execute(text(statement))]

    body = json.dumps(WISH).encode()
    run(node.url, [request(node.url, "POST", "/api/marketplace-orders/", BUYER, body) for _ in range(20)])
    before, began = cpu_of(pids), time.monotonic()
    run(node.url, [request(node.url, "POST", "/api/marketplace-orders/", BUYER, body) for _ in range(number)])
    placed = time.monotonic() - began
    waiting = asked("SELECT uuid FROM orders WHERE state = 'pending-provider' ORDER BY id DESC")[:number]
    paths = [f"/api/marketplace-orders/{uuid}/approve_by_provider/" for uuid in waiting]
    run(node.url, [request(node.url, "POST", path, PROVIDER, b"{}") for path in paths])
    approved = time.monotonic() - began
    while asked("SELECT uuid FROM orders WHERE state = 'executing'"):
        time.sleep(0.1)
    done = time.monotonic() - began
    cpu = cpu_of(pids) - before
    node.stop()
    engine.dispose()
    return Figures(processes, placed, approved, done, cpu)


def idle(house: House) -> dict[str, float]:
    """Resident memory of processes that do nothing, MB."""
    nodes = [house.node("idle-web", "serve"), house.node("idle-worker", "worker")]
    for node in nodes:
        node.wait()
    time.sleep(5)
    found = {
        "`mercato serve`, idle": memory_of(nodes[0].pid),
        "`mercato worker`, idle": memory_of(nodes[1].pid),
    }
    for node in nodes:
        node.stop()
    return found


def main(number: str = "600") -> int:
    with private_cluster(durable=True) as server, tempfile.TemporaryDirectory() as folder:
        if server is None:
            print("PostgreSQL is not installed")
            return 1
        rows: list[Figures] = []
        for processes in (1, 4):
            create_postgres_database(server, f"bench{processes}")
            house = House(
                Path(folder) / str(processes), server.database(f"bench{processes}"), provider_concurrency=8
            )
            house.command("preset", "load", str(TESTS / "data" / "preset.json"))
            memory = idle(house) if processes == 1 else {}
            for name, size in memory.items():
                print(f"{name:<28} {size:6.0f} MB")
            rows.append(measured(house, processes, int(number)))
        print(f"{number} orders   placed/s   approved/s   done/s   ms CPU of our processes per order")
        for row in rows:
            each = int(number)
            rates = (
                each / row.placed,
                each / (row.approved - row.placed),
                each / row.done,
                1000 * row.cpu / each,
            )
            print(
                f"{row.processes} process{'es' if row.processes > 1 else '  '}"
                + "".join(f"{r:>12.1f}" for r in rates)
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
