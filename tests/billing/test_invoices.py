"""Invoices follow what happens: through the API, on a travelling clock, to the cent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from mercato.billing.jobs import turn_months
from mercato.billing.service import Billing
from mercato.kernel import tables
from world import PRICES, World

pytestmark = pytest.mark.http

SET_USAGE = "/api/marketplace-component-usages/set_usage/"
HOURS = {"type": "hours", "name": "Hours", "billing_type": "usage", "measured_unit": "h"}


@pytest.fixture
async def world(filled_url: str, tmp_path: Path) -> AsyncIterator[World]:
    with World.at("2026-03-20"):
        made = await World.open(filled_url, tmp_path)
    yield made
    await made.close()


def plan(name: str, unit: str = "month", **prices: Any) -> dict[str, Any]:
    return {"name": name, "unit": unit, "prices": prices}


async def lines(world: World) -> dict[str, list[tuple[str, str, float]]]:
    """By month: (component, quantity, price) of every line."""
    found: dict[str, list[tuple[str, str, float]]] = {}
    for invoice in await world.invoices():
        month = f"{invoice['year']}-{invoice['month']:02}"
        for item in invoice["items"]:
            kind = item["details"]["offering_component_type"]
            found.setdefault(month, []).append((kind, item["quantity"], item["price"]))
    return found


async def totals(world: World) -> dict[str, tuple[str, str]]:
    return {f"{i['year']}-{i['month']:02}": (i["state"], i["total"]) for i in await world.invoices()}


async def limit(world: World, resource: dict[str, Any], **limits: int) -> None:
    path = f"/api/marketplace-resources/{resource['uuid']}/update_limits/"
    made = await world.must("owner", "POST", path, {"limits": limits}, 200)
    await world.done(made["order_uuid"])


async def end(world: World, resource: dict[str, Any]) -> None:
    path = f"/api/marketplace-resources/{resource['uuid']}/terminate/"
    made = await world.must("owner", "POST", path, {}, 200)
    await world.done(made["order_uuid"])


async def report(
    world: World, resource: dict[str, Any], amount: str, who: str = "seller", **more: Any
) -> None:
    item = {"type": "hours", "amount": amount, **more.pop("item", {})}
    body = {"resource": resource["uuid"], "usages": [item], **more}
    await world.must(who, "POST", SET_USAGE, body, 201)


async def test_the_first_line_makes_the_invoice(world: World) -> None:
    with world.at("2026-04-01"):
        offering = await world.offering()
        order = await world.order(offering)
        assert await world.invoices() == []
        await world.done(order["uuid"])
        [invoice] = await world.invoices()
    assert (invoice["state"], invoice["year"], invoice["month"]) == ("pending", 2026, 4)
    assert (invoice["price"], invoice["total"], invoice["currency"]) == ("80.60", "80.60", "EUR")
    assert [(i["name"], i["price"]) for i in invoice["items"]] == [
        ("thing (HPC / Standard) / CPU hours", 50.0),
        ("thing (HPC / Standard) / RAM", 25.6),
        ("thing (HPC / Standard) / Storage", 5.0),
    ]
    assert invoice["number"] > 100000
    assert invoice["invoice_date"] is None


async def test_what_is_free_has_no_invoice(world: World) -> None:
    with world.at("2026-04-01"):
        await world.resource(await world.offering(billable=False, plans=[]), plan=None)
        assert await world.invoices() == []


async def test_the_month_turns_once(world: World) -> None:
    with world.at("2026-04-11"):
        await world.resource(await world.offering())
        assert (await totals(world))["2026-04"] == ("pending", "53.75")
    with world.at("2026-05-01 00:00:30"):
        await world.tick()
        first = await world.invoices()
        before = await recorded(world)
        await turn_months(world.market.db, world.market.billing)
        assert await world.invoices() == first
        assert await recorded(world) == before
    with world.at("2026-05-20"):
        await world.tick()
        assert await world.invoices() == first
    assert await totals(world) == {"2026-04": ("created", "53.75"), "2026-05": ("pending", "80.60")}
    assert (first[0]["invoice_date"], first[0]["due_date"]) == ("2026-05-01", "2026-05-31")


async def recorded(world: World) -> int:
    count = select(func.count()).select_from(tables.audit)
    return int(await world.market.db.read(lambda conn: conn.execute(count).scalar_one()))


async def test_months_that_nobody_turned_are_made_up_for(world: World) -> None:
    with world.at("2026-04-01"):
        await world.resource(await world.offering())
    with world.at("2026-07-03"):
        await world.tick()
        await world.tick()
    assert await totals(world) == {
        "2026-04": ("created", "80.60"),
        "2026-05": ("created", "80.60"),
        "2026-06": ("created", "80.60"),
        "2026-07": ("pending", "80.60"),
    }


async def test_an_interrupted_turn_is_finished_by_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.at("2026-04-01"):
        offering = await world.offering(shared=True)
        await world.resource(offering)
        own = {"name": "Own", "customer": world.ids["provider"]}
        project = await world.must("staff", "POST", "/api/projects/", own, 201)
        order = await world.order(offering, "seller", project=project["url"])
        await world.done(order["uuid"])
    begun, real = [], Billing.begin_month

    def breaks(self: Billing, tx: Any, customer: int) -> None:
        if begun:
            raise RuntimeError("power cut")
        begun.append(customer)
        real(self, tx, customer)

    with world.at("2026-05-01 01:00"):
        monkeypatch.setattr(Billing, "begin_month", breaks)
        with pytest.raises(RuntimeError):
            await turn_months(world.market.db, world.market.billing)
        monkeypatch.setattr(Billing, "begin_month", real)
        assert await turn_months(world.market.db, world.market.billing) == 1
        assert await turn_months(world.market.db, world.market.billing) == 0
    for who in ("owner", "seller"):
        found = [(i["month"], i["state"], i["total"]) for i in await world.invoices(who)]
        assert found == [(4, "created", "80.60"), (5, "pending", "80.60")], who


async def test_more_counts_from_today_and_less_from_tomorrow(world: World) -> None:
    with world.at("2026-04-01"):
        offering = await world.offering(plans=[plan("Daily", "day", cpu="1")])
        resource = await world.resource(offering, limits={"cpu": 10})
        assert await lines(world) == {"2026-04": [("cpu", "300", 300.0)]}
    with world.at("2026-04-11 15:00"):
        await limit(world, resource, cpu=20)
        assert await lines(world) == {"2026-04": [("cpu", "500", 500.0)]}
    with world.at("2026-04-21 15:00"):
        await limit(world, resource, cpu=5)
        assert await lines(world) == {"2026-04": [("cpu", str(10 * 10 + 20 * 11 + 5 * 9), 365.0)]}


async def test_the_end_cuts_the_month(world: World) -> None:
    with world.at("2026-04-01"):
        resource = await world.resource(await world.offering())
    with world.at("2026-04-15 12:00"):
        await end(world, resource)
    assert await totals(world) == {"2026-04": ("pending", "40.30")}
    with world.at("2026-05-02"):
        await world.tick()
    assert await totals(world) == {"2026-04": ("created", "40.30")}


async def test_another_plan_is_billed_from_its_day(world: World) -> None:
    fee = {"type": "fee", "name": "Fee", "billing_type": "fixed"}
    switch = {"type": "switch", "name": "Switch", "billing_type": "few"}
    plans = [plan("Small", "day", fee="1", switch="7"), plan("Large", "day", fee="3", switch="7")]
    with world.at("2026-04-01"):
        offering = await world.offering(components=[fee, switch], plans=plans)
        resource = await world.resource(offering, limits={})
    with world.at("2026-04-16"):
        path = f"/api/marketplace-resources/{resource['uuid']}/switch_plan/"
        made = await world.must("owner", "POST", path, {"plan": offering["plans"][1]["url"]}, 200)
        await world.done(made["order_uuid"])
    assert sorted((await lines(world))["2026-04"]) == [
        ("fee", "15", 15.0),
        ("fee", "15", 45.0),
        ("switch", "1", 7.0),
    ]


async def test_usage_is_what_was_said_last(world: World) -> None:
    offering = {"components": [HOURS], "plans": [plan("Metered", hours="0.333")]}
    with world.at("2026-04-05"):
        resource = await world.resource(await world.offering(**offering), limits={})
        await report(world, resource, "10")
    with world.at("2026-04-25"):
        await report(world, resource, "2.5")
        assert await lines(world) == {"2026-04": [("hours", "2.5", 0.84)]}
    with world.at("2026-05-02"):
        await world.tick()
        await report(world, resource, "99", "staff", date="2026-04-30T10:00:00Z")
        assert await lines(world) == {"2026-04": [("hours", "2.5", 0.84)]}


async def test_recurring_usage_comes_again_until_something_else_is_said(world: World) -> None:
    offering = {"components": [HOURS], "plans": [plan("Metered", hours="2")]}
    with world.at("2026-04-05"):
        resource = await world.resource(await world.offering(**offering), limits={})
        await report(world, resource, "10", item={"recurring": True})
    for day in ("2026-05-01 00:10", "2026-06-01 00:10"):
        with world.at(day):
            await world.tick()
    with world.at("2026-06-10"):
        await report(world, resource, "3")
    with world.at("2026-07-01 00:10"):
        await world.tick()
    assert await lines(world) == {
        "2026-04": [("hours", "10", 20.0)],
        "2026-05": [("hours", "10", 20.0)],
        "2026-06": [("hours", "3", 6.0)],
    }


async def test_tax_is_the_organizations_when_the_invoice_begins(world: World) -> None:
    path = f"/api/customers/{world.ids['buyer']}/"
    with world.at("2026-04-01"):
        await world.must("staff", "PATCH", path, {"default_tax_percent": "22"})
        await world.resource(await world.offering())
        await world.must("staff", "PATCH", path, {"default_tax_percent": "10"})
    with world.at("2026-05-01"):
        await world.tick()
    april, may = await world.invoices()
    assert (april["price"], april["tax"], april["total"]) == ("80.60", "17.73", "98.33")
    assert (may["price"], may["tax"], may["total"]) == ("80.60", "8.06", "88.66")
    assert april["items"][0]["tax"] == "11.00"


async def test_an_issued_invoice_keeps_its_addressee_and_its_names(world: World) -> None:
    customer = f"/api/customers/{world.ids['buyer']}/"
    with world.at("2026-04-01"):
        resource = await world.resource(await world.offering())
        await world.must("owner", "PATCH", customer, {"address": "Old Street 1"})
    with world.at("2026-04-10"):
        path = f"/api/marketplace-resources/{resource['uuid']}/"
        await world.must("owner", "PATCH", path, {"name": "renamed"})
        await limit(world, resource, cpu=2000)
    with world.at("2026-05-01 00:05"):
        assert "customer_details" not in (await world.invoices())[0]
        await world.tick()
        await world.must("owner", "PATCH", customer, {"address": "New Street 2", "name": "Renamed Org"})
    april, may = await world.invoices()
    assert april["customer_details"]["address"] == "Old Street 1"
    assert april["customer_details"]["name"] == "Buyer Org"
    assert {i["resource_name"] for i in april["items"]} == {"thing"}
    assert {i["name"].split(" (")[0] for i in april["items"]} == {"thing"}
    assert {i["details"]["resource_name"] for i in april["items"]} == {"thing"}
    assert {i["name"].split(" (")[0] for i in may["items"]} == {"renamed"}


QUARTERLY = {
    "components": [
        {
            "type": "disk",
            "name": "Disk",
            "billing_type": "limit",
            "limit_period": "quarterly",
            "measured_unit": "GB",
        }
    ],
    "plans": [plan("Quarterly", "day", disk="0.1")],
}


async def test_a_quarter_changes_its_one_line_while_it_is_open(world: World) -> None:
    """100 GB from April 1, 150 GB from May 10, by the day: 100 × 39 + 150 × 52."""
    with world.at("2026-04-01"):
        resource = await world.resource(await world.offering(**QUARTERLY), limits={"disk": 100})
        assert await lines(world) == {"2026-04": [("disk", "9100", 910.0)]}
    with world.at("2026-05-10 11:00"):
        await limit(world, resource, disk=150)
        assert await lines(world) == {"2026-04": [("disk", str(100 * 39 + 150 * 52), 1170.0)]}
        [item] = (await world.invoices())[0]["items"]
        periods = item["details"]["resource_limit_periods"]
        assert [(p["quantity"], p["billing_periods"], p["total"]) for p in periods] == [
            (100, 39, "3900"),
            (150, 52, "7800"),
        ]


async def test_a_quarter_that_was_issued_is_settled_by_a_correction(world: World) -> None:
    with world.at("2026-04-01"):
        resource = await world.resource(await world.offering(**QUARTERLY), limits={"disk": 100})
    with world.at("2026-05-01 00:10"):
        await world.tick()
    with world.at("2026-05-10 11:00"):
        await limit(world, resource, disk=150)
        assert await lines(world) == {"2026-04": [("disk", "9100", 910.0)], "2026-05": [("disk", "1", 260.0)]}
        [correction] = (await world.invoices())[1]["items"]
        assert correction["name"] == "thing (HPC / Quarterly) / Disk (correction)"
    with world.at("2026-06-01 00:10"):
        await world.tick()
    with world.at("2026-06-10 09:00"):
        await end(world, resource)
    whole = sum(price for rows in (await lines(world)).values() for _, _, price in rows)
    assert whole == pytest.approx((100 * 39 + 150 * 32) * 0.1)
    assert (await lines(world))["2026-06"] == [("disk", "1", -300.0)]


async def set_price(world: World, offering: dict[str, Any], **prices: str) -> str:
    path = f"/api/marketplace-plans/{offering['plans'][0]['uuid']}/update_prices/"
    return str((await world.must("seller", "POST", path, {"prices": prices}, 200))["detail"])


async def test_future_prices_become_current_with_the_month(world: World) -> None:
    with world.at("2026-04-01"):
        offering = await world.offering()
        await world.resource(offering)
    with world.at("2026-04-10"):
        assert await set_price(world, offering, cpu="0.10") == "Future prices have been set."
        path = f"/api/marketplace-plans/{offering['plans'][0]['uuid']}/"
        seen = await world.must("seller", "GET", path)
        assert (seen["prices"]["cpu"], seen["future_prices"]) == ("0.05", {"cpu": "0.1"})
        await world.resource(offering, limits={"cpu": 100})
        assert (await totals(world))["2026-04"] == ("pending", "84.10")
    with world.at("2026-05-01 00:10"):
        await world.tick()
        seen = await world.must("seller", "GET", path)
        assert (seen["prices"]["cpu"], seen["future_prices"]) == ("0.1", {})
    assert await totals(world) == {"2026-04": ("created", "84.10"), "2026-05": ("pending", "140.60")}


async def test_a_new_price_leaves_the_issued_quarter_alone(world: World) -> None:
    with world.at("2026-04-01"):
        offering = await world.offering(**QUARTERLY)
        resource = await world.resource(offering, limits={"disk": 100})
    with world.at("2026-04-20"):
        await set_price(world, offering, disk="0.2")
    with world.at("2026-05-01 00:10"):
        await world.tick()
        assert await lines(world) == {"2026-04": [("disk", "9100", 910.0)]}
    with world.at("2026-05-10"):
        await limit(world, resource, disk=150)
        assert (await lines(world))["2026-05"] == [("disk", "1", 260.0)]
    with world.at("2026-07-01 00:10"):
        await world.tick()
    assert (await lines(world))["2026-07"] == [("disk", str(150 * 92), 2760.0)]


@pytest.mark.parametrize(
    ("zone", "moment", "month", "days"),
    [
        ("Pacific/Auckland", "2026-04-30 13:00", "2026-05", 31),
        ("America/Los_Angeles", "2026-05-01 05:00", "2026-04", 1),
        ("UTC", "2026-04-30 23:59:59", "2026-04", 1),
    ],
)
async def test_the_organizations_own_calendar_rules(
    world: World, zone: str, moment: str, month: str, days: int
) -> None:
    await world.must("staff", "PATCH", f"/api/customers/{world.ids['buyer']}/", {"time_zone": zone})
    with world.at(moment):
        offering = await world.offering(plans=[plan("Daily", "day", cpu="1")])
        await world.resource(offering, limits={"cpu": 1})
        assert await lines(world) == {month: [("cpu", str(days), float(days))]}


async def test_months_turn_when_it_is_midnight_there(world: World) -> None:
    seller = f"/api/customers/{world.ids['provider']}/"
    await world.must("staff", "PATCH", seller, {"time_zone": "America/Los_Angeles"})
    buyer = f"/api/customers/{world.ids['buyer']}/"
    await world.must("staff", "PATCH", buyer, {"time_zone": "Pacific/Auckland"})
    with world.at("2026-04-10"):
        offering = await world.offering()
        await world.resource(offering)
        own = {"name": "Own", "customer": world.ids["provider"]}
        project = await world.must("staff", "POST", "/api/projects/", own, 201)
        order = await world.order(offering, "seller", project=project["url"])
        await world.done(order["uuid"])

    async def months(who: str) -> list[tuple[int, str]]:
        return [(i["month"], i["state"]) for i in await world.invoices(who)]

    with world.at("2026-04-30 13:00"):
        await world.tick()
        assert await months("owner") == [(4, "created"), (5, "pending")]
        assert await months("seller") == [(4, "pending")]
    with world.at("2026-05-01 06:00"):
        await world.tick()
        assert await months("seller") == [(4, "pending")]
    with world.at("2026-05-01 08:00"):
        await world.tick()
        assert await months("seller") == [(4, "created"), (5, "pending")]


async def test_who_owes_stays_unless_staff_say_otherwise(world: World) -> None:
    with world.at("2026-04-01"):
        resource = await world.resource(await world.offering())
        await end(world, resource)
        await world.must("owner", "DELETE", f"/api/projects/{world.ids['alpha']}/", status=204)
        path = f"/api/customers/{world.ids['buyer']}/"
        assert (await world.ask("owner", "DELETE", path)).status_code == 403
        await world.must("staff", "DELETE", path, status=204)
        assert [i["customer_name"] for i in await world.invoices("staff")] == ["Buyer Org"]


@pytest.mark.parametrize(
    ("currency", "price", "tax", "total", "line", "cost"),
    [("JPY", "82", "18", "100", 50, "82"), ("KWD", "80.607", "17.734", "98.341", 50.0, "80.607")],
)
async def test_currencies_have_their_own_decimals(
    filled_url: str, tmp_path: Path, currency: str, price: str, tax: str, total: str, line: float, cost: str
) -> None:
    with World.at("2026-04-01"):
        world = await World.open(filled_url, tmp_path, currency_name=currency)
        try:
            path = f"/api/customers/{world.ids['buyer']}/"
            await world.must("staff", "PATCH", path, {"default_tax_percent": "22"})
            fine = plan("Fine", cpu="0.05", ram="0.1", storage="0.0100131")
            order = await world.order(await world.offering(plans=[fine]))
            await world.done(order["uuid"])
            [invoice] = await world.invoices()
            items = await world.must("owner", "GET", "/api/invoice-items/?o=name")
        finally:
            await world.close()
    assert (invoice["price"], invoice["tax"], invoice["total"]) == (price, tax, total)
    assert (invoice["currency"], items[0]["price"], order["cost"]) == (currency, line, cost)


async def test_prices_are_the_ones_of_the_order(world: World) -> None:
    with world.at("2026-04-01"):
        offering = await world.offering(plans=[plan("Monthly", **PRICES)])
        order = await world.order(offering)
        await world.done(order["uuid"])
        [invoice] = await world.invoices()
    assert float(order["cost"]) == float(invoice["price"]) == 80.6


async def test_a_limit_that_begins_after_the_quarter_was_issued_is_charged_too(world: World) -> None:
    with world.at("2026-04-01"):
        offering = await world.offering(**QUARTERLY)
        await world.resource(offering, limits={"disk": 1})
        later = await world.resource(offering, limits={"disk": 0})
    with world.at("2026-05-01 00:10"):
        await world.tick()
    with world.at("2026-05-10"):
        await limit(world, later, disk=100)
    assert (await lines(world))["2026-05"] == [("disk", "1", 520.0)]


async def test_prices_wait_for_the_issuers_month_also_where_it_begins_earlier(world: World) -> None:
    """East of the issuer a month is begun before its prices are known, west of it they come too early."""
    seller = f"/api/customers/{world.ids['provider']}/"
    await world.must("staff", "PATCH", seller, {"time_zone": "America/Los_Angeles"})
    buyer = f"/api/customers/{world.ids['buyer']}/"
    await world.must("staff", "PATCH", buyer, {"time_zone": "Pacific/Auckland"})
    with world.at("2026-04-10"):
        await world.tick()
        offering = await world.offering(plans=[plan("Daily", "day", cpu="1")])
        await world.resource(offering, limits={"cpu": 1})
        own = {"name": "Own", "customer": world.ids["provider"]}
        project = await world.must("staff", "POST", "/api/projects/", own, 201)
        order = await world.order(offering, "seller", project=project["url"], limits={"cpu": 1})
        await world.done(order["uuid"])
        await set_price(world, offering, cpu="2")
    for moment in ("2026-04-30 13:00", "2026-05-01 00:10"):
        with world.at(moment):
            await world.tick()
    assert await totals(world) == {"2026-04": ("created", "21.00"), "2026-05": ("pending", "62.00")}
    resource = {"uuid": order["marketplace_resource_uuid"]}
    with world.at("2026-05-01 06:00"):
        path = f"/api/marketplace-resources/{resource['uuid']}/update_limits/"
        made = await world.must("seller", "POST", path, {"limits": {"cpu": 3}}, 200)
        await world.done(made["order_uuid"])
        [april] = await world.invoices("seller")
        assert (april["month"], april["total"]) == (4, "24.00")


async def test_a_debt_is_issued_even_when_its_organization_is_gone(world: World) -> None:
    with world.at("2026-04-01"):
        resource = await world.resource(await world.offering())
    with world.at("2026-04-15 12:00"):
        await end(world, resource)
        await world.must("owner", "DELETE", f"/api/projects/{world.ids['alpha']}/", status=204)
        await world.must("staff", "DELETE", f"/api/customers/{world.ids['buyer']}/", status=204)
    with world.at("2026-05-01 00:10"):
        await world.tick()
    assert [(i["state"], i["total"]) for i in await world.invoices("staff")] == [("created", "40.30")]
