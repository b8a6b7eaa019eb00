"""Organizations, projects and providers over HTTP."""

from __future__ import annotations

from typing import Any

import msgspec

from mercato.access.routes import member_routes
from mercato.access.rules import SIGNED_IN, STAFF
from mercato.kernel.db import Tx
from mercato.kernel.errors import invalid
from mercato.kernel.http import Call, Route, acting, detail, listed
from mercato.kernel.ids import uuid_of_link
from mercato.kernel.listing import Listing
from mercato.schemas import sciences
from mercato.schemas import tenants as api
from mercato.schemas.access import CUSTOMER_MEMBERS, PROJECT_MEMBERS, Scope
from mercato.schemas.permissions import Permission as P
from mercato.tenants import group_routes, organization_routes, provider_routes, science, service
from mercato.tenants.listings import CUSTOMERS, EVERY_PROJECT, PROJECTS
from mercato.tenants.organization_routes import by_staff, on_visible
from mercato.tenants.tables import customers, projects


def _see_customer(tx: Tx, call: Call, link: str) -> None:
    """What is founded in an organization that the caller cannot see is refused as if it did not exist."""
    uuid = uuid_of_link(link)
    if uuid is None or not CUSTOMERS.count(tx.conn, call.looker, None, uuid=uuid):
        raise invalid("customer", "Organization is not found.", code="unknown_customer")


def routes(default_zone: str) -> list[Route]:
    """`default_zone` is where billing months happen for organizations that name no zone."""

    def create_customer(tx: Tx, _call: Call, data: api.NewCustomer) -> str:
        return service.create_customer(tx, data, default_zone=default_zone)

    def change_customer(tx: Tx, actor: Any, uuid: str, data: api.CustomerChange) -> str:
        return service.change_customer(tx, actor, uuid, data, default_zone=default_zone)

    def replace_customer(tx: Tx, actor: Any, uuid: str, data: api.CustomerReplacement) -> str:
        if not actor.is_staff:
            # Clients put back the whole thing: what is not theirs to change stays as it is.
            data = msgspec.structs.replace(data, **dict.fromkeys(service.FOR_STAFF, msgspec.UNSET))
        return change_customer(tx, actor, uuid, data)

    return [
        listed(api.CUSTOMERS, CUSTOMERS, needs=SIGNED_IN),
        detail(api.CUSTOMER, CUSTOMERS, needs=SIGNED_IN),
        acting(api.CUSTOMER_CREATE, create_customer, needs=STAFF, then=CUSTOMERS),
        acting(
            api.CUSTOMER_UPDATE,
            on_visible(CUSTOMERS, change_customer),
            needs=P.CUSTOMER_UPDATE,
            then=CUSTOMERS,
        ),
        acting(
            api.CUSTOMER_REPLACE,
            on_visible(CUSTOMERS, replace_customer),
            needs=P.CUSTOMER_UPDATE,
            then=CUSTOMERS,
        ),
        acting(api.CUSTOMER_DELETE, on_visible(CUSTOMERS, service.remove_customer), needs=STAFF),
        *_PROJECTS_AND_PROVIDERS,
        *_science(),
    ]


def _science() -> list[Route]:
    """Fields of science: read by everybody, made by staff."""
    domains, fields = science.DOMAINS, science.SUB_DOMAINS

    return [
        listed(sciences.DOMAINS, domains, needs=SIGNED_IN),
        detail(sciences.DOMAIN, domains, needs=SIGNED_IN),
        acting(sciences.DOMAIN_CREATE, by_staff(science.create_domain), needs=STAFF, then=domains),
        acting(sciences.DOMAIN_UPDATE, by_staff(science.change_domain), needs=STAFF, then=domains),
        acting(sciences.DOMAIN_REPLACE, by_staff(science.change_domain), needs=STAFF, then=domains),
        acting(sciences.DOMAIN_DELETE, by_staff(science.remove_domain), needs=STAFF),
        listed(sciences.SUB_DOMAINS, fields, needs=SIGNED_IN),
        detail(sciences.SUB_DOMAIN, fields, needs=SIGNED_IN),
        acting(sciences.SUB_DOMAIN_CREATE, by_staff(science.create_sub_domain), needs=STAFF, then=fields),
        acting(sciences.SUB_DOMAIN_UPDATE, by_staff(science.change_sub_domain), needs=STAFF, then=fields),
        acting(sciences.SUB_DOMAIN_REPLACE, by_staff(science.change_sub_domain), needs=STAFF, then=fields),
        acting(sciences.SUB_DOMAIN_DELETE, by_staff(science.remove_sub_domain), needs=STAFF),
    ]


def _create_project(tx: Tx, call: Call, data: api.NewProject) -> str:
    _see_customer(tx, call, data.customer)
    return service.create_project(tx, call.actor, data)


def _with_removed(query: api.ProjectQuery) -> Listing | None:
    """Removed projects are there for those who ask for them."""
    return EVERY_PROJECT if query.include_terminated is True or query.is_removed is True else None


_PROJECTS_AND_PROVIDERS: list[Route] = [
    listed(api.PROJECTS, PROJECTS, needs=SIGNED_IN, instead=_with_removed),
    detail(api.PROJECT, PROJECTS, needs=SIGNED_IN),
    acting(api.PROJECT_CREATE, _create_project, needs=P.PROJECT_CREATE, then=PROJECTS),
    acting(
        api.PROJECT_UPDATE,
        on_visible(PROJECTS, service.change_project),
        needs=P.PROJECT_UPDATE,
        then=PROJECTS,
    ),
    acting(
        api.PROJECT_REPLACE,
        on_visible(PROJECTS, service.change_project),
        needs=P.PROJECT_UPDATE,
        then=PROJECTS,
    ),
    acting(api.PROJECT_DELETE, on_visible(PROJECTS, service.remove_project), needs=P.PROJECT_DELETE),
    *provider_routes.ROUTES,
    *organization_routes.ROUTES,
    *group_routes.ROUTES,
    *member_routes(Scope.CUSTOMER, CUSTOMER_MEMBERS, customers, CUSTOMERS),
    *member_routes(Scope.PROJECT, PROJECT_MEMBERS, projects, PROJECTS),
]
