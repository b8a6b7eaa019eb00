"""Accounts that belong to projects, and what providers see of the projects that use their offerings."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from furnished import KEY
from mercato.kernel import tables
from world import BASE, World

pytestmark = pytest.mark.http

PROGRAMS, COURSES = "/api/marketplace-project-service-accounts/", "/api/marketplace-course-accounts/"


async def told(world: World) -> list[dict[str, Any]]:
    topic = tables.facts.c.topic == "ProjectAccountChanged"
    found = select(tables.facts.c.payload).where(topic).order_by(tables.facts.c.id)
    return list(await world.market.db.read(lambda conn: [row[0] for row in conn.execute(found)]))


async def program(world: World, **more: Any) -> dict[str, Any]:
    body = {"project": world.ids["alpha"], "username": "robot", **more}
    return dict(await world.must("owner", "POST", PROGRAMS, body, 201))


async def test_a_program_gets_a_name_in_a_project(world: World) -> None:
    made = await program(
        world, email="robot@example.org", description="Copies", preferred_identifier="copier"
    )
    assert made["url"] == f"{BASE}{PROGRAMS}{made['uuid']}/"
    assert (made["username"], made["state"], made["preferred_identifier"]) == ("robot", "OK", "copier")
    assert (made["project"], made["project_uuid"], made["project_name"]) == (
        world.ids["alpha"],
        world.ids["alpha"],
        "Alpha",
    )
    assert (made["customer_uuid"], made["customer_name"], made["customer_abbreviation"]) == (
        world.ids["buyer"],
        "Buyer Org",
        "",
    )
    assert (made["token"], made["expires_at"], made["error_message"]) == (None, None, "")
    path = f"{PROGRAMS}{made['uuid']}/"
    for method, text in (("PATCH", "Moves"), ("PUT", "Sorts")):
        assert (await world.must("owner", method, path, {"description": text}))["description"] == text
    await world.must("owner", "DELETE", path, status=204)
    assert (await world.must("member", "GET", path))["state"] == "Closed"
    assert (await world.ask("owner", "DELETE", path)).status_code == 409
    assert [(f["kind"], f["action"], f["username"], f["project"]) for f in await told(world)] == [
        ("service_account", action, "robot", world.ids["alpha"])
        for action in ("create", "update", "update", "delete")
    ]


async def test_programs_without_a_name_are_named(world: World) -> None:
    assert (await program(world, username=""))["username"] == "svc-alpha-00"
    assert (await program(world, username=""))["username"] == "svc-alpha-01"
    assert (await program(world, username="", preferred_identifier="copier"))["username"] == "copier"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "Robot"}, "username"),
        ({"username": "1robot"}, "username"),
        ({"username": "a" * 33}, "username"),
        ({"username": "rm -rf /"}, "username"),
        ({"username": "taken"}, "username"),
        ({"username": "", "preferred_identifier": "A B"}, "preferred_identifier"),
        ({"email": "nonsense"}, "email"),
        ({"project": "nonsense"}, "project"),
        ({"project": "{provider}"}, "project"),
    ],
)
async def test_programs_that_cannot_be(world: World, change: dict[str, Any], field: str) -> None:
    await program(world, username="taken")
    body = {"project": world.ids["alpha"], "username": "robot", **change}
    body["project"] = body["project"].format(**world.ids)
    answer = await world.post("owner", PROGRAMS, body)
    assert (answer.status_code, list(answer.json())) == (400, [field])


@pytest.mark.parametrize(
    ("who", "status"), [("member", 403), ("manager", 403), ("seller", 400), ("stranger", 400)]
)
async def test_owners_manage_programs(world: World, who: str, status: int) -> None:
    body = {"project": world.ids["alpha"], "username": "robot"}
    assert (await world.post(who, PROGRAMS, body)).status_code == status
    path = f"{PROGRAMS}{(await program(world))['uuid']}/"
    other = 404 if status == 400 else 403
    assert (await world.ask(who, "PATCH", path, {"description": "x"})).status_code == other
    assert (await world.ask(who, "DELETE", path)).status_code == other


async def test_a_participant_of_a_course_is_a_person_for_a_while(world: World) -> None:
    body = {
        "project": f"{BASE}/api/projects/{world.ids['alpha']}/",
        "email": "jo@example.org",
        "description": "Jo",
    }
    made = await world.must("manager", "POST", COURSES, body, 201)
    assert (made["username"], made["state"], made["email"]) == ("alpha-000", "OK", "jo@example.org")
    assert (made["project"], made["project_slug"], made["project_end_date"]) == (
        world.ids["alpha"],
        "alpha",
        None,
    )
    person = await world.must("staff", "GET", f"/api/users/{made['user_uuid']}/")
    assert (person["username"], person["registration_method"]) == ("alpha-000", "course_account")
    assert (person["is_active"], person["has_usable_password"]) == (True, False)
    path = f"{COURSES}{made['uuid']}/"
    await world.must("manager", "DELETE", path, status=204)
    assert (await world.must("manager", "GET", path))["state"] == "Closed"
    person = await world.must("staff", "GET", f"/api/users/{made['user_uuid']}/")
    assert (person["is_active"], person["deactivation_reason"]) == (False, "The course of Alpha is over.")
    assert (await world.ask("manager", "DELETE", path)).status_code == 409


async def test_a_class_at_once_or_not_at_all(world: World) -> None:
    people = [{"email": f"p{n}@example.org"} for n in range(12)]
    body = {"project": world.ids["alpha"], "course_accounts": people}
    made = await world.must("owner", "POST", COURSES + "create_bulk/", body, 200)
    assert [one["username"] for one in made] == [f"alpha-{n:03}" for n in range(12)]
    assert [one["email"] for one in made] == [one["email"] for one in people]
    body["course_accounts"] = [{"email": "fine@example.org"}, {"email": "nonsense"}]
    assert (await world.post("owner", COURSES + "create_bulk/", body)).status_code == 400
    found = await world.ask("owner", "HEAD", COURSES)
    assert found.headers["X-Result-Count"] == "12"


@pytest.mark.parametrize(("who", "status"), [("member", 403), ("reader", 403), ("stranger", 400)])
async def test_who_leads_a_project_lets_people_take_part(world: World, who: str, status: int) -> None:
    assert (await world.post(who, COURSES, {"project": world.ids["alpha"]})).status_code == status


async def test_accounts_end_with_their_project(world: World) -> None:
    await program(world)
    taking_part = await world.must("owner", "POST", COURSES, {"project": world.ids["alpha"]}, 201)
    await world.must("owner", "DELETE", f"/api/projects/{world.ids['alpha']}/", status=204)
    assert [one["state"] for one in await world.must("staff", "GET", PROGRAMS)] == ["Closed"]
    assert [one["state"] for one in await world.must("staff", "GET", COURSES)] == ["Closed"]
    person = await world.must("staff", "GET", f"/api/users/{taking_part['user_uuid']}/")
    assert person["is_active"] is False


async def test_providers_learn_of_them_from_the_offering(world: World) -> None:
    offering, unused = await world.offering(), await world.offering("Unused")
    await world.resource(offering)
    await world.resource(offering, attributes={"name": "twice"})
    await program(world)
    await world.must("owner", "POST", COURSES, {"project": world.ids["alpha"]}, 201)
    beta = await world.must(
        "owner", "POST", "/api/projects/", {"name": "Beta", "customer": world.ids["buyer"]}, 201
    )
    await program(world, username="elsewhere", project=beta["uuid"])
    await world.keep(offering)
    for who in ("seller", "keeper", "staff"):
        for kind, names in (("project_service", ["robot"]), ("course", ["alpha-000"])):
            path = f"/api/marketplace-provider-offerings/{offering['uuid']}/list_{kind}_accounts/"
            assert [one["username"] for one in await world.must(who, "GET", path)] == names, (who, kind)
    none = f"/api/marketplace-provider-offerings/{unused['uuid']}/list_project_service_accounts/"
    assert await world.must("seller", "GET", none) == []
    assert (await world.get("owner", none)).status_code == 404
    # What the list links to can be read, and nothing else.
    assert [one["username"] for one in await world.must("seller", "GET", PROGRAMS)] == ["robot"]


async def test_providers_see_projects_and_keys_of_those_who_use_their_offerings(world: World) -> None:
    offering, other = await world.offering(), await world.offering("Other")
    await world.keep(other)
    await world.resource(offering)
    for who in ("owner", "member", "stranger"):
        await world.must(who, "POST", "/api/keys/", {"public_key": KEY, "name": who}, 201)
    [provider] = await world.must("seller", "GET", "/api/marketplace-service-providers/")
    base = f"/api/marketplace-service-providers/{provider['uuid']}/"
    for who, keys, projects in (
        ("seller", ["member"], ["Alpha"]),
        ("vendor", ["member"], ["Alpha"]),
        ("staff", ["member"], ["Alpha"]),
        ("keeper", [], []),
    ):
        assert [k["name"] for k in await world.must(who, "GET", base + "keys/")] == keys, who
        assert [p["name"] for p in await world.must(who, "GET", base + "projects/")] == projects, who
    rows = await world.must("seller", "GET", base + "keys/?field=uuid&field=public_key&name=mem")
    assert [set(row) for row in rows] == [{"uuid", "public_key"}]
    counted = await world.ask("seller", "HEAD", base + "projects/")
    assert counted.headers["X-Result-Count"] == "1"
    for who in ("owner", "member", "stranger"):
        for what in ("keys/", "projects/"):
            assert (await world.get(who, base + what)).status_code == 404


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        (PROGRAMS, "username=rob", 1),
        (PROGRAMS, "email=robot@", 1),
        (PROGRAMS, "state=Closed", 0),
        (PROGRAMS, "state=Closed&state=OK", 1),
        (PROGRAMS, "project={alpha}", 1),
        (PROGRAMS, "project_uuid={buyer}", 0),
        (COURSES, "username=alpha", 1),
        (COURSES, "state=OK", 1),
        (COURSES, "project_end_date_after=2026-12-01", 1),
        (COURSES, "project_end_date_before=2026-12-01", 0),
        (COURSES, "project_start_date_before=2026-12-01", 0),
    ],
)
async def test_they_are_found(world: World, path: str, query: str, found: int) -> None:
    await world.must("owner", "PATCH", f"/api/projects/{world.ids['alpha']}/", {"end_date": "2090-01-01"})
    await program(world, email="robot@example.org")
    await world.must("owner", "POST", COURSES, {"project": world.ids["alpha"]}, 201)
    assert len(await world.must("member", "GET", f"{path}?{query.format(**world.ids)}")) == found
