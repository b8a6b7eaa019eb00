"""Telling people what happened without them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import insert, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.kernel.db import Tx
from mercato.kernel.fixed import fixed
from mercato.kernel.ids import new_uuid
from mercato.notices.tables import notices
from mercato.orders import queries as orders
from mercato.schemas.access import Scope
from mercato.schemas.facts import OrderMoved, ReviewChanged
from mercato.schemas.orders import OrderState
from mercato.schemas.permissions import Permission as P
from mercato.tenants import queries as tenants

ORDER_CANCELED = "order_canceled"
REVIEW_DUE = "review_due"
_INSERT = fixed(insert(notices))


def tell(tx: Tx, people: Iterable[int], kind: str, text: str, *, object_type: str, object_uuid: str) -> None:
    """One message for each of these people (ids of users)."""
    for user_id in sorted(set(people)):
        tx.conn.execute(
            _INSERT,
            {
                "uuid": new_uuid(),
                "created": tx.now,
                "user_id": user_id,
                "kind": kind,
                "text": text,
                "object_type": object_type,
                "object_uuid": object_uuid,
                "read_at": None,
            },
        )


def on_order(tx: Tx, fact: OrderMoved) -> None:
    """An order that the system canceled is told to whoever asked for it and to those who approve there."""
    if fact.state != OrderState.CANCELED or not fact.reason:
        return
    row = orders.order_row(tx.conn, fact.object)
    people = access.holders(tx.conn, P.ORDER_APPROVE, orders.consumer_scopes(row), tx.now)
    if row.created_by_id is not None:
        people.add(row.created_by_id)
    what = f"{row.resource_name} ({row.offering_name})"
    text = f"The order for {what} was canceled. {fact.reason}"
    tell(tx, people, ORDER_CANCELED, text, object_type="order", object_uuid=row.uuid)


def on_review(tx: Tx, fact: ReviewChanged) -> None:
    """That it is time to look who belongs to an organization is told to those who may say that they have looked; once
    one of them has, the others need not."""
    customer = tenants.customer_row(tx.conn, fact.customer)
    if fact.closed or customer is None:
        mine = (notices.c.kind == REVIEW_DUE) & (notices.c.object_uuid == fact.customer)
        tx.conn.execute(update(notices).where(mine, notices.c.read_at.is_(None)), {"read_at": tx.now})
        return
    place = [(Scope.CUSTOMER, customer.id)]
    people = access.holders(tx.conn, P.CUSTOMER_LIST_PERMISSION_REVIEWS, place, tx.now)
    text = f"Please look whether everybody in {customer.name} still belongs there."
    tell(tx, people, REVIEW_DUE, text, object_type="organisation", object_uuid=customer.uuid)


def read(tx: Tx, actor: Actor, uuid: str | None = None) -> int:
    """Note that the actor has read this notice, or (without one) all of theirs; how many that were."""
    mine = update(notices).where(notices.c.user_id == actor.id, notices.c.read_at.is_(None))
    if uuid is not None:
        mine = mine.where(notices.c.uuid == uuid)
    return tx.conn.execute(mine, {"read_at": tx.now}).rowcount
