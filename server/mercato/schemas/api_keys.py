"""Keys with which a resource is used: made by its agent, revealed to its customer, rotated on request."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing, Status

Secret = Annotated[str, Meta(min_length=1, max_length=4096)]
ClientId = Annotated[str, Meta(max_length=255)]


class KeyState(StrEnum):
    CREATING = "Creating"
    OK = "OK"
    UPDATING = "Updating"
    ERRED = "Erred"


class NewApiKey(Struct, kw_only=True):
    """What an agent has made at its backend. `client_id` is the public half."""

    resource: UUID
    client_id: Annotated[str, Meta(min_length=1, max_length=255)]
    api_key: Secret


class KeyAction(StrEnum):
    """What the agent still has to do with a key; empty when nothing."""

    NOTHING = ""
    ROTATE = "rotate"
    DELETE = "delete"


class ApiKeyStatus(Struct, kw_only=True):
    """Ours belong to the resource and not to a person, and have no bounds of their own: what would tell of that
    is null. `issued_at`: when its present secret came."""

    uuid: str
    resource_uuid: str
    resource_backend_id: str
    client_id: str
    state: str
    error_message: str
    modified: dt.datetime
    issued_at: dt.datetime | None = None
    pending_action: str
    user_uuid: str | None = None
    user_full_name: str | None = None
    limits: dict[str, int] | None = None
    allowed_models: list[str] | None = None
    current_usages: dict[str, float] | None = None
    usage_period: dt.date | None = None
    paused_by_limit: bool | None = None


class ApiKey(ApiKeyStatus, kw_only=True):
    """The same with the secret."""

    api_key: str


class ApiKeyQuery(ListQuery, kw_only=True):
    resource_uuid: UUID | UnsetType = UNSET
    offering_uuid: UUID | UnsetType = UNSET
    state: list[KeyState] | UnsetType = UNSET
    modified_before: dt.datetime | UnsetType = UNSET


class NewSecret(Struct, kw_only=True):
    """`client_id`: where the public half changes with the secret."""

    api_key: Secret
    client_id: ClientId = ""


class KeyProblem(Struct, kw_only=True):
    error_message: str = ""


_K = "/api/marketplace-resource-api-keys/"

API_KEYS = Endpoint("GET", _K, ApiKeyQuery, list[ApiKeyStatus], 200, "List keys of resources")
API_KEY = Endpoint("GET", _K + "{uuid}/", DetailQuery, ApiKeyStatus, 200, "Get a key of a resource")
REPORT_CREATED = Endpoint("POST", _K + "report_created/", NewApiKey, ApiKeyStatus, 201, "Report a new key")
SET_KEY = Endpoint("POST", _K + "{uuid}/set_key/", NewSecret, ApiKeyStatus, 200, "Report a rotated key")
SET_ERRED = Endpoint(
    "POST", _K + "{uuid}/set_erred/", KeyProblem, ApiKeyStatus, 200, "Report a failed rotation"
)
ROTATE = Endpoint("POST", _K + "{uuid}/rotate/", Nothing, Status, 202, "Ask for a new secret")
REVOKE = Endpoint("POST", _K + "{uuid}/revoke/", Nothing, Status, 202, "Ask for a key's removal")
REVEAL = Endpoint(
    "GET", _K + "{uuid}/reveal/", Nothing, ApiKey, 200, "Show the secret; the log notes who saw it"
)
FORGET = Endpoint("DELETE", _K + "{uuid}/", Nothing, Nothing, 204, "Forget a key that is gone at its backend")
