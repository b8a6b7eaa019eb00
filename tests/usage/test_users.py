"""What each of a service's users used, and how much they may use."""

from __future__ import annotations

from typing import Any

import pytest

from mercato.usage.rules import BACKFILLING
from world import BASE, COMPONENTS, World

pytestmark = pytest.mark.http

USAGES = "/api/marketplace-component-usages/"
BY_USER = "/api/marketplace-component-user-usages/"
LIMITS = "/api/component-user-usage-limits/"
HOURS = {"type": "hours", "name": "Hours", "billing_type": "usage", "measured_unit": "h"}
FEE = {"type": "fee", "name": "Fee", "billing_type": "fixed"}
NOON = "2026-05-10 12:00"


async def measured(world: World, type_: str = "hours", amount: str = "10") -> tuple[dict[str, Any], str]:
    """A resource with usage in this month: (resource, uuid of the usage record). `keeper` keeps the offering."""
    offering = await world.offering(components=[HOURS, COMPONENTS[0], FEE], plans=[{"name": "P"}])
    await world.keep(offering)
    resource = await world.resource(offering, limits={"cpu": 10})
    said = {"resource": resource["uuid"], "usages": [{"type": type_, "amount": amount}]}
    await world.must("seller", "POST", USAGES + "set_usage/", said, 201)
    [usage] = await world.must("staff", "GET", f"{USAGES}?resource_uuid={resource['uuid']}&type={type_}")
    return resource, usage["uuid"]


async def account(world: World, resource: dict[str, Any], who: str, username: str = "") -> str:
    body = {"user": world.ids[who], "offering": resource["offering_uuid"], "username": username or None}
    made = await world.must("seller", "POST", "/api/marketplace-offering-users/", body, 201)
    return f"{BASE}/api/marketplace-offering-users/{made['uuid']}/"


async def used(world: World, query: str = "", who: str = "owner") -> list[tuple[str, Any]]:
    rows = await world.must(who, "GET", f"{BY_USER}?o=username&{query}")
    return [(row["username"], row["usage"]) for row in rows]


@pytest.mark.parametrize("who", ["keeper", "seller", "staff"])
async def test_one_user_and_many(world: World, who: str) -> None:
    with world.at(NOON):
        resource, usage = await measured(world)
        link = await account(world, resource, "member", "m1")
        one = {"username": "m1", "usage": "1.50", "user": link}
        answer = await world.post(who, f"{USAGES}{usage}/set_user_usage/", one)
        assert (answer.status_code, answer.json()) == (201, {})
        many = {"usages": [{"username": "m1", "usage": "2"}, {"username": "ghost", "usage": 0.25}]}
        dashed = f"{usage[:8]}-{usage[8:12]}-{usage[12:16]}-{usage[16:20]}-{usage[20:]}"
        assert (await world.post(who, f"{USAGES}{dashed}/set_user_usages/", many)).status_code == 201
    assert await used(world) == [("ghost", 0.25), ("m1", 2)]
    ghost, member = await world.must("owner", "GET", f"{BY_USER}?o=username")
    assert (member["user"], "user" in ghost) == (link, False)
    assert member["component_usage"] == f"{BASE}{USAGES}{usage}/"
    assert (member["component_type"], member["measured_unit"], member["billing_period"]) == (
        "hours",
        "h",
        "2026-05-01",
    )
    assert member["date"].startswith("2026-05-10")
    assert await world.must("owner", "GET", f"{BY_USER}{member['uuid']}/") == member


async def test_what_is_as_it_was_is_told_to_nobody(world: World) -> None:
    _, usage = await measured(world)
    body = {"usages": [{"username": "a", "usage": 1}, {"username": "b", "usage": 2}]}
    path = f"{USAGES}{usage}/set_user_usages/"
    await world.must("seller", "POST", path, body, 201)
    [before, _] = await world.must("owner", "GET", f"{BY_USER}?o=username")
    await world.must("seller", "POST", path, body, 201)
    [after, _] = await world.must("owner", "GET", f"{BY_USER}?o=username")
    assert after == before
    await world.must("seller", "POST", path, {"usages": [{"username": "b", "usage": 3}]}, 201)
    assert await used(world) == [("a", 1), ("b", 3)]


