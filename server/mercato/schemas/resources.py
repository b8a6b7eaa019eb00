"""What was bought and is running."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery
from mercato.schemas.catalog import Component, Link, Offering
from mercato.schemas.orders import OrderState


class ResourceState(StrEnum):
    CREATING = "Creating"
    OK = "OK"
    ERRED = "Erred"
    UPDATING = "Updating"
    TERMINATING = "Terminating"
    TERMINATED = "Terminated"


class OrderSketch(Struct, kw_only=True):
    """The order behind a resource, in short."""

    uuid: str
    type: str
    state: str
    created: datetime
    limits: dict[str, int]
    attributes: dict[str, Any]


class ReportSection(Struct, kw_only=True):
    """One part of what the provider has to say."""

    header: str
    body: str


class Resource(Struct, kw_only=True):
    """`available_actions` and `can_terminate` are for whoever asks; `username` is theirs on the service."""

    url: str
    uuid: str
    name: str
    slug: str
    description: str
    state: str
    created: datetime
    modified: datetime
    offering: str
    offering_uuid: str
    offering_name: str
    offering_slug: str
    offering_type: str
    offering_description: str
    offering_shared: bool
    offering_billable: bool
    offering_state: str
    offering_backend_id: str
    offering_plugin_options: dict[str, Any]
    offering_components: list[Component]
    provider_name: str
    provider_uuid: str
    provider_slug: str
    provider_description: str
    category_title: str
    category_uuid: str
    category_icon: str | None = None
    plan: str | None = None
    plan_uuid: str | None = None
    plan_name: str | None = None
    plan_unit: str | None = None
    plan_description: str | None = None
    project: str
    project_uuid: str
    project_name: str
    project_slug: str
    project_description: str
    project_end_date: date | None = None
    project_effective_end_date: date | None = None
    resource_effective_end_date: date | None = None
    customer_uuid: str
    customer_name: str
    customer_slug: str
    attributes: dict[str, Any]
    options: dict[str, Any] | None = None
    limits: dict[str, int]
    current_usages: dict[str, float]
    limit_usage: dict[str, float]
    backend_id: str
    effective_id: str
    backend_metadata: dict[str, Any]
    endpoints: list[Link]
    report: list[ReportSection] | UnsetType = UNSET
    username: str | None = None
    end_date: date | None = None
    end_date_requested_by: str | None = None
    end_date_updated_at: datetime | None = None
    paused: bool
    downscaled: bool
    restrict_member_access: bool
    is_usage_based: bool
    is_limit_based: bool
    error_message: str
    error_traceback: str
    last_sync: datetime | UnsetType = UNSET
    getting_started: str
    order_in_progress: OrderSketch | None = None
    creation_order: OrderSketch | None = None
    can_terminate: bool
    available_actions: list[str]


class ResourceQuery(ListQuery, kw_only=True):
    name: str | UnsetType = UNSET
    name_exact: str | UnsetType = UNSET
    query: str | UnsetType = UNSET
    uuid: list[UUID] | UnsetType = UNSET
    slug: str | UnsetType = UNSET
    backend_id: str | UnsetType = UNSET
    state: list[ResourceState] | UnsetType = UNSET
    order_state: list[OrderState] | UnsetType = UNSET
    runtime_state: str | UnsetType = UNSET
    offering: str | UnsetType = UNSET
    offering_uuid: list[UUID] | UnsetType = UNSET
    offering_slug: list[str] | UnsetType = UNSET
    offering_type: list[str] | UnsetType = UNSET
    offering_shared: bool | UnsetType = UNSET
    offering_billable: bool | UnsetType = UNSET
    category_uuid: UUID | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET
    project_name: str | UnsetType = UNSET
    customer: str | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    provider_uuid: UUID | UnsetType = UNSET
    service_manager_uuid: UUID | UnsetType = UNSET
    plan_uuid: UUID | UnsetType = UNSET
    created: datetime | UnsetType = UNSET
    created_before: datetime | UnsetType = UNSET
    modified: datetime | UnsetType = UNSET
    modified_before: datetime | UnsetType = UNSET
    paused: bool | UnsetType = UNSET
    downscaled: bool | UnsetType = UNSET
    restrict_member_access: bool | UnsetType = UNSET
    has_terminate_date: bool | UnsetType = UNSET
    usage_based: bool | UnsetType = UNSET
    limit_based: bool | UnsetType = UNSET
    only_usage_based: bool | UnsetType = UNSET
    only_limit_based: bool | UnsetType = UNSET
    component_count: float | UnsetType = UNSET
    limit_component_count: float | UnsetType = UNSET
    visible_to_username: str | UnsetType = UNSET


class ResourceChange(Struct, kw_only=True):
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    end_date: date | UnsetType | None = UNSET


class ResourceReplacement(ResourceChange, kw_only=True):
    """What PUT takes: a name, and whatever else is to be changed."""

    name: str


class PeriodUsage(Struct, kw_only=True):
    """What was reported of a component while a plan was in force."""

    uuid: str
    created: datetime
    type: str
    name: str
    measured_unit: str
    date: datetime
    description: str
    usage: str
    recurring: bool


class PlanPeriod(Struct, kw_only=True):
    """A stretch of a resource's life on one plan; `end` is absent while it lasts."""

    uuid: str
    plan_name: str
    plan_uuid: str
    start: datetime
    end: datetime | None = None
    components: list[PeriodUsage]


class BackendDetails(Struct, kw_only=True):
    """What the backend says about the resource itself."""

    backend_id: str
    effective_id: str
    backend_metadata: dict[str, Any]
    endpoints: list[Link]
    last_sync: datetime | UnsetType = UNSET
    error_message: str


_C = "/api/marketplace-resources/"
_P = "/api/marketplace-provider-resources/"

RESOURCES = Endpoint("GET", _C, ResourceQuery, list[Resource], 200, "List resources")
RESOURCE = Endpoint("GET", _C + "{uuid}/", DetailQuery, Resource, 200, "Get a resource")
RESOURCE_UPDATE = Endpoint(
    "PATCH", _C + "{uuid}/", ResourceChange, Resource, 200, "Change name, description, end"
)
RESOURCE_REPLACE = Endpoint(
    "PUT", _C + "{uuid}/", ResourceReplacement, Resource, 200, "Replace name, description, end"
)
PROVIDER_RESOURCES = Endpoint("GET", _P, ResourceQuery, list[Resource], 200, "List resources of my offerings")
PROVIDER_RESOURCE = Endpoint(
    "GET", _P + "{uuid}/", DetailQuery, Resource, 200, "Get a resource of my offering"
)
PROVIDER_RESOURCE_UPDATE = Endpoint(
    "PATCH", _P + "{uuid}/", ResourceChange, Resource, 200, "Change name, description, end (provider)"
)
PROVIDER_RESOURCE_REPLACE = Endpoint(
    "PUT", _P + "{uuid}/", ResourceReplacement, Resource, 200, "Replace name, description, end (provider)"
)
OFFERINGS_OF = tuple(
    Endpoint("GET", f"{at}{{uuid}}/offering/", DetailQuery, Offering, 200, "Get its offering, sold or not")
    for at in (_C, _P)
)
DETAILS_OF = tuple(
    Endpoint("GET", f"{at}{{uuid}}/details/", DetailQuery, BackendDetails, 200, "What the backend says of it")
    for at in (_C, _P)
)
PLAN_PERIODS_OF = tuple(
    Endpoint("GET", f"{at}{{uuid}}/plan_periods/", ListQuery, list[PlanPeriod], 200, "Its time on each plan")
    for at in (_C, _P)
)
