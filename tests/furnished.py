"""A marketplace in which everything is there once: an order that waits, a resource with usage and an invoice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from mercato.catalog.tables import offerings
from mercato.identity import service as identity
from mercato.kernel import clock
from mercato.kernel.db import Tx
from mercato.notices.service import tell
from mercato.resources import project_updates
from mercato.tenants import reviews
from mercato.tenants.tables import customers, projects
from world import COMPONENTS, World

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl owner@laptop"
METERED = {"type": "hours", "name": "Hours", "billing_type": "usage", "measured_unit": "h"}
PICTURE = {"name": "dot.gif", "data": "R0lGODlhAQABAAAAACw="}
FORM = {"order": ["os"], "options": {"os": {"type": "string", "label": "System"}}}


async def furnish(world: World) -> World:
    """Fill `world.ids` with one uuid of every kind; `reader` reads for the provider too, `keeper` keeps."""
    ids = world.ids
    body: dict[str, Any] = {
        "components": [*COMPONENTS, METERED],
        "options": FORM,
        "resource_options": FORM,
        "plugin_options": {"enable_membership_sync_status": True},
        "secret_options": {"password": "hidden"},
    }
    offering = await world.offering(**body)
    await world.keep(offering)
    ids["offering"], ids["plan"] = offering["uuid"], offering["plans"][0]["uuid"]
    ids["component"] = offering["components"][0]["uuid"]
    path = f"/api/marketplace-provider-offerings/{ids['offering']}/"
    link = {"name": "Login", "url": "ssh login.example.org"}
    ids["endpoint"] = (await world.must("seller", "POST", path + "add_endpoint/", link, 201))["uuid"]
    clerk = {"user": ids["reader"], "role": "CUSTOMER.SUPPORT"}
    await world.must("staff", "POST", f"/api/customers/{ids['provider']}/add_user/", clerk, 201)
    resource = await world.resource(offering)
    ids["resource"], ids["done"] = resource["uuid"], resource["creation_order"]["uuid"]
    synced = {"scope_type": "resource", "role_name": "PROJECT.ADMIN", "state": "synced", "username": "admin"}
    path = f"/api/marketplace-provider-resources/{ids['resource']}/set_membership_sync_statuses/"
    await world.must("seller", "POST", path, {"statuses": [synced]}, 200)
    usage = {"resource": ids["resource"], "usages": [{"type": "hours", "amount": "1.5"}]}
    await world.must("seller", "POST", "/api/marketplace-component-usages/set_usage/", usage, 201)
    ids["order"] = (await world.order(offering, "manager"))["uuid"]
    await _attach(world)
    account = {"user": ids["member"], "offering": ids["offering"], "username": "member-1"}
    ids["offering_user"] = (
        await world.must("seller", "POST", "/api/marketplace-offering-users/", account, 201)
    )["uuid"]
    clerk = {"user": ids["reader"], "offering": ids["offering"]}
    await world.must("seller", "POST", "/api/marketplace-offering-users/", clerk, 201)
    key = {"public_key": KEY, "name": "laptop"}
    ids["key"] = (await world.must("owner", "POST", "/api/keys/", key, 201))["uuid"]
    later = (clock.now() + timedelta(days=30)).isoformat()
    token = {"name": "robot", "scopes": ["ORDER.LIST"], "expires_at": later}
    for who in ("owner", "staff", "support"):
        made = await world.must(who, "POST", "/api/personal-access-tokens/", token, 201)
        ids[f"{who}_token"] = made["uuid"]
    path = "/api/marketplace-project-service-accounts/"
    program = {"project": ids["alpha"], "username": "robot"}
    ids["service_account"] = (await world.must("owner", "POST", path, program, 201))["uuid"]
    path, pupil = "/api/marketplace-course-accounts/", {"project": ids["alpha"]}
    ids["course_account"] = (await world.must("owner", "POST", path, pupil, 201))["uuid"]
    await world.must("member", "POST", "/api/keys/", {"public_key": KEY}, 201)
    terms = await world.offering("With terms", terms_of_service="Be nice.")
    agreed = {"offering": terms["uuid"]}
    path = "/api/marketplace-user-offering-consents/"
    ids["consent"] = (await world.must("member", "POST", path, agreed, 201))["uuid"]
    await furnish_tenants(world)
    await furnish_agent(world)
    await furnish_imports(world)
    await furnish_catalog(world)
    limit = {"type": "cpu", "limit": 10}
    policy = {"scope": ids["offering"], "actions": "request_pausing", "component_limits_set": [limit]}
    path = "/api/marketplace-slurm-periodic-usage-policies/"
    ids["slurm_policy"] = (await world.must("seller", "POST", path, policy, 201))["uuid"]
    result = {"resource_uuid": ids["resource"], "success": True}
    await world.must("seller", "POST", f"{path}{ids['slurm_policy']}/report-command-result/", result, 200)
    key = {"resource": ids["resource"], "client_id": "k-1", "api_key": "secret"}
    path = "/api/marketplace-resource-api-keys/report_created/"
    ids["api_key"] = (await world.must("seller", "POST", path, key, 201))["uuid"]
    robot = {"resource": ids["resource"], "type": "cicd", "users": [ids["member"]], "keys": [KEY]}
    ids["robot"] = (await world.must("seller", "POST", "/api/marketplace-robot-accounts/", robot, 201))[
        "uuid"
    ]
    await _use(world)
    await _tell(world)
    for name, where in {
        "usage": "/api/marketplace-component-usages/",
        "user_usage": "/api/marketplace-component-user-usages/",
        "invoice": "/api/invoices/",
        "item": "/api/invoice-items/",
        "grant": "/api/user-permissions/",
        "role": "/api/roles/",
        "science_domain": "/api/science-domains/",
        "science_sub_domain": "/api/science-sub-domains/",
        "service_provider": "/api/marketplace-service-providers/",
    }.items():
        ids[name] = (await world.must("staff", "GET", where + "?page_size=1"))[0]["uuid"]
    [kept] = await world.must("staff", "GET", "/api/marketplace-offering-permissions/")
    ids["offering_grant"] = str(kept["pk"])
    path = f"/api/marketplace-provider-resources/{ids['resource']}/set_backend_metadata/"
    await world.must("seller", "POST", path, {"backend_metadata": {"runtime_state": "SHUT_OFF"}}, 200)
    path = f"/api/marketplace-service-providers/{ids['service_provider']}/"
    await world.must("seller", "PATCH", path, {"image": PICTURE}, 200)
    return world


async def furnish_tenants(world: World) -> None:
    """Pictures, a type of projects, a network, a review that is open, and a change that the provider may take over."""
    ids = world.ids
    for kind, name in (("customers", "buyer"), ("projects", "alpha")):
        await world.must("staff", "PATCH", f"/api/{kind}/{ids[name]}/", {"image": PICTURE})
    made = await world.must("staff", "POST", "/api/project-types/", {"name": "Research"}, 201)
    ids["project_type"] = made["uuid"]
    network = {"inet": "198.51.100.0/24", "customer": ids["buyer"], "description": "Campus"}
    ids["subnet"] = (await world.must("owner", "POST", "/api/access-subnets/", network, 201))["uuid"]

    def due(tx: Tx) -> None:
        row = tx.conn.execute(select(customers).where(customers.c.uuid == ids["buyer"])).one()
        reviews._begin(tx, row)
        offering = tx.conn.execute(select(offerings).where(offerings.c.uuid == ids["offering"])).one()
        project = tx.conn.execute(select(projects).where(projects.c.uuid == ids["alpha"])).one()
        project_updates._ask(tx, project, offering, {"name": "Alpha"}, {"name": "Alpha II"})

    await world.market.db.write(due)
    [review] = await world.must("owner", "GET", "/api/customer-permissions-reviews/")
    [update] = await world.must("owner", "GET", "/api/marketplace-project-update-requests/")
    ids["review"], ids["project_update"] = review["uuid"], update["uuid"]


async def furnish_agent(world: World) -> None:
    """A site agent of the offering, what runs in it, what it logged, and its subscription with a queue."""
    ids, seller = world.ids, "seller"
    where = "/api/marketplace-site-agent-identities/"
    agent = {"offering": ids["offering"], "name": "agent"}
    ids["agent"] = (await world.must(seller, "POST", where, agent, 201))["uuid"]
    mine = f"{where}{ids['agent']}/"
    service = {"name": "orders", "mode": "order_process"}
    made = await world.must(seller, "POST", mine + "register_service/", service, 201)
    ids["agent_service"] = made["uuid"]
    services = f"/api/marketplace-site-agent-services/{ids['agent_service']}/"
    processor = {"name": "orders", "backend_type": "slurm"}
    made = await world.must(seller, "POST", services + "register_processor/", processor, 201)
    ids["agent_processor"] = made["uuid"]
    entry = {
        "agent_identity_uuid": ids["agent"],
        "timestamp": 1.5,
        "level": "INFO",
        "message": "x",
        "module": "y",
    }
    await world.must(seller, "POST", "/api/marketplace-site-agent-logs/", [entry], 201)
    wish = {"observable_object_type": "order"}
    made = await world.must(seller, "POST", mine + "register_event_subscription/", wish, 201)
    ids["subscription"] = made["uuid"]
    wish = {"offering_uuid": ids["offering"], "object_type": "order"}
    made = await world.must(
        seller, "POST", f"/api/event-subscriptions/{ids['subscription']}/create_queue/", wish, 201
    )
    ids["queue"] = made["uuid"]


async def furnish_catalog(world: World) -> None:
    """What staff keep the catalogue by, one organization group, and every kind of picture."""
    ids = world.ids

    async def made(name: str, path: str, body: dict[str, Any], who: str = "staff") -> None:
        ids[name] = (await world.must(who, "POST", path, body, 201))["uuid"]

    category = ids["category"]
    await made("group", "/api/organization-groups/", {"name": "Universities"})
    await made("category_group", "/api/marketplace-category-groups/", {"title": "IT", "icon": PICTURE})
    column = {"index": 1, "title": "System", "category": category, "attribute": "os"}
    await made("column", "/api/marketplace-category-columns/", column)
    section = {"key": "hardware", "title": "Hardware", "category": category}
    await made("section", "/api/marketplace-sections/", section)
    attribute = {"key": "chip", "title": "Chip", "section": ids["section"], "type": "choice"}
    await made("attribute", "/api/marketplace-attributes/", attribute)
    option = {"key": "chip_x", "title": "X", "attribute": ids["attribute"]}
    await made("option", "/api/marketplace-attribute-options/", option)
    shot = {"name": "Console", "offering": ids["offering"], "image": PICTURE}
    await made("screenshot", "/api/marketplace-screenshots/", shot, "seller")
    mine = f"/api/marketplace-provider-offerings/{ids['offering']}/"
    for name in ("thumbnail", "image"):
        await world.must("seller", "POST", f"{mine}update_{name}/", {name: PICTURE}, 200)
    path = f"/api/marketplace-categories/{category}/"
    await world.must("staff", "PATCH", path, {"icon": PICTURE, "group": ids["category_group"]}, 200)


async def _use(world: World) -> None:
    """The member used some of it, and may not use much more."""
    ids, where = world.ids, "/api/marketplace-component-usages/"
    [usage] = await world.must("staff", "GET", where)
    account = f"/api/marketplace-offering-users/{ids['offering_user']}/"
    used = {"username": "member-1", "usage": "0.5", "user": account}
    await world.must("seller", "POST", f"{where}{usage['uuid']}/set_user_usage/", used, 201)
    hours = await world.must("staff", "GET", f"/api/marketplace-provider-offerings/{ids['offering']}/")
    ids["hours"] = next(c["uuid"] for c in hours["components"] if c["type"] == "hours")
    limit = {"resource": ids["resource"], "component": ids["hours"], "user": account, "limit": "2"}
    ids["usage_limit"] = (await world.must("owner", "POST", "/api/component-user-usage-limits/", limit, 201))[
        "uuid"
    ]


async def _tell(world: World) -> None:
    """Three people were told something."""

    def unit(tx: Tx) -> None:
        people = [identity.find_user(tx, uuid=world.ids[who]).id for who in ("owner", "staff", "support")]
        about = world.ids["order"]
        tell(tx, people, "order_canceled", "It is over.", object_type="order", object_uuid=about)

    await world.market.db.write(unit)
    world.ids["notice"] = (await world.must("owner", "GET", "/api/notices/"))[0]["uuid"]


async def _attach(world: World) -> None:
    """Every kind of file that goes with the order that waits."""
    path = f"/api/marketplace-orders/{world.ids['order']}/"
    proof = {"name": "proof.txt", "data": "cGFpZA=="}
    await world.must("manager", "POST", path + "update_attachment/", {"attachment": proof}, 200)
    for who, side in (("manager", "consumer"), ("seller", "provider")):
        told = {f"{side}_message": "Look.", f"{side}_message_attachment": proof}
        await world.must(who, "POST", f"{path}set_{side}_info/", told, 200)


async def furnish_imports(world: World) -> None:
    """A request to look at the backend, and something that was found there."""
    ids, seller = world.ids, "seller"
    wish = {"offering": ids["offering"]}
    made = await world.must(seller, "POST", "/api/backend-resource-requests/", wish, 201)
    ids["backend_request"] = made["uuid"]
    found = {"name": "found", "offering": ids["offering"], "project": ids["alpha"], "backend_id": "f-1"}
    made = await world.must(seller, "POST", "/api/backend-resources/", found, 201)
    ids["backend_resource"] = made["uuid"]
