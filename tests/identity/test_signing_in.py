"""Sessions: how they begin, how they end, and how wrong passwords are slowed down."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from mercato.identity.rules import delay_after
from mercato.identity.service import touch
from mercato.identity.tables import tokens, users
from mercato.kernel import crypto
from world import BASE, PASSWORD, World

pytestmark = pytest.mark.http

SIGN_IN = "/api-auth/password/"
START = datetime(2026, 5, 10, 12, tzinfo=UTC)


@pytest.fixture
def cheap_argon(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Passwords hashed for a test; which threads did it."""
    threads: list[str] = []

    def hash_password(password: str) -> str:
        threads.append(threading.current_thread().name)
        return f"argon:{password}"

    def verify_password(stored: str | None, password: str) -> bool:
        threads.append(threading.current_thread().name)
        return stored == f"argon:{password}"

    monkeypatch.setattr(crypto, "hash_password", hash_password)
    monkeypatch.setattr(crypto, "verify_password", verify_password)
    return threads


async def account(world: World, name: str = "new", **more: Any) -> dict[str, Any]:
    person = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, **more}
    return dict(await world.must("staff", "POST", "/api/users/", person, 201))


async def sign_in(
    world: World, password: str = PASSWORD, name: str = "new", address: str = "127.0.0.1"
) -> httpx.Response:
    transport = httpx.ASGITransport(app=world.client._transport.app, client=(address, 5000))  # type: ignore[attr-defined]
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        return await client.post(SIGN_IN, json={"username": name, "password": password})


async def test_a_password_becomes_a_session(world: World) -> None:
    await account(world)
    answer = await sign_in(world)
    assert answer.status_code == 200
    world.tokens["new"] = answer.json()["token"]
    me = await world.must("new", "GET", "/api/users/me/")
    assert (me["username"], me["has_usable_password"], me["permissions"]) == ("new", True, [])
    assert (await world.post("new", "/api-auth/logout/")).status_code == 204
    after = await world.get("new", "/api/users/me/")
    assert (after.status_code, after.json()["detail"]) == (401, "Invalid token.")


@pytest.mark.parametrize(("name", "password"), [("new", "wrong"), ("nobody", PASSWORD), ("keeper", "")])
async def test_every_refusal_sounds_the_same(
    world: World, cheap_argon: list[str], name: str, password: str
) -> None:
    await account(world)
    answer = await sign_in(world, password, name)
    assert answer.status_code == 401
    assert answer.json() == {"detail": "Invalid username/password.", "code": "wrong_credentials"}


async def test_inactive_and_removed_accounts_do_not_come_in(world: World, cheap_argon: list[str]) -> None:
    person = await account(world)
    key = (await sign_in(world)).json()["token"]
    world.tokens["new"] = key
    path = f"/api/users/{person['uuid']}/"
    await world.must("staff", "PATCH", path, {"is_active": False})
    assert (await sign_in(world)).status_code == 401
    refused = await world.get("new", "/api/users/me/")
    assert (refused.status_code, refused.json()["detail"]) == (401, "User inactive or deleted.")
    await world.must("staff", "PATCH", path, {"is_active": True})
    role = {"user": person["uuid"], "role": "PROJECT.MEMBER"}
    team = f"/api/projects/{world.ids['alpha']}/"
    await world.must("staff", "POST", team + "add_user/", role, 201)
    await world.must("staff", "DELETE", path, status=204)
    assert (await sign_in(world)).status_code == 401
    assert (await world.get("new", "/api/users/me/")).status_code == 401
    assert (await world.get("staff", path)).status_code == 404
    members = await world.must("staff", "GET", team + "list_users/")
    assert "new" not in {m["user_username"] for m in members}


async def test_four_mistakes_are_free_then_it_takes_longer_and_longer(
    world: World, cheap_argon: list[str]
) -> None:
    await account(world)
    with world.at(START.isoformat()):
        for _ in range(4):
            assert (await sign_in(world, "wrong")).status_code == 401
        tried = len(cheap_argon)
        assert (await sign_in(world)).status_code == 401  # must wait, though it is right now
        assert len(cheap_argon) == tried
        assert (await sign_in(world, address="10.0.0.9")).status_code == 200  # from elsewhere it need not
        await account(world, "other")
        assert (await sign_in(world, name="other")).status_code == 200
    with world.at((START + timedelta(seconds=1)).isoformat()):
        assert (await sign_in(world, "wrong")).status_code == 401
    with world.at((START + timedelta(seconds=2)).isoformat()):
        assert (await sign_in(world)).status_code == 401
    with world.at((START + timedelta(seconds=3)).isoformat()):
        assert (await sign_in(world)).status_code == 200
        assert (await sign_in(world, "wrong")).status_code == 401
        assert (await sign_in(world)).status_code == 200  # success wiped the slate


async def test_nobody_is_locked_out_for_ever(world: World, cheap_argon: list[str]) -> None:
    await account(world)
    moment = START
    for _ in range(30):
        with world.at(moment.isoformat()):
            assert (await sign_in(world, "wrong")).status_code == 401
        moment += timedelta(minutes=10)
    with world.at(moment.isoformat()):
        assert (await sign_in(world)).status_code == 200


def test_the_delay_grows_to_ten_minutes() -> None:
    delays = [int(delay_after(n).total_seconds()) for n in range(20)]
    assert delays[:8] == [0, 0, 0, 0, 1, 2, 4, 8]
    assert delays[-1] == 600
    assert delay_after(10**6).total_seconds() == 600


