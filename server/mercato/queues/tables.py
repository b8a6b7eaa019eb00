"""Queues of live events: whose they are, what goes into them, and what waits to be read."""

from __future__ import annotations

from sqlalchemy import Index, Table

from mercato.kernel import columns as c
from mercato.kernel.tables import tells

event_subscriptions = Table(
    "event_subscriptions",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.ref("user_id", "users.id"),
    c.text("description", default=""),
    c.text("source_ip", length=64, nullable=True),
    c.json("observable_objects"),
    # The uuid of the agent that subscribed, or empty.
    c.text("agent", length=32, default="", index=True),
)

event_queues = Table(
    "event_queues",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.text("name", length=160, unique=True),
    # Who reads: the uuid of the agent or of the subscription.
    c.text("login", length=32, index=True),
    c.ref("user_id", "users.id"),
    c.ref("offering_id", "offerings.id"),
    c.ref("subscription_id", "event_subscriptions.id", nullable=True),
    # Empty means every type. A subscription's queue has one, which is part of its name.
    c.json("object_types"),
    c.text("object_type", length=40, default=""),
    # Nothing more goes in until somebody has read.
    c.flag("full"),
    c.number("rejected", default=0),
    c.number("expired", default=0),
)

queued_messages = Table(
    "queued_messages",
    c.metadata,
    c.pk(),
    c.ref("queue_id", "event_queues.id", index=False),
    c.moment("at", nullable=False),
    c.text("object_type", length=40),
    c.text("body"),
    Index("ix_queued_messages_queue_id_id", "queue_id", "id"),
    Index("ix_queued_messages_at", "at"),
)

tells(queued_messages, "queues")

# Who reads which queue, where several processes serve them (PostgreSQL); the one with the lowest id is served.
# A row is its process's word, and void once the process has been silent: see `queues.shared`.
queue_readers = Table(
    "queue_readers",
    c.metadata,
    c.pk(),
    # Numbers without foreign keys: a reader of a queue that has gone is not worth an error.
    c.number("queue_id"),
    c.text("process", length=32, index=True),
    c.number("connection"),
    c.text("address", length=64, default=""),
    c.moment("since", nullable=False),
    c.number("received", default=0),
    c.number("sent", default=0),
    # By the database's clock.
    c.moment("seen", nullable=False),
    Index("ix_queue_readers_queue_id_id", "queue_id", "id"),
)

tells(queue_readers, "queues", when="DELETE")
