"""How far the execution of an order has come: its run, and the named steps that people see.

Every write is fenced: a run whose token was taken by a later one changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, text, update

from mercato.kernel.db import Tx, moment_param
from mercato.kernel.fixed import fixed
from mercato.orders import moves, queries
from mercato.orders.tables import order_runs, order_steps, orders
from mercato.resources import queries as resource_queries
from mercato.resources import service as resources
from mercato.schemas.orders import OrderState, OrderType, StepState
from mercato.sdk import Retry

# The plugin may break so often in a row; then the order has failed.
TRIES = 5
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
LONGEST_TEXT = 2000
GAVE_UP = "The service could not be provisioned: its backend kept failing. Its provider has been told."
REMAINS = "What was begun could not be removed; its provider has been told."
# Steps that are there beside the verb itself and what the plugin names.
VALIDATE, UNDO = "validate", "undo"

_BEGIN = fixed(
    text(
        "INSERT INTO order_runs (order_id, began, broke, undoing, trace, waits_for)"
        " VALUES (:order, :now, 0, '', '', '') ON CONFLICT (order_id) DO NOTHING RETURNING id"
    )
)
_RUN = fixed(select(order_runs).where(order_runs.c.order_id == bindparam("order")))
_STEP = fixed(
    text(
        "INSERT INTO order_steps (order_id, name, state, tries, message, began, changed)"
        " VALUES (:order, :name, 'running', 1, '', :now, :now) ON CONFLICT (order_id, name) DO UPDATE SET"
        " state = 'running', tries = order_steps.tries + 1, changed = excluded.changed"
    )
)
_DONE = fixed(
    select(order_steps.c.name, order_steps.c.result).where(
        order_steps.c.order_id == bindparam("order"), order_steps.c.state == StepState.DONE.value
    )
)
_END_STEP = fixed(
    text(
        "UPDATE order_steps SET state = :state, message = :message, changed = :now, result = :result"
        " WHERE order_id = :order AND name = :name"
    )
)
_STEPS = fixed(
    select(order_steps).where(order_steps.c.order_id == bindparam("order")).order_by(order_steps.c.id)
)


class Begun(NamedTuple):
    """A run that was claimed: the order's row with its token, why it is being undone (or empty), and what earlier
    runs have done."""

    row: Any
    undoing: str
    done: dict[str, Any]


def claim(tx: Tx, uuid: str, verb: str) -> Begun | None:
    """Take an executing order for one run; None when there is nothing to do."""
    row = moves.start_run(tx, uuid)
    if row is None:
        return None
    now = moment_param(tx.conn, tx.now)
    fresh = tx.conn.execute(_BEGIN, {"order": row.id, "now": now}).first()
    undoing, done = "", dict[str, Any]()
    if fresh is None:
        run = run_of(tx.conn, row.id)
        undoing = run.undoing
        found = tx.conn.execute(_DONE, {"order": row.id})
        done = {step.name: json.loads(step.result or "null") for step in found}
        if run.waits_for:
            _set(tx, row.id, waits_for="")
    _begin_step(tx, row.id, UNDO if undoing else verb)
    return Begun(row, undoing, done)


def run_of(conn: Connection, order_id: int) -> Any:
    return conn.execute(_RUN, {"order": order_id}).first()


def steps_of(conn: Connection, order_id: int) -> list[Any]:
    return list(conn.execute(_STEPS, {"order": order_id}))


def _set(tx: Tx, order_id: int, **values: Any) -> None:
    tx.conn.execute(update(order_runs).where(order_runs.c.order_id == order_id), values)


def _begin_step(tx: Tx, order_id: int, name: str) -> None:
    now = moment_param(tx.conn, tx.now)
    tx.conn.execute(_STEP, {"order": order_id, "name": name[:80], "now": now})


def _end_steps(tx: Tx, order_id: int, names: Sequence[str], state: StepState, message: str = "") -> None:
    for name in names:
        _end_step(tx, order_id, name, state, message, None)


def _end_step(tx: Tx, order_id: int, name: str, state: StepState, message: str, result: str | None) -> None:
    values = {"order": order_id, "name": name[:80], "state": state.value, "message": message[:LONGEST_TEXT]}
    now = moment_param(tx.conn, tx.now)
    tx.conn.execute(_END_STEP, {**values, "now": now, "result": result})


# -- while it runs -----------------------------------------------------------------------------


def step_begins(tx: Tx, uuid: str, token: str, name: str) -> bool:
    """Whether this run still has the order."""
    row = moves.still_mine(tx, uuid, token)
    if row is not None:
        _begin_step(tx, row.id, name)
    return row is not None


def step_ends(tx: Tx, uuid: str, token: str, name: str, result: str) -> bool:
    row = moves.still_mine(tx, uuid, token)
    if row is not None:
        _end_step(tx, row.id, name, StepState.DONE, "", result)
    return row is not None


# -- how a run ended ---------------------------------------------------------------------------


class End(NamedTuple):
    """A run that has ended: of which order, by which token, and which steps it was at."""

    order: str
    token: str
    steps: tuple[str, ...]


def finished(tx: Tx, end: End, row: Any, *, message: str, done: bool) -> None:
    """What the plugin achieved: the order's end, or (not `done`) the wait for whoever does the work."""
    _end_steps(tx, row.id, end.steps, StepState.DONE if done else StepState.WAITING, message)
    if done:
        moves.move(tx, row, "complete", output=message)
    elif message:
        tx.conn.execute(update(orders).where(orders.c.id == row.id), {"output": message})


