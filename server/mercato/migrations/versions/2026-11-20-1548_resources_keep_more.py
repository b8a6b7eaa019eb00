"""Resources keep more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mercato.kernel.columns import Json, Utc

revision = "2026_11_20_1548"
down_revision = "2026_11_20_1535"


def upgrade() -> None:
    op.create_table(
        "member_syncs",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope_type", sa.String(length=20), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("role_name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_member_syncs_resource_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_member_syncs_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_syncs")),
    )
    with op.batch_alter_table("member_syncs", schema=None) as batch_op:
        batch_op.create_index(
            "uq_member_syncs_member",
            ["resource_id", "user_id", "scope_type", "scope", "role_name"],
            unique=True,
        )

    with op.batch_alter_table("components", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "min_prepaid_duration", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column(
                "max_prepaid_duration", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column(
                "prepaid_duration_step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column(
                "min_renewal_duration", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column(
                "max_renewal_duration", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column(
                "renewal_duration_step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )

    with op.batch_alter_table("resources", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "end_date_requested_by_id",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("end_date_updated_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("report", Json(), nullable=True))
        batch_op.add_column(sa.Column("came_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("members_synced_at", Utc(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_resources_end_date_requested_by_id"), "users", ["end_date_requested_by_id"], ["id"]
        )
