"""Accounts: who sees and changes whom, and which passwords are good enough."""

from __future__ import annotations

from typing import Any

import pytest

from mercato.identity.rules import password_problem
from world import PASSWORD, World

pytestmark = pytest.mark.http


async def test_who_i_am_and_what_i_may(world: World) -> None:
    me = await world.must("owner", "GET", "/api/users/me/")
    assert me["uuid"] == world.ids["owner"]
    assert me["url"].endswith(f"/api/users/{world.ids['owner']}/")
    [role] = me["permissions"]
    assert (role["role_name"], role["scope_type"], role["scope_uuid"]) == (
        "CUSTOMER.OWNER",
        "customer",
        world.ids["buyer"],
    )
    assert role["customer_name"] == "Buyer Org"
    assert await world.must("owner", "GET", "/api/users/me/?field=uuid") == {"uuid": world.ids["owner"]}


async def test_people_see_whom_they_work_with(world: World) -> None:
    async def seen(who: str) -> set[str]:
        return {u["username"] for u in await world.must(who, "GET", "/api/users/?page_size=50")}

    assert await seen("stranger") == {"stranger"}
    assert await seen("member") == {"owner", "reader", "admin", "manager", "member"}
    assert await seen("seller") == {"seller", "vendor"}
    assert len(await seen("support")) == 11


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "has space"}, "username"),
        ({"username": ""}, "username"),
        ({"username": "owner"}, "username"),
        ({"email": "nonsense"}, "email"),
        ({"password": "short"}, "password"),
    ],
)
async def test_accounts_that_cannot_be(world: World, change: dict[str, Any], field: str) -> None:
    body = {"username": "new", "email": "new@example.org", **change}
    answer = await world.post("staff", "/api/users/", body)
    assert (answer.status_code, list(answer.json())) == (400, [field])


async def test_a_name_is_free_again_when_its_account_is_gone(world: World) -> None:
    body = {"username": "new", "email": "new@example.org"}
    first = await world.must("staff", "POST", "/api/users/", body, 201)
    await world.must("staff", "DELETE", f"/api/users/{first['uuid']}/", status=204)
    again = await world.must("staff", "POST", "/api/users/", body, 201)
    assert again["uuid"] != first["uuid"]
    assert again["slug"] != first["slug"]


async def test_people_change_themselves_but_not_their_rank(world: World) -> None:
    path = f"/api/users/{world.ids['owner']}/"
    seen = await world.must("owner", "PATCH", path, {"first_name": "Olga", "job_title": "Head"})
    assert (seen["full_name"], seen["job_title"]) == ("Olga Example", "Head")
    for change in ({"is_staff": True}, {"is_support": True}, {"is_active": False}, {"token_lifetime": None}):
        assert (await world.ask("owner", "PATCH", path, change)).status_code == 403
    assert (await world.ask("owner", "PATCH", path, {"email": "nonsense"})).status_code == 400
    other = f"/api/users/{world.ids['member']}/"
    assert (await world.ask("owner", "PATCH", other, {"first_name": "X"})).status_code == 403
    assert (await world.ask("support", "PATCH", other, {"first_name": "X"})).status_code == 403
    seen = await world.must("staff", "PATCH", other, {"is_support": True, "token_lifetime": 60})
    assert (seen["is_support"], seen["token_lifetime"]) == (True, 60)
    assert (await world.ask("staff", "PATCH", other, {"token_lifetime": -1})).status_code == 400


async def test_a_new_password_ends_the_other_sessions(world: World) -> None:
    new = {"username": "new", "email": "new@example.org", "password": PASSWORD}
    person = await world.must("staff", "POST", "/api/users/", new, 201)
    for name in ("here", "there"):
        body = {"username": "new", "password": PASSWORD}
        world.tokens[name] = (await world.must(None, "POST", "/api-auth/password/", body))["token"]
    path = f"/api/users/{person['uuid']}/change_password/"
    fresh = "Another-horse-battery-9"
    wrong = await world.post("here", path, {"new_password": fresh, "old_password": "wrong"})
    assert wrong.json() == {"old_password": ["The old password is wrong."]}
    weak = await world.post("here", path, {"new_password": "1234567890123", "old_password": PASSWORD})
    assert list(weak.json()) == ["new_password"]
    await world.must("here", "POST", path, {"new_password": fresh, "old_password": PASSWORD}, 200)
    assert (await world.get("here", "/api/users/me/")).status_code == 200
    assert (await world.get("there", "/api/users/me/")).status_code == 401
    body = {"username": "new", "password": fresh}
    await world.must(None, "POST", "/api-auth/password/", body, 200)


async def test_staff_set_anybodys_password_and_nobody_else_does(world: World) -> None:
    path = f"/api/users/{world.ids['member']}/change_password/"
    body = {"new_password": "Another-horse-battery-9"}
    assert (await world.post("owner", path, body)).status_code == 403
    assert (await world.post("stranger", path, body)).status_code == 404
    await world.must("staff", "POST", path, body, 200)
    login = {"username": "member", "password": body["new_password"]}
    await world.must(None, "POST", "/api-auth/password/", login, 200)


