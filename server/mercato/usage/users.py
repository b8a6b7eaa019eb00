"""What each of a service's users used, and how much they may use (contract §7)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.catalog import queries as catalog
from mercato.kernel import clock
from mercato.kernel.db import Tx
from mercato.kernel.errors import Invalid, NotFound, invalid
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.resources import queries as resources
from mercato.schemas.facts import UsageLimitChanged, UserUsageReported
from mercato.schemas.permissions import Permission as P
from mercato.schemas.usage import NewUserUsageLimit, UserUsageItem, UserUsageLimitChange
from mercato.tenants import queries as tenants
from mercato.usage import queries, rules
from mercato.usage.tables import user_usage_limits, user_usages

LIMITED = "marketplace_user_usage_limit_changed"


def report(tx: Tx, actor: Actor, uuid: str, items: list[UserUsageItem]) -> None:
    """Write what users used of a usage record: all of it or, on any error, nothing. The same name again
    overwrites; what is as it was is told to nobody."""
    record = queries.record_by_uuid(tx.conn, uuid)
    if record is None:
        raise NotFound
    row = resources.resource_by_id(tx.conn, record.resource_id)
    access.must(tx.conn, actor, P.RESOURCE_SET_USAGE, resources.provider_scopes(row), tx.now)
    _check_period(tx, actor, row, record, items)
    named = queries.accounts_named(tx.conn, row.offering_id)
    stored = {
        found.username: found
        for found in tx.conn.execute(
            select(user_usages).where(user_usages.c.component_usage_id == record.id)
        ).fetchall()
    }
    seen: set[str] = set()
    changed = []
    for item in items:
        username, amount = _checked(item, seen)
        account = _account(tx, row.offering_id, item, named)
        before = stored.get(username)
        at = rules.as_utc(item.date, tx.now) if item.date else tx.now
        values = {"hundredths": amount, "user_id": account, "date": at, "modified": tx.now}
        if before is None:
            key = {
                "uuid": new_uuid(),
                "created": tx.now,
                "component_usage_id": record.id,
                "username": username,
            }
            tx.conn.execute(insert(user_usages), {**key, **values})
        elif (before.hundredths, before.user_id) == (amount, account):
            continue
        else:
            tx.conn.execute(update(user_usages).where(user_usages.c.id == before.id), values)
        changed.append(username)
    if changed:
        tx.emit(
            UserUsageReported(object=record.uuid, resource=row.uuid, usernames=tuple(changed)),
            event="marketplace_component_usage_reported",
            message=f"Usage of {record.type} of {row.name} by {len(changed)} users has been reported.",
        )


def _check_period(tx: Tx, actor: Actor, row: Any, record: Any, items: list[UserUsageItem]) -> None:
    """Months that are closed are closed for their users too; nothing is reported ahead of time."""
    zone = tenants.customer_by_id(tx.conn, row.customer_id).time_zone
    today = clock.day_of(tx.now, zone)
    plain = record.billing_type == "usage" and not record.is_prepaid
    days = [clock.day_of(rules.as_utc(item.date, tx.now), zone) for item in items if item.date]
    for day in (record.billing_period, *days):
        problem = rules.date_problem(day, today, staff=actor.is_staff, plain_usage=plain)
        if problem:
            raise invalid("date", problem, code="bad_date")


def _checked(item: UserUsageItem, seen: set[str]) -> tuple[str, int]:
    username = item.username.strip()
    if not username:
        raise invalid("username", "This field may not be blank.", code="blank")
    if username in seen:
        raise invalid("usages", f"{username}: reported twice.", code="duplicate")
    seen.add(username)
    amount = rules.hundredths(item.usage)
    if amount is None:
        message = f"{username}: an amount of at least 0 with at most two decimals is required."
        raise invalid("usage", message, code="bad_amount")
    return username, amount


def _account(tx: Tx, offering_id: int, item: UserUsageItem, named: dict[str, int]) -> int | None:
    if not item.user:
        return named.get(item.username.strip())
    found = queries.account(tx.conn, offering_id, uuid_of_link(item.user) or "")
    if found is None:
        raise invalid("user", "The offering has no such user.", code="unknown_user")
    return int(found.id)


# -- limits ------------------------------------------------------------------------------------


def create_limit(tx: Tx, actor: Actor, data: NewUserUsageLimit) -> str:
    """Limit what a user may use of a resource's component; the limit's uuid."""
    values, row, told = _limit(tx, actor, data)
    _only_one(tx, values)
    made = new_uuid()
    tx.conn.execute(
        insert(user_usage_limits), {**values, "uuid": made, "created": tx.now, "modified": tx.now}
    )
    _tell(tx, row, told, f"limited to {data.limit}")
    return made


def change_limit(tx: Tx, actor: Actor, uuid: str, change: UserUsageLimitChange | NewUserUsageLimit) -> str:
    """PUT names everything, PATCH what is to be different."""
    before = _of(tx, uuid)
    current = NewUserUsageLimit(
        resource=before.resource,
        component=before.component,
        user=before.user,
        limit=str(Decimal(before.hundredths) / 100),
    )
    _limit(tx, actor, current)  # who may not touch what it is now may not make it something else
    given = {k: v for k, v in msgspec.structs.asdict(change).items() if v is not msgspec.UNSET}
    values, row, told = _limit(tx, actor, msgspec.structs.replace(current, **given))
    _only_one(tx, values, but=before.id)
    here = user_usage_limits.c.id == before.id
    tx.conn.execute(update(user_usage_limits).where(here), {**values, "modified": tx.now})
    _tell(tx, row, told, f"limited to {queries.wire_amount(values['hundredths'])}")
    return uuid


def remove_limit(tx: Tx, actor: Actor, uuid: str) -> None:
    before = _of(tx, uuid)
    row = resources.resource_by_id(tx.conn, before.resource_id)
    access.must(tx.conn, actor, P.RESOURCE_CONSUMPTION_LIMITATION, resources.consumer_scopes(row), tx.now)
    tx.conn.execute(delete(user_usage_limits).where(user_usage_limits.c.id == before.id))
    _tell(tx, row, (before.username, before.type), "no longer limited")


def _of(tx: Tx, uuid: str) -> Any:
    found = queries.user_limit(tx.conn, uuid)
    if found is None:
        raise NotFound
    return found


def _limit(tx: Tx, actor: Actor, data: NewUserUsageLimit) -> tuple[dict[str, Any], Any, tuple[str, str]]:
    """(columns, the resource's row, (username, component type)) of a limit that was checked."""
    row = resources.resource_row(tx.conn, uuid_of_link(data.resource) or "")
    if row is None:
        raise invalid("resource", "Resource is not found.", code="unknown_resource")
    access.must(tx.conn, actor, P.RESOURCE_CONSUMPTION_LIMITATION, resources.consumer_scopes(row), tx.now)
    component = catalog.component_row(tx.conn, row.offering_id, uuid_of_link(data.component) or "")
    if component is None or component.billing_type not in ("usage", "limit"):
        raise invalid("component", "The offering measures no such component.", code="unknown_component")
    account = queries.account(tx.conn, row.offering_id, uuid_of_link(data.user) or "")
    if account is None:
        raise invalid("user", "The offering has no such user.", code="unknown_user")
    amount = rules.hundredths(data.limit)
    if amount is None:
        message = "An amount of at least 0 with at most two decimals is required."
        raise invalid("limit", message, code="bad_amount")
    values = {
        "resource_id": row.id,
        "component_id": component.id,
        "user_id": account.id,
        "hundredths": amount,
    }
    return values, row, (account.username, component.type)


def _only_one(tx: Tx, values: dict[str, Any], but: int = 0) -> None:
    same = [user_usage_limits.c[k] == values[k] for k in ("resource_id", "component_id", "user_id")]
    other = select(user_usage_limits.c.id).where(*same, user_usage_limits.c.id != but)
    if tx.conn.execute(other).first() is not None:
        raise Invalid("The user has a limit of this component already.", code="duplicate")


def _tell(tx: Tx, row: Any, told: tuple[str, str], what: str) -> None:
    username, component = told
    fact = UsageLimitChanged(object=row.uuid, username=username, component=component)
    tx.emit(fact, event=LIMITED, message=f"{username} is {what} of {component} of {row.name}.")