def waits(tx: Tx, end: End, later: Retry, patience: float, *, undo: bool) -> None:
    """Not yet: it is asked again, unless it has taken longer than anybody waits."""
    row = moves.still_mine(tx, end.order, end.token)
    if row is None:
        return
    run, message = run_of(tx.conn, row.id), str(later)
    if tx.now - run.began > timedelta(seconds=patience):
        hours = patience / 3600
        text_ = f"It was not ready within {hours:g} hours. {message}".strip()
        fails(tx, end, text_, "", undo=undo)
        return
    if run.broke:
        _set(tx, row.id, broke=0)
    if message:
        tx.conn.execute(update(orders).where(orders.c.id == row.id), {"output": message})
    _end_steps(tx, row.id, end.steps, StepState.WAITING, message)
    moves.wake_later(tx, row, tx.now + timedelta(seconds=max(later.after, 1)))


def needs_somebody(tx: Tx, end: End, message: str) -> None:
    """It goes on when somebody has acted, and says so (`retry`)."""
    row = moves.still_mine(tx, end.order, end.token)
    if row is None:
        return
    tx.conn.execute(update(orders).where(orders.c.id == row.id), {"output": message})
    _set(tx, row.id, waits_for=message or "Somebody must act.", broke=0)
    _end_steps(tx, row.id, end.steps, StepState.WAITING, message)


def broke(tx: Tx, end: End, error: str, trace: str, *, undo: bool) -> None:
    """The plugin failed in a way that it did not mean to: it is tried again a few times."""
    row = moves.still_mine(tx, end.order, end.token)
    if row is None:
        return
    run = run_of(tx.conn, row.id)
    number = run.broke + 1
    if number >= TRIES:
        fails(tx, end, GAVE_UP, trace, undo=undo)
        return
    _set(tx, row.id, broke=number)
    _end_steps(tx, row.id, end.steps, StepState.WAITING, f"Try {number} of {TRIES} failed: {error}")
    pause = min(FIRST_PAUSE * 2.0 ** (number - 1), LONGEST_PAUSE)
    moves.wake_later(tx, row, tx.now + timedelta(seconds=pause))


def fails(tx: Tx, end: End, message: str, trace: str, *, undo: bool) -> None:
    """It will not work. A creation that may have begun something (`undo`) is undone first."""
    row = moves.still_mine(tx, end.order, end.token)
    if row is None:
        return
    _end_steps(tx, row.id, end.steps, StepState.FAILED, message)
    run = run_of(tx.conn, row.id)
    if undo and row.type == OrderType.CREATE and not run.undoing:
        _set(tx, row.id, undoing=message or GAVE_UP, trace=trace, broke=0, began=tx.now)
        moves.execute_now(tx, row)
        return
    if run.undoing:
        message, trace = f"{run.undoing} {REMAINS}", f"{run.trace}\n{trace}".strip()
    _fail(tx, row, message, trace)


def undone(tx: Tx, end: End) -> None:
    """Nothing is left of the creation; the order fails with the reason it had."""
    row = moves.still_mine(tx, end.order, end.token)
    if row is None:
        return
    run = run_of(tx.conn, row.id)
    done = order_steps.c.state == StepState.DONE.value
    undo = {"state": StepState.UNDONE.value, "result": None, "changed": tx.now}
    tx.conn.execute(update(order_steps).where(order_steps.c.order_id == row.id, done), undo)
    _end_steps(tx, row.id, end.steps, StepState.DONE)
    resource = resource_queries.resource_by_id(tx.conn, row.resource_id)
    if resource.backend_id:
        words = f"What was begun of {resource.name} has been removed from its backend."
        resources.write(tx, resource, {"backend_id": ""}, "marketplace_resource_update_succeeded", words)
    _fail(tx, row, run.undoing, run.trace)


def _fail(tx: Tx, row: Any, message: str, trace: str) -> None:
    _set(tx, row.id, undoing="", trace="", broke=0, waits_for="")
    moves.move(tx, row, "fail", error_message=message, error_traceback=trace)


def begin_anew(tx: Tx, row: Any) -> None:
    """People try it again: patience and tries are counted from now, and it is looked at anew whether it can work."""
    validated = (order_steps.c.order_id == row.id) & (order_steps.c.name == VALIDATE)
    tx.conn.execute(update(order_steps).where(validated), {"state": StepState.UNDONE.value, "result": None})
    _set(tx, row.id, began=tx.now, broke=0, undoing="", trace="", waits_for="")


def waits_for_somebody(conn: Connection, row: Any) -> bool:
    """Whether the execution goes on only when somebody has acted."""
    if row.state != OrderState.EXECUTING:
        return False
    run = run_of(conn, row.id)
    return run is not None and bool(run.waits_for)


def give_up(tx: Tx, uuid: str, error: str) -> None:
    """The job itself is dead: the order fails with it, whoever held its token."""
    row = queries.order_row(tx.conn, uuid)
    if row is not None and row.state == OrderState.EXECUTING:
        moves.move(tx, row, "fail", error_message=GAVE_UP, error_traceback=error)
