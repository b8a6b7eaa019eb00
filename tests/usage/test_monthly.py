"""Usage of everything that somebody sees, by month."""

from __future__ import annotations

from typing import Any

import pytest

from world import COMPONENTS, World

pytestmark = pytest.mark.http

MONTHLY = "/api/marketplace-component-usage-monthly/"
SET = "/api/marketplace-component-usages/set_usage/"
HOURS = {"type": "hours", "name": "Hours", "billing_type": "usage", "measured_unit": "h"}


async def two_months(world: World) -> list[dict[str, Any]]:
    """Two resources of one offering in two organizations, measured in April and May."""
    offering = await world.offering(components=[HOURS, COMPONENTS[0]], plans=[{"name": "P"}])
    await world.keep(offering)
    body = {"name": "Gamma", "customer": world.ids["provider"]}
    gamma = (await world.must("staff", "POST", "/api/projects/", body, 201))["uuid"]
    made = []
    with world.at("2026-04-01"):
        made.append(await world.resource(offering, limits={"cpu": 10}))
        order = await world.order(offering, "seller", project=gamma, limits={"cpu": 30})
        await world.done(order["uuid"])
        made.append(await world.reload(order["marketplace_resource_uuid"]))
    for moment, amounts in (("2026-04-20", ("1.25", 7)), ("2026-05-10", (2, 5))):
        with world.at(moment):
            for resource, amount in zip(made, amounts, strict=True):
                usages = [{"type": "hours", "amount": amount}, {"type": "cpu", "amount": amount}]
                await world.must("seller", "POST", SET, {"resource": resource["uuid"], "usages": usages}, 201)
    return made


async def sums(world: World, who: str, query: str) -> list[tuple[str, str, str, str, Any]]:
    rows = await world.must(who, "GET", f"{MONTHLY}?{query}")
    return [
        (
            r["billing_period"],
            r["component_type"],
            r["total_consumed"],
            r["total_allocated"],
            r["usage_percent"],
        )
        for r in rows
    ]


async def test_what_everybody_used_in_a_month(world: World) -> None:
    await two_months(world)
    with world.at("2026-05-10 12:00"):
        may = [
            ("2026-05-01", "hours", "7.00", "0.00", None),
            ("2026-05-01", "cpu", "7.00", "40.00", "17.50"),
        ]
        for who in ("staff", "support", "seller", "keeper"):
            assert await sums(world, who, "o=-component_type") == may, who
        assert await sums(world, "owner", "o=-component_type") == [
            ("2026-05-01", "hours", "2.00", "0.00", None),
            ("2026-05-01", "cpu", "2.00", "10.00", "20.00"),
        ]
        assert await sums(world, "stranger", "") == []
    april = ("2026-04-01", "cpu", "8.25", "40.00", "20.63")
    assert await sums(world, "staff", "billing_period=2026-04-01&component_type=cpu") == [april]
    both = await sums(world, "staff", "start=2026-04-01&end=2026-05-31&component_type=cpu")
    assert both == [("2026-05-01", "cpu", "7.00", "40.00", "17.50"), april]


async def test_sums_are_over_what_was_asked_for(world: World) -> None:
    first, _ = await two_months(world)
    for query, hours in (
        (f"customer_uuid={world.ids['buyer']}", "1.25"),
        (f"project_uuid={world.ids['alpha']}", "1.25"),
        (f"customer_uuid={world.ids['provider']}", "7.00"),
        (f"offering_uuid={first['offering_uuid']}", "8.25"),
        ("offering_type=Marketplace.Basic&billing_type=usage", "8.25"),
    ):
        found = await sums(world, "staff", f"billing_period=2026-04-01&component_type=hours&{query}")
        assert found == [("2026-04-01", "hours", hours, "0.00", None)], query


async def test_sums_are_listed_like_everything_else(world: World) -> None:
    await two_months(world)
    where = f"{MONTHLY}?start=2026-01-01"
    counted = await world.ask("staff", "HEAD", where)
    assert counted.headers["X-Result-Count"] == "4"
    seen = []
    for page in (1, 2, 3, 4):
        answer = await world.get("staff", f"{where}&page_size=1&page={page}&o=total_consumed")
        assert answer.headers["X-Result-Count"] == "4"
        seen += [row["total_consumed"] for row in answer.json()]
    assert seen == ["7.00", "7.00", "8.25", "8.25"]
    assert (await world.get("staff", f"{where}&page_size=1&page=5")).status_code == 404
    [row, *_] = await world.must("staff", "GET", f"{where}&field=offering_name&field=service_provider_name")
    assert row == {"offering_name": "HPC", "service_provider_name": "Seller Org"}
