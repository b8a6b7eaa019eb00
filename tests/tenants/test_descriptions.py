"""What is written down of organizations and projects: addresses, contacts, pictures, types, and what they cost."""

from __future__ import annotations

from typing import Any

import pytest

from furnished import PICTURE
from mercato.schemas.countries import COUNTRIES
from mercato.tenants.rules import addresses, customer_problem
from world import World

pytestmark = pytest.mark.http

CUSTOMERS, PROJECTS, TYPES = "/api/customers/", "/api/projects/", "/api/project-types/"
ADDRESS = {
    "country": "EE",
    "city": "Tartu",
    "state": "Tartumaa",
    "parish": "Tartu",
    "street": "Liivi",
    "house_nr": "2",
    "apartment_nr": "1",
    "household": "x",
    "latitude": 58.37,
    "longitude": 26.71,
}


async def test_an_organization_has_an_address_contacts_and_a_picture(world: World) -> None:
    path = f"{CUSTOMERS}{world.ids['buyer']}/"
    contacts = {"notification_emails": "a@x.example, b@x.example", "homepage": "https://x.example/"}
    seen = await world.must("owner", "PATCH", path, {**ADDRESS, **contacts, "image": PICTURE})
    assert {name: seen[name] for name in ADDRESS} == ADDRESS
    assert (seen["country_name"], seen["homepage"]) == ("Estonia", "https://x.example/")
    picture = await world.get("member", seen["image"])
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/gif")
    assert (await world.get("stranger", seen["image"])).status_code == 404
    seen = await world.must("owner", "PATCH", path, {"image": None})
    assert seen["image"] is None
    assert (await world.get("owner", path + "image/")).status_code == 404


async def test_a_picture_comes_with_a_form(world: World) -> None:
    path = f"{CUSTOMERS}{world.ids['buyer']}/"
    headers = {"Authorization": f"Token {world.tokens['owner']}"}
    data = b"GIF89a\x01\x00\x01\x00\x00\x00\x00,"
    answer = await world.client.put(
        path, data={"name": "Buyer Org"}, files={"image": ("x.gif", data)}, headers=headers
    )
    assert (answer.status_code, answer.json()["image"].endswith("/image/")) == (200, True)
    answer = await world.client.put(
        path, data={"name": "Buyer Org"}, files={"image": ("x.gif", b"hello")}, headers=headers
    )
    assert (answer.status_code, list(answer.json())) == (400, ["image"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("country", "XX"),
        ("email", "nobody"),
        ("homepage", "javascript:alert(1)"),
        ("notification_emails", "a@x.example, b"),
        ("latitude", 91),
        ("longitude", -181),
        ("abbreviation", "x" * 13),
        ("contact_details", "x" * 501),
        ("sponsor_number", -1),
    ],
)
async def test_what_cannot_be_said_of_an_organization(world: World, field: str, value: Any) -> None:
    path = f"{CUSTOMERS}{world.ids['buyer']}/"
    answer = await world.ask("staff", "PATCH", path, {field: value})
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert customer_problem({field: value}) is not None


def test_addresses_stand_between_commas() -> None:
    assert addresses(" a@x.example,, b@x.example ,") == ["a@x.example", "b@x.example"]


async def test_countries_for_a_menu(world: World) -> None:
    answer = await world.get("stranger", "/api/customers/countries/")
    assert answer.headers["X-Result-Count"] == str(len(COUNTRIES)) == "250"
    assert {"label": "Estonia", "value": "EE"} in answer.json()
    head = await world.ask("stranger", "HEAD", "/api/customers/countries/")
    assert (head.status_code, head.content, head.headers["X-Result-Count"]) == (200, b"", "250")
    assert (await world.get(None, "/api/customers/countries/")).status_code == 401


async def test_contacts_are_changed_alone(world: World) -> None:
    path = f"{CUSTOMERS}{world.ids['buyer']}/contact/"
    seen = await world.must("owner", "POST", path, {"email": "desk@x.example", "phone_number": "+372 1"}, 200)
    assert seen == {
        "contact_details": "",
        "email": "desk@x.example",
        "phone_number": "+372 1",
        "homepage": "",
        "notification_emails": "",
    }
    assert list((await world.post("owner", path, {"email": "desk"})).json()) == ["email"]
    assert (await world.post("member", path, {"email": ""})).status_code == 403
    clerk = {
        "name": "CUSTOMER.CLERK",
        "content_type": "customer",
        "description": "Clerk",
        "permissions": ["CUSTOMER.CONTACT_UPDATE"],
    }
    await world.must("staff", "POST", "/api/roles/", clerk, 201)
    role = {"user": world.ids["stranger"], "role": "CUSTOMER.CLERK"}
    await world.must("staff", "POST", f"{CUSTOMERS}{world.ids['buyer']}/add_user/", role, 201)
    assert (await world.post("stranger", path, {"email": "clerk@x.example"})).status_code == 200
    whole = await world.ask("stranger", "PATCH", f"{CUSTOMERS}{world.ids['buyer']}/", {"name": "Mine"})
    assert whole.status_code == 403


