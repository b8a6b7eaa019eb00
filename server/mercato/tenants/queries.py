"""Organizations, projects and providers: rows for services, listings for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    column,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    table,
)

from mercato.access import queries as access
from mercato.access.tables import grants
from mercato.kernel.filters import Filter, contains, equals, holds, since, until, whether
from mercato.kernel.fixed import fixed
from mercato.kernel.listing import Listing, Shape, omit
from mercato.kernel.wiresql import link
from mercato.schemas.access import Scope
from mercato.schemas.tenants import Customer, Project
from mercato.tenants.tables import (
    customer_groups,
    customers,
    projects,
    science_domains,
    science_sub_domains,
    service_providers,
)

# Rooms above count here; only these of their columns matter.
_resources = table("resources", column("id"), column("project_id"), column("state"))

_providers = service_providers.alias("own_provider")
_is_provider = exists().where(_providers.c.customer_id == customers.c.id, _providers.c.removed_at.is_(None))
_CUSTOMER = fixed(
    select(customers).where(customers.c.uuid == bindparam("uuid"), customers.c.removed_at.is_(None))
)
# A project and what of its organization decides whether anything may happen in it.
_PROJECTS = select(projects, customers.c.blocked, customers.c.archived, customers.c.time_zone).join(
    customers, customers.c.id == projects.c.customer_id
)
_PROJECT = fixed(_PROJECTS.where(projects.c.uuid == bindparam("uuid"), projects.c.removed_at.is_(None)))
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


def _sees_customers(kind: str) -> ColumnElement[bool] | None:
    return None if kind == access.EVERYTHING else access.sees_customer(customers.c.id)


def _sees_projects(kind: str) -> ColumnElement[bool] | None:
    return None if kind == access.EVERYTHING else access.sees_project(projects.c.id, projects.c.customer_id)


def _people_of(scope: Scope, scope_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(grants.c.scope_type == scope.value, grants.c.scope_id == scope_id)


def _users_count() -> ColumnElement[Any]:
    mine = select(projects.c.id).where(projects.c.customer_id == customers.c.id).correlate(customers)
    return (
        select(func.count(grants.c.user_id.distinct()))
        .where(
            access.ACTIVE,
            or_(
                _people_of(Scope.CUSTOMER, customers.c.id),
                and_(grants.c.scope_type == Scope.PROJECT.value, grants.c.scope_id.in_(mine)),
            ),
        )
        .correlate(customers)
        .scalar_subquery()
    )


_PLAIN = (
    "uuid", "created", "name", "native_name", "abbreviation", "slug", "description", "contact_details", "email",
    "phone_number", "homepage", "registration_code", "vat_code", "agreement_number", "address", "city", "postal",
    "bank_name", "bank_account", "backend_id", "domain", "blocked", "archived", "default_tax_percent",
    "time_zone",
)  # fmt: skip

_customer_columns: dict[str, ColumnElement[Any] | Shape] = {
    "url": link("/api/customers/{}/", customers.c.uuid),
    **{name: customers.c[name] for name in _PLAIN},
    "display_name": customers.c.name,
    "country": omit(func.nullif(customers.c.country, literal("", literal_execute=True))),
    "accounting_start_date": omit(customers.c.accounting_start_date),
    "projects_count": select(func.count())
    .select_from(projects)
    .where(projects.c.customer_id == customers.c.id, projects.c.removed_at.is_(None))
    .correlate(customers)
    .scalar_subquery(),
    "users_count": _users_count(),
    "is_service_provider": _is_provider,
    "service_provider": link("/api/marketplace-service-providers/{}/", service_providers.c.uuid),
    "service_provider_uuid": service_providers.c.uuid,
}

CUSTOMERS = Listing(
    Customer,
    table=customers,
    source=customers.outerjoin(
        service_providers,
        and_(service_providers.c.customer_id == customers.c.id, service_providers.c.removed_at.is_(None)),
    ),
    visible=_sees_customers,
    where=customers.c.removed_at.is_(None),
    columns=_customer_columns,
    filters={
        "uuid": equals(customers.c.uuid),
        "name": contains(customers.c.name),
        "name_exact": equals(customers.c.name),
        "query": contains(customers.c.name, customers.c.native_name, customers.c.abbreviation),
        "abbreviation": contains(customers.c.abbreviation),
        "native_name": contains(customers.c.native_name),
        "backend_id": equals(customers.c.backend_id),
        "registration_code": contains(customers.c.registration_code),
        "slug": equals(customers.c.slug),
        "archived": equals(customers.c.archived),
        "is_service_provider": whether(_is_provider),
    },
    order={
        "name": customers.c.name,
        "abbreviation": customers.c.abbreviation,
        "created": customers.c.created,
        "native_name": customers.c.native_name,
    },
    default_order=("name",),
)

PROJECTS = Listing(
    Project,
    table=projects,
    source=projects.join(customers, customers.c.id == projects.c.customer_id)
    .outerjoin(science_sub_domains, science_sub_domains.c.id == projects.c.science_sub_domain_id)
    .outerjoin(science_domains, science_domains.c.id == science_sub_domains.c.domain_id),
    visible=_sees_projects,
    where=projects.c.removed_at.is_(None),
    columns={
        "url": link("/api/projects/{}/", projects.c.uuid),
        **{
            name: projects.c[name]
            for name in (
                "uuid", "name", "slug", "description", "created", "start_date", "end_date", "backend_id",
                "is_industry", "oecd_fos_2007_code", "kind",
            )
        },
        "science_sub_domain": science_sub_domains.c.uuid,
        "science_sub_domain_name": func.coalesce(science_sub_domains.c.name, ""),
        "science_sub_domain_code": func.coalesce(science_sub_domains.c.code, ""),
        "science_domain_uuid": omit(science_domains.c.uuid),
        "science_domain_name": func.coalesce(science_domains.c.name, ""),
        "science_domain_code": func.coalesce(science_domains.c.code, ""),
        "customer": link("/api/customers/{}/", customers.c.uuid),
        "customer_uuid": customers.c.uuid,
        "customer_name": customers.c.name,
        "customer_slug": customers.c.slug,
        "customer_native_name": customers.c.native_name,
        "customer_abbreviation": customers.c.abbreviation,
        "is_removed": projects.c.removed_at.is_not(None),
        "resources_count": select(func.count())
        .select_from(_resources)
        .where(_resources.c.project_id == projects.c.id, _resources.c.state != literal("Terminated"))
        .correlate(projects)
        .scalar_subquery(),
    },
    filters={
        "uuid": equals(projects.c.uuid),
        "name": contains(projects.c.name),
        "name_exact": equals(projects.c.name),
        "query": contains(projects.c.name, projects.c.description, projects.c.slug),
        "description": contains(projects.c.description),
        "customer": equals(customers.c.uuid),
        "customer_uuid": equals(customers.c.uuid),
        "customer_name": contains(customers.c.name),
        "customer_native_name": contains(customers.c.native_name),
        "customer_abbreviation": contains(customers.c.abbreviation),
        "science_domain_uuid": equals(science_domains.c.uuid),
        "science_sub_domain_uuid": equals(science_sub_domains.c.uuid),
        "created": since(projects.c.created),
        "created_before": until(projects.c.created),
        "backend_id": equals(projects.c.backend_id),
        "slug": equals(projects.c.slug),
    },
    order={
        "name": projects.c.name,
        "created": projects.c.created,
        "start_date": projects.c.start_date,
        "end_date": projects.c.end_date,
        "customer_name": customers.c.name,
    },
    default_order=("name",),
)  # fmt: skip
