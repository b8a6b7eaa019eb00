"""How usage by user, users' limits and monthly sums are listed."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, case, cast, func, literal

from mercato.catalog.tables import categories, components, offerings
from mercato.kernel.errors import Invalid
from mercato.kernel.filters import equals, linked, part_of, since, until
from mercato.kernel.grouping import GroupedListing
from mercato.kernel.listing import Listing, Looker, Page, converted, omit
from mercato.kernel.wiresql import json_text, link, minor_text
from mercato.resources.listings import consumed, providers
from mercato.resources.tables import resources
from mercato.schemas.statistics import OfferingComponentStat
from mercato.schemas.usage import MonthlyUsage, UserUsage, UserUsageLimit
from mercato.tenants.tables import customers, projects, service_providers
from mercato.usage import rules
from mercato.usage.queries import accounts, wire_amount
from mercato.usage.tables import component_usages, user_usage_limits, user_usages

_of_resource = (
    resources.join(offerings, offerings.c.id == resources.c.offering_id)
    .join(projects, projects.c.id == resources.c.project_id)
    .join(customers, customers.c.id == projects.c.customer_id)
)
_ACCOUNT = "/api/marketplace-offering-users/{}/"
_CENTS = literal(2, literal_execute=True)
_period = component_usages.c.billing_period

USER_USAGES = Listing(
    UserUsage,
    table=user_usages,
    source=user_usages.join(component_usages, component_usages.c.id == user_usages.c.component_usage_id)
    .join(components, components.c.id == component_usages.c.component_id)
    .join(_of_resource, resources.c.id == component_usages.c.resource_id)
    .outerjoin(accounts, accounts.c.id == user_usages.c.user_id),
    visible=consumed,
    columns={
        **{
            name: user_usages.c[name]
            for name in ("uuid", "username", "description", "created", "modified", "backend_id", "date")
        },
        "user": omit(link(_ACCOUNT, accounts.c.uuid)),
        "component_usage": link("/api/marketplace-component-usages/{}/", component_usages.c.uuid),
        "component_type": components.c.type,
        "usage": converted(user_usages.c.hundredths, wire_amount),
        "measured_unit": components.c.measured_unit,
        "billing_period": _period,
        "resource_uuid": resources.c.uuid,
        "resource_name": resources.c.name,
        "offering_uuid": offerings.c.uuid,
        "offering_name": offerings.c.name,
        "project_uuid": projects.c.uuid,
        "project_name": projects.c.name,
        "customer_uuid": customers.c.uuid,
        "customer_name": customers.c.name,
    },
    filters={
        "uuid": equals(user_usages.c.uuid),
        "component_usage__billing_period": equals(_period),
        "billing_period_year": part_of("year", _period),
        "billing_period_month": part_of("month", _period),
        "resource": linked(resources.c.uuid),
        "resource_uuid": equals(resources.c.uuid),
        "offering_uuid": equals(offerings.c.uuid),
        "project_uuid": equals(projects.c.uuid),
        "customer_uuid": equals(customers.c.uuid),
        "type": equals(components.c.type),
        "username": equals(user_usages.c.username),
        "date_after": since(_period),
        "date_before": until(_period),
    },
    order={
        "component_usage__billing_period": _period,
        "usage": user_usages.c.hundredths,
        "username": user_usages.c.username,
    },
    default_order=("-component_usage__billing_period", "username"),
)

USER_USAGE_LIMITS = Listing(
    UserUsageLimit,
    table=user_usage_limits,
    source=user_usage_limits.join(components, components.c.id == user_usage_limits.c.component_id)
    .join(_of_resource, resources.c.id == user_usage_limits.c.resource_id)
    .join(accounts, accounts.c.id == user_usage_limits.c.user_id),
    visible=consumed,
    columns={
        "url": link("/api/component-user-usage-limits/{}/", user_usage_limits.c.uuid),
        "uuid": user_usage_limits.c.uuid,
        "resource": link("/api/marketplace-resources/{}/", resources.c.uuid),
        "component": components.c.uuid,
        "component_type": components.c.type,
        "user": link(_ACCOUNT, accounts.c.uuid),
        "limit": minor_text(user_usage_limits.c.hundredths, _CENTS),
    },
    filters={
        "uuid": equals(user_usage_limits.c.uuid),
        "resource": linked(resources.c.uuid),
        "resource_uuid": equals(resources.c.uuid),
        "offering_uuid": equals(offerings.c.uuid),
        "component_type": equals(components.c.type),
        "username": equals(accounts.c.username),
    },
    order={"username": accounts.c.username, "created": user_usage_limits.c.created},
)


def _month(value: Any) -> date:
    found = rules.month_of(str(value))
    if found is None:
        raise Invalid("A month looks like 2026-05.", code="bad_month")
    return found


def months(period: ColumnElement[Any]) -> dict[str, Any]:
    """Filters `start` and `end`: months, both included."""
    return {
        "start": since(period)._replace(value=_month),
        "end": until(period)._replace(value=_month),
    }


def _sum(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(func.coalesce(func.sum(value), 0), BigInteger())


_held = cast(func.coalesce(json_text(resources.c.limits, components.c.type), "0"), BigInteger())
_consumed = _sum(component_usages.c.hundredths)
_allocated = _sum(case((_held > 0, _held), else_=0))
# Hundredths of a percent, rounded half up; all numbers stay whole.
_share = (_consumed * 100 + _allocated // 2) // func.nullif(_allocated, 0)


class _Monthly(GroupedListing):
    """Whoever names no time means this month."""

    def page(self, conn: Connection, looker: Looker, query: Any, **kw: Any) -> Page:
        return super().page(conn, looker, query, **_time(looker, query), **kw)

    def count(self, conn: Connection, looker: Looker, query: Any, **scope: Any) -> int:
        return super().count(conn, looker, query, **_time(looker, query) | scope)


def _time(looker: Looker, query: Any) -> dict[str, Any]:
    if any(isinstance(getattr(query, name, None), date) for name in ("billing_period", "start", "end")):
        return {}
    return {"billing_period": date.fromisoformat(looker.params["month_start"])}


MONTHLY_USAGE = _Monthly(
    MonthlyUsage,
    table=component_usages,
    source=component_usages.join(components, components.c.id == component_usages.c.component_id)
    .join(_of_resource, resources.c.id == component_usages.c.resource_id)
    .join(providers, providers.c.id == offerings.c.customer_id)
    .join(categories, categories.c.id == offerings.c.category_id)
    .outerjoin(
        service_providers,
        and_(service_providers.c.customer_id == providers.c.id, service_providers.c.removed_at.is_(None)),
    ),
    by=(_period, components.c.id, offerings.c.id, providers.c.id, categories.c.id, service_providers.c.id),
    visible=consumed,
    columns={
        "offering_uuid": offerings.c.uuid,
        "offering_name": offerings.c.name,
        "offering_type": offerings.c.type,
        "service_provider_uuid": service_providers.c.uuid,
        "service_provider_name": providers.c.name,
        "category_uuid": categories.c.uuid,
        "category_title": categories.c.title,
        "component_type": components.c.type,
        "component_name": components.c.name,
        "measured_unit": components.c.measured_unit,
        "billing_type": components.c.billing_type,
        "limit_amount": components.c.limit_amount,
        "limit_period": components.c.limit_period,
        "billing_period": _period,
        "total_consumed": minor_text(_consumed, _CENTS),
        "total_allocated": minor_text(_allocated * 100, _CENTS),
        "usage_percent": case((_allocated > 0, minor_text(_share, _CENTS)), else_=None),
    },
    filters={
        "billing_period": equals(_period),
        "start": since(_period),
        "end": until(_period),
        "billing_type": equals(components.c.billing_type),
        "component_type": equals(components.c.type),
        "offering_type": equals(offerings.c.type),
        "offering_uuid": equals(offerings.c.uuid),
        "customer_uuid": equals(customers.c.uuid),
        "project_uuid": equals(projects.c.uuid),
    },
    order={
        "billing_period": _period,
        "offering_name": offerings.c.name,
        "component_type": components.c.type,
        "total_consumed": _consumed,
    },
    default_order=("-billing_period", "offering_name"),
)


def _last_day(period: Any) -> str:
    """Of the month that a date as text, or a date, lies in."""
    first = date.fromisoformat(str(period))
    return date.fromordinal(rules.next_month(first).toordinal() - 1).isoformat()


# What was used of one offering by all its customers together.
COMPONENT_STATS = GroupedListing(
    OfferingComponentStat,
    table=component_usages,
    source=component_usages.join(components, components.c.id == component_usages.c.component_id).join(
        offerings, offerings.c.id == components.c.offering_id
    ),
    by=(_period, components.c.id),
    visible=lambda _kind: None,  # the route first asks whether the offering itself is one's own
    columns={
        "period": converted(_period, lambda value: str(value)[:7]),
        "billing_period": _period,
        "date": converted(_period, _last_day),
        "type": components.c.type,
        "name": components.c.name,
        "description": components.c.description,
        "measured_unit": components.c.measured_unit,
        "usage": converted(_consumed, wire_amount),
    },
    filters={"offering": equals(offerings.c.uuid), **months(_period)},
    order={"billing_period": _period, "type": components.c.type},
    default_order=("billing_period", "type"),
)