async def test_its_people_with_their_roles(world: World) -> None:
    path = f"{CUSTOMERS}{world.ids['buyer']}/users/"
    seen = await world.must("owner", "GET", path)
    assert [
        (row["username"], row["role_name"], [p["role_name"] for p in row["projects"]]) for row in seen
    ] == [
        ("admin", None, ["PROJECT.ADMIN"]),
        ("manager", None, ["PROJECT.MANAGER"]),
        ("member", None, ["PROJECT.MEMBER"]),
        ("owner", "CUSTOMER.OWNER", []),
        ("reader", "CUSTOMER.SUPPORT", []),
    ]
    assert seen[0]["projects"][0]["name"] == "Alpha"
    both = {"user": world.ids["owner"], "role": "PROJECT.ADMIN"}
    await world.must("staff", "POST", f"{PROJECTS}{world.ids['alpha']}/add_user/", both, 201)
    [row] = await world.must(
        "owner", "GET", path + "?project_role=PROJECT.ADMIN&organization_role=CUSTOMER.OWNER"
    )
    assert (row["username"], len(row["projects"])) == ("owner", 1)
    assert len(await world.must("owner", "GET", path + "?user_keyword=MEMB")) == 1
    assert len(await world.must("owner", "GET", path + "?page_size=2&o=-full_name")) == 2
    assert (await world.get("stranger", path)).status_code == 404


async def test_project_people_see_their_mates_and_no_other_project(world: World) -> None:
    new = {"name": "Beta", "customer": f"/api/customers/{world.ids['buyer']}/"}
    beta = await world.must("owner", "POST", PROJECTS, new, 201)
    for who in ("stranger", "member"):
        role = {"user": world.ids[who], "role": "PROJECT.MEMBER"}
        await world.must("owner", "POST", f"{PROJECTS}{beta['uuid']}/add_user/", role, 201)
    path = f"{CUSTOMERS}{world.ids['buyer']}/users/"
    seen = await world.must("stranger", "GET", path)
    assert [(row["username"], [p["name"] for p in row["projects"]]) for row in seen] == [
        ("member", ["Beta"]),
        ("stranger", ["Beta"]),
    ]


async def test_types_of_projects(world: World) -> None:
    made = await world.must("staff", "POST", TYPES, {"name": "Research", "description": "x"}, 201)
    assert list((await world.post("staff", TYPES, {"name": "Research"})).json()) == ["name"]
    assert (await world.post("owner", TYPES, {"name": "Mine"})).status_code == 403
    path = f"{PROJECTS}{world.ids['alpha']}/"
    seen = await world.must("owner", "PATCH", path, {"type": made["url"]})
    assert (seen["type"], seen["type_name"], seen["type_uuid"]) == (made["url"], "Research", made["uuid"])
    assert (await world.ask("staff", "DELETE", made["url"])).status_code == 409
    await world.must("staff", "PATCH", made["url"], {"name": "Science"})
    assert (await world.must("owner", "GET", path))["type_name"] == "Science"
    assert (await world.must("owner", "PATCH", path, {"type": None}))["type"] is None
    await world.must("staff", "DELETE", made["url"], status=204)
    assert list((await world.ask("owner", "PATCH", path, {"type": made["url"]})).json()) == ["type"]


async def test_put_changes_what_it_names_of_a_project(world: World) -> None:
    path = f"{PROJECTS}{world.ids['alpha']}/"
    await world.must("staff", "PATCH", path, {"description": "old", "staff_notes": "watch them"})
    body = {"name": "Renamed", "customer": world.ids["provider"], "staff_notes": "", "image": PICTURE}
    seen = await world.must("manager", "PUT", path, body)
    assert (seen["name"], seen["description"], seen["customer_uuid"]) == (
        "Renamed",
        "old",
        world.ids["buyer"],
    )
    assert (await world.get("member", seen["image"])).status_code == 200
    assert list((await world.ask("manager", "PUT", path, {})).json()) == ["name"]
    assert "staff_notes" not in seen
    assert (await world.must("support", "GET", path))["staff_notes"] == "watch them"


