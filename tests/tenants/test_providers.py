"""Service providers: what they show of themselves, their secret code, whom they serve, how they are doing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from waldur_api_client.models.service_provider import ServiceProvider
from waldur_api_client.models.service_provider_statistics import ServiceProviderStatistics

from furnished import PICTURE
from mercato.catalog.rules import lies_in
from mercato.tenants.tables import service_providers
from world import World

pytestmark = pytest.mark.http

PROVIDERS = "/api/marketplace-service-providers/"


@pytest.fixture
async def path(world: World) -> str:
    [provider] = await world.must("seller", "GET", PROVIDERS)
    return f"{PROVIDERS}{provider['uuid']}/"


async def test_what_a_provider_shows_of_itself(world: World, path: str) -> None:
    change = {"description": "We compute", "enable_notifications": False, "image": PICTURE}
    for method, body in (("PATCH", change), ("PUT", {**change, "customer": world.ids["provider"]})):
        seen = await world.must("seller", method, path, body, 200)
        ServiceProvider.from_dict(dict(seen))
        assert (seen["description"], seen["enable_notifications"]) == ("We compute", False)
        picture = await world.get("stranger", seen["image"].removeprefix("http://testserver.local"))
        assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/gif")
    # What we gave, given back, changes nothing; null removes.
    kept = await world.must("seller", "PATCH", path, {"image": seen["image"]}, 200)
    assert kept["image"] == seen["image"]
    assert (await world.must("seller", "PATCH", path, {"image": None}, 200))["image"] is None
    assert (await world.get("seller", path + "image/")).status_code == 404


async def test_a_form_with_a_picture(world: World, path: str) -> None:
    headers = {"Authorization": f"Token {world.tokens['seller']}"}
    gif = {"image": ("dot.gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00,", "image/gif")}
    said = {"description": "We compute"}
    answer = await world.client.patch(path, data=said, files=gif, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["image"].endswith(path + "image/")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"image": {"name": "x", "data": "eA=="}}, "image"),
        ({"description": "x" * 4097}, "description"),
        ({"customer": "{buyer}"}, "customer"),
    ],
)
async def test_what_is_refused(world: World, path: str, change: dict[str, Any], field: str) -> None:
    body = {name: world.ids["buyer"] if value == "{buyer}" else value for name, value in change.items()}
    answer = await world.ask("seller", "PATCH", path, body)
    assert (answer.status_code, list(answer.json())) == (400, [field])


async def test_staff_say_where_endpoints_may_lie(world: World, path: str) -> None:
    offering = await world.offering()
    assert (await world.ask("seller", "PATCH", path, {"allowed_domains": ["a.org"]})).status_code == 403
    wrong = await world.ask("staff", "PATCH", path, {"allowed_domains": ["not a domain"]})
    assert (wrong.status_code, list(wrong.json())) == (400, ["allowed_domains"])
    seen = await world.must("staff", "PATCH", path, {"allowed_domains": ["Example.org"]}, 200)
    assert seen["allowed_domains"] == ["example.org"]
    # Who puts the whole thing back changes nothing of it.
    await world.must("seller", "PUT", path, {**seen, "description": "x", "image": None}, 200)
    add = f"/api/marketplace-provider-offerings/{offering['uuid']}/add_endpoint/"
    refused = await world.post("seller", add, {"name": "Web", "url": "https://elsewhere.net/x"})
    assert (refused.status_code, list(refused.json())) == (400, ["url"])
    await world.must("seller", "POST", add, {"name": "Web", "url": "https://a.example.org/x"}, 201)


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("https://example.org", True),
        ("https://a.example.org:8443/x?y=other.net", True),
        ("https://example.org.evil.net", False),
        ("https://notexample.org", False),
        ("ssh login.example.org", True),
        ("ssh login.evil.net", False),
        ("ask at the desk", True),
        ("https://[broken", False),
        ("https:///nowhere", False),
    ],
)
def test_an_address_lies_in_a_domain(address: str, inside: bool) -> None:
    assert lies_in(address, ["example.org"]) is inside
    assert lies_in(address, [])


async def test_the_secret_code_is_made_shown_and_made_anew(world: World, path: str) -> None:
    where = path + "api_secret_code/"
    first = (await world.must("seller", "GET", where))["api_secret_code"]
    assert len(first) == 40
    assert (await world.must("vendor", "GET", where))["api_secret_code"] == first
    second = (await world.must("seller", "POST", where, status=200))["api_secret_code"]
    assert second != first
    assert (await world.must("staff", "GET", where))["api_secret_code"] == second
    kept = select(service_providers.c.api_secret_code)
    sealed = await world.market.db.read(lambda conn: conn.execute(kept).scalar_one())
    assert second not in sealed
    for who, status in {"owner": 404, "stranger": 404, "support": 403}.items():
        assert (await world.get(who, where)).status_code == status, who
    for who in ("owner", "stranger", "support"):
        assert (await world.post(who, where)).status_code == 403, who


async def test_how_a_provider_is_doing(world: World, path: str) -> None:
    with world.at("2026-04-10"):
        first = await world.resource(offering := await world.offering())
        await world.offering("Draft", activate=False)
    with world.at("2026-04-20"):
        seen = await world.must("seller", "GET", path + "stat/")
        ServiceProviderStatistics.from_dict(dict(seen))
        expected = {
            "active_campaigns": 0,
            "current_customers": 1,
            "customers_number_change": 1,
            "active_resources": 1,
            "resources_number_change": 1,
            "active_and_paused_offerings": 1,
            "unresolved_tickets": 0,
            "pending_orders": 0,
            "erred_resources": 0,
        }
        assert seen == expected
    with world.at("2026-05-05"):
        await world.order(offering)
        failed = f"/api/marketplace-provider-resources/{first['uuid']}/set_as_erred/"
        await world.must("seller", "POST", failed, {}, 200)
        seen = await world.must("seller", "GET", path + "stat/")
        # The order that waits has its resource, too.
        assert seen == {
            **expected,
            "customers_number_change": 0,
            "active_resources": 2,
            "pending_orders": 1,
            "erred_resources": 1,
        }
    for who, status in {"owner": 404, "stranger": 404, "support": 200}.items():
        assert (await world.get(who, path + "stat/")).status_code == status, who


async def test_whom_a_provider_serves(world: World, path: str) -> None:
    assert await world.must("seller", "GET", path + "customers/") == []
    await world.resource(await world.offering())
    [customer] = await world.must("seller", "GET", path + "customers/")
    assert (customer["name"], customer["projects_count"], customer["users_count"]) == ("Buyer Org", 1, 3)
    assert customer["projects"] == [{"uuid": world.ids["alpha"], "name": "Alpha"}]
    [project] = await world.must("seller", "GET", path + "customer_projects/")
    assert (project["name"], project["resources_count"], project["users_count"]) == ("Alpha", 1, 3)
    question = f"customer_projects/?project_customer_uuid={world.ids['provider']}"
    assert await world.must("seller", "GET", path + question) == []
    people = await world.must("seller", "GET", path + "users/")
    assert [(p["username"], p["email"], p["projects_count"]) for p in people] == [
        (who, f"{who}@example.org", 1) for who in ("admin", "manager", "member")
    ]
    for who, names in {"member": ["Buyer Org"], "owner": []}.items():
        rows = await world.must("seller", "GET", f"{path}user_customers/?user_uuid={world.ids[who]}")
        assert [row["name"] for row in rows] == names
    assert [o["name"] for o in await world.must("seller", "GET", path + "offerings/")] == ["HPC"]
    for what in ("customers", "users", "customer_projects", "offerings", "course_accounts"):
        assert (await world.get("owner", f"{path}{what}/")).status_code == 404, what


async def test_of_people_a_provider_sees_what_its_offerings_see(world: World, path: str) -> None:
    offering = await world.offering()
    await world.resource(offering)
    config = f"/api/marketplace-provider-offerings/{offering['uuid']}/update-user-attribute-config/"
    await world.must("seller", "POST", config, {"expose_email": False, "expose_organization": True}, 200)
    await world.must("staff", "PATCH", f"/api/users/{world.ids['member']}/", {"organization": "Lab"}, 200)
    [seen] = await world.must("seller", "GET", path + "users/?username=member")
    assert (seen["username"], seen["email"], seen["organization"]) == ("member", "", "Lab")


async def test_accounts_of_the_projects_that_a_provider_serves(world: World, path: str) -> None:
    program = {"project": world.ids["alpha"], "username": "robot"}
    await world.must("owner", "POST", "/api/marketplace-project-service-accounts/", program, 201)
    pupil = {"project": world.ids["alpha"]}
    await world.must("owner", "POST", "/api/marketplace-course-accounts/", pupil, 201)
    for what in ("project_service_accounts", "course_accounts"):
        assert await world.must("seller", "GET", f"{path}{what}/") == []
    await world.resource(await world.offering())
    for what in ("project_service_accounts", "course_accounts"):
        assert len(await world.must("seller", "GET", f"{path}{what}/")) == 1
