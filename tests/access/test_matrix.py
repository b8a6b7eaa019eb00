"""Every route against everybody: nobody without a token, no stranger and no onlooker gets further than they should.

A new route that is not in the tables below fails here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from furnished import PICTURE, furnish
from mercato.access.rules import PUBLIC, STAFF
from mercato.config import Settings
from mercato.kernel import tables
from mercato.kernel.http import Route
from mercato.schemas.permissions import Permission
from mercato.web.app import all_routes
from world import World

pytestmark = pytest.mark.http

ROUTES = all_routes(Settings())
# What the uuid of a path is, by the path before it.
OBJECTS = {
    "/api/users/": "owner",
    "/api/customers/": "buyer",
    "/api/projects/": "alpha",
    "/api/project-types/": "project_type",
    "/api/access-subnets/": "subnet",
    "/api/customer-permissions-reviews/": "review",
    "/api/marketplace-project-update-requests/": "project_update",
    "/api/financial-reports/": "buyer",
    "/api/marketplace-service-providers/": "service_provider",
    "/api/organization-groups/": "group",
    "/api/marketplace-categories/": "category",
    "/api/marketplace-category-groups/": "category_group",
    "/api/marketplace-category-columns/": "column",
    "/api/marketplace-sections/": "section",
    "/api/marketplace-attributes/": "attribute",
    "/api/marketplace-attribute-options/": "option",
    "/api/marketplace-screenshots/": "screenshot",
    "/api/marketplace-public-offerings/": "offering",
    "/api/marketplace-provider-offerings/": "offering",
    "/api/marketplace-public-plans/": "plan",
    "/api/marketplace-plans/": "plan",
    "/api/marketplace-resources/": "resource",
    "/api/marketplace-provider-resources/": "resource",
    "/api/marketplace-component-usages/": "usage",
    "/api/marketplace-component-user-usages/": "user_usage",
    "/api/marketplace-customer-usage/": "buyer",
    "/api/marketplace-project-usage/": "alpha",
    "/api/component-user-usage-limits/": "usage_limit",
    "/api/marketplace-orders/": "order",
    "/api/invoices/": "invoice",
    "/api/notices/": "notice",
    "/api/invoice-items/": "item",
    "/api/roles/": "role",
    "/api/marketplace-offering-users/": "offering_user",
    "/api/keys/": "key",
    "/api/science-domains/": "science_domain",
    "/api/science-sub-domains/": "science_sub_domain",
    "/api/marketplace-project-service-accounts/": "service_account",
    "/api/marketplace-course-accounts/": "course_account",
    "/api/personal-access-tokens/": "owner_token",
    "/api/marketplace-user-offering-consents/": "consent",
    "/api/user-permissions/": "grant",
    "/api/marketplace-site-agent-identities/": "agent",
    "/api/marketplace-site-agent-services/": "agent_service",
    "/api/marketplace-site-agent-processors/": "agent_processor",
    "/api/event-subscriptions/": "subscription",
    "/api/marketplace-slurm-periodic-usage-policies/": "slurm_policy",
    "/api/marketplace-resource-api-keys/": "api_key",
    "/api/marketplace-robot-accounts/": "robot",
    "/api/marketplace-resource-offerings/": "category",
    "/api/backend-resource-requests/": "backend_request",
    "/api/backend-resources/": "backend_resource",
    "/api/event-subscription-queues/": "queue",
}
_MEMBER = {"user": "{member}", "role": "PROJECT.MEMBER"}
_COMPONENT = {"type": "disk", "name": "Disk", "billing_type": "fixed"}
_LIMIT = {"resource": "{resource}", "component": "{hours}", "user": "{offering_user}"}
# What must be asked, by the end of the path.
QUERIES = {
    "components-usage-timeseries/": "?offering_uuid={offering}",
    "components-usage-by-project/": "?offering_uuid={offering}",
}


def _both(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Making and replacing take the same."""
    return {f"POST {path}": body, f"PUT {path}{{uuid}}/": body}


