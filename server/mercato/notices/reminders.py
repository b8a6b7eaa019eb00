"""Reminding people of what comes, or waits, or lies idle: hourly looked for, each once, on the customer's calendar.

- Resources and projects that end: a week and a day before (whoever may set the end, or manages the project).
- Orders that wait for an approval: after three days and each week again (whoever may give it).
- Resources that cost nothing for three months: on the 5th of the month, where the operator wants that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select, text

from mercato.access import queries as access
from mercato.catalog.tables import offerings
from mercato.identity.tables import users
from mercato.kernel import clock
from mercato.kernel.db import Tx, moment_param
from mercato.kernel.fixed import fixed
from mercato.notices.service import tell
from mercato.orders.tables import orders
from mercato.resources.tables import resources
from mercato.schemas.access import Scope
from mercato.schemas.facts import Reminded
from mercato.schemas.orders import OrderState
from mercato.schemas.permissions import Permission as P
from mercato.schemas.resources import ResourceState
from mercato.tenants.tables import customers, projects

# Days before an end, the furthest first.
BEFORE = (7, 1)
WAITS = timedelta(days=3)
WEEK = timedelta(days=7)
STALE_ON, STALE_MONTHS = 5, 3

_ONCE = fixed(
    text(
        "INSERT INTO reminders (kind, object, occasion, at) VALUES (:kind, :object, :occasion, :now)"
        " ON CONFLICT (kind, object, occasion) DO NOTHING RETURNING id"
    )
)


class StaleSince(NamedTuple):
    """Asked which resources (ids) that are OK have cost nothing since the beginning of that month."""

    month: date


class Occasion(NamedTuple):
    """Something to remind of: what, when (the same occasion is told once), in which words, and whom."""

    kind: str
    event: str
    object_type: str
    object: str
    occasion: str
    words: str
    permission: P
    scopes: list[tuple[Scope, int]]


def reminder(*, stale: bool) -> Callable[[Tx], None]:
    """The schedule's entry; `stale`: also of what lies idle."""

    def remind(tx: Tx) -> None:
        found = [*_ends_of_resources(tx), *_ends_of_projects(tx), *_waiting_orders(tx)]
        if stale:
            found += _stale(tx)
        for occasion in found:
            _remind(tx, occasion)

    return remind


def _remind(tx: Tx, told: Occasion) -> None:
    now = moment_param(tx.conn, tx.now)
    key = {"kind": told.kind, "object": told.object, "occasion": told.occasion, "now": now}
    if tx.conn.execute(_ONCE, key).first() is None:
        return
    people = access.holders(tx.conn, told.permission, told.scopes, tx.now)
    tell(tx, people, told.kind, told.words, object_type=told.object_type, object_uuid=told.object)
    uuids = tx.conn.execute(select(users.c.uuid).where(users.c.id.in_(people))).scalars()
    fact = Reminded(object=told.object, kind=told.kind, text=told.words, people=tuple(sorted(uuids)))
    tx.emit(fact, event=told.event, message=told.words)


def _days_left(tx: Tx, row: Any) -> int | None:
    """The reminder that is due of an end: that many days before, or None."""
    left = (row.end_date - clock.day_of(tx.now, row.time_zone)).days
    return min((days for days in BEFORE if 0 <= left <= days), default=None)


def _ends_soon(tx: Tx, column: Any) -> Any:
    """Some calendars are a day ahead of UTC's, some behind."""
    today = tx.now.date()
    return column.between(today - timedelta(days=1), today + timedelta(days=BEFORE[0] + 1))


