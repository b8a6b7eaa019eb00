"""Refusals as clients meet them: the status, Waldur's body, a stable code, and nothing of our inside."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from mercato.tenants import service as tenants
from world import World

pytestmark = pytest.mark.http

CODE = "X-Mercato-Code"
NO_CREDENTIALS = "Authentication credentials were not provided."


@pytest.mark.parametrize(
    ("header", "detail", "code"),
    [
        (None, NO_CREDENTIALS, "not_signed_in"),
        ("", NO_CREDENTIALS, "not_signed_in"),
        ("Basic b3duZXI6eA==", NO_CREDENTIALS, "not_signed_in"),
        ("Token", NO_CREDENTIALS, "not_signed_in"),
        ("Token nonsense", "Invalid token.", "invalid_token"),
        ("Bearer nonsense", "Invalid token.", "invalid_token"),
    ],
)
async def test_who_is_not_known_is_told_so(world: World, header: str | None, detail: str, code: str) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = await world.client.get("/api/projects/", headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"detail": detail, "code": code})
    assert (answer.headers["WWW-Authenticate"], answer.headers[CODE]) == ("Token", code)


@pytest.mark.parametrize("scheme", ["Token", "token", "TOKEN", "Bearer", "bearer"])
async def test_the_scheme_may_be_spelled_as_clients_do(world: World, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {world.tokens['owner']}"}
    answer = await world.client.get("/api/users/me/?field=username", headers=headers)
    assert answer.json() == {"username": "owner"}


async def test_a_wrong_token_is_refused_even_where_none_is_needed(world: World) -> None:
    headers = {"Authorization": "Token nonsense"}
    assert (await world.client.get("/api/version/", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status", "detail", "code"),
    [
        ("GET", "/api/nowhere/", 404, "Not found.", "not_found"),
        ("GET", "/", 404, "Not found.", "not_found"),
        ("PUT", "/api/projects/", 405, 'Method "PUT" not allowed.', "method_not_allowed"),
        ("HEAD", "/api/users/me/", 405, "", "method_not_allowed"),
        ("DELETE", "/api/invoices/", 405, 'Method "DELETE" not allowed.', "method_not_allowed"),
    ],
)
async def test_what_is_not_there(
    world: World, method: str, path: str, status: int, detail: str, code: str
) -> None:
    answer = await world.ask("staff", method, path)
    assert (answer.status_code, answer.headers[CODE]) == (status, code)
    if detail:
        assert answer.json() == {"detail": detail, "code": code}
    if status == 405:
        assert "GET" in answer.headers["Allow"]


async def test_a_missing_permission_is_named(world: World) -> None:
    answer = await world.ask("reader", "PATCH", f"/api/projects/{world.ids['alpha']}/", {"name": "X"})
    assert answer.status_code == 403
    assert answer.json() == {
        "detail": "You do not have permission to perform this action.",
        "code": "forbidden",
        "permission": "PROJECT.UPDATE",
    }


async def test_a_conflict_names_the_state(world: World) -> None:
    offering = await world.offering()
    path = f"/api/marketplace-provider-offerings/{offering['uuid']}/unpause/"
    answer = await world.post("seller", path)
    assert answer.status_code == 409
    assert answer.json() == {
        "detail": "Offering in state Active does not allow unpause.",
        "code": "wrong_state",
        "state": "Active",
        "action": "unpause",
    }


async def test_wrong_fields_are_lists_of_messages_with_the_code_in_a_header(world: World) -> None:
    answer = await world.post("staff", "/api/marketplace-categories/", {"description": "no title"})
    assert (answer.status_code, answer.json()) == (400, {"title": ["This field is required."]})
    assert answer.headers[CODE] == "required"


async def test_a_defect_shows_nothing_and_is_recorded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret-in-a-variable")

    monkeypatch.setattr(tenants, "create_customer", broken)
    with capture_logs() as logs:
        answer = await world.post("staff", "/api/customers/", {"name": "New"})
    assert answer.status_code == 500
    assert answer.json() == {
        "detail": "The server met an error. It has been recorded.",
        "code": "internal",
    }
    [entry] = [log for log in logs if log["log_level"] == "error"]
    assert (entry["method"], entry["path"]) == ("POST", "/api/customers/")
    assert "secret-in-a-variable" in str(entry["exc_info"])


async def test_too_large_a_body_is_refused(world: World) -> None:
    body = b'{"title": "' + b"x" * (21 * 1024 * 1024) + b'"}'
    answer = await world.post("staff", "/api/marketplace-categories/", content=body)
    assert (answer.status_code, answer.headers[CODE]) == (413, "too_large")
