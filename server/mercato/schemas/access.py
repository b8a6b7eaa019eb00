"""Who may do what where: roles, grants, team members."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import Detail, DetailQuery, Endpoint, ListQuery, Nothing


class Scope(StrEnum):
    """Where a role holds (contract §3.1, `content_type` of a role)."""

    CUSTOMER = "customer"
    PROJECT = "project"
    OFFERING = "offering"
    SERVICE_PROVIDER = "service_provider"
    CALL_ORGANIZER = "call_organizer"
    CALL = "call"
    PROPOSAL = "proposal"
    RESOURCE = "resource"
    RESOURCE_PROJECT = "resource_project"


class RoleName(StrEnum):
    CUSTOMER_OWNER = "CUSTOMER.OWNER"
    CUSTOMER_MANAGER = "CUSTOMER.MANAGER"
    CUSTOMER_SUPPORT = "CUSTOMER.SUPPORT"
    PROJECT_ADMIN = "PROJECT.ADMIN"
    PROJECT_MANAGER = "PROJECT.MANAGER"
    PROJECT_MEMBER = "PROJECT.MEMBER"
    OFFERING_MANAGER = "OFFERING.MANAGER"


class Role(Struct, kw_only=True):
    uuid: str
    name: str
    description: str
    content_type: str
    permissions: list[str]
    is_system_role: bool
    is_active: bool
    users_count: int


class RoleQuery(ListQuery, kw_only=True):
    uuid: list[UUID] | UnsetType = UNSET
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    content_type: str | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    is_system_role: bool | UnsetType = UNSET
    query: str | UnsetType = UNSET


class NewRole(Struct, kw_only=True):
    """A role with what it allows; `content_type` is the kind of scope in which it holds."""

    name: str
    permissions: list[str] | dict[str, Any]
    """Names; Waldur's client can only send an object: the names that it says true of."""
    content_type: str
    description: str = ""
    is_active: bool = True


class RoleChange(Struct, kw_only=True):
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


class NewMember(Struct, kw_only=True):
    """Who gets which role; `role` is a name or a uuid, `expiration_time` the second it ends (exclusive)."""

    user: str
    role: str
    expiration_time: datetime | None = None


class Expiration(Struct, kw_only=True):
    expiration_time: datetime | None = None


class Member(Struct, kw_only=True):
    """One person's role in one scope (`list_users`)."""

    uuid: str
    created: datetime
    expiration_time: datetime | None = None
    role_name: str
    role_uuid: str
    user_email: str
    user_full_name: str
    user_username: str
    user_uuid: str
    created_by_full_name: str | None = None
    created_by_uuid: str | UnsetType = UNSET


class MemberQuery(ListQuery, kw_only=True):
    role: str | UnsetType = UNSET
    user: UUID | UnsetType = UNSET
    username: str | UnsetType = UNSET
    search_string: str | UnsetType = UNSET


class Grant(Struct, kw_only=True):
    """One person's role in one scope, seen from outside (`user-permissions`)."""

    uuid: str
    created: datetime
    expiration_time: datetime | None = None
    is_active: bool
    user_uuid: str
    user_name: str
    user_slug: str
    user_username: str
    user_email: str
    role_name: str
    role_description: str
    role_uuid: str
    scope_type: str
    scope_uuid: str
    scope_name: str
    customer_uuid: str | UnsetType = UNSET
    customer_name: str | None = None
    created_by_full_name: str | None = None
    created_by_username: str | None = None


class GrantQuery(ListQuery, kw_only=True):
    user: UUID | UnsetType = UNSET
    user_uuid: UUID | UnsetType = UNSET
    scope_type: str | UnsetType = UNSET
    scope_uuid: UUID | UnsetType = UNSET
    role_name: list[str] | UnsetType = UNSET
    role_uuid: UUID | UnsetType = UNSET
    username: str | UnsetType = UNSET


class NewGrant(Struct, kw_only=True):
    """A role for a person in a scope. The scope is a hyperlink, or a type and a uuid."""

    user: str
    role: str
    scope: str = ""
    scope_type: str = ""
    scope_uuid: str = ""
    expiration_time: datetime | None = None


class OfferingPermission(Struct, kw_only=True):
    """A role in an offering."""

    url: str
    pk: int
    created: datetime
    expiration_time: datetime | None = None
    created_by: str | None = None
    offering: str
    offering_uuid: str
    offering_slug: str
    offering_name: str
    role: str
    role_name: str
    user: str
    user_uuid: str
    user_full_name: str
    user_native_name: str
    user_username: str
    user_email: str


