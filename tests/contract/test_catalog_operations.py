"""What the core leaves out about providers, robot accounts and the catalogue, through Waldur's own client."""

from __future__ import annotations

import time
from collections.abc import Iterator
from uuid import UUID

import pytest
from waldur_api_client.models.remote_resource_sync_status_remote_state_enum import (
    RemoteResourceSyncStatusRemoteStateEnum as StateNumber,
)

from contract.caller import Caller
from live import ROOT, Live

pytestmark = pytest.mark.process

OFFERING, PROJECT, BUYER = "0f" + "0" * 29 + "1", "b1" + "0" * 29 + "1", "a" + "0" * 30 + "3"
CUSTOMER = "c2" + "0" * 29 + "1"


@pytest.fixture
def call(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    live = Live(tmp_path_factory.mktemp("catalog") / "data")
    live.command("preset", "load", str(ROOT / "tests/data/preset.json"))
    live.start()
    caller = Caller(live.url, {who: who.ljust(40, "0") for who in ("staff", "provider", "buyer")})
    try:
        yield caller
    finally:
        caller.close()
        live.stop()


def test_providers_robots_and_overviews(call: Caller) -> None:
    provider = call("marketplace_service_providers_list", "provider")[0]["uuid"]
    resource = bought(call)
    providers(call, provider)
    robots(call, provider, resource)
    overviews(call, resource)
    server(call)
    keys(call, resource)
    wrong = {op: one.wrong for op, results in call.results.items() for one in results if one.wrong}
    assert wrong == {}
    assert len(call.results) == 49


def bought(call: Caller) -> dict[str, str]:
    """A resource of which something was used, in a state of its own."""
    offering = call.plain("buyer", "GET", f"/api/marketplace-public-offerings/{OFFERING}/")
    limits = {c["type"]: 1 for c in offering["components"] if c["billing_type"] == "limit"}
    body = {
        "offering": offering["url"],
        "project": f"{call.url}/api/projects/{PROJECT}/",
        "plan": offering["plans"][0]["url"],
        "attributes": {"name": "first"},
        "limits": limits,
    }
    order = call.plain("buyer", "POST", "/api/marketplace-orders/", body)
    path = f"/api/marketplace-orders/{order['uuid']}/"
    call.plain("provider", "POST", path + "approve_by_provider/", {})
    uuid = order["marketplace_resource_uuid"]
    for _ in range(100):
        found: dict[str, str] = call.plain("provider", "GET", f"/api/marketplace-provider-resources/{uuid}/")
        if found["state"] == "OK":
            break
        time.sleep(0.1)
    state = {"backend_metadata": {"runtime_state": "ACTIVE"}}
    call.plain("provider", "POST", f"/api/marketplace-provider-resources/{uuid}/set_backend_metadata/", state)
    used = {"resource": uuid, "usages": [{"type": next(iter(limits)), "amount": "3"}]}
    call.plain("provider", "POST", "/api/marketplace-component-usages/set_usage/", used)
    return found


def providers(call: Caller, uuid: str) -> None:
    op = "marketplace_service_providers_"
    seen = call(op + "retrieve", "buyer", uuid)
    whole = {"customer": seen["customer"], "description": "We compute", "enable_notifications": True}
    assert call(op + "update", "provider", uuid, body=whole)["description"] == "We compute"
    call(op + "partial_update", "provider", uuid, body={"description": "We compute well"})
    first = call("service_provider_api_secret_code_retrieve", "provider", uuid)["api_secret_code"]
    assert call("service_provider_api_secret_code_generate", "provider", uuid)["api_secret_code"] != first
    assert call(op + "stat_retrieve", "provider", uuid)["active_resources"] > 0
    for what in (
        "customers", "users", "offerings", "projects", "keys",
        "course_accounts", "project_service_accounts",
    ):  # fmt: skip
        call(f"{op}{what}_list", "provider", uuid)
    assert call(op + "user_customers_list", "provider", uuid, user_uuid=UUID(BUYER)) == []
    [customer] = call(op + "customers_list", "provider", uuid)
    assert (customer["uuid"], customer["projects_count"]) == (CUSTOMER, 1)
    theirs = {"project_customer_uuid": UUID(CUSTOMER)}
    assert call(op + "customer_projects_list", "provider", uuid, **theirs)[0]["uuid"] == PROJECT
    call(op + "revenue_list", "provider", uuid)


def robots(call: Caller, provider: str, resource: dict[str, str]) -> None:
    op, body = "marketplace_robot_accounts_", {"resource": resource["url"], "type": "cicd"}
    made = call(op + "create", "provider", body={**body, "username": "builder"})["uuid"]
    call(op + "update", "provider", made, body={**body, "username": "tester"})
    call(op + "partial_update", "provider", made, body={"description": "Tests"})
    seen = call(op + "retrieve", "buyer", made)
    assert (seen["username"], seen["description"]) == ("tester", "Tests")
    call(op + "set_state_creating", "provider", made)
    call(op + "set_state_erred", "provider", made, body={"error_message": "Disk is full"})
    call(op + "set_state_ok", "provider", made)
    assert len(call(op + "list", "buyer", state=StateNumber.VALUE_3)) == 1
    # Not in this state: the contract has an answer for that, too.
    assert "detail" in call(op + "set_state_creating", "provider", made)
    call(op + "set_state_request_deletion", "provider", made)
    whose = "marketplace_service_providers_robot_account_"
    assert call(whose + "customers_list", "provider", provider)
    assert call(whose + "projects_list", "provider", provider)
    call(op + "set_state_deleted", "provider", made)
    call(op + "destroy", "provider", made)


def overviews(call: Caller, resource: dict[str, str]) -> None:
    assert call("marketplace_category_component_usages_list", "buyer")
    assert call("marketplace_global_categories_retrieve", "buyer")
    assert call("marketplace_plugins_list", "buyer")
    assert call("marketplace_runtime_states_list", "buyer")
    category = resource["category_uuid"]
    assert call("marketplace_resource_offerings_list", "buyer", category)
    for side in ("resources", "provider_resources"):
        call(f"marketplace_{side}_offering_for_subresources_list", "provider", resource["uuid"])
    person = {"user": BUYER, "role": "OFFERING.MANAGER"}
    call.plain("staff", "POST", f"/api/marketplace-provider-offerings/{OFFERING}/add_user/", person)
    assert call("marketplace_offering_permissions_list", "staff")
    assert call("marketplace_offering_permissions_log_list", "staff")


def server(call: Caller) -> None:
    """What the server tells of itself, and what staff tidy up."""
    for what in ("events", "features", "permissions", "settings"):
        call(f"metadata_{what}_retrieve", "buyer")
    assert call("events_stats_list", "buyer")
    op = "marketplace_site_agent_"
    call(op + "identities_cleanup_orphaned", "staff", body={"dry_run": True})
    call(op + "services_cleanup_stale", "staff", body={"dry_run": False, "older_than_hours": 48})
    call(op + "task_stats_retrieve", "staff")


def keys(call: Caller, resource: dict[str, str]) -> None:
    op, body = (
        "marketplace_resource_api_keys_",
        {"resource": resource["uuid"], "client_id": "a", "api_key": "b"},
    )
    made = call(op + "report_created", "provider", body=body)["uuid"]
    call(op + "revoke", "buyer", made)
