"""Live events over real WebSockets: who may read, what arrives, and what no crash and no slow reader loses."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from live import ROOT, Live
from stomp_client import Closed, Stomp

pytestmark = pytest.mark.process

STAFF, PROVIDER, BUYER = ("staff".ljust(40, "0"), "provider".ljust(40, "0"), "buyer".ljust(40, "0"))
OFFERING = "0f000000000000000000000000000001"
AGENTS = "/api/marketplace-site-agent-identities/"


class Market:
    """A running server with one offering, whose provider and buyer act over HTTP."""

    def __init__(self, live: Live) -> None:
        self.live = live

    def ask(self, token: str, method: str, path: str, json: Any = None, status: int = 0) -> Any:
        headers = {"Authorization": f"Token {token}"}
        answer = httpx.request(method, self.live.url + path, json=json, headers=headers, timeout=30)
        assert answer.status_code == status if status else answer.is_success, (
            answer.status_code,
            answer.text,
        )
        return answer.json() if answer.content else None

    def order(self, **attributes: Any) -> str:
        body = {
            "offering": OFFERING,
            "project": "b1000000000000000000000000000001",
            "plan": "0b000000000000000000000000000001",
            "limits": {"cpu": 1, "ram": 1, "storage": 1},
            "attributes": {"name": "x", **attributes},
        }
        return str(self.ask(BUYER, "POST", "/api/marketplace-orders/", body, 201)["uuid"])

    def queue(self, name: str = "agent", token: str = PROVIDER) -> dict[str, Any]:
        agent = self.ask(token, "POST", AGENTS, {"offering": OFFERING, "name": name}, 201)
        path = f"{AGENTS}{agent['uuid']}/register_queue/"
        return dict(self.ask(token, "POST", path, {"object_types": ["order"]}))

    def stomp(self, path: str = "/rmqws-stomp", **kw: Any) -> Stomp:
        return Stomp(self.live.url, path, **kw)

    def reader(self, access: dict[str, Any], ack: str = "auto", token: str = PROVIDER, **kw: Any) -> Stomp:
        stomp = self.stomp(**kw)
        stomp.sign_in(access, token)
        stomp.read_queue(access["queue_name"], ack)
        return stomp

    def waiting(self) -> int:
        found = self.ask(PROVIDER, "GET", "/api/marketplace-site-agent-connection-stats/")
        return int(found["summary"]["total_queued_messages"])

    def until_empty(self) -> None:
        deadline = time.monotonic() + 10
        while self.waiting():
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder: Path = tmp_path_factory.mktemp("live")
    live = Live(folder / "data")
    live.data.mkdir()
    live.command("preset", "load", str(ROOT / "tests" / "data" / "preset.json"))
    live.start()
    yield live
    live.stop()


@pytest.fixture
def market(served: Live) -> Iterator[Market]:
    market = Market(served)
    yield market
    for agent in market.ask(STAFF, "GET", AGENTS):
        market.ask(STAFF, "DELETE", f"{AGENTS}{agent['uuid']}/", status=204)


def states(stomp: Stomp, number: int) -> list[tuple[str, str]]:
    heard = [stomp.message() for _ in range(number)]
    return [(m["order_uuid"], m["order_state"]) for m in heard]


def both(order: str) -> list[tuple[str, str]]:
    return [(order, "pending-consumer"), (order, "pending-provider")]


@pytest.mark.parametrize("path", ["/rmqws-stomp", "/ws"])
def test_an_order_arrives_at_once(market: Market, path: str) -> None:
    access = market.queue()
    with market.stomp(path) as stomp:
        answer = stomp.sign_in(access, PROVIDER)
        assert (answer["version"], answer["user-name"]) == ("1.2", access["rmq_username"])
        stomp.read_queue(access["queue_name"])
        started = time.monotonic()
        order = market.order()
        assert states(stomp, 2) == both(order)
        assert time.monotonic() - started < 3
        market.until_empty()


def test_what_happened_before_is_waiting_in_order(market: Market) -> None:
    access = market.queue()
    orders = [market.order() for _ in range(3)]
    with market.reader(access) as stomp:
        assert states(stomp, 6) == [state for order in orders for state in both(order)]
    market.until_empty()


def test_a_message_as_stomp_has_it(market: Market) -> None:
    access = market.queue()
    order = market.order()
    with market.reader(access) as stomp:
        command, headers, body = stomp.frame()
    name = access["queue_name"]
    assert command == "MESSAGE"
    assert (headers["subscription"], headers["destination"]) == (name, f"/amq/queue/{name}")
    assert (headers["content-type"], int(headers["content-length"])) == (
        "application/json",
        len(body.encode()),
    )
    assert headers["message-id"]
    assert json.loads(body)["order_uuid"] == order


def test_a_plain_request_is_told_to_upgrade(market: Market) -> None:
    for path in ("/rmqws-stomp", "/ws"):
        answer = httpx.get(market.live.url + path)
        assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")


# -- crashes and slow readers ------------------------------------------------------------------


def test_nothing_is_lost_when_the_server_is_killed(market: Market) -> None:
    access = market.queue()
    orders = [market.order() for _ in range(5)]
    stomp = market.reader(access, ack="client-individual")
    frames = [stomp.frame() for _ in range(10)]
    for _, headers, _ in frames[:4]:
        stomp.say("ACK", {"id": headers["ack"], "receipt": "r"})
        assert stomp.frame()[0] == "RECEIPT"
    market.live.kill()
    stomp.close()
    market.live.start()
    with market.reader(access) as again:
        found = states(again, 6)
    # What was handed out without being acknowledged comes again.
    assert found == [state for order in orders[2:] for state in both(order)]
    assert market.order()


def test_a_reader_that_stops_reading_holds_up_nobody_and_loses_nothing(market: Market) -> None:
    access = market.queue()
    slow = market.reader(access, room=4096)
    # More than all the buffers between us can hold.
    orders = [market.order(note="x" * 60_000) for _ in range(60)]
    left = market.waiting()
    assert left > 0
    with market.reader(access) as second:
        with pytest.raises(TimeoutError):
            second.frame(within=0.5)
        slow.close()
        found = [second.message()["order_uuid"] for _ in range(left)]
    assert found[-1] == orders[-1]
    assert set(found) <= set(orders)


def test_of_two_readers_one_is_served_then_the_other(market: Market) -> None:
    access = market.queue()
    first, second = market.reader(access), market.reader(access)
    order = market.order()
    assert states(first, 2) == both(order)
    with pytest.raises(TimeoutError):
        second.frame(within=0.5)
    first.say("DISCONNECT", {"receipt": "bye"})
    assert first.frame()[:2] == ("RECEIPT", {"receipt-id": "bye"})
    with pytest.raises(Closed):
        first.frame()
    order = market.order()
    assert states(second, 2) == both(order)
    first.close()
    second.close()


# -- acknowledging -----------------------------------------------------------------------------


def test_acknowledging_up_to_a_message(market: Market) -> None:
    access = market.queue()
    orders = [market.order() for _ in range(2)]
    with market.reader(access, ack="client") as stomp:
        frames = [stomp.frame() for _ in range(4)]
        stomp.say("ACK", {"id": frames[2][1]["ack"], "receipt": "r"})
        assert stomp.frame()[1] == {"receipt-id": "r"}
    with market.reader(access) as stomp:
        assert states(stomp, 1) == both(orders[1])[1:]


def test_what_is_not_wanted_stays_for_the_next(market: Market) -> None:
    access = market.queue()
    order = market.order()
    with market.reader(access, ack="client-individual") as stomp:
        frames = [stomp.frame() for _ in range(2)]
        stomp.say("NACK", {"id": frames[0][1]["ack"]})
        stomp.say("ACK", {"id": frames[1][1]["ack"], "receipt": "r"})
        assert stomp.frame()[0] == "RECEIPT"
        with pytest.raises(TimeoutError):
            stomp.frame(within=0.5)
    with market.reader(access) as stomp:
        assert states(stomp, 1) == both(order)[:1]


def test_unsubscribing(market: Market) -> None:
    access = market.queue()
    with market.reader(access) as stomp:
        stomp.say("UNSUBSCRIBE", {"id": access["queue_name"], "receipt": "u"})
        assert stomp.frame()[1] == {"receipt-id": "u"}
        order = market.order()
        with pytest.raises(TimeoutError):
            stomp.frame(within=0.5)
        stomp.read_queue(access["queue_name"])
        assert states(stomp, 2) == both(order)


# -- who may read ------------------------------------------------------------------------------


def hello(access: dict[str, Any], **change: str) -> dict[str, str]:
    headers = {"accept-version": "1.0,1.2", "host": access["vhost"], "login": access["rmq_username"]}
    return {**headers, "passcode": PROVIDER, **change}


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ({"passcode": "wrong"}, "access refused"),
        ({"passcode": ""}, "access refused"),
        ({"passcode": BUYER}, "unknown host"),
        ({"host": "/"}, "unknown host"),
        ({"login": "guest"}, "unknown login"),
        ({"accept-version": "1.1"}, "unsupported version"),
        ({"heart-beat": "often"}, "bad heart-beat"),
    ],
)
def test_who_is_turned_away(market: Market, change: dict[str, str], title: str) -> None:
    with market.stomp() as stomp:
        stomp.say("CONNECT", hello(market.queue(), **change))
        assert stomp.refusal()[0] == title


def test_nobody_reads_a_foreign_queue(market: Market) -> None:
    mine, theirs = market.queue("mine"), market.queue("theirs", STAFF)
    for name in (theirs["queue_name"], "consumer_nonsense", "/"):
        with market.stomp() as stomp:
            stomp.sign_in(mine, PROVIDER)
            stomp.read_queue(name)
            title, text = stomp.refusal()
            assert (title, name in text) == ("not found", True)


def test_dashed_uuids_and_the_shorter_destination(market: Market) -> None:
    access = market.queue()
    host = access["vhost"]
    dashed = f"{host[:8]}-{host[8:12]}-{host[12:16]}-{host[16:20]}-{host[20:]}"
    with market.stomp() as stomp:
        stomp.say("CONNECT", hello(access, host=dashed))
        assert stomp.frame()[0] == "CONNECTED"
        stomp.say("SUBSCRIBE", {"id": "0", "destination": f"/queue/{access['queue_name']}"})
        order = market.order()
        assert states(stomp, 2) == both(order)


def test_queues_of_older_agents(market: Market) -> None:
    agent = market.ask(PROVIDER, "POST", AGENTS, {"offering": OFFERING, "name": "old"}, 201)
    path = f"{AGENTS}{agent['uuid']}/register_event_subscription/"
    subscription = market.ask(PROVIDER, "POST", path, {"observable_object_type": "order"}, 201)
    body = {"offering_uuid": OFFERING, "object_type": "order"}
    path = f"/api/event-subscriptions/{subscription['uuid']}/create_queue/"
    queue = market.ask(PROVIDER, "POST", path, body, 201)
    access = {"vhost": subscription["user_uuid"], "rmq_username": subscription["uuid"]}
    with market.reader({**access, "queue_name": queue["queue_name"]}) as stomp:
        order = market.order()
        assert states(stomp, 2) == both(order)


def test_a_token_that_ends_ends_the_connection(market: Market) -> None:
    path = "/api-auth/password/"
    signed_in = {"username": "provider", "password": "provider-Passw0rd-long"}
    token = httpx.post(market.live.url + path, json=signed_in).json()["token"]
    access = market.queue()
    with market.reader(access, token=token) as stomp:
        market.order()
        assert len(states(stomp, 2)) == 2
        market.ask(token, "POST", "/api-auth/logout/")
        title, text = stomp.refusal(within=15)
        assert (title, "no longer valid" in text) == ("access refused", True)
    assert len(market.ask(PROVIDER, "GET", AGENTS)) == 1


# -- what is not STOMP -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frames", "title"),
    [
        (["SEND\ndestination:/queue/x\n\nhello\0"], "unknown command"),
        (["BEGIN\ntransaction:1\n\n\0"], "unknown command"),
        (["CONNECT\naccept-version:1.2\n\n\0"], "unknown command"),
        (["SUBSCRIBE\nid:1\n\n\0"], "header missing"),
        (["SUBSCRIBE\nid:1\ndestination:/queue/x\nack:maybe\n\n\0"], "unknown ack"),
        (["ACK\nid:nothing\n\n\0"], "unknown message"),
        (["no frame\n\n\0"], "unknown command"),
        (["SUBSCRIBE\nno colon\n\n\0"], "malformed frame"),
        (["x" * 20_000], "malformed frame"),
        ([b"\xff\xfe\n\n\0"], "malformed frame"),
    ],
)
def test_what_is_not_understood_ends_the_connection(
    market: Market, frames: list[str | bytes], title: str
) -> None:
    with market.stomp() as stomp:
        stomp.sign_in(market.queue(), PROVIDER)
        for frame in frames:
            stomp.raw(frame)
        assert stomp.refusal()[0] == title


def test_nothing_is_said_to_strangers(market: Market) -> None:
    with market.stomp() as stomp:
        stomp.say("SUBSCRIBE", {"id": "1", "destination": "/queue/x", "receipt": "r7"})
        command, headers, _ = stomp.frame()
        assert (command, headers["message"], headers["receipt-id"]) == ("ERROR", "not connected", "r7")


def test_heart_beats_both_ways(market: Market) -> None:
    access = market.queue()
    with market.stomp() as stomp:
        answer = stomp.sign_in(access, PROVIDER, beats="500,1000")
        # It promises one a minute, so that a client which is busy with a message gives us time.
        assert answer["heart-beat"] == "60000,10000"
        stomp.raw("\n")
        assert stomp.hear(within=5) == ("", {}, "")


def test_frames_in_pieces_and_together(market: Market) -> None:
    access = market.queue()
    name = access["queue_name"]
    with market.stomp() as stomp:
        stomp.sign_in(access, PROVIDER)
        text = f"\nSUBSCRIBE\nid:1\ndestination:/queue/{name}\nreceipt:a\n\n\0\nUNSUBSCRIBE\nid:1\nreceipt:b\n\n\0\n"
        for letter in text[:20]:
            stomp.raw(letter)
        stomp.raw(text[20:].encode())
        assert [stomp.frame()[1] for _ in range(2)] == [{"receipt-id": "a"}, {"receipt-id": "b"}]


def test_who_is_connected_can_be_seen(market: Market) -> None:
    access = market.queue()
    where = "/api/marketplace-site-agent-connection-stats/"
    with market.reader(access) as stomp:
        market.order()
        stomp.message()
        [agent] = market.ask(PROVIDER, "GET", where)["agents"]
        [link] = agent["event_subscriptions"]
        assert link["rmq_connection"]["connected"]
        assert (link["rmq_connection"]["source_ip"], agent["queues"][0]["consumers"]) == ("127.0.0.1", 1)
        assert link["rmq_connection"]["send_oct"] > 0
    summary = market.ask(PROVIDER, "GET", where)["summary"]
    assert (summary["total_agents"], summary["disconnected_agents"] <= 1) == (1, True)
    assert market.ask(BUYER, "GET", where)["agents"] == []
