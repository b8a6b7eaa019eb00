"""What is removed takes the roles in it along: nobody looks at anything through what is gone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from mercato.access.tables import grants
from mercato.kernel import tables
from mercato.tenants.tables import projects
from world import World

pytestmark = pytest.mark.http

ALPHA_PEOPLE = ("admin", "manager", "member")


async def revocations(world: World) -> list[tuple[str, str]]:
    """(reason, person) of every ended role, as the table has them."""

    def read(conn: Any) -> list[tuple[str, str]]:
        found = select(grants.c.revoke_reason, grants.c.user_id).where(~grants.c.is_active)
        return sorted((row[0], str(row[1])) for row in conn.execute(found))

    return await world.market.db.read(read)


async def facts(world: World, topic: str) -> list[dict[str, Any]]:
    def read(conn: Any) -> list[dict[str, Any]]:
        found = (
            select(tables.facts.c.payload).where(tables.facts.c.topic == topic).order_by(tables.facts.c.id)
        )
        return [row[0] for row in conn.execute(found)]

    return await world.market.db.read(read)


async def test_former_members_do_not_see_the_organization_of_a_removed_project(world: World) -> None:
    customer, project = (f"/api/customers/{world.ids['buyer']}/", f"/api/projects/{world.ids['alpha']}/")
    for who in ALPHA_PEOPLE:
        assert (await world.get(who, customer)).status_code == 200
    await world.must("owner", "DELETE", project, status=204)
    for who in ALPHA_PEOPLE:
        assert (await world.get(who, customer)).status_code == 404, who
        assert await world.must(who, "GET", "/api/customers/") == []
        assert await world.must(who, "GET", "/api/user-permissions/") == []
    assert (await world.get("owner", customer)).status_code == 200
    assert [row["name"] for row in await world.must("reader", "GET", "/api/customers/")] == ["Buyer Org"]


async def test_the_end_of_a_projects_roles_is_on_record(world: World) -> None:
    await world.must("owner", "DELETE", f"/api/projects/{world.ids['alpha']}/", status=204)
    assert [reason for reason, _ in await revocations(world)] == ["project removed"] * 3
    ended = [fact for fact in await facts(world, "Granted") if not fact["granted"]]
    assert {fact["scope"] for fact in ended} == {world.ids["alpha"]}
    assert {fact["object"] for fact in ended} == {world.ids[who] for who in ALPHA_PEOPLE}
    rows = await world.must("staff", "GET", "/api/events/?event_type=role_revoked")
    assert len(rows) == 3
    # Its owners remember whom it had; a second removal finds nothing.
    assert (await world.ask("owner", "DELETE", f"/api/projects/{world.ids['alpha']}/")).status_code == 404
    assert len(await revocations(world)) == 3


async def test_a_role_that_had_expired_is_not_said_to_have_ended_with_the_project(world: World) -> None:
    path = f"/api/projects/{world.ids['alpha']}/"
    with world.at("2026-01-01"):
        guest = {
            "user": world.ids["stranger"],
            "role": "PROJECT.ADMIN",
            "expiration_time": "2026-01-02T00:00:00Z",
        }
        await world.must("owner", "POST", path + "add_user/", guest, 201)
    with world.at("2026-01-03"):
        await world.must("owner", "DELETE", path, status=204)
    assert [reason for reason, _ in await revocations(world)] == ["expired", *["project removed"] * 3]


async def test_a_role_left_behind_in_a_removed_project_shows_nothing(world: World) -> None:
    """Databases from before roles ended with their project have such."""
    customer = f"/api/customers/{world.ids['buyer']}/"
    await world.market.db.write(
        lambda tx: tx.conn.execute(
            update(projects).where(projects.c.uuid == world.ids["alpha"]), {"removed_at": tx.now}
        )
    )
    assert (await world.get("member", customer)).status_code == 404
    assert await world.must("member", "GET", "/api/customers/") == []


async def test_a_removed_organization_has_no_people(world: World) -> None:
    await world.must("owner", "DELETE", f"/api/projects/{world.ids['alpha']}/", status=204)
    await world.must("staff", "DELETE", f"/api/customers/{world.ids['buyer']}/", status=204)
    assert [reason for reason, _ in await revocations(world)] == [
        *["organization removed"] * 2,
        *["project removed"] * 3,
    ]
    for who in ("owner", "reader"):
        assert await world.must(who, "GET", "/api/customers/") == []
        assert await world.must(who, "GET", "/api/user-permissions/") == []


async def test_offerings_of_a_removed_organization_have_no_managers(world: World) -> None:
    offering = await world.offering()
    await world.keep(offering)
    path = f"/api/marketplace-provider-offerings/{offering['uuid']}/"
    assert (await world.get("keeper", path)).status_code == 200
    await world.must("staff", "DELETE", f"/api/customers/{world.ids['provider']}/", status=204)
    assert (await world.get("keeper", path)).status_code == 404
    assert {reason for reason, _ in await revocations(world)} == {"organization removed"}
    assert len(await revocations(world)) == 3


async def test_a_removed_offering_has_no_managers(world: World) -> None:
    offering = await world.offering()
    await world.keep(offering)
    path = f"/api/marketplace-provider-offerings/{offering['uuid']}/"
    await world.must("staff", "DELETE", path, status=204)
    assert [reason for reason, _ in await revocations(world)] == ["offering removed"]
    assert await world.must("keeper", "GET", "/api/user-permissions/") == []
    assert await world.must("keeper", "GET", "/api/marketplace-provider-offerings/") == []
