"""What is done to projects besides describing them: types, moves, recovery, changes for others to take over."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing, Status
from mercato.schemas.tenants import Project


class ProjectType(Struct, kw_only=True):
    url: str
    uuid: str
    name: str
    description: str


class ProjectTypeQuery(ListQuery, kw_only=True):
    name: str | UnsetType = UNSET
    name_exact: str | UnsetType = UNSET


class NewProjectType(Struct, kw_only=True):
    name: str
    description: str = ""


class ProjectTypeChange(Struct, kw_only=True):
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET


class ProjectMove(Struct, kw_only=True):
    """To which organization, and whether the project's people keep their roles in it."""

    customer: str
    preserve_permissions: bool


class ProjectRecovery(Struct, kw_only=True):
    """Who was in the project when it was removed gets their roles back only if staff say so."""

    restore_team_members: bool = False
    send_invitations_to_previous_members: bool = False
    end_date: date | UnsetType | None = UNSET


class ReviewState(StrEnum):
    """Where a request for review stands (RemoteProjectUpdateRequestStateEnum on the wire)."""

    DRAFT = "draft"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELED = "canceled"


class ProjectUpdate(Struct, kw_only=True):
    """What changed of a project that a provider keeps a copy of (RemoteProjectUpdateRequest). `reviewed_by_uuid` is
    all zeros until somebody has reviewed it."""

    uuid: str
    state: str
    created: datetime
    project_uuid: str
    project_name: str
    customer_uuid: str
    customer_name: str
    offering_uuid: str
    offering_name: str
    created_by: int | None = None
    reviewed_at: datetime | None = None
    reviewed_by_full_name: str
    reviewed_by_uuid: str
    review_comment: str | None = None
    old_name: str | UnsetType = UNSET
    new_name: str | UnsetType = UNSET
    old_description: str | UnsetType = UNSET
    new_description: str | UnsetType = UNSET
    old_end_date: str | None = None
    new_end_date: str | None = None
    old_oecd_fos_2007_code: str | None = None
    new_oecd_fos_2007_code: str | None = None
    old_oecd_fos_2007_label: str
    new_oecd_fos_2007_label: str
    old_is_industry: bool | None = None
    new_is_industry: bool | None = None


class ProjectUpdateQuery(ListQuery, kw_only=True):
    """`provider_uuid` is a service provider's uuid or that of its organization."""

    state: list[ReviewState] | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    offering_uuid: UUID | UnsetType = UNSET
    provider_uuid: UUID | UnsetType = UNSET


class ReviewComment(Struct, kw_only=True):
    comment: str = ""


_T, _P, _U = "/api/project-types/", "/api/projects/{uuid}/", "/api/marketplace-project-update-requests/"

TYPES = Endpoint("GET", _T, ProjectTypeQuery, list[ProjectType], 200, "List types of projects")
TYPE = Endpoint("GET", _T + "{uuid}/", DetailQuery, ProjectType, 200, "Get a type of projects")
TYPE_CREATE = Endpoint("POST", _T, NewProjectType, ProjectType, 201, "Add a type of projects", own=True)
TYPE_UPDATE = Endpoint(
    "PATCH", _T + "{uuid}/", ProjectTypeChange, ProjectType, 200, "Change a type of projects", own=True
)
TYPE_DELETE = Endpoint("DELETE", _T + "{uuid}/", Nothing, Nothing, 204, "Remove a type of projects", own=True)
MOVE = Endpoint("POST", _P + "move_project/", ProjectMove, Project, 200, "Give a project to an organization")
RECOVER = Endpoint("POST", _P + "recover/", ProjectRecovery, Project, 200, "Bring a removed project back")
UPDATES = Endpoint("GET", _U, ProjectUpdateQuery, list[ProjectUpdate], 200, "List changes to take over")
UPDATE = Endpoint("GET", _U + "{uuid}/", DetailQuery, ProjectUpdate, 200, "Get a change to take over")
UPDATE_APPROVE = Endpoint("POST", _U + "{uuid}/approve/", ReviewComment, Status, 200, "Take a change over")
UPDATE_REJECT = Endpoint("POST", _U + "{uuid}/reject/", ReviewComment, Status, 200, "Refuse a change")
