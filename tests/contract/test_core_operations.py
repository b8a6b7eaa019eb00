"""All 130 operations of the compatibility core, through Waldur's own client, against a running server.

Run with `-s` to see the table of operations and results.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from contract.caller import Caller
from contract.judge import contract, core, endpoints
from contract.story import PROJECT, tell
from live import ROOT, Live

pytestmark = pytest.mark.process

KEYS = {who: who.ljust(40, "0") for who in ("staff", "provider", "buyer")}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    live = Live(tmp_path_factory.mktemp("contract") / "data")
    live.command("preset", "load", str(ROOT / "tests/data/preset.json"))
    live.command(
        "user", "create", "member", "--email", "member@example.org", text="member-Passw0rd-long\n" * 2
    )
    keys = {**KEYS, "member": live.command("token", "create", "member").split()[-1]}
    live.start()
    try:
        call = Caller(live.url, keys)
        member = call.plain("member", "GET", "/api/users/me/")["uuid"]
        role = {"role": "PROJECT.MANAGER", "user": member}
        call.plain("buyer", "POST", f"/api/projects/{PROJECT}/add_user/", role)
        tell(call)
        call.close()
        yield call
    finally:
        live.stop()


def test_there_are_130() -> None:
    assert len(core()) == 130


def test_the_story_is_told_to_its_end(told: Caller) -> None:
    assert told.stumbles == []


@pytest.mark.parametrize("op", core())
def test_operation(told: Caller, op: str) -> None:
    results = told.results.get(op)
    wrong = [result.wrong for result in results or () if result.wrong]
    assert results, "the story does not tell of it"
    assert wrong == []


def test_our_own_description_has_them_all(told: Caller) -> None:
    described = httpx.get(told.url + "/schema/openapi.json", timeout=30).json()["paths"]
    missing = []
    for row in contract()["compat_core"]:
        names = [path for path in described if _same(path, row["path"])]
        there = any(row["method"].lower() in described[path] for path in names)
        if not there:
            missing.append(f"{row['method']} {row['path']}")
    assert missing == []


def _same(mine: str, theirs: str) -> bool:
    """Whether two paths differ only in the names of what they leave open."""
    parts = list(zip(mine.split("/"), theirs.split("/"), strict=False))
    return mine.count("/") == theirs.count("/") and all(
        a == b or (a.startswith("{") and b.startswith("{")) for a, b in parts
    )


def test_the_table(told: Caller) -> None:
    """What is printed is the whole result."""
    good = 0
    for op in core():
        results = told.results.get(op, [])
        wrong = [text for result in results for text in result.wrong]
        good += bool(results) and not wrong
        codes = ",".join(str(result.status) for result in results) or "-"
        row = endpoints()[op]
        verdict = "ok" if results and not wrong else "; ".join(wrong)[:100] or "not called"
        print(f"{row['method']:<7}{row['path']:<92}{codes:<16}{verdict}")
    print(*told.stumbles, f"{good} of {len(core())}", sep="\n")
    assert good == len(core())
