"""Projects that go to another organization, and projects that come back."""

from __future__ import annotations

from typing import Any

import pytest

from world import BASE, World

pytestmark = pytest.mark.http

PROJECTS, CUSTOMERS = "/api/projects/", "/api/customers/"


async def move(world: World, to: str, *, keep: bool = False, who: str = "staff") -> Any:
    body = {"customer": f"{BASE}/api/customers/{to}/", "preserve_permissions": keep}
    return await world.post(who, f"{PROJECTS}{world.ids['alpha']}/move_project/", body)


async def team(world: World) -> set[str]:
    people = await world.must("staff", "GET", f"{PROJECTS}{world.ids['alpha']}/list_users/")
    return {row["user_username"] for row in people}


async def test_a_project_moves_with_its_people_only_if_wanted(world: World) -> None:
    assert (await move(world, world.ids["provider"], keep=True)).status_code == 200
    assert await team(world) == {"admin", "manager", "member"}
    names = {row["name"] for row in await world.must("member", "GET", CUSTOMERS)}
    assert names == {"Seller Org"}
    assert (await move(world, world.ids["buyer"])).json()["customer_uuid"] == world.ids["buyer"]
    assert await team(world) == set()
    assert await world.must("member", "GET", CUSTOMERS) == []
    said = await world.must("staff", "GET", "/api/events/?event_type=project_update_succeeded&o=-created")
    assert said[0]["message"] == "Project Alpha has been moved from Seller Org to Buyer Org."
    revoked = await world.must("staff", "GET", "/api/events/?event_type=role_revoked")
    assert len(revoked) == 3


async def test_where_a_project_cannot_go(world: World) -> None:
    for to, why in (
        (world.ids["buyer"], "New customer must be different than current one."),
        (world.ids["alpha"], "Organization is not found."),
    ):
        answer = await move(world, to)
        assert (answer.status_code, answer.json()) == (400, {"customer": [why]})
    for flag in ("blocked", "archived"):
        path = f"{CUSTOMERS}{world.ids['provider']}/"
        await world.must("staff", "PATCH", path, {flag: True})
        answer = await move(world, world.ids["provider"])
        assert (answer.status_code, answer.json()) == (400, {"customer": ["Customer is not available."]})
        await world.must("staff", "PATCH", path, {flag: False})
    for who in ("owner", "seller", "support"):
        assert (await move(world, world.ids["provider"], who=who)).status_code == 403
    assert (await world.post("staff", f"{PROJECTS}{world.ids['alpha']}/move_project/", {})).status_code == 400
    assert await team(world) == {"admin", "manager", "member"}


async def test_private_services_are_not_taken_along(world: World) -> None:
    await world.must(
        "staff", "POST", "/api/marketplace-service-providers/", {"customer": world.ids["buyer"]}, 201
    )
    private = await world.must(
        "owner",
        "POST",
        "/api/marketplace-provider-offerings/",
        {
            "name": "Ours",
            "category": world.ids["category"],
            "customer": world.ids["buyer"],
            "type": "Marketplace.Basic",
            "shared": False,
            "components": [],
            "plans": [{"name": "Free", "unit": "month"}],
        },
        201,
    )
    await world.must(
        "owner", "POST", f"/api/marketplace-provider-offerings/{private['uuid']}/activate/", status=200
    )
    order = await world.order(private, limits={})
    await world.act("owner", order, "approve_by_provider")
    await world.drain()
    answer = await move(world, world.ids["provider"])
    why = "thing uses Ours, which is not available to this organization."
    assert (answer.status_code, answer.json()) == (400, {"customer": [why]})
    assert (await world.reload(order["marketplace_resource_uuid"]))["customer_uuid"] == world.ids["buyer"]


