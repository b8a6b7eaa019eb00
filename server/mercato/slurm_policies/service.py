"""What providers decide about periodic limits, and what agents report about them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import delete, insert, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.catalog import queries as catalog
from mercato.kernel.db import Tx
from mercato.kernel.errors import NotFound, invalid
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.resources import queries as resources
from mercato.schemas.access import Scope
from mercato.schemas.facts import SlurmPolicyChanged
from mercato.schemas.permissions import Permission as P
from mercato.schemas.slurm_policies import ACTIONS, CommandResult, NewPolicy, PolicyChange
from mercato.slurm_policies import queries
from mercato.slurm_policies.tables import slurm_commands, slurm_policies

MOST_COMMANDS = 200


def _must(tx: Tx, actor: Actor, uuid: str) -> Any:
    row = queries.policy_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    scopes = [(Scope.OFFERING, row.offering_id), (Scope.CUSTOMER, row.provider_id)]
    access.must(tx.conn, actor, P.OFFERING_UPDATE, scopes, tx.now)
    return row


def _tell(tx: Tx, uuid: str, offering: str, event: str, message: str) -> None:
    tx.emit(SlurmPolicyChanged(object=uuid, offering=offering), event=event, message=message)


def _offering(tx: Tx, actor: Actor, link: str) -> Any:
    row = catalog.offering_row(tx.conn, uuid_of_link(link) or "")
    if row is None:
        raise invalid("scope", "Offering is not found.", code="unknown_offering")
    access.must(tx.conn, actor, P.OFFERING_UPDATE, catalog.offering_scopes(row), tx.now)
    return row


def create(tx: Tx, actor: Actor, data: NewPolicy) -> str:
    offering = _offering(tx, actor, data.scope)
    made = new_uuid()
    values = _checked(tx, offering.id, msgspec.structs.asdict(data), {})
    fixed = {"uuid": made, "created": tx.now, "created_by_id": actor.id, "offering_id": offering.id}
    tx.conn.execute(insert(slurm_policies), {**values, **fixed})
    message = f"A policy of periodic limits of {offering.name} has been made."
    _tell(tx, made, offering.uuid, "slurm_policy_created", message)
    return made


def change(tx: Tx, actor: Actor, uuid: str, data: NewPolicy | PolicyChange) -> str:
    """Make it what is given; a policy stays with its offering."""
    row = _must(tx, actor, uuid)
    given = {k: v for k, v in msgspec.structs.asdict(data).items() if v is not msgspec.UNSET}
    if "scope" in given and uuid_of_link(given["scope"]) != row.offering_uuid:
        raise invalid("scope", "A policy stays with its offering.", code="other_offering")
    values = _checked(tx, row.offering_id, given, row._mapping)
    if values:
        tx.conn.execute(update(slurm_policies).where(slurm_policies.c.id == row.id), values)
    message = f"A policy of periodic limits of {row.offering_name} has been changed."
    _tell(tx, uuid, row.offering_uuid, "slurm_policy_updated", message)
    return uuid


def remove(tx: Tx, actor: Actor, uuid: str) -> None:
    row = _must(tx, actor, uuid)
    tx.conn.execute(delete(slurm_commands).where(slurm_commands.c.policy_id == row.id))
    tx.conn.execute(delete(slurm_policies).where(slurm_policies.c.id == row.id))
    message = f"A policy of periodic limits of {row.offering_name} has been removed."
    _tell(tx, uuid, row.offering_uuid, "slurm_policy_deleted", message)


def _checked(tx: Tx, offering_id: int, given: dict[str, Any], before: Any) -> dict[str, Any]:
    """The columns that the fields mean, or 400 naming the wrong field."""
    values = {k: v for k, v in given.items() if k not in ("scope", "component_limits_set")}
    unknown = [name for name in _words(given.get("actions", "")) if name not in ACTIONS]
    if unknown or ("actions" in given and not _words(given["actions"])):
        message = f"Unknown: {', '.join(unknown)}. Known are: {', '.join(ACTIONS)}."
        raise invalid("actions", message, code="unknown_action")
    to_all = given.get("apply_to_all", before.get("apply_to_all", False))
    if to_all and given.get("organization_groups", before.get("organization_groups", [])):
        message = "A policy applies to all organizations or to those of some groups, not to both."
        raise invalid("apply_to_all", message, code="all_or_some")
    if "component_limits_set" in given:
        limits = given["component_limits_set"]
        known = {c.type for c in catalog.components_of(tx.conn, offering_id)}
        wrong = sorted({limit.type for limit in limits} - known)
        if wrong:
            raise invalid("component_limits_set", f"Unknown: {', '.join(wrong)}.", code="unknown_component")
        values["component_limits"] = msgspec.to_builtins(limits)
    if "grace_ratio" in values:
        values["grace_ratio"] = Decimal(str(values["grace_ratio"]))
    return {k: getattr(v, "value", v) for k, v in values.items()}


def _words(actions: str) -> list[str]:
    return [word.strip() for word in actions.split(",") if word.strip()]


def report(tx: Tx, actor: Actor, uuid: str, data: CommandResult) -> None:
    """What an agent ran for a resource, and how it went: one line for each command."""
    row = _must(tx, actor, uuid)
    resource = resources.resource_row(tx.conn, data.resource_uuid.hex)
    if resource is None or resource.offering_id != row.offering_id:
        raise invalid("resource_uuid", "The policy's offering has no such resource.", code="unknown_resource")
    if len(data.commands_executed) > MOST_COMMANDS:
        raise invalid("commands_executed", f"At most {MOST_COMMANDS} at once.", code="too_many")
    how = "applied" if data.success else "not applied"
    common = {
        "policy_id": row.id,
        "resource_id": resource.id,
        "executed_at": tx.now,
        "description": f"Periodic limits of {resource.name} {how}",
        "parameters": {"resource_uuid": resource.uuid},
        "execution_mode": data.mode.value,
        "success": data.success,
        "error_message": data.error_message,
    }
    ran = data.commands_executed or [""]
    rows = [
        {**common, "uuid": new_uuid(), "shell_command": command, "command_type": _kind(command)}
        for command in ran
    ]
    tx.conn.execute(insert(slurm_commands), rows)
    trouble = f": {data.error_message}" if data.error_message else ""
    message = f"Periodic limits of {resource.name} were {how}{trouble}."
    _tell(tx, uuid, row.offering_uuid, "slurm_policy_command_reported", message)


def _kind(command: str) -> str:
    """fairshare, limits, qos or reset_usage, by what the command says."""
    words = command.lower()
    for mark, kind in (("fairshare", "fairshare"), ("rawusage", "reset_usage"), ("qos", "qos")):
        if mark in words:
            return kind
    return "limits"
