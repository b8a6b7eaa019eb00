"""People's accounts at offerings."""

from __future__ import annotations

from sqlalchemy import Index, Table

from mercato.kernel import columns as c

offering_users = Table(
    "offering_users",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.ref("offering_id", "offerings.id", index=False),
    c.ref("user_id", "users.id"),
    c.text("username", length=100, default=""),
    c.text("state", length=40),
    c.flag("is_restricted"),
    Index("uq_offering_users_offering_id_user_id", "offering_id", "user_id", unique=True),
)
