"""Orders that take a resource up again, prolong it, or change its options."""

from __future__ import annotations

from typing import Any

import pytest

from world import COMPONENTS, World

pytestmark = pytest.mark.http

THEIRS = "/api/marketplace-resources/"
MINE = "/api/marketplace-provider-resources/"
PREPAID: dict[str, Any] = {
    "components": [
        {
            "type": "hours",
            "name": "Hours",
            "billing_type": "usage",
            "measured_unit": "h",
            "is_prepaid": True,
            "min_renewal_duration": 3,
            "max_renewal_duration": 24,
            "renewal_duration_step": 3,
        },
        COMPONENTS[0],
    ],
    "plans": [{"name": "P", "prices": {"hours": "0.10", "cpu": "1"}}],
}


async def ended(world: World, offering: dict[str, Any], **change: Any) -> dict[str, Any]:
    resource = await world.resource(offering, **change)
    made = await world.must("owner", "POST", f"{THEIRS}{resource['uuid']}/terminate/", {}, 200)
    await world.done(made["order_uuid"])
    return await world.reload(resource["uuid"])


# -- taking up again ---------------------------------------------------------------------------


@pytest.mark.parametrize(("where", "who"), [(THEIRS, "owner"), (THEIRS, "manager"), (MINE, "seller")])
async def test_what_has_ended_is_taken_up_again(world: World, where: str, who: str) -> None:
    offering = await world.offering()
    with world.at("2026-04-01"):
        resource = await world.resource(offering)
    path = f"{where}{resource['uuid']}/"
    with world.at("2026-04-10 12:00"):
        ends = await world.must("owner", "POST", f"{THEIRS}{resource['uuid']}/terminate/", {}, 200)
        await world.done(ends["order_uuid"])
    with world.at("2026-04-21"):
        body = {"limits": {"cpu": 100}, "name": "ignored", "offering": "ignored"}
        made = await world.must(who, "POST", path + "restore/", body, 200)
        order = await world.must("staff", "GET", f"/api/marketplace-orders/{made['order_uuid']}/")
        assert (order["type"], order["limits"]["cpu"], order["cost"]) == ("Restore", 100, "35.6")
        assert (await world.reload(resource["uuid"]))["state"] == "Terminated"
        if order["state"] == "pending-consumer":
            assert who in ("manager", "seller")
            assert (await world.act("owner", order, "approve_by_consumer")).status_code == 200
        await world.done(order["uuid"])
        seen = await world.reload(resource["uuid"])
    assert (seen["state"], seen["limits"]["cpu"], seen["name"]) == ("OK", 100, resource["name"])
    [invoice] = await world.invoices()
    cpu = [i for i in invoice["items"] if i["details"]["offering_component_type"] == "cpu"]
    periods = [p for item in cpu for p in item["details"]["resource_limit_periods"]]
    assert [(p["start"][:10], p["end"][:10], p["quantity"]) for p in periods] == [
        ("2026-04-01", "2026-04-10", 1000),
        ("2026-04-21", "2026-04-30", 100),
    ]


async def test_the_agent_takes_it_up_under_the_old_backend_id(world: World) -> None:
    offering = await world.offering(type="Marketplace.Slurm")
    await world.keep(offering)
    order = await world.order(offering)
    assert (await world.act("seller", order, "approve_by_provider")).status_code == 200
    await world.must(
        "seller", "POST", f"{MINE}{order['marketplace_resource_uuid']}/set_backend_id/", {"backend_id": "a-1"}
    )
    assert (await world.act("seller", order, "set_state_done")).status_code == 200
    uuid = order["marketplace_resource_uuid"]
    ends = await world.must("owner", "POST", f"{THEIRS}{uuid}/terminate/", {}, 200)
    for action in ("approve_by_provider", "set_state_done"):
        assert (await world.act("seller", ends["order_uuid"], action)).status_code == 200
    again = (await world.must("owner", "POST", f"{THEIRS}{uuid}/restore/", {}, 200))["order_uuid"]
    assert (await world.act("seller", again, "approve_by_provider")).status_code == 200
    await world.drain()
    seen = await world.reload(uuid)
    assert (seen["state"], seen["backend_id"], seen["order_in_progress"]["type"]) == (
        "Creating",
        "a-1",
        "Restore",
    )
    failure = {"error_message": "no room"}
    assert (await world.act("seller", again, "set_state_erred", failure)).status_code == 200
    assert (await world.reload(uuid))["state"] == "Erred"
    assert (await world.act("seller", again, "retry")).status_code == 200
    assert (await world.reload(uuid))["state"] == "Creating"
    assert (await world.act("seller", again, "set_state_erred", failure)).status_code == 200
    # The provider mends it by hand: from then on it is billed.
    assert (await world.post("seller", f"{MINE}{uuid}/set_as_ok/")).status_code == 200
    [invoice] = await world.invoices()
    ends_of = {i["end"] for i in invoice["items"]}
    assert (await world.reload(uuid))["state"] == "OK"
    assert max(ends_of)[11:19] == "23:59:59"


