"""An order that a site agent has taken is its own for a while.

Agents look for orders that wait or execute, and an order which one has just approved executes: a second agent
of the same offering that looks in this moment would do it again. So agents are not shown an order that another
took less than `HELD_FOR` ago. When it then still executes (its agent may have died), every agent is shown it
again, and those that wait for events are told (`RELEASED`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, update

from mercato.access import queries as access
from mercato.kernel.db import Tx
from mercato.kernel.http import Call, Credentials
from mercato.orders import queries
from mercato.orders.tables import orders
from mercato.schemas.orders import OrderState

HELD_FOR = timedelta(seconds=30)
RELEASED = "orders.released"
# How Waldur's agents call themselves, whatever their version and mode.
_AGENT = "waldur-site-agent"


def free() -> ColumnElement[bool]:
    """Orders that no agent is at work on."""
    held = orders.c.held_until
    return or_(held.is_(None), held <= access.NOW, orders.c.state != OrderState.EXECUTING.value)


def for_agents(credentials: Credentials) -> Mapping[str, Any]:
    """The filter that an agent's list of orders has beside those it asked for."""
    return {"free": True} if credentials.agent.startswith(_AGENT) else {}


def take(tx: Tx, call: Call, uuid: str) -> None:
    """Note that the agent which sent this request is at work on the order."""
    if not call.credentials.agent.startswith(_AGENT):
        return
    row = queries.order_row(tx.conn, uuid)
    if row is None or row.state != OrderState.EXECUTING:
        return
    until = tx.now + HELD_FOR
    tx.conn.execute(update(orders).where(orders.c.id == row.id), {"held_until": until})
    tx.enqueue(RELEASED, key=f"released:{uuid}", at=until, order=uuid)


def lapsed(tx: Tx, uuid: str) -> bool:
    """Whether the order was taken and still executes now that its time is over."""
    row = queries.order_row(tx.conn, uuid)
    if row is None or row.state != OrderState.EXECUTING or row.held_until is None:
        return False
    if row.held_until > tx.now:
        return False
    tx.conn.execute(update(orders).where(orders.c.id == row.id), {"held_until": None})
    return True
