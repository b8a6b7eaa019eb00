"""Components in their order."""

from __future__ import annotations

from alembic import op

revision = "2026_11_20_1620"
down_revision = "2026_11_20_1612"


def upgrade() -> None:
    with op.batch_alter_table("components", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_components_offering_id"), ["offering_id"], unique=False)
