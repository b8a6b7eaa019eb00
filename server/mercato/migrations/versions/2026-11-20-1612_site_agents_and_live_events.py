"""Site agents and live events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mercato.kernel.columns import ExactDecimal, Json, Utc

revision = "2026_11_20_1612"
down_revision = "2026_11_20_1548"

# Whom the records of before concern, as far as what they are about is still there.
_OF = "(SELECT {what} FROM {rows} WHERE {thing}.uuid = audit.object)"
_ORDER = "orders JOIN projects ON projects.id = orders.project_id"
_RESOURCE = "resources JOIN projects ON projects.id = resources.project_id"


def _fill(thing: str, rows: str, **columns: str) -> str:
    values = ", ".join(
        f"{name} = {_OF.format(what=what, rows=rows, thing=thing)}" for name, what in columns.items()
    )
    return f"UPDATE audit SET {values} WHERE object IN (SELECT uuid FROM {thing})"  # noqa: S608 our own names


FILL = (
    _fill("customers", "customers", customer_id="customers.id"),
    _fill("projects", "projects", project_id="projects.id", customer_id="projects.customer_id"),
    _fill("offerings", "offerings", offering_id="offerings.id", customer_id="offerings.customer_id"),
    _fill("invoices", "invoices", customer_id="invoices.customer_id"),
    _fill("users", "users", subject_id="users.id"),
    _fill(
        "resources",
        _RESOURCE,
        resource_id="resources.id",
        offering_id="resources.offering_id",
        project_id="resources.project_id",
        customer_id="projects.customer_id",
    ),
    _fill(
        "orders",
        _ORDER,
        resource_id="orders.resource_id",
        offering_id="orders.offering_id",
        project_id="orders.project_id",
        customer_id="projects.customer_id",
    ),
)
# The roles that order and change resources may manage the keys of resources.
KEYS = """
INSERT INTO role_permissions (role_id, permission)
SELECT id, 'RESOURCE.MANAGE_API_KEY' FROM roles
WHERE is_system_role AND name IN ('CUSTOMER.OWNER', 'PROJECT.ADMIN', 'PROJECT.MANAGER')
AND NOT EXISTS (
    SELECT 1 FROM role_permissions AS held
    WHERE held.role_id = roles.id AND held.permission = 'RESOURCE.MANAGE_API_KEY'
)
"""


def upgrade() -> None:
    op.create_table(
        "event_subscriptions",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("source_ip", sa.String(length=64), nullable=True),
        sa.Column("observable_objects", Json(), nullable=False),
        sa.Column("agent", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_event_subscriptions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_subscriptions")),
        sa.UniqueConstraint("uuid", name=op.f("uq_event_subscriptions_uuid")),
    )
    with op.batch_alter_table("event_subscriptions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_subscriptions_agent"), ["agent"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_subscriptions_user_id"), ["user_id"], unique=False)

    op.create_table(
        "agent_identities",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("version", sa.String(length=100), nullable=True),
        sa.Column("dependencies", Json(), nullable=False),
        sa.Column("config_file_path", sa.String(length=150), nullable=True),
        sa.Column("config_file_content", sa.Text(), nullable=True),
        sa.Column("last_restarted", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_agent_identities_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_agent_identities_offering_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_identities")),
        sa.UniqueConstraint("uuid", name=op.f("uq_agent_identities_uuid")),
    )
    with op.batch_alter_table("agent_identities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agent_identities_name"), ["name"], unique=False)
        batch_op.create_index("uq_agent_identities_offering_id_name", ["offering_id", "name"], unique=True)

    op.create_table(
        "backend_resource_requests",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("started", Utc(), nullable=True),
        sa.Column("finished", Utc(), nullable=True),
        sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=False),
        sa.Column("error_traceback", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_backend_resource_requests_offering_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backend_resource_requests")),
        sa.UniqueConstraint("uuid", name=op.f("uq_backend_resource_requests_uuid")),
    )
    with op.batch_alter_table("backend_resource_requests", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_backend_resource_requests_offering_id"), ["offering_id"], unique=False
        )

    op.create_table(
        "backend_resources",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("backend_id", sa.String(length=255), nullable=False),
        sa.Column("backend_metadata", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_backend_resources_offering_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_backend_resources_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backend_resources")),
        sa.UniqueConstraint("uuid", name=op.f("uq_backend_resources_uuid")),
    )
    with op.batch_alter_table("backend_resources", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_backend_resources_project_id"), ["project_id"], unique=False)
        batch_op.create_index(
            "uq_backend_resources_found",
            ["offering_id", "project_id", "backend_id"],
            unique=True,
            sqlite_where=sa.text("backend_id <> ''"),
            postgresql_where=sa.text("backend_id <> ''"),
        )

    op.create_table(
        "event_queues",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("login", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subscription_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("object_types", Json(), nullable=False),
        sa.Column("object_type", sa.String(length=40), nullable=False),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("rejected", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expired", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["offering_id"], ["offerings.id"], name=op.f("fk_event_queues_offering_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["event_subscriptions.id"], name=op.f("fk_event_queues_subscription_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_event_queues_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_queues")),
        sa.UniqueConstraint("name", name=op.f("uq_event_queues_name")),
        sa.UniqueConstraint("uuid", name=op.f("uq_event_queues_uuid")),
    )
    with op.batch_alter_table("event_queues", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_queues_login"), ["login"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_queues_offering_id"), ["offering_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_event_queues_subscription_id"), ["subscription_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_event_queues_user_id"), ["user_id"], unique=False)

    op.create_table(
        "slurm_policies",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actions", sa.String(length=255), nullable=False),
        sa.Column("options", Json(), nullable=False),
        sa.Column("organization_groups", Json(), nullable=False),
        sa.Column("apply_to_all", sa.Boolean(), nullable=False),
        sa.Column("component_limits", Json(), nullable=False),
        sa.Column("period", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("limit_type", sa.String(length=12), nullable=False),
        sa.Column("tres_billing_enabled", sa.Boolean(), nullable=False),
        sa.Column("tres_billing_weights", Json(), nullable=False),
        sa.Column("carryover_factor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("grace_ratio", ExactDecimal(), nullable=False),
        sa.Column("carryover_enabled", sa.Boolean(), nullable=False),
        sa.Column("raw_usage_reset", sa.Boolean(), nullable=False),
        sa.Column("qos_strategy", sa.String(length=12), nullable=False),
        sa.Column("fired_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_slurm_policies_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_slurm_policies_offering_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slurm_policies")),
        sa.UniqueConstraint("uuid", name=op.f("uq_slurm_policies_uuid")),
    )
    with op.batch_alter_table("slurm_policies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slurm_policies_offering_id"), ["offering_id"], unique=False)

    op.create_table(
        "agent_logs",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("module", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["agent_identities.id"], name=op.f("fk_agent_logs_identity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_logs")),
        sa.UniqueConstraint("uuid", name=op.f("uq_agent_logs_uuid")),
    )
    with op.batch_alter_table("agent_logs", schema=None) as batch_op:
        batch_op.create_index("ix_agent_logs_at", ["at"], unique=False)
        batch_op.create_index("ix_agent_logs_identity_id_at", ["identity_id", "at"], unique=False)

    op.create_table(
        "agent_services",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("mode", sa.String(length=100), nullable=True),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("statistics", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["agent_identities.id"], name=op.f("fk_agent_services_identity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_services")),
        sa.UniqueConstraint("uuid", name=op.f("uq_agent_services_uuid")),
    )
    with op.batch_alter_table("agent_services", schema=None) as batch_op:
        batch_op.create_index("uq_agent_services_identity_id_name", ["identity_id", "name"], unique=True)

    op.create_table(
        "queued_messages",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("queue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("object_type", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["queue_id"], ["event_queues.id"], name=op.f("fk_queued_messages_queue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queued_messages")),
    )
    with op.batch_alter_table("queued_messages", schema=None) as batch_op:
        batch_op.create_index("ix_queued_messages_at", ["at"], unique=False)
        batch_op.create_index("ix_queued_messages_queue_id_id", ["queue_id", "id"], unique=False)

    op.create_table(
        "agent_processors",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("backend_type", sa.String(length=100), nullable=False),
        sa.Column("backend_version", sa.String(length=100), nullable=True),
        sa.Column("last_run", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id"], ["agent_services.id"], name=op.f("fk_agent_processors_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_processors")),
        sa.UniqueConstraint("uuid", name=op.f("uq_agent_processors_uuid")),
    )
    with op.batch_alter_table("agent_processors", schema=None) as batch_op:
        batch_op.create_index("uq_agent_processors_service_id_name", ["service_id", "name"], unique=True)

    op.create_table(
        "resource_api_keys",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("modified", Utc(), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resources.id"], name=op.f("fk_resource_api_keys_resource_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_api_keys")),
        sa.UniqueConstraint("uuid", name=op.f("uq_resource_api_keys_uuid")),
    )
    with op.batch_alter_table("resource_api_keys", schema=None) as batch_op:
        batch_op.create_index(
            "uq_resource_api_keys_resource_id_client_id", ["resource_id", "client_id"], unique=True
        )

    op.create_table(
        "slurm_commands",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("policy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("executed_at", Utc(), nullable=False),
        sa.Column("command_type", sa.String(length=50), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("shell_command", sa.Text(), nullable=False),
        sa.Column("parameters", Json(), nullable=False),
        sa.Column("execution_mode", sa.String(length=10), nullable=False),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["slurm_policies.id"], name=op.f("fk_slurm_commands_policy_id")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resources.id"], name=op.f("fk_slurm_commands_resource_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slurm_commands")),
        sa.UniqueConstraint("uuid", name=op.f("uq_slurm_commands_uuid")),
    )
    with op.batch_alter_table("slurm_commands", schema=None) as batch_op:
        batch_op.create_index(
            "ix_slurm_commands_policy_id_executed_at", ["policy_id", "executed_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_slurm_commands_resource_id"), ["resource_id"], unique=False)

    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_index("ix_audit_at", ["at"], unique=False)
        batch_op.create_index("ix_audit_customer_id", ["customer_id"], unique=False)
        batch_op.create_index("ix_audit_offering_id", ["offering_id"], unique=False)
        batch_op.create_index("ix_audit_project_id", ["project_id"], unique=False)
        batch_op.create_index("ix_audit_resource_id", ["resource_id"], unique=False)
        batch_op.create_index("ix_audit_subject_id", ["subject_id"], unique=False)
        batch_op.create_index("ix_audit_user_id", ["user_id"], unique=False)

    for statement in FILL:
        op.execute(statement)
    op.execute(KEYS)
