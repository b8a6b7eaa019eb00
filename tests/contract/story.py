"""Every operation of the compatibility core, in an order in which a marketplace lives."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from contract.caller import Caller

OFFERING = "0f000000000000000000000000000001"
PLAN = "0b000000000000000000000000000001"
PROJECT = "b1000000000000000000000000000001"
SELLER = "c1000000000000000000000000000001"
BUYER = "c2000000000000000000000000000001"
PROVIDER = "5e000000000000000000000000000001"
STAFF_USER = "a0000000000000000000000000000001"
BUYER_USER = "a0000000000000000000000000000003"
LIMITS = {"cpu": 10, "ram": 20, "storage": 30}
SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGkxW0T0pUQyZ1pQxOe7yWq3mF4yS3n8yqkq6o9r0bcd ada@example.org"


def tell(call: Caller) -> None:
    """All chapters."""
    for chapter in (doors, people, tenants, roles, catalogue):
        call.chapter(chapter)
    site = slurm_offering(call)
    resource = call.chapter(ordering, site)
    call.chapter(reviewing, site)
    for about_resource in (usage, resources, api_keys):
        call.chapter(about_resource, resource)
    for about_site in (accounts, agents, imports):
        call.chapter(about_site, site)
    call.chapter(policies, site, resource)
    call.chapter(leaving, site, resource)


def doors(call: Caller) -> None:
    call("version_retrieve", "buyer")
    call("configuration_retrieve", "buyer")
    call("users_me_retrieve", "buyer")
    call("user_permissions_list", "buyer")
    call("science_sub_domains_list", "buyer")


def people(call: Caller) -> None:
    body = {"username": "ada", "email": "ada@example.org", "first_name": "Ada", "last_name": "Lovelace"}
    made = call("users_create", "staff", body=body)
    call("users_list", "staff")
    call("users_retrieve", "staff", made["uuid"])
    call("users_partial_update", "staff", made["uuid"], body={"job_title": "Analyst"})
    call("users_destroy", "staff", made["uuid"])
    key = call("keys_create", "buyer", body={"name": "laptop", "public_key": SSH_KEY})
    call("keys_list", "buyer")
    call("keys_retrieve", "buyer", key["uuid"])
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(days=30)).isoformat()
    scopes = call.plain("buyer", "GET", "/api/personal-access-tokens/available_scopes/")
    names = [row["key"] if "key" in row else next(iter(row.values())) for row in scopes][:1]
    wish = {"name": "script", "scopes": names, "expires_at": later}
    token = call("personal_access_tokens_create", "buyer", body=wish)
    call("personal_access_tokens_list", "buyer")
    call("personal_access_tokens_retrieve", "buyer", token["uuid"])
    token = call("personal_access_tokens_rotate", "buyer", token["uuid"])
    call("personal_access_tokens_destroy", "buyer", token["uuid"])
    identity = {
        "username": "grace",
        "source": "isd:eduteams",
        "first_name": "Grace",
        "email": "g@example.org",
    }
    call("identity_bridge", "staff", body=identity)
    call("identity_bridge_allowed_fields_retrieve", "staff")
    call("remote_eduteams", "staff", body={"cuid": "grace"})
    call("identity_bridge_remove", "staff", body={"username": "grace", "source": "isd:eduteams"})


def tenants(call: Caller) -> None:
    call("customers_list", "buyer")
    call("customers_retrieve", "buyer", BUYER)
    call("customers_partial_update", "buyer", BUYER, body={"phone_number": "+372 123"})
    customer = call("customers_create", "staff", body={"name": "Short-lived", "email": "s@example.org"})
    link = f"{call.url}/api/customers/{customer['uuid']}/"
    project = call("projects_create", "staff", body={"name": "Brief", "customer": link})
    call("projects_list", "buyer")
    call("projects_retrieve", "buyer", PROJECT)
    call("projects_partial_update", "staff", project["uuid"], body={"description": "d"})
    member = {"role": "PROJECT.MEMBER", "user": STAFF_USER}
    call("projects_add_user", "buyer", PROJECT, body=member)
    call("projects_list_users_list", "buyer", PROJECT)
    call("projects_delete_user", "buyer", PROJECT, body=member)
    call("projects_destroy", "staff", project["uuid"])
    call("customers_destroy", "staff", customer["uuid"])


def roles(call: Caller) -> None:
    known = call("roles_list", "staff")
    call("roles_retrieve", "staff", known[0]["uuid"])
    wish = {"name": "PROJECT.READER", "permissions": {"PROJECT.LIST": True}, "content_type": "project"}
    role = call("roles_create", "staff", body=wish)
    call("roles_partial_update", "staff", role["uuid"], body={"description": "Reads"})
    call("roles_destroy", "staff", role["uuid"])


def catalogue(call: Caller) -> None:
    call("marketplace_public_offerings_list", "buyer")
    call("marketplace_public_offerings_retrieve", "buyer", OFFERING)
    call("marketplace_provider_offerings_retrieve", "provider", OFFERING)
    call("marketplace_plans_retrieve", "provider", PLAN)
    call("marketplace_service_providers_list", "provider")
    call("marketplace_service_providers_projects_list", "provider", PROVIDER)
    part = {"type": "gpu", "name": "GPU", "billing_type": "usage", "measured_unit": "hours"}
    op = "marketplace_provider_offerings_create_offering_component"
    call(op, "provider", OFFERING, body=part)
    found = call.plain("provider", "GET", f"/api/marketplace-provider-offerings/{OFFERING}/")
    uuid = next(row["uuid"] for row in found["components"] if row["type"] == "gpu")
    op = "marketplace_provider_offerings_update_offering_component"
    call(op, "provider", OFFERING, body={**part, "uuid": uuid, "name": "Graphics"})
    wish = {"backend_id": "free", "check_all_offerings": False}
    call("marketplace_provider_offerings_check_unique_backend_id", "provider", OFFERING, body=wish)
    call("marketplace_provider_offerings_user_attribute_config_retrieve", "provider", OFFERING)
    call("marketplace_provider_offerings_list_course_accounts_list", "provider", OFFERING)
    call("marketplace_provider_offerings_list_project_service_accounts_list", "provider", OFFERING)


def slurm_offering(call: Caller) -> dict[str, Any]:
    """An offering that a site agent serves."""
    parts = [
        {"type": "cpu", "name": "CPU", "billing_type": "usage", "measured_unit": "hours"},
        {"type": "storage", "name": "Storage", "billing_type": "limit", "measured_unit": "GB"},
    ]
    body = {
        "name": "Cluster",
        "category": f"{call.url}/api/marketplace-categories/ca000000000000000000000000000001/",
        "customer": f"{call.url}/api/customers/{SELLER}/",
        "type": "Marketplace.Slurm",
        "components": parts,
        "plans": [{"name": "Standard", "unit": "month", "prices": {"cpu": "0.05", "storage": "0.10"}}],
        "plugin_options": {
            "service_provider_can_create_offering_user": True,
            "username_generation_policy": "service_provider",
            "enable_membership_sync_status": True,
        },
        "shared": True,
        "billable": True,
    }
    made = call.plain("provider", "POST", "/api/marketplace-provider-offerings/", body)
    call.plain("provider", "POST", f"/api/marketplace-provider-offerings/{made['uuid']}/activate/")
    found: dict[str, Any] = call.plain(
        "provider", "GET", f"/api/marketplace-provider-offerings/{made['uuid']}/"
    )
    return found


def order(call: Caller, site: dict[str, Any], name: str) -> dict[str, Any]:
    body = {
        "offering": f"{call.url}/api/marketplace-public-offerings/{site['uuid']}/",
        "project": f"{call.url}/api/projects/{PROJECT}/",
        "plan": f"{call.url}/api/marketplace-public-offerings/{site['uuid']}/plans/{site['plans'][0]['uuid']}/",
        "attributes": {"name": name},
        "limits": {"storage": 100},
    }
    made: dict[str, Any] = call("marketplace_orders_create", "buyer", body=body)
    return made


def ordering(call: Caller, site: dict[str, Any]) -> str:
    """A resource from its order; its uuid."""
    made = order(call, site, "first")
    call("marketplace_orders_list", "buyer")
    call("marketplace_orders_retrieve", "buyer", made["uuid"])
    call("marketplace_orders_approve_by_provider", "provider", made["uuid"], body={})
    call("marketplace_orders_set_backend_id", "provider", made["uuid"], body={"backend_id": "job-1"})
    resource: str = made["marketplace_resource_uuid"]
    act = "marketplace_provider_resources_"
    call(act + "set_backend_id", "provider", resource, body={"backend_id": "acct_1"})
    call(act + "set_backend_metadata", "provider", resource, body={"backend_metadata": {"qos": "normal"}})
    links = {"endpoints": [{"name": "SSH", "url": "ssh://login.example"}]}
    call(act + "set_endpoints", "provider", resource, body=links)
    call("marketplace_orders_set_state_done", "provider", made["uuid"])
    call("marketplace_orders_resource_retrieve", "buyer", made["uuid"])
    return resource


def reviewing(call: Caller, site: dict[str, Any]) -> None:
    """Orders that end otherwise."""
    made = order(call, site, "rejected")
    comment = {"provider_rejection_comment": "Not this month."}
    call("marketplace_orders_reject_by_provider", "provider", made["uuid"], body=comment)
    made = order(call, site, "canceled")
    call("marketplace_orders_delete_attachment", "buyer", made["uuid"])
    call("marketplace_orders_cancel", "buyer", made["uuid"])
    made = order(call, site, "fails")
    call("marketplace_orders_set_state_executing", "provider", made["uuid"])
    failure = {"error_message": "No room.", "error_traceback": "…"}
    call("marketplace_orders_set_state_erred", "provider", made["uuid"], body=failure)
    call("marketplace_orders_retry", "provider", made["uuid"])
    call("marketplace_orders_set_state_erred", "provider", made["uuid"], body=failure)
    call("marketplace_orders_unlink", "staff", made["uuid"])
    waiting = unreviewed(call, site)
    call("marketplace_orders_partial_update", "member", waiting, body={"limits": {"storage": 50}})
    call("marketplace_orders_approve_by_consumer", "buyer", waiting)
    call("marketplace_orders_destroy", "staff", unreviewed(call, site))


def unreviewed(call: Caller, site: dict[str, Any]) -> str:
    """An order of a member who may order but not approve: it waits for the consumer."""
    return str(order_by(call, "member", site)["uuid"])


def order_by(call: Caller, who: str, site: dict[str, Any]) -> dict[str, Any]:
    body = {
        "offering": f"{call.url}/api/marketplace-public-offerings/{site['uuid']}/",
        "project": f"{call.url}/api/projects/{PROJECT}/",
        "plan": f"{call.url}/api/marketplace-plans/{site['plans'][0]['uuid']}/",
        "attributes": {"name": f"of {who}"},
        "limits": {"storage": 1},
    }
    made: dict[str, Any] = call("marketplace_orders_create", who, body=body)
    return made


def usage(call: Caller, resource: str) -> None:
    day = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT00:00:00")
    report = {"resource": resource, "date": day, "usages": [{"type": "cpu", "amount": "12.50"}]}
    call("marketplace_component_usages_set_usage", "provider", body=report)
    [found] = call("marketplace_component_usages_list", "provider")
    op = "marketplace_component_usages_set_user_usage"
    call(op, "provider", found["uuid"], body={"username": "buyer", "usage": "2.50"})
    op = "marketplace_component_usages_set_user_usages"
    call(op, "provider", found["uuid"], body={"usages": [{"username": "buyer", "usage": "3.50"}]})
    call("marketplace_component_user_usages_list", "provider")
    call("component_user_usage_limits_list", "provider")


def resources(call: Caller, resource: str) -> None:
    call("marketplace_resources_list", "buyer")
    call("marketplace_resources_retrieve", "buyer", resource)
    call("marketplace_resources_partial_update", "buyer", resource, body={"description": "ours"})
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(days=200)).strftime("%Y-%m-%d")
    call("marketplace_resources_set_end_date", "staff", resource, body={"end_date": later})
    call("marketplace_resources_team_list", "buyer", resource)
    act = "marketplace_provider_resources_"
    call(act + "list", "provider")
    call(act + "retrieve", "provider", resource)
    call(act + "team_list", "provider", resource)
    call(act + "set_effective_id", "provider", resource, body={"effective_id": "acct_1_real"})
    call(act + "set_end_date", "provider", resource, body={"end_date": later})
    call(act + "refresh_last_sync", "provider", resource)
    call(act + "set_as_erred", "provider", resource, body={"error_message": "Node down"})
    call(act + "set_as_ok", "provider", resource)
    call(act + "set_limits", "provider", resource, body={"limits": {"storage": 110}})
    entry = {"scope_type": "resource", "role_name": "PROJECT.MEMBER", "state": "synced", "username": "buyer"}
    entry["user_uuid"] = BUYER_USER
    call(act + "set_membership_sync_statuses", "provider", resource, body={"statuses": [entry]})
    wish = call("marketplace_resources_update_limits", "buyer", resource, body={"limits": {"storage": 120}})
    finish(call, wish["order_uuid"])


def finish(call: Caller, uuid: str) -> None:
    """What the provider's agent would do."""
    for _ in range(100):
        state = call.plain("provider", "GET", f"/api/marketplace-orders/{uuid}/")["state"]
        if state == "pending-provider":
            call.plain("provider", "POST", f"/api/marketplace-orders/{uuid}/approve_by_provider/", {})
        elif state == "executing":
            call.plain("provider", "POST", f"/api/marketplace-orders/{uuid}/set_state_done/", {})
        elif state == "done":
            return
        time.sleep(0.02)
    raise AssertionError("the order was not finished within two seconds")


