"""Robot accounts and sealed codes of providers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mercato.kernel.columns import Json, Utc

revision = "2026_11_20_1920"
down_revision = "2026_11_20_1912"


def upgrade() -> None:
    op.create_table(
        "robot_accounts",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("type", sa.String(length=5), nullable=False),
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=False),
        sa.Column("responsible_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("keys", Json(), nullable=False),
        sa.Column("fingerprints", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resources.id"], name=op.f("fk_robot_accounts_resource_id")
        ),
        sa.ForeignKeyConstraint(
            ["responsible_user_id"], ["users.id"], name=op.f("fk_robot_accounts_responsible_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_robot_accounts")),
        sa.UniqueConstraint("uuid", name=op.f("uq_robot_accounts_uuid")),
    )
    with op.batch_alter_table("robot_accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_robot_accounts_resource_id"), ["resource_id"], unique=False)
        batch_op.create_index(
            "uq_robot_accounts_living",
            ["resource_id", "username"],
            unique=True,
            sqlite_where=sa.text("state <> 'Deleted' AND username <> ''"),
            postgresql_where=sa.text("state <> 'Deleted' AND username <> ''"),
        )

    op.create_table(
        "robot_account_users",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("robot_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["robot_account_id"], ["robot_accounts.id"], name=op.f("fk_robot_account_users_robot_account_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_robot_account_users_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_robot_account_users")),
    )
    with op.batch_alter_table("robot_account_users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_robot_account_users_user_id"), ["user_id"], unique=False)
        batch_op.create_index("uq_robot_account_users_member", ["robot_account_id", "user_id"], unique=True)

    with op.batch_alter_table("service_providers", schema=None) as batch_op:
        batch_op.alter_column(
            "api_secret_code", existing_type=sa.VARCHAR(length=64), type_=sa.Text(), existing_nullable=True
        )
