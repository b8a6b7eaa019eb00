"""Messages to people."""

from __future__ import annotations

from sqlalchemy import Index, Table

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