async def test_argon2_holds_up_no_lane(world: World, cheap_argon: list[str]) -> None:
    person = await account(world)
    world.tokens["new"] = (await sign_in(world)).json()["token"]
    change = {"new_password": "Another-horse-battery-9", "old_password": PASSWORD}
    await world.must("new", "POST", f"/api/users/{person['uuid']}/change_password/", change, 200)
    assert len(cheap_argon) == 4
    assert not [name for name in cheap_argon if name.startswith(("mercato-", "MainThread"))]


async def test_an_idle_session_ends_and_a_used_one_does_not(world: World, cheap_argon: list[str]) -> None:
    await account(world)

    async def at(minutes: int) -> int:
        with world.at((START + timedelta(minutes=minutes)).isoformat()):
            return (await world.get("new", "/api/users/me/")).status_code

    with world.at(START.isoformat()):
        world.tokens["new"] = (await sign_in(world)).json()["token"]
    assert await at(59) == 200
    assert await at(61) == 401

    def only(conn: Any) -> int:
        return int(conn.execute(select(tokens.c.id).where(tokens.c.name == "session")).scalar_one())

    number = await world.market.db.read(only)
    with world.at((START + timedelta(minutes=59)).isoformat()):
        await world.market.db.write(touch, number)
    assert await at(118) == 200
    assert await at(120) == 401


async def test_the_door_notes_which_sessions_were_used(world: World, cheap_argon: list[str]) -> None:
    from mercato.web.door import WebDoor

    await account(world)
    with world.at(START.isoformat()):
        key = (await sign_in(world)).json()["token"]
    door = WebDoor(world.market.db, world.market.settings)
    from mercato.access.rules import SIGNED_IN
    from mercato.kernel.http import Credentials

    def used(conn: Any) -> Any:
        return conn.execute(select(tokens.c.last_used).where(tokens.c.name == "session")).scalar_one()

    for minutes, noted in ((0, 0), (30, 30)):
        moment = START + timedelta(minutes=minutes)
        with world.at(moment.isoformat()):
            await world.market.db.read(door.identify, Credentials(key, "", ""), SIGNED_IN, moment)
            await door.note_used_tokens()
        assert await world.market.db.read(used) == START + timedelta(minutes=noted)


@pytest.mark.parametrize("lifetime", [None, 0])
async def test_a_lifetime_of_nothing_is_for_ever(
    world: World, cheap_argon: list[str], lifetime: int | None
) -> None:
    person = await account(world)
    await world.must("staff", "PATCH", f"/api/users/{person['uuid']}/", {"token_lifetime": lifetime})
    with world.at(START.isoformat()):
        world.tokens["new"] = (await sign_in(world)).json()["token"]
    with world.at("2036-01-01"):
        assert (await world.get("new", "/api/users/me/")).status_code == 200


async def test_only_hashes_are_kept(world: World) -> None:
    await account(world)
    key = (await sign_in(world)).json()["token"]

    def everything(conn: Any) -> str:
        rows = []
        for name in ("tokens", "users", "audit", "facts", "sign_in_attempts"):
            rows += [str(tuple(row)) for row in conn.execute(text(f"SELECT * FROM {name}"))]
        return "\n".join(rows)

    kept = await world.market.db.read(everything)
    assert key not in kept
    assert PASSWORD not in kept
    assert world.tokens["owner"] not in kept
    assert "$argon2id$" in kept


def test_passwords_are_argon2id_and_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = crypto.hash_password(PASSWORD)
    assert stored.startswith("$argon2id$")
    assert crypto.verify_password(stored, PASSWORD)
    assert not crypto.verify_password(stored, PASSWORD + "x")
    assert not crypto.verify_password(None, PASSWORD)
    assert not crypto.verify_password("not a hash", PASSWORD)


async def test_keys_for_programs_outlive_signing_out(world: World) -> None:
    assert (await world.post("owner", "/api-auth/logout/")).status_code == 204
    assert (await world.get("owner", "/api/users/me/")).status_code == 200


async def test_the_failures_are_recorded(world: World, cheap_argon: list[str]) -> None:
    await account(world)
    await sign_in(world, "wrong")
    await sign_in(world)

    def events(conn: Any) -> list[str]:
        return [row[0] for row in conn.execute(text("SELECT event_type FROM audit ORDER BY id DESC LIMIT 2"))]

    assert await world.market.db.read(events) == [
        "auth_logged_in_with_username",
        "auth_login_failed_with_username",
    ]


async def test_the_first_administrator_needs_the_code_and_comes_once(
    world: World, cheap_argon: list[str]
) -> None:
    body = {"code": "guess", "username": "root", "password": PASSWORD}
    refused = await world.post(None, "/api-auth/first-administrator/", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong_code")
    assert cheap_argon == []

    from mercato.identity import service

    def no_staff(tx: Any) -> str:
        tx.conn.execute(users.update(), {"is_staff": False})
        return service.first_administrator(tx, "root", PASSWORD, "root@example.org")

    world.tokens["root"] = await world.market.db.write(no_staff)
    assert (await world.must("root", "GET", "/api/users/me/"))["is_staff"] is True
    from mercato.kernel.errors import Forbidden

    with pytest.raises(Forbidden, match="already"):
        await world.market.db.write(service.first_administrator, "root2", PASSWORD, "")
