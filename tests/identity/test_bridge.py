"""What identity service domains tell about people, and a remote eduTEAMS proxy that is asked about them."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from furnished import KEY
from world import World

pytestmark = pytest.mark.http

BRIDGE, REMOVE = "/api/identity-bridge/", "/api/identity-bridge/remove/"
EDUTEAMS = "/api/remote-eduteams/"
CUID = "87b867ff52768f8c11f1501598c2dd1e526fe7f0@acc.researcher-access.org"
TOLD = {
    "username": CUID,
    "source": "isd:puhuri",
    "first_name": "Jo",
    "last_name": "Doe",
    "email": "jo@uni.example",
    "affiliations": ["staff@uni.example"],
    "gender": "unknown",
    "birth_date": "2000-01-31",
    "nationality": "EE",
}


@pytest.fixture
async def manager(world: World) -> World:
    """`stranger` manages identities for isd:puhuri."""
    change = {"is_identity_manager": True, "managed_isds": ["isd:puhuri"]}
    await world.must("staff", "PATCH", f"/api/users/{world.ids['stranger']}/", change)
    return world


async def person(world: World, uuid: str) -> dict[str, Any]:
    return dict(await world.must("staff", "GET", f"/api/users/{uuid}/"))


async def test_an_isd_introduces_somebody(manager: World) -> None:
    told = await manager.must("stranger", "POST", BRIDGE, TOLD, 200)
    assert told["created"] is True
    assert told["updated_fields"] == sorted(set(TOLD) - {"username", "source"})
    seen = await person(manager, told["uuid"])
    assert {k: seen[k] for k in TOLD if k not in ("source",)} == {
        k: v for k, v in TOLD.items() if k != "source"
    }
    assert (seen["full_name"], seen["registration_method"]) == ("Jo Doe", "isd:puhuri")
    assert (seen["active_isds"], seen["has_usable_password"], seen["notifications_enabled"]) == (
        ["isd:puhuri"],
        False,
        False,
    )
    assert seen["attribute_sources"]["email"]["source"] == "isd:puhuri"
    again = await manager.must("stranger", "POST", BRIDGE, TOLD, 200)
    assert again == {"uuid": told["uuid"], "created": False, "updated_fields": []}
    changed = await manager.must(
        "stranger", "POST", BRIDGE, {**TOLD, "last_name": "New", "birth_date": None}, 200
    )
    assert changed["updated_fields"] == ["birth_date", "last_name"]
    seen = await person(manager, told["uuid"])
    assert seen["full_name"] == "Jo New"
    assert "birth_date" not in seen
    assert "birth_date" not in seen["attribute_sources"]


async def test_an_isd_does_not_clear_what_another_told(manager: World) -> None:
    uuid = (await manager.must("stranger", "POST", BRIDGE, TOLD, 200))["uuid"]
    other = {
        "username": CUID,
        "source": "isd:efp",
        "email": "",
        "phone_number": "+372 1",
        "nationality": "FI",
    }
    told = await manager.must("staff", "POST", BRIDGE, other, 200)
    assert told["updated_fields"] == ["active_isds", "nationality", "phone_number"]
    seen = await person(manager, uuid)
    assert (seen["email"], seen["nationality"], seen["active_isds"]) == (
        "jo@uni.example",
        "FI",
        ["isd:puhuri", "isd:efp"],
    )
    left = await manager.must("staff", "POST", REMOVE, {"username": CUID, "source": "isd:efp"}, 200)
    assert left == {"uuid": uuid, "deactivated": False}
    seen = await person(manager, uuid)
    assert (seen["phone_number"], seen["nationality"], seen["email"]) == ("", "", "jo@uni.example")
    assert seen["active_isds"] == ["isd:puhuri"]


async def test_whom_no_isd_knows_any_more_is_out_until_one_does_again(manager: World) -> None:
    uuid = (await manager.must("stranger", "POST", BRIDGE, TOLD, 200))["uuid"]
    gone = {"username": CUID, "source": "isd:puhuri"}
    assert (await manager.must("stranger", "POST", REMOVE, gone, 200))["deactivated"] is True
    seen = await person(manager, uuid)
    assert (seen["is_active"], seen["full_name"], seen["active_isds"]) == (False, "", [])
    assert (await manager.must("stranger", "POST", REMOVE, gone, 200))["deactivated"] is False
    await manager.must("stranger", "POST", BRIDGE, TOLD, 200)
    assert (await person(manager, uuid))["is_active"] is True
    await manager.must("staff", "PATCH", f"/api/users/{uuid}/", {"is_active": False})
    refused = await manager.post("stranger", BRIDGE, TOLD)
    assert (refused.status_code, refused.json()["detail"]) == (400, f"User {CUID} is deactivated.")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"source": "puhuri"}, "source"),
        ({"source": "ISD:x y"}, "source"),
        ({"username": "has space"}, "username"),
        ({"email": "nonsense"}, "email"),
        ({"gender": "other"}, "gender"),
        ({"country_of_residence": "Estonia"}, "country_of_residence"),
    ],
)
async def test_what_cannot_be_is_refused(manager: World, change: dict[str, Any], field: str) -> None:
    answer = await manager.post("staff", BRIDGE, {**TOLD, **change})
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert await manager.must("staff", "GET", f"/api/users/?username={CUID}") == []


async def test_only_identity_managers_and_for_their_isds(manager: World) -> None:
    for who in ("owner", "support"):
        for method, path in (("POST", BRIDGE), ("POST", REMOVE), ("GET", BRIDGE + "allowed-fields/")):
            json = TOLD if method == "POST" else None
            assert (await manager.ask(who, method, path, json)).status_code == 403, (who, path)
    foreign = await manager.post("stranger", BRIDGE, {**TOLD, "source": "isd:efp"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_source")
    unknown = await manager.post("stranger", REMOVE, {"username": "nobody", "source": "isd:puhuri"})
    assert unknown.status_code == 404
    fields = await manager.must("stranger", "GET", BRIDGE + "allowed-fields/")
    assert len(fields["allowed_fields"]) == 19
    assert {"first_name", "eduperson_assurance"} <= set(fields["allowed_fields"])


async def test_an_operator_decides_what_may_be_told(filled_url: str, tmp_path: Path) -> None:
    chosen = {
        "federated_identity_sync_allowed_attributes": "first_name, email",
        "federated_identity_deactivation_policy": "any_isd_removed",
    }
    world = await World.open(filled_url, tmp_path, **chosen)
    told = await world.must("staff", "POST", BRIDGE, TOLD, 200)
    assert told["updated_fields"] == ["email", "first_name"]
    await world.must("staff", "POST", BRIDGE, {**TOLD, "source": "isd:efp"}, 200)
    gone = {"username": CUID, "source": "isd:efp"}
    assert (await world.must("staff", "POST", REMOVE, gone, 200))["deactivated"] is True
    await world.close()


async def test_or_that_nothing_may_be_told(filled_url: str, tmp_path: Path) -> None:
    world = await World.open(filled_url, tmp_path, federated_identity_sync_enabled=False)
    assert (await world.post("staff", BRIDGE, TOLD)).status_code == 403
    assert (await world.get("staff", BRIDGE + "allowed-fields/")).status_code == 403
    await world.close()


# -- eduTEAMS ----------------------------------------------------------------------------------


async def test_without_a_proxy_people_who_are_here_are_found(manager: World) -> None:
    uuid = (await manager.must("staff", "POST", BRIDGE, TOLD, 200))["uuid"]
    assert await manager.must("stranger", "POST", EDUTEAMS, {"cuid": CUID}, 200) == {"uuid": uuid}
    missing = await manager.post("stranger", EDUTEAMS, {"cuid": "nobody@x"})
    assert (missing.status_code, missing.json()["detail"]) == (404, "User nobody@x has not been found")
    assert (await manager.post("owner", EDUTEAMS, {"cuid": CUID})).status_code == 403
    assert (await manager.post("staff", EDUTEAMS, {"cuid": " "})).status_code == 400


class Proxy(BaseHTTPRequestHandler):
    """The two endpoints of an eduTEAMS proxy, over a real socket."""

    people: dict[str, dict[str, Any]]
    broken = False

    def log_message(self, *_args: Any) -> None:
        """Quietly."""

    def _answer(self, status: int, body: Any) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        right = form.get("refresh_token") == ["refresh"] and self.headers["Authorization"].startswith(
            "Basic "
        )
        self._answer(200 if right and not self.broken else 401, {"access_token": "access"})

    def do_GET(self) -> None:
        found = self.people.get(self.path.removeprefix("/api/userinfo/"))
        right = self.headers["Authorization"] == "Bearer access"
        self._answer(401 if not right else 404 if found is None else 200, found or {})


@pytest.fixture
def proxy() -> Iterator[ThreadingHTTPServer]:
    handler = type("Handler", (Proxy,), {"people": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
async def far(proxy: ThreadingHTTPServer, filled_url: str, tmp_path: Path) -> AsyncIterator[World]:
    where = f"http://127.0.0.1:{proxy.server_port}"
    world = await World.open(
        filled_url,
        tmp_path,
        remote_eduteams_token_url=f"{where}/OIDC/token",
        remote_eduteams_userinfo_url=f"{where}/api/userinfo",
        remote_eduteams_client_id="mercato",
        remote_eduteams_secret="secret",
        remote_eduteams_refresh_token="refresh",
    )
    yield world
    await world.close()


async def test_a_proxy_is_asked_about_people(far: World, proxy: ThreadingHTTPServer) -> None:
    people = proxy.RequestHandlerClass.people  # type: ignore[attr-defined]
    people[CUID] = {
        "voperson_id": CUID,
        "given_name": "Jo",
        "family_name": "Doe",
        "mail": ["jo@uni.example", "other@uni.example"],
        "voperson_external_affiliation": ["faculty@helsinki.fi"],
        "eduperson_assurance": ["https://refeds.org/assurance/ID/unique"],
        "ssh_public_key": [KEY, "nonsense"],
    }
    uuid = (await far.must("staff", "POST", EDUTEAMS, {"cuid": CUID}, 200))["uuid"]
    seen = await person(far, uuid)
    assert (seen["full_name"], seen["email"], seen["affiliations"]) == (
        "Jo Doe",
        "jo@uni.example",
        ["faculty@helsinki.fi"],
    )
    assert (seen["active_isds"], seen["identity_source"]) == (["isd:eduteams"], "eduteams")
    [key] = await far.must("staff", "GET", f"/api/keys/?user_uuid={uuid}")
    assert (key["name"], key["public_key"]) == ("eduteams_key_1", KEY)
    people[CUID] |= {"family_name": "New", "ssh_public_key": []}
    assert (await far.must("staff", "POST", EDUTEAMS, {"cuid": CUID}, 200))["uuid"] == uuid
    assert (await person(far, uuid))["last_name"] == "New"
    assert await far.must("staff", "GET", f"/api/keys/?user_uuid={uuid}") == []
    del people[CUID]
    assert (await far.must("staff", "POST", EDUTEAMS, {"cuid": CUID}, 200))["uuid"] == uuid
    assert (await person(far, uuid))["is_active"] is False
    assert (await far.post("staff", EDUTEAMS, {"cuid": "../../nobody"})).status_code == 404


async def test_a_proxy_that_does_not_answer_is_said_to(far: World, proxy: ThreadingHTTPServer) -> None:
    proxy.RequestHandlerClass.broken = True  # type: ignore[attr-defined]
    answer = await far.post("staff", EDUTEAMS, {"cuid": CUID})
    assert (answer.status_code, answer.json()["code"]) == (502, "eduteams_unreachable")
    assert await far.must("staff", "GET", f"/api/users/?username={CUID}") == []
