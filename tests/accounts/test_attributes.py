"""What offerings see of the people who use them, and what people agreed to."""

from __future__ import annotations

from typing import Any

import pytest

from mercato.schemas.identity import ATTRIBUTES
from world import BASE, World

pytestmark = pytest.mark.http

USERS = "/api/marketplace-offering-users/"
CONSENTS = "/api/marketplace-user-offering-consents/"
DEFAULTS = ["full_name", "email", "username"]


def paths(offering: dict[str, Any]) -> tuple[str, str, str]:
    base = f"/api/marketplace-provider-offerings/{offering['uuid']}/"
    return (
        base + "user-attribute-config/",
        base + "update-user-attribute-config/",
        base + "delete-user-attribute-config/",
    )


async def test_without_a_choice_there_are_defaults(world: World) -> None:
    offering = await world.offering()
    read, _, _ = paths(offering)
    config = await world.must("seller", "GET", read)
    assert (config["exposed_fields"], config["is_default"]) == (DEFAULTS, True)
    assert (config["offering_uuid"], config["offering_name"]) == (offering["uuid"], "HPC")
    assert (config["uuid"], config["created"]) == (offering["uuid"], offering["created"])
    assert {name: config[f"expose_{name}"] for name in ATTRIBUTES} == {
        name: name in DEFAULTS for name in ATTRIBUTES
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
async def test_the_provider_chooses(world: World, method: str) -> None:
    offering = await world.offering()
    await world.keep(offering)
    read, write, drop = paths(offering)
    body = {"expose_email": False, "expose_phone_number": True, "offering": offering["uuid"]}
    chosen = await world.must("keeper", method, write, body, 200)
    assert (chosen["exposed_fields"], chosen["is_default"]) == (
        ["full_name", "username", "phone_number"],
        False,
    )
    again = await world.must("seller", method, write, {"expose_email": True})
    assert again["exposed_fields"] == ["full_name", "email", "username", "phone_number"]
    assert (again["uuid"], await world.must("seller", "GET", read)) == (chosen["uuid"], again)
    await world.must("seller", "DELETE", drop, status=204)
    assert (await world.must("seller", "GET", read))["is_default"]


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 404), ("stranger", 404), ("reader", 404), ("support", 403)]
)
async def test_nobody_else_does(world: World, who: str, status: int) -> None:
    read, write, drop = paths(await world.offering())
    assert (await world.get(who, read)).status_code == (404 if status == 404 else 200)
    assert (await world.post(who, write, {"expose_email": False})).status_code == status
    assert (await world.ask(who, "DELETE", drop)).status_code == status


async def test_an_offering_sees_what_it_chose_and_nothing_else(world: World) -> None:
    offering = await world.offering()
    body = {"user": world.ids["member"], "offering": offering["uuid"]}
    uuid = (await world.must("seller", "POST", USERS, body, 201))["uuid"]
    await world.must("member", "PATCH", f"/api/users/{world.ids['member']}/", {"phone_number": "+372 1"})
    _, write, _ = paths(offering)
    await world.must("seller", "POST", write, {"expose_full_name": False, "expose_phone_number": True})
    seen = await world.must("seller", "GET", f"{USERS}{uuid}/")
    assert seen["user_phone_number"] == "+372 1"
    hidden = {"user_full_name", "user_first_name", "user_last_name", "user_organization", "user_affiliations"}
    assert hidden & set(seen) == set()
    # Nor can it find out by searching.
    assert await world.must("seller", "GET", f"{USERS}?query=Member%20Exam") == []
    mine = await world.must("member", "GET", f"{USERS}{uuid}/")
    assert (mine["user_full_name"], mine["user_affiliations"]) == ("Member Example", [])


async def test_profiles_are_complete_when_all_that_is_seen_is_there(world: World) -> None:
    offering = await world.offering()
    body = {"user": world.ids["member"], "offering": offering["uuid"]}
    await world.must("seller", "POST", USERS, body, 201)
    _, write, _ = paths(offering)
    wanted = {
        f"expose_{n}": True
        for n in ("job_title", "phone_number", "nationalities", "birth_date", "uid_number")
    }
    await world.must("seller", "POST", write, wanted)
    [seen] = await world.must("seller", "GET", f"{USERS}?has_complete_profile=false")
    assert seen["is_profile_complete"] is False
    missing = ["phone_number", "job_title", "nationalities", "birth_date", "uid_number"]
    assert seen["missing_profile_attributes"] == missing
    assert await world.must("seller", "GET", f"{USERS}?has_complete_profile=true") == []
    person = f"/api/users/{world.ids['member']}/"
    await world.must("member", "PATCH", person, {"phone_number": "1", "job_title": "x"})
    fewer = {f"expose_{n}": False for n in ("nationalities", "birth_date", "uid_number")}
    await world.must("seller", "POST", write, fewer)
    [seen] = await world.must("seller", "GET", f"{USERS}?has_complete_profile=true")
    assert (seen["is_profile_complete"], seen["missing_profile_attributes"]) == (True, [])
    assert (seen["user_phone_number"], seen["user_job_title"]) == ("1", "x")


