"""Subscribing to live events, and what happens to messages: put in, taken out, too many, too old."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, func, insert, select, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.catalog import queries as catalog
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, Forbidden, NotFound
from mercato.kernel.fixed import fixed
from mercato.kernel.ids import new_uuid
from mercato.queues import queries
from mercato.queues.tables import event_queues, event_subscriptions, queued_messages
from mercato.schemas.facts import SubscriptionChanged
from mercato.schemas.permissions import Permission as P
from mercato.schemas.queues import NewSubscription, NewSubscriptionQueue, ObjectType

ROOM = "queues"
# Counting at each message would make writers on PostgreSQL wait for one another.
COUNT_EVERY = 64

_INSERT_MESSAGE = fixed(insert(queued_messages).returning(queued_messages.c.id))


# -- who waits for what ------------------------------------------------------------------------


def subscribe(tx: Tx, actor: Actor, data: NewSubscription, *, address: str = "", agent: str = "") -> str:
    """A subscription of the acting person; its uuid."""
    made = new_uuid()
    tx.conn.execute(
        insert(event_subscriptions),
        {
            "uuid": made,
            "created": tx.now,
            "modified": tx.now,
            "user_id": actor.id,
            "description": data.description,
            "source_ip": address or None,
            "observable_objects": msgspec.to_builtins(data.observable_objects),
            "agent": agent,
        },
    )
    message = f"{actor.username} subscribed to events."
    tx.emit(SubscriptionChanged(object=made), event="event_subscription_created", message=message)
    return made


def _own(actor: Actor, row: Any) -> Any:
    """What belongs to the acting person; staff may act on everybody's."""
    if row is None:
        raise NotFound
    if row.user_id != actor.id and not actor.is_staff:
        raise Forbidden
    return row


def unsubscribe(tx: Tx, actor: Actor, uuid: str) -> None:
    """End a subscription, with its queues and what waits in them."""
    _end(tx, _own(actor, queries.subscription_row(tx.conn, uuid)))


def _end(tx: Tx, row: Any) -> None:
    _drop(tx, event_queues.c.subscription_id == row.id)
    tx.conn.execute(delete(event_subscriptions).where(event_subscriptions.c.id == row.id))
    message = "A subscription to events has ended."
    tx.emit(SubscriptionChanged(object=row.uuid), event="event_subscription_deleted", message=message)


def create_queue(tx: Tx, actor: Actor, uuid: str, data: NewSubscriptionQueue) -> tuple[str, bool]:
    """The queue of one kind of event of an offering (older agents); its uuid, and whether it is new."""
    subscription = _own(actor, queries.subscription_row(tx.conn, uuid))
    offering = catalog.offering_row(tx.conn, data.offering_uuid.hex)
    if offering is None:
        raise NotFound
    access.must(tx.conn, actor, P.OFFERING_UPDATE, catalog.offering_scopes(offering), tx.now)
    kind = data.object_type.value
    return open_queue(
        tx,
        name=f"subscription_{uuid}_offering_{offering.uuid}_{kind}",
        login=uuid,
        user_id=subscription.user_id,
        offering_id=offering.id,
        object_types=[kind],
        subscription_id=subscription.id,
    )


def open_queue(
    tx: Tx,
    *,
    name: str,
    login: str,
    user_id: int,
    offering_id: int,
    object_types: list[str] | None,
    subscription_id: int | None = None,
) -> tuple[str, bool]:
    """Make the queue, or choose other types for the one that is there; its uuid, and whether it is new.

    `object_types`: empty means all, None leaves what was chosen. 409 when it is somebody else's.
    """
    row = queries.queue_named(tx.conn, name)
    if row is not None:
        if row.user_id != user_id:
            raise Conflict("The queue belongs to another user.", code="foreign_queue")
        if object_types is not None and object_types != row.object_types:
            tx.conn.execute(
                update(event_queues).where(event_queues.c.id == row.id), {"object_types": object_types}
            )
        return str(row.uuid), False
    made = new_uuid()
    tx.conn.execute(
        insert(event_queues),
        {
            "uuid": made,
            "created": tx.now,
            "name": name,
            "login": login,
            "user_id": user_id,
            "offering_id": offering_id,
            "subscription_id": subscription_id,
            "object_types": object_types or [],
            "object_type": object_types[0] if subscription_id and object_types else "",
        },
    )
    message = f"Event queue {name} has been created."
    tx.emit(SubscriptionChanged(object=made), event="event_queue_created", message=message)
    return made, True


