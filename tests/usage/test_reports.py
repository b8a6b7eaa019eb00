"""Reporting what was used: who, when, how much, and what a second report does."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mercato.usage.rules import BACKFILLING, date_problem, hundredths, period_of
from world import COMPONENTS, World

pytestmark = pytest.mark.http

USAGES = "/api/marketplace-component-usages/"
SET = USAGES + "set_usage/"
HOURS = {"type": "hours", "name": "Hours", "billing_type": "usage", "measured_unit": "h"}
FEE = {"type": "fee", "name": "Fee", "billing_type": "fixed"}
NOON = "2026-05-10 12:00"


async def metered(world: World, **change: Any) -> dict[str, Any]:
    offering = await world.offering(components=[HOURS, COMPONENTS[0], FEE], plans=[{"name": "P"}], **change)
    return await world.resource(offering, limits={"cpu": 10})


def said(resource: dict[str, Any], amount: Any = "1.5", type_: str = "hours", **more: Any) -> dict[str, Any]:
    return {"resource": resource["uuid"], "usages": [{"type": type_, "amount": amount}], **more}


async def records(world: World, query: str = "") -> list[tuple[str, Any]]:
    rows = await world.must("owner", "GET", f"{USAGES}?o=-billing_period&o=type&{query}")
    return [(f"{row['type']} {row['billing_period']}", row["usage"]) for row in rows]


@pytest.mark.parametrize("who", ["seller", "vendor", "keeper", "staff"])
async def test_who_reports(world: World, who: str) -> None:
    with world.at(NOON):
        resource = await metered(world)
        offering = await world.must(
            "staff", "GET", f"/api/marketplace-provider-offerings/{resource['offering_uuid']}/"
        )
        await world.keep(offering)
        answer = await world.post(who, SET, said(resource))
        assert (answer.status_code, answer.json()) == (201, {})
        assert await records(world) == [("hours 2026-05-01", 1.5)]


@pytest.mark.parametrize("who", ["owner", "manager", "reader"])
async def test_customers_do_not_report(world: World, who: str) -> None:
    resource = await metered(world)
    assert (await world.post(who, SET, said(resource))).status_code == 403


async def test_a_second_report_overwrites_the_month(world: World) -> None:
    with world.at(NOON):
        resource = await metered(world)
        both = [
            {"type": "hours", "amount": "1.5", "description": "a", "recurring": True},
            {"type": "cpu", "amount": 2},
        ]
        await world.must("seller", "POST", SET, {"resource": resource["uuid"], "usages": both}, 201)
        seen = await world.reload(resource["uuid"])
        assert seen["current_usages"] == {"hours": 1.5, "cpu": 2}
    with world.at("2026-05-20"):
        await world.must("seller", "POST", SET, said(resource, 7), 201)
        assert await records(world) == [("cpu 2026-05-01", 2), ("hours 2026-05-01", 7)]
        seen = await world.reload(resource["uuid"])
        assert seen["current_usages"] == {"hours": 7}
        [row] = await world.must("owner", "GET", f"{USAGES}?type=hours")
        assert (row["description"], row["recurring"]) == ("", False)
        assert isinstance(row["usage"], int)
    with world.at("2026-06-02"):
        await world.must("seller", "POST", SET, said(resource, "0.96"), 201)
        assert await records(world, "billing_period=2026-06-01") == [("hours 2026-06-01", 0.96)]
        assert await records(world, "date_before=2026-05-31&type=hours") == [("hours 2026-05-01", 7)]
        assert await records(world, "date_after=2026-06-01") == [("hours 2026-06-01", 0.96)]


async def test_usage_since_the_limits_period_began(world: World) -> None:
    parts = [
        {**HOURS, "type": f"h-{period}", "limit_period": period}
        for period in ("month", "quarterly", "annual", "total")
    ]
    with world.at("2025-12-10"):
        offering = await world.offering(components=parts, plans=[{"name": "P"}])
        resource = await world.resource(offering, limits={})
    for moment in ("2025-12-10", "2026-02-10", "2026-04-10", "2026-05-10"):
        with world.at(moment):
            usages = [{"type": part["type"], "amount": 1} for part in parts]
            await world.must("seller", "POST", SET, {"resource": resource["uuid"], "usages": usages}, 201)
    with world.at("2026-05-11"):
        seen = await world.reload(resource["uuid"])
    assert seen["limit_usage"] == {"h-month": 1, "h-quarterly": 2, "h-annual": 3, "h-total": 4}


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (
            {"usages": [{"type": "hours", "amount": 1}]},
            {"detail": "Either plan_period or resource should be provided."},
        ),
        ({"resource": "0" * 32, "usages": []}, {"resource": ["Resource is not found."]}),
        ({"usages": []}, {"usages": ["This list may not be empty."]}),
        ({"usages": [{"type": "ghost", "amount": 1}]}, {"detail": "These components are invalid: ghost"}),
        ({"usages": [{"type": "fee", "amount": 1}]}, {"detail": "These components are invalid: fee"}),
        ({"date": "2026-06-01T00:00:00"}, {"date": ["Date can not be in the future."]}),
        ({"date": "2026-04-30T23:00:00"}, {"date": [BACKFILLING]}),
    ],
)
async def test_reports_that_are_refused_change_nothing(
    world: World, body: dict[str, Any], answer: dict[str, Any]
) -> None:
    with world.at(NOON):
        resource = await metered(world)
        whole = {**said(resource), **body}
        if "Either" in str(answer):
            del whole["resource"]
        refused = await world.post("seller", SET, whole)
        assert refused.status_code == 400
        assert answer.items() <= refused.json().items()
        assert await records(world) == []


@pytest.mark.parametrize("amount", ["-1", "1.234", "x", "NaN", "Infinity", 10**12, True, [1]])
async def test_amounts_that_cannot_be(world: World, amount: Any) -> None:
    resource = await metered(world)
    refused = await world.post("seller", SET, said(resource, amount))
    assert (refused.status_code, list(refused.json())) == (400, ["usages"]), refused.text
    twice = {"resource": resource["uuid"], "usages": [{"type": "hours", "amount": 1}] * 2}
    assert (await world.post("seller", SET, twice)).json() == {"usages": ["hours: reported twice."]}


async def test_past_months_are_for_limits_and_for_staff(world: World) -> None:
    with world.at("2026-04-01"):
        resource = await metered(world)
    with world.at(NOON):
        past = {"date": "2026-04-15T00:00:00"}
        await world.must("seller", "POST", SET, said(resource, 5, "cpu", **past), 201)
        await world.must("staff", "POST", SET, said(resource, 6, **past), 201)
    assert await records(world) == [("cpu 2026-04-01", 5), ("hours 2026-04-01", 6)]


async def test_months_are_those_of_the_customer(world: World) -> None:
    zone = {"time_zone": "Pacific/Auckland"}
    await world.must("staff", "PATCH", f"/api/customers/{world.ids['buyer']}/", zone)
    with world.at("2026-04-30 13:00"):
        resource = await metered(world)
        await world.must("seller", "POST", SET, said(resource), 201)
    assert await records(world) == [("hours 2026-05-01", 1.5)]


async def test_only_what_lives_is_measured(world: World) -> None:
    resource = await metered(world)
    path = f"/api/marketplace-provider-resources/{resource['uuid']}/set_as_erred/"
    await world.must("seller", "POST", path, {}, 200)
    refused = await world.post("seller", SET, said(resource))
    assert refused.json() == {"resource": ["Resource is not in valid state."]}


async def test_our_own_endpoint_takes_the_resource_from_the_path(world: World) -> None:
    with world.at(NOON):
        resource = await metered(world)
        path = f"/api/marketplace-resources/{resource['uuid']}/report_usage/"
        await world.must("seller", "POST", path, {"usages": [{"type": "hours", "amount": "2"}]}, 201)
        assert await records(world) == [("hours 2026-05-01", 2)]


@pytest.mark.parametrize(
    ("given", "stored"),
    [("0.96", 96), (1.5, 150), ("0", 0), ("999999999999.99", 99999999999999)]
    + [(v, None) for v in ("0.001", -1, True, "x", "1e13", 10**12)],
)
def test_amounts_are_hundredths(given: Any, stored: int | None) -> None:
    assert hundredths(given) == stored


@pytest.mark.parametrize(
    ("day", "staff", "plain", "problem"),
    [
        (date(2026, 5, 10), False, True, None),
        (date(2026, 5, 1), False, True, None),
        (date(2026, 5, 11), True, False, "Date can not be in the future."),
        (date(2026, 4, 30), False, True, BACKFILLING),
        (date(2026, 4, 30), False, False, None),
        (date(2026, 4, 30), True, True, None),
    ],
)
def test_days_for_which_usage_can_be_said(day: date, staff: bool, plain: bool, problem: str | None) -> None:
    assert date_problem(day, date(2026, 5, 10), staff=staff, plain_usage=plain) == problem
    assert period_of(day).day == 1


def test_agents_recognise_the_refusal_of_backfilling() -> None:
    assert "backfilling past billing periods" in BACKFILLING
