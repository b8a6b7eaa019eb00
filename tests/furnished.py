"""A marketplace in which everything is there once: an order that waits, a resource with usage and an invoice."""

from __future__ import annotations

from typing import Any

from world import COMPONENTS, World

METERED = {"type": "hours", "name": "Hours", "billing_type": "usage", "measured_unit": "h"}
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
    account = {"user": ids["member"], "offering": ids["offering"], "username": "member-1"}
    ids["offering_user"] = (
        await world.must("seller", "POST", "/api/marketplace-offering-users/", account, 201)
    )["uuid"]
    clerk = {"user": ids["reader"], "offering": ids["offering"]}
    await world.must("seller", "POST", "/api/marketplace-offering-users/", clerk, 201)
    terms = await world.offering("With terms", terms_of_service="Be nice.")
    agreed = {"offering": terms["uuid"]}
    path = "/api/marketplace-user-offering-consents/"
    ids["consent"] = (await world.must("member", "POST", path, agreed, 201))["uuid"]
    for name, where in {
        "usage": "/api/marketplace-component-usages/",
        "invoice": "/api/invoices/",
        "item": "/api/invoice-items/",
        "grant": "/api/user-permissions/",
        "role": "/api/roles/",
        "service_provider": "/api/marketplace-service-providers/",
    }.items():
        ids[name] = (await world.must("staff", "GET", where + "?page_size=1"))[0]["uuid"]
    return world
