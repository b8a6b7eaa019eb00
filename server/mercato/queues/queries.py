"""Rows of queues for services and for whoever delivers, whoever asks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, func, or_, select

from mercato.access import queries as access
from mercato.access.tables import grants, role_permissions, roles
from mercato.catalog.tables import offerings
from mercato.identity.tables import users
from mercato.kernel.fixed import fixed
from mercato.queues.tables import event_queues, event_subscriptions, queued_messages
from mercato.schemas.access import Scope
from mercato.schemas.permissions import Permission as P

# How long a message waits for its reader, and how many may wait (contract 11.3).
LIVES = timedelta(hours=1)
LONGEST = 10_000

_MAY_READ = exists().where(
    grants.c.user_id == event_queues.c.user_id,
    grants.c.role_id == role_permissions.c.role_id,
    grants.c.role_id == roles.c.id,
    role_permissions.c.permission == P.OFFERING_UPDATE.value,
    roles.c.is_active,
    access.ACTIVE,
    or_(
        and_(grants.c.scope_type == Scope.OFFERING.value, grants.c.scope_id == offerings.c.id),
        and_(grants.c.scope_type == Scope.CUSTOMER.value, grants.c.scope_id == offerings.c.customer_id),
    ),
)
# Whoever has lost the right to the offering hears nothing more of it, though the queue still stands.
_READERS = (
    select(
        event_queues.c.id,
        event_queues.c.object_types,
        event_queues.c.full,
        offerings.c.id.label("offering_id"),
        offerings.c.uuid.label("offering_uuid"),
    )
    .join(offerings, offerings.c.id == event_queues.c.offering_id)
    .join(users, users.c.id == event_queues.c.user_id)
    .where(users.c.is_active, users.c.removed_at.is_(None), or_(users.c.is_staff, _MAY_READ))
    .order_by(event_queues.c.id)
)
_OF_OFFERING = fixed(_READERS.where(offerings.c.uuid == bindparam("offering")))


def readers(conn: Connection, offering: str, now: datetime) -> list[Any]:
    """The queues of an offering (by uuid) whose owner may hear of it: (id, object_types, full, …)."""
    return list(conn.execute(_OF_OFFERING, {"offering": offering, "now": now}))


def may_read(conn: Connection, queue_id: int, now: datetime) -> bool:
    """Whether the queue's owner may still hear of its offering."""
    return bool(readers_where(conn, event_queues.c.id == queue_id, now))


def readers_where(conn: Connection, condition: Any, now: datetime) -> list[Any]:
    """The queues of all offerings that meet the condition."""
    return list(conn.execute(_READERS.where(condition), {"now": now}))


_QUEUE = (
    select(event_queues, users.c.uuid.label("vhost"), offerings.c.uuid.label("offering_uuid"))
    .join(users, users.c.id == event_queues.c.user_id)
    .join(offerings, offerings.c.id == event_queues.c.offering_id)
)
_BY_NAME = fixed(_QUEUE.where(event_queues.c.name == bindparam("name")))
_BY_UUID = fixed(_QUEUE.where(event_queues.c.uuid == bindparam("uuid")))


def queue_named(conn: Connection, name: str) -> Any:
    return conn.execute(_BY_NAME, {"name": name}).first()


def queue_row(conn: Connection, uuid: str) -> Any:
    return conn.execute(_BY_UUID, {"uuid": uuid}).first()


def subscription_row(conn: Connection, uuid: str) -> Any:
    return conn.execute(select(event_subscriptions).where(event_subscriptions.c.uuid == uuid)).first()


def agents_subscriptions(conn: Connection, agent: str) -> list[Any]:
    """What an agent subscribed to, oldest first."""
    found = select(event_subscriptions).where(event_subscriptions.c.agent == agent)
    return list(conn.execute(found.order_by(event_subscriptions.c.id)))


def knows_login(conn: Connection, login: str, user_id: int) -> bool:
    """Whether this person has a queue or a subscription that is read under this login."""
    queue = select(event_queues.c.id).where(event_queues.c.login == login, event_queues.c.user_id == user_id)
    subscription = select(event_subscriptions.c.id).where(
        event_subscriptions.c.uuid == login, event_subscriptions.c.user_id == user_id
    )
    return any(conn.execute(found.limit(1)).first() is not None for found in (queue, subscription))


def length(conn: Connection, queue_id: int) -> int:
    """How many messages wait."""
    count = select(func.count()).select_from(queued_messages).where(queued_messages.c.queue_id == queue_id)
    return int(conn.execute(count).scalar_one())


def waiting(conn: Connection, queues: Collection[int], now: datetime) -> set[int]:
    """Which of these queues have something to read."""
    found = select(event_queues.c.id).where(
        event_queues.c.id.in_(queues),
        exists().where(queued_messages.c.queue_id == event_queues.c.id, queued_messages.c.at > now - LIVES),
    )
    return {row[0] for row in conn.execute(found)}


def messages(
    conn: Connection, queue_id: int, now: datetime, *, but: Collection[int] = (), limit: int = 100
) -> list[tuple[int, str]]:
    """The oldest messages (id, body) of a queue, without those already handed out.

    What was read is deleted by id: a message that commits late (PostgreSQL) is found by a later look.
    """
    found = select(queued_messages.c.id, queued_messages.c.body).where(
        queued_messages.c.queue_id == queue_id, queued_messages.c.at > now - LIVES
    )
    if but:
        found = found.where(queued_messages.c.id.not_in(but))
    return [(row[0], row[1]) for row in conn.execute(found.order_by(queued_messages.c.id).limit(limit))]
