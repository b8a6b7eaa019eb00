"""Numbers of slugs."""

from __future__ import annotations

from alembic import op

revision = "2026_11_20_2012"
down_revision = "2026_11_20_1950"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE slug_numbers START WITH 2")
        # Numbers that were given out by the counters of single names are not given out again.
        op.execute(
            "SELECT setval('slug_numbers', GREATEST(2, (SELECT coalesce(max(number), 1) + 1 FROM slug_counters)))"
        )
