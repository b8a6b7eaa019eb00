"""What providers see of those who use their offerings: organizations, projects, people and their keys."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, case, exists, func, or_, select

from mercato.access import queries as access
from mercato.access.tables import grants
from mercato.accounts.listings import exposed
from mercato.accounts.tables import attribute_configs
from mercato.catalog.listings import PROVIDED
from mercato.catalog.tables import offerings
from mercato.identity.listings import KEYS, USERS
from mercato.identity.tables import ssh_keys, users
from mercato.kernel.filters import equals, holds
from mercato.kernel.listing import Listing
from mercato.kernel.wiresql import children
from mercato.resources.tables import resources
from mercato.schemas.access import Scope
from mercato.schemas.catalog import ProviderOffering
from mercato.schemas.identity import SshKey
from mercato.schemas.providers import CustomerProject, ProviderCustomer, ProviderUser, ServiceProvider
from mercato.schemas.resources import ResourceState
from mercato.schemas.tenants import Project
from mercato.tenants.listings import CUSTOMERS, PROJECTS
from mercato.tenants.provider_listings import PROVIDERS
from mercato.tenants.tables import customers, projects, service_providers

_living = resources.c.state != ResourceState.TERMINATED.value
# The provider that the path names, as the filter `provider` of these lists is bound.
_PATH = bindparam("f_provider_0", None, type_=String())


def _provides_something(kind: str) -> ColumnElement[bool] | None:
    """The providers for which I work, or one of whose offerings I manage."""
    if kind == access.EVERYTHING:
        return None
    mine = offerings.c.id.in_(access.granted(Scope.OFFERING))
    return or_(
        access.in_customer(customers.c.id), exists().where(offerings.c.customer_id == customers.c.id, mine)
    )


MY_PROVIDERS = Listing(
    ServiceProvider,
    table=service_providers,
    source=PROVIDERS.source,
    visible=_provides_something,
    where=PROVIDERS.where,
    columns=PROVIDERS.columns,
    filters={"uuid": PROVIDERS.filters["uuid"]},
)

_used = resources.join(offerings, offerings.c.id == resources.c.offering_id)
_by_me = access.provides(offerings.c.id, offerings.c.customer_id)


def _of(provider_uuid: ColumnElement[Any]) -> ColumnElement[bool]:
    """The offering of the row is this provider's."""
    customer = select(service_providers.c.customer_id).where(service_providers.c.uuid == provider_uuid)
    return offerings.c.customer_id == customer.scalar_subquery()


def _projects_that(condition: ColumnElement[bool]) -> Select[Any]:
    return select(resources.c.project_id).select_from(_used).where(_living, condition)