_POLICY = {"scope": "{offering}", "actions": "request_pausing", "component_limits_set": []}
# What must be said to get as far as the permission, by the end of the path.
BODIES: dict[str, Any] = {
    "PUT /api/customers/{uuid}/": {"name": "Other"},
    "PUT /api/projects/{uuid}/": {"name": "Other"},
    "POST /api/project-types/": {"name": "New"},
    "move_project": {"customer": "{provider}", "preserve_permissions": True},
    **_both("/api/access-subnets/", {"inet": "192.0.2.0/24", "customer": "{buyer}"}),
    "POST /api/customers/": {"name": "New"},
    "POST /api/users/": {"username": "new", "email": "new@example.org"},
    "POST /api/projects/": {"name": "New", "customer": "{buyer}"},
    "POST /api/marketplace-service-providers/": {"customer": "{buyer}"},
    "POST /api/marketplace-categories/": {"title": "New"},
    "PUT /api/marketplace-categories/{uuid}/": {"title": "New"},
    "POST /api/marketplace-category-groups/": {"title": "New"},
    "PUT /api/marketplace-category-groups/{uuid}/": {"title": "New"},
    **_both("/api/organization-groups/", {"name": "New"}),
    **_both(
        "/api/marketplace-category-columns/",
        {"index": 2, "title": "New", "category": "{category}"},
    ),
    **_both("/api/marketplace-sections/", {"key": "new", "title": "New", "category": "{category}"}),
    **_both(
        "/api/marketplace-attributes/",
        {"key": "new", "title": "New", "section": "{section}", "type": "string"},
    ),
    **_both(
        "/api/marketplace-attribute-options/",
        {"key": "new", "title": "New", "attribute": "{attribute}"},
    ),
    "POST /api/marketplace-screenshots/": {"name": "x", "offering": "{offering}", "image": PICTURE},
    "PUT /api/marketplace-plans/{uuid}/": {"name": "New"},
    "update_description": {"category": "{category}"},
    "update_resource_options": {"resource_options": {}},
    "update_type": {"type": "Marketplace.Basic"},
    "update_thumbnail": {"thumbnail": PICTURE},
    "update_image": {"image": PICTURE},
    "POST /api/marketplace-provider-offerings/": {
        "name": "New",
        "category": "{category}",
        "customer": "{provider}",
        "type": "Marketplace.Basic",
    },
    "POST /api/marketplace-offerings/": {
        "name": "New",
        "category": "{category}",
        "customer": "{provider}",
        "type": "Marketplace.Basic",
    },
    "POST /api/marketplace-plans/": {"name": "New", "offering": "{offering}"},
    "POST /api/marketplace-orders/": {"offering": "{offering}", "project": "{alpha}", "plan": "{plan}"},
    "POST /api/marketplace-component-usages/set_usage/": {
        "resource": "{resource}",
        "usages": [{"type": "hours", "amount": 1}],
    },
    "POST /api/user-permissions/": {**_MEMBER, "scope_type": "project", "scope_uuid": "{alpha}"},
    "POST /api/user-permissions/delete_user/": {**_MEMBER, "scope_type": "project", "scope_uuid": "{alpha}"},
    "POST /api/marketplace-site-agent-identities/": {"offering": "{offering}", "name": "other"},
    "PUT /api/marketplace-site-agent-identities/{uuid}/": {"offering": "{offering}", "name": "agent"},
    "POST /api/marketplace-site-agent-logs/": [
        {"agent_identity_uuid": "{agent}", "timestamp": 1, "level": "INFO", "message": "x", "module": "y"}
    ],
    "register_service": {"name": "other"},
    "POST /api/marketplace-slurm-periodic-usage-policies/": _POLICY,
    "PUT /api/marketplace-slurm-periodic-usage-policies/{uuid}/": _POLICY,
    "report-command-result": {"resource_uuid": "{resource}", "success": True},
    "report_created": {"resource": "{resource}", "client_id": "x", "api_key": "y"},
    "set_key": {"api_key": "y"},
    **_both("/api/marketplace-robot-accounts/", {"resource": "{resource}", "type": "cicd"}),
    "POST /api/backend-resource-requests/": {"offering": "{offering}"},
    "POST /api/backend-resources/": {"name": "x", "offering": "{offering}", "project": "{alpha}"},
    "register_processor": {"name": "other", "backend_type": "slurm"},
    "register_event_subscription": {"observable_object_type": "resource"},
    "create_queue": {"offering_uuid": "{offering}", "object_type": "order"},
    "set_statistics": {"statistics": {}},
    "add_user": _MEMBER,
    "update_user": _MEMBER,
    "delete_user": _MEMBER,
    "change_password": {"new_password": "Another-horse-battery-9"},
    "update_options": {"options": {}},
    "create_offering_component": _COMPONENT,
    "update_offering_component": {**_COMPONENT, "uuid": "{component}"},
    "remove_offering_component": {"uuid": "{component}"},
    "add_endpoint": {"name": "Web", "url": "https://example.org"},
    "delete_endpoint": {"uuid": "{endpoint}"},
    "update_prices": {"prices": {"cpu": "1"}},
    "update_quotas": {"quotas": {}},
    "check_unique_backend_id": {"backend_id": "x"},
    "set_backend_metadata": {"backend_metadata": {}},
    "set_endpoints": {"endpoints": []},
    "PUT /api/marketplace-resources/{uuid}/": {"name": "Other"},
    "PUT /api/marketplace-provider-resources/{uuid}/": {"name": "Other"},
    "POST /api/marketplace-resources/suggest_name/": {"project": "{alpha}", "offering": "{offering}"},
    "set_membership_sync_statuses": {"statuses": []},
    "set_consumer_info": {"consumer_message": "x"},
    "set_provider_info": {"provider_message": "x"},
    "set_user_usage": {"username": "member-1", "usage": 1},
    "set_user_usages": {"usages": [{"username": "member-1", "usage": 1}]},
    "POST /api/component-user-usage-limits/": _LIMIT,
    "PUT /api/component-user-usage-limits/{uuid}/": _LIMIT,
    "submit_report": {"report": []},
    "set_slug": {"slug": "other"},
    "move_resource": {"project": "{alpha}"},
    "renew": {"extension_months": 12},
    "estimate_renewal": {"extension_months": 12},
    "set_limits": {"limits": {"cpu": 1}},
    "report_usage": {"usages": [{"type": "hours", "amount": 1}]},
    "update_limits": {"limits": {"cpu": 1}},
    "switch_plan": {"plan": "{plan}"},
    "POST /api/marketplace-offering-users/": {"user": "{member}", "offering": "{offering}"},
    "POST /api/roles/": {"name": "X", "permissions": [], "content_type": "project"},
    "PUT /api/roles/{uuid}/": {"name": "X", "permissions": [], "content_type": "project"},
    "PUT /api/users/{uuid}/": {"username": "owner", "email": "owner@example.org"},
    "POST /api/marketplace-project-service-accounts/": {"project": "{alpha}", "username": "other"},
    "POST /api/marketplace-course-accounts/": {"project": "{alpha}"},
    "create_bulk": {"project": "{alpha}", "course_accounts": []},
    "POST /api/identity-bridge/": {"username": "x", "source": "isd:x"},
    "POST /api/identity-bridge/remove/": {"username": "x", "source": "isd:x"},
    "POST /api/remote-eduteams/": {"cuid": "x"},
    "POST /api/science-domains/": {"name": "New"},
    "PUT /api/science-domains/{uuid}/": {"name": "New"},
    "POST /api/science-sub-domains/": {"name": "New", "domain": "{science_domain}"},
    "PUT /api/science-sub-domains/{uuid}/": {"name": "New", "domain": "{science_domain}"},
    "POST /api/keys/": {"public_key": "nonsense"},
    "POST /api/personal-access-tokens/": {"name": "x", "scopes": [], "expires_at": "2090-01-01T00:00:00Z"},
    "set_network_acl": {"allowed_networks": []},
    "create_user": {"user": "{member}"},
    "update_restricted": {"is_restricted": True},
    "update_runtime_state": {"runtime_state": "Active"},
    "set_offerings_username": {"user_uuid": "{member}", "username": "x"},
    "POST /api/marketplace-user-offering-consents/": {"offering": "{offering}"},
    "POST /api-auth/password/": {"username": "owner", "password": "wrong"},
    "POST /api-auth/first-administrator/": {"code": "wrong", "username": "x", "password": "y"},
}
# Creating something inside a thing that one cannot see: refused as if the thing did not exist.
HIDDEN_PARENT = {
    "/api/marketplace-project-service-accounts/",
    "/api/marketplace-course-accounts/",
    "/api/marketplace-course-accounts/create_bulk/",
    "/api/marketplace-site-agent-identities/",
    "/api/backend-resource-requests/",
    "/api/backend-resources/",
    "/api/marketplace-slurm-periodic-usage-policies/",
    "/api/marketplace-resource-api-keys/report_created/",
    "/api/marketplace-robot-accounts/",
    "/api/projects/",
    "/api/access-subnets/",
    "/api/marketplace-service-providers/",
    "/api/marketplace-provider-offerings/",
    "/api/marketplace-offerings/",
    "/api/marketplace-plans/",
    "/api/marketplace-screenshots/",
    "/api/marketplace-orders/",
    "/api/marketplace-component-usages/set_usage/",
    "/api/marketplace-resources/suggest_name/",
    "/api/component-user-usage-limits/",
    "/api/user-permissions/",
    "/api/user-permissions/delete_user/",
}
# What can be named by everybody, and is refused for what it is.
OPEN_PARENT = {
    "/api/identity-bridge/": (403, "identity managers"),
    "/api/identity-bridge/remove/": (403, "identity managers"),
    "/api/identity-bridge/allowed-fields/": (403, "identity managers"),
    "/api/remote-eduteams/": (403, "identity managers"),
    "/api/keys/": (400, "A public key looks like"),
    "/api/personal-access-tokens/": (400, "may not be empty"),
    "/api/marketplace-offering-users/": (403, "permission"),
    "/api/marketplace-user-offering-consents/": (400, "has no terms"),
}
# What everybody who is signed in may make: it concerns nobody else.
ITS_OWN = {"POST /api/event-subscriptions/", "POST /api/notices/read_all/"}
# What everybody who is signed in may see of others.
OPEN_TO_ALL = {
    "/api/events/count/",
    "/api/events/event_groups/",
    "/api/events/scope_types/",
    "/api/marketplace-site-agent-stats/",
    "/api/marketplace-slurm-periodic-usage-policies/actions/",
    "/api/marketplace-site-agent-connection-stats/",
    "/api/users/me/",
    "/api/roles/{uuid}/",
    "/api/organization-groups/{uuid}/",
    "/api/project-types/{uuid}/",
    "/api/customers/countries/",
    "/api/billing-total-cost/",
    "/api/marketplace-category-columns/{uuid}/",
    "/api/marketplace-sections/{uuid}/",
    "/api/marketplace-attributes/{uuid}/",
    "/api/marketplace-attribute-options/{uuid}/",
    "/api/science-domains/{uuid}/",
    "/api/science-sub-domains/{uuid}/",
    "/api/marketplace-service-providers/{uuid}/",
    "/api/marketplace-service-providers/{uuid}/image/",
    "/api/marketplace-plugins/",
    "/api/metadata/events/",
    "/api/metadata/features/",
    "/api/metadata/permissions/",
    "/api/metadata/settings/",
    "/api/marketplace-global-categories/",
    "/api/marketplace-resource-offerings/{uuid}/",
    "/api/personal-access-tokens/available_scopes/",
    "/api/personal-access-tokens/available_binding_targets/",
}
# Everybody knows who sells, and sees what it looks like.
SEEN_BY_ALL = ("/api/marketplace-service-providers/", "/api/marketplace-screenshots/")
OPEN_LISTS = {
    "/api/roles/": 7,
    "/api/organization-groups/": 1,
    "/api/project-types/": 1,
    "/api/marketplace-category-columns/": 1,
    "/api/marketplace-sections/": 1,
    "/api/marketplace-attributes/": 1,
    "/api/marketplace-attribute-options/": 1,
    "/api/marketplace-plan-components/": 7,
    "/api/marketplace-service-providers/": 1,
    "/api/users/": 1,
    "/api/events/": 1,
    "/api/events-stats/": 1,
    "/api/science-domains/": 6,
    "/api/science-sub-domains/": 10,
}