def accounts(call: Caller, site: dict[str, Any]) -> None:
    link = f"{call.url}/api/marketplace-provider-offerings/{site['uuid']}/"
    op = "marketplace_offering_users_"

    def fresh(user: str) -> str:
        for row in call.plain("provider", "GET", f"/api/marketplace-offering-users/?user_uuid={user}"):
            if row["offering_uuid"] == site["uuid"]:
                return str(row["uuid"])
        body = {"offering": link, "user": f"{call.url}/api/users/{user}/"}
        return str(call.plain("provider", "POST", "/api/marketplace-offering-users/", body)["uuid"])

    mine = fresh(BUYER_USER)
    call(op + "list", "provider")
    call(op + "begin_creating", "provider", mine)
    call(op + "set_error_creating", "provider", mine)
    call(op + "begin_creating", "provider", mine)
    note = {"comment": "Confirm your key", "comment_url": "https://example.org/confirm"}
    call(op + "set_pending_account_linking", "provider", mine, body=note)
    call(op + "set_error_creating", "provider", mine)
    call(op + "set_pending_additional_validation", "provider", mine, body=note)
    call(op + "update_comments_partial_update", "provider", mine, body={"service_provider_comment": "Seen"})
    call(op + "set_validation_complete", "provider", mine)
    call(op + "partial_update", "provider", mine, body={"username": "buyer01"})
    body = {"user_uuid": BUYER_USER, "username": "buyer02"}
    call("marketplace_service_providers_set_offerings_username", "provider", PROVIDER, body=body)
    call("marketplace_service_providers_keys_list", "provider", PROVIDER)
    call(op + "request_deletion", "provider", mine)
    call(op + "set_deleting", "provider", mine)
    call(op + "set_error_deleting", "provider", mine)
    call(op + "set_deleting", "provider", mine)
    call(op + "set_deleted", "provider", mine)