def _roles_that(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The role (a row of `grants`) is one in a project that uses such an offering."""
    return and_(
        grants.c.scope_type == Scope.PROJECT.value,
        access.ACTIVE,
        grants.c.scope_id.in_(_projects_that(condition)),
    )


def _people_that(condition: ColumnElement[bool]) -> Select[Any]:
    """Who has a role in a project that uses such an offering."""
    return select(grants.c.user_id).where(_roles_that(condition))


PROVIDER_PROJECTS = Listing(
    Project,
    table=projects,
    source=PROJECTS.source,
    visible=lambda kind: None if kind == access.EVERYTHING else projects.c.id.in_(_projects_that(_by_me)),
    where=PROJECTS.where,
    columns=PROJECTS.columns,
    filters={**PROJECTS.filters, "provider": holds(lambda v: projects.c.id.in_(_projects_that(_of(v))))},
    order=PROJECTS.order,
    default_order=PROJECTS.default_order,
)

PROVIDER_KEYS = Listing(
    SshKey,
    table=ssh_keys,
    source=KEYS.source,
    visible=lambda kind: None if kind == access.EVERYTHING else users.c.id.in_(_people_that(_by_me)),
    columns=KEYS.columns,
    filters={**KEYS.filters, "provider": holds(lambda v: users.c.id.in_(_people_that(_of(v))))},
    order=KEYS.order,
    default_order=KEYS.default_order,
)


# -- whom a provider serves --------------------------------------------------------------------

_served = _projects_that(_of(_PATH))
_projects_of_it = and_(projects.c.customer_id == customers.c.id, projects.c.id.in_(_served))
_roles_of_it = and_(_roles_that(_of(_PATH)), grants.c.scope_id == projects.c.id)


def _customers_that(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return customers.c.id.in_(
        select(projects.c.customer_id).where(projects.c.id.in_(_projects_that(condition)))
    )


def _with_member(uuid: ColumnElement[Any]) -> ColumnElement[bool]:
    """The person has a role in one of the organization's projects that the provider serves."""
    role = grants.join(users, users.c.id == grants.c.user_id).join(
        projects, projects.c.id == grants.c.scope_id
    )
    found = select(grants.c.id).select_from(role).where(users.c.uuid == uuid, _projects_of_it, _roles_of_it)
    return exists(found.correlate(customers))


def seen(name: str) -> ColumnElement[Any]:
    """A person's column, if one of the provider's offerings that they use sees the attribute."""
    attribute = "full_name" if name in ("first_name", "last_name") else name
    theirs = select(grants.c.scope_id).where(
        grants.c.user_id == users.c.id, grants.c.scope_type == Scope.PROJECT.value, access.ACTIVE
    )
    found = (
        select(offerings.c.id)
        .select_from(_used)
        .outerjoin(attribute_configs, attribute_configs.c.offering_id == offerings.c.id)
        .where(_living, _of(_PATH), resources.c.project_id.in_(theirs), exposed(attribute))
    )
    return func.coalesce(case((exists(found.correlate(users)), users.c[name])), "")


PROVIDER_CUSTOMERS = Listing(
    ProviderCustomer,
    table=customers,
    source=CUSTOMERS.source,
    visible=lambda kind: None if kind == access.EVERYTHING else _customers_that(_by_me),
    where=CUSTOMERS.where,
    columns={
        **{
            name: customers.c[name]
            for name in ("uuid", "name", "slug", "abbreviation", "phone_number", "email")
        },
        "projects_count": select(func.count())
        .select_from(projects)
        .where(_projects_of_it)
        .correlate(customers)
        .scalar_subquery(),
        "users_count": select(func.count(grants.c.user_id.distinct()))
        .select_from(grants.join(projects, projects.c.id == grants.c.scope_id))
        .where(_projects_of_it, _roles_of_it)
        .correlate(customers)
        .scalar_subquery(),
        "projects": children(
            {"uuid": projects.c.uuid, "name": projects.c.name},
            projects,
            where=_projects_of_it,
            order=[projects.c.name, projects.c.id],
            of=customers,
        ),
    },
    filters={
        **CUSTOMERS.filters,
        "provider": holds(lambda v: _customers_that(_of(v))),
        "user_uuid": holds(_with_member),
    },
    order=CUSTOMERS.order,
    default_order=CUSTOMERS.default_order,
)

CUSTOMER_PROJECTS = Listing(
    CustomerProject,
    table=projects,
    source=PROJECTS.source,
    visible=PROVIDER_PROJECTS.visible,
    where=PROJECTS.where,
    columns={
        **{name: projects.c[name] for name in ("uuid", "name", "description", "end_date")},
        "resources_count": select(func.count())
        .select_from(_used)
        .where(_living, _of(_PATH), resources.c.project_id == projects.c.id)
        .correlate(projects)
        .scalar_subquery(),
        "users_count": select(func.count(grants.c.user_id.distinct()))
        .select_from(grants)
        .where(_roles_of_it)
        .correlate(projects)
        .scalar_subquery(),
    },
    filters={
        **PROVIDER_PROJECTS.filters,
        "project_customer_uuid": equals(customers.c.uuid),
    },
    order=PROJECTS.order,
    default_order=PROJECTS.default_order,
)

PROVIDER_USERS = Listing(
    ProviderUser,
    table=users,
    source=users,
    visible=lambda kind: None if kind == access.EVERYTHING else users.c.id.in_(_people_that(_by_me)),
    where=users.c.removed_at.is_(None),
    columns={
        "uuid": users.c.uuid,
        "is_active": users.c.is_active,
        **{
            name: seen(name)
            for name in (
                "username",
                "full_name",
                "first_name",
                "last_name",
                "email",
                "organization",
                "job_title",
            )
        },
        "projects_count": select(func.count(grants.c.scope_id.distinct()))
        .where(_roles_that(_of(_PATH)), grants.c.user_id == users.c.id)
        .correlate(users)
        .scalar_subquery(),
    },
    filters={
        "provider": holds(lambda v: users.c.id.in_(_people_that(_of(v)))),
        **{
            name: USERS.filters[name]
            for name in (
                "username",
                "full_name",
                "email",
                "user_keyword",
                "is_active",
                "customer_uuid",
                "project_uuid",
            )
        },
    },
    order={"username": users.c.username, "full_name": users.c.full_name, "email": users.c.email},
    default_order=("username",),
)

PROVIDER_OFFERINGS = Listing(
    ProviderOffering,
    table=offerings,
    source=PROVIDED.source,
    visible=PROVIDED.visible,
    where=PROVIDED.where,
    columns=PROVIDED.columns,
    filters={**PROVIDED.filters, "provider": holds(_of)},
    order=PROVIDED.order,
    default_order=PROVIDED.default_order,
)
