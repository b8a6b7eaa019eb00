"""What the schedule has run. The queue's own tables are Procrastinate's and are made by a migration."""

from __future__ import annotations

from sqlalchemy import Table, UniqueConstraint

from mercato.kernel import columns as c

schedule_slots = Table(
    "schedule_slots",
    c.metadata,
    c.pk(),
    c.text("name", length=64),
    # The beginning of the slot, UTC.
    c.moment("slot", nullable=False),
    c.moment("ran_at", nullable=False),
    UniqueConstraint("name", "slot"),
)
