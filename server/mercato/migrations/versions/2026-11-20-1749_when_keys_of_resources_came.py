"""When keys of resources came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mercato.kernel.columns import Utc

revision = "2026_11_20_1749"
down_revision = "2026_11_20_1710"


def upgrade() -> None:
    with op.batch_alter_table("resource_api_keys", schema=None) as batch_op:
        batch_op.add_column(sa.Column("issued_at", Utc(), nullable=True))
