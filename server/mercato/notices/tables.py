"""Messages to people."""

from __future__ import annotations

from sqlalchemy import Index, Table, UniqueConstraint

from mercato.kernel import columns as c

notices = Table(
    "notices",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.ref("user_id", "users.id", index=False),
    c.text("kind", length=40),
    c.text("text"),
    c.text("object_type", length=40),
    c.text("object_uuid", length=32),
    c.moment("read_at"),
    Index("ix_notices_user_id_read_at", "user_id", "read_at"),
)

# What people have been reminded of, each once: an end on its day, an order in its week, a resource in its month.
reminders = Table(
    "reminders",
    c.metadata,
    c.pk(),
    c.text("kind", length=40),
    c.text("object", length=32),
    c.text("occasion", length=40),
    c.moment("at", nullable=False),
    UniqueConstraint("kind", "object", "occasion"),
)
