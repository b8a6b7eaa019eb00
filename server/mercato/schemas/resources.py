"""What was bought and is running."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing, Status
from mercato.schemas.catalog import Component, Link, NewLink
from mercato.schemas.orders import BackendId


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


class Resource(Struct, kw_only=True):
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
    offering_plugin_options: dict[str, Any]
    offering_components: list[Component]
    provider_name: str
    provider_uuid: str
    provider_slug: str
    category_title: str
    category_uuid: str
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
    end_date: date | None = None
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


class ResourceQuery(ListQuery, kw_only=True):
    name: str | UnsetType = UNSET
    name_exact: str | UnsetType = UNSET
    query: str | UnsetType = UNSET
    uuid: list[UUID] | UnsetType = UNSET
    slug: str | UnsetType = UNSET
    backend_id: str | UnsetType = UNSET
    state: list[ResourceState] | UnsetType = UNSET
    offering: UUID | UnsetType = UNSET
    offering_uuid: list[UUID] | UnsetType = UNSET
    offering_type: list[str] | UnsetType = UNSET
    category_uuid: UUID | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    provider_uuid: UUID | UnsetType = UNSET
    plan_uuid: UUID | UnsetType = UNSET
    created: datetime | UnsetType = UNSET
    modified: datetime | UnsetType = UNSET


class ResourceChange(Struct, kw_only=True):
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    end_date: date | UnsetType | None = UNSET


class BackendMetadata(Struct, kw_only=True):
    backend_metadata: dict[str, Any]


class Endpoints(Struct, kw_only=True):
    endpoints: list[NewLink]


class ProviderLimits(Struct, kw_only=True):
    limits: dict[str, int]


class EndDate(Struct, kw_only=True):
    end_date: date | None = None


class Problem(Struct, kw_only=True):
    error_message: str = ""
    error_traceback: str = ""


_C = "/api/marketplace-resources/"
_P = "/api/marketplace-provider-resources/"

RESOURCES = Endpoint("GET", _C, ResourceQuery, list[Resource], 200, "List resources")
RESOURCE = Endpoint("GET", _C + "{uuid}/", DetailQuery, Resource, 200, "Get a resource")
RESOURCE_UPDATE = Endpoint(
    "PATCH", _C + "{uuid}/", ResourceChange, Resource, 200, "Change name, description, end"
)
PROVIDER_RESOURCES = Endpoint("GET", _P, ResourceQuery, list[Resource], 200, "List resources of my offerings")
PROVIDER_RESOURCE = Endpoint(
    "GET", _P + "{uuid}/", DetailQuery, Resource, 200, "Get a resource of my offering"
)
SET_BACKEND_ID = Endpoint("POST", _P + "{uuid}/set_backend_id/", BackendId, Status, 200, "Set the backend id")
SET_BACKEND_ID_ALIAS = Endpoint(
    "POST", _C + "{uuid}/set_backend_id/", BackendId, Status, 200, "Set the backend id (alias)", own=True
)
SET_BACKEND_METADATA = Endpoint(
    "POST", _P + "{uuid}/set_backend_metadata/", BackendMetadata, Status, 200, "Set what the backend knows"
)
SET_ENDPOINTS = Endpoint("POST", _P + "{uuid}/set_endpoints/", Endpoints, Status, 200, "Set access endpoints")
SET_LIMITS = Endpoint("POST", _P + "{uuid}/set_limits/", ProviderLimits, Status, 200, "Report actual limits")
SET_OK = Endpoint("POST", _P + "{uuid}/set_as_ok/", Nothing, Nothing, 200, "Report a resource healthy")
SET_FAILED = Endpoint("POST", _P + "{uuid}/set_as_erred/", Problem, Nothing, 200, "Report a resource broken")