TERMS = {"terms_of_service": "Be nice.", "terms_of_service_link": "https://example.org/tos"}


async def test_whoever_orders_has_agreed_to_the_terms(world: World) -> None:
    offering = await world.offering(**TERMS)
    resource = await world.resource(offering, accepting_terms_of_service=True)
    [given] = await world.must("owner", "GET", CONSENTS)
    assert (given["user_username"], given["offering_uuid"]) == ("owner", offering["uuid"])
    assert (given["has_consent"], given["requires_reconsent"]) == (True, False)
    assert given["collected_attributes"] == DEFAULTS
    assert given["offering_url"] == f"{BASE}/api/marketplace-public-offerings/{offering['uuid']}/"
    await world.order(offering, attributes={"name": "b"}, accepting_terms_of_service=True)
    assert len(await world.must("owner", "GET", CONSENTS)) == 1
    path = f"/api/marketplace-provider-resources/{resource['uuid']}/team/"
    assert await world.must("seller", "GET", path + "?has_consent=true") == []


async def test_people_agree_and_change_their_minds(world: World) -> None:
    offering = await world.offering(**TERMS)
    resource = await world.resource(offering, accepting_terms_of_service=True)
    body = {"user": world.ids["member"], "offering": offering["uuid"]}
    account = (await world.must("seller", "POST", USERS, body, 201))["uuid"]
    link = f"{BASE}/api/marketplace-public-offerings/{offering['uuid']}/"
    given = await world.must("member", "POST", CONSENTS, {"offering": link}, 201)
    assert given["offering"] == offering["uuid"]
    again = await world.must("member", "POST", CONSENTS, {"offering": link}, 201)
    assert again["uuid"] == given["uuid"]
    seen = await world.must("seller", "GET", f"{USERS}{account}/")
    assert (seen["has_consent"], seen["requires_reconsent"], seen["offering_has_active_tos"]) == (
        True,
        False,
        True,
    )
    assert seen["consent_data"]["uuid"] == given["uuid"]
    assert set(seen["consent_data"]) == {"uuid", "version", "agreement_date"}
    path = f"/api/marketplace-provider-resources/{resource['uuid']}/team/?has_consent=true"
    assert [m["username"] for m in await world.must("seller", "GET", path)] == ["member"]
    for query, found in (
        ("has_consent=true", 1), ("has_consent=false", 0), ("offering_has_active_tos=true", 1),
        ("offering_has_active_tos=false", 0),
    ):  # fmt: skip
        assert len(await world.must("seller", "GET", f"{USERS}?{query}")) == found, query
    change = {"terms_of_service": "Be very nice."}
    provided = f"/api/marketplace-provider-offerings/{offering['uuid']}/update_overview/"
    await world.must("seller", "POST", provided, change)
    seen = await world.must("seller", "GET", f"{USERS}{account}/")
    assert (seen["has_consent"], seen["requires_reconsent"]) == (True, True)
    assert len(await world.must("member", "GET", f"{CONSENTS}?requires_reconsent=true")) == 1
    renewed = await world.must("member", "POST", CONSENTS, {"offering": link}, 201)
    assert renewed["uuid"] != given["uuid"]
    revoked = await world.must("member", "POST", f"{CONSENTS}{renewed['uuid']}/revoke/", status=200)
    assert (revoked["has_consent"], revoked["revocation_date"] is None) == (False, False)
    assert (await world.post("member", f"{CONSENTS}{renewed['uuid']}/revoke/")).status_code == 409
    assert (await world.must("seller", "GET", f"{USERS}{account}/"))["has_consent"] is False


async def test_agreements_are_ones_own(world: World) -> None:
    offering, plain = await world.offering(**TERMS), await world.offering("Plain")
    given = await world.must("member", "POST", CONSENTS, {"offering": offering["uuid"]}, 201)
    for who, status in (("seller", 403), ("support", 403), ("owner", 404), ("stranger", 404)):
        assert (await world.post(who, f"{CONSENTS}{given['uuid']}/revoke/")).status_code == status, who
    assert len(await world.must("seller", "GET", CONSENTS)) == 1
    assert await world.must("owner", "GET", CONSENTS) == []
    for wrong in (plain["uuid"], "nonsense", world.ids["alpha"]):
        answer = await world.post("member", CONSENTS, {"offering": wrong})
        assert (answer.status_code, list(answer.json())) == (400, ["offering"])
