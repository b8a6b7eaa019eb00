"""What a month costs organizations, one by one and together."""

from __future__ import annotations

import pytest

from world import World

pytestmark = pytest.mark.http

REPORTS, TOTAL = "/api/financial-reports/", "/api/billing-total-cost/"


async def two_months(world: World) -> None:
    """With tax: February is 80.60 and 96.72 with tax, March twice."""
    await world.must("staff", "PATCH", f"/api/customers/{world.ids['buyer']}/", {"default_tax_percent": "20"})
    with world.at("2026-02-01"):
        offering = await world.offering()
        await world.resource(offering)
    with world.at("2026-03-01 01:00"):
        await world.tick()
        await world.resource(offering)


async def test_each_organization_by_month(world: World) -> None:
    await two_months(world)
    found = await world.must("staff", "GET", REPORTS + "?year=2026&month=2")
    assert {row["name"]: row["billing_price_estimate"]["total"] for row in found} == {
        "Buyer Org": "96.72",
        "Seller Org": "0.00",
    }
    estimate = found[0]["billing_price_estimate"]
    assert (estimate["current"], estimate["tax"], estimate["tax_current"]) == ("80.60", "16.12", "16.12")
    with world.at("2026-03-15"):
        [mine] = await world.must("owner", "GET", REPORTS)
        assert (mine["name"], mine["billing_price_estimate"]["current"]) == ("Buyer Org", "161.20")
        one = await world.must("owner", "GET", f"{REPORTS}{world.ids['buyer']}/")
        assert one["billing_price_estimate"]["total"] == "193.44"
    assert mine["payment_profiles"] == []


async def test_all_organizations_together(world: World) -> None:
    await two_months(world)
    assert await world.must("staff", "GET", TOTAL + "?year=2026&month=2") == {"total": 96.72, "price": 80.6}
    assert await world.must("support", "GET", TOTAL + "?year=2026&month=3") == {
        "total": 193.44,
        "price": 161.2,
    }
    assert await world.must("staff", "GET", TOTAL + "?year=2025&month=3") == {"total": 0.0, "price": 0.0}
    with world.at("2026-03-15"):
        assert (await world.must("staff", "GET", TOTAL))["price"] == 161.2
        assert (await world.must("staff", "GET", TOTAL + "?name=seller"))["price"] == 0.0
        mine = f"{TOTAL}?customer_uuid={world.ids['buyer']}&accounting_is_running=true"
        assert (await world.must("staff", "GET", mine))["price"] == 161.2


async def test_what_it_costs_is_for_the_organizations_own_people(world: World) -> None:
    await two_months(world)
    month = "?year=2026&month=3"
    assert (await world.must("owner", "GET", TOTAL + month))["price"] == 161.2
    for who in ("member", "seller", "stranger"):
        assert (await world.must(who, "GET", TOTAL + month))["price"] == 0.0, who
        names = [row["name"] for row in await world.must(who, "GET", REPORTS + month)]
        assert "Buyer Org" not in names
    assert (await world.get("member", f"{REPORTS}{world.ids['buyer']}/")).status_code == 404


@pytest.mark.parametrize("question", ["month=13", "month=0", "year=x", "month=2.5"])
async def test_months_that_are_none(world: World, question: str) -> None:
    for path in (REPORTS, TOTAL):
        answer = await world.get("staff", f"{path}?{question}")
        assert (answer.status_code, list(answer.json())) == (400, [question.split("=", maxsplit=1)[0]])


async def test_reports_are_narrowed_and_counted(world: World) -> None:
    answer = await world.ask("staff", "HEAD", REPORTS + "?month=1&query=buyer")
    assert answer.headers["X-Result-Count"] == "1"
    found = await world.must("staff", "GET", REPORTS + "?o=-name&page_size=1")
    assert [row["name"] for row in found] == ["Seller Org"]
