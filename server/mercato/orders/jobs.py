"""Executing orders: the plugin works outside any transaction, its result is written in one."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from sqlalchemy import select, update

from mercato.catalog import queries as catalog
from mercato.kernel.db import Database, Tx
from mercato.orders import moves, queries
from mercato.orders.tables import orders
from mercato.plugins import Plugin, Registry
from mercato.resources import queries as resource_queries
from mercato.resources import service as resources
from mercato.schemas.catalog import NewLink
from mercato.schemas.orders import OrderState, OrderType
from mercato.sdk import ActionRequired, Failed, OrderFacts, Result, Retry
from mercato.tenants import queries as tenants

_log = structlog.get_logger("mercato.orders")
GAVE_UP = "The service could not be provisioned: its backend kept failing. Its provider has been told."


def executor(plugins: Registry) -> Callable[..., Awaitable[None]]:
    """The task `orders.execute`."""

    async def execute(db: Database, order: str) -> None:
        claim = await db.write(_claim, order)
        if claim is None:
            return
        facts, token, offering_type = claim
        plugin = plugins.get(offering_type)
        if plugin is None:
            await db.write(fail, order, token, f"No plugin provides {offering_type} here.", "")
            return
        await _run(db, plugin, facts, token)

    return execute


async def _run(db: Database, plugin: Plugin, facts: OrderFacts, token: str) -> None:
    try:
        result = await _verb(plugin, facts)(facts)
    except Retry as later:
        await db.write(_again, facts, token, later)
    except ActionRequired as needed:
        await db.write(_note, facts.order, token, str(needed))
    except Failed as failed:
        await db.write(fail, facts.order, token, str(failed), traceback.format_exc())
    else:
        await db.write(finish, facts.order, token, result)


def _verb(plugin: Plugin, facts: OrderFacts) -> Callable[[OrderFacts], Awaitable[Result]]:
    if facts.type in (OrderType.CREATE, OrderType.RESTORE):
        return plugin.code.create  # what is restored is made again, under the backend id it had
    return plugin.code.terminate if facts.type == OrderType.TERMINATE else plugin.code.update


def _claim(tx: Tx, uuid: str) -> tuple[OrderFacts, str, str] | None:
    row = moves.start_run(tx, uuid)
    if row is None:
        return None
    resource = resource_queries.resource_by_id(tx.conn, row.resource_id)
    offering = catalog.offering_by_id(tx.conn, row.offering_id)
    project = tenants.project_by_id(tx.conn, row.project_id)
    customer = tenants.customer_by_id(tx.conn, project.customer_id)
    plan = catalog.plan_by_id(tx.conn, row.plan_id).uuid if row.plan_id else ""
    facts = OrderFacts(
        order=row.uuid,
        type=row.type,
        resource=resource.uuid,
        resource_name=resource.name,
        resource_slug=resource.slug,
        backend_id=resource.backend_id,
        backend_metadata=resource.backend_metadata,
        attributes=row.attributes,
        limits=row.limits,
        old_limits=resource.limits,
        plan=plan,
        offering=offering.uuid,
        project=project.uuid,
        project_name=project.name,
        customer=customer.uuid,
        customer_name=customer.name,
        settings={**offering.plugin_options, **offering.secret_options},
    )
    return facts, row.run_token, offering.type


def finish(tx: Tx, uuid: str, token: str, result: Result) -> None:
    """Write what the plugin achieved, unless somebody else has finished the order meanwhile."""
    row = moves.still_mine(tx, uuid, token)
    if row is None:
        _log.info("run was overtaken", order=uuid)
        return
    resource = resource_queries.resource_by_id(tx.conn, row.resource_id)
    links = [NewLink(name=link.name, url=link.url) for link in result.endpoints]
    resources.backend_said(
        tx, resource, backend_id=result.backend_id, metadata=dict(result.metadata), endpoints=links
    )
    if result.done:
        moves.move(tx, row, "complete", output=result.message)
    elif result.message:
        tx.conn.execute(update(orders).where(orders.c.id == row.id), {"output": result.message})


def fail(tx: Tx, uuid: str, token: str, message: str, trace: str) -> None:
    row = moves.still_mine(tx, uuid, token)
    if row is not None:
        moves.move(tx, row, "fail", error_message=message, error_traceback=trace)


def gave_up(tx: Tx, order: str, error: str) -> None:
    """The last attempt failed: the order fails with it, whoever held its token."""
    row = queries.order_row(tx.conn, order)
    if row is not None and row.state == OrderState.EXECUTING:
        moves.move(tx, row, "fail", error_message=GAVE_UP, error_traceback=error)


def _again(tx: Tx, facts: OrderFacts, token: str, later: Retry) -> None:
    row = moves.still_mine(tx, facts.order, token)
    if row is None:
        return
    at = tx.now + timedelta(seconds=max(later.after, 1))
    tx.conn.execute(update(orders).where(orders.c.id == row.id), {"output": str(later)})
    key, lock = f"order:{facts.order}", f"resource:{facts.resource}"
    tx.enqueue(moves.EXECUTE, key=key, lock=lock, queue="provision", at=at, order=facts.order)


def _note(tx: Tx, uuid: str, token: str, message: str) -> None:
    row = moves.still_mine(tx, uuid, token)
    if row is not None:
        tx.conn.execute(update(orders).where(orders.c.id == row.id), {"output": message})


def resume_executing(tx: Tx) -> int:
    """Orders that execute without a job waiting for them get one: nothing is left lying after a crash."""
    stuck = select(orders.c.uuid, orders.c.resource_id).where(
        orders.c.state == OrderState.EXECUTING.value, orders.c.run_token.is_(None)
    )
    found = tx.conn.execute(stuck).fetchall()
    for row in found:
        resource = resource_queries.resource_by_id(tx.conn, row.resource_id)
        key, lock = f"order:{row.uuid}", f"resource:{resource.uuid}"
        tx.enqueue(moves.EXECUTE, key=key, lock=lock, queue="provision", order=row.uuid)
    return len(found)
