"""Usage by user."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mercato.kernel.columns import Utc

revision = "2026_11_20_1640"
down_revision = "2026_11_20_1620"


def upgrade() -> None:
    op.create_table(
        "component_user_usage_limits",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("component_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hundredths", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["component_id"], ["components.id"], name=op.f("fk_component_user_usage_limits_component_id")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resources.id"], name=op.f("fk_component_user_usage_limits_resource_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["offering_users.id"], name=op.f("fk_component_user_usage_limits_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_component_user_usage_limits")),
        sa.UniqueConstraint("uuid", name=op.f("uq_component_user_usage_limits_uuid")),
    )
    with op.batch_alter_table("component_user_usage_limits", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_component_user_usage_limits_component_id"), ["component_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_component_user_usage_limits_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_component_user_usage_limits_record", ["resource_id", "component_id", "user_id"], unique=True
        )

    op.create_table(
        "component_user_usages",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("component_usage_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("username", sa.String(length=100), nullable=False),
        sa.Column("hundredths", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("date", Utc(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("backend_id", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["component_usage_id"],
            ["component_usages.id"],
            name=op.f("fk_component_user_usages_component_usage_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["offering_users.id"], name=op.f("fk_component_user_usages_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_component_user_usages")),
        sa.UniqueConstraint("uuid", name=op.f("uq_component_user_usages_uuid")),
    )
    with op.batch_alter_table("component_user_usages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_component_user_usages_user_id"), ["user_id"], unique=False)
        batch_op.create_index("ix_component_user_usages_username", ["username"], unique=False)
        batch_op.create_index(
            "uq_component_user_usages_record", ["component_usage_id", "username"], unique=True
        )