async def test_orders_that_wait_go_along(world: World) -> None:
    order = await world.order(await world.offering())
    assert (await move(world, world.ids["provider"], keep=True)).status_code == 200
    seen = await world.must("staff", "GET", f"/api/marketplace-orders/{order['uuid']}/")
    assert (seen["state"], seen["customer_uuid"]) == ("pending-provider", world.ids["provider"])
    await world.done(order["uuid"])
    resource = await world.reload(order["marketplace_resource_uuid"])
    assert (resource["state"], resource["customer_uuid"]) == ("OK", world.ids["provider"])
    assert await world.invoices() == []
    assert len(await world.invoices("seller")) == 1


async def recover(world: World, who: str, **how: Any) -> Any:
    return await world.post(who, f"{PROJECTS}{world.ids['alpha']}/recover/", how)


async def test_a_removed_project_comes_back_empty(world: World) -> None:
    path = f"{PROJECTS}{world.ids['alpha']}/"
    assert (await recover(world, "owner")).json()["detail"] == "Project is not removed."
    await world.must("owner", "DELETE", path, status=204)
    found = await world.must("owner", "GET", PROJECTS + "?include_terminated=true")
    assert [(row["name"], row["is_removed"]) for row in found] == [("Alpha", True)]
    assert await world.must("owner", "GET", PROJECTS + "?is_removed=true&field=name") == [{"name": "Alpha"}]
    assert await world.must("owner", "GET", PROJECTS) == []
    assert await world.must("member", "GET", PROJECTS + "?include_terminated=true") == []
    back = await recover(world, "owner")
    assert (back.status_code, back.json()["name"], back.json()["is_removed"]) == (200, "Alpha", False)
    assert await team(world) == set()
    assert await world.must("member", "GET", PROJECTS) == []


async def test_staff_bring_a_projects_people_back_with_it(world: World) -> None:
    path = f"{PROJECTS}{world.ids['alpha']}/"
    guest = {
        "user": world.ids["stranger"],
        "role": "PROJECT.MEMBER",
        "expiration_time": "2026-02-01T00:00:00Z",
    }
    leaver = {"user": world.ids["member"], "role": "PROJECT.MEMBER"}
    with world.at("2026-01-10"):
        await world.must("owner", "POST", path + "add_user/", guest, 201)
        await world.must("owner", "POST", path + "delete_user/", leaver, 200)
        await world.must("owner", "DELETE", path, status=204)
        assert (await recover(world, "owner", restore_team_members=True)).status_code == 403
    with world.at("2026-03-01"):
        assert (await recover(world, "staff", restore_team_members=True)).status_code == 200
    # Neither whose time has passed meanwhile nor who had left before.
    assert await team(world) == {"admin", "manager"}
    granted = await world.must("staff", "GET", "/api/events/?event_type=role_granted&page_size=100")
    messages = [row["message"] for row in granted]
    assert messages.count("Role PROJECT.ADMIN in Alpha was granted: admin.") == 2


async def test_a_project_that_is_over_needs_another_end(world: World) -> None:
    path = f"{PROJECTS}{world.ids['alpha']}/"
    with world.at("2026-01-10"):
        await world.must("owner", "PATCH", path, {"start_date": "2026-01-01", "end_date": "2026-02-01"})
        await world.must("owner", "DELETE", path, status=204)
    with world.at("2026-03-01"):
        assert list((await recover(world, "owner")).json()) == ["end_date"]
        assert (await recover(world, "owner", end_date="2025-12-01")).status_code == 400
        seen = (await recover(world, "owner", end_date="2026-12-31")).json()
        assert seen["end_date"] == "2026-12-31"


async def test_who_may_bring_a_project_back(world: World) -> None:
    await world.must("owner", "DELETE", f"{PROJECTS}{world.ids['alpha']}/", status=204)
    assert (await recover(world, "reader")).status_code == 403
    for who in ("member", "stranger", "seller"):
        assert (await recover(world, who)).status_code == 404, who
    refused = await recover(world, "owner", send_invitations_to_previous_members=True)
    assert list(refused.json()) == ["send_invitations_to_previous_members"]
    await world.must("staff", "DELETE", f"{CUSTOMERS}{world.ids['buyer']}/", status=204)
    assert (await recover(world, "staff")).status_code == 409
