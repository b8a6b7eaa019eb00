"""What organizations and projects use against their limits, and what offerings bring in."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mercato.usage.rules import Window, month_of, next_month, window
from world import COMPONENTS, World

pytestmark = pytest.mark.http

SET = "/api/marketplace-component-usages/set_usage/"
HOURS = {"type": "hours", "name": "Hours", "billing_type": "usage", "measured_unit": "h"}
QUOTA = {**COMPONENTS[0], "type": "quota", "name": "Quota", "limit_period": "annual"}
FEE = {"type": "fee", "name": "Fee", "billing_type": "fixed"}


async def used(world: World) -> dict[str, Any]:
    """Two projects of the buyer with one resource each, measured in three months of two years."""
    offering = await world.offering(
        components=[HOURS, QUOTA, FEE], plans=[{"name": "P", "prices": {"hours": 2, "quota": 1}}]
    )
    await world.keep(offering)
    beta = await world.must(
        "owner", "POST", "/api/projects/", {"name": "Beta", "customer": world.ids["buyer"]}, 201
    )
    world.ids["beta"] = beta["uuid"]
    with world.at("2025-12-01"):
        first = await world.resource(offering, limits={"quota": 100})
        second = await world.resource(offering, limits={"quota": 20}, project=world.ids["beta"])
    for moment, amounts in (
        ("2025-12-20", (1, 2)),
        ("2026-04-20", (3, 4)),
        ("2026-05-10", ("5.5", 6)),
    ):
        with world.at(moment):
            for resource, amount in zip((first, second), amounts, strict=True):
                items = [{"type": type_, "amount": amount} for type_ in ("hours", "quota")]
                await world.must("seller", "POST", SET, {"resource": resource["uuid"], "usages": items}, 201)
    return {"offering": offering["uuid"], "first": first, "second": second}


async def test_what_an_organization_and_a_project_use(world: World) -> None:
    await used(world)

    async def seen(path: str, who: str = "owner") -> list[tuple[str, Any, Any, int]]:
        with world.at("2026-05-15"):
            found = await world.must(who, "GET", f"/api/{path}")
        return [(c["type"], c["usage"], c["limit_usage"], c["limit"]) for c in found["components"]]

    whole = [("hours", 21.5, 11.5, 0), ("quota", 21.5, 18.5, 120)]
    assert await seen(f"customers/{world.ids['buyer']}/stats/") == whole
    assert await seen(f"customers/{world.ids['buyer']}/stats/?for_current_month=true") == [
        ("hours", 11.5, 11.5, 0),
        ("quota", 11.5, 18.5, 120),
    ]
    alpha = f"projects/{world.ids['alpha']}/stats/"
    assert await seen(alpha, "member") == [("hours", 9.5, 5.5, 0), ("quota", 9.5, 8.5, 100)]
    for path in (alpha, f"customers/{world.ids['buyer']}/stats/"):
        assert (await world.get("stranger", f"/api/{path}")).status_code == 404


async def test_by_offering_in_its_own_limit_period(world: World) -> None:
    ids = await used(world)
    with world.at("2026-05-15"):
        path = f"/api/marketplace-customer-usage/{world.ids['buyer']}/components-usage/"
        hours, quota = (await world.must("owner", "GET", path))["components"]
        mine = f"/api/marketplace-project-usage/{world.ids['beta']}/components-usage/"
        _, beta = (await world.must("owner", "GET", mine))["components"]
    assert (hours["usage"], hours["limit"], hours["current_period_label"]) == (11.5, None, "May 2026")
    assert (hours["current_period_start"], hours["current_period_end"]) == ("2026-05-01", "2026-05-31")
    assert (quota["limit_usage"], quota["limit"], quota["current_period_label"]) == (18.5, 120.0, "2026")
    assert (beta["limit_usage"], beta["limit"], beta["offering_uuid"]) == (10.0, 20.0, ids["offering"])


async def test_month_by_month_and_by_project(world: World) -> None:
    ids = await used(world)
    where = f"/api/marketplace-customer-usage/{world.ids['buyer']}/"
    asked = f"?offering_uuid={ids['offering']}&component_type=quota"
    with world.at("2026-05-15"):
        found = await world.must("owner", "GET", f"{where}components-usage-timeseries/{asked}")
        before = await world.must(
            "owner", "GET", f"{where}components-usage-timeseries/{asked}&period_offset=1"
        )
        split = await world.must("owner", "GET", f"{where}components-usage-by-project/{asked}")
        alpha = await world.must(
            "member",
            "GET",
            f"/api/marketplace-project-usage/{world.ids['alpha']}/components-usage-timeseries/{asked}",
        )
    months = {b["billing_period"]: b["usage"] for b in found["buckets"]}
    assert (len(months), months["2026-04-01"], months["2026-05-01"], months["2026-06-01"]) == (12, 7, 11.5, 0)
    assert (found["today"], found["limit"], found["limit_period"]) == ("2026-05-15", 120, "annual")
    assert (before["current_period_label"], before["buckets"][-1]["usage"]) == ("2025", 3)
    assert (split["total_usage"], [(p["project_name"], p["usage"]) for p in split["projects"]]) == (
        18.5,
        [("Beta", 10), ("Alpha", 8.5)],
    )
    assert [len(p["buckets"]) for p in split["projects"]] == [12, 12]
    assert sum(b["usage"] for b in alpha["buckets"]) == 8.5


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("?offering_uuid={offering}&component_type=ghost", 400),
        ("?offering_uuid={offering}&component_type=fee", 400),
        ("?offering_uuid={offering}&period_offset=-1", 400),
        ("?offering_uuid={offering}&period_offset=99999999999", 400),
        ("?offering_uuid={other}", 404),
        ("?offering_uuid={offering}", 200),
    ],
)
async def test_questions_that_cannot_be(world: World, query: str, status: int) -> None:
    ids = {**await used(world), "other": world.ids["alpha"]}
    path = f"/api/marketplace-customer-usage/{world.ids['buyer']}/components-usage-timeseries/"
    assert (await world.get("owner", path + query.format(**ids))).status_code == status


async def test_what_has_ended_counts_if_it_is_asked_for(world: World) -> None:
    ids = await used(world)
    path = f"/api/marketplace-resources/{ids['first']['uuid']}/unlink/"
    with world.at("2026-05-15"):
        assert (await world.post("staff", path)).status_code == 204
        where = f"/api/customers/{world.ids['buyer']}/stats/"
        [_, living] = (await world.must("owner", "GET", where))["components"]
        [_, all_] = (await world.must("owner", "GET", where + "?include_terminated=true"))["components"]
    assert ((living["usage"], living["limit"]), (all_["usage"], all_["limit"])) == ((12, 20), (21.5, 120))


async def test_what_an_offering_was_used(world: World) -> None:
    ids = await used(world)
    path = f"/api/marketplace-provider-offerings/{ids['offering']}/component_stats/"
    rows = await world.must("keeper", "GET", path)
    assert [(r["period"], r["date"], r["type"], r["usage"]) for r in rows] == [
        ("2025-12", "2025-12-31", "hours", 3),
        ("2025-12", "2025-12-31", "quota", 3),
        ("2026-04", "2026-04-30", "hours", 7),
        ("2026-04", "2026-04-30", "quota", 7),
        ("2026-05", "2026-05-31", "hours", 11.5),
        ("2026-05", "2026-05-31", "quota", 11.5),
    ]
    april = await world.must("seller", "GET", path + "?start=2026-04&end=2026-04&field=usage")
    assert april == [{"usage": 7}, {"usage": 7}]
    assert (await world.get("seller", path + "?start=spring")).status_code == 400
    assert (await world.get("owner", path)).status_code == 404


async def test_what_an_offering_brings_in(world: World) -> None:
    ids = await used(world)
    path = f"/api/marketplace-provider-offerings/{ids['offering']}/costs/"
    rows = await world.must("vendor", "GET", path)
    # 120 of the quota at 1 each month that was measured, and the hours at 2.
    assert [(r["period"], r["price"], r["tax"], r["total"]) for r in rows] == [
        ("2025-12", 126.0, 0.0, 126.0),
        ("2026-04", 134.0, 0.0, 134.0),
        ("2026-05", 143.0, 0.0, 143.0),
    ]
    assert [r["period"] for r in await world.must("staff", "GET", path + "?start=2026-04&end=2026-04")] == [
        "2026-04"
    ]
    assert await world.must("keeper", "GET", path) == []  # what it earns is not for every manager
    assert (await world.get("owner", path)).status_code == 404
    [provider] = await world.must("staff", "GET", "/api/marketplace-service-providers/")
    where = f"/api/marketplace-service-providers/{provider['uuid']}/revenue/"
    assert await world.must("seller", "GET", where) == [
        {"year": 2025, "month": 12, "total": 126.0},
        {"year": 2026, "month": 4, "total": 134.0},
        {"year": 2026, "month": 5, "total": 143.0},
    ]
    assert (await world.get("owner", where)).status_code == 404
    assert (await world.get(None, where)).status_code == 401


@pytest.mark.parametrize(
    ("period", "today", "back", "found"),
    [
        (None, date(2026, 5, 10), 0, Window("May 2026", date(2026, 5, 1), date(2026, 5, 31))),
        ("month", date(2026, 1, 31), 1, Window("December 2025", date(2025, 12, 1), date(2025, 12, 31))),
        ("month", date(2024, 2, 1), 0, Window("February 2024", date(2024, 2, 1), date(2024, 2, 29))),
        ("quarterly", date(2026, 5, 10), 0, Window("Q2 2026", date(2026, 4, 1), date(2026, 6, 30))),
        ("quarterly", date(2026, 1, 1), 1, Window("Q4 2025", date(2025, 10, 1), date(2025, 12, 31))),
        ("annual", date(2026, 12, 31), 0, Window("2026", date(2026, 1, 1), date(2026, 12, 31))),
        ("annual", date(2026, 1, 1), 2, Window("2024", date(2024, 1, 1), date(2024, 12, 31))),
        ("total", date(2026, 1, 1), 5, Window("Total", None, None)),
    ],
)
def test_limit_periods_on_the_calendar(period: str | None, today: date, back: int, found: Window) -> None:
    assert window(period, today, back) == found


def test_months() -> None:
    assert (next_month(date(2026, 12, 1)), next_month(date(2026, 1, 1))) == (
        date(2027, 1, 1),
        date(2026, 2, 1),
    )
    assert [month_of(t) for t in ("2026-05", "2026-05-17", "2026", "May", "2026-13")] == [
        date(2026, 5, 1),
        date(2026, 5, 1),
        None,
        None,
        None,
    ]
