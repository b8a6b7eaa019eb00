"""What the core leaves out about people and their accounts, through Waldur's own client as well."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from contract.caller import Caller
from live import ROOT, Live
from mercato.kernel import clock

pytestmark = pytest.mark.process

OFFERING, PROJECT, BUYER = "0f" + "0" * 29 + "1", "b1" + "0" * 29 + "1", "a" + "0" * 30 + "3"
RUNNING = "Pending account linking"


@pytest.fixture
def call(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    live = Live(tmp_path_factory.mktemp("people") / "data")
    live.command("preset", "load", str(ROOT / "tests/data/preset.json"))
    live.start()
    caller = Caller(live.url, {who: who.ljust(40, "0") for who in ("staff", "provider", "buyer")})
    arisen(live.data / "mercato.db")
    try:
        yield caller
    finally:
        caller.close()
        live.stop()


REVIEW, APPROVED, REJECTED = (f"{n:032x}" for n in (0xE1, 0xE2, 0xE3))


def arisen(file: Path) -> None:
    """What comes by itself in months, or from a remote marketplace: something to review, changes to take over."""
    at = clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with sqlite3.connect(file, timeout=30) as conn:
        customer = "SELECT customer_id FROM projects WHERE uuid = ?"
        conn.execute(
            f"INSERT INTO permission_reviews (uuid, created, customer_id) VALUES (?, ?, ({customer}))",
            (REVIEW, at, PROJECT),
        )
        for uuid in (APPROVED, REJECTED):
            conn.execute(
                "INSERT INTO project_update_requests (uuid, created, project_id, offering_id, state, before, after,"
                " review_comment) VALUES (?, ?, (SELECT id FROM projects WHERE uuid = ?),"
                " (SELECT id FROM offerings WHERE uuid = ?), 'pending', '{\"name\": \"Old\"}',"
                " '{\"name\": \"New\"}', '')",
                (uuid, at, PROJECT, OFFERING),
            )
    conn.close()


def test_people_and_their_accounts(call: Caller) -> None:
    accounts(call)
    consents(call)
    attributes(call)
    programs(call)
    courses(call)
    tokens(call)
    roles(call)
    sciences(call)
    organizations(call)
    networks(call)
    projects(call)
    reports(call)
    wrong = {op: one.wrong for op, results in call.results.items() for one in results if one.wrong}
    assert wrong == {}
    assert len(call.results) == 80


def organizations(call: Caller) -> None:
    seen = call("customers_list", "buyer")
    mine = seen[0]["uuid"]
    assert {"label": "Estonia", "value": "EE"} in call("customers_countries_list", "buyer")
    people = call("customers_users_list", "buyer", mine)
    assert {row["username"] for row in people} >= {"buyer"}
    contact = {"email": "desk@example.org", "phone_number": "+372 1"}
    assert call("customers_contact", "buyer", mine, body=contact)["email"] == "desk@example.org"
    call("customers_retrieve", "buyer", mine)
    assert [row["uuid"] for row in call("customer_permissions_reviews_list", "buyer")] == [REVIEW]
    call("customer_permissions_reviews_close", "buyer", REVIEW)
    op = "marketplace_project_update_requests_"
    assert {row["uuid"] for row in call(op + "list", "staff")} == {APPROVED, REJECTED}
    call(op + "approve", "staff", APPROVED, body={})
    call(op + "reject", "staff", REJECTED, body={"comment": "no"})


def networks(call: Caller) -> None:
    op = "access_subnets_"
    mine = call("customers_list", "buyer")[0]["url"]
    body = {"inet": "192.0.2.0/24", "customer": mine, "description": "Campus"}
    made = call(op + "create", "buyer", body=body)["uuid"]
    assert [row["uuid"] for row in call(op + "list", "buyer")] == [made]
    assert call(op + "retrieve", "buyer", made)["applies_to_portal"] is False
    call(op + "update", "buyer", made, body={**body, "inet": "198.51.100.0/24"})
    assert (
        call(op + "partial_update", "buyer", made, body={"description": "Lab"})["inet"] == "198.51.100.0/24"
    )
    call(op + "destroy", "buyer", made)
    admitted = call("marketplace_provider_offerings_access_subnets_retrieve", "staff", OFFERING)
    assert admitted == {"expanded": [], "packed": [], "defaults": []}


def projects(call: Caller) -> None:
    op = "projects_"
    buyers, others = call("customers_list", "buyer")[0]["url"], None
    for row in call("customers_list", "staff"):
        others = row["url"] if row["url"] != buyers else others
    kind = call.plain("staff", "POST", "/api/project-types/", {"name": "Research"})
    assert [row["name"] for row in call("project_types_list", "buyer")] == ["Research"]
    call("project_types_retrieve", "buyer", kind["uuid"])
    made = call(op + "create", "buyer", body={"name": "Gamma", "customer": buyers, "type": kind["url"]})[
        "uuid"
    ]
    body = {"name": "Delta", "customer": buyers, "description": "x"}
    assert call(op + "update", "buyer", made, body=body)["type_name"] == "Research"
    there = {"customer": others, "preserve_permissions": False}
    assert call(op + "move_project", "staff", made, body=there)["customer"] == others
    call(op + "destroy", "staff", made)
    assert call(op + "recover", "staff", made, body={"restore_team_members": True})["is_removed"] is False


def reports(call: Caller) -> None:
    rows = call("financial_reports_list", "staff", year=2026, month=3)
    call("financial_reports_retrieve", "staff", rows[0]["uuid"])
    assert call("billing_total_cost_retrieve", "staff", year=2026, month=3) == {"total": 0.0, "price": 0.0}


def accounts(call: Caller) -> None:
    op, url = "marketplace_offering_users_", call.url
    body = {
        "user": f"{url}/api/users/{BUYER}/",
        "offering": f"{url}/api/marketplace-public-offerings/{OFFERING}/",
    }
    made = call(op + "create", "provider", body=body)["uuid"]
    call(op + "set_ok", "provider", made)
    call(op + "update", "provider", made, body={**body, "username": "buyer-1"})
    call(op + "update_restricted", "provider", made, body={"is_restricted": True})
    call(op + "update_runtime_state", "provider", made, body={"runtime_state": RUNNING})
    seen = call(op + "retrieve", "provider", made)
    assert (seen["username"], seen["is_restricted"], seen["runtime_state"]) == (
        "buyer-1",
        True,
        "Pending account linking",
    )
    call(op + "destroy", "staff", made)


def consents(call: Caller) -> None:
    op = "marketplace_user_offering_consents_"
    terms = {"terms_of_service": "Be nice."}
    call.plain("provider", "POST", f"/api/marketplace-provider-offerings/{OFFERING}/update_overview/", terms)
    made = call(op + "create", "buyer", body={"offering": OFFERING})["uuid"]
    assert [c["uuid"] for c in call(op + "list", "buyer")] == [made]
    assert call(op + "retrieve", "buyer", made)["has_consent"] is True
    assert call(op + "revoke", "buyer", made)["has_consent"] is False


def attributes(call: Caller) -> None:
    op = "marketplace_provider_offerings_"
    way = "update_user_attribute_config"
    ways = (way, f"{way}_update", f"{way}_partial_update")
    for way in ways:
        seen = call(op + way, "provider", OFFERING, body={"expose_phone_number": True})
        assert (seen["is_default"], "phone_number" in seen["exposed_fields"]) == (False, True)
    call(op + "delete_user_attribute_config_destroy", "provider", OFFERING)
    assert call(op + "list_users_list", "provider", OFFERING) == []


def programs(call: Caller) -> None:
    op, body = "marketplace_project_service_accounts_", {"project": PROJECT, "username": "robot"}
    made = call(op + "create", "buyer", body=body)["uuid"]
    call(op + "update", "buyer", made, body={**body, "description": "Copies"})
    call(op + "partial_update", "buyer", made, body={"email": "robot@example.org"})
    seen = call(op + "retrieve", "buyer", made)
    assert (seen["description"], seen["email"]) == ("Copies", "robot@example.org")
    call(op + "destroy", "buyer", made)
    assert [a["state"] for a in call(op + "list", "buyer")] == ["Closed"]


def courses(call: Caller) -> None:
    op = "marketplace_course_accounts_"
    made = call(op + "create", "buyer", body={"project": PROJECT})["uuid"]
    class_ = {"project": PROJECT, "course_accounts": [{"email": "a@example.org"}, {"email": "b@example.org"}]}
    assert len(call(op + "create_bulk", "buyer", body=class_)) == 2
    # Not by the client: it wants 202 since 8.1.3, and 204 up to 8.1.2, which is the contract's.
    call.plain("buyer", "DELETE", f"/api/marketplace-course-accounts/{made}/")
    assert call(op + "retrieve", "buyer", made)["state"] == "Closed"
    assert len(call(op + "list", "buyer")) == 3


def tokens(call: Caller) -> None:
    op = "personal_access_tokens_"
    assert call(op + "available_scopes_list", "buyer")
    assert call(op + "available_binding_targets_list", "buyer")
    later = (clock.now() + timedelta(days=30)).isoformat()
    made = call(op + "create", "buyer", body={"name": "robot", "scopes": ["ORDER.LIST"], "expires_at": later})
    nets = {"allowed_networks": ["192.0.2.0/24"]}
    assert call(op + "set_network_acl", "buyer", made["uuid"], body=nets)["allowed_networks"]
    signed = call("auth_tokens_list", "staff")
    assert {t["user_username"] for t in signed} == {"staff", "provider", "buyer"}
    theirs = next(t for t in signed if t["user_username"] == "provider")
    number = int(theirs["url"].rstrip("/").rpartition("/")[2])
    # Sessions are known by a number, unlike everything else.
    assert call("auth_tokens_retrieve", "staff", user_id=number)["user"] == theirs["user"]
    call("auth_tokens_destroy", "staff", user_id=number)


def roles(call: Caller) -> None:
    values = {"name": "PROJECT.GUEST", "permissions": {"ORDER.LIST": True}, "content_type": "project"}
    made = call("roles_create", "staff", body=values)["uuid"]
    call(
        "roles_update",
        "staff",
        made,
        body={**values, "permissions": {"ORDER.LIST": True, "ORDER.REJECT": False}},
    )
    call("roles_disable", "staff", made)
    call("roles_enable", "staff", made)
    seen = call("roles_retrieve", "staff", made)
    assert (seen["permissions"], seen["is_active"]) == (["ORDER.LIST"], True)
    [grant] = call("customers_list_users_list", "buyer", "c2" + "0" * 29 + "1")
    assert call("user_permissions_retrieve", "buyer", grant["uuid"])["role_name"] == "CUSTOMER.OWNER"
    change = {"username": "buyer", "email": "new@example.org"}
    assert call("users_update", "staff", BUYER, body=change)["email"] == "new@example.org"
    call("users_change_password", "staff", BUYER, body={"new_password": "another-Passw0rd-long"})


def sciences(call: Caller) -> None:
    domain = call("science_domains_create", "staff", body={"name": "Magic"})
    path, op = domain["uuid"], "science_domains_"
    call(op + "update", "staff", path, body={"name": "High magic"})
    call(op + "partial_update", "staff", path, body={"name": "Higher magic"})
    assert call(op + "retrieve", "buyer", path)["name"] == "Higher magic"
    assert call(op + "list", "buyer")
    body, op = {"name": "Runes", "domain": domain["url"]}, "science_sub_domains_"
    made = call(op + "create", "staff", body=body)["uuid"]
    call(op + "update", "staff", made, body={**body, "name": "Old runes"})
    call(op + "partial_update", "staff", made, body={"name": "Oldest runes"})
    assert call(op + "retrieve", "buyer", made)["name"] == "Oldest runes"
    call(op + "destroy", "staff", made)
    call("science_domains_destroy", "staff", path)