@pytest.fixture
async def stage(filled_url: str, tmp_path: Path) -> AsyncIterator[World]:
    made = await World.open(filled_url, tmp_path)
    await furnish(made)
    yield made
    await made.close()


def path_of(route: Route, ids: dict[str, str]) -> str:
    before, uuid, after = route.endpoint.path.partition("{uuid}")
    path = before + (ids[OBJECTS[before]] if uuid else "") + after.replace("{plan_uuid}", ids["plan"])
    query = QUERIES.get(after.removeprefix("/"), "").format(**ids)
    number = ids["offering_grant"] if "/marketplace-offering-permissions" in before else "1"
    return path.replace("{user_id}", "1").replace("{id}", number) + query


def body_of(route: Route, ids: dict[str, str]) -> Any:
    endpoint = route.endpoint
    last = endpoint.path.strip("/").rsplit("/", 1)[-1]
    found = BODIES.get(f"{endpoint.method} {endpoint.path}", BODIES.get(last, {}))
    return _filled(found, ids)


def _filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {k: _filled(v, ids) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, ids) for v in value]
    found = re.fullmatch(r"\{(\w+)\}", value) if isinstance(value, str) else None
    return ids[found[1]] if found else value


async def ask(stage: World, who: str | None, route: Route) -> tuple[int, Any]:
    method = route.endpoint.method
    json = body_of(route, stage.ids) if method != "GET" else None
    answer = await stage.ask(who, method, path_of(route, stage.ids), json)
    said = answer.headers["Content-Type"] == "application/json" and answer.content
    return answer.status_code, answer.json() if said else None


