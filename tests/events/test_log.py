"""The log: every act is in it, for those who see where it happened, and found by all it says."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from waldur_api_client.models.event import Event
from waldur_api_client.models.event_count import EventCount

from furnished import furnish
from mercato.kernel.tables import audit
from mercato.schemas.events import EVENTS
from world import BASE, World

pytestmark = pytest.mark.http

LOG = "/api/events/"


async def kinds(world: World, who: str, asked: str = "") -> list[str]:
    rows = await world.must(who, "GET", f"{LOG}?o=created&page_size=300&{asked}")
    return [row["event_type"] for row in rows]


async def test_an_act_is_in_the_log_with_whom_it_concerns(world: World) -> None:
    with world.at("2026-05-01 10:00"):
        offering = await world.offering()
        order = await world.order(offering)
    rows = await world.must("owner", "GET", f"{LOG}?event_type=marketplace_order_created")
    [entry] = rows
    assert Event.from_dict(dict(entry)).event_type == "marketplace_order_created"
    assert (entry["created"], "HPC" in entry["message"]) == ("2026-05-01T10:00:00.000000Z", True)
    assert entry["context"] == {
        "object": order["uuid"],
        "type": "Create",
        "state": "pending-consumer",
        "previous": "",
        "resource": order["marketplace_resource_uuid"],
        "offering": offering["uuid"],
        "project": world.ids["alpha"],
        "user_uuid": world.ids["owner"],
        "user_username": "owner",
        "user_full_name": "Owner Example",
        "customer_uuid": world.ids["buyer"],
        "customer_name": "Buyer Org",
        "project_uuid": world.ids["alpha"],
        "project_name": "Alpha",
        "offering_uuid": offering["uuid"],
        "offering_name": "HPC",
        "resource_uuid": order["marketplace_resource_uuid"],
        "resource_name": "thing",
    }


async def test_everybody_sees_their_own_scopes(world: World) -> None:
    await furnish(world)
    other = {"name": "Beta", "customer": world.ids["buyer"]}
    beta = await world.must("owner", "POST", "/api/projects/", other, 201)
    seen = {who: set(await kinds(world, who)) for who in ("staff", "support", "owner", "member", "keeper")}
    assert seen["staff"] == seen["support"]
    assert {"marketplace_order_created", "invoice_created", "role_granted"} <= seen["owner"]
    assert "marketplace_offering_created" not in seen["owner"]
    assert "marketplace_order_created" in seen["member"]
    assert "invoice_created" not in seen["member"]  # the organization's, not the project's
    assert "marketplace_order_created" in seen["keeper"]
    assert "invoice_created" not in seen["keeper"]
    path = f"{LOG}?event_type=project_creation_succeeded&project_uuid={beta['uuid']}"
    for who, number in {"owner": 1, "reader": 1, "member": 0, "seller": 0, "stranger": 0}.items():
        assert len(await world.must(who, "GET", path)) == number, who


async def test_a_stranger_sees_what_was_done_to_them(world: World) -> None:
    assert set(await kinds(world, "stranger")) == {"user_has_been_created_by_staff"}
    body = {"user": world.ids["stranger"], "role": "PROJECT.MEMBER"}
    await world.must("owner", "POST", f"/api/projects/{world.ids['alpha']}/add_user/", body, 201)
    await world.must("owner", "POST", f"/api/projects/{world.ids['alpha']}/delete_user/", body, 200)
    assert (await kinds(world, "stranger"))[1:] == ["role_granted", "role_revoked"]
    [entry] = await world.must("stranger", "GET", f"{LOG}?event_type=role_revoked")
    context = entry["context"]
    assert (context["affected_user_username"], context["user_username"]) == ("stranger", "owner")
    assert (context["project_name"], context["customer_name"]) == ("Alpha", "Buyer Org")


async def test_the_log_by_number_and_by_uuid(world: World) -> None:
    [entry, *_] = await world.must("stranger", "GET", LOG)
    assert await world.must("stranger", "GET", f"{LOG}{entry['uuid']}/") == entry
    find = select(audit.c.id).where(audit.c.uuid == entry["uuid"])
    number = await world.market.db.read(lambda conn: conn.execute(find).scalar_one())
    assert await world.must("stranger", "GET", f"{LOG}{number}/") == entry
    assert (await world.must("stranger", "GET", f"{LOG}{number}/?field=message")) == {
        "message": entry["message"]
    }
    for wrong in ("0", "x", "-1", "9" * 5000, world.ids["alpha"]):
        assert (await world.get("staff", f"{LOG}{wrong}/")).status_code == 404
    hidden = (await world.must("staff", "GET", f"{LOG}?scope=/api/customers/{world.ids['buyer']}/"))[0]
    assert (await world.get("stranger", f"{LOG}{hidden['uuid']}/")).status_code == 404


async def test_groups(world: World) -> None:
    groups = await world.must("stranger", "GET", LOG + "event_groups/")
    assert groups == {group: list(names) for group, names in EVENTS.items()}
    assert "marketplace_order_created" in groups["resources"]
    await world.order(await world.offering())
    found = await kinds(world, "staff", "feature=resources&feature=permissions")
    assert {"role_granted", "marketplace_order_created"} <= set(found)
    assert set(found) <= {*EVENTS["resources"], *EVENTS["permissions"]}
    assert await kinds(world, "staff", "feature=resources&event_type=role_granted") == []
    answer = await world.get("staff", f"{LOG}?feature=weather")
    assert (answer.status_code, list(answer.json())) == (400, ["feature"])
    assert "project" in await world.must("stranger", "GET", LOG + "scope_types/")


async def test_counting(world: World) -> None:
    rows = await kinds(world, "staff", "feature=permissions")
    answer = await world.must("staff", "GET", LOG + "count/?feature=permissions")
    assert EventCount.from_dict(dict(answer)).count == len(rows) > 0
    assert (await world.must("stranger", "GET", LOG + "count/?feature=permissions")) == {"count": 0}
    assert (await world.get("staff", LOG + "count/?created_from=x")).status_code == 400


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("customers/{buyer}", {"customer_creation_succeeded", "project_creation_succeeded"}),
        ("projects/{alpha}", {"project_creation_succeeded", "marketplace_order_created"}),
        (
            "marketplace-provider-offerings/{offering}",
            {"marketplace_offering_created", "marketplace_order_created"},
        ),
        (
            "marketplace-resources/{resource}",
            {"marketplace_order_completed", "marketplace_resource_create_succeeded"},
        ),
        ("marketplace-orders/{order}", {"marketplace_order_created"}),
        ("users/{member}", {"user_has_been_created_by_staff", "role_granted"}),
        ("invoices/{invoice}", {"invoice_created"}),
    ],
)
async def test_by_scope(world: World, place: str, expected: set[str]) -> None:
    await furnish(world)
    link = f"{BASE}/api/{place.format(**world.ids)}/"
    found = set(await kinds(world, "staff", f"scope={link}"))
    assert expected <= found
    assert found != set(await kinds(world, "staff"))
    assert await kinds(world, "stranger", f"scope={link}") == []


async def test_by_scope_of_nothing(world: World) -> None:
    assert await kinds(world, "staff", "scope=nonsense") == []


async def test_by_person_time_and_words(world: World) -> None:
    with world.at("2026-05-01 10:00"):
        offering = await world.offering("Quantum")
    with world.at("2026-05-02 10:00"):
        await world.order(offering, "manager")
    seller, manager = world.ids["seller"], world.ids["manager"]
    assert "marketplace_order_created" in await kinds(world, "staff", f"user_uuid={manager}")
    assert "marketplace_order_created" not in await kinds(world, "staff", f"related_user_uuid={seller}")
    at = 1777636800  # 2026-05-01 12:00 UTC
    early = await kinds(world, "staff", f"created_to={at}&message=quantum")
    late = await kinds(world, "staff", f"created_from={at}&message=quantum")
    assert "marketplace_offering_created" in early
    assert "marketplace_order_created" not in early
    assert late[0] == "marketplace_order_created"
    rows = await world.must("staff", "GET", f"{LOG}?created_from=-1e300&created_to=1e300")
    assert len(rows) == 10
    assert rows[0]["created"] >= rows[-1]["created"]


async def test_only_whoever_holds_a_role_now_sees(world: World) -> None:
    await world.order(await world.offering())
    path = f"{LOG}?event_type=marketplace_order_created"
    assert len(await world.must("member", "GET", path)) == 1
    body = {"user": world.ids["member"], "role": "PROJECT.MEMBER"}
    await world.must("owner", "POST", f"/api/projects/{world.ids['alpha']}/delete_user/", body, 200)
    assert await world.must("member", "GET", path) == []


async def test_refused_acts_leave_no_trace(world: World) -> None:
    before: Any = await world.must("staff", "GET", LOG + "count/")
    assert (await world.post("stranger", "/api/projects/", {"name": "x", "customer": "y"})).status_code == 400
    assert await world.must("staff", "GET", LOG + "count/") == before


async def test_nobody_writes_or_removes_entries(world: World) -> None:
    [entry, *_] = await world.must("staff", "GET", LOG)
    for method, path in (
        ("POST", LOG),
        ("DELETE", f"{LOG}{entry['uuid']}/"),
        ("PATCH", f"{LOG}{entry['uuid']}/"),
    ):
        assert (await world.ask("staff", method, path, {})).status_code == 405