def agents(call: Caller, site: dict[str, Any]) -> None:
    identity = {"offering": site["uuid"], "name": f"agent-{site['uuid']}", "version": "1.0.7"}
    identity["dependencies"] = [{"package": "waldur-site-agent", "version": "1.0.7"}]
    op = "marketplace_site_agent_identities_"
    made = call(op + "create", "provider", body=identity)
    call(op + "list", "provider")
    call(op + "update", "provider", made["uuid"], body=identity)
    service = call(
        op + "register_service", "provider", made["uuid"], body={"name": "orders", "mode": "order_process"}
    )
    call(op + "register_queue", "provider", made["uuid"], body={"object_types": ["order", "resource"]})
    processor = {"name": "p", "backend_type": "slurm", "backend_version": "23.02"}
    op = "marketplace_site_agent_services_register_processor"
    call(op, "provider", service["uuid"], body=processor)
    line = {"agent_identity_uuid": made["uuid"], "timestamp": time.time(), "level": "INFO", "message": "hi"}
    call("marketplace_site_agent_logs_create", "provider", body=[{**line, "module": "agent"}])


def imports(call: Caller, site: dict[str, Any]) -> None:
    wish = {"offering": site["uuid"], "project": PROJECT, "name": "found", "backend_id": "acct_9"}
    call("backend_resources_create", "provider", body=wish)
    call("backend_resources_list", "provider")
    for ending in ("set_done", "set_erred"):
        path = "/api/backend-resource-requests/"
        asked = call.plain("provider", "POST", path, {"offering": site["uuid"]})
        call("backend_resource_requests_retrieve", "provider", asked["uuid"])
        call("backend_resource_requests_start_processing", "provider", asked["uuid"])
        more = {"body": {"error_message": "Gone"}} if ending == "set_erred" else {}
        call(f"backend_resource_requests_{ending}", "provider", asked["uuid"], **more)