async def test_a_refused_restoration_changes_nothing(world: World) -> None:
    resource = await ended(world, await world.offering())
    made = await world.must("owner", "POST", f"{THEIRS}{resource['uuid']}/restore/", {}, 200)
    second = await world.post("owner", f"{THEIRS}{resource['uuid']}/restore/", {})
    assert second.json()["detail"] == "Pending order for resource already exists."
    assert (await world.act("seller", made["order_uuid"], "reject_by_provider", {})).status_code == 200
    seen = await world.reload(resource["uuid"])
    assert (seen["state"], seen["available_actions"]) == ("Terminated", ["restore"])


async def test_what_cannot_be_taken_up_again(world: World) -> None:
    offering = await world.offering()
    living = await world.resource(offering)
    refused = await world.post("owner", f"{THEIRS}{living['uuid']}/restore/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    order = await world.order(offering)
    assert (await world.act("seller", order, "reject_by_provider", {})).status_code == 200
    never = await world.post("owner", f"{THEIRS}{order['marketplace_resource_uuid']}/restore/", {})
    assert (never.status_code, never.json()["detail"]) == (409, "Resource has never been there.")
    resource = await ended(world, offering)
    path = f"{THEIRS}{resource['uuid']}/restore/"
    assert (await world.post("member", path, {})).status_code == 403
    past = await world.post("owner", path, {"end_date": "2001-01-01"})
    assert list(past.json()) == ["end_date"]
    bad = await world.post("owner", path, {"limits": {"cpu": -2}})
    assert bad.json() == {"limits": ["cpu: the limit can not be negative."]}
    await world.must(
        "seller", "POST", f"/api/marketplace-provider-offerings/{offering['uuid']}/archive/", status=200
    )
    gone = await world.post("owner", path, {})
    assert (gone.status_code, gone.json()["detail"]) == (400, "Offering is not available.")


async def test_an_end_date_that_has_passed_is_not_taken_up(world: World) -> None:
    offering = await world.offering()
    for end, wish, kept in (
        ("2026-05-10", None, None),
        ("2026-05-30", None, "2026-05-30"),
        ("2026-05-10", "2026-08-01", "2026-08-01"),
    ):
        with world.at("2026-05-01"):
            resource = await ended(world, offering)
            await world.must("owner", "PATCH", f"{THEIRS}{resource['uuid']}/", {"end_date": end})
        with world.at("2026-05-20"):
            body = {"end_date": wish} if wish else {}
            path = f"{THEIRS}{resource['uuid']}/restore/"
            await world.done((await world.must("owner", "POST", path, body, 200))["order_uuid"])
            await world.tick()
            seen = await world.reload(resource["uuid"])
            assert (seen["state"], seen["end_date"]) == ("OK", kept)


# -- prolonging --------------------------------------------------------------------------------


async def test_more_months_of_what_is_prepaid(world: World) -> None:
    offering = await world.offering(**PREPAID)
    with world.at("2026-05-10"):
        resource = await world.resource(offering, limits={"hours": 100, "cpu": 1})
        path = f"{THEIRS}{resource['uuid']}/"
        assert "renew" in (await world.must("owner", "GET", path))["available_actions"]
        await world.must("owner", "PATCH", path, {"end_date": "2026-06-10"})
        body = {"extension_months": 12, "limits": {"hours": 200}, "request_comment": "more"}
        estimate = await world.must("owner", "POST", path + "estimate_renewal/", body, 200)
        assert {k: v for k, v in estimate.items() if k != "components"} == {
            "subscription_total": "240.00",
            "limit_change_total": "10.00",
            "total": "250.00",
            "remaining_days": 31,
            "new_end_date": "2027-06-10",
        }
        [part] = estimate["components"]
        assert (part["component_type"], part["current_limit"], part["new_limit"], part["total"]) == (
            "hours",
            100,
            200,
            "250.00",
        )
        assert (await world.must("owner", "GET", "/api/marketplace-orders/?type=Update")) == []
        made = await world.must("owner", "POST", path + "renew/", body, 200)
        order = await world.must("owner", "GET", f"/api/marketplace-orders/{made['order_uuid']}/")
        assert (order["type"], order["cost"], order["request_comment"]) == ("Update", "250", "more")
        assert order["attributes"]["action"] == "renew"
        await world.done(order["uuid"])
        seen = await world.reload(resource["uuid"])
    assert (seen["end_date"], seen["limits"]) == ("2027-06-10", {"hours": 200, "cpu": 1})
    [entry] = seen["attributes"]["renewal_history"]
    assert (entry["old_end_date"], entry["new_end_date"], entry["extension_months"]) == (
        "2026-06-10",
        "2027-06-10",
        12,
    )
    assert entry["order"] == order["uuid"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"extension_months": 2}, "extension_months"),
        ({"extension_months": 4}, "extension_months"),
        ({"extension_months": 27}, "extension_months"),
        ({"extension_months": 12, "limits": {"hours": 99}}, "limits"),
        ({"extension_months": 12, "limits": {"ghost": 1}}, "limits"),
        ({}, "extension_months"),
    ],
)
async def test_renewals_that_are_refused(world: World, body: dict[str, Any], field: str) -> None:
    resource = await world.resource(await world.offering(**PREPAID), limits={"hours": 100})
    for action in ("renew/", "estimate_renewal/"):
        answer = await world.post("owner", f"{THEIRS}{resource['uuid']}/{action}", body)
        assert (answer.status_code, list(answer.json())) == (400, [field]), answer.text
    assert (await world.reload(resource["uuid"]))["order_in_progress"] is None


