"""The server describes itself: version, settings, health, and every route in OpenAPI."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from mercato.config import VERSION, Settings
from mercato.web.app import all_routes
from world import World

pytestmark = pytest.mark.http


def refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from refs(value)


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


@pytest.fixture
async def document(world: World) -> Any:
    return await world.must(None, "GET", "/schema/openapi.json")


async def test_every_route_is_described(document: Any) -> None:
    routes = all_routes(Settings())
    described = {(path, method) for path, method, _ in operations(document)}
    wanted = {(r.endpoint.path, r.endpoint.method.lower()) for r in routes}
    wanted |= {(r.endpoint.path, "head") for r in routes if r.kind == "list"}
    assert described == wanted
    needs = {(r.endpoint.path, r.endpoint.method.lower()): str(r.needs) for r in routes}
    for path, method, operation in operations(document):
        if method != "head":
            assert operation["x-needs"] == needs[path, method]
            assert str(next(iter(operation["responses"]))).startswith("2")


async def test_the_description_holds_together(document: Any) -> None:
    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == VERSION
    schemas = document["components"]["schemas"]
    for ref in refs(document):
        assert ref.removeprefix("#/components/schemas/") in schemas
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for path, method, operation in operations(document):
        in_path = [p["name"] for p in operation["parameters"] if p["in"] == "path"]
        assert in_path == re.findall(r"\{(\w+)\}", path)
        assert operation["summary"]
        assert method in ("post", "put", "patch") or "requestBody" not in operation
        for code, response in operation["responses"].items():
            assert response["description"]
            assert code.isdigit()


async def test_what_lists_take_is_described(document: Any) -> None:
    listed = document["paths"]["/api/marketplace-orders/"]["get"]
    query = {p["name"]: p for p in listed["parameters"] if p["in"] == "query"}
    assert {"page", "page_size", "field", "o", "state", "offering_uuid"} <= set(query)
    assert query["state"]["explode"] is True
    assert "X-Result-Count" in listed["responses"]["200"]["headers"]


async def test_people_get_a_page(world: World) -> None:
    for path in ("/schema", "/schema/"):
        answer = await world.get(None, path)
        assert answer.status_code == 200
        assert "/api/marketplace-orders/{uuid}/cancel/" in answer.text


async def test_version_settings_and_health(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await world.must(None, "GET", "/api/version/"))["version"] == VERSION
    public = await world.must(None, "GET", "/api/configuration/")
    assert (public["SITE_NAME"], public["CURRENCY_NAME"]) == ("Mercato", "EUR")
    assert not any("SECRET" in name or "DATABASE" in name for name in public)
    health = await world.get(None, "/health/")
    assert (health.status_code, health.json()["status"]) == (503, "degraded")
    checks = {"database": "ok", "worker": "not running", "backlog": "ok", "schedule": "ok"}
    assert health.json()["checks"] == checks
    monkeypatch.setattr(world.market, "worker_health", lambda: "ok")
    assert (await world.must(None, "GET", "/health/"))["status"] == "ok"
