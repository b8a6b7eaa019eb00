"""What agents have to do with keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_20_1940"
down_revision = "2026_11_20_1932"


def upgrade() -> None:
    with op.batch_alter_table("resource_api_keys", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("pending_action", sa.String(length=10), nullable=False, server_default="")
        )
    op.execute("UPDATE resource_api_keys SET pending_action = 'rotate' WHERE state = 'Updating'")
