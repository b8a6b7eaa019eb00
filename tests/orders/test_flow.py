"""Orders over HTTP: from the wish to the resource, with everybody who may and may not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from world import World

pytestmark = pytest.mark.http


async def test_the_main_job(world: World) -> None:
    offering = await world.offering()
    order = await world.order(offering)
    assert (order["state"], order["cost"]) == ("pending-provider", "80.6")
    resource = order["marketplace_resource_uuid"]
    assert (await world.reload(resource))["state"] == "Creating"
    assert (await world.act("seller", order, "approve_by_provider")).json() == {
        "detail": "Order has been approved."
    }
    assert await world.order_state(order) == "executing"
    await world.drain()
    assert await world.order_state(order) == "done"
    made = await world.reload(resource)
    assert (made["state"], made["name"]) == ("OK", "thing")
    assert made["limits"] == {"cpu": 1000, "ram": 256, "storage": 500}


@pytest.mark.parametrize(
    ("who", "state"),
    [
        ("staff", "pending-provider"),
        ("owner", "pending-provider"),
        ("manager", "pending-consumer"),
        ("admin", "pending-consumer"),
    ],
)
async def test_who_orders_decides_about_the_consumer_review(world: World, who: str, state: str) -> None:
    order = await world.order(await world.offering(), who)
    assert order["state"] == state
    assert (order["consumer_reviewed_at"] is None) == (state == "pending-consumer")


@pytest.mark.parametrize(
    ("who", "status"), [("member", 403), ("reader", 403), ("stranger", 400), ("seller", 400)]
)
async def test_who_may_not_order(world: World, who: str, status: int) -> None:
    offering = await world.offering()
    answer = await world.post(who, "/api/marketplace-orders/", world.order_body(offering))
    assert answer.status_code == status, answer.text


async def test_a_private_offering_needs_no_review_by_a_project_manager(world: World) -> None:
    mine = {"user": world.ids["owner"], "role": "CUSTOMER.OWNER"}
    await world.must("staff", "POST", f"/api/customers/{world.ids['provider']}/add_user/", mine, 201)
    project = {"name": "Own", "customer": world.ids["provider"]}
    own = await world.must("staff", "POST", "/api/projects/", project, 201)
    manager = {"user": world.ids["manager"], "role": "PROJECT.MANAGER"}
    await world.must("staff", "POST", f"/api/projects/{own['uuid']}/add_user/", manager, 201)
    offering = await world.offering(shared=False)
    order = await world.order(offering, "manager", project=own["url"])
    assert order["state"] == "pending-provider"


@pytest.mark.parametrize(
    ("action", "allowed", "refused"),
    [
        ("approve_by_consumer", ("owner", "staff"), ("manager", "reader", "member")),
        ("reject_by_consumer", ("owner", "staff", "manager"), ("reader", "member")),
        ("cancel", ("owner", "staff", "manager", "admin"), ("reader", "member")),
    ],
)
async def test_who_acts_for_the_consumer(
    world: World, action: str, allowed: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    offering = await world.offering()
    for who in refused:
        order = await world.order(offering, "manager")
        assert (await world.act(who, order, action)).status_code == 403, who
    for who in allowed:
        order = await world.order(offering, "manager")
        expected = 202 if action == "cancel" else 200
        assert (await world.act(who, order, action)).status_code == expected, who


@pytest.mark.parametrize("action", ["approve_by_provider", "reject_by_provider"])
async def test_who_acts_for_the_provider(world: World, action: str) -> None:
    offering = await world.offering()
    await world.keep(offering)
    order = await world.order(offering)
    assert (await world.act("stranger", order, action)).status_code == 404
    for who in ("owner", "manager", "reader"):
        assert (await world.act(who, order, action)).status_code == 403, who
    for who in ("seller", "vendor", "keeper", "staff"):
        order = await world.order(offering)
        assert (await world.act(who, order, action)).status_code == 200, who


async def test_the_provider_may_cancel_only_what_waits_for_it(world: World) -> None:
    offering = await world.offering()
    waiting = await world.order(offering)
    early = await world.order(offering, "manager")
    assert (await world.act("seller", waiting, "cancel")).status_code == 202
    assert (await world.act("seller", early, "cancel")).status_code == 403


async def test_a_rejected_order_ends_the_resource_and_keeps_the_reason(world: World) -> None:
    order = await world.order(await world.offering())
    await world.act("seller", order, "reject_by_provider", {"provider_rejection_comment": "no room"})
    seen = await world.must("owner", "GET", f"/api/marketplace-orders/{order['uuid']}/")
    assert (seen["state"], seen["provider_rejection_comment"]) == ("rejected", "no room")
    resource = await world.reload(order["marketplace_resource_uuid"])
    assert resource["state"] == "Terminated"
    assert resource["creation_order"]["state"] == "rejected"


@pytest.mark.parametrize("action", ["approve_by_consumer", "approve_by_provider", "cancel", "set_state_done"])
async def test_a_wrong_state_is_a_conflict_that_changes_nothing(world: World, action: str) -> None:
    order = await world.order(await world.offering())
    await world.act("seller", order, "reject_by_provider")
    answer = await world.act("staff", order, action)
    assert answer.status_code == 409
    assert answer.json()["code"] == "wrong_state"
    assert await world.order_state(order) == "rejected"


async def test_a_later_start_date_waits(world: World) -> None:
    day = date.today() + timedelta(days=3)
    order = await world.order(await world.offering(), start_date=day.isoformat())
    await world.act("seller", order, "approve_by_provider")
    assert await world.order_state(order) == "pending-start-date"
    assert (await world.act("owner", order, "cancel")).status_code == 202


async def test_a_project_that_starts_later_holds_its_orders(world: World) -> None:
    path = f"/api/projects/{world.ids['alpha']}/"
    day = (date.today() + timedelta(days=9)).isoformat()
    await world.must("owner", "PATCH", path, {"start_date": day})
    order = await world.order(await world.offering())
    assert order["state"] == "pending-project"
    await world.must("owner", "PATCH", path, {"start_date": None})
    assert await world.order_state(order) == "pending-provider"


async def test_a_removed_project_cancels_what_waited_for_it(world: World) -> None:
    path = f"/api/projects/{world.ids['alpha']}/"
    day = (date.today() + timedelta(days=9)).isoformat()
    await world.must("owner", "PATCH", path, {"start_date": day})
    order = await world.order(await world.offering())
    await world.must("owner", "DELETE", path, status=204)
    seen = await world.must("staff", "GET", f"/api/marketplace-orders/{order['uuid']}/")
    assert seen["state"] == "canceled"
    assert "was removed" in seen["error_message"]


async def test_a_blocked_organization_cancels_what_waited_for_its_projects(world: World) -> None:
    day = (date.today() + timedelta(days=9)).isoformat()
    await world.must("owner", "PATCH", f"/api/projects/{world.ids['alpha']}/", {"start_date": day})
    order = await world.order(await world.offering())
    await world.must("staff", "PATCH", f"/api/customers/{world.ids['buyer']}/", {"blocked": True})
    assert await world.order_state(order) == "canceled"


async def test_the_same_request_twice_is_one_order(world: World) -> None:
    body = world.order_body(await world.offering())
    first = await world.post("owner", "/api/marketplace-orders/", body, headers={"Idempotency-Key": "abc"})
    again = await world.post("owner", "/api/marketplace-orders/", body, headers={"Idempotency-Key": "abc"})
    assert first.status_code == again.status_code == 201
    assert first.json()["uuid"] == again.json()["uuid"]
    assert len(await world.must("owner", "GET", "/api/marketplace-orders/")) == 1


@pytest.mark.parametrize(
    ("change", "field", "text"),
    [
        ({"limits": {"cpu": 1, "gpu": 2}}, "limits", "Invalid types: gpu"),
        ({"limits": {"cpu": -5}}, "limits", "negative"),
        ({"limits": {"cpu": "many"}}, "limits", "whole number"),
        ({"plan": "00000000000000000000000000000000"}, "plan", "not available"),
        ({"project": "00000000000000000000000000000000"}, "project", "not found"),
        ({"offering": "nonsense"}, "offering", "not found"),
        ({"start_date": "tomorrow"}, "start_date", "date"),
    ],
)
async def test_wrong_input_names_the_field_and_makes_nothing(
    world: World, change: dict[str, Any], field: str, text: str
) -> None:
    offering = await world.offering()
    answer = await world.post("owner", "/api/marketplace-orders/", world.order_body(offering, **change))
    assert answer.status_code == 400
    assert text in " ".join(answer.json()[field])
    assert await world.must("staff", "GET", "/api/marketplace-resources/") == []


async def test_terms_must_be_accepted(world: World) -> None:
    offering = await world.offering(terms_of_service="Be nice.")
    body = world.order_body(offering)
    refused = await world.post("owner", "/api/marketplace-orders/", body)
    assert "have not been accepted" in refused.json()["accepting_terms_of_service"][0]
    accepted = {**body, "accepting_terms_of_service": True}
    await world.must("owner", "POST", "/api/marketplace-orders/", accepted, 201)


async def test_only_active_offerings_can_be_ordered(world: World) -> None:
    offering = await world.offering(activate=False)
    answer = await world.post("owner", "/api/marketplace-orders/", world.order_body(offering))
    assert answer.status_code == 400


async def test_the_actions_are_the_same_checks(world: World) -> None:
    order = await world.order(await world.offering(), "manager")
    path = f"/api/marketplace-orders/{order['uuid']}/actions/"
    seen = {who: (await world.must(who, "GET", path))["actions"] for who in ("owner", "manager", "reader")}
    assert seen == {
        "owner": ["approve_by_consumer", "reject_by_consumer", "cancel"],
        "manager": ["reject_by_consumer", "cancel"],
        "reader": [],
    }
