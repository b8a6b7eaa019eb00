"""Readers and news across processes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mercato.kernel.columns import Utc

revision = "2026_11_20_1849"
down_revision = "2026_11_20_1749"

TELL = """
CREATE OR REPLACE FUNCTION mercato_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('mercato_news', coalesce(TG_ARGV[0], ''));
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "queue_readers",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("queue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("process", sa.String(length=32), nullable=False),
        sa.Column("connection", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("received", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seen", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_readers")),
    )
    with op.batch_alter_table("queue_readers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_queue_readers_process"), ["process"], unique=False)
        batch_op.create_index("ix_queue_readers_queue_id_id", ["queue_id", "id"], unique=False)

    with op.batch_alter_table("facts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_facts_xid_id", ["xid", "id"], unique=False, sqlite_where=sa.text("xid IS NOT NULL")
        )

    if op.get_bind().dialect.name == "postgresql":
        op.execute(TELL)
        for table, when, room in (
            ("facts", "INSERT", ""),
            ("queued_messages", "INSERT", "queues"),
            ("queue_readers", "DELETE", "queues"),
        ):
            op.execute(
                f"CREATE TRIGGER mercato_tell AFTER {when} ON {table}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION mercato_tell('{room}')"
            )
