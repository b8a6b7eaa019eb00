"""The queue: Procrastinate's tables, as of its version 3.10."""

from __future__ import annotations

from alembic import op

from mercato.migrations.queue_schema import create_queue

revision = "2026_11_20_1100"
down_revision = None


def upgrade() -> None:
    create_queue(op.get_bind(), "3_10")
