"""People: attributes, keys, tokens, accounts at offerings and of projects, fields of science."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mercato.kernel.columns import Json, Utc

revision = "2026_11_20_1535"
down_revision = "2026_11_20_1353"


def upgrade() -> None:
    op.create_table(
        "science_domains",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_science_domains")),
        sa.UniqueConstraint("code", name=op.f("uq_science_domains_code")),
        sa.UniqueConstraint("name", name=op.f("uq_science_domains_name")),
        sa.UniqueConstraint("uuid", name=op.f("uq_science_domains_uuid")),
    )
    op.create_table(
        "personal_tokens",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("token_prefix", sa.String(length=16), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", Json(), nullable=False),
        sa.Column("allowed_scopes", Json(), nullable=False),
        sa.Column("allowed_networks", Json(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("revoked_at", Utc(), nullable=True),
        sa.Column("last_used_at", Utc(), nullable=True),
        sa.Column("last_used_ip", sa.String(length=64), nullable=False),
        sa.Column("use_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_personal_tokens_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_tokens")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_personal_tokens_key_hash")),
        sa.UniqueConstraint("uuid", name=op.f("uq_personal_tokens_uuid")),
    )
    with op.batch_alter_table("personal_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_personal_tokens_user_id"), ["user_id"], unique=False)

    op.create_table(
        "science_sub_domains",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("domain_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["science_domains.id"], name=op.f("fk_science_sub_domains_domain_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_science_sub_domains")),
        sa.UniqueConstraint("code", name=op.f("uq_science_sub_domains_code")),
        sa.UniqueConstraint("uuid", name=op.f("uq_science_sub_domains_uuid")),
    )
    with op.batch_alter_table("science_sub_domains", schema=None) as batch_op:
        batch_op.create_index("uq_science_sub_domains_domain_id_name", ["domain_id", "name"], unique=True)

    op.create_table(
        "ssh_keys",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("type", sa.String(length=50), nullable=False),
        sa.Column("public_key", sa.String(length=2000), nullable=False),
        sa.Column("fingerprint_md5", sa.String(length=47), nullable=False),
        sa.Column("fingerprint_sha256", sa.String(length=64), nullable=False),
        sa.Column("fingerprint_sha512", sa.String(length=128), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_ssh_keys_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ssh_keys")),
        sa.UniqueConstraint("uuid", name=op.f("uq_ssh_keys_uuid")),
    )
    with op.batch_alter_table("ssh_keys", schema=None) as batch_op:
        batch_op.create_index(
            "uq_ssh_keys_user_id_fingerprint_sha256", ["user_id", "fingerprint_sha256"], unique=True
        )

    op.create_table(
        "course_accounts",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("description", sa.String(length=4096), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=False),
        sa.Column("error_traceback", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_course_accounts_project_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_course_accounts_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_accounts")),
        sa.UniqueConstraint("uuid", name=op.f("uq_course_accounts_uuid")),
    )
    with op.batch_alter_table("course_accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_accounts_project_id"), ["project_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_accounts_user_id"), ["user_id"], unique=False)

    op.create_table(
        "service_accounts",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("preferred_identifier", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=False),
        sa.Column("error_traceback", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_service_accounts_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_accounts")),
        sa.UniqueConstraint("username", name=op.f("uq_service_accounts_username")),
        sa.UniqueConstraint("uuid", name=op.f("uq_service_accounts_uuid")),
    )
    with op.batch_alter_table("service_accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_accounts_project_id"), ["project_id"], unique=False)

    op.create_table(
        "attribute_configs",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expose_full_name", sa.Boolean(), nullable=False),
        sa.Column("expose_email", sa.Boolean(), nullable=False),
        sa.Column("expose_username", sa.Boolean(), nullable=False),
        sa.Column("expose_registration_method", sa.Boolean(), nullable=False),
        sa.Column("expose_organization", sa.Boolean(), nullable=False),
        sa.Column("expose_organization_country", sa.Boolean(), nullable=False),
        sa.Column("expose_organization_type", sa.Boolean(), nullable=False),
        sa.Column("expose_organization_registry_code", sa.Boolean(), nullable=False),
        sa.Column("expose_organization_vat_code", sa.Boolean(), nullable=False),
        sa.Column("expose_organization_address", sa.Boolean(), nullable=False),
        sa.Column("expose_affiliations", sa.Boolean(), nullable=False),
        sa.Column("expose_phone_number", sa.Boolean(), nullable=False),
        sa.Column("expose_job_title", sa.Boolean(), nullable=False),
        sa.Column("expose_gender", sa.Boolean(), nullable=False),
        sa.Column("expose_personal_title", sa.Boolean(), nullable=False),
        sa.Column("expose_place_of_birth", sa.Boolean(), nullable=False),
        sa.Column("expose_address", sa.Boolean(), nullable=False),
        sa.Column("expose_country_of_residence", sa.Boolean(), nullable=False),
        sa.Column("expose_nationality", sa.Boolean(), nullable=False),
        sa.Column("expose_nationalities", sa.Boolean(), nullable=False),
        sa.Column("expose_eduperson_assurance", sa.Boolean(), nullable=False),
        sa.Column("expose_identity_source", sa.Boolean(), nullable=False),
        sa.Column("expose_civil_number", sa.Boolean(), nullable=False),
        sa.Column("expose_birth_date", sa.Boolean(), nullable=False),
        sa.Column("expose_active_isds", sa.Boolean(), nullable=False),
        sa.Column("expose_uid_number", sa.Boolean(), nullable=False),
        sa.Column("expose_primary_gid", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_attribute_configs_offering_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribute_configs")),
        sa.UniqueConstraint("uuid", name=op.f("uq_attribute_configs_uuid")),
    )
    with op.batch_alter_table("attribute_configs", schema=None) as batch_op:
        batch_op.create_index("uq_attribute_configs_offering_id", ["offering_id"], unique=True)

    op.create_table(
        "consents",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("terms_link", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("agreement_date", Utc(), nullable=False),
        sa.Column("revocation_date", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["offering_id"], ["offerings.id"], name=op.f("fk_consents_offering_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_consents_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sa.UniqueConstraint("uuid", name=op.f("uq_consents_uuid")),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consents_offering_id"), ["offering_id"], unique=False)
        batch_op.create_index(
            "uq_consents_living",
            ["user_id", "offering_id"],
            unique=True,
            sqlite_where=sa.text("revocation_date IS NULL"),
            postgresql_where=sa.text("revocation_date IS NULL"),
        )

    with op.batch_alter_table("offering_users", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("runtime_state", sa.String(length=40), nullable=False, server_default="Active")
        )
        batch_op.add_column(
            sa.Column("service_provider_comment", sa.Text(), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column(
                "service_provider_comment_url", sa.String(length=200), nullable=False, server_default=""
            )
        )
        batch_op.add_column(sa.Column("leaving", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.drop_index(batch_op.f("uq_offering_users_offering_id_user_id"))
        batch_op.create_index("ix_offering_users_offering_id_state", ["offering_id", "state"], unique=False)
        batch_op.create_index(
            "uq_offering_users_living",
            ["offering_id", "user_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'Deleted'"),
            postgresql_where=sa.text("state <> 'Deleted'"),
        )

    with op.batch_alter_table("projects", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "science_sub_domain_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(sa.Column("kind", sa.String(length=10), nullable=False, server_default="default"))
        batch_op.create_index(
            batch_op.f("ix_projects_science_sub_domain_id"), ["science_sub_domain_id"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_projects_science_sub_domain_id"),
            "science_sub_domains",
            ["science_sub_domain_id"],
            ["id"],
        )

    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.add_column(sa.Column("removed_at", Utc(), nullable=True))
        batch_op.alter_column(
            "name", existing_type=sa.VARCHAR(length=120), type_=sa.String(length=150), existing_nullable=False
        )
        batch_op.drop_constraint(batch_op.f("uq_roles_name"), type_="unique")
        batch_op.create_index(
            "uq_roles_living_name",
            ["name"],
            unique=True,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )

    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("civil_number", sa.String(length=50), nullable=True))
        batch_op.add_column(sa.Column("gender", sa.String(length=10), nullable=True))
        batch_op.add_column(
            sa.Column("personal_title", sa.String(length=50), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("place_of_birth", sa.String(length=255), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("address", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("country_of_residence", sa.String(length=2), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("nationality", sa.String(length=2), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("nationalities", Json(), nullable=False, server_default=sa.text("'[]'"))
        )
        batch_op.add_column(sa.Column("affiliations", Json(), nullable=False, server_default=sa.text("'[]'")))
        batch_op.add_column(
            sa.Column("organization_country", sa.String(length=2), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("organization_type", sa.String(length=255), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("organization_registry_code", sa.String(length=255), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("organization_vat_code", sa.String(length=255), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("organization_address", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("eduperson_assurance", Json(), nullable=False, server_default=sa.text("'[]'"))
        )
        batch_op.add_column(
            sa.Column("identity_source", sa.String(length=50), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("uid_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("primary_gid", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("attribute_sources", Json(), nullable=False, server_default=sa.text("'{}'"))
        )
        batch_op.add_column(sa.Column("active_isds", Json(), nullable=False, server_default=sa.text("'[]'")))
        batch_op.add_column(sa.Column("managed_isds", Json(), nullable=False, server_default=sa.text("'[]'")))
        batch_op.add_column(
            sa.Column("is_identity_manager", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(
            sa.Column(
                "can_use_personal_access_tokens", sa.Boolean(), nullable=False, server_default=sa.true()
            )
        )
        batch_op.add_column(
            sa.Column("notifications_enabled", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch_op.add_column(sa.Column("deactivation_reason", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("is_admin_deactivated", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("modified", Utc(), nullable=True))

    # What people who lead projects may do since there are course accounts.
    op.execute(
        "INSERT INTO role_permissions (role_id, permission) SELECT id, 'PROJECT.COURSE_ACCOUNT_MANAGE' FROM roles "
        "WHERE is_system_role AND name IN ('CUSTOMER.OWNER', 'PROJECT.ADMIN', 'PROJECT.MANAGER')"
    )