@pytest.mark.parametrize(
    ("items", "field"),
    [
        ([{"username": "a", "usage": 1}, {"username": "b", "usage": -1}], "usage"),
        ([{"username": "a", "usage": 1}, {"username": "b", "usage": "1.234"}], "usage"),
        ([{"username": "a", "usage": 1}, {"username": "  ", "usage": 1}], "username"),
        ([{"username": "a", "usage": 1}, {"username": "a", "usage": 2}], "usages"),
        ([{"username": "a", "usage": 1}, {"username": "x" * 101, "usage": 2}], "username"),
        ([{"username": "a", "usage": 1}, {"username": "b", "usage": 1, "user": "0" * 32}], "user"),
        ([{"username": "a", "usage": 1}, {"usage": 1}], "usages"),
        ([{"username": "a", "usage": 1, "date": "2026-05-12T00:00:00"}], "date"),
    ],
)
async def test_one_wrong_item_and_nothing_is_kept(
    world: World, items: list[dict[str, Any]], field: str
) -> None:
    with world.at(NOON):
        _, usage = await measured(world)
        answer = await world.post("seller", f"{USAGES}{usage}/set_user_usages/", {"usages": items})
    assert (answer.status_code, list(answer.json())) == (400, [field]), answer.text
    assert await used(world) == []


async def test_another_offerings_users_are_unknown(world: World) -> None:
    _, usage = await measured(world)
    other = await world.resource(await world.offering("Other"))
    link = await account(world, other, "member", "m1")
    body = {"username": "m1", "usage": 1, "user": link}
    answer = await world.post("seller", f"{USAGES}{usage}/set_user_usage/", body)
    assert answer.json() == {"user": ["The offering has no such user."]}


async def test_closed_months_are_closed_for_users_too(world: World) -> None:
    with world.at("2026-04-15"):
        _, hours = await measured(world)
        _, cpu = await measured(world, "cpu")
    body = {"username": "a", "usage": 1}
    with world.at(NOON):
        refused = await world.post("seller", f"{USAGES}{hours}/set_user_usage/", body)
        assert (refused.status_code, refused.json()) == (400, {"date": [BACKFILLING]})
        assert (await world.post("seller", f"{USAGES}{cpu}/set_user_usage/", body)).status_code == 201
        assert (await world.post("staff", f"{USAGES}{hours}/set_user_usage/", body)).status_code == 201


async def test_who_sees_and_who_reports_users(world: World) -> None:
    _, usage = await measured(world)
    body = {"username": "a", "usage": 1}
    path = f"{USAGES}{usage}/set_user_usage/"
    for who, status in (("owner", 403), ("manager", 403), ("stranger", 404), (None, 401)):
        assert (await world.post(who, path, body)).status_code == status, who
    await world.must("seller", "POST", path, body, 201)
    for who in ("owner", "member", "keeper", "vendor", "support"):
        assert await used(world, who=who) == [("a", 1)], who
    assert await used(world, who="stranger") == []


async def test_user_usage_is_found(world: World) -> None:
    with world.at(NOON):
        resource, usage = await measured(world)
        await world.must(
            "seller", "POST", f"{USAGES}{usage}/set_user_usage/", {"username": "a", "usage": 1}, 201
        )
    yes = [
        "component_usage__billing_period=2026-05-01",
        "billing_period_year=2026&billing_period_month=5",
        "billing_period_year=2026.0",
        "username=a",
        "type=hours&type=cpu",
        f"resource={BASE}/api/marketplace-resources/{resource['uuid']}/",
        f"resource_uuid={resource['uuid']}",
        f"offering_uuid={resource['offering_uuid']}",
        f"project_uuid={world.ids['alpha']}",
        f"customer_uuid={world.ids['buyer']}",
        "date_after=2026-05-01&date_before=2026-05-31",
    ]
    no = [
        "component_usage__billing_period=2026-04-01",
        "billing_period_month=4",
        "billing_period_month=5.5",
        "username=b",
        "type=cpu",
        f"customer_uuid={world.ids['provider']}",
        "date_after=2026-06-01",
    ]
    for query in yes + no:
        assert await used(world, query) == ([("a", 1)] if query in yes else []), query
    for query in ("billing_period_month=5", "billing_period_year=2026"):
        assert len(await world.must("owner", "GET", f"{USAGES}?{query}")) == 1
    assert await world.must("owner", "GET", f"{USAGES}?billing_period_month=6") == []
    wrong = await world.get("owner", f"{BY_USER}?component_usage__billing_period=May")
    assert wrong.status_code == 400


# -- limits ------------------------------------------------------------------------------------