async def test_only_what_is_prepaid_is_renewed(world: World) -> None:
    resource = await world.resource(await world.offering())
    answer = await world.post("owner", f"{THEIRS}{resource['uuid']}/renew/", {"extension_months": 12})
    assert answer.json() == {"extension_months": ["The resource has nothing prepaid."]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"min_renewal_duration": 0}, "min_renewal_duration"),
        ({"renewal_duration_step": -1}, "renewal_duration_step"),
        ({"min_renewal_duration": 6, "max_renewal_duration": 3}, "min_renewal_duration"),
        ({"max_prepaid_duration": 10**6}, "max_prepaid_duration"),
    ],
)
async def test_durations_that_cannot_be(world: World, change: dict[str, Any], field: str) -> None:
    offering = await world.offering(activate=False)
    part = {"type": "h", "name": "H", "billing_type": "usage", "is_prepaid": True, **change}
    path = f"/api/marketplace-provider-offerings/{offering['uuid']}/create_offering_component/"
    answer = await world.post("seller", path, part)
    assert (answer.status_code, list(answer.json())) == (400, [field])


# -- options -----------------------------------------------------------------------------------

FORM = {"order": ["os"], "options": {"os": {"type": "string", "required": True}, "size": {"type": "integer"}}}


@pytest.mark.parametrize(("where", "who"), [(THEIRS, "owner"), (MINE, "seller")])
async def test_options_change_at_once(world: World, where: str, who: str) -> None:
    resource = await world.resource(await world.offering(resource_options=FORM))
    path = f"{where}{resource['uuid']}/update_options/"
    done = await world.post(who, path, {"options": {"os": "linux"}})
    assert (done.status_code, done.json()) == (200, {"status": "Resource options have been updated."})
    await world.must(who, "POST", path, {"options": {"size": 3}}, 200)
    assert (await world.reload(resource["uuid"]))["options"] == {"os": "linux", "size": 3}
    wrong = await world.post(who, path, {"options": {"os": None}})
    assert wrong.json() == {"options": ["os: This field is required."]}
    assert (await world.post("manager", path, {"options": {}})).status_code in (403, 404)


async def test_options_change_by_an_order_where_the_offering_wants_one(world: World) -> None:
    option = {"create_orders_on_resource_option_change": True}
    resource = await world.resource(await world.offering(resource_options=FORM, plugin_options=option))
    path = f"{THEIRS}{resource['uuid']}/update_options/"
    made = await world.post("owner", path, {"options": {"os": "linux"}})
    assert made.status_code == 201
    order = await world.must("owner", "GET", f"/api/marketplace-orders/{made.json()['order_uuid']}/")
    assert (order["type"], order["attributes"]["new_options"]) == ("Update", {"os": "linux"})
    assert (await world.reload(resource["uuid"]))["options"] == {}
    busy = await world.post("owner", path, {"options": {"os": "bsd"}})
    assert busy.json()["detail"] == "Pending order for resource already exists."
    await world.done(order["uuid"])
    seen = await world.reload(resource["uuid"])
    assert (seen["options"], seen["state"], seen["limits"]) == ({"os": "linux"}, "OK", resource["limits"])
    ends = await world.must("owner", "POST", f"{THEIRS}{resource['uuid']}/terminate/", {}, 200)
    await world.done(ends["order_uuid"])
    assert (await world.post("owner", path, {"options": {"os": "x"}})).status_code == 409


async def test_a_first_plan_is_a_plan_too(world: World) -> None:
    """A resource that was made before its offering had a plan gets one by switching to it."""
    offering = await world.offering(plans=[], billable=False)
    resource = await world.resource(offering)
    assert resource["plan_uuid"] is None
    plan = {"name": "P", "offering": offering["uuid"], "prices": {"cpu": 1}}
    plan = await world.must("seller", "POST", "/api/marketplace-plans/", plan, 201)
    path = f"{THEIRS}{resource['uuid']}/switch_plan/"
    made = await world.must("owner", "POST", path, {"plan": plan["url"]}, 200)
    await world.done(made["order_uuid"])
    assert (await world.reload(resource["uuid"]))["plan_uuid"] == plan["uuid"]
