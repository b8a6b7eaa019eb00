"""Providers who keep a copy of a project elsewhere are asked to take its changes over."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update
from waldur_api_client import models as client

from contract.judge import complaints
from mercato.catalog.tables import offerings
from world import World

pytestmark = pytest.mark.http

UPDATES = "/api/marketplace-project-update-requests/"


async def remote(world: World) -> dict[str, Any]:
    """Something in Alpha that another marketplace delivers."""
    offering = await world.offering("Far away")
    await world.resource(offering)
    await world.market.db.write(
        lambda tx: tx.conn.execute(
            update(offerings).where(offerings.c.uuid == offering["uuid"]), {"type": "Waldur.RemoteOffering"}
        )
    )
    return offering


async def change(world: World, **values: Any) -> None:
    await world.must("owner", "PATCH", f"/api/projects/{world.ids['alpha']}/", values)


async def test_a_change_waits_for_the_provider(world: World) -> None:
    offering = await remote(world)
    await change(world, name="Alpha II", oecd_fos_2007_code="1.2", is_industry=True, backend_id="x")
    [seen] = await world.must("seller", "GET", UPDATES)
    assert (seen["state"], seen["offering_uuid"], seen["customer_name"]) == (
        "pending",
        offering["uuid"],
        "Buyer Org",
    )
    assert (seen["old_name"], seen["new_name"]) == ("Alpha", "Alpha II")
    assert (seen["old_is_industry"], seen["new_is_industry"]) == (False, True)
    assert (seen["old_oecd_fos_2007_code"], seen["new_oecd_fos_2007_code"]) == (None, "1.2")
    assert seen["new_oecd_fos_2007_label"] == "Computer and information sciences"
    assert "old_description" not in seen
    path = f"{UPDATES}{seen['uuid']}/"
    await world.must("seller", "POST", path + "approve/", {"comment": "Fine."}, 200)
    seen = await world.must("owner", "GET", path)
    assert list(complaints(seen, "RemoteProjectUpdateRequest")) == []
    assert client.RemoteProjectUpdateRequest.from_dict(seen).new_name == "Alpha II"
    assert (seen["state"], seen["review_comment"]) == ("approved", "Fine.")
    assert (seen["reviewed_by_uuid"], seen["reviewed_by_full_name"]) == (
        world.ids["seller"],
        "Seller Example",
    )
    for act in ("approve", "reject"):
        again = await world.post("seller", f"{path}{act}/", {})
        assert (again.status_code, again.json()["code"]) == (409, "not_pending")


async def test_further_changes_join_the_one_that_waits(world: World) -> None:
    await remote(world)
    await change(world, name="Alpha II")
    await change(world, name="Alpha III", end_date="2030-01-01")
    [seen] = await world.must("owner", "GET", UPDATES)
    assert (seen["old_name"], seen["new_name"], seen["new_end_date"]) == ("Alpha", "Alpha III", "2030-01-01")
    await change(world, name="Alpha", end_date=None)
    [seen] = await world.must("owner", "GET", UPDATES)
    assert seen["state"] == "canceled"
    await change(world, description="new")
    states = [row["state"] for row in await world.must("owner", "GET", UPDATES)]
    assert states == ["pending", "canceled"]


async def test_a_refused_change_stays_on_record(world: World) -> None:
    await remote(world)
    await change(world, name="Alpha II")
    [seen] = await world.must("vendor", "GET", UPDATES + "?state=pending")
    await world.must("vendor", "POST", f"{UPDATES}{seen['uuid']}/reject/", {}, 200)
    assert await world.must("vendor", "GET", UPDATES + "?state=pending&state=approved") == []
    [seen] = await world.must("vendor", "GET", UPDATES + "?state=rejected")
    kinds = [
        row["event_type"]
        for row in await world.must("staff", "GET", "/api/events/?page_size=100&o=created")
        if row["event_type"].startswith("project_update_request")
    ]
    assert sorted(kinds) == ["project_update_request_created", "project_update_request_rejected"]


async def test_nobody_is_asked_who_keeps_no_copy(world: World) -> None:
    await world.resource(await world.offering())
    await change(world, name="Alpha II")
    assert await world.must("staff", "GET", UPDATES) == []
    await remote(world)
    await change(world, backend_id="x", name="Alpha II")
    assert await world.must("staff", "GET", UPDATES) == []


async def test_who_answers(world: World) -> None:
    await remote(world)
    await change(world, name="Alpha II")
    [seen] = await world.must("owner", "GET", UPDATES)
    path = f"{UPDATES}{seen['uuid']}/approve/"
    for who in ("owner", "member", "support"):
        assert (await world.post(who, path, {})).status_code == 403, who
    assert (await world.post("stranger", path, {})).status_code == 404
    for question in (
        f"provider_uuid={world.ids['provider']}",
        f"project_uuid={world.ids['alpha']}",
        f"customer_uuid={world.ids['buyer']}",
        f"offering_uuid={seen['offering_uuid']}",
    ):
        assert len(await world.must("seller", "GET", f"{UPDATES}?{question}")) == 1, question
