"""Executing orders: the plugin works outside any transaction, what came of it is written in one.

A run is short. What waits is woken later by a job of its own (`moves.WAKE`), so that an order which waits for
its backend holds up no other; how far it has come stands in the order's steps, so that whichever process goes
on knows.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from mercato.catalog import queries as catalog
from mercato.kernel.db import Database, Tx
from mercato.orders import moves, progress, queries
from mercato.orders.progress import Begun, End
from mercato.orders.tables import orders
from mercato.plugins import Plugin, Registry
from mercato.resources import queries as resource_queries
from mercato.resources import service as resources
from mercato.schemas.catalog import NewLink
from mercato.schemas.orders import OrderState, OrderType
from mercato.sdk import PROGRESS, ActionRequired, Failed, OrderFacts, Result, Retry
from mercato.tenants import queries as tenants

_log = structlog.get_logger("mercato.orders")

# What is restored is made again, under the backend id it had.
_VERBS = {OrderType.CREATE: "create", OrderType.RESTORE: "create", OrderType.TERMINATE: "terminate"}


class Overtaken(Exception):
    """Another run has the order now: this one must not go on."""


class Claim(msgspec.Struct, frozen=True):
    """An order that this run has, and what it is to do."""

    facts: OrderFacts
    token: str
    offering_type: str
    verb: str
    undoing: str
    done: dict[str, Any]


class Run:
    """One run of a plugin; it keeps the steps."""

    def __init__(self, db: Database, claim: Claim) -> None:
        self.db, self.claim = db, claim
        self.facts = claim.facts
        self._inner: str | None = None

    async def step(self, name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        """Do it, unless an earlier run has. Raises Overtaken."""
        if name in self.claim.done:
            return self.claim.done[name]
        outer, self._inner = self._inner, name
        await self._note(progress.step_begins, name)
        result = await work()
        await self._note(progress.step_ends, name, msgspec.json.encode(result).decode())
        self._inner = outer
        return result

    async def _note(self, fn: Callable[..., bool], *args: Any) -> None:
        if not await self.db.write(fn, self.facts.order, self.claim.token, *args):
            raise Overtaken

    @property
    def end(self) -> End:
        """What the outcome is written with."""
        steps = [progress.UNDO if self.claim.undoing else self.claim.verb]
        if self._inner is not None:
            steps.append(self._inner)
        return End(self.facts.order, self.claim.token, tuple(steps))


def executor(plugins: Registry) -> Callable[..., Awaitable[None]]:
    """The task `orders.execute`."""

    async def execute(db: Database, order: str) -> None:
        claim = await db.write(_claim, order)
        if claim is None:
            return
        run = Run(db, claim)
        plugin = plugins.get(claim.offering_type)
        if plugin is None:
            words = f"No plugin provides {claim.offering_type} here."
            await db.write(progress.fails, run.end, words, "", undo=False)
            return
        with structlog.contextvars.bound_contextvars(order=order):
            await _attempt(run, plugin)

    return execute


async def _attempt(run: Run, plugin: Plugin) -> None:
    """One call of the plugin, and its outcome written down. What the database refuses is the engine's to repeat."""
    db, limit = run.db, plugin.manifest.time_limit
    undo = undoing(plugin, run.facts) is not None
    token = PROGRESS.set(run)
    try:
        async with asyncio.timeout(limit) as bound:
            result = await _work(run, plugin)
    except Overtaken:
        _log.info("run was overtaken")
    except SQLAlchemyError:
        raise
    except Retry as later:
        await db.write(progress.waits, run.end, later, plugin.manifest.patience, undo=undo)
    except ActionRequired as needed:
        await db.write(progress.needs_somebody, run.end, str(needed))
    except Failed as failed:
        begun = undo and not isinstance(failed, Refused)
        await db.write(progress.fails, run.end, str(failed), traceback.format_exc(), undo=begun)
    except Exception as error:
        words = f"{type(error).__name__}: {error}"
        if isinstance(error, TimeoutError) and bound.expired():
            words = f"It took longer than {limit:g} seconds."
        _log.warning("a plugin broke", verb=run.claim.verb, reason=words)
        await db.write(progress.broke, run.end, words, traceback.format_exc(), undo=undo)
    else:
        if run.claim.undoing:
            await db.write(progress.undone, run.end)
        else:
            await db.write(finish, run.end, result)
    finally:
        PROGRESS.reset(token)