async def test_who_moved_a_projects_end_and_when(world: World) -> None:
    path = f"{PROJECTS}{world.ids['alpha']}/"
    with world.at("2026-01-10 12:00"):
        seen = await world.must("manager", "PATCH", path, {"end_date": "2027-01-01"})
    assert seen["end_date_requested_by"].endswith(f"/api/users/{world.ids['manager']}/")
    assert seen["end_date_updated_at"].startswith("2026-01-10T12:00:00")
    with world.at("2026-01-11"):
        again = await world.must("owner", "PATCH", path, {"end_date": "2027-01-01", "description": "x"})
    assert again["end_date_updated_at"] == seen["end_date_updated_at"]


async def test_what_a_month_costs_stands_on_organizations_and_projects(world: World) -> None:
    nothing = {"total": "0.00", "current": "0.00", "tax": "0.00", "tax_current": "0.00"}
    customer, project = f"{CUSTOMERS}{world.ids['buyer']}/", f"{PROJECTS}{world.ids['alpha']}/"
    assert (await world.must("owner", "GET", customer))["billing_price_estimate"] == nothing
    assert (await world.must("member", "GET", project))["billing_price_estimate"] == nothing
    await world.must("staff", "PATCH", customer, {"default_tax_percent": "20"})
    with world.at("2026-03-01"):
        await world.resource(await world.offering())
        seen = (await world.must("owner", "GET", customer))["billing_price_estimate"]
        assert (seen["total"], seen["current"], seen["tax"]) == ("96.72", "80.60", "16.12")
        of_project = (await world.must("owner", "GET", project))["billing_price_estimate"]
        assert (of_project["total"], of_project["current"]) == ("96.72", "80.60")
    with world.at("2026-04-02"):
        assert (await world.must("owner", "GET", project))["billing_price_estimate"] == nothing


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("current_user_has_role=CUSTOMER.OWNER", ["Buyer Org"]),
        ("owned_by_current_user=true", ["Buyer Org"]),
        ("current_user_has_project_create_permission=false", []),
        ("accounting_is_running=true", ["Buyer Org"]),
        ("accounting_is_running=false", []),
        ("service_provider_uuid=01a1f9451f4b7bb494e47baf44a1ea5f", []),
    ],
)
async def test_organizations_are_found_by_what_they_are_to_me(
    world: World, question: str, names: list[str]
) -> None:
    found = await world.must("owner", "GET", f"{CUSTOMERS}?{question}&field=name")
    assert [row["name"] for row in found] == names


async def test_organizations_and_projects_are_found_by_their_people(world: World) -> None:
    found = await world.must("staff", "GET", f"{CUSTOMERS}?user_uuid={world.ids['member']}&field=name")
    assert found == [{"name": "Buyer Org"}]
    for question, count in (
        (f"user_uuid={world.ids['member']}", 1),
        (f"user_uuid={world.ids['seller']}", 0),
        ("current_user_has_role=PROJECT.ADMIN", 0),
        ("conceal_finished_projects=true", 1),
    ):
        assert len(await world.must("staff", "GET", f"{PROJECTS}?{question}")) == count, question
    assert len(await world.must("admin", "GET", PROJECTS + "?can_admin=true")) == 1
    assert len(await world.must("admin", "GET", PROJECTS + "?can_manage=true")) == 0
    assert len(await world.must("owner", "GET", PROJECTS + "?can_manage=true")) == 1


async def test_projects_that_are_over_are_concealed(world: World) -> None:
    with world.at("2026-01-10"):
        await world.must("owner", "PATCH", f"{PROJECTS}{world.ids['alpha']}/", {"end_date": "2026-01-20"})
    with world.at("2026-02-01"):
        await world.tick()
        assert await world.must("owner", "GET", PROJECTS + "?conceal_finished_projects=true") == []
        assert len(await world.must("owner", "GET", PROJECTS + "?conceal_finished_projects=false")) == 1


async def test_groups_narrow_organizations(world: World) -> None:
    group = await world.must("staff", "POST", "/api/organization-groups/", {"name": "Universities"}, 201)
    path = f"{CUSTOMERS}{world.ids['buyer']}/"
    await world.must(
        "staff", "POST", path + "update_organization_groups/", {"organization_groups": [group["url"]]}
    )
    seen = await world.must("owner", "GET", path)
    assert [g["name"] for g in seen["organization_groups"]] == ["Universities"]
    for question in (f"organization_group_uuid={group['uuid']}", "organization_group_name=univ"):
        found = await world.must("staff", "GET", f"{CUSTOMERS}?{question}&field=name")
        assert found == [{"name": "Buyer Org"}], question
