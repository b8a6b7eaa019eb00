"""From time to time somebody looks who belongs to an organization."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from waldur_api_client import models as client

from contract.judge import complaints
from mercato.tenants import reviews
from mercato.tenants.rules import REVIEW_EVERY, review_due
from world import World

pytestmark = pytest.mark.http

REVIEWS = "/api/customer-permissions-reviews/"


@pytest.fixture
async def world(filled_url: str, tmp_path: Path) -> AsyncIterator[World]:
    with World.at("2026-01-01"):
        made = await World.open(filled_url, tmp_path)
    yield made
    await made.close()


def test_ninety_days_after_the_last_look() -> None:
    last = datetime(2026, 1, 1, tzinfo=UTC)
    assert not review_due(last, last + REVIEW_EVERY - timedelta(seconds=1))
    assert review_due(last, last + REVIEW_EVERY)


async def begin(world: World) -> int:
    return await world.market.db.write(reviews.begin_due)


async def test_reviews_come_due_by_themselves_and_once(world: World) -> None:
    with world.at("2026-03-31"):
        assert await begin(world) == 0
    with world.at("2026-04-01"):
        await world.tick()
        assert await begin(world) == 0
        [mine] = await world.must("owner", "GET", REVIEWS)
    assert list(complaints(mine, "CustomerPermissionReview")) == []
    assert client.CustomerPermissionReview.from_dict(mine).is_pending is True
    assert (mine["customer_name"], mine["is_pending"], mine["closed"]) == ("Buyer Org", True, None)
    assert (mine["reviewer_uuid"], mine["reviewer_full_name"]) == (None, None)
    assert len(await world.must("staff", "GET", REVIEWS)) == 2
    [told] = await world.must("owner", "GET", "/api/notices/")
    assert told["text"] == "Please look whether everybody in Buyer Org still belongs there."
    assert (told["object_type"], told["object_uuid"]) == ("organisation", world.ids["buyer"])
    for who in ("reader", "member", "staff"):
        assert await world.must(who, "GET", "/api/notices/") == [], who
    created = "/api/events/?event_type=customer_permission_review_created"
    assert len(await world.must("staff", "GET", created)) == 2


async def test_an_owner_closes_it_and_the_next_comes_later(world: World) -> None:
    with world.at("2026-04-01"):
        assert await begin(world) == 2
        [mine] = await world.must("owner", "GET", REVIEWS)
    with world.at("2026-05-01 10:00"):
        await world.must("owner", "POST", f"{REVIEWS}{mine['uuid']}/close/", status=200)
        assert (await world.must("owner", "GET", "/api/notices/"))[0]["read_at"] is not None
        again = await world.post("owner", f"{REVIEWS}{mine['uuid']}/close/")
        assert (again.status_code, again.json()["code"]) == (409, "closed")
    seen = await world.must("owner", "GET", f"{REVIEWS}{mine['uuid']}/")
    assert (seen["is_pending"], seen["reviewer_uuid"]) == (False, world.ids["owner"])
    assert seen["closed"].startswith("2026-05-01T10:00:00")
    with world.at("2026-07-29"):
        assert await begin(world) == 0
    with world.at("2026-07-30 11:00"):
        assert await begin(world) == 1
    assert len(await world.must("owner", "GET", REVIEWS + "?is_pending=true")) == 1
    assert len(await world.must("owner", "GET", REVIEWS + "?closed=2026-05-01T00:00:00")) == 1
    assert len(await world.must("owner", "GET", REVIEWS + f"?reviewer_uuid={world.ids['owner']}")) == 1
    closed = await world.must("staff", "GET", "/api/events/?event_type=customer_permission_review_closed")
    assert [row["message"] for row in closed] == ["The people of Buyer Org have been reviewed."]


async def test_who_sees_and_closes_reviews(world: World) -> None:
    with world.at("2026-04-01"):
        await begin(world)
        [mine] = await world.must("owner", "GET", REVIEWS)
        path = f"{REVIEWS}{mine['uuid']}/close/"
        assert (await world.post("reader", path)).status_code == 403
        for who in ("member", "stranger", "seller"):
            assert (await world.post(who, path)).status_code == 404, who
        assert (await world.post("staff", path)).status_code == 200


@pytest.mark.parametrize("flag", ["blocked", "archived"])
async def test_closed_organizations_are_not_reviewed(world: World, flag: str) -> None:
    with world.at("2026-04-01"):
        await world.must("staff", "PATCH", f"/api/customers/{world.ids['buyer']}/", {flag: True})
        assert await begin(world) == 1
        assert await world.must("owner", "GET", REVIEWS) == []


async def test_an_organization_without_people_has_none_to_review(world: World) -> None:
    with world.at("2026-01-01"):
        await world.must("staff", "POST", "/api/customers/", {"name": "Empty"}, 201)
    with world.at("2026-04-01 01:00"):
        await begin(world)
    names = {row["customer_name"] for row in await world.must("staff", "GET", REVIEWS)}
    assert names == {"Buyer Org", "Seller Org"}
