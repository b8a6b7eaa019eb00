"""Presets: people with all that is known of them, what they may do, and their accounts at offerings."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from furnished import KEY
from mercato.commands import preset_rows
from mercato.commands.acts import load_preset
from mercato.kernel.columns import metadata
from mercato.kernel.errors import Invalid
from mercato.schemas.accounts import AccountState
from world import World

pytestmark = pytest.mark.http

EXAMPLE = json.loads((Path(__file__).parents[1] / "data" / "preset.json").read_text())
PROVIDER, BUYER = "a" + "0" * 30 + "2", "a" + "0" * 30 + "3"
PUPIL = "a" + "0" * 30 + "4"
OFFERING, PROJECT, SELLER = "0f" + "0" * 29 + "1", "b1" + "0" * 29 + "1", "5e" + "0" * 29 + "1"
PERSONAL = "w_preset0000000000000000000000000000000000"
PEOPLE: dict[str, list[dict[str, Any]]] = {
    "users": [
        {
            "uuid": PUPIL,
            "username": "pupil",
            "email": "pupil@example.org",
            "first_name": "Pu",
            "last_name": "Pil",
            "phone_number": "+372 1",
            "gender": "female",
            "birth_date": "2001-02-03",
            "nationalities": ["EE", "FI"],
            "affiliations": ["student@uni.example"],
            "is_identity_manager": True,
            "managed_isds": ["isd:uni"],
            "active_isds": ["isd:uni"],
            "registration_method": "isd:uni",
            "civil_number": "4001",
            "uid_number": 70001,
        }
    ],
    "personal_access_tokens": [
        {
            "key": PERSONAL,
            "user_uuid": BUYER,
            "name": "robot",
            "scopes": ["ORDER.LIST"],
            "expires_at": "2099-01-01T00:00:00Z",
        }
    ],
    "ssh_keys": [{"uuid": "e1" + "0" * 30, "user_uuid": BUYER, "public_key": KEY}],
    "roles": [
        {
            "uuid": "e2" + "0" * 30,
            "name": "PROJECT.GUEST",
            "content_type": "structure.project",
            "permissions": ["ORDER.LIST"],
        }
    ],
    "user_roles": [
        {"user_uuid": PUPIL, "role_name": "PROJECT.GUEST", "scope_type": "project", "scope_uuid": PROJECT}
    ],
    "user_attribute_configs": [{"offering_uuid": OFFERING, "exposed_fields": ["full_name", "phone_number"]}],
    "offering_users": [
        {
            "uuid": "e3" + "0" * 30,
            "offering_uuid": OFFERING,
            "user_uuid": BUYER,
            "state": "Pending account linking",
            "service_provider_comment": "Link it",
            "service_provider_comment_url": "https://link.example.org/",
            "is_restricted": True,
        },
        {"offering_uuid": OFFERING, "user_uuid": PUPIL, "username": "pupil-1"},
        {"offering_uuid": OFFERING, "user_uuid": PROVIDER, "username": "gone", "state": 8},
    ],
    "project_service_accounts": [{"uuid": "e4" + "0" * 30, "project_uuid": PROJECT, "username": "robot"}],
    "course_accounts": [{"uuid": "e5" + "0" * 30, "project_uuid": PROJECT, "email": "a@example.org"}],
}


def document() -> dict[str, Any]:
    made: dict[str, Any] = copy.deepcopy(EXAMPLE)
    made["users"][0]["username"] = "chief"  # the small world has its own staff
    for name, rows in copy.deepcopy(PEOPLE).items():
        made.setdefault(name, []).extend(rows)
    made["projects"][0] |= {"kind": "course", "end_date": "2099-12-31", "science_sub_domain": "1.2"}
    return made


async def loaded(world: World) -> World:
    await load_preset(world.market, document=document())
    for row in EXAMPLE["auth_tokens"]:
        world.tokens[row["key"].rstrip("0")] = row["key"]
    return world


async def test_everything_about_people_loads(world: World) -> None:
    await loaded(world)
    seen = await world.must("staff", "GET", f"/api/users/{PUPIL}/")
    given = PEOPLE["users"][0]
    assert {name: seen[name] for name in given} == given
    assert seen["full_name"] == "Pu Pil"
    [key] = await world.must("buyer", "GET", "/api/keys/")
    assert (key["uuid"], key["name"], key["public_key"]) == ("e1" + "0" * 30, "owner@laptop", KEY)
    [role] = await world.must("staff", "GET", "/api/roles/?name=PROJECT.GUEST")
    assert (role["uuid"], role["content_type"], role["users_count"]) == ("e2" + "0" * 30, "project", 1)
    project = await world.must("buyer", "GET", f"/api/projects/{PROJECT}/")
    assert (project["kind"], project["science_sub_domain_code"]) == ("course", "1.2")
    [program] = await world.must("buyer", "GET", "/api/marketplace-project-service-accounts/")
    assert (program["uuid"], program["username"]) == ("e4" + "0" * 30, "robot")
    [participant] = await world.must("buyer", "GET", "/api/marketplace-course-accounts/")
    assert (participant["uuid"], participant["email"]) == ("e5" + "0" * 30, "a@example.org")
    assert participant["username"].startswith("alpha-")


async def test_accounts_stand_as_they_are_said_to(world: World) -> None:
    await loaded(world)
    found = await world.must("staff", "GET", f"/api/marketplace-offering-users/?offering_uuid={OFFERING}")
    by = {row["user_uuid"]: row for row in found}
    assert {user: (row["state"], row["username"]) for user, row in by.items()} == {
        BUYER: ("Pending account linking", ""),
        PUPIL: ("OK", "pupil-1"),
        PROVIDER: ("Deleted", "gone"),
    }
    mine = by[BUYER]
    assert (mine["uuid"], mine["is_restricted"]) == ("e3" + "0" * 30, True)
    assert (mine["service_provider_comment"], mine["service_provider_comment_url"]) == (
        "Link it",
        "https://link.example.org/",
    )
    shown = await world.must("provider", "GET", f"/api/marketplace-offering-users/{by[PUPIL]['uuid']}/")
    assert (shown["user_full_name"], shown["user_phone_number"]) == ("Pu Pil", "+372 1")
    assert "user_email" not in shown
    path = f"/api/marketplace-offering-users/{mine['uuid']}/set_validation_complete/"
    assert (await world.ask("provider", "POST", path)).status_code == 200


async def test_a_personal_token_opens_the_door_and_no_more(world: World) -> None:
    await loaded(world)
    bearer = {"authorization": f"Bearer {PERSONAL}"}
    seen = await world.client.get("/api/users/me/", headers=bearer)
    assert (seen.status_code, seen.json()["username"]) == (200, "buyer")
    change = {"description": "x"}
    refused = await world.client.patch(f"/api/projects/{PROJECT}/", headers=bearer, json=change)
    assert refused.status_code == 403


async def counts(world: World) -> dict[str, int]:
    names = ("users", "personal_tokens", "ssh_keys", "roles", "role_permissions", "grants", "attribute_configs",
             "offering_users", "service_accounts", "course_accounts", "audit", "facts")  # fmt: skip
    known = metadata.tables
    return await world.market.db.read(
        lambda conn: {
            name: int(conn.execute(select(func.count()).select_from(known[name])).scalar_one())
            for name in names
        }
    )


async def test_loading_twice_changes_nothing(world: World) -> None:
    await loaded(world)
    before = await counts(world)
    await loaded(world)
    assert await counts(world) == before


def test_states_have_waldurs_numbers() -> None:
    numbers = {n: preset_rows.account_state(n) for n in (1, 5, 8, 10)}
    assert numbers == {
        1: AccountState.REQUESTED,
        5: AccountState.OK,
        8: AccountState.DELETED,
        10: AccountState.ERROR_DELETING,
    }


async def test_a_bad_row_is_named_and_nothing_at_all_is_loaded(world: World) -> None:
    before, wrong = await counts(world), {}
    for kind, index, change, message in (
        ("users", 3, {"civil_number": 1, "email": "nonsense"}, "The preset is not valid"),
        ("users", 3, {"email": "nonsense"}, "users, row 4: email"),
        ("personal_access_tokens", 0, {"key": "secret"}, "personal_access_tokens, row 1: key"),
        ("personal_access_tokens", 0, {"scopes": ["STAFF.ACCESS"]}, "personal_access_tokens, row 1: scopes"),
        ("personal_access_tokens", 0, {"allowed_networks": ["x"]}, "personal_access_tokens, row 1: allowed"),
        ("ssh_keys", 0, {"public_key": "ssh-rsa x"}, "ssh_keys, row 1: public_key"),
        ("ssh_keys", 0, {"user_uuid": "f" * 32}, "ssh_keys, row 1: there is no user"),
        ("roles", 0, {"permissions": ["ORDER.FLY"]}, "roles, row 1: permissions"),
        ("roles", 0, {"content_type": "planet"}, "roles, row 1: content_type"),
        (
            "user_attribute_configs",
            0,
            {"exposed_fields": ["soul"]},
            "user_attribute_configs, row 1: exposed_fields",
        ),
        ("offering_users", 0, {"state": "Lost"}, "The preset is not valid"),
        ("offering_users", 0, {"state": 11}, "offering_users, row 1: state: there is no state 11"),
        ("offering_users", 0, {"offering_uuid": "f" * 32}, "offering_users, row 1: there is no offering"),
        ("project_service_accounts", 0, {"username": "A B"}, "project_service_accounts, row 1: username"),
        ("course_accounts", 0, {"project_uuid": "f" * 32}, "course_accounts, row 1: there is no project"),
        ("projects", 0, {"science_sub_domain": "99.9"}, "projects, row 1: science_sub_domain"),
    ):
        rows = document()
        rows[kind][index] |= change
        try:
            await load_preset(world.market, document=rows)
        except Invalid as error:
            said = error.detail
        else:
            said = "loaded"
        if not said.startswith(message):
            wrong[message] = said
        assert await counts(world) == before, message
    assert wrong == {}
