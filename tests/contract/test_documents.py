"""Everything that can be read, in a marketplace where everything is there once, is what the contract says it is."""

from __future__ import annotations

import re
from typing import Any

import pytest

from access.test_matrix import path_of
from contract.judge import complaints, endpoints
from furnished import furnish
from mercato.config import Settings
from mercato.web.app import all_routes
from world import World

pytestmark = pytest.mark.http


def _same(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


CONTRACT = {(row["method"], _same(row["path"])): row for row in endpoints().values()}
READS = [
    (route, CONTRACT["GET", _same(route.endpoint.path)])
    for route in all_routes(Settings())
    if route.endpoint.method == "GET" and ("GET", _same(route.endpoint.path)) in CONTRACT
]


async def test_every_document_is_as_the_contract_says(world: World) -> None:
    await furnish(world)
    wrong: dict[str, Any] = {}
    for route, row in READS:
        who = "owner" if "/personal-access-tokens/" in route.endpoint.path else "staff"
        answer = await world.get(who, path_of(route, world.ids))
        if answer.status_code not in row["success"]:
            wrong[row["op"]] = answer.text[:200]
        elif row.get("returns"):
            found = list(complaints(answer.json(), row["returns"], row["op"]))
            wrong.update({row["op"]: found[:5]} if found else {})
    assert not wrong, wrong