async def test_users_are_found_by_what_is_known_of_them(world: World) -> None:
    async def found(query: str) -> list[str]:
        rows = await world.must("staff", "GET", f"/api/users/?field=username&{query}")
        return [row["username"] for row in rows]

    assert await found("username=owner") == ["owner"]
    assert await found("email=OWNER%40") == ["owner"]
    assert await found("is_staff=true") == ["staff"]
    assert await found("is_support=True") == ["support"]
    assert await found("query=keeper") == ["keeper"]
    assert await found(f"customer_uuid={world.ids['buyer']}") == ["owner", "reader"]
    assert await found(f"project_uuid={world.ids['alpha']}") == ["admin", "manager", "member"]
    assert await found("is_active=false") == []


@pytest.mark.parametrize(
    ("password", "good"),
    [
        (PASSWORD, True),
        ("correct horse battery", True),
        ("elevenchars", False),
        ("123456789012", False),
        ("aaaaaaaaaaaaaaaa", False),
        ("anna.schmidt1", False),
        ("abababababababab", False),
        ("пароль-длинный-1", True),
    ],
)
def test_passwords(password: str, good: bool) -> None:
    assert (password_problem(password, "anna.schmidt") is None) is good


PRIVATE = {
    "civil_number",
    "birth_date",
    "gender",
    "nationality",
    "managed_isds",
    "attribute_sources",
    "affiliations",
}


async def test_what_concerns_nobody_else_is_shown_to_nobody_else(world: World) -> None:
    path = f"/api/users/{world.ids['member']}/"
    given = {
        "birth_date": "2000-01-31",
        "gender": "female",
        "nationality": "EE",
        "nationalities": ["EE", "FI"],
    }
    changed = await world.must("member", "PATCH", path, given)
    for who in ("member", "staff", "support"):
        seen = await world.must(who, "GET", path)
        assert {k: seen[k] for k in given} == given, who
        assert seen == {**changed, **seen}
    assert PRIVATE & set(await world.must("owner", "GET", path)) == set()
    assert (await world.must("member", "GET", "/api/users/me/"))["birth_date"] == "2000-01-31"


@pytest.mark.parametrize(
    "change",
    [
        {"username": "other"},
        {"is_identity_manager": True},
        {"managed_isds": ["isd:x"]},
        {"affiliations": ["staff@x"]},
        {"eduperson_assurance": ["high"]},
        {"can_use_personal_access_tokens": False},
        {"deactivation_reason": "x"},
    ],
)
async def test_what_others_vouch_for_is_changed_by_staff(world: World, change: dict[str, Any]) -> None:
    path = f"/api/users/{world.ids['member']}/"
    assert (await world.ask("member", "PATCH", path, change)).status_code == 403
    seen = await world.must("staff", "PATCH", path, change)
    assert {k: seen[k] for k in change} == change


async def test_put_sends_the_whole_thing_back(world: World) -> None:
    path = f"/api/users/{world.ids['member']}/"
    mine = await world.must("member", "GET", path)
    seen = await world.must("member", "PUT", path, {**mine, "job_title": "Boss", "agree_with_policy": True})
    assert (seen["job_title"], seen["is_staff"]) == ("Boss", False)
    assert seen["agreement_date"] is not None
    missing = await world.ask("member", "PUT", path, {"username": "member"})
    assert missing.json() == {"email": ["This field is required."]}
    taken = await world.ask("staff", "PUT", path, {"username": "owner", "email": "x@example.org"})
    assert list(taken.json()) == ["username"]


async def test_deactivation_is_remembered_as_an_administrators(world: World) -> None:
    path = f"/api/users/{world.ids['member']}/"
    seen = await world.must("staff", "PATCH", path, {"is_active": False, "deactivation_reason": "left"})
    assert (seen["is_active"], seen["is_admin_deactivated"], seen["deactivation_reason"]) == (
        False,
        True,
        "left",
    )
    seen = await world.must("staff", "PATCH", path, {"is_active": True})
    assert seen["is_admin_deactivated"] is False


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("username_list=member,owner, nobody", {"member", "owner"}),
        ("job_title=bos", {"member"}),
        ("civil_number=38001010000", set()),
        ("registration_method=default&username=owner", {"owner"}),
        ("date_joined=2090-01-01T00:00:00Z", set()),
        ("modified=2020-01-01T00:00:00Z", {"member"}),
    ],
)
async def test_people_are_found(world: World, query: str, found: set[str]) -> None:
    await world.must("staff", "PATCH", f"/api/users/{world.ids['member']}/", {"job_title": "Boss"})
    rows = await world.must("staff", "GET", f"/api/users/?{query}")
    assert {row["username"] for row in rows} == found