def code_of(body: Any) -> str:
    return str(body.get("code", "")) if isinstance(body, dict) else ""


async def recorded(stage: World) -> int:
    count = select(func.count()).select_from(tables.audit)
    return int(await stage.market.db.read(lambda conn: conn.execute(count).scalar_one()))


def names(routes: list[Route]) -> list[str]:
    return [f"{r.endpoint.method} {r.endpoint.path}" for r in routes]


async def test_without_a_token_only_what_is_public_is_there(stage: World) -> None:
    before = await recorded(stage)
    refused = {}
    for route, name in zip(ROUTES, names(ROUTES), strict=True):
        if route.needs != PUBLIC:
            status, body = await ask(stage, None, route)
            if (status, code_of(body)) != (401, "not_signed_in"):
                refused[name] = status, body
    assert refused == {}
    assert await recorded(stage) == before


GUARDED = [r for r in ROUTES if isinstance(r.needs, Permission)]


@pytest.mark.parametrize("who", ["support", "reader"])
async def test_who_sees_a_thing_but_lacks_the_permission_is_forbidden(stage: World, who: str) -> None:
    before = await recorded(stage)
    wrong = {}
    for route, name in zip(GUARDED, names(GUARDED), strict=True):
        status, body = await ask(stage, who, route)
        if (status, code_of(body)) != (403, "forbidden"):
            wrong[name] = status, body
    assert wrong == {}
    assert await recorded(stage) == before


