"""Asking backends, through Waldur's own client."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from contract.caller import Caller
from live import ROOT
from several import house

pytestmark = pytest.mark.process

OFFERING, PROJECT, PLAN = (head + "1".rjust(32 - len(head), "0") for head in ("0f", "b1", "0b"))


def test_resources_and_offerings_are_asked_about(tmp_path: Path) -> None:
    document = json.loads((ROOT / "tests" / "data" / "preset.json").read_text())
    document["offerings"][0]["type"] = "Test.Asked"
    (tmp_path / "preset.json").write_text(json.dumps(document))
    with house(tmp_path / "data", plugins=Path(__file__).parent / "plugins") as ours:
        ours.command("preset", "load", str(tmp_path / "preset.json"))
        node = ours.node("web", "serve")
        node.wait()
        call = Caller(node.url, {who: who.ljust(40, "0") for who in ("staff", "provider", "buyer")})
        try:
            _asks(call)
        finally:
            call.close()


def _asks(call: Caller) -> None:
    body = {
        "offering": OFFERING,
        "project": PROJECT,
        "plan": PLAN,
        "limits": {"cpu": 1, "ram": 1, "storage": 1},
        "attributes": {"name": "thing"},
    }
    order = call("marketplace_orders_create", "buyer", body=body)
    resource = order["marketplace_resource_uuid"]
    deadline = time.monotonic() + 20
    while call("marketplace_resources_retrieve", "buyer", resource)["state"] != "OK":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    call("marketplace_resources_pull", "buyer", resource)
    call("marketplace_provider_resources_pull", "provider", resource)
    call("marketplace_provider_offerings_sync", "provider", OFFERING)
    while not call("marketplace_resources_retrieve", "buyer", resource)["backend_metadata"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    wrong = {op: one.wrong for op, results in call.results.items() for one in results if one.wrong}
    assert wrong == {}
    assert len(call.results) == 5
