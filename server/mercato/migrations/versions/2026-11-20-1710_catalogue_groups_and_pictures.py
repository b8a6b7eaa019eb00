"""The catalogue's taxonomy, organization groups, pictures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mercato.kernel.columns import Json, Utc

revision = "2026_11_20_1710"
down_revision = "2026_11_20_1706"


def upgrade() -> None:
    op.create_table(
        "organization_groups",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organization_groups.id"], name=op.f("fk_organization_groups_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_groups")),
        sa.UniqueConstraint("uuid", name=op.f("uq_organization_groups_uuid")),
    )
    with op.batch_alter_table("organization_groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organization_groups_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "project_types",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_types")),
        sa.UniqueConstraint("uuid", name=op.f("uq_project_types_uuid")),
    )
    op.create_table(
        "customer_organization_groups",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_organization_groups_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["organization_groups.id"], name=op.f("fk_customer_organization_groups_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_organization_groups")),
    )
    with op.batch_alter_table("customer_organization_groups", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_customer_organization_groups_group_id"), ["group_id"], unique=False
        )
        batch_op.create_index(
            "uq_customer_organization_groups_member", ["customer_id", "group_id"], unique=True
        )

    op.create_table(
        "category_columns",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("attribute", sa.String(length=255), nullable=False),
        sa.Column("widget", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_category_columns_category_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category_columns")),
        sa.UniqueConstraint("uuid", name=op.f("uq_category_columns_uuid")),
    )
    with op.batch_alter_table("category_columns", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_category_columns_category_id"), ["category_id"], unique=False)

    op.create_table(
        "category_sections",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("is_standalone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_category_sections_category_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category_sections")),
        sa.UniqueConstraint("key", name=op.f("uq_category_sections_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_category_sections_uuid")),
    )
    with op.batch_alter_table("category_sections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_category_sections_category_id"), ["category_id"], unique=False)

    op.create_table(
        "category_attributes",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("section_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=10), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("default", Json(), nullable=True),
        sa.ForeignKeyConstraint(
            ["section_id"], ["category_sections.id"], name=op.f("fk_category_attributes_section_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category_attributes")),
        sa.UniqueConstraint("key", name=op.f("uq_category_attributes_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_category_attributes_uuid")),
    )
    with op.batch_alter_table("category_attributes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_category_attributes_section_id"), ["section_id"], unique=False)

    op.create_table(
        "offering_organization_groups",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["organization_groups.id"], name=op.f("fk_offering_organization_groups_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_offering_organization_groups_offering_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offering_organization_groups")),
    )
    with op.batch_alter_table("offering_organization_groups", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_offering_organization_groups_group_id"), ["group_id"], unique=False
        )
        batch_op.create_index(
            "uq_offering_organization_groups_group", ["offering_id", "group_id"], unique=True
        )

    op.create_table(
        "screenshots",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("image_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["image_id"], ["files.id"], name=op.f("fk_screenshots_image_id")),
        sa.ForeignKeyConstraint(["offering_id"], ["offerings.id"], name=op.f("fk_screenshots_offering_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screenshots")),
        sa.UniqueConstraint("uuid", name=op.f("uq_screenshots_uuid")),
    )
    with op.batch_alter_table("screenshots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_screenshots_offering_id"), ["offering_id"], unique=False)

    op.create_table(
        "category_attribute_options",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("attribute_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["attribute_id"],
            ["category_attributes.id"],
            name=op.f("fk_category_attribute_options_attribute_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category_attribute_options")),
        sa.UniqueConstraint("uuid", name=op.f("uq_category_attribute_options_uuid")),
    )
    with op.batch_alter_table("category_attribute_options", schema=None) as batch_op:
        batch_op.create_index("uq_category_attribute_options_key", ["attribute_id", "key"], unique=True)

    op.create_table(
        "plan_organization_groups",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["organization_groups.id"], name=op.f("fk_plan_organization_groups_group_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_organization_groups_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_organization_groups")),
    )
    with op.batch_alter_table("plan_organization_groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_organization_groups_group_id"), ["group_id"], unique=False)
        batch_op.create_index("uq_plan_organization_groups_group", ["plan_id", "group_id"], unique=True)

    with op.batch_alter_table("categories", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("icon_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_foreign_key(batch_op.f("fk_categories_icon_id"), "files", ["icon_id"], ["id"])

    with op.batch_alter_table("category_groups", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("icon_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_foreign_key(batch_op.f("fk_category_groups_icon_id"), "files", ["icon_id"], ["id"])

    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("parish", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("street", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("house_nr", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("apartment_nr", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("household", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("notification_emails", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("latitude", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("longitude", sa.Double(), nullable=True))
        batch_op.add_column(
            sa.Column("sponsor_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column(
                "display_billing_info_in_projects", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )
        batch_op.add_column(
            sa.Column("image_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_foreign_key(batch_op.f("fk_customers_image_id"), "files", ["image_id"], ["id"])

    with op.batch_alter_table("offerings", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("thumbnail_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("image_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("latitude", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("longitude", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("country", sa.String(length=2), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("check_state", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("check_error", sa.Text(), nullable=False, server_default=""))
        batch_op.create_foreign_key(batch_op.f("fk_offerings_image_id"), "files", ["image_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_offerings_thumbnail_id"), "files", ["thumbnail_id"], ["id"]
        )

    with op.batch_alter_table("projects", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("image_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("staff_notes", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column(
                "end_date_requested_by_id",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("end_date_updated_at", Utc(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_projects_end_date_requested_by_id"), "users", ["end_date_requested_by_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_projects_image_id"), "files", ["image_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_projects_type_id"), "project_types", ["type_id"], ["id"])

    with op.batch_alter_table("service_providers", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("image_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("enable_notifications", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch_op.add_column(sa.Column("allowed_domains", Json(), nullable=True))
        batch_op.add_column(sa.Column("api_secret_code", sa.String(length=64), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_service_providers_image_id"), "files", ["image_id"], ["id"]
        )
