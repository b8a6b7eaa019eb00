"""How policies and what agents ran for them are listed: for the offering's provider."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, case, column, exists, func, literal_column, select, table

from mercato.access import queries as access
from mercato.catalog.tables import offerings
from mercato.identity.tables import users
from mercato.kernel.columns import Json
from mercato.kernel.filters import equals, linked
from mercato.kernel.listing import Listing, numeric
from mercato.kernel.wiresql import link
from mercato.resources.tables import resources
from mercato.schemas.resources import ResourceState
from mercato.schemas.slurm_policies import PERIOD_NAMES, Command, Policy
from mercato.slurm_policies.tables import slurm_commands, slurm_policies

_queues = table("event_queues", column("id"), column("offering_id"))
_DEAF = "'[\"No site agent of the offering has registered an event queue: nobody would apply the limits.\"]'"


def provided(kind: str) -> ColumnElement[bool] | None:
    if kind == access.EVERYTHING:
        return None
    return access.provides(offerings.c.id, offerings.c.customer_id)


_affected = (
    select(func.count())
    .where(
        resources.c.offering_id == slurm_policies.c.offering_id,
        resources.c.state != ResourceState.TERMINATED.value,
    )
    .correlate(slurm_policies)
    .scalar_subquery()
)
_heard = exists().where(_queues.c.offering_id == slurm_policies.c.offering_id).correlate(slurm_policies)
_source = slurm_policies.join(offerings, offerings.c.id == slurm_policies.c.offering_id).outerjoin(
    users, users.c.id == slurm_policies.c.created_by_id
)
_COLUMNS: dict[str, Any] = {
    "url": link("/api/marketplace-slurm-periodic-usage-policies/{}/", slurm_policies.c.uuid),
    "scope": link("/api/marketplace-provider-offerings/{}/", offerings.c.uuid),
    "scope_name": offerings.c.name,
    "scope_uuid": offerings.c.uuid,
    "created_by_full_name": users.c.full_name,
    "created_by_username": users.c.username,
    "has_fired": slurm_policies.c.fired_at.is_not(None),
    "fired_datetime": func.coalesce(slurm_policies.c.fired_at, slurm_policies.c.created),
    "affected_resources_count": _affected.cast(Integer),
    "component_limits_set": slurm_policies.c.component_limits,
    "period_name": case(
        *((slurm_policies.c.period == period.value, name) for period, name in PERIOD_NAMES.items()), else_=""
    ),
    "warnings": case((_heard, literal_column("'[]'", Json())), else_=literal_column(_DEAF, Json())),
    "grace_ratio": numeric(slurm_policies.c.grace_ratio),
    **{
        name: slurm_policies.c[name]
        for name in (
            "uuid", "actions", "created", "options", "organization_groups", "apply_to_all", "period", "limit_type",
            "tres_billing_enabled", "tres_billing_weights", "carryover_factor", "carryover_enabled",
            "raw_usage_reset", "qos_strategy",
        )
    },
}  # fmt: skip

POLICIES = Listing(
    Policy,
    table=slurm_policies,
    source=_source,
    visible=provided,
    columns=_COLUMNS,
    filters={
        "uuid": equals(slurm_policies.c.uuid),
        "scope": linked(offerings.c.uuid),
        "scope_uuid": equals(offerings.c.uuid),
    },
)

COMMANDS = Listing(
    Command,
    table=slurm_commands,
    source=slurm_commands.join(slurm_policies, slurm_policies.c.id == slurm_commands.c.policy_id).join(
        offerings, offerings.c.id == slurm_policies.c.offering_id
    ),
    visible=provided,
    columns={
        name: slurm_commands.c[name]
        for name in (
            "uuid", "command_type", "description", "shell_command", "executed_at", "parameters", "execution_mode",
            "success", "error_message",
        )
    },
    filters={"policy": equals(slurm_policies.c.uuid)},
    order={"executed_at": slurm_commands.c.executed_at},
    default_order=("-executed_at",),
)  # fmt: skip
