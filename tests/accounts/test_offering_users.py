"""Specification 004's examples, request by request, and what the contract adds to them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from sqlalchemy import select

from mercato.kernel import tables
from mercato.schemas.accounts import AccountState
from world import BASE, World

pytestmark = pytest.mark.http

USERS = "/api/marketplace-offering-users/"


async def account(world: World, offering: dict[str, Any], who: str = "member", **more: Any) -> dict[str, Any]:
    body = {
        "user": f"{BASE}/api/users/{world.ids[who]}/",
        "offering": f"{BASE}/api/marketplace-public-offerings/{offering['uuid']}/",
        **more,
    }
    return dict(await world.must("seller", "POST", USERS, body, 201))


async def act(world: World, uuid: str, action: str, json: Any = None, who: str = "seller") -> Any:
    method = "PATCH" if action == "update_comments" else "POST"
    return await world.ask(who, method, f"{USERS}{uuid}/{action}/", json)


async def state(world: World, uuid: str) -> str:
    return str((await world.must("staff", "GET", f"{USERS}{uuid}/?field=state"))["state"])


async def bring(world: World, uuid: str, *actions: str) -> None:
    for action in actions:
        answer = await act(world, uuid, action)
        assert answer.status_code == 200, (action, answer.text)


# How to bring a new account into each state.
WAYS: dict[AccountState, tuple[str, ...]] = {
    AccountState.REQUESTED: (),
    AccountState.CREATING: ("begin_creating",),
    AccountState.PENDING_ACCOUNT_LINKING: ("begin_creating", "set_pending_account_linking"),
    AccountState.PENDING_ADDITIONAL_VALIDATION: ("begin_creating", "set_pending_additional_validation"),
    AccountState.OK: ("set_ok",),
    AccountState.DELETION_REQUESTED: ("set_ok", "request_deletion"),
    AccountState.DELETING: ("set_ok", "request_deletion", "set_deleting"),
    AccountState.DELETED: ("set_ok", "request_deletion", "set_deleting", "set_deleted"),
    AccountState.ERROR_CREATING: ("set_error_creating",),
    AccountState.ERROR_DELETING: ("set_ok", "request_deletion", "set_error_deleting"),
}


async def in_every_state(world: World) -> dict[AccountState, str]:
    """One account for each state, each at an offering of its own."""
    made = {}
    for wanted, way in WAYS.items():
        offering = await world.offering(f"In {wanted.value}")
        made[wanted] = (await account(world, offering))["uuid"]
        await bring(world, made[wanted], *way)
        assert await state(world, made[wanted]) == wanted.value
    return made


# -- "Usage Examples" --------------------------------------------------------------------------


async def test_standard_creation_flow_with_comment_urls(world: World) -> None:
    uuid = (await account(world, await world.offering()))["uuid"]
    assert await state(world, uuid) == "Requested"
    # Step 1: start creating the account
    assert (await act(world, uuid, "begin_creating")).status_code == 200
    assert await state(world, uuid) == "Creating"
    # Step 2: if validation is needed, provide instructions and a helpful URL
    asked = {
        "comment": "Please upload your identity verification documents",
        "comment_url": "https://portal.example.com/identity-verification",
    }
    assert (await act(world, uuid, "set_pending_additional_validation", asked)).status_code == 200
    seen = await world.must("member", "GET", f"{USERS}{uuid}/")
    assert seen["state"] == "Pending additional validation"
    assert seen["service_provider_comment"] == asked["comment"]
    assert seen["service_provider_comment_url"] == asked["comment_url"]
    # Step 3: service provider can update instructions without changing state
    news = {
        "service_provider_comment": "Documents received. Additional tax forms required.",
        "service_provider_comment_url": "https://portal.example.com/tax-forms",
    }
    answer = await act(world, uuid, "update_comments", news)
    assert (answer.status_code, answer.json()) == (200, news)
    assert await state(world, uuid) == "Pending additional validation"
    # Step 4: when validation is complete, transition to OK (clears comment fields)
    assert (await act(world, uuid, "set_validation_complete")).status_code == 200
    seen = await world.must("member", "GET", f"{USERS}{uuid}/")
    assert seen["state"] == "OK"
    assert (seen["service_provider_comment"], seen["service_provider_comment_url"]) == ("", "")


async def test_account_linking(world: World) -> None:
    uuid = (await account(world, await world.offering()))["uuid"]
    await bring(world, uuid, "begin_creating")
    body = {
        "comment": "Please link your existing service account",
        "comment_url": "https://service.example.com/account-linking",
    }
    assert (await act(world, uuid, "set_pending_account_linking", body)).status_code == 200
    seen = await world.must("seller", "GET", f"{USERS}{uuid}/")
    assert (seen["state"], seen["service_provider_comment"]) == ("Pending account linking", body["comment"])
    await bring(world, uuid, "set_validation_complete")
    assert await state(world, uuid) == "OK"


async def test_error_handling_and_recovery(world: World) -> None:
    uuid = (await account(world, await world.offering()))["uuid"]
    await bring(world, uuid, "begin_creating", "set_error_creating")
    assert await state(world, uuid) == "Error creating"
    await bring(world, uuid, "begin_creating")
    assert await state(world, uuid) == "Creating"
    await bring(world, uuid, "set_ok", "request_deletion", "set_deleting", "set_error_deleting")
    assert await state(world, uuid) == "Error deleting"
    await bring(world, uuid, "set_deleting")
    assert await state(world, uuid) == "Deleting"


async def test_account_deletion_workflow(world: World) -> None:
    uuid = (await account(world, await world.offering(), username="jdoe"))["uuid"]
    steps = ("request_deletion", "set_deleting", "set_error_deleting", "set_deleting", "set_deleted")
    seen = []
    for action in steps:
        await bring(world, uuid, action)
        seen.append(await state(world, uuid))
    assert seen == ["Requested deletion", "Deleting", "Error deleting", "Deleting", "Deleted"]


# -- "State Transition Actions" ----------------------------------------------------------------

SOURCES = {
    "set_pending_additional_validation": {"Creating", "Error creating"},
    "set_pending_account_linking": {"Creating", "Error creating"},
    "set_validation_complete": {"Pending additional validation", "Pending account linking"},
    "set_error_creating": {
        "Requested",
        "Creating",
        "Pending account linking",
        "Pending additional validation",
    },
    "set_error_deleting": {"Requested deletion", "Deleting"},
    "begin_creating": {"Requested", "Error creating"},
    "request_deletion": {"OK"},
    "set_deleting": {"Requested deletion", "Error deleting"},
    "set_deleted": {"Deleting"},
    "set_ok": {"Requested", "Creating", "Error creating", "Error deleting"},
}


async def test_a_transition_from_a_wrong_state_is_refused_and_changes_nothing(world: World) -> None:
    accounts = await in_every_state(world)
    for action, sources in SOURCES.items():
        for current, uuid in accounts.items():
            if current.value not in sources:
                answer = await act(world, uuid, action)
                assert answer.status_code == 409, (action, current)
                assert current.value in answer.json()["detail"]
                assert action.replace("_", " ") in answer.json()["detail"]
                assert await state(world, uuid) == current.value


@pytest.mark.parametrize("body", [None, {}, {"comment": ""}, {"comment": "x", "state": "present", "y": None}])
async def test_comments_of_pending_states_are_optional(world: World, body: Any) -> None:
    uuid = (await account(world, await world.offering()))["uuid"]
    await bring(world, uuid, "begin_creating")
    assert (await act(world, uuid, "set_pending_account_linking", body)).status_code == 200


@pytest.mark.parametrize("content", [b"", b"{}"])
async def test_transitions_need_no_body(world: World, content: bytes) -> None:
    uuid = (await account(world, await world.offering()))["uuid"]
    headers = {"Authorization": f"Token {world.tokens['seller']}", "Content-Type": "application/json"}
    path = f"{USERS}{uuid}/begin_creating/"
    answer = await world.client.post(path, content=content, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("url", ["javascript:alert(1)", "nonsense", "https://x.example/" + "a" * 200])
async def test_links_to_nowhere_are_refused(world: World, url: str) -> None:
    uuid = (await account(world, await world.offering()))["uuid"]
    await bring(world, uuid, "begin_creating")
    answer = await act(world, uuid, "set_pending_account_linking", {"comment_url": url})
    assert (answer.status_code, list(answer.json())) == (400, ["comment_url"])
    answer = await act(world, uuid, "update_comments", {"service_provider_comment_url": url})
    assert (answer.status_code, list(answer.json())) == (400, ["service_provider_comment_url"])
    assert await state(world, uuid) == "Creating"


# -- "Update Comments" -------------------------------------------------------------------------


async def test_comments_can_be_updated_in_all_states_but_deleted(world: World) -> None:
    for current, uuid in (await in_every_state(world)).items():
        answer = await act(world, uuid, "update_comments", {"service_provider_comment": "Read this"})
        assert answer.status_code == (409 if current is AccountState.DELETED else 200), current
        assert await state(world, uuid) == current.value


async def test_either_comment_field_may_be_left_out(world: World) -> None:
    uuid = (await account(world, await world.offering()))["uuid"]
    text, url = "Read this", "https://help.example.com/account-setup"
    one = await act(world, uuid, "update_comments", {"service_provider_comment": text})
    assert one.json() == {"service_provider_comment": text, "service_provider_comment_url": ""}
    both = await act(world, uuid, "update_comments", {"service_provider_comment_url": url})
    assert both.json() == {"service_provider_comment": text, "service_provider_comment_url": url}


# -- "Backward Compatibility" ------------------------------------------------------------------


async def test_creating_with_a_username_is_ok_at_once(world: World) -> None:
    made = await account(world, await world.offering(), username="jdoe")
    assert (made["state"], made["username"]) == ("OK", "jdoe")


async def test_a_username_makes_an_account_ok_wherever_its_making_stands(world: World) -> None:
    refused = {"Requested deletion", "Deleting", "Deleted"}
    for current, uuid in (await in_every_state(world)).items():
        answer = await world.ask("seller", "PATCH", f"{USERS}{uuid}/", {"username": "jdoe"})
        if current.value in refused:
            assert answer.status_code == 409, current
            assert await state(world, uuid) == current.value
        else:
            assert (answer.status_code, answer.json()["username"]) == (200, "jdoe"), current
            assert answer.json()["state"] == "OK"


async def test_the_same_username_again_changes_nothing(world: World) -> None:
    uuid = (await account(world, await world.offering(), username="jdoe"))["uuid"]
    await bring(world, uuid, "request_deletion", "set_error_deleting")
    answer = await world.ask("seller", "PATCH", f"{USERS}{uuid}/", {"username": "jdoe"})
    assert (answer.status_code, answer.json()["state"]) == (200, "Error deleting")
    answer = await world.ask("seller", "PUT", f"{USERS}{uuid}/", {"username": "other"})
    assert (answer.status_code, answer.json()["state"]) == (200, "OK")


async def test_a_username_that_is_too_long_is_refused(world: World) -> None:
    uuid = (await account(world, await world.offering()))["uuid"]
    answer = await world.ask("seller", "PATCH", f"{USERS}{uuid}/", {"username": "x" * 101})
    assert (answer.status_code, list(answer.json())) == (400, ["username"])


async def test_a_username_given_while_pending_ends_the_waiting(world: World) -> None:
    uuid = (await account(world, await world.offering()))["uuid"]
    await bring(world, uuid, "begin_creating")
    await act(world, uuid, "set_pending_account_linking", {"comment": "Link your account"})
    seen = await world.must("seller", "PATCH", f"{USERS}{uuid}/", {"username": "jdoe"})
    assert (seen["state"], seen["service_provider_comment"]) == ("OK", "")


async def test_one_name_at_all_offerings_of_a_provider(world: World) -> None:
    first, second, unused = [await world.offering(name) for name in ("First", "Second", "Unused")]
    await world.resource(first)
    await world.resource(second, attributes={"name": "other"})
    waiting = (await account(world, first))["uuid"]
    other = (await account(world, first, "manager"))["uuid"]
    [provider] = await world.must("seller", "GET", "/api/marketplace-service-providers/")
    path = f"/api/marketplace-service-providers/{provider['uuid']}/set_offerings_username/"
    body = {"user_uuid": str(UUID(world.ids["member"])), "username": "shared"}
    nothing = await world.post("seller", path, {**body, "username": ""})
    assert nothing.status_code == 201
    assert await state(world, waiting) == "Requested"
    assert (await world.post("seller", path, body)).status_code == 201
    rows = await world.must("seller", "GET", f"{USERS}?user_uuid={world.ids['member']}&o=created")
    assert [(r["offering_name"], r["username"], r["state"]) for r in rows] == [
        ("First", "shared", "OK"),
        ("Second", "shared", "OK"),
    ]
    assert await state(world, other) == "Requested"
    assert unused["uuid"] not in {r["offering_uuid"] for r in rows}


async def test_names_for_all_offerings_pass_by_accounts_that_go(world: World) -> None:
    offering = await world.offering()
    uuid = (await account(world, offering, username="old"))["uuid"]
    await bring(world, uuid, "request_deletion")
    [provider] = await world.must("seller", "GET", "/api/marketplace-service-providers/")
    path = f"/api/marketplace-service-providers/{provider['uuid']}/set_offerings_username/"
    body = {"user_uuid": world.ids["member"], "username": "new"}
    assert (await world.post("seller", path, body)).status_code == 409
    other = (await account(world, await world.offering("Other")))["uuid"]
    assert (await world.post("seller", path, body)).status_code == 201
    assert await state(world, other) == "OK"
    kept = await world.must("seller", "GET", f"{USERS}{uuid}/")
    assert (kept["username"], kept["state"]) == ("old", "Requested deletion")


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        ("owner", {"username": "x"}, 403),
        ("keeper", {"username": "x"}, 403),
        ("seller", {"username": "x", "user_uuid": "01a1f9451f4b7bb494e47baf44a1ea5f"}, 400),
        ("seller", {}, 400),
    ],
)
async def test_names_for_all_offerings_are_the_providers(
    world: World, who: str, body: dict[str, Any], status: int
) -> None:
    [provider] = await world.must("seller", "GET", "/api/marketplace-service-providers/")
    path = f"/api/marketplace-service-providers/{provider['uuid']}/set_offerings_username/"
    answer = await world.post(who, path, {"user_uuid": world.ids["member"], **body})
    assert answer.status_code == status


# -- "Permissions" -----------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["seller", "vendor", "keeper", "staff"])
async def test_providers_their_managers_and_staff_act(world: World, who: str) -> None:
    offering = await world.offering()
    await world.keep(offering)
    uuid = (await account(world, offering))["uuid"]
    for action in ("begin_creating", "set_pending_account_linking", "set_validation_complete"):
        assert (await act(world, uuid, action, who=who)).status_code == 200
    assert (await act(world, uuid, "update_comments", {}, who=who)).status_code == 200


@pytest.mark.parametrize(
    ("who", "status"), [("member", 403), ("support", 403), ("owner", 404), ("stranger", 404)]
)
async def test_nobody_else_does(world: World, who: str, status: int) -> None:
    """The person sees the account and may not act; whoever does not see it learns nothing."""
    uuid = (await account(world, await world.offering()))["uuid"]
    for action in (*SOURCES, "update_comments"):
        assert (await act(world, uuid, action, who=who)).status_code == status, action
    path = f"{USERS}{uuid}/"
    assert (await world.ask(who, "PATCH", path, {"username": "x"})).status_code == status
    assert (await world.ask(who, "DELETE", path)).status_code == status
    assert (await world.get(who, path)).status_code == (404 if status == 404 else 200)
    assert await state(world, uuid) == "Requested"


async def test_another_provider_sees_nothing(world: World) -> None:
    uuid = (await account(world, await world.offering()))["uuid"]
    await world.must(
        "owner", "POST", "/api/marketplace-service-providers/", {"customer": world.ids["buyer"]}, 201
    )
    assert (await world.get("owner", f"{USERS}{uuid}/")).status_code == 404
    assert await world.must("owner", "GET", USERS) == []


# -- "Filtering OfferingUsers" -----------------------------------------------------------------


async def states(world: World, query: str) -> list[str]:
    rows = await world.must("seller", "GET", f"{USERS}?{query}&field=state&page_size=100&o=created")
    return [row["state"] for row in rows]


async def test_filters_by_state(world: World) -> None:
    await in_every_state(world)
    for wanted in AccountState:
        assert await states(world, f"state={quote(wanted.value)}") == [wanted.value]
    assert await states(world, "state=Requested&state=OK") == ["Requested", "OK"]
    both = "state=Pending%20account%20linking&state=Pending%20additional%20validation"
    assert await states(world, both) == ["Pending account linking", "Pending additional validation"]
    assert await states(world, "state=Error%20creating&state=Error%20deleting") == [
        "Error creating",
        "Error deleting",
    ]
    assert len(await states(world, "is_restricted=false")) == 10


async def test_an_invalid_state_is_refused(world: World) -> None:
    answer = await world.get("seller", f"{USERS}?state=InvalidState")
    assert answer.status_code == 400
    assert list(answer.json()) == ["state"]


async def test_combining_state_with_other_filters(world: World) -> None:
    offering, other = await world.offering("One"), await world.offering("Two")
    await account(world, offering, username="jdoe")
    await account(world, other)
    await account(world, other, "manager", username="man")
    [provider] = await world.must("seller", "GET", "/api/marketplace-service-providers/")
    member = world.ids["member"]
    assert len(await states(world, f"state=OK&offering_uuid={UUID(offering['uuid'])}")) == 1
    assert (
        len(await states(world, f"state=OK&offering_uuid={offering['uuid']}&offering_uuid={other['uuid']}"))
        == 2
    )
    assert len(await states(world, f"state=Requested&user_uuid={member}")) == 1
    assert len(await states(world, f"state=Creating&provider_uuid={provider['uuid']}")) == 0
    for uuid in (provider["uuid"], world.ids["provider"], str(UUID(provider["uuid"]))):
        assert len(await states(world, f"state=OK&provider_uuid={uuid}")) == 2
    assert await states(world, f"provider_uuid={world.ids['buyer']}") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("user_username=MEMBER", ["jdoe"]),
        ("user_username=memb", []),
        ("query=hpc", ["jdoe", "man"]),
        ("query=JDOE", ["jdoe"]),
        ("query=Member%20Exam", ["jdoe"]),
        ("query=manager", ["man"]),
        ("query=nobody", []),
        ("is_restricted=true", ["man"]),
        ("is_restricted=false", ["jdoe"]),
        ("created_after=2026-03-01T00:00:00", ["man"]),
        ("created=2026-03-01T00:00:00Z", ["man"]),
        ("created_before=2026-02-28T00:00:00Z", ["jdoe"]),
        ("modified_after=2026-04-01T00:00:00Z", ["man"]),
        ("modified=2026-04-01T00:00:00", ["man"]),
        ("modified_before=2026-02-28T12:00:00%2B00:00", ["jdoe"]),
        ("offering_slug=hpc", ["jdoe", "man"]),
        ("o=-username", ["man", "jdoe"]),
        ("o=user_first_name", ["man", "jdoe"]),
        ("o=-modified", ["man", "jdoe"]),
    ],
)
async def test_other_filters_and_orders(world: World, query: str, found: list[str]) -> None:
    offering = await world.offering()
    with world.at("2026-02-01"):
        await account(world, offering, username="jdoe")
    with world.at("2026-03-01"):
        uuid = (await account(world, offering, "manager", username="man"))["uuid"]
    with world.at("2026-04-01"):
        answer = await act(world, uuid, "update_restricted", {"is_restricted": True})
        assert answer.status_code == 200
    rows = await world.must("seller", "GET", f"{USERS}?{query}&field=username")
    assert [row["username"] for row in rows] == found


# -- "Events and Logging" ----------------------------------------------------------------------


async def recorded(world: World, uuid: str) -> list[Any]:
    found = select(tables.audit).where(tables.audit.c.object == uuid).order_by(tables.audit.c.id)
    return list(await world.market.db.read(lambda conn: conn.execute(found).fetchall()))


async def test_every_act_is_recorded_with_who_did_it(world: World) -> None:
    uuid = (await account(world, await world.offering()))["uuid"]
    await bring(world, uuid, "begin_creating")
    await world.must("seller", "PATCH", f"{USERS}{uuid}/", {"username": "jdoe"})
    await act(world, uuid, "update_restricted", {"is_restricted": True})
    await bring(world, uuid, "request_deletion")
    await world.must("seller", "DELETE", f"{USERS}{uuid}/", status=204)
    rows = await recorded(world, uuid)
    actions = [(row.event_type, row.context["action"], row.context["state"]) for row in rows]
    assert actions == [
        ("marketplace_offering_user_created", "create", "Requested"),
        ("marketplace_offering_user_updated", "update", "Creating"),
        ("marketplace_offering_user_updated", "update", "OK"),
        ("marketplace_offering_user_updated", "username_set", "OK"),
        ("marketplace_offering_user_restriction_updated", "update", "OK"),
        ("marketplace_offering_user_updated", "update", "Requested deletion"),
        ("marketplace_offering_user_deleted", "delete", "Requested deletion"),
    ]
    assert len({row.user_id for row in rows}) == 1
    assert rows[0].user_id is not None
    named = rows[3].context
    assert named["username"] == "jdoe"
    assert named["attributes"] == {
        "full_name": "Member Example",
        "first_name": "Member",
        "last_name": "Example",
        "email": "member@example.org",
        "username": "member",
    }


async def test_a_refused_act_is_not_recorded(world: World) -> None:
    uuid = (await account(world, await world.offering()))["uuid"]
    await act(world, uuid, "set_deleted")
    assert len(await recorded(world, uuid)) == 1


async def test_a_new_name_says_which_resources_it_belongs_to(world: World) -> None:
    offering = await world.offering()
    resource = await world.resource(offering)
    path = f"/api/marketplace-provider-resources/{resource['uuid']}/set_backend_id/"
    await world.must("seller", "POST", path, {"backend_id": "acc-1"})
    await world.order(offering, attributes={"name": "not there yet"})
    uuid = (await account(world, offering))["uuid"]
    await world.must("seller", "PATCH", f"{USERS}{uuid}/", {"username": "jdoe"})
    named = [r.context for r in await recorded(world, uuid) if r.context["action"] == "username_set"]
    assert [one["resource_backend_ids"] for one in named] == [["acc-1"]]


# -- making, seeing and forgetting -------------------------------------------------------------


async def test_what_an_account_shows(world: World) -> None:
    offering = await world.offering()
    made = await account(world, offering, username="jdoe")
    assert made["url"] == f"{BASE}{USERS}{made['uuid']}/"
    assert made["user"] == f"{BASE}/api/users/{world.ids['member']}/"
    assert made["offering"] == f"{BASE}/api/marketplace-public-offerings/{offering['uuid']}/"
    assert (made["customer_uuid"], made["customer_name"]) == (world.ids["provider"], "Seller Org")
    assert (made["user_full_name"], made["user_email"]) == ("Member Example", "member@example.org")
    assert (made["runtime_state"], made["is_restricted"]) == ("Active", False)
    assert (made["is_profile_complete"], made["missing_profile_attributes"]) == (True, [])
    assert (made["has_consent"], made["consent_data"], made["offering_has_active_tos"]) == (
        False,
        None,
        False,
    )
    assert "user_phone_number" not in made


@pytest.mark.parametrize("dashed", [False, True])
async def test_people_and_offerings_by_uuid(world: World, dashed: bool) -> None:
    offering = await world.offering()
    ids = {"user_uuid": world.ids["member"], "offering_uuid": offering["uuid"]}
    body = {name: str(UUID(value)) if dashed else value for name, value in ids.items()}
    made = await world.must("seller", "POST", USERS, body, 201)
    assert (made["user_uuid"], made["offering_uuid"]) == (world.ids["member"], offering["uuid"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"user": "nonsense"}, "user"),
        ({"user": "/api/users/01a1f9451f4b7bb494e47baf44a1ea5f/"}, "user"),
        ({"offering": ""}, "offering"),
        ({"username": "x" * 101}, "username"),
    ],
)
async def test_accounts_that_cannot_be(world: World, change: dict[str, Any], field: str) -> None:
    offering = await world.offering()
    body = {"user": world.ids["member"], "offering": offering["uuid"], **change}
    answer = await world.post("seller", USERS, body)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert await world.must("seller", "GET", USERS) == []


async def test_one_account_for_each_person_until_it_is_deleted(world: World) -> None:
    offering = await world.offering()
    uuid = (await account(world, offering, username="jdoe"))["uuid"]
    body = {"user": world.ids["member"], "offering": offering["uuid"]}
    assert (await world.post("seller", USERS, body)).status_code == 400
    await bring(world, uuid, "request_deletion", "set_deleting", "set_deleted")
    again = await world.must("seller", "POST", USERS, body, 201)
    assert (again["uuid"] == uuid, again["username"], again["state"]) == (False, "", "Requested")
    assert await states(world, f"user_uuid={world.ids['member']}") == ["Deleted", "Requested"]


@pytest.mark.parametrize(
    ("who", "status"), [("vendor", 201), ("keeper", 403), ("owner", 403), ("member", 403)]
)
async def test_who_may_request_accounts(world: World, who: str, status: int) -> None:
    offering = await world.offering()
    await world.keep(offering)
    body = {"user": world.ids["member"], "offering": offering["uuid"]}
    assert (await world.post(who, USERS, body)).status_code == status


async def test_offerings_that_one_does_not_see_are_not_there(world: World) -> None:
    private = await world.offering("Private", shared=False)
    body = {"user": world.ids["member"], "offering": private["uuid"]}
    answer = await world.post("owner", USERS, body)
    assert (answer.status_code, answer.json()) == (400, {"offering": ["Offering is not found."]})
    assert (await world.post("seller", USERS, body)).status_code == 201


async def test_an_account_for_the_user_of_a_resource(world: World) -> None:
    resource = await world.resource(await world.offering())
    path = f"/api/marketplace-resources/{resource['uuid']}/create_user/"
    made = await world.must("seller", "POST", path, {"user": world.ids["member"], "username": "jdoe"}, 201)
    assert (made["state"], made["offering_uuid"]) == ("OK", resource["offering_uuid"])
    requested = await world.must("seller", "POST", path, {"user": world.ids["manager"]}, 201)
    assert requested["state"] == "Requested"
    assert (await world.post("owner", path, {"user": world.ids["admin"]})).status_code == 403
    assert (await world.post("stranger", path, {"user": world.ids["admin"]})).status_code == 404
    refused = await world.post("seller", path, {"user": world.ids["admin"], "nonsense": 1})
    assert (refused.status_code, list(refused.json())) == (400, ["nonsense"])


async def test_restrictions_and_what_a_service_still_expects(world: World) -> None:
    uuid = (await account(world, await world.offering()))["uuid"]
    assert (await act(world, uuid, "update_restricted", {})).status_code == 400
    assert (await act(world, uuid, "update_restricted", {"is_restricted": True})).status_code == 200
    body = {"runtime_state": "Pending account linking", "service_provider_comment": "Link it"}
    assert (await act(world, uuid, "update_runtime_state", body)).status_code == 200
    seen = await world.must("seller", "GET", f"{USERS}{uuid}/")
    assert (seen["is_restricted"], seen["runtime_state"]) == (True, "Pending account linking")
    assert (seen["service_provider_comment"], seen["state"]) == ("Link it", "Requested")
    assert (await act(world, uuid, "update_runtime_state", {"runtime_state": "Gone"})).status_code == 400
    await bring(world, uuid, *WAYS[AccountState.DELETED])
    assert (await act(world, uuid, "update_runtime_state", body)).status_code == 409


async def test_an_account_can_be_forgotten(world: World) -> None:
    uuid = (await account(world, await world.offering()))["uuid"]
    assert (await world.ask("keeper", "DELETE", f"{USERS}{uuid}/")).status_code == 404
    await world.must("seller", "DELETE", f"{USERS}{uuid}/", status=204)
    assert (await world.get("staff", f"{USERS}{uuid}/")).status_code == 404


async def test_names_by_policy(world: World) -> None:
    anonymous = {"username_generation_policy": "anonymized", "username_anonymized_prefix": "hpc"}
    offering = await world.offering("Anonymous", plugin_options=anonymous)
    assert [(await account(world, offering, who))["username"] for who in ("member", "manager")] == [
        "hpc00000",
        "hpc00001",
    ]
    named = await world.offering("Named", plugin_options={"username_generation_policy": "full_name"})
    made = await account(world, named)
    assert (made["username"], made["state"]) == ("member_example_00", "OK")
    same = await world.offering("Same", plugin_options={"username_generation_policy": "waldur_username"})
    assert (await account(world, same))["username"] == "member"
    given = await account(world, same, "manager", username="boss")
    assert given["username"] == "boss"


async def test_names_can_be_given_later(world: World) -> None:
    offering = await world.offering()
    uuid = (await account(world, offering))["uuid"]
    gone = (await account(world, offering, "manager"))["uuid"]
    await bring(world, gone, "set_ok", "request_deletion")
    path = f"/api/marketplace-provider-offerings/{offering['uuid']}/"
    assert (await world.post("seller", path + "refresh_offering_usernames/")).status_code == 200
    assert await state(world, uuid) == "Requested"
    options = {"plugin_options": {"username_generation_policy": "waldur_username"}}
    await world.must("seller", "POST", path + "update_integration/", options)
    answer = await world.post("seller", path + "refresh_offering_usernames/")
    assert (answer.status_code, answer.json()) == (200, {"status": "1 usernames have been generated."})
    assert (await world.must("seller", "GET", f"{USERS}{uuid}/"))["username"] == "member"
