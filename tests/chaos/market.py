"""The marketplace of the chaos test: one offering with the chaotic backend, and a buyer who orders without pause."""

from __future__ import annotations

import json
import threading
import time
import uuid
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from live import ROOT
from several import House, Node

PLUGINS = Path(__file__).parent / "plugins"
BUYER, PROVIDER = "buyer".ljust(40, "0"), "provider".ljust(40, "0")
OFFERING, PROJECT, PLAN = (f"{head}{'1'.rjust(32 - len(head), '0')}" for head in ("0f", "b1", "0b"))


def preset(folder: Path) -> Path:
    """The small preset of the tests, its offering provided by the chaotic backend."""
    document = json.loads((ROOT / "tests" / "data" / "preset.json").read_text())
    document["offerings"][0]["type"] = "Test.Chaos"
    file = folder / "preset.json"
    file.write_text(json.dumps(document))
    return file


class Placed(NamedTuple):
    """An order that was acknowledged, by the key of its request."""

    key: str
    uuid: str


class Buyers:
    """People who order until they are told to stop; what is not acknowledged is sent again with the same key."""

    def __init__(self, webs: list[Node], threads: int, pause: float) -> None:
        self.webs, self.pause = webs, pause
        self.placed: list[Placed] = []
        self.sent_again = 0
        self.wrong: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._buy, args=(n,)) for n in range(threads)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Everybody waits for the acknowledgement of the last order."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _buy(self, number: int) -> None:
        with httpx.Client(timeout=5) as client:
            while not self._stop.is_set():
                self._order(client, number)
                time.sleep(self.pause)

    def _order(self, client: httpx.Client, number: int) -> None:
        key = uuid.uuid4().hex
        body = {
            "offering": OFFERING,
            "project": PROJECT,
            "plan": PLAN,
            "limits": {"cpu": 10, "ram": 4, "storage": 2},
            "attributes": {"name": f"thing {key[:8]}"},
        }
        headers = {"Authorization": f"Token {BUYER}", "Idempotency-Key": key}
        while True:
            web = self.webs[(number + self.sent_again) % len(self.webs)]
            try:
                answer = client.post(f"{web.url}/api/marketplace-orders/", json=body, headers=headers)
            except httpx.HTTPError:
                self.sent_again += 1
                time.sleep(0.2)
                continue
            if answer.status_code == 201:
                self.placed.append(Placed(key, answer.json()["uuid"]))
                return
            if answer.status_code < 500:
                self.wrong.append(f"{answer.status_code} {answer.text[:200]}")
                return
            self.sent_again += 1
            time.sleep(0.2)


def agent_queue(web: Node) -> dict[str, Any]:
    """A queue of events of the provider's agent, in which every step of every order becomes a message."""
    path = f"{web.url}/api/marketplace-site-agent-identities/"
    headers = {"Authorization": f"Token {PROVIDER}"}
    agent = httpx.post(path, json={"offering": OFFERING, "name": "agent"}, headers=headers, timeout=30)
    assert agent.status_code == 201, agent.text
    made = httpx.post(
        f"{path}{agent.json()['uuid']}/register_queue/",
        json={"object_types": ["order"]},
        headers=headers,
        timeout=30,
    )
    assert made.status_code in (200, 201), made.text
    return dict(made.json())


def opened(folder: Path, url: str, **settings: Any) -> House:
    """A house with the preset loaded; nothing runs yet."""
    made = House(folder, url, plugins=PLUGINS, worker_lease=6, **settings)
    made.env["CHAOS_LEDGER"] = str(folder / "ledger")
    made.command("preset", "load", str(preset(folder)))
    return made