async def test_for_a_stranger_foreign_things_do_not_exist(stage: World) -> None:
    before = await recorded(stage)
    wrong = {}
    for route, name in zip(ROUTES, names(ROUTES), strict=True):
        path = route.endpoint.path
        if route.needs in (PUBLIC, STAFF) or (route.kind == "list" and "{uuid}" not in path):
            continue
        if (path in OPEN_TO_ALL and route.endpoint.method == "GET") or path == "/api-auth/logout/":
            continue
        if name in ITS_OWN:
            continue
        status, body = await ask(stage, "stranger", route)
        if path in HIDDEN_PARENT:
            right = status == 400 and "not found" in str(body)
        elif path in OPEN_PARENT:
            right = status == OPEN_PARENT[path][0] and OPEN_PARENT[path][1] in str(body)
        elif path.startswith(SEEN_BY_ALL) and route.endpoint.method != "GET":
            right = status == 403
        else:
            right = (status, code_of(body)) == (404, "not_found")
        if not right:
            wrong[name] = status, body
    assert wrong == {}
    assert await recorded(stage) == before


async def test_a_strangers_lists_are_empty(stage: World) -> None:
    seen = {}
    for route in ROUTES:
        path = route.endpoint.path
        if route.kind == "list" and route.needs not in (PUBLIC, STAFF) and "{uuid}" not in path:
            found = await stage.must("stranger", "GET", path)
            if found:
                seen[path] = len(found)
    assert seen == OPEN_LISTS


@pytest.mark.parametrize("who", ["stranger", "owner", "seller", "support"])
async def test_what_is_for_staff_is_for_nobody_else(stage: World, who: str) -> None:
    wrong = {}
    for route in ROUTES:
        if route.needs == STAFF:
            status, _ = await ask(stage, who, route)
            if status != 403:
                wrong[route.endpoint.path] = status
    assert wrong == {}


async def test_support_reads_everything(stage: World) -> None:
    wrong = {}
    for route in ROUTES:
        if route.endpoint.method == "GET" and route.needs != STAFF:
            status, body = await ask(stage, "support", route)
            if status != 200 or (route.kind == "list" and not body):
                wrong[route.endpoint.path] = status
    # Nobody works here; a personal access token is its owner's alone; identities have managers of their own;
    # what opens a resource is for those who use it, and what signs for a provider for its own people.
    assert wrong == {
        "/health/": 503,
        "/api/personal-access-tokens/{uuid}/": 404,
        "/api/identity-bridge/allowed-fields/": 403,
        "/api/marketplace-resource-api-keys/{uuid}/reveal/": 403,
        "/api/marketplace-service-providers/{uuid}/api_secret_code/": 403,
    }


async def test_support_writes_nothing(stage: World) -> None:
    """But itself: its own account and its own session."""
    before = await recorded(stage)
    done = []
    for route, name in zip(ROUTES, names(ROUTES), strict=True):
        if name in ITS_OWN:
            continue
        if route.endpoint.method != "GET" and route.needs != PUBLIC and name != "POST /api-auth/logout/":
            status, _ = await ask(stage, "support", route)
            if status < 400:
                done.append(name)
    assert done == []
    assert await recorded(stage) == before
