"""Reporting usage (contract §7): one report of a resource is one act."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.catalog import queries as catalog
from mercato.kernel import clock
from mercato.kernel.db import Tx
from mercato.kernel.errors import Invalid, NotFound, invalid
from mercato.kernel.ids import new_uuid
from mercato.resources import queries as resources
from mercato.resources.tables import resources as resource_table
from mercato.schemas.facts import UsageReported
from mercato.schemas.permissions import Permission as P
from mercato.schemas.resources import ResourceState
from mercato.schemas.usage import UsageItem
from mercato.tenants import queries as tenants
from mercato.usage import queries, rules
from mercato.usage.tables import component_usages

MEASURABLE = (ResourceState.OK, ResourceState.UPDATING, ResourceState.TERMINATING)


def report(tx: Tx, actor: Actor, uuid: str, items: list[UsageItem], moment: datetime | None) -> None:
    """Write what a resource used in the month of `moment` (default: now); all of it or, on any error, nothing."""
    row = resources.resource_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    access.must(tx.conn, actor, P.RESOURCE_SET_USAGE, resources.provider_scopes(row), tx.now)
    if row.state not in MEASURABLE:
        raise invalid("resource", "Resource is not in valid state.", code="wrong_state")
    zone = tenants.customer_by_id(tx.conn, row.customer_id).time_zone
    at = rules.as_utc(moment, tx.now) if moment else tx.now
    components = {c.type: c for c in catalog.components_of(tx.conn, row.offering_id)}
    amounts = _checked(items, components)
    _check_date(tx, actor, clock.day_of(at, zone), zone, [components[type_] for type_ in amounts])
    period = rules.period_of(clock.day_of(at, zone))
    number = queries.last_report(tx.conn, row.id) + 1
    for item in items:
        _store(tx, row, components[item.type], item, amounts[item.type], at, period, number)
    shown = {type_: queries.wire_amount(amount) for type_, amount in amounts.items()}
    tx.conn.execute(
        update(resource_table).where(resource_table.c.id == row.id),
        {"current_usages": shown, "modified": tx.now},
    )
    tx.emit(
        UsageReported(object=row.uuid, id=row.id, period=period.isoformat()),
        event="marketplace_component_usage_reported",
        message=f"Usage of {row.name} in {period:%Y-%m}: {', '.join(f'{k} {v}' for k, v in shown.items())}.",
    )


def _checked(items: list[UsageItem], components: dict[str, Any]) -> dict[str, int]:
    if not items:
        raise invalid("usages", "This list may not be empty.", code="empty")
    measured = {t for t, c in components.items() if c.billing_type in ("usage", "limit")}
    wrong = sorted({item.type for item in items} - measured)
    if wrong:
        raise Invalid(f"These components are invalid: {', '.join(wrong)}", code="unknown_component")
    amounts: dict[str, int] = {}
    for item in items:
        amount = rules.hundredths(item.amount)
        if amount is None:
            message = f"{item.type}: an amount of at least 0 with at most two decimals is required."
            raise invalid("usages", message, code="bad_amount")
        if item.type in amounts:
            raise invalid("usages", f"{item.type}: reported twice.", code="duplicate")
        amounts[item.type] = amount
    return amounts


def _check_date(tx: Tx, actor: Actor, day: date, zone: str, components: list[Any]) -> None:
    plain = any(c.billing_type == "usage" and not c.is_prepaid for c in components)
    today = clock.day_of(tx.now, zone)
    problem = rules.date_problem(day, today, staff=actor.is_staff, plain_usage=plain)
    if problem:
        raise invalid("date", problem, code="bad_date")


def _store(
    tx: Tx, row: Any, component: Any, item: UsageItem, amount: int, at: datetime, period: date, number: int
) -> None:
    values = {
        "modified": tx.now,
        "plan_id": row.plan_id,
        "date": at,
        "hundredths": amount,
        "description": item.description,
        "recurring": item.recurring,
        "modified_by_id": tx.who,
        "reported": number,
    }
    before = queries.record(tx.conn, row.id, component.id, period)
    if before is not None:
        tx.conn.execute(update(component_usages).where(component_usages.c.id == before.id), values)
        return
    key = {
        "uuid": new_uuid(),
        "created": tx.now,
        "resource_id": row.id,
        "component_id": component.id,
        "billing_period": period,
    }
    tx.conn.execute(insert(component_usages), {**key, **values})


def carry_recurring(tx: Tx, resource_id: int, period: date) -> bool:
    """Copy the previous month's recurring usage into a month that has none of it yet."""
    previous = (period.replace(day=1).toordinal()) - 1
    before = date.fromordinal(previous).replace(day=1)
    found = select(component_usages).where(
        component_usages.c.resource_id == resource_id,
        component_usages.c.billing_period == before,
        component_usages.c.recurring,
    )
    copied = False
    for row in tx.conn.execute(found).fetchall():
        if queries.record(tx.conn, resource_id, row.component_id, period) is None:
            fresh = {
                **row._mapping,
                "uuid": new_uuid(),
                "created": tx.now,
                "modified": tx.now,
                "date": tx.now,
                "billing_period": period,
            }
            del fresh["id"]
            tx.conn.execute(insert(component_usages), fresh)
            copied = True
    return copied
