"""What backends say of their resources: state, links, metadata and usage, about hourly and on request.

The plugin is asked outside any transaction; what it says is written in one, unless an order has come in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection, select, update

from mercato.access.rules import Actor
from mercato.catalog import queries as catalog
from mercato.catalog.authoring import PULL_ALL
from mercato.catalog.tables import offerings
from mercato.jobs.retry import Retry as Tries
from mercato.kernel import clock
from mercato.kernel.db import Database, Tx
from mercato.kernel.errors import Conflict, NotFound
from mercato.plugins import Plugin, Registry
from mercato.resources import queries, service
from mercato.resources.lanes import lane
from mercato.resources.tables import resources
from mercato.schemas import Detail
from mercato.schemas.catalog import NewLink
from mercato.schemas.resources import ResourceState
from mercato.schemas.usage import UsageItem
from mercato.sdk import ResourceFacts, Retry, Seen
from mercato.tenants import queries as tenants
from mercato.usage import queries as usage
from mercato.usage import rules
from mercato.usage import service as reports

_log = structlog.get_logger("mercato.pulls")

PULL = "resources.pull"
TRIES = Tries(times=3, first=60.0)
# Orders go first at a provider's backends.
LOW = -10
AT_ONCE = 200
LIVING = (ResourceState.OK, ResourceState.ERRED)
GONE = "It is not there any more at its backend."
ONE_BY_ONE, TOGETHER = ("pull", "links", "usage"), "sync"
# The system acts with every permission and nobody's name.
_SYSTEM = Actor(0, "", "system", "System", is_staff=True, is_support=False, token_id=0)


class Asked(NamedTuple):
    """Asked what the plugin of an offering's type can be asked of its resources."""

    type: str


def asked(plugin: Plugin | None) -> frozenset[str]:
    """The verbs of a plugin that say something of resources."""
    if plugin is None:
        return frozenset()
    return frozenset(verb for verb in (*ONE_BY_ONE, TOGETHER) if callable(getattr(plugin.code, verb, None)))


class Said(NamedTuple):
    """What the backend said of one resource; None where it was not asked."""

    seen: Seen | None = None
    links: list[NewLink] | None = None
    used: Mapping[str, int | float | str] | None = None


# -- asking ------------------------------------------------------------------------------------


def pull_now(tx: Tx, _actor: Actor, uuid: str) -> Detail:
    """Have the backend asked about a resource, by whoever sees it: it says only what is there."""
    row = queries.resource_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    offering = catalog.offering_by_id(tx.conn, row.offering_id)
    can = frozenset[str]().union(*tx.ask(Asked(offering.type)))
    if not can:
        raise Conflict("Its backend can not be asked.", code="not_supported")
    if row.state not in LIVING:
        raise Conflict(
            f"Resource in state {row.state} does not allow this.", code="wrong_state", state=row.state
        )
    if can.isdisjoint(ONE_BY_ONE):
        tx.enqueue(
            PULL_ALL, key=f"pull-all:{offering.uuid}", queue="provision", offering=offering.uuid, after=0
        )
    else:
        _put_in(tx, row.provider_id, uuid)
    return Detail(detail="Its backend is being asked.")


def _put_in(tx: Tx, provider_id: int, uuid: str) -> None:
    lock = lane(tx, provider_id, uuid)
    tx.enqueue(PULL, key=f"pull:{uuid}", lock=lock, queue="provision", priority=LOW, resource=uuid)


def due(plugins: Registry) -> Callable[[Tx], None]:
    """The schedule's entry: every offering whose backend can be asked, and that has something to ask about."""

    def ask(tx: Tx) -> None:
        types = [type_ for type_, plugin in plugins.items() if asked(plugin)]
        found = (
            select(offerings.c.uuid)
            .where(offerings.c.type.in_(types), offerings.c.removed_at.is_(None))
            .where(
                select(resources.c.id)
                .where(resources.c.offering_id == offerings.c.id, resources.c.state.in_([*LIVING]))
                .exists()
            )
            .order_by(offerings.c.id)
        )
        for uuid in list(tx.conn.execute(found).scalars()):
            tx.enqueue(
                PULL_ALL, key=f"pull-all:{uuid}", queue="provision", priority=LOW, offering=uuid, after=0
            )

    return ask


def all_puller(plugins: Registry) -> Callable[..., Awaitable[None]]:
    """The task `offerings.pull`: the whole backend in one call where it can say so, and a job for each resource
    where something must be asked one by one; a few hundred at a time."""

    async def pull_all(db: Database, offering: str, after: int) -> None:
        row = await db.read(catalog.offering_row, offering)
        plugin = plugins.get(row.type) if row is not None else None
        if plugin is None:
            return
        can = asked(plugin)
        if TOGETHER in can and after == 0:
            async with asyncio.timeout(plugin.manifest.time_limit):
                told = await getattr(plugin.code, TOGETHER)({**row.plugin_options, **row.secret_options})
            last: int | None = 0
            while last is not None:
                last = await db.write(_all_seen, row.id, told, last)
        if not can.isdisjoint(ONE_BY_ONE if TOGETHER not in can else ONE_BY_ONE[1:]):
            await db.write(_put_all_in, row, after)

    return pull_all


def _living(conn: Connection, offering_id: int, after: int) -> list[Any]:
    found = select(resources.c.id, resources.c.uuid, resources.c.backend_id).where(
        resources.c.offering_id == offering_id, resources.c.state.in_([*LIVING]), resources.c.id > after
    )
    return list(conn.execute(found.order_by(resources.c.id).limit(AT_ONCE)))


