"""A resource's rows as the history that the billing core reads."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection

from mercato.billing.core.history import Change, History, Prepaid, Usage
from mercato.catalog import queries as catalog
from mercato.orders.costs import core_components, core_plan
from mercato.resources import queries as resources
from mercato.tenants import queries as tenants
from mercato.usage import queries as usage


class Billed(NamedTuple):
    """A resource with what its lines mention."""

    row: Any
    offering: Any
    project: Any
    customer: Any
    history: History


def load(conn: Connection, resource_id: int, currency: str) -> Billed | None:
    """The resource's whole history, or None when nothing of it is ever billed."""
    row = resources.resource_by_id(conn, resource_id)
    offering = catalog.offering_by_id(conn, row.offering_id)
    changes = resources.history_of(conn, resource_id)
    if not offering.billable or not any(change.plan_id for change in changes):
        return None
    project = tenants.project_by_id(conn, row.project_id)
    customer = tenants.customer_by_id(conn, project.customer_id)
    plans = {}
    uuids: dict[int, str] = {}
    prepaid = resources.prepaid_of(conn, resource_id)
    for plan_id in {entry.plan_id for entry in (*changes, *prepaid) if entry.plan_id}:
        plan = catalog.plan_by_id(conn, plan_id)
        uuids[plan_id] = plan.uuid
        plans[plan.uuid] = core_plan(conn, plan)
    components = core_components(catalog.components_of(conn, offering.id))
    # A component may have gone that nobody was ever charged for.
    known = {component.type for component in components}
    history = History(
        resource=row.uuid,
        resource_name=row.name,
        offering_name=offering.name,
        components=components,
        plans=plans,
        changes=tuple(
            Change(change.at, change.kind, uuids.get(change.plan_id), _of(known, change.limits), change.id)
            for change in changes
        ),
        usages=tuple(
            Usage(
                component=record.type,
                period=record.billing_period,
                amount=Decimal(record.hundredths) / 100,
                plan=uuids.get(record.plan_id),
                reported=record.reported,
            )
            for record in usage.usages_of(conn, resource_id)
        ),
        prepaid=tuple(_paid(uuids[paid.plan_id], paid) for paid in prepaid if paid.component in known),
        zone=customer.time_zone,
        currency=currency,
    )
    return Billed(row, offering, project, customer, history)


def _paid(plan: str, row: Any) -> Prepaid:
    return Prepaid(
        at=row.at,
        plan=plan,
        component=row.component,
        unit_price=row.unit_price,
        limit=Decimal(row.allowance),
        periods=row.periods,
        length=row.length,
    )


def _of(known: set[str], limits: dict[str, Any]) -> dict[str, Any]:
    return limits if limits.keys() <= known else {k: v for k, v in limits.items() if k in known}