async def limited(world: World) -> tuple[dict[str, Any], dict[str, Any]]:
    """(resource, body of a limit of 5.5 hours for `m1`)."""
    resource, _ = await measured(world)
    link = await account(world, resource, "member", "m1")
    path = f"/api/marketplace-provider-offerings/{resource['offering_uuid']}/?field=components"
    parts = (await world.must("staff", "GET", path))["components"]
    body = {
        "resource": f"{BASE}/api/marketplace-resources/{resource['uuid']}/",
        "component": next(c["uuid"] for c in parts if c["type"] == "hours"),
        "user": link,
        "limit": "5.5",
    }
    return {**resource, "parts": {c["type"]: c["uuid"] for c in parts}}, body


async def test_a_users_limit_from_beginning_to_end(world: World) -> None:
    resource, body = await limited(world)
    made = await world.must("owner", "POST", LIMITS, body, 201)
    assert {**body, "limit": "5.50"}.items() <= made.items()
    assert made["component_type"] == "hours"
    for query in (f"resource_uuid={resource['uuid']}", "username=m1", "component_type=hours"):
        assert await world.must("keeper", "GET", f"{LIMITS}?{query}") == [made]
    assert await world.must("keeper", "GET", f"{LIMITS}?username=m2") == []
    path = f"{LIMITS}{made['uuid']}/"
    assert await world.must("keeper", "GET", path) == made
    assert (await world.must("owner", "PATCH", path, {"limit": 7}))["limit"] == "7.00"
    whole = {**body, "component": resource["parts"]["cpu"], "limit": "0"}
    seen = await world.must("owner", "PUT", path, whole)
    assert (seen["component_type"], seen["limit"]) == ("cpu", "0.00")
    gone = await world.ask("owner", "DELETE", path)
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await world.get("owner", path)).status_code == 404


async def test_who_limits(world: World) -> None:
    _, body = await limited(world)
    made = await world.must("owner", "POST", LIMITS, body, 201)
    path = f"{LIMITS}{made['uuid']}/"
    for who in ("manager", "member", "seller", "keeper"):
        assert (await world.post(who, LIMITS, body)).status_code == 403, who
        for method, change in (("PATCH", {"limit": 1}), ("PUT", body), ("DELETE", None)):
            assert (await world.ask(who, method, path, change)).status_code == 403, (who, method)
    assert (await world.post("stranger", LIMITS, body)).status_code == 400
    assert (await world.ask("stranger", "DELETE", path)).status_code == 404


async def test_limits_that_cannot_be(world: World) -> None:
    resource, body = await limited(world)
    for change, field in (
        ({"component": resource["parts"]["fee"]}, "component"),
        ({"component": "0" * 32}, "component"),
        ({"user": "0" * 32}, "user"),
        ({"resource": "nonsense"}, "resource"),
        ({"limit": -1}, "limit"),
        ({"limit": "0.001"}, "limit"),
        ({"limit": "x"}, "limit"),
    ):
        answer = await world.post("owner", LIMITS, {**body, **change})
        assert (answer.status_code, list(answer.json())) == (400, [field]), answer.text
    await world.must("owner", "POST", LIMITS, body, 201)
    again = await world.post("owner", LIMITS, body)
    assert again.json()["detail"] == "The user has a limit of this component already."


# -- plan periods ------------------------------------------------------------------------------


async def test_usage_of_a_plan_period(world: World) -> None:
    plans = [{"name": name, "prices": {"hours": 1}} for name in ("A", "B")]
    offering = await world.offering(components=[HOURS], plans=plans)
    with world.at("2026-05-01"):
        resource = await world.resource(offering, limits={})
    where = f"/api/marketplace-resources/{resource['uuid']}/"
    with world.at(NOON):
        [first] = await world.must("owner", "GET", where + "plan_periods/")
        body = {"plan_period": first["uuid"], "usages": [{"type": "hours", "amount": 3}]}
        await world.must("seller", "POST", USAGES + "set_usage/", body, 201)
        [usage] = await world.must("owner", "GET", USAGES)
        assert (usage["resource_uuid"], usage["usage"]) == (resource["uuid"], 3)
        other = next(p for p in offering["plans"] if p["uuid"] != resource["plan_uuid"])
        made = await world.must("owner", "POST", where + "switch_plan/", {"plan": other["url"]}, 200)
        await world.done(made["order_uuid"])
        closed = await world.post("seller", USAGES + "set_usage/", body)
        assert (closed.status_code, closed.json()) == (400, {"plan_period": ["Billing period is closed."]})
        for wrong in ("0" * 32, "f" * 32, first["uuid"][::-1]):
            answer = await world.post("seller", USAGES + "set_usage/", {**body, "plan_period": wrong})
            assert answer.json() == {"plan_period": ["Plan period is not found."]}
        assert (await world.post("stranger", USAGES + "set_usage/", body)).status_code in (400, 403)
