"""What one polling cycle of Waldur's site agent costs the server. Run: python tests/benchmarks/agent_cycle.py [N …]

For each number of resources: requests and CPU of the first cycle of an agent that has just started, for order
processing, reporting and membership. The agent and its emulated cluster are real processes; requests are counted by a
forwarder between agent and server. Compare the rows: a cycle may grow with what exists, never with its square.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
from run import cpu_seconds

from agent.cluster import Site, install
from agent.marketplace import OFFERING, Market, token_of

REQUEST = re.compile(rb"^(GET|POST|PUT|PATCH|DELETE|HEAD) (\S+) HTTP/1\.1\r$", re.MULTILINE)
UUID = re.compile(rb"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
# A cycle is over when the agent has asked nothing, run nothing and computed nothing for so long, in seconds.
SILENCE = 5.0
MODES = ("order_process", "report", "membership_sync")
ACCOUNTS = """
import sys
from emulator.core.database import SlurmDatabase
db = SlurmDatabase(); db.load_state()
for name in ("c_buyer-org", "p_alpha"):
    db.add_account(name, name, "root")
for number in range(int(sys.argv[1])):
    account = f"a_r{number}"
    db.add_account(account, account, "p_alpha")
    for user in ("mia", "buyer"):
        db.add_user(user, account)
        db.add_association(user, account)
db.save_state()
"""


class Forwarder:
    """Stands before the server and counts what is asked; `asked` is by method and path, uuids left open."""

    def __init__(self, url: str) -> None:
        host, port = url.removeprefix("http://").split(":")
        self._server = host, int(port)
        self.asked: Counter[str] = Counter()
        self.last = time.monotonic()
        self._ready = threading.Event()
        self.url = ""
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self._ready.wait()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._server)
        await asyncio.gather(self._pass(reader, back, count=True), self._pass(there, writer, count=False))

    async def _pass(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, *, count: bool) -> None:
        try:
            while data := await source.read(65536):
                self.last = time.monotonic()
                if count:
                    for method, path in REQUEST.findall(data):
                        bare = UUID.sub(b"{uuid}", path.split(b"?")[0])
                        self.asked[f"{method.decode()} {bare.decode()}"] += 1
                to.write(data)
                await to.drain()
        finally:
            to.close()


def resources(market: Market, number: int) -> None:
    """So many resources that are OK, as if an agent had made them."""
    for n in range(number):
        order = market.order(f"r{n}")
        mine = f"/api/marketplace-orders/{order['uuid']}/"
        market.ask("keeper", "POST", mine + "approve_by_provider/", {})
        resource = f"/api/marketplace-provider-resources/{order['marketplace_resource_uuid']}/"
        market.ask("keeper", "POST", resource + "set_backend_id/", {"backend_id": f"a_r{n}"})
        market.ask("keeper", "POST", mine + "set_state_done/", {})


def cycle(site: Site, forwarder: Forwarder, pid: int, mode: str) -> tuple[Counter[str], float, float]:
    """Requests, CPU of the server in milliseconds, and seconds of the first whole cycle."""
    forwarder.asked.clear()
    before, began = cpu_seconds(pid), time.monotonic()
    agent = site.agent(mode)
    used, forwarder.last = 0.0, began
    while agent.alive and time.monotonic() - forwarder.last < SILENCE:
        time.sleep(0.5)
        now = cpu_seconds(agent.pid)
        if now - used > 0.02 or Path(f"/proc/{agent.pid}/task/{agent.pid}/children").read_text():
            used, forwarder.last = now, time.monotonic()
    agent.kill()
    return (
        Counter(forwarder.asked),
        (cpu_seconds(pid) - before) * 1000,
        forwarder.last - began,
    )


def measure(number: int, programs: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        market = Market(Path(folder))
        try:
            resources(market, number)
            forwarder = Forwarder(market.live.url)
            site = Site(Path(folder) / "site", programs, forwarder.url, token_of("keeper"))
            site.run("python", "-c", ACCOUNTS, str(number))
            assert market.live._process is not None
            for mode in MODES:
                asked, cpu, seconds = cycle(site, forwarder, market.live._process.pid, mode)
                total = sum(asked.values())
                print(
                    f"{number:>5} resources  {mode:<16}{total:>6} requests {total / number:>7.1f} each"
                    f"{cpu:>9.0f} ms CPU{cpu / number:>8.2f} ms each{seconds:>8.0f} s",
                    flush=True,
                )
                for what, times in asked.most_common(6):
                    print(f"{'':>17}{times:>6}  {what}", flush=True)
            site.close()
        finally:
            market.live.stop()


def main() -> None:
    programs = install(Path(sys.prefix) / "site-agent")
    for number in [int(text) for text in sys.argv[1:]] or [10, 100, 800]:
        measure(number, programs)


if __name__ == "__main__":
    assert OFFERING
    main()
