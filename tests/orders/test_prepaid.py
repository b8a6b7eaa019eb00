"""Services that are paid for some months in advance: price, limits, end, renewals and invoices, to the cent."""

from __future__ import annotations

from typing import Any

import pytest

from world import World

pytestmark = pytest.mark.http

THEIRS = "/api/marketplace-resources/"
HOURS = {
    "type": "hours",
    "name": "Hours",
    "billing_type": "usage",
    "measured_unit": "h",
    "is_prepaid": True,
    "overage_component": "extra",
    "limit_period": "total",
    "min_prepaid_duration": 3,
    "max_prepaid_duration": 24,
    "prepaid_duration_step": 3,
    "min_renewal_duration": 3,
    "max_renewal_duration": 24,
    "renewal_duration_step": 3,
}
EXTRA = {"type": "extra", "name": "Extra hours", "billing_type": "usage", "measured_unit": "h"}
PLAN = {"name": "P", "unit": "month", "prices": {"hours": "0.333", "extra": "0.50"}}
OFFER: dict[str, Any] = {"components": [EXTRA, HOURS], "plans": [PLAN]}


async def bought(world: World, offering: dict[str, Any], limit: int, **term: Any) -> dict[str, Any]:
    attributes = {"name": "thing", **term}
    return await world.resource(offering, limits={"hours": limit}, attributes=attributes)


async def lines(world: World) -> dict[str, list[tuple[str, str, float]]]:
    """By month: (component, quantity, price) of each line."""
    return {
        f"{invoice['year']}-{invoice['month']:02}": [
            (item["details"]["offering_component_type"], item["quantity"], item["price"])
            for item in invoice["items"]
        ]
        for invoice in await world.invoices()
        if invoice["items"]
    }


async def test_months_are_ordered_charged_once_and_end(world: World) -> None:
    offering = await world.offering(**OFFER)
    with world.at("2026-04-10 12:00"):
        limits, attributes = {"hours": 100}, {"name": "thing", "months": 6}
        order = await world.order(offering, limits=limits, attributes=attributes)
        assert order["cost"] == "199.8"
        await world.done(order["uuid"])
        seen = await world.reload(order["marketplace_resource_uuid"])
        assert (seen["state"], seen["end_date"], seen["limits"]) == ("OK", "2026-10-10", {"hours": 100})
        # 0.333 × 100 × 6
        assert await lines(world) == {"2026-04": [("hours", "600", 199.8)]}
        [item] = (await world.invoices())[0]["items"]
        assert item["billing_type"] == "prepaid"
        [period] = item["details"]["resource_limit_periods"]
        assert (period["quantity"], period["billing_periods"]) == (100, 6)
    with world.at("2026-05-10 12:00"):
        await world.tick()
        assert await lines(world) == {"2026-04": [("hours", "600", 199.8)]}


async def test_a_day_that_is_whole_months_away(world: World) -> None:
    offering = await world.offering(**OFFER)
    with world.at("2026-01-31 12:00"):
        seen = await bought(world, offering, 10, end_date="2026-04-30")
        assert seen["end_date"] == "2026-04-30"
        # 0.333 × 10 × 3 = 9.99
        assert await lines(world) == {"2026-01": [("hours", "30", 9.99)]}


async def test_months_begin_when_the_service_does(world: World) -> None:
    offering = await world.offering(**OFFER)
    body = {"limits": {"hours": 1}, "attributes": {"name": "thing", "months": "3"}}
    with world.at("2026-04-28 12:00"):
        order = await world.order(offering, **body)
    with world.at("2026-05-02 12:00"):
        await world.done(order["uuid"])
        seen = await world.reload(order["marketplace_resource_uuid"])
        assert seen["end_date"] == "2026-08-02"
        # 0.333 × 3 = 0.999, rounded up
        assert await lines(world) == {"2026-05": [("hours", "3", 1.0)]}


async def test_a_price_that_was_quoted_is_the_price_that_is_charged(world: World) -> None:
    offering = await world.offering(**OFFER)
    plan = offering["plans"][0]["uuid"]
    with world.at("2026-04-10 12:00"):
        body = {"limits": {"hours": 100}, "attributes": {"name": "thing", "months": 3}}
        order = await world.order(offering, **body)
        assert order["cost"] == "99.9"
        prices = {"prices": {"hours": "5"}}
        await world.must("seller", "POST", f"/api/marketplace-plans/{plan}/update_prices/", prices, 200)
        await world.done(order["uuid"])
        assert await lines(world) == {"2026-04": [("hours", "300", 99.9)]}


async def test_what_is_used_beyond_costs_more(world: World) -> None:
    offering = await world.offering(**OFFER)
    with world.at("2026-04-10 12:00"):
        resource = await bought(world, offering, 100, months=3)
    with world.at("2026-05-10 12:00"):
        used = {"resource": resource["uuid"], "usages": [{"type": "hours", "amount": "130.5"}]}
        await world.must("seller", "POST", "/api/marketplace-component-usages/set_usage/", used, 201)
        assert await lines(world) == {
            "2026-04": [("hours", "300", 99.9)],
            "2026-05": [("extra", "30.5", 15.25)],
        }


