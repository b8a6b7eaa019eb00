"""Organizations, their projects, and who of them sells."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from mercato.tenants.rules import ended, is_zone, not_started, tax_percent
from world import World

pytestmark = pytest.mark.http

CUSTOMERS, PROJECTS = "/api/customers/", "/api/projects/"
PROVIDERS = "/api/marketplace-service-providers/"


async def test_staff_found_organizations(world: World) -> None:
    body = {"name": "New Org", "native_name": "Новая", "default_tax_percent": 22, "country": "EE"}
    made = await world.must("staff", "POST", CUSTOMERS, body, 201)
    assert (made["name"], made["slug"], made["default_tax_percent"]) == ("New Org", "new-org", "22")
    assert (made["time_zone"], made["is_service_provider"], made["service_provider"]) == ("UTC", False, None)
    assert (made["projects_count"], made["users_count"]) == (0, 0)
    assert made["url"].endswith(f"/api/customers/{made['uuid']}/")
    again = await world.must("staff", "POST", CUSTOMERS, {"name": "New Org"}, 201)
    assert again["slug"] == "new-org-2"
    assert "country" not in again


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"default_tax_percent": "-1"}, "default_tax_percent"),
        ({"default_tax_percent": "201"}, "default_tax_percent"),
        ({"default_tax_percent": "1.234"}, "default_tax_percent"),
        ({"default_tax_percent": "much"}, "default_tax_percent"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
    ],
)
async def test_organizations_that_cannot_be(world: World, change: dict[str, Any], field: str) -> None:
    answer = await world.post("staff", CUSTOMERS, {"name": "New Org", **change})
    assert (answer.status_code, list(answer.json())) == (400, [field])
    path = f"{CUSTOMERS}{world.ids['buyer']}/"
    answer = await world.ask("staff", "PATCH", path, change)
    assert (answer.status_code, list(answer.json())) == (400, [field])


async def test_owners_describe_their_organization_and_staff_rule_it(world: World) -> None:
    path = f"{CUSTOMERS}{world.ids['buyer']}/"
    seen = await world.must("owner", "PATCH", path, {"address": "Street 1", "email": "a@b.example"})
    assert (seen["address"], seen["email"]) == ("Street 1", "a@b.example")
    for change in (
        {"blocked": True},
        {"archived": True},
        {"default_tax_percent": "0"},
        {"time_zone": "Europe/Tallinn"},
        {"accounting_start_date": None},
    ):
        assert (await world.ask("owner", "PATCH", path, change)).status_code == 403, change
    seen = await world.must("staff", "PATCH", path, {"archived": True, "time_zone": "Europe/Tallinn"})
    assert (seen["archived"], seen["time_zone"]) == (True, "Europe/Tallinn")


async def test_put_changes_what_it_names(world: World) -> None:
    path = f"{CUSTOMERS}{world.ids['buyer']}/"
    first = {"default_tax_percent": "22", "address": "Street 1", "description": "old"}
    await world.must("staff", "PATCH", path, first)
    seen = await world.must("staff", "PUT", path, {"name": "Renamed", "description": ""})
    assert (seen["name"], seen["description"], seen["address"]) == ("Renamed", "", "Street 1")
    assert seen["default_tax_percent"] == "22"
    seen = await world.must("owner", "PUT", path, {"name": "Again", "default_tax_percent": "0"})
    assert (seen["name"], seen["default_tax_percent"]) == ("Again", "22")
    nameless = await world.ask("owner", "PUT", path, {"description": "x"})
    assert nameless.json() == {"name": ["This field is required."]}


async def test_an_organization_with_projects_or_customers_stays(world: World) -> None:
    path = f"{CUSTOMERS}{world.ids['buyer']}/"
    refused = await world.ask("staff", "DELETE", path)
    assert (refused.status_code, refused.json()["code"]) == (409, "has_projects")
    await world.must("owner", "DELETE", f"{PROJECTS}{world.ids['alpha']}/", status=204)
    await world.must("staff", "DELETE", path, status=204)
    assert (await world.get("staff", path)).status_code == 404
    assert [c["name"] for c in await world.must("staff", "GET", CUSTOMERS)] == ["Seller Org"]


async def test_a_provider_whose_services_run_stays(world: World) -> None:
    await world.resource(await world.offering())
    refused = await world.ask("staff", "DELETE", f"{CUSTOMERS}{world.ids['provider']}/")
    assert (refused.status_code, refused.json()["code"]) == (409, "has_resources")
    [provider] = await world.must("seller", "GET", PROVIDERS)
    refused = await world.ask("seller", "DELETE", f"{PROVIDERS}{provider['uuid']}/")
    assert (refused.status_code, refused.json()["code"]) == (409, "has_resources")


async def test_what_a_removed_organization_sold_is_off_the_shelf(world: World) -> None:
    offering = await world.offering()
    await world.must("staff", "DELETE", f"{CUSTOMERS}{world.ids['provider']}/", status=204)
    assert await world.must("owner", "GET", "/api/marketplace-public-offerings/") == []
    body = world.order_body(offering)
    assert (await world.post("owner", "/api/marketplace-orders/", body)).status_code == 400


async def test_owners_register_their_organization_as_provider(world: World) -> None:
    body = {"customer": f"/api/customers/{world.ids['buyer']}/", "description": "We sell."}
    made = await world.must("owner", "POST", PROVIDERS, body, 201)
    assert (made["customer_uuid"], made["offering_count"]) == (world.ids["buyer"], 0)
    again = await world.post("owner", PROVIDERS, body)
    assert again.json() == {"customer": ["Organization is already registered as a service provider."]}
    customer = await world.must("owner", "GET", f"{CUSTOMERS}{world.ids['buyer']}/")
    assert (customer["is_service_provider"], customer["service_provider_uuid"]) == (True, made["uuid"])
    path = f"{PROVIDERS}{made['uuid']}/"
    assert (await world.must("owner", "PATCH", path, {"description": "More."}))["description"] == "More."
    found = await world.must("stranger", "GET", f"{PROVIDERS}?customer_uuid={world.ids['buyer']}&field=uuid")
    assert found == [{"uuid": made["uuid"]}]
    await world.must("owner", "DELETE", path, status=204)
    assert (await world.get("owner", path)).status_code == 404
    await world.must("owner", "POST", PROVIDERS, body, 201)


def project(world: World, **change: Any) -> dict[str, Any]:
    return {"name": "Beta", "customer": f"/api/customers/{world.ids['buyer']}/", **change}


async def test_projects_belong_to_an_organization(world: World) -> None:
    made = await world.must("owner", "POST", PROJECTS, project(world, backend_id="b-1"), 201)
    assert (made["customer_name"], made["slug"], made["resources_count"]) == ("Buyer Org", "beta", 0)
    for query in ("backend_id=b-1", "slug=beta", "name=BET", "name_exact=Beta", "query=eta"):
        found = await world.must("owner", "GET", f"{PROJECTS}?{query}&field=name")
        assert found == [{"name": "Beta"}], query
    assert await world.must("owner", "GET", f"{PROJECTS}?name_exact=beta") == []
    assert (await world.post("member", PROJECTS, project(world))).status_code == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"start_date": "2030-01-02", "end_date": "2030-01-01"}, "end_date"),
        ({"start_date": "soon"}, "start_date"),
        ({"customer": "nonsense"}, "customer"),
        ({"customer": "0" * 32}, "customer"),
    ],
)
async def test_projects_that_cannot_be(world: World, change: dict[str, Any], field: str) -> None:
    answer = await world.post("owner", PROJECTS, project(world, **change))
    assert (answer.status_code, list(answer.json())) == (400, [field])


async def test_closed_organizations_found_no_projects(world: World) -> None:
    await world.must("staff", "PATCH", f"{CUSTOMERS}{world.ids['buyer']}/", {"blocked": True})
    answer = await world.post("owner", PROJECTS, project(world))
    assert answer.json() == {"customer": ["Customer is not available."]}


async def test_a_project_with_running_resources_stays(world: World) -> None:
    resource = await world.resource(await world.offering())
    path = f"{PROJECTS}{world.ids['alpha']}/"
    assert (await world.must("owner", "GET", path))["resources_count"] == 1
    refused = await world.ask("owner", "DELETE", path)
    assert (refused.status_code, refused.json()["code"]) == (409, "has_resources")
    assert (await world.ask("manager", "DELETE", path)).status_code == 403
    end = f"/api/marketplace-resources/{resource['uuid']}/terminate/"
    await world.done((await world.must("owner", "POST", end, {}, 200))["order_uuid"])
    await world.must("owner", "DELETE", path, status=204)
    assert (await world.get("owner", path)).status_code == 404


async def test_a_project_past_its_end_orders_nothing_and_ends_what_runs(world: World) -> None:
    offering = await world.offering()
    with world.at("2026-05-01"):
        resource = await world.resource(offering)
        path = f"{PROJECTS}{world.ids['alpha']}/"
        await world.must("owner", "PATCH", path, {"end_date": "2026-05-10"})
    with world.at("2026-05-10 23:00"):
        await world.tick()
        assert (await world.reload(resource["uuid"]))["order_in_progress"] is None
    with world.at("2026-05-11 01:00"):
        await world.tick()
        order = (await world.reload(resource["uuid"]))["order_in_progress"]
        assert (order["type"], order["state"]) == ("Terminate", "pending-provider")
        body = world.order_body(offering)
        refused = await world.post("owner", "/api/marketplace-orders/", body)
        assert refused.json() == {"project": ["Project end date has passed."]}


def test_taxes_have_two_decimals() -> None:
    assert str(tax_percent("22.50")) == "22.50"
    assert tax_percent(0) == 0
    assert [tax_percent(v) for v in ("-0.01", "200.01", "1.001", "x", "NaN", "Infinity")] == [None] * 6


def test_zones_are_names_of_the_zone_database() -> None:
    assert is_zone("Europe/Tallinn")
    assert not any(is_zone(name) for name in ("", "Mars", "/etc/passwd", "Europe/../UTC"))


def test_days_of_projects() -> None:
    today = date(2026, 5, 10)
    day = timedelta(days=1)
    assert [not_started(d, today) for d in (None, today, today + day)] == [False, False, True]
    assert [ended(d, today) for d in (None, today, today - day)] == [False, False, True]
