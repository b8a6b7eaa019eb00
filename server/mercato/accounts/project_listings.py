"""How the accounts of projects are listed, and what providers see of those who use their offerings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, exists, null, or_, select

from mercato.access import queries as access
from mercato.accounts.tables import course_accounts, service_accounts
from mercato.catalog.tables import offerings
from mercato.identity.tables import users
from mercato.kernel.columns import Utc
from mercato.kernel.filters import contains, equals, holds, linked, since, until
from mercato.kernel.listing import Listing
from mercato.kernel.wiresql import link
from mercato.resources.tables import resources
from mercato.schemas.projects import CourseAccount, ServiceAccount
from mercato.schemas.resources import ResourceState
from mercato.tenants.tables import customers, projects, service_providers

_living = resources.c.state != ResourceState.TERMINATED.value


def _visible(kind: str) -> ColumnElement[bool] | None:
    """Those of my projects, and of the projects that use what I provide."""
    if kind == access.EVERYTHING:
        return None
    used = exists(
        select(resources.c.id)
        .join(offerings, offerings.c.id == resources.c.offering_id)
        .where(
            resources.c.project_id == projects.c.id,
            _living,
            access.provides(offerings.c.id, offerings.c.customer_id),
        )
    )
    return or_(access.sees_project(projects.c.id, projects.c.customer_id), used)


def _uses(offering_uuid: ColumnElement[Any]) -> ColumnElement[bool]:
    """The project has a living resource of the offering."""
    used = (
        select(resources.c.project_id)
        .join(offerings, offerings.c.id == resources.c.offering_id)
        .where(_living, offerings.c.uuid == offering_uuid)
    )
    return projects.c.id.in_(used)


def _serves(provider_uuid: ColumnElement[Any]) -> ColumnElement[bool]:
    """The project has a living resource of one of the provider's offerings."""
    used = (
        select(resources.c.project_id)
        .join(offerings, offerings.c.id == resources.c.offering_id)
        .join(service_providers, service_providers.c.customer_id == offerings.c.customer_id)
        .where(_living, service_providers.c.uuid == provider_uuid)
    )
    return projects.c.id.in_(used)


def _columns(table: Any, path: str, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "url": link(path, table.c.uuid),
        **{
            name: table.c[name]
            for name in ("uuid", "created", "modified", "email", "description", "state", *names)
        },
        "error_message": table.c.error_message,
        "error_traceback": table.c.error_traceback,
        "project": projects.c.uuid,
        "project_uuid": projects.c.uuid,
        "project_name": projects.c.name,
        "customer_uuid": customers.c.uuid,
        "customer_name": customers.c.name,
    }


def _placed(table: Any) -> Any:
    return table.join(projects, projects.c.id == table.c.project_id).join(
        customers, customers.c.id == projects.c.customer_id
    )


_FILTERS = {
    "project": linked(projects.c.uuid),
    "project_uuid": equals(projects.c.uuid),
    "offering": holds(_uses),
    "provider": holds(_serves),
}

SERVICE_ACCOUNTS = Listing(
    ServiceAccount,
    table=service_accounts,
    source=_placed(service_accounts),
    visible=_visible,
    columns={
        **_columns(
            service_accounts,
            "/api/marketplace-project-service-accounts/{}/",
            ("username", "preferred_identifier"),
        ),
        "customer_abbreviation": customers.c.abbreviation,
        "token": null().cast(String()),
        "expires_at": null().cast(Utc()),
    },
    filters={
        **_FILTERS,
        "uuid": equals(service_accounts.c.uuid),
        "username": contains(service_accounts.c.username),
        "email": contains(service_accounts.c.email),
        "state": equals(service_accounts.c.state),
    },
    order={"created": service_accounts.c.created, "username": service_accounts.c.username},
    default_order=("created",),
)

COURSE_ACCOUNTS = Listing(
    CourseAccount,
    table=course_accounts,
    source=_placed(course_accounts).join(users, users.c.id == course_accounts.c.user_id),
    visible=_visible,
    columns={
        **_columns(course_accounts, "/api/marketplace-course-accounts/{}/", ()),
        "username": users.c.username,
        "user_uuid": users.c.uuid,
        "project_slug": projects.c.slug,
        "project_start_date": projects.c.start_date,
        "project_end_date": projects.c.end_date,
    },
    filters={
        **_FILTERS,
        "uuid": equals(course_accounts.c.uuid),
        "username": contains(users.c.username),
        "email": contains(course_accounts.c.email),
        "state": equals(course_accounts.c.state),
        "project_start_date_after": since(projects.c.start_date),
        "project_start_date_before": until(projects.c.start_date),
        "project_end_date_after": since(projects.c.end_date),
        "project_end_date_before": until(projects.c.end_date),
    },
    order={
        "created": course_accounts.c.created,
        "modified": course_accounts.c.modified,
        "email": course_accounts.c.email,
        "state": course_accounts.c.state,
        "username": users.c.username,
        "project_name": projects.c.name,
        "project_start_date": projects.c.start_date,
        "project_end_date": projects.c.end_date,
    },
    default_order=("created",),
)