def api_keys(call: Caller, resource: str) -> None:
    op = "marketplace_resource_api_keys_"
    made = call(
        op + "report_created", "provider", body={"resource": resource, "client_id": "c1", "api_key": "k"}
    )
    call(op + "list", "provider")
    call.plain("buyer", "POST", f"/api/marketplace-resource-api-keys/{made['uuid']}/rotate/")
    call(op + "set_erred", "provider", made["uuid"], body={"error_message": "The backend is away"})
    call.plain("buyer", "POST", f"/api/marketplace-resource-api-keys/{made['uuid']}/rotate/")
    call(op + "set_key", "provider", made["uuid"], body={"api_key": "k2", "client_id": "c1"})


def policies(call: Caller, site: dict[str, Any], resource: str) -> None:
    path = "/api/marketplace-slurm-periodic-usage-policies/"
    wish = {
        "scope": f"{call.url}/api/marketplace-provider-offerings/{site['uuid']}/",
        "actions": "request_downscaling",
        "component_limits_set": [{"type": "cpu", "limit": 1000}],
        "apply_to_all": True,
    }
    made = call.plain("provider", "POST", path, wish)
    call("marketplace_slurm_periodic_usage_policies_list", "provider")
    op = "marketplace_slurm_periodic_usage_policies_report_command_result"
    result = {"resource_uuid": resource, "success": True, "commands_executed": ["sacctmgr …"]}
    call(op, "provider", made["uuid"], body=result)


def leaving(call: Caller, site: dict[str, Any], resource: str) -> None:
    wish = call("marketplace_resources_terminate", "buyer", resource, body={})
    finish(call, wish["order_uuid"])
    made = order(call, site, "forgotten")
    call("marketplace_orders_approve_by_provider", "provider", made["uuid"], body={})
    call("marketplace_resources_unlink", "staff", made["marketplace_resource_uuid"])
    [key] = call.plain("buyer", "GET", "/api/keys/")
    call("keys_destroy", "buyer", key["uuid"])
