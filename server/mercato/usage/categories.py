"""Usage by category: what all components of one kind measured, month by month."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, bindparam, cast, func, or_, select

from mercato.catalog.tables import categories, components, offerings, plan_components
from mercato.kernel.filters import holds, linked, since, until
from mercato.kernel.grouping import GroupedListing
from mercato.kernel.listing import converted, omit
from mercato.kernel.wiresql import link
from mercato.resources.listings import consumed
from mercato.resources.tables import resources
from mercato.schemas.overviews import CategoryUsage
from mercato.tenants.tables import customers, projects
from mercato.usage.tables import component_usages

_period = component_usages.c.billing_period
# The place that was asked for, as the filter `scope` is bound; null where none was.
_ASKED = bindparam("f_scope_0", None, type_=String())


def _in(uuid: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(projects.c.uuid == uuid, customers.c.uuid == uuid)


def _link_of(path: str, table: Any) -> ColumnElement[Any]:
    place = table.alias()
    return select(link(path, place.c.uuid)).where(place.c.uuid == _ASKED).scalar_subquery()


def _whole(hundredths: Any) -> int:
    return int(hundredths) // 100


CATEGORY_USAGES = GroupedListing(
    CategoryUsage,
    table=component_usages,
    source=component_usages.join(components, components.c.id == component_usages.c.component_id)
    .join(resources, resources.c.id == component_usages.c.resource_id)
    .join(offerings, offerings.c.id == resources.c.offering_id)
    .join(categories, categories.c.id == offerings.c.category_id)
    .join(projects, projects.c.id == resources.c.project_id)
    .join(customers, customers.c.id == projects.c.customer_id)
    .outerjoin(
        plan_components,
        (plan_components.c.plan_id == component_usages.c.plan_id)
        & (plan_components.c.component_id == component_usages.c.component_id),
    ),
    by=(_period, categories.c.id, components.c.type, components.c.measured_unit),
    visible=consumed,
    columns={
        "name": func.min(components.c.name),
        "type": components.c.type,
        "measured_unit": components.c.measured_unit,
        "category_title": categories.c.title,
        "category_uuid": categories.c.uuid,
        "date": _period,
        "reported_usage": converted(
            cast(func.coalesce(func.sum(component_usages.c.hundredths), 0), BigInteger()), _whole
        ),
        "fixed_usage": cast(func.coalesce(func.sum(plan_components.c.amount), 0), BigInteger()),
        "scope": omit(
            func.coalesce(_link_of("/api/projects/{}/", projects), _link_of("/api/customers/{}/", customers))
        ),
    },
    filters={
        "scope": holds(_in)._replace(value=linked(projects.c.uuid).value),
        "date_after": since(_period),
        "date_before": until(_period),
    },
    order={"date": _period, "type": components.c.type},
    default_order=("date", "type"),
)
