"""Robot accounts: names under which programs work at a resource, made by its provider."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing
from mercato.schemas.identity import SshKey
from mercato.schemas.tenants import NameUuid

AccountType = Annotated[str, Meta(min_length=1, max_length=5)]
AccountName = Annotated[str, Meta(max_length=32)]
# Keys and people of one account.
Keys = Annotated[list[str], Meta(max_length=50)]
People = Annotated[list[str], Meta(max_length=200)]


class RobotState(StrEnum):
    REQUESTED = "Requested"
    CREATING = "Creating"
    OK = "OK"
    DELETION_REQUESTED = "Requested deletion"
    DELETED = "Deleted"
    ERROR = "Error"


class StateChoice(StrEnum):
    """A state by its name, or by the number under which clients know it."""

    ONE = "1"
    TWO = "2"
    THREE = "3"
    FOUR = "4"
    FIVE = "5"
    SIX = "6"
    REQUESTED = "Requested"
    CREATING = "Creating"
    OK = "OK"
    DELETION_REQUESTED = "Requested deletion"
    DELETED = "Deleted"
    ERROR = "Error"


# The numbers count the states in this order, from 1.
BY_NUMBER = {str(i): state.value for i, state in enumerate(RobotState, 1)}


class Fingerprint(Struct, kw_only=True):
    """Of one key."""

    md5: str
    sha256: str
    sha512: str


class BasicUser(Struct, kw_only=True):
    url: str
    uuid: str
    username: str
    full_name: str
    native_name: str
    email: str
    image: str | None = None


class _Account(Struct, kw_only=True):
    url: str
    uuid: str
    created: dt.datetime
    modified: dt.datetime
    resource: str
    type: str
    username: str
    description: str
    state: str
    error_message: str
    error_traceback: str
    backend_id: str
    keys: list[str]
    fingerprints: list[Fingerprint]


class RobotAccount(_Account, kw_only=True):
    """As whoever makes or changes it gets it back; people by their hyperlinks."""

    users: list[str]
    responsible_user: str | None = None


class RobotAccountDetails(_Account, kw_only=True):
    """`keys` are the program's own; `user_keys` those of the people behind it."""

    users: list[BasicUser]
    user_keys: list[SshKey]
    responsible_user: BasicUser | None = None
    resource_uuid: str
    resource_name: str
    project_uuid: str
    project_name: str
    customer_uuid: str
    customer_name: str
    provider_uuid: str
    provider_name: str
    offering_plugin_options: dict[str, Any]


class RobotAccountQuery(ListQuery, kw_only=True):
    resource: str | UnsetType = UNSET
    resource_uuid: UUID | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    provider_uuid: UUID | UnsetType = UNSET
    responsible_user_uuid: UUID | UnsetType = UNSET
    state: list[StateChoice] | UnsetType = UNSET
    type: str | UnsetType = UNSET
    username: str | UnsetType = UNSET
    user_email: str | UnsetType = UNSET
    created: dt.datetime | UnsetType = UNSET
    created_before: dt.datetime | UnsetType = UNSET
    modified: dt.datetime | UnsetType = UNSET
    modified_before: dt.datetime | UnsetType = UNSET


class NewRobotAccount(Struct, kw_only=True):
    """`users`: hyperlinks of people who have access to the resource's project."""

    resource: str
    type: AccountType
    username: AccountName = ""
    description: str = ""
    users: People = []
    keys: Keys = []
    responsible_user: str | None = None


class RobotAccountChange(Struct, kw_only=True):
    """An account stays at its resource."""

    resource: str | UnsetType = UNSET
    type: AccountType | UnsetType = UNSET
    username: AccountName | UnsetType = UNSET
    description: str | UnsetType = UNSET
    users: People | UnsetType = UNSET
    keys: Keys | UnsetType = UNSET
    responsible_user: str | UnsetType | None = UNSET


class RobotProblem(Struct, kw_only=True):
    error_message: str = ""


class CustomerNames(ListQuery, kw_only=True):
    customer_name: str | UnsetType = UNSET


class ProjectNames(ListQuery, kw_only=True):
    project_name: str | UnsetType = UNSET


_R = "/api/marketplace-robot-accounts/"
_ONE = _R + "{uuid}/"
_P = "/api/marketplace-service-providers/{uuid}/"
_Details = RobotAccountDetails

ROBOT_ACCOUNTS = Endpoint("GET", _R, RobotAccountQuery, list[_Details], 200, "List robot accounts")
ROBOT_ACCOUNT = Endpoint("GET", _ONE, DetailQuery, _Details, 200, "Get a robot account")
ROBOT_ACCOUNT_CREATE = Endpoint("POST", _R, NewRobotAccount, RobotAccount, 201, "Ask for a robot account")
ROBOT_ACCOUNT_REPLACE = Endpoint("PUT", _ONE, NewRobotAccount, RobotAccount, 200, "Replace a robot account")
ROBOT_ACCOUNT_UPDATE = Endpoint(
    "PATCH", _ONE, RobotAccountChange, RobotAccount, 200, "Change a robot account"
)
ROBOT_ACCOUNT_DELETE = Endpoint("DELETE", _ONE, Nothing, Nothing, 204, "Forget a robot account")
SET_CREATING = Endpoint("POST", _ONE + "set_state_creating/", Nothing, _Details, 200, "It is being made")
SET_OK = Endpoint("POST", _ONE + "set_state_ok/", Nothing, _Details, 200, "It can be used")
SET_GOING = Endpoint("POST", _ONE + "set_state_request_deletion/", Nothing, _Details, 200, "It shall go")
SET_DELETED = Endpoint("POST", _ONE + "set_state_deleted/", Nothing, _Details, 200, "It is gone")
SET_ERRED = Endpoint("POST", _ONE + "set_state_erred/", RobotProblem, _Details, 200, "Something went wrong")
PROVIDER_CUSTOMERS = Endpoint(
    "GET",
    _P + "robot_account_customers/",
    CustomerNames,
    list[NameUuid],
    200,
    "Who has robot accounts with me",
)
PROVIDER_PROJECTS = Endpoint(
    "GET", _P + "robot_account_projects/", ProjectNames, list[NameUuid], 200, "Where they have them"
)