def _all_seen(tx: Tx, offering_id: int, told: Mapping[str, Seen], after: int) -> int | None:
    """Write what was told of the next few resources; after which to go on, or None."""
    rows = _living(tx.conn, offering_id, after)
    for row in rows:
        if row.backend_id:
            said(tx, row.uuid, Said(seen=told.get(row.backend_id, Seen(gone=True))))
    return rows[-1].id if len(rows) == AT_ONCE else None


def _put_all_in(tx: Tx, offering: Any, after: int) -> None:
    rows = _living(tx.conn, offering.id, after)
    for row in rows:
        _put_in(tx, offering.customer_id, row.uuid)
    if len(rows) == AT_ONCE:
        ids = {"offering": offering.uuid, "after": rows[-1].id}
        tx.enqueue(PULL_ALL, key=f"pull-all:{offering.uuid}", queue="provision", priority=LOW, **ids)


def puller(plugins: Registry) -> Callable[..., Awaitable[None]]:
    """The task `resources.pull`."""

    async def pull(db: Database, resource: str) -> None:
        found = await db.read(_facts, resource)
        if found is None:
            return
        type_, facts = found
        plugin = plugins.get(type_)
        if plugin is None:
            return
        try:
            async with asyncio.timeout(plugin.manifest.time_limit):
                answer = await _ask(plugin, facts)
        except Retry as later:
            await db.write(_later, resource, max(later.after, 1.0))
        else:
            await db.write(said, resource, answer)

    return pull


async def _ask(plugin: Plugin, facts: ResourceFacts) -> Said:
    code: Any = plugin.code
    can = asked(plugin)
    seen = await code.pull(facts) if "pull" in can else None
    links = None
    if "links" in can:
        links = [NewLink(name=link.name, url=link.url) for link in await code.links(facts)]
    used = await code.usage(facts) if "usage" in can and facts.state == ResourceState.OK else None
    return Said(seen, links, used)


def _later(tx: Tx, uuid: str, after: float) -> None:
    tx.enqueue(
        PULL, key=f"pull:{uuid}", queue="provision", at=tx.now + timedelta(seconds=after), resource=uuid
    )


def _facts(conn: Connection, uuid: str) -> tuple[str, ResourceFacts] | None:
    row = queries.resource_row(conn, uuid)
    if row is None or row.state not in LIVING:
        return None
    offering = catalog.offering_by_id(conn, row.offering_id)
    project = tenants.project_by_id(conn, row.project_id)
    customer = tenants.customer_by_id(conn, project.customer_id)
    facts = ResourceFacts(
        resource=row.uuid,
        resource_name=row.name,
        resource_slug=row.slug,
        backend_id=row.backend_id,
        backend_metadata=row.backend_metadata,
        state=row.state,
        limits=row.limits,
        attributes=row.attributes,
        plan=catalog.plan_by_id(conn, row.plan_id).uuid if row.plan_id else "",
        offering=offering.uuid,
        project=project.uuid,
        project_name=project.name,
        customer=customer.uuid,
        customer_name=customer.name,
        settings={**offering.plugin_options, **offering.secret_options},
    )
    return offering.type, facts


# -- writing -----------------------------------------------------------------------------------


def said(tx: Tx, uuid: str, answer: Said) -> None:
    """Write what the backend said, if the resource still is as it was asked about."""
    row = queries.resource_row(tx.conn, uuid)
    if row is None or row.state not in LIVING:
        return
    tx.conn.execute(update(resources).where(resources.c.id == row.id), {"last_sync": tx.now})
    seen = answer.seen
    links = answer.links
    if seen is not None:
        _found(tx, row, seen)
        if links is None and seen.endpoints:
            links = [NewLink(name=link.name, url=link.url) for link in seen.endpoints]
    if links is not None:
        service.set_endpoints(tx, row, links)
    if answer.used:
        _measured(tx, queries.resource_row(tx.conn, uuid), answer.used)


def _found(tx: Tx, row: Any, seen: Seen) -> None:
    if seen.gone or not seen.well:
        service.set_failed(tx, _SYSTEM, row.uuid, GONE if seen.gone else seen.message or "It is broken.", "")
        return
    if row.state == ResourceState.ERRED and queries.history_of(tx.conn, row.id):
        service.set_ok(tx, _SYSTEM, row.uuid)
    if seen.metadata:
        after = queries.resource_row(tx.conn, row.uuid)
        service.backend_said(tx, after, backend_id="", metadata=dict(seen.metadata), endpoints=[])


def _measured(tx: Tx, row: Any, used: Mapping[str, int | float | str]) -> None:
    """What it used this month so far; the same as before is no report."""
    if row.state not in reports.MEASURABLE:
        return
    zone = tenants.customer_by_id(tx.conn, row.customer_id).time_zone
    period = rules.period_of(clock.day_of(tx.now, zone))
    parts = {part.type: part for part in catalog.components_of(tx.conn, row.offering_id)}
    new: list[UsageItem] = []
    for type_, amount in used.items():
        item = UsageItem(type=type_, amount=amount)
        before = usage.record(tx.conn, row.id, parts[type_].id, period) if type_ in parts else None
        if before is None or before.hundredths != rules.hundredths(amount):
            new.append(item)
    if new:
        reports.report(tx, _SYSTEM, row.uuid, new, None)
