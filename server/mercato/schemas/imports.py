"""What runs at a provider's backend without being known here, and how it becomes resources."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing, Status
from mercato.schemas.resources import Resource


class RequestState(StrEnum):
    SENT = "Sent"
    PROCESSING = "Processing"
    DONE = "Done"
    ERRED = "Erred"


class NewBackendRequest(Struct, kw_only=True):
    """Asks the offering's agent to look for what it can import."""

    offering: UUID


class BackendRequest(Struct, kw_only=True):
    url: str
    uuid: str
    created: dt.datetime
    modified: dt.datetime
    started: dt.datetime | None
    finished: dt.datetime | None
    state: str
    offering: str
    offering_name: str
    offering_url: str
    error_message: str
    error_traceback: str


class BackendRequestQuery(ListQuery, kw_only=True):
    offering_uuid: UUID | UnsetType = UNSET
    state: list[RequestState] | UnsetType = UNSET
    created: dt.datetime | UnsetType = UNSET
    created_before: dt.datetime | UnsetType = UNSET
    modified: dt.datetime | UnsetType = UNSET
    modified_before: dt.datetime | UnsetType = UNSET
    started: dt.datetime | UnsetType = UNSET
    finished: dt.datetime | UnsetType = UNSET


class BackendProblem(Struct, kw_only=True):
    error_message: str = ""
    error_traceback: str = ""


class NewBackendResource(Struct, kw_only=True):
    """`backend_metadata` may tell the `limits` that hold at the backend, by component."""

    name: Annotated[str, Meta(min_length=1, max_length=150)]
    project: UUID
    offering: UUID
    backend_id: Annotated[str, Meta(max_length=255)] = ""
    backend_metadata: dict[str, Any] = {}


class BackendResource(Struct, kw_only=True):
    url: str
    uuid: str
    name: str
    created: dt.datetime
    modified: dt.datetime
    project: str
    project_name: str
    project_url: str
    offering: str
    offering_name: str
    offering_url: str
    backend_id: str
    backend_metadata: dict[str, Any]


class BackendResourceQuery(ListQuery, kw_only=True):
    name: str | UnsetType = UNSET
    name_exact: str | UnsetType = UNSET
    backend_id: str | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET
    offering_uuid: UUID | UnsetType = UNSET
    created: dt.datetime | UnsetType = UNSET
    created_before: dt.datetime | UnsetType = UNSET
    modified: dt.datetime | UnsetType = UNSET
    modified_before: dt.datetime | UnsetType = UNSET


class ImportWish(Struct, kw_only=True):
    """`plan`: which of the offering's; without one its only one."""

    plan: UUID | None = None


class ImportableResource(Struct, kw_only=True):
    backend_id: str
    name: str
    type: str
    description: str


_Q = "/api/backend-resource-requests/"
_B = "/api/backend-resources/"
_O = "/api/marketplace-provider-offerings/{uuid}/"

REQUESTS = Endpoint(
    "GET", _Q, BackendRequestQuery, list[BackendRequest], 200, "List requests to look for resources"
)
REQUEST = Endpoint("GET", _Q + "{uuid}/", DetailQuery, BackendRequest, 200, "Get a request to look")
REQUEST_CREATE = Endpoint(
    "POST", _Q, NewBackendRequest, BackendRequest, 201, "Ask the agent to look for resources"
)
REQUEST_START = Endpoint("POST", _Q + "{uuid}/start_processing/", Nothing, Status, 200, "Begin to look")
REQUEST_DONE = Endpoint(
    "POST", _Q + "{uuid}/set_done/", Nothing, Status, 200, "Report that all was looked at"
)
REQUEST_ERRED = Endpoint(
    "POST", _Q + "{uuid}/set_erred/", BackendProblem, Status, 200, "Report a failure to look"
)
FOUND = Endpoint("GET", _B, BackendResourceQuery, list[BackendResource], 200, "List what backends have")
FOUND_ONE = Endpoint("GET", _B + "{uuid}/", DetailQuery, BackendResource, 200, "Get what a backend has")
FOUND_CREATE = Endpoint("POST", _B, NewBackendResource, BackendResource, 201, "Report what a backend has")
FOUND_DELETE = Endpoint("DELETE", _B + "{uuid}/", Nothing, Nothing, 204, "Forget what a backend has")
FOUND_IMPORT = Endpoint(
    "POST", _B + "{uuid}/import_resource/", ImportWish, Resource, 201, "Make a resource of what a backend has"
)
IMPORTABLE = Endpoint(
    "GET",
    _O + "importable_resources/",
    ListQuery,
    list[ImportableResource],
    200,
    "List what could be imported",
)
