"""The chaos test as a command: `run.py [sqlite|postgres] [SECONDS] [SEED]`, bounded in time.

Orders are posted without pause while processes are killed (SIGKILL), hang longer than their lease (SIGSTOP), and the
database crashes and recovers. Then everything must be finished, and everything once. SQLite: one process.
PostgreSQL: three servers and two workers. Exit status 1 when anything is wrong.
"""

from __future__ import annotations

import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS.parent / "server")]

from chaos.market import Buyers, agent_queue, opened  # noqa: E402
from chaos.verdict import Books, judge  # noqa: E402
from databases import create_postgres_database, private_cluster  # noqa: E402
from several import House, Node  # noqa: E402

# Seconds. Longer than the lease of the chaos test's workers (6 s) and of readers of queues.
HANG = 9.0
DRAIN = 180.0


class Storm:
    """What befalls the processes. Those that were stopped come back after a while."""

    def __init__(self, nodes: list[Node], restart: Callable[[], None] | None, dice: random.Random) -> None:
        self.nodes, self.restart, self.dice = nodes, restart, dice
        self.did: Counter[str] = Counter()
        self._hanging: dict[Node, float] = {}

    def strike(self) -> None:
        """One blow."""
        self.release()
        standing = [node for node in self.nodes if node not in self._hanging]
        luck = self.dice.random()
        if self.restart is not None and luck < 0.15:
            self.restart()
            self.did["database crashes"] += 1
        elif len(self.nodes) > 1 and luck < 0.55 and len(self._hanging) < 2:
            node = self.dice.choice(standing)
            node.signal(signal.SIGSTOP)
            self._hanging[node] = time.monotonic() + HANG
            self.did["SIGSTOP"] += 1
        else:
            node = self.dice.choice(standing)
            node.kill()
            self.did["SIGKILL"] += 1
            time.sleep(self.dice.uniform(0, 0.5))
            node.start()

    def release(self, *, all_: bool = False) -> None:
        for node, until in list(self._hanging.items()):
            if all_ or time.monotonic() > until:
                node.signal(signal.SIGCONT)
                del self._hanging[node]


def chaos(url: str, folder: Path, seconds: float, seed: int, restart: Callable[[], None] | None) -> bool:
    house = opened(folder, url)
    try:
        return _chaos(house, seconds, seed, restart)
    finally:
        house.stop()


def _nodes(house: House) -> tuple[list[Node], list[Node]]:
    if house.url.startswith("sqlite"):
        webs, workers = [house.node("web-1", "serve")], []
    else:
        webs = [house.node(f"web-{n}", "serve", "--no-worker") for n in (1, 2, 3)]
        workers = [house.node(f"worker-{n}", "worker") for n in (1, 2)]
    for node in house.nodes:
        node.wait()
    return webs, workers


def _chaos(house: House, seconds: float, seed: int, restart: Callable[[], None] | None) -> bool:
    webs, workers = _nodes(house)
    agent_queue(webs[0])
    dice = random.Random(seed)
    buyers = Buyers(webs, threads=4, pause=0.15)
    storm = Storm(webs + workers, restart, dice)
    began = time.monotonic()
    buyers.start()
    while time.monotonic() - began < seconds:
        time.sleep(dice.uniform(2.0, 4.0) if workers else dice.uniform(4.0, 7.0))
        storm.strike()
    storm.release(all_=True)
    for node in house.nodes:
        if node.process is None or node.process.poll() is not None:
            node.start()
    buyers.stop()
    posted = time.monotonic() - began
    books = Books(house.url, house.folder / "ledger")
    drained = time.monotonic()
    while books.open_orders() or books.waiting_jobs():
        if time.monotonic() - drained > DRAIN:
            break
        time.sleep(0.5)
    books = Books(house.url, house.folder / "ledger")
    figures, wrong = judge(books, buyers.placed)
    logs = "".join(node.log.read_text() for node in house.nodes)
    kind = house.url.split(":", 1)[0]
    print(f"{kind}, seed {seed}: orders for {posted:.0f} s, drained in {time.monotonic() - drained:.0f} s")
    for name, number in {
        **storm.did,
        "requests sent again": buyers.sent_again,
        **figures,
        "runs that were overtaken": logs.count("run was overtaken"),
        "'database is locked'": logs.count("database is locked"),
    }.items():
        print(f"  {name:<40} {number}")
    wrong += [f"refused: {text}" for text in buyers.wrong[:3]]
    for line in wrong:
        print(f"  WRONG {line}")
    if wrong:
        books.explain()
    return not wrong


def main(kind: str = "postgres", seconds: str = "60", seed: str = "1") -> int:
    folder = Path(tempfile.mkdtemp(prefix="mercato-chaos-"))
    well = False
    try:
        if kind == "sqlite":
            well = chaos("", folder / "data", float(seconds), int(seed), None)
            return 0 if well else 1
        with private_cluster(durable=True) as server:
            if server is None:
                print("PostgreSQL is not installed")
                return 1
            create_postgres_database(server, "chaos")
            url = server.database("chaos")
            well = chaos(url, folder / "data", float(seconds), int(seed), server.restart)
            return 0 if well else 1
    finally:
        if well:
            shutil.rmtree(folder)
        else:
            print(f"  what happened is in {folder}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