async def test_a_renewal_is_charged_as_it_was_estimated(world: World) -> None:
    offering = await world.offering(**OFFER)
    with world.at("2026-04-10 12:00"):
        resource = await bought(world, offering, 100, months=3)
    path = f"{THEIRS}{resource['uuid']}/"
    with world.at("2026-06-25 12:00"):
        body = {"extension_months": 6, "limits": {"hours": 200}}
        estimate = await world.must("owner", "POST", path + "estimate_renewal/", body, 200)
        # 0.333 × 200 × 6, and 0.333 × 100 × 15/30 until July 10
        assert (estimate["subscription_total"], estimate["limit_change_total"]) == ("399.60", "16.65")
        made = await world.must("owner", "POST", path + "renew/", body, 200)
        await world.done(made["order_uuid"])
        seen = await world.reload(resource["uuid"])
        assert (seen["end_date"], seen["limits"]) == ("2027-01-10", {"hours": 200})
        assert await lines(world) == {
            "2026-04": [("hours", "300", 99.9)],
            "2026-06": [("hours", "1200", 399.6), ("hours", "50", 16.65)],
        }
        charged = sum(price for _, _, price in (await lines(world))["2026-06"])
        assert f"{charged:.2f}" == estimate["total"]
    with world.at("2026-07-02 12:00"):
        await world.tick()
        assert sorted(await lines(world)) == ["2026-04", "2026-06"]


async def test_a_renewal_without_more_is_charged_all_the_same(world: World) -> None:
    offering = await world.offering(**OFFER)
    with world.at("2026-04-10 12:00"):
        resource = await bought(world, offering, 100, months=3)
    with world.at("2026-06-25 12:00"):
        path = f"{THEIRS}{resource['uuid']}/renew/"
        made = await world.must("owner", "POST", path, {"extension_months": 3}, 200)
        await world.done(made["order_uuid"])
        assert (await lines(world))["2026-06"] == [("hours", "300", 99.9)]


async def test_it_ends_when_its_months_are_over(world: World) -> None:
    offering = await world.offering(**OFFER)
    with world.at("2026-04-10 12:00"):
        resource = await bought(world, offering, 100, months=3)
    with world.at("2026-07-12 12:00"):
        await world.tick()
        [order] = await world.must("staff", "GET", "/api/marketplace-orders/?type=Terminate")
        assert order["marketplace_resource_uuid"] == resource["uuid"]
        assert await lines(world) == {"2026-04": [("hours", "300", 99.9)]}


async def test_more_in_between_is_paid_for_until_the_end(world: World) -> None:
    offering = await world.offering(**OFFER)
    with world.at("2026-04-10 12:00"):
        resource = await bought(world, offering, 100, months=3)
    path = f"{THEIRS}{resource['uuid']}/update_limits/"
    with world.at("2026-06-25 12:00"):
        made = await world.must("owner", "POST", path, {"limits": {"hours": 200}}, 200)
        order = await world.must("owner", "GET", f"/api/marketplace-orders/{made['order_uuid']}/")
        # 0.333 × 100 × 15/30 until July 10
        assert order["cost"] == "16.65"
        await world.done(made["order_uuid"])
        assert (await lines(world))["2026-06"] == [("hours", "50", 16.65)]
        seen = await world.reload(resource["uuid"])
        assert (seen["limits"], seen["end_date"]) == ({"hours": 200}, "2026-07-10")
    with world.at("2026-06-26 12:00"):
        made = await world.must("owner", "POST", path, {"limits": {"hours": 50}}, 200)
        order = await world.must("owner", "GET", f"/api/marketplace-orders/{made['order_uuid']}/")
        assert order["cost"] == "0"
        await world.done(made["order_uuid"])
        assert (await lines(world))["2026-06"] == [("hours", "50", 16.65)], "nothing is paid back"


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ({}, "for how many months"),
        ({"months": 2}, "3 to 24 months"),
        ({"months": 27}, "3 to 24 months"),
        ({"months": 4}, "every 3 more"),
        ({"months": "many"}, "a whole number"),
        ({"months": True}, "a whole number"),
        ({"months": 3.5}, "a whole number"),
        ({"end_date": "soon"}, "looks like"),
        ({"end_date": "2026-07-11"}, "a whole number of months"),
        ({"end_date": "2026-04-10"}, "a whole number of months"),
        ({"end_date": "2025-04-10"}, "a whole number of months"),
        ({"end_date": "2026-07-10", "months": 6}, "a whole number of months"),
    ],
)
async def test_terms_that_are_refused(world: World, term: dict[str, Any], said: str) -> None:
    offering = await world.offering(**OFFER)
    with world.at("2026-04-10 12:00"):
        body = world.order_body(offering, limits={"hours": 1}, attributes={"name": "thing", **term})
        answer = await world.post("owner", "/api/marketplace-orders/", body)
    assert answer.status_code == 400
    assert said in answer.json()["attributes"][0]


async def test_nobody_says_what_they_are_charged_with(world: World) -> None:
    offering = await world.offering(**OFFER)
    with world.at("2026-04-10 12:00"):
        charge = {"component": "hours", "unit_price": "0", "allowance": 1, "periods": 1, "length": 1}
        told = {"prepaid_charges": [charge], "prepaid_months": 1, "prepaid_until": "2099-01-01"}
        await bought(world, offering, 100, months=3, **told)
        assert await lines(world) == {"2026-04": [("hours", "300", 99.9)]}
    await world.resource(await world.offering("Plain"), attributes={"name": "x", **told})
    assert "prepaid_charges" not in str(await world.must("owner", "GET", THEIRS + "?name=x"))


async def test_without_a_shortest_term_it_may_be_open_ended(world: World) -> None:
    hours = {k: v for k, v in HOURS.items() if "prepaid_duration" not in k}
    offering = await world.offering(components=[EXTRA, hours], plans=[PLAN])
    with world.at("2026-04-10 12:00"):
        seen = await bought(world, offering, 100)
        assert seen["end_date"] is None
        assert await lines(world) == {}