class Refused(Failed):
    """`validate` said no: nothing was begun."""


async def _work(run: Run, plugin: Plugin) -> Result:
    facts = run.facts
    if run.claim.undoing:
        remove = undoing(plugin, facts)
        if remove is not None:
            await remove(facts)
        return Result()
    validate = getattr(plugin.code, "validate", None)
    if validate is not None:
        try:
            await run.step(progress.VALIDATE, lambda: validate(facts))
        except Failed as failed:
            raise Refused(str(failed)) from failed
    verb: Callable[[OrderFacts], Awaitable[Result]] = getattr(plugin.code, run.claim.verb)
    return await verb(facts)


def undoing(plugin: Plugin, facts: OrderFacts) -> Callable[[OrderFacts], Awaitable[Any]] | None:
    """How what a creation has begun is removed, if there can be anything."""
    undo: Callable[[OrderFacts], Awaitable[Any]] | None = getattr(plugin.code, "undo", None)
    if undo is None and facts.backend_id:
        return plugin.code.terminate
    return undo


# -- what is read and written ------------------------------------------------------------------


def _claim(tx: Tx, uuid: str) -> Claim | None:
    row = queries.order_row(tx.conn, uuid)
    if row is None:
        return None
    verb = _VERBS.get(OrderType(row.type), "update")
    begun = progress.claim(tx, uuid, verb)
    return None if begun is None else _facts(tx, begun, verb)


def _facts(tx: Tx, begun: Begun, verb: str) -> Claim:
    row = begun.row
    resource = resource_queries.resource_by_id(tx.conn, row.resource_id)
    offering = catalog.offering_by_id(tx.conn, row.offering_id)
    project = tenants.project_by_id(tx.conn, row.project_id)
    customer = tenants.customer_by_id(tx.conn, project.customer_id)
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
        plan=catalog.plan_by_id(tx.conn, row.plan_id).uuid if row.plan_id else "",
        offering=offering.uuid,
        project=project.uuid,
        project_name=project.name,
        customer=customer.uuid,
        customer_name=customer.name,
        settings={**offering.plugin_options, **offering.secret_options},
    )
    return Claim(facts, row.run_token, offering.type, verb, begun.undoing, begun.done)


def finish(tx: Tx, end: End, result: Result) -> None:
    """Write what the plugin achieved, unless somebody else has finished the order meanwhile."""
    row = moves.still_mine(tx, end.order, end.token)
    if row is None:
        _log.info("run was overtaken", order=end.order)
        return
    resource = resource_queries.resource_by_id(tx.conn, row.resource_id)
    links = [NewLink(name=link.name, url=link.url) for link in result.endpoints]
    resources.backend_said(
        tx, resource, backend_id=result.backend_id, metadata=dict(result.metadata), endpoints=links
    )
    progress.finished(tx, end, row, message=result.message, done=result.done)


async def wake(db: Database, order: str) -> None:
    """The task `orders.wake`: the time has come to ask again."""
    await db.write(_wake, order)


def _wake(tx: Tx, uuid: str) -> None:
    row = queries.order_row(tx.conn, uuid)
    if row is not None and row.state == OrderState.EXECUTING:
        moves.execute_now(tx, row)


def resume_executing(tx: Tx) -> int:
    """Orders that execute without ever having been taken get a job: nothing is left lying after a crash."""
    stuck = select(orders.c.uuid).where(
        orders.c.state == OrderState.EXECUTING.value, orders.c.run_token.is_(None)
    )
    found = list(tx.conn.execute(stuck).scalars())
    for uuid in found:
        moves.execute_now(tx, queries.order_row(tx.conn, uuid))
    return len(found)
