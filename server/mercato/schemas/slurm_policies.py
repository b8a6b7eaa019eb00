"""Policies of periodic SLURM limits: how much of an offering's components a period allows."""

from __future__ import annotations

import datetime as dt
from enum import IntEnum, StrEnum
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing


class Period(IntEnum):
    TOTAL = 1
    MONTH = 2
    QUARTER = 3
    YEAR = 4


class LimitType(StrEnum):
    GRP_TRES = "GrpTRES"
    GRP_TRES_MINS = "GrpTRESMins"
    MAX_TRES_MINS = "MaxTRESMins"


class QosStrategy(StrEnum):
    PROGRESSIVE = "progressive"
    THRESHOLD = "threshold"


class Mode(StrEnum):
    PRODUCTION = "production"
    EMULATOR = "emulator"


# What may be done when a bound is reached.
ACTIONS = ("notify_organization_owners", "notify_external_user", "request_downscaling", "request_pausing")
PERIOD_NAMES = {
    Period.TOTAL: "Total",
    Period.MONTH: "1 month",
    Period.QUARTER: "3 month",
    Period.YEAR: "12 month",
}

Whole = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class ComponentLimit(Struct, kw_only=True):
    """`limit` in the component's measured unit."""

    type: str
    limit: Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]


class NewPolicy(Struct, kw_only=True):
    """`scope` is the offering. `carryover_factor` in percent of the base allocation; `grace_ratio` 0.2 allows a
    fifth more than that."""

    scope: str
    actions: Annotated[str, Meta(min_length=1, max_length=255)]
    component_limits_set: list[ComponentLimit]
    options: dict[str, Any] = {}
    organization_groups: list[str] = []
    apply_to_all: bool = False
    period: Period = Period.QUARTER
    limit_type: LimitType = LimitType.GRP_TRES_MINS
    tres_billing_enabled: bool = True
    tres_billing_weights: dict[str, float] = {}
    carryover_factor: Whole = 50
    grace_ratio: Annotated[float, Meta(ge=0, le=100)] = 0.2
    carryover_enabled: bool = True
    raw_usage_reset: bool = True
    qos_strategy: QosStrategy = QosStrategy.THRESHOLD


class PolicyChange(Struct, kw_only=True):
    """The same, each of it only where it is another now."""

    scope: str | UnsetType = UNSET
    actions: Annotated[str, Meta(min_length=1, max_length=255)] | UnsetType = UNSET
    component_limits_set: list[ComponentLimit] | UnsetType = UNSET
    options: dict[str, Any] | UnsetType = UNSET
    organization_groups: list[str] | UnsetType = UNSET
    apply_to_all: bool | UnsetType = UNSET
    period: Period | UnsetType = UNSET
    limit_type: LimitType | UnsetType = UNSET
    tres_billing_enabled: bool | UnsetType = UNSET
    tres_billing_weights: dict[str, float] | UnsetType = UNSET
    carryover_factor: Whole | UnsetType = UNSET
    grace_ratio: Annotated[float, Meta(ge=0, le=100)] | UnsetType = UNSET
    carryover_enabled: bool | UnsetType = UNSET
    raw_usage_reset: bool | UnsetType = UNSET
    qos_strategy: QosStrategy | UnsetType = UNSET


class Policy(Struct, kw_only=True):
    """`fired_datetime`: of a policy that has not fired, when it was made (clients need a moment)."""

    uuid: str
    url: str
    scope: str
    scope_name: str
    scope_uuid: str
    actions: str
    created: dt.datetime
    created_by_full_name: str | None
    created_by_username: str | None
    has_fired: bool
    fired_datetime: dt.datetime
    affected_resources_count: int
    component_limits_set: list[ComponentLimit]
    period_name: str
    warnings: list[str]
    options: dict[str, Any]
    organization_groups: list[str]
    apply_to_all: bool
    period: int
    limit_type: str
    tres_billing_enabled: bool
    tres_billing_weights: dict[str, float]
    carryover_factor: int
    grace_ratio: float
    carryover_enabled: bool
    raw_usage_reset: bool
    qos_strategy: str


class PolicyQuery(ListQuery, kw_only=True):
    scope: str | UnsetType = UNSET
    scope_uuid: UUID | UnsetType = UNSET


class CommandResult(Struct, kw_only=True):
    """What an agent did on a policy's behalf at the account of a resource."""

    resource_uuid: UUID
    success: bool
    error_message: str = ""
    mode: Mode = Mode.PRODUCTION
    commands_executed: list[str] = []


class Command(Struct, kw_only=True):
    uuid: str
    command_type: str
    description: str
    shell_command: str
    executed_at: dt.datetime
    parameters: dict[str, Any]
    execution_mode: str
    success: bool
    error_message: str


_P = "/api/marketplace-slurm-periodic-usage-policies/"

POLICIES = Endpoint("GET", _P, PolicyQuery, list[Policy], 200, "List policies of periodic SLURM limits")
POLICY = Endpoint("GET", _P + "{uuid}/", DetailQuery, Policy, 200, "Get a policy of periodic SLURM limits")
POLICY_CREATE = Endpoint("POST", _P, NewPolicy, Policy, 201, "Make a policy of periodic SLURM limits")
POLICY_REPLACE = Endpoint("PUT", _P + "{uuid}/", NewPolicy, Policy, 200, "Make a policy anew")
POLICY_CHANGE = Endpoint("PATCH", _P + "{uuid}/", PolicyChange, Policy, 200, "Change a policy")
POLICY_DELETE = Endpoint("DELETE", _P + "{uuid}/", Nothing, Nothing, 204, "Remove a policy")
POLICY_ACTIONS = Endpoint("GET", _P + "actions/", DetailQuery, list[str], 200, "What policies can do")
REPORT_COMMAND = Endpoint(
    "POST", _P + "{uuid}/report-command-result/", CommandResult, Nothing, 200, "Report what an agent ran"
)
COMMANDS = Endpoint(
    "GET", _P + "{uuid}/command-history/", ListQuery, list[Command], 200, "List what agents ran"
)
