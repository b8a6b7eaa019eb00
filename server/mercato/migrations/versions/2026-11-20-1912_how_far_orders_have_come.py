"""How far orders have come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mercato.kernel.columns import Utc

revision = "2026_11_20_1912"
down_revision = "2026_11_20_1849"


def upgrade() -> None:
    op.create_table(
        "order_runs",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("began", Utc(), nullable=False),
        sa.Column("broke", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("undoing", sa.Text(), nullable=False),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.Column("waits_for", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_runs_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_runs")),
        sa.UniqueConstraint("order_id", name=op.f("uq_order_runs_order_id")),
    )
    op.create_table(
        "order_steps",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("began", Utc(), nullable=False),
        sa.Column("changed", Utc(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_steps_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_steps")),
        sa.UniqueConstraint("order_id", "name", name=op.f("uq_order_steps_order_id_name")),
    )
