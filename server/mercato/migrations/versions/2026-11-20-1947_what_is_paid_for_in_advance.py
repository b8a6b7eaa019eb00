"""What is paid for in advance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mercato.kernel.columns import ExactDecimal, Utc

revision = "2026_11_20_1947"
down_revision = "2026_11_20_1940"


def upgrade() -> None:
    op.create_table(
        "prepaid_charges",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("component", sa.String(length=50), nullable=False),
        sa.Column("unit_price", ExactDecimal(), nullable=False),
        sa.Column("allowance", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("periods", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("length", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_prepaid_charges_plan_id")),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resources.id"], name=op.f("fk_prepaid_charges_resource_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepaid_charges")),
    )
    with op.batch_alter_table("prepaid_charges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_prepaid_charges_resource_id"), ["resource_id"], unique=False)
