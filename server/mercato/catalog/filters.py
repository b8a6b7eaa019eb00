"""How offerings are searched, and in which orders they can be asked for (contract §16)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, column, exists, or_, select, table

from mercato.access import queries as access
from mercato.catalog.tables import categories, category_groups, offering_groups, offerings
from mercato.kernel.filters import Filter, contains, equals, holds, linked, since, until, whether
from mercato.kernel.wiresql import constant
from mercato.schemas.access import Scope
from mercato.schemas.catalog import OfferingState
from mercato.tenants.queries import for_groups, provided_by
from mercato.tenants.tables import customers, organization_groups, projects

# Rooms above keep these; only these of their columns matter.
_resources = table("resources", column("offering_id"), column("project_id"), column("state", String()))
_accounts = table("offering_users", column("offering_id"), column("user_id"), column("state", String()))

ON_SHELF = (OfferingState.ACTIVE.value, OfferingState.PAUSED.value)
_words = (
    offerings.c.name,
    offerings.c.description,
    offerings.c.slug,
    customers.c.name,
    categories.c.title,
)
_terms = or_(offerings.c.terms_of_service != "", offerings.c.terms_of_service_link != "")


def _used(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    """There is a living resource of such a project."""
    found = exists().where(
        _resources.c.offering_id == offerings.c.id,
        _resources.c.state != "Terminated",
        _using.c.id == _resources.c.project_id,
        *where,
    )
    return found.correlate(offerings)


_using = projects.alias("using_projects")
_buyers = customers.alias("buyers")


def _used_by_customer(value: ColumnElement[Any]) -> ColumnElement[bool]:
    return _used(_using.c.customer_id.in_(select(_buyers.c.id).where(_buyers.c.uuid == value)))


def _managed_by(person: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(
        offerings.c.id.in_(access.granted_to(Scope.OFFERING, uuid=person)),
        offerings.c.customer_id.in_(access.granted_to(Scope.CUSTOMER, uuid=person)),
    )


def _for_group(value: ColumnElement[Any]) -> ColumnElement[bool]:
    found = select(offering_groups.c.offering_id).join(
        organization_groups, organization_groups.c.id == offering_groups.c.group_id
    )
    return offerings.c.id.in_(found.where(organization_groups.c.uuid == value))


def _of_group(value: ColumnElement[Any]) -> ColumnElement[bool]:
    found = select(category_groups.c.id).where(category_groups.c.uuid == value)
    return categories.c.group_id.in_(found)


_i_have_an_account = exists().where(
    _accounts.c.offering_id == offerings.c.id,
    _accounts.c.user_id == access.ME,
    _accounts.c.state != constant("Deleted"),
)


def _any_of() -> Filter:
    """uuids in one value, separated by commas."""
    plain = equals(offerings.c.uuid)
    return plain._replace(
        spellings=lambda value: [one.strip().replace("-", "") for one in str(value).split(",")]
    )


FILTERS = {
    "uuid": equals(offerings.c.uuid),
    "uuid_list": _any_of(),
    "name": contains(offerings.c.name),
    "name_exact": equals(offerings.c.name),
    "description": contains(offerings.c.description),
    "query": contains(*_words),
    "keyword": contains(*_words),
    "slug": equals(offerings.c.slug),
    "category_uuid": equals(categories.c.uuid),
    "category_group_uuid": holds(_of_group),
    "customer": linked(customers.c.uuid),
    "customer_uuid": equals(customers.c.uuid),
    "provider_uuid": provided_by(offerings.c.customer_id),
    "service_manager_uuid": holds(_managed_by),
    "project_uuid": holds(
        lambda uuid: offerings.c.project_id.in_(select(projects.c.id).where(projects.c.uuid == uuid))
    ),
    "organization_group_uuid": holds(_for_group),
    "resource_customer_uuid": holds(_used_by_customer),
    "resource_project_uuid": holds(lambda value: _used(_using.c.uuid == value)),
    "state": equals(offerings.c.state),
    "type": equals(offerings.c.type),
    "shared": equals(offerings.c.shared),
    "billable": equals(offerings.c.billable),
    "accessible": whether(for_groups(offering_groups, offering_groups.c.offering_id, offerings.c.id)),
    "has_terms_of_service": whether(_terms),
    "has_active_terms_of_service": whether(_terms),
    "user_has_offering_user": whether(_i_have_an_account),
    "created": since(offerings.c.created),
    "created_before": until(offerings.c.created),
}
ORDER: dict[str, ColumnElement[Any]] = {
    "name": offerings.c.name,
    "created": offerings.c.created,
    "type": offerings.c.type,
    "state": offerings.c.state,
}
