"""The short way around the framework answers as the framework would."""

from __future__ import annotations

from typing import Any

import pytest

from mercato.kernel.incoming import Incoming, Reply
from mercato.web.front import Front
from world import World

pytestmark = pytest.mark.http

PATH = "/api/customers/"


@pytest.fixture
def long_way(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Calls that take Litestar's way."""

    async def ask(*args: Any, **kw: Any) -> Any:
        with monkeypatch.context() as patched:
            patched.setattr(Front, "_handler", lambda _self, _scope: None)
            return await world.client.request(*args, **kw)

    return ask


@pytest.mark.parametrize(
    ("method", "path", "who"),
    [
        ("GET", PATH, "owner"),
        ("HEAD", PATH, "owner"),
        ("GET", PATH, ""),
        ("GET", PATH + "?page_size=many", "owner"),
        ("POST", PATH, "owner"),
        ("DELETE", PATH, "owner"),
        ("GET", "/api/customers", "owner"),
        ("GET", "/api/nothing/", "owner"),
        ("GET", "/api/users/me/", "owner"),
    ],
)
async def test_both_ways_give_the_same_answer(
    world: World, long_way: Any, method: str, path: str, who: str
) -> None:
    headers = {"X-Request-ID": "one"} | ({"Authorization": f"Token {world.tokens[who]}"} if who else {})
    short = await world.client.request(method, path, headers=headers)
    long = await long_way(method, path, headers=headers)
    assert (short.status_code, short.content) == (long.status_code, long.content)
    assert dict(short.headers) == dict(long.headers)


async def test_a_defect_of_ours_is_answered_without_its_details(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_request: Incoming) -> Reply:
        raise ZeroDivisionError

    front = world._house.app
    for key in list(front._short):
        monkeypatch.setitem(front._short, key, broken)
    found = await world.client.get(PATH)
    assert found.status_code == 500
    assert found.json()["code"] == "internal"
    assert "Zero" not in found.text