class OfferingPermissionQuery(ListQuery, kw_only=True):
    user: UUID | UnsetType = UNSET
    user_url: str | UnsetType = UNSET
    user_slug: str | UnsetType = UNSET
    username: str | UnsetType = UNSET
    full_name: str | UnsetType = UNSET
    native_name: str | UnsetType = UNSET
    offering: UUID | UnsetType = UNSET
    scope_uuid: UUID | UnsetType = UNSET
    scope_name: str | UnsetType = UNSET
    scope_type: str | UnsetType = UNSET
    customer: UUID | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    role_name: str | UnsetType = UNSET
    role_uuid: UUID | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    created: datetime | UnsetType = UNSET
    created_before: datetime | UnsetType = UNSET


ROLES = Endpoint("GET", "/api/roles/", RoleQuery, list[Role], summary="List roles")
ROLE = Endpoint("GET", "/api/roles/{uuid}/", DetailQuery, Role, summary="Get a role")
ROLE_CREATE = Endpoint("POST", "/api/roles/", NewRole, Role, 201, "Define a role")
ROLE_REPLACE = Endpoint("PUT", "/api/roles/{uuid}/", NewRole, Role, 200, "Define a role anew")
ROLE_UPDATE = Endpoint("PATCH", "/api/roles/{uuid}/", RoleChange, Role, 200, "Rename or describe a role")
ROLE_DELETE = Endpoint("DELETE", "/api/roles/{uuid}/", Nothing, Nothing, 204, "Remove a role")
ROLE_ENABLE = Endpoint("POST", "/api/roles/{uuid}/enable/", Nothing, Detail, 200, "Let a role be given")
ROLE_DISABLE = Endpoint("POST", "/api/roles/{uuid}/disable/", Nothing, Detail, 200, "Let a role give nothing")
GRANTS = Endpoint("GET", "/api/user-permissions/", GrantQuery, list[Grant], summary="List role grants")
GRANT = Endpoint("GET", "/api/user-permissions/{uuid}/", DetailQuery, Grant, summary="Get a role grant")
GRANT_CREATE = Endpoint(
    "POST", "/api/user-permissions/", NewGrant, Expiration, 201, "Give a person a role in a scope", own=True
)
GRANT_DELETE = Endpoint(
    "POST",
    "/api/user-permissions/delete_user/",
    NewGrant,
    Nothing,
    200,
    "Take a role from a person",
    own=True,
)


def member_endpoints(prefix: str, name: str) -> tuple[Endpoint, Endpoint, Endpoint, Endpoint]:  # type: ignore[type-arg]
    """list_users, add_user, update_user, delete_user under `prefix/{uuid}/`."""
    return (
        Endpoint(
            "GET", f"{prefix}{{uuid}}/list_users/", MemberQuery, list[Member], 200, f"List the team of {name}"
        ),
        Endpoint(
            "POST", f"{prefix}{{uuid}}/add_user/", NewMember, Expiration, 201, f"Add a person to {name}"
        ),
        Endpoint(
            "POST",
            f"{prefix}{{uuid}}/update_user/",
            NewMember,
            Expiration,
            200,
            f"Change a role's end in {name}",
        ),
        Endpoint(
            "POST", f"{prefix}{{uuid}}/delete_user/", NewMember, Nothing, 200, f"Remove a person from {name}"
        ),
    )


CUSTOMER_MEMBERS = member_endpoints("/api/customers/", "an organization")
PROJECT_MEMBERS = member_endpoints("/api/projects/", "a project")
OFFERING_MEMBERS = member_endpoints("/api/marketplace-provider-offerings/", "an offering")

_OP = "/api/marketplace-offering-permissions/"
_OL = "/api/marketplace-offering-permissions-log/"
_Q = OfferingPermissionQuery
OFFERING_GRANTS = Endpoint("GET", _OP, _Q, list[OfferingPermission], 200, "List roles in offerings")
OFFERING_GRANT = Endpoint(
    "GET", _OP + "{id}/", DetailQuery, OfferingPermission, 200, "Get a role in an offering"
)
OFFERING_GRANTS_EVER = Endpoint(
    "GET", _OL, _Q, list[OfferingPermission], 200, "List roles in offerings, also those that were"
)
OFFERING_GRANT_EVER = Endpoint(
    "GET", _OL + "{id}/", DetailQuery, OfferingPermission, 200, "Get a role that is or was in an offering"
)
