"""Files and what goes with orders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mercato.kernel.columns import Utc

revision = "2026_11_20_1650"
down_revision = "2026_11_20_1640"


def upgrade() -> None:
    op.create_table(
        "blobs",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blobs")),
        sa.UniqueConstraint("sha256", name=op.f("uq_blobs_sha256")),
    )
    op.create_table(
        "files",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("blob_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["blob_id"], ["blobs.id"], name=op.f("fk_files_blob_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_files_created_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
        sa.UniqueConstraint("uuid", name=op.f("uq_files_uuid")),
    )
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_files_blob_id"), ["blob_id"], unique=False)

    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("attachment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("consumer_message", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column(
                "consumer_message_file_id",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("consumer_message_updated_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("provider_message", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("provider_message_url", sa.String(length=200), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column(
                "provider_message_file_id",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("provider_message_updated_at", Utc(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_orders_attachment_id"), "files", ["attachment_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_orders_consumer_message_file_id"), "files", ["consumer_message_file_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_orders_provider_message_file_id"), "files", ["provider_message_file_id"], ["id"]
        )