def remove_queue(tx: Tx, actor: Actor, uuid: str) -> None:
    row = _own(actor, queries.queue_row(tx.conn, uuid))
    _drop(tx, event_queues.c.id == row.id)
    message = f"Event queue {row.name} has been removed."
    tx.emit(SubscriptionChanged(object=uuid), event="event_queue_deleted", message=message)


def forget_agent(tx: Tx, agent: str) -> None:
    """Remove an agent's queues and subscriptions."""
    for row in queries.agents_subscriptions(tx.conn, agent):
        _end(tx, row)
    _drop(tx, event_queues.c.login == agent)


def _drop(tx: Tx, which: Any) -> None:
    ids = select(event_queues.c.id).where(which)
    tx.conn.execute(delete(queued_messages).where(queued_messages.c.queue_id.in_(ids)))
    tx.conn.execute(delete(event_queues).where(which))
    tx.rooms.add(ROOM)


# -- messages ----------------------------------------------------------------------------------


def publish(tx: Tx, kind: ObjectType, readers: Sequence[Any], build: Callable[[Any], dict[str, Any]]) -> int:
    """Put a message into those of the queues that want this kind; how many took it.

    `build(reader)` makes the body (contract 11.4), only where somebody reads it.
    """
    taken = 0
    for reader in readers:
        if reader.object_types and kind.value not in reader.object_types:
            continue
        if reader.full:
            reject = {"rejected": event_queues.c.rejected + 1}
            tx.conn.execute(update(event_queues).where(event_queues.c.id == reader.id).values(reject))
            continue
        body = msgspec.json.encode({"object_type": kind.value, **build(reader)})
        row = {"queue_id": reader.id, "at": tx.now, "object_type": kind.value, "body": body.decode()}
        number = tx.conn.execute(_INSERT_MESSAGE, row).scalar_one()
        if number % COUNT_EVERY == 0:
            _note_length(tx, reader.id)
        taken += 1
    if taken:
        tx.rooms.add(ROOM)
    return taken


def _note_length(tx: Tx, queue_id: int) -> None:
    if queries.length(tx.conn, queue_id) >= queries.LONGEST:
        tx.conn.execute(update(event_queues).where(event_queues.c.id == queue_id), {"full": True})


def taken(tx: Tx, queue_id: int, ids: Sequence[int]) -> None:
    """These messages have reached their reader."""
    mine = queued_messages.c.queue_id == queue_id
    tx.conn.execute(delete(queued_messages).where(mine, queued_messages.c.id.in_(ids)))
    tx.conn.execute(
        update(event_queues).where(event_queues.c.id == queue_id, event_queues.c.full), {"full": False}
    )


def sweep(tx: Tx) -> None:
    """Messages that nobody read in time go; a queue that was full has room again."""
    old = queued_messages.c.at <= tx.now - queries.LIVES
    counted = select(queued_messages.c.queue_id, func.count()).where(old).group_by(queued_messages.c.queue_id)
    gone = list(tx.conn.execute(counted))
    if gone:
        tx.conn.execute(delete(queued_messages).where(old))
    for queue_id, number in gone:
        more = {"expired": event_queues.c.expired + number}
        tx.conn.execute(update(event_queues).where(event_queues.c.id == queue_id).values(more))
    for (queue_id,) in tx.conn.execute(select(event_queues.c.id).where(event_queues.c.full)).fetchall():
        if queries.length(tx.conn, queue_id) < queries.LONGEST:
            tx.conn.execute(update(event_queues).where(event_queues.c.id == queue_id), {"full": False})
