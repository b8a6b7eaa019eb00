"""How the log is listed: what was done by me or to me, and what happened in the scopes that I see."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Integer, cast, extract, func, or_, select

from mercato.access import queries as access
from mercato.catalog.tables import offerings
from mercato.events import tables as _columns  # noqa: F401 adds columns to the audit table
from mercato.identity.tables import users
from mercato.kernel.filters import Filter, contains, equals, holds, instant, linked, since, until
from mercato.kernel.grouping import GroupedListing
from mercato.kernel.listing import Listing, converted
from mercato.kernel.tables import audit
from mercato.kernel.wiresql import json_object
from mercato.resources.tables import resources
from mercato.schemas.access import Scope
from mercato.schemas.events import EVENTS, Event, EventGroup, EventStats
from mercato.tenants.tables import customers, projects

subjects = users.alias("subjects")
# Numbers of rows say nothing to anybody outside.
_INSIDE = frozenset({"id", "from_project", "from_customer"})


def _visible(kind: str) -> ColumnElement[bool] | None:
    if kind == access.EVERYTHING:
        return None
    mine = select(offerings.c.id).where(access.in_customer(offerings.c.customer_id))
    return or_(
        audit.c.user_id == access.ME,
        audit.c.subject_id == access.ME,
        audit.c.project_id.in_(access.granted(Scope.PROJECT)),
        access.in_customer(audit.c.customer_id),
        audit.c.offering_id.in_(access.granted(Scope.OFFERING)),
        audit.c.offering_id.in_(mine),
    )


def _context(cell: Any) -> dict[str, Any]:
    """What the act knew, and the names around it; what is not there is left out."""
    act, around = msgspec.json.decode(cell).values()
    known = {name: value for name, value in act.items() if name not in _INSIDE}
    return {name: value for name, value in {**known, **around}.items() if value is not None}


_AROUND: dict[str, Any] = {
    "user_uuid": users.c.uuid,
    "user_username": users.c.username,
    "user_full_name": users.c.full_name,
    "affected_user_uuid": subjects.c.uuid,
    "affected_user_username": subjects.c.username,
    "affected_user_full_name": subjects.c.full_name,
    "customer_uuid": customers.c.uuid,
    "customer_name": customers.c.name,
    "project_uuid": projects.c.uuid,
    "project_name": projects.c.name,
    "offering_uuid": offerings.c.uuid,
    "offering_name": offerings.c.name,
    "resource_uuid": resources.c.uuid,
    "resource_name": resources.c.name,
}


def _about(uuid: ColumnElement[Any]) -> ColumnElement[bool]:
    """Events of a thing, whatever it is, and of everything in it."""

    def within(column: ColumnElement[Any], rows: Any) -> ColumnElement[bool]:
        return column == select(rows.c.id).where(rows.c.uuid == uuid).scalar_subquery()

    return or_(
        audit.c.object == uuid,
        within(audit.c.customer_id, customers),
        within(audit.c.project_id, projects),
        within(audit.c.offering_id, offerings),
        within(audit.c.resource_id, resources),
        _involves(uuid),
    )


def _provided(uuid: ColumnElement[Any]) -> ColumnElement[bool]:
    """Events of an organization and of what it sells: also its customers' orders and resources."""
    provider = select(customers.c.id).where(customers.c.uuid == uuid).scalar_subquery()
    sold = select(offerings.c.id).where(offerings.c.customer_id == provider)
    return or_(audit.c.customer_id == provider, audit.c.offering_id.in_(sold))


def _involves(uuid: ColumnElement[Any]) -> ColumnElement[bool]:
    """Who did it, or whom it happened to."""
    person = select(users.c.id).where(users.c.uuid == uuid).scalar_subquery()
    return or_(audit.c.user_id == person, audit.c.subject_id == person)


def _of(column: ColumnElement[Any], rows: Any) -> Filter:
    return holds(lambda v: column == select(rows.c.id).where(rows.c.uuid == v).scalar_subquery())


def _kinds(group: Any) -> tuple[str, ...]:
    return EVENTS[EventGroup(group).value]


LOG = Listing(
    Event,
    table=audit,
    source=audit.outerjoin(users, users.c.id == audit.c.user_id)
    .outerjoin(subjects, subjects.c.id == audit.c.subject_id)
    .outerjoin(customers, customers.c.id == audit.c.customer_id)
    .outerjoin(projects, projects.c.id == audit.c.project_id)
    .outerjoin(offerings, offerings.c.id == audit.c.offering_id)
    .outerjoin(resources, resources.c.id == audit.c.resource_id),
    visible=_visible,
    columns={
        "uuid": audit.c.uuid,
        "created": audit.c.at,
        "event_type": audit.c.event_type,
        "message": audit.c.message,
        "context": converted(json_object({"act": audit.c.context, "around": json_object(_AROUND)}), _context),
    },
    filters={
        "uuid": equals(audit.c.uuid),
        "id": equals(audit.c.id),
        "event_type": equals(audit.c.event_type),
        "feature": equals(audit.c.event_type)._replace(spellings=_kinds),
        "scope": holds(_about)._replace(value=linked(audit.c.object).value),
        "customer_uuid": _of(audit.c.customer_id, customers),
        "provider_uuid": holds(_provided),
        "project_uuid": _of(audit.c.project_id, projects),
        "user_uuid": holds(_involves),
        "related_user_uuid": holds(_involves),
        "pat_uuid": equals(audit.c.object),
        "message": contains(audit.c.message),
        "created_from": since(audit.c.at)._replace(value=instant),
        "created_to": until(audit.c.at)._replace(value=instant),
    },
    order={"created": audit.c.at},
    default_order=("-created",),
)

_year, _month = (cast(extract(part, audit.c.at), Integer()) for part in ("year", "month"))

STATS = GroupedListing(
    EventStats,
    table=audit,
    source=audit,
    by=(_year, _month),
    visible=_visible,
    columns={"year": _year, "month": _month, "count": func.count()},
    filters={name: LOG.filters[name] for name in ("event_type", "feature", "scope", "related_user_uuid")},
    order={"year": _year, "month": _month},
    default_order=("-year", "-month"),
)
