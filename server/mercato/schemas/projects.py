"""Accounts that belong to projects: of programs (service accounts) and of a course's participants (contract §16)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing


class ServiceAccountState(StrEnum):
    OK = "OK"
    CLOSED = "Closed"
    ERRED = "Erred"


class CourseAccountState(StrEnum):
    PENDING = "Pending"
    OK = "OK"
    CLOSED = "Closed"
    ERRED = "Erred"


class ServiceAccount(Struct, kw_only=True):
    """A program's name in a project (ProjectServiceAccount). It has no key here: what it may use is decided
    where it is used, so `token` and `expires_at` are null."""

    url: str
    uuid: str
    created: datetime
    modified: datetime
    username: str
    preferred_identifier: str
    email: str
    description: str
    state: str
    error_message: str
    error_traceback: str
    token: str | None = None
    expires_at: datetime | None = None
    project: str
    project_uuid: str
    project_name: str
    customer_uuid: str
    customer_name: str
    customer_abbreviation: str


class ServiceAccountQuery(ListQuery, kw_only=True):
    uuid: list[UUID] | UnsetType = UNSET
    username: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    state: list[ServiceAccountState] | UnsetType = UNSET
    project: str | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET


class NewServiceAccount(Struct, kw_only=True):
    """Without a username it is named after the preferred identifier."""

    project: str
    username: str = ""
    preferred_identifier: str = ""
    email: str = ""
    description: str = ""


class ServiceAccountChange(Struct, kw_only=True):
    email: str | UnsetType = UNSET
    description: str | UnsetType = UNSET


class CourseAccount(Struct, kw_only=True):
    """Somebody who takes part in a course for as long as its project lasts."""

    url: str
    uuid: str
    created: datetime
    modified: datetime
    username: str
    user_uuid: str
    email: str
    description: str
    state: str
    error_message: str
    error_traceback: str
    project: str
    project_uuid: str
    project_name: str
    project_slug: str
    project_start_date: date | None = None
    project_end_date: date | None = None
    customer_uuid: str
    customer_name: str


class CourseAccountQuery(ListQuery, kw_only=True):
    uuid: list[UUID] | UnsetType = UNSET
    username: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    state: list[CourseAccountState] | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET
    project_start_date_after: date | UnsetType = UNSET
    project_start_date_before: date | UnsetType = UNSET
    project_end_date_after: date | UnsetType = UNSET
    project_end_date_before: date | UnsetType = UNSET


class Participant(Struct, kw_only=True):
    email: str = ""
    description: str = ""


class NewCourseAccount(Participant, kw_only=True):
    project: str


class NewCourseAccounts(Struct, kw_only=True):
    """A whole class at once."""

    project: str
    course_accounts: list[Participant]


_S, _C = "/api/marketplace-project-service-accounts/", "/api/marketplace-course-accounts/"
_O = "/api/marketplace-provider-offerings/{uuid}/"

SERVICE_ACCOUNTS = Endpoint(
    "GET", _S, ServiceAccountQuery, list[ServiceAccount], 200, "List service accounts"
)
SERVICE_ACCOUNT = Endpoint("GET", _S + "{uuid}/", DetailQuery, ServiceAccount, 200, "Get a service account")
SERVICE_ACCOUNT_CREATE = Endpoint(
    "POST", _S, NewServiceAccount, ServiceAccount, 201, "Make a service account"
)
SERVICE_ACCOUNT_UPDATE = Endpoint(
    "PATCH", _S + "{uuid}/", ServiceAccountChange, ServiceAccount, 200, "Describe a service account"
)
SERVICE_ACCOUNT_REPLACE = Endpoint(
    "PUT", _S + "{uuid}/", ServiceAccountChange, ServiceAccount, 200, "Describe a service account"
)
SERVICE_ACCOUNT_DELETE = Endpoint("DELETE", _S + "{uuid}/", Nothing, Nothing, 204, "Close a service account")
COURSE_ACCOUNTS = Endpoint("GET", _C, CourseAccountQuery, list[CourseAccount], 200, "List course accounts")
COURSE_ACCOUNT = Endpoint("GET", _C + "{uuid}/", DetailQuery, CourseAccount, 200, "Get a course account")
COURSE_ACCOUNT_CREATE = Endpoint("POST", _C, NewCourseAccount, CourseAccount, 201, "Let somebody take part")
COURSE_ACCOUNTS_CREATE = Endpoint(
    "POST", _C + "create_bulk/", NewCourseAccounts, list[CourseAccount], 200, "Let a class take part"
)
COURSE_ACCOUNT_DELETE = Endpoint("DELETE", _C + "{uuid}/", Nothing, Nothing, 204, "Close a course account")
OFFERING_SERVICE_ACCOUNTS = Endpoint(
    "GET", _O + "list_project_service_accounts/", ServiceAccountQuery, list[ServiceAccount], 200,
    "List the service accounts of the projects that use an offering",
)  # fmt: skip
OFFERING_COURSE_ACCOUNTS = Endpoint(
    "GET", _O + "list_course_accounts/", CourseAccountQuery, list[CourseAccount], 200,
    "List the course accounts of the projects that use an offering",
)  # fmt: skip
