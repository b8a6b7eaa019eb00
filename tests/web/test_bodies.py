"""Requests as real clients send them: slashes, empty bodies, nulls, forms, foreign fields, hyperlinks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from world import BASE, PASSWORD, World

pytestmark = pytest.mark.http

CATEGORIES = "/api/marketplace-categories/"
NASTY = [
    "'; DROP TABLE customers; --",
    '" OR 1=1 --',
    "%_\\",
    "[bold red]money[/bold red]",
    "[/]",
    "<script>alert(1)</script>",
    "{{7*7}} ${HOME} `id` $(id)",
    "日本語 🦄 \u202eltr",
    "line\nbreak\ttab",
]


@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_path_without_its_slash_keeps_its_body(world: World, slash: str) -> None:
    path = "/api/marketplace-categories" + slash
    made = await world.must("staff", "POST", path, {"title": "Kept"}, 201)
    assert made["title"] == "Kept"
    assert len(await world.must(None, "GET", path)) == 2


@pytest.mark.parametrize(
    "send",
    [
        {},
        {"content": b""},
        {"content": b"{}"},
        {"content": b" \n"},
        {"content": b"", "headers": {"Content-Type": "application/json"}},
        {"content": b"{}", "headers": {"Content-Type": "application/json; charset=utf-8"}},
        {"content": b'{"whatever": [1]}', "headers": {"Content-Type": "Application/JSON"}},
    ],
)
async def test_an_action_needs_no_body(world: World, send: dict[str, Any]) -> None:
    offering = await world.offering()
    path = f"/api/marketplace-provider-offerings/{offering['uuid']}/pause/"
    answer = await world.post("seller", path, **send)
    assert (answer.status_code, answer.json()["state"]) == (200, "Paused")
    order = await world.order(await world.offering("Other"), "manager")
    path = f"/api/marketplace-orders/{order['uuid']}/approve_by_consumer/"
    assert (await world.post("owner", path, **send)).status_code == 200


async def test_foreign_fields_are_ignored_where_waldurs_clients_ask(world: World) -> None:
    body = {"title": "Shelf", "state": "present", "latitude": None, "type": None}
    made = await world.must("staff", "POST", CATEGORIES, body, 201)
    assert made["title"] == "Shelf"


async def test_foreign_fields_are_refused_on_our_own_endpoints(world: World) -> None:
    body = {"user": world.ids["member"], "role": "PROJECT.MEMBER", "scope": world.ids["alpha"], "until": 1}
    answer = await world.post("owner", "/api/user-permissions/", body)
    assert (answer.status_code, list(answer.json())) == (400, ["until"])
    assert answer.headers["X-Mercato-Code"] == "unknown_field"


async def test_null_where_there_cannot_be_one_means_nothing_was_said(world: World) -> None:
    path = f"/api/projects/{world.ids['alpha']}/"
    await world.must("owner", "PATCH", path, {"description": "old", "end_date": "2099-01-01"})
    seen = await world.must("owner", "PATCH", path, {"description": None, "name": "New"})
    assert (seen["description"], seen["name"], seen["end_date"]) == ("old", "New", "2099-01-01")
    cleared = await world.must("owner", "PATCH", path, {"description": None, "end_date": None})
    assert (cleared["description"], cleared["end_date"]) == ("old", None)


async def test_a_required_null_is_missing(world: World) -> None:
    answer = await world.post("staff", CATEGORIES, {"title": None, "description": None})
    assert (answer.status_code, answer.json()) == (400, {"title": ["This field is required."]})


async def test_nulls_inside_lists_are_left_out_too(world: World) -> None:
    part = {"type": "cpu", "name": "CPU", "billing_type": "fixed", "description": None, "is_boolean": None}
    made = await world.offering(
        components=[{**part, "min_value": None}], plans=[], activate=False, attributes={"kept": None}
    )
    assert made["components"][0]["description"] == ""
    assert made["attributes"] == {"kept": None}


async def test_a_form_is_as_good_as_json(world: World) -> None:
    answer = await world.post(
        "staff", CATEGORIES, content=b"title=From+a+form%21", headers={"Content-Type": FORM}
    )
    assert (answer.status_code, answer.json()["title"]) == (201, "From a form!")


FORM = "application/x-www-form-urlencoded"


async def test_signing_in_with_a_form(world: World) -> None:
    person = {"username": "new", "email": "new@example.org", "password": PASSWORD}
    await world.must("staff", "POST", "/api/users/", person, 201)
    data = {"username": "new", "password": PASSWORD}
    answer = await world.client.post("/api-auth/password/", data=data)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b'{"title": ', "application/json", 400, "parse_error"),
        (b"\xff\xfe", "application/json", 400, "parse_error"),
        (b"[]", "application/json", 400, "invalid_value"),
        (b'"x"', "application/json", 400, "invalid_value"),
        (b"null", "application/json", 400, "invalid_value"),
        (b'{"title": 5}', "application/json", 400, "invalid_value"),
        (b'{"title": "a\\u0000b"}', "application/json", 400, "null_character"),
        (b"title=a%00b", FORM, 400, "null_character"),
        (b"title: x", "text/yaml", 415, "unsupported_media_type"),
        (b"<a/>", "application/xml", 415, "unsupported_media_type"),
    ],
)
async def test_what_cannot_be_read_is_refused_with_its_reason(
    world: World, content: bytes, kind: str, status: int, code: str
) -> None:
    answer = await world.post("staff", CATEGORIES, content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.headers["X-Mercato-Code"]) == (status, code), answer.text
    assert len(await world.must(None, "GET", CATEGORIES)) == 1


@pytest.mark.parametrize("content", [b'{"title": ', b'{"title": 5}'])
async def test_who_may_not_ask_learns_nothing_about_the_body(world: World, content: bytes) -> None:
    kind = {"Content-Type": "application/json"}
    assert (await world.post(None, CATEGORIES, content=content, headers=kind)).status_code == 401
    assert (await world.post("owner", CATEGORIES, content=content, headers=kind)).status_code == 403


@pytest.mark.parametrize("text", NASTY)
async def test_every_text_comes_back_as_it_was_given(world: World, text: str) -> None:
    made = await world.must("owner", "PATCH", f"/api/projects/{world.ids['alpha']}/", {"description": text})
    assert made["description"] == text
    category = await world.must("staff", "POST", CATEGORIES, {"title": text}, 201)
    found = await world.get(None, CATEGORIES, params={"title": text, "field": "uuid"})
    assert found.json() == [{"uuid": category["uuid"]}]
    assert len(await world.must("staff", "GET", "/api/customers/")) == 2


@pytest.mark.parametrize("host", ["", "https://elsewhere.example", BASE, "http://10.0.0.1:8080/prefix"])
@pytest.mark.parametrize("dashed", [False, True])
async def test_hyperlinks_count_by_their_path(world: World, host: str, dashed: bool) -> None:
    offering = await world.offering()

    def u(uuid: str) -> str:
        return str(UUID(uuid)) if dashed else uuid

    o, p = u(offering["uuid"]), u(offering["plans"][0]["uuid"])
    body = {
        "project": f"{host}/api/projects/{u(world.ids['alpha'])}/",
        "offering": f"{host}/api/marketplace-public-offerings/{o}/",
        "plan": f"{host}/api/marketplace-public-offerings/{o}/plans/{p}/",
    }
    made = await world.order(offering, **body)
    assert made["plan_uuid"] == offering["plans"][0]["uuid"]


@pytest.mark.parametrize(
    ("offering_form", "plan_form"),
    [
        ("/api/marketplace-provider-offerings/{o}/", "/api/marketplace-plans/{p}/"),
        ("/api/marketplace-public-offerings/{o}", "/api/marketplace-public-plans/{p}/"),
        ("{o}", "{p}"),
    ],
)
async def test_offerings_and_plans_in_every_form(world: World, offering_form: str, plan_form: str) -> None:
    offering = await world.offering()
    names = {"o": offering["uuid"], "p": offering["plans"][0]["uuid"]}
    made = await world.order(offering, offering=offering_form.format(**names), plan=plan_form.format(**names))
    assert made["state"] == "pending-provider"


@pytest.mark.parametrize("form", ["/api/marketplace-plans/{}/", "/api/marketplace-public-plans/{}/"])
async def test_the_links_of_a_plan_lead_to_it(world: World, form: str) -> None:
    offering = await world.offering()
    plan = offering["plans"][0]
    assert (await world.must("seller", "GET", form.format(plan["uuid"])))["name"] == "Standard"
    assert (await world.must(None, "GET", plan["url"]))["uuid"] == plan["uuid"]


LONG = "x" * 100_000


@pytest.mark.parametrize(
    ("who", "method", "path", "body", "field"),
    [
        ("staff", "POST", CATEGORIES, {"title": LONG}, "title"),
        ("owner", "PATCH", "/api/projects/{alpha}/", {"name": LONG}, "name"),
        ("owner", "PATCH", "/api/projects/{alpha}/", {"oecd_fos_2007_code": LONG}, "oecd_fos_2007_code"),
        ("owner", "PATCH", "/api/users/{owner}/", {"first_name": LONG}, "first_name"),
        ("owner", "PATCH", "/api/users/{owner}/", {"email": "a@" + LONG}, "email"),
        ("staff", "POST", "/api/users/", {"username": "n", "email": "a@" + LONG}, "email"),
        ("staff", "PATCH", "/api/users/{owner}/", {"token_lifetime": 10**30}, "token_lifetime"),
    ],
)
async def test_what_does_not_fit_is_refused_on_every_database(
    world: World, who: str, method: str, path: str, body: Any, field: str
) -> None:
    answer = await world.ask(who, method, path.format(**world.ids), body)
    assert (answer.status_code, list(answer.json())) == (400, [field]), answer.text[:300]
