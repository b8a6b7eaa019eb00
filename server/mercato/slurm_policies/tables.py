"""Policies of periodic SLURM limits, and the commands that agents ran for them."""

from __future__ import annotations

from sqlalchemy import Index, Table

from mercato.kernel import columns as c

slurm_policies = Table(
    "slurm_policies",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.ref("created_by_id", "users.id", nullable=True, index=False),
    c.ref("offering_id", "offerings.id"),
    c.text("actions", length=255),
    c.json("options"),
    c.json("organization_groups"),
    c.flag("apply_to_all"),
    # [{type, limit}] in the components' measured units.
    c.json("component_limits"),
    c.number("period"),
    c.text("limit_type", length=12),
    c.flag("tres_billing_enabled", default=True),
    c.json("tres_billing_weights"),
    # Percent of the base allocation.
    c.number("carryover_factor"),
    c.exact("grace_ratio"),
    c.flag("carryover_enabled", default=True),
    c.flag("raw_usage_reset", default=True),
    c.text("qos_strategy", length=12),
    c.moment("fired_at"),
)

slurm_commands = Table(
    "slurm_commands",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.ref("policy_id", "slurm_policies.id", index=False),
    c.ref("resource_id", "resources.id"),
    c.moment("executed_at", nullable=False),
    c.text("command_type", length=50),
    c.text("description", default=""),
    c.text("shell_command", default=""),
    c.json("parameters"),
    c.text("execution_mode", length=10),
    c.flag("success"),
    c.text("error_message", default=""),
    Index("ix_slurm_commands_policy_id_executed_at", "policy_id", "executed_at"),
)
