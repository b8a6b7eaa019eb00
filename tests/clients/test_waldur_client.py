"""Waldur's own Python client, unmodified, through the whole main job; every answer must parse."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

import pytest
from waldur_api_client import AuthenticatedClient, Client
from waldur_api_client.api.api_auth import api_auth_password
from waldur_api_client.api.customers import customers_list
from waldur_api_client.api.invoices import invoices_list, invoices_retrieve
from waldur_api_client.api.marketplace_component_usages import (
    marketplace_component_usages_list,
    marketplace_component_usages_set_usage,
)
from waldur_api_client.api.marketplace_orders import (
    marketplace_orders_approve_by_provider,
    marketplace_orders_count,
    marketplace_orders_create,
    marketplace_orders_list,
    marketplace_orders_retrieve,
)
from waldur_api_client.api.marketplace_provider_offerings import marketplace_provider_offerings_retrieve
from waldur_api_client.api.marketplace_provider_resources import (
    marketplace_provider_resources_list,
    marketplace_provider_resources_set_backend_id,
)
from waldur_api_client.api.marketplace_public_offerings import marketplace_public_offerings_list
from waldur_api_client.api.marketplace_resources import (
    marketplace_resources_retrieve,
    marketplace_resources_terminate,
    marketplace_resources_update_limits,
)
from waldur_api_client.api.projects import projects_list
from waldur_api_client.api.roles import roles_list
from waldur_api_client.api.users import users_me_retrieve
from waldur_api_client.api.version import version_retrieve
from waldur_api_client.models.component_usage_create_request import ComponentUsageCreateRequest
from waldur_api_client.models.component_usage_item_request import ComponentUsageItemRequest
from waldur_api_client.models.core_auth_token import CoreAuthToken
from waldur_api_client.models.obtain_auth_token_request import ObtainAuthTokenRequest
from waldur_api_client.models.order_approve_by_provider_request import OrderApproveByProviderRequest
from waldur_api_client.models.order_create_request import OrderCreateRequest
from waldur_api_client.models.order_state import OrderState
from waldur_api_client.models.resource_backend_id_request import ResourceBackendIDRequest
from waldur_api_client.models.resource_terminate_request import ResourceTerminateRequest
from waldur_api_client.models.resource_update_limits_request import ResourceUpdateLimitsRequest

from live import Live

pytestmark = pytest.mark.process


def sign_in(url: str, username: str) -> AuthenticatedClient:
    body = ObtainAuthTokenRequest(username=username, password=f"{username}-Passw0rd-long")
    with Client(base_url=url) as nobody:
        token = api_auth_password.sync(client=nobody, body=body)
    assert isinstance(token, CoreAuthToken)
    return AuthenticatedClient(base_url=url, token=token.token, prefix="Token")


def until_done(client: AuthenticatedClient, order: UUID) -> Any:
    for _ in range(100):
        seen = marketplace_orders_retrieve.sync(client=client, uuid=order)
        if seen.state not in (OrderState.PENDING_PROVIDER, OrderState.EXECUTING):
            return seen
        time.sleep(0.02)
    raise AssertionError("the order did not finish within two seconds")


def ordered(url: str, buyer: AuthenticatedClient) -> Any:
    [offering] = marketplace_public_offerings_list.sync(client=buyer)
    [project] = projects_list.sync(client=buyer)
    limits = {"cpu": 1000, "ram": 256, "storage": 500}
    body = OrderCreateRequest.from_dict(
        {
            "offering": offering.url,
            "project": project.url,
            "plan": offering.plans[0].url,
            "attributes": {"name": "journey"},
            "limits": limits,
        }
    )
    return marketplace_orders_create.sync(client=buyer, body=body)


def test_the_main_job(live: Live) -> None:
    live.start()
    with sign_in(live.url, "buyer") as buyer, sign_in(live.url, "provider") as provider:
        main_job(live.url, buyer, provider)


def main_job(url: str, buyer: AuthenticatedClient, provider: AuthenticatedClient) -> None:
    assert version_retrieve.sync(client=buyer).version
    me = users_me_retrieve.sync(client=buyer)
    assert (me.username, me.permissions[0].role_name) == ("buyer", "CUSTOMER.OWNER")
    assert [c.name for c in customers_list.sync(client=buyer)] == ["Buyer Org"]
    assert len(roles_list.sync(client=buyer)) == 7

    order = ordered(url, buyer)
    # 1000 × 0.05 + 256 × 0.10 + 500 × 0.01 and the set-up fee of 25.
    assert (order.state, order.cost) == (OrderState.PENDING_PROVIDER, "105.6")
    assert marketplace_orders_count.sync_detailed(client=provider).headers["x-result-count"] == "1"
    assert [o.uuid for o in marketplace_orders_list.sync(client=provider)] == [order.uuid]
    answer = marketplace_orders_approve_by_provider.sync(
        client=provider, uuid=order.uuid, body=OrderApproveByProviderRequest()
    )
    assert answer.detail == "Order has been approved."
    assert until_done(buyer, order.uuid).state == OrderState.DONE

    resource = marketplace_resources_retrieve.sync(client=buyer, uuid=order.marketplace_resource_uuid)
    assert (resource.state.value, resource.name) == ("OK", "journey")
    marketplace_provider_resources_set_backend_id.sync(
        client=provider, uuid=resource.uuid, body=ResourceBackendIDRequest(backend_id="acc-1")
    )
    [provided] = marketplace_provider_resources_list.sync(client=provider, backend_id="acc-1")
    assert provided.uuid == resource.uuid
    report_usage(provider, resource.uuid)
    offering = marketplace_provider_offerings_retrieve.sync(client=provider, uuid=resource.offering_uuid)
    assert [c.type_ for c in offering.components] == ["cpu", "ram", "storage", "setup"]
    read_invoice(buyer)
    change_and_end(buyer, provider, resource.uuid)


def report_usage(provider: AuthenticatedClient, resource: UUID) -> None:
    item = ComponentUsageItemRequest(type_="cpu", amount="456.00")
    body = ComponentUsageCreateRequest(usages=[item], resource=resource)
    done = marketplace_component_usages_set_usage.sync_detailed(client=provider, body=body)
    assert done.status_code == 201
    [usage] = marketplace_component_usages_list.sync(client=provider, resource_uuid=resource)
    assert (usage.type_, float(usage.usage)) == ("cpu", 456.0)


def read_invoice(buyer: AuthenticatedClient) -> None:
    [invoice] = invoices_list.sync(client=buyer)
    whole = invoices_retrieve.sync(client=buyer, uuid=invoice.uuid)
    assert len(whole.items) == 4
    assert sum(round(item.price * 100) for item in whole.items) == round(float(whole.price) * 100)
    setup = [item for item in whole.items if "setup" in item.name]
    assert [item.price for item in setup] == [25.0]


def change_and_end(buyer: AuthenticatedClient, provider: AuthenticatedClient, resource: UUID) -> None:
    more = ResourceUpdateLimitsRequest.from_dict({"limits": {"cpu": 2000}})
    made = marketplace_resources_update_limits.sync(client=buyer, uuid=resource, body=more)
    marketplace_orders_approve_by_provider.sync(
        client=provider, uuid=made.order_uuid, body=OrderApproveByProviderRequest()
    )
    assert until_done(buyer, made.order_uuid).state == OrderState.DONE
    seen = marketplace_resources_retrieve.sync(client=buyer, uuid=resource)
    assert seen.limits.additional_properties["cpu"] == 2000
    ended = marketplace_resources_terminate.sync(client=buyer, uuid=resource, body=ResourceTerminateRequest())
    marketplace_orders_approve_by_provider.sync(
        client=provider, uuid=ended.order_uuid, body=OrderApproveByProviderRequest()
    )
    assert until_done(buyer, ended.order_uuid).state == OrderState.DONE
    assert marketplace_resources_retrieve.sync(client=buyer, uuid=resource).state.value == "Terminated"
