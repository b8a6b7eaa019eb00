"""CPU of the server process per request, for the calls people make most. Run: python tests/benchmarks/run.py

A real `mercato serve` on SQLite with its worker; this process keeps 16 connections busy. The first row is
the floor (uvicorn alone), and every row says how many times that it costs: compare ratios, machines differ.
Nothing here asserts.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import load

from live import Live

HERE = Path(__file__).parent
OFFERINGS = 12
PRESET = HERE.parent / "data" / "preset.json"
STAFF = "staff00000000000000000000000000000000000"
BUYER = "buyer00000000000000000000000000000000000"
PROVIDER = "provider00000000000000000000000000000000"
CATEGORY = "ca000000000000000000000000000001"
PROJECT = "b1000000000000000000000000000001"
SELLER = "c1000000000000000000000000000001"


class Row(NamedTuple):
    name: str
    calls: int
    micros: float
    limit: str


def cpu_seconds(pid: int) -> float:
    """CPU of all threads of the process, in seconds, to the nanosecond."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


class Bench:
    """One server and a client that keeps its connection."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.client = httpx.Client(base_url=live.url, timeout=60)
        assert live._process is not None
        self.pid = live._process.pid
        self.rows: list[Row] = []

    def ask(self, token: str, method: str, path: str, json: object = None, **headers: str) -> httpx.Response:
        answer = self.client.request(
            method, path, json=json, headers={"Authorization": f"Token {token}", **headers}
        )
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer

    def measure(
        self,
        name: str,
        calls: int,
        one: Callable[[int], tuple[str, str]],
        limit: str = "",
        *,
        token: str = BUYER,
        body: Callable[[int], object] | None = None,
    ) -> None:
        """`one(n)` gives method and path of the n-th call, `body(n)` what it carries."""

        def made(numbers: range) -> list[bytes]:
            found = []
            for n in numbers:
                text = json.dumps(body(n)).encode() if body else b""
                found.append(load.request(self.live.url, *one(n), token, text))
            return found

        load.run(self.live.url, made(range(-min(50, calls), 0)))
        asked = made(range(calls))
        before = cpu_seconds(self.pid)
        load.run(self.live.url, asked)
        self.rows.append(Row(name, calls, (cpu_seconds(self.pid) - before) / calls * 1e6, limit))


def floor(calls: int) -> Row:
    """What uvicorn alone costs on this machine now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "hello:app", "--app-dir", str(HERE), "--port", str(port)]
    with subprocess.Popen([*command, "--log-level", "error", "--no-access-log"]) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            for _ in range(100):
                try:
                    httpx.get(url)
                    break
                except httpx.ConnectError:
                    time.sleep(0.05)
            asked = [load.request(url, "GET", "/")] * calls
            load.run(url, asked)
            before = cpu_seconds(process.pid)
            load.run(url, asked)
            return Row("hello (the floor)", calls, (cpu_seconds(process.pid) - before) / calls * 1e6, "")
        finally:
            process.terminate()


def seed(bench: Bench) -> list[dict[str, object]]:
    """Offerings with three components and two plans each."""
    made = []
    for n in range(OFFERINGS):
        parts = [
            {
                "type": t,
                "name": t.upper(),
                "billing_type": "limit",
                "measured_unit": "GB",
                "limit_period": "month",
            }
            for t in ("cpu", "ram", "storage")
        ]
        prices = {"cpu": "0.05", "ram": "0.10", "storage": "0.01"}
        body = {
            "name": f"Service {n:02}",
            "category": CATEGORY,
            "customer": SELLER,
            "type": "Marketplace.Basic",
            "description": "A service that people order.",
            "components": parts,
            "plans": [{"name": name, "prices": prices} for name in ("Basic", "Professional")],
        }
        offering = bench.ask(PROVIDER, "POST", "/api/marketplace-provider-offerings/", body).json()
        bench.ask(PROVIDER, "POST", f"/api/marketplace-provider-offerings/{offering['uuid']}/activate/")
        made.append(offering)
    return made


def measure_all(bench: Bench, calls: int) -> None:
    offerings = seed(bench)
    offering = offerings[0]
    public = "/api/marketplace-public-offerings/?page_size=10"

    def order_body(n: int) -> dict[str, object]:
        return {
            "offering": offering["uuid"],
            "project": PROJECT,
            "plan": offering["plans"][0]["uuid"],  # type: ignore[index]
            "attributes": {"name": f"resource {n}"},
            "limits": {"cpu": 10, "ram": 20, "storage": 30},
        }

    def get(path: str) -> Callable[[int], tuple[str, str]]:
        return lambda n: ("GET", path.replace("{n}", str(n)))

    fields = "&field=uuid&field=name&field=state&field=type"
    bench.measure("version", calls, get("/api/version/"))
    bench.measure("public offerings, 10, cached", calls, get(public), "≤ 120")
    bench.measure("public offerings, 10, uncached", calls, get(f"{public}&nothing={{n}}"), "≤ 400")
    bench.measure("public offerings, 10, 4 fields", calls, get(f"{public}{fields}&nothing={{n}}"))
    bench.measure(
        "order creation", calls, lambda _: ("POST", "/api/marketplace-orders/"), "≤ 1000", body=order_body
    )
    bench.measure("orders list, 10", calls, get("/api/marketplace-orders/?page_size=10"))
    bench.measure("resources list, 10", calls, get("/api/marketplace-resources/?page_size=10"))
    bench.measure("customers list", calls, get("/api/customers/"))
    bench.measure("who am I", calls, get("/api/users/me/"))
    waiting = bench.ask(PROVIDER, "GET", "/api/marketplace-orders/?page_size=300&field=uuid").json()
    uuids = iter([row["uuid"] for row in waiting])
    bench.measure(
        "approve, execute, bill",
        min(calls, 200),
        lambda _: ("POST", f"/api/marketplace-orders/{next(uuids)}/approve_by_provider/"),
        token=PROVIDER,
        body=lambda _: {},
    )
    bench.measure("invoices list", min(calls, 100), get("/api/invoices/"))


def report(rows: list[Row]) -> str:
    floor = rows[0].micros
    lines = [f"{'call':<34}{'calls':>7}{'CPU µs':>10}{'× floor':>9}  {'limit':<8}"]
    for row in rows:
        lines.append(
            f"{row.name:<34}{row.calls:>7}{row.micros:>10.0f}{row.micros / floor:>9.1f}  {row.limit:<8}"
        )
    return "\n".join(lines)


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        live = Live(Path(folder) / "data")
        live.command("preset", "load", str(PRESET))
        live.start()
        try:
            bench = Bench(live)
            bench.rows.append(floor(calls))
            measure_all(bench, calls)
            bench.client.close()
            print(report(bench.rows))
        finally:
            live.stop()


if __name__ == "__main__":
    main()
