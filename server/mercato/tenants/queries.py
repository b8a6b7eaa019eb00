"""Organizations, projects and providers: rows for services, listings for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    column,
    exists,
    func,
    not_,
    or_,
    select,
    table,
)

from mercato.access import queries as access
from mercato.kernel.filters import Filter, holds
from mercato.kernel.fixed import fixed
from mercato.tenants.tables import (
    customer_groups,
    customers,
    projects,
    service_providers,
)

# Rooms above count here; only these of their columns matter.
_resources = table("resources", column("id"), column("project_id"), column("state"))

_providers = service_providers.alias("own_provider")
IS_PROVIDER = exists().where(_providers.c.customer_id == customers.c.id, _providers.c.removed_at.is_(None))
_CUSTOMER = fixed(
    select(customers).where(customers.c.uuid == bindparam("uuid"), customers.c.removed_at.is_(None))
)
# A project and what of its organization decides whether anything may happen in it.
_PROJECTS = select(projects, customers.c.blocked, customers.c.archived, customers.c.time_zone).join(
    customers, customers.c.id == projects.c.customer_id
)
_PROJECT = fixed(_PROJECTS.where(projects.c.uuid == bindparam("uuid"), projects.c.removed_at.is_(None)))
_EVER = select(
    projects, customers.c.blocked, customers.c.archived, customers.c.removed_at.label("customer_removed_at")
).join(customers, customers.c.id == projects.c.customer_id)
_PROJECT_EVER = fixed(_EVER.where(projects.c.uuid == bindparam("uuid")))
_CUSTOMER_BY_ID = fixed(select(customers).where(customers.c.id == bindparam("id")))
_PROJECT_BY_ID = fixed(_PROJECTS.where(projects.c.id == bindparam("id")))
_PROVIDER = fixed(
    select(service_providers).where(
        service_providers.c.uuid == bindparam("uuid"), service_providers.c.removed_at.is_(None)
    )
)


def customer_row(conn: Connection, uuid: str) -> Any:
    """The organization's row, whoever asks, or None."""
    return conn.execute(_CUSTOMER, {"uuid": uuid}).first()


def customer_by_id(conn: Connection, number: int) -> Any:
    return conn.execute(_CUSTOMER_BY_ID, {"id": number}).first()


def project_row(conn: Connection, uuid: str) -> Any:
    """The project's row with `blocked`, `archived` and `time_zone` of its organization; whoever asks; or None."""
    return conn.execute(_PROJECT, {"uuid": uuid}).first()


def removed_project(conn: Connection, uuid: str) -> Any:
    """The project's row though it may be removed, with `blocked`, `archived` and `customer_removed_at`; or None."""
    return conn.execute(_PROJECT_EVER, {"uuid": uuid}).first()


def project_by_id(conn: Connection, number: int) -> Any:
    return conn.execute(_PROJECT_BY_ID, {"id": number}).first()


def provider_row(conn: Connection, uuid: str) -> Any:
    return conn.execute(_PROVIDER, {"uuid": uuid}).first()


def provider_of(conn: Connection, customer_id: int) -> Any:
    """The service provider that an organization is, or None."""
    found = select(service_providers).where(
        service_providers.c.customer_id == customer_id, service_providers.c.removed_at.is_(None)
    )
    return conn.execute(found).first()


def my_groups() -> Select[Any]:
    """The ids of the groups of the organizations that I see."""
    return select(customer_groups.c.group_id).where(access.sees_customer(customer_groups.c.customer_id))


_MY_GROUPS = fixed(my_groups().distinct().order_by(customer_groups.c.group_id))


def groups_of_mine(conn: Connection, params: Mapping[str, Any]) -> tuple[int, ...]:
    """The same for the person of a looker's parameters: who has the same is shown the same."""
    asked = {"me": params["me"], "now": params["now"]}
    return tuple(row[0] for row in conn.execute(_MY_GROUPS, asked))


def for_groups(members: Table, owner: ColumnElement[Any], thing: ColumnElement[Any]) -> ColumnElement[bool]:
    """What is for everybody, or for a group of mine; staff and support see all. `owner` is the column of `members`
    that names the thing."""
    rows = members.alias()
    mine = rows.c[owner.name] == thing
    return or_(
        not_(exists().where(mine)), exists().where(mine, rows.c.group_id.in_(my_groups())), access.I_SEE_ALL
    )


def provided_by(customer_id: ColumnElement[Any]) -> Filter:
    """What a provider offers: by the service provider's uuid, or by that of its organization."""

    def clause(value: ColumnElement[Any]) -> ColumnElement[bool]:
        as_provider = select(service_providers.c.customer_id).where(service_providers.c.uuid == value)
        as_organization = select(customers.c.id).where(customers.c.uuid == value)
        return customer_id.in_(as_provider.union_all(as_organization))

    return holds(clause)


def provider_description(customer_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """What the service provider that an organization is says of itself; empty if it is none."""
    said = select(service_providers.c.description).where(
        service_providers.c.customer_id == customer_id, service_providers.c.removed_at.is_(None)
    )
    return func.coalesce(said.correlate_except(service_providers).scalar_subquery(), "")