def _ends_of_resources(tx: Tx) -> Iterator[Occasion]:
    found = (
        select(resources, offerings.c.name.label("offering"), projects.c.customer_id, customers.c.time_zone)
        .join(offerings, offerings.c.id == resources.c.offering_id)
        .join(projects, projects.c.id == resources.c.project_id)
        .join(customers, customers.c.id == projects.c.customer_id)
        .where(resources.c.state == ResourceState.OK.value, _ends_soon(tx, resources.c.end_date))
        .order_by(resources.c.id)
    )
    for row in tx.conn.execute(found).fetchall():
        days = _days_left(tx, row)
        if days is not None:
            yield Occasion(
                "resource_ends",
                "marketplace_resource_end_reminded",
                "resource",
                row.uuid,
                f"{row.end_date}:{days}",
                f"{row.name} ({row.offering}) ends after {row.end_date}.",
                P.RESOURCE_SET_END_DATE,
                _places(row.project_id, row.customer_id),
            )


def _ends_of_projects(tx: Tx) -> Iterator[Occasion]:
    found = (
        select(projects, customers.c.time_zone)
        .join(customers, customers.c.id == projects.c.customer_id)
        .where(projects.c.removed_at.is_(None), projects.c.ended_at.is_(None))
        .where(_ends_soon(tx, projects.c.end_date))
        .order_by(projects.c.id)
    )
    for row in tx.conn.execute(found).fetchall():
        days = _days_left(tx, row)
        if days is not None:
            yield Occasion(
                "project_ends",
                "project_end_reminded",
                "project",
                row.uuid,
                f"{row.end_date}:{days}",
                f"Project {row.name} ends after {row.end_date}, and what it has with it.",
                P.PROJECT_UPDATE,
                _places(row.id, row.customer_id),
            )


def _places(project_id: int, customer_id: int) -> list[tuple[Scope, int]]:
    return [(Scope.PROJECT, project_id), (Scope.CUSTOMER, customer_id)]


def _waiting_orders(tx: Tx) -> Iterator[Occasion]:
    by_provider = OrderState.PENDING_PROVIDER.value
    found = (
        select(
            orders,
            offerings.c.name.label("offering"),
            offerings.c.customer_id.label("provider_id"),
            resources.c.name.label("resource"),
            projects.c.customer_id,
        )
        .join(offerings, offerings.c.id == orders.c.offering_id)
        .join(resources, resources.c.id == orders.c.resource_id)
        .join(projects, projects.c.id == orders.c.project_id)
        .where(orders.c.state.in_([OrderState.PENDING_CONSUMER.value, by_provider]))
        .where(orders.c.created <= tx.now - WAITS)
        .order_by(orders.c.id)
    )
    for row in tx.conn.execute(found).fetchall():
        weeks = (tx.now - row.created - WAITS) // WEEK
        sold = [(Scope.OFFERING, row.offering_id), (Scope.CUSTOMER, row.provider_id)]
        yield Occasion(
            "order_waits",
            "marketplace_order_reminded",
            "order",
            row.uuid,
            f"{row.state}:{weeks}",
            f"The order of {row.resource} ({row.offering}) waits for an approval since {row.created:%Y-%m-%d}.",
            P.ORDER_APPROVE,
            sold if row.state == by_provider else _places(row.project_id, row.customer_id),
        )


def _stale(tx: Tx) -> Iterator[Occasion]:
    today = tx.now.date()
    if today.day < STALE_ON:
        return
    first = today.replace(day=1)
    since = first
    for _ in range(STALE_MONTHS):
        since = (since - timedelta(days=1)).replace(day=1)
    [idle] = tx.ask(StaleSince(since)) or [()]
    found = (
        select(resources, offerings.c.name.label("offering"), projects.c.customer_id)
        .join(offerings, offerings.c.id == resources.c.offering_id)
        .join(projects, projects.c.id == resources.c.project_id)
        .where(resources.c.id.in_(idle))
        .order_by(resources.c.id)
    )
    for row in tx.conn.execute(found).fetchall():
        yield Occasion(
            "resource_is_stale",
            "marketplace_resource_stale_reminded",
            "resource",
            row.uuid,
            f"{first:%Y-%m}",
            f"{row.name} ({row.offering}) cost nothing since {since:%Y-%m}. Is it still needed?",
            P.RESOURCE_TERMINATE,
            _places(row.project_id, row.customer_id),
        )
