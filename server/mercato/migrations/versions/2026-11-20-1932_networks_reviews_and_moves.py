"""Networks, reviews and moves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mercato.kernel.columns import Json, Utc

revision = "2026_11_20_1932"
down_revision = "2026_11_20_1920"


def upgrade() -> None:
    op.create_table(
        "access_subnets",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inet", sa.String(length=50), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("applies_to_portal", sa.Boolean(), nullable=False),
        sa.Column("is_staff_managed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_access_subnets_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_subnets")),
        sa.UniqueConstraint("uuid", name=op.f("uq_access_subnets_uuid")),
    )
    with op.batch_alter_table("access_subnets", schema=None) as batch_op:
        batch_op.create_index("uq_access_subnets_customer_id_inet", ["customer_id", "inet"], unique=True)

    op.create_table(
        "permission_reviews",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("closed", Utc(), nullable=True),
        sa.Column("reviewer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_permission_reviews_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["users.id"], name=op.f("fk_permission_reviews_reviewer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permission_reviews")),
        sa.UniqueConstraint("uuid", name=op.f("uq_permission_reviews_uuid")),
    )
    with op.batch_alter_table("permission_reviews", schema=None) as batch_op:
        batch_op.create_index(
            "ix_permission_reviews_customer_id_created", ["customer_id", "created"], unique=False
        )
        batch_op.create_index(
            "uq_permission_reviews_pending",
            ["customer_id"],
            unique=True,
            sqlite_where=sa.text("closed IS NULL"),
            postgresql_where=sa.text("closed IS NULL"),
        )

    op.create_table(
        "access_subnet_offerings",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("subnet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_access_subnet_offerings_offering_id")
        ),
        sa.ForeignKeyConstraint(
            ["subnet_id"], ["access_subnets.id"], name=op.f("fk_access_subnet_offerings_subnet_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_subnet_offerings")),
    )
    with op.batch_alter_table("access_subnet_offerings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_access_subnet_offerings_offering_id"), ["offering_id"], unique=False
        )
        batch_op.create_index(
            "uq_access_subnet_offerings_offering", ["subnet_id", "offering_id"], unique=True
        )

    op.create_table(
        "project_update_requests",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("before", Json(), nullable=False),
        sa.Column("after", Json(), nullable=False),
        sa.Column("reviewed_at", Utc(), nullable=True),
        sa.Column("reviewed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("review_comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_project_update_requests_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_project_update_requests_offering_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_project_update_requests_project_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"], ["users.id"], name=op.f("fk_project_update_requests_reviewed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_update_requests")),
        sa.UniqueConstraint("uuid", name=op.f("uq_project_update_requests_uuid")),
    )
    with op.batch_alter_table("project_update_requests", schema=None) as batch_op:
        batch_op.create_index(
            "ix_project_update_requests_offering_id_state", ["offering_id", "state"], unique=False
        )
        batch_op.create_index(
            "ix_project_update_requests_project_id_state", ["project_id", "state"], unique=False
        )

    op.create_table(
        "resource_moves",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("from_project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_customer_id"], ["customers.id"], name=op.f("fk_resource_moves_from_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_project_id"], ["projects.id"], name=op.f("fk_resource_moves_from_project_id")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resources.id"], name=op.f("fk_resource_moves_resource_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_moves")),
    )
    with op.batch_alter_table("resource_moves", schema=None) as batch_op:
        batch_op.create_index("ix_resource_moves_resource_id_at", ["resource_id", "at"], unique=False)
    _end_roles_in_what_was_removed()


def _end_roles_in_what_was_removed() -> None:
    """Until now removed organizations, projects and offerings kept the roles in them."""
    grants = sa.table(
        "grants",
        sa.column("scope_type", sa.String()),
        sa.column("scope_id", sa.BigInteger()),
        sa.column("is_active", sa.Boolean()),
        sa.column("revoked_at", Utc()),
        sa.column("revoke_reason", sa.String()),
    )
    for scope, name, thing in (
        ("customer", "customers", "organization"),
        ("project", "projects", "project"),
        ("offering", "offerings", "offering"),
    ):
        place = sa.table(name, sa.column("id", sa.BigInteger()), sa.column("removed_at", Utc()))
        gone = sa.select(place.c.removed_at).where(
            place.c.id == grants.c.scope_id, place.c.removed_at.is_not(None)
        )
        op.execute(
            sa.update(grants)
            .where(grants.c.is_active, grants.c.scope_type == scope, gone.exists())
            .values(is_active=False, revoked_at=gone.scalar_subquery(), revoke_reason=f"{thing} removed")
        )
