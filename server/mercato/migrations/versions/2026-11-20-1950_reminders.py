"""Reminders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mercato.kernel.columns import Utc

revision = "2026_11_20_1950"
down_revision = "2026_11_20_1947"


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("object", sa.String(length=32), nullable=False),
        sa.Column("occasion", sa.String(length=40), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint("kind", "object", "occasion", name=op.f("uq_reminders_kind_object_occasion")),
    )
