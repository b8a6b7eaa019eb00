"""Roles and what they may do by default (contract §3.4, with the specification's decisions)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from mercato.schemas.access import RoleName, Scope
from mercato.schemas.permissions import Permission as P

PUBLIC: Final = "public"
SIGNED_IN: Final = "signed in"
STAFF: Final = "staff"
STAFF_OR_SUPPORT: Final = "staff or support"


class Limits(NamedTuple):
    """What a personal access token may at most, whatever its owner may."""

    token: int
    scopes: frozenset[str]
    """The permissions that it may use."""
    places: frozenset[tuple[str, int]]
    """Where it may use them, as (scope type, id); empty means wherever its owner may."""
    staff: bool
    """Its owner is staff: within its scopes it may act everywhere."""

    def allow(self, permission: P, scopes: Iterable[tuple[Scope, int]]) -> bool:
        """Whether the token may use the permission on any of these scopes."""
        if permission.value not in self.scopes:
            return False
        return not self.places or any((scope.value, number) in self.places for scope, number in scopes)


class Actor(NamedTuple):
    """Who acts. Anonymous has id 0. Staff may do everything; support sees everything."""

    id: int
    uuid: str
    username: str
    full_name: str
    is_staff: bool
    is_support: bool
    token_id: int
    limits: Limits | None = None
    """Set when a personal access token speaks for the person."""

    @property
    def signed_in(self) -> bool:
        return self.id != 0


ANONYMOUS: Final = Actor(0, "", "", "", is_staff=False, is_support=False, token_id=0)


class DefaultRole(NamedTuple):
    name: RoleName
    scope: Scope
    description: str
    permissions: frozenset[P]


def _of(prefix: str, *names: str) -> frozenset[P]:
    return frozenset(P(f"{prefix}.{name}") for name in names)


_OFFERING_WORK = _of(
    "OFFERING", "UPDATE", "UPDATE_ATTRIBUTES", "UPDATE_LOCATION", "UPDATE_DESCRIPTION", "UPDATE_OPTIONS",
    "UPDATE_INTEGRATION", "ADD_ENDPOINT", "DELETE_ENDPOINT", "UPDATE_COMPONENTS", "PAUSE", "UNPAUSE",
    "ARCHIVE", "DRY_RUN_SCRIPT", "MANAGE_BACKEND_RESOURCES",
)  # fmt: skip
_OFFERING_OWNERSHIP = _OFFERING_WORK | _of(
    "OFFERING", "CREATE", "DELETE", "UPDATE_THUMBNAIL", "MANAGE_CAMPAIGN", "MANAGE_USER_GROUP", "CREATE_PLAN",
    "UPDATE_PLAN", "ARCHIVE_PLAN", "CREATE_SCREENSHOT", "UPDATE_SCREENSHOT", "DELETE_SCREENSHOT",
    "CREATE_USER", "UPDATE_USER", "DELETE_USER",
)  # fmt: skip
_PROVIDER_RESOURCE = _of(
    "RESOURCE", "SET_END_DATE", "SET_BACKEND_ID", "SET_BACKEND_METADATA", "SET_STATE", "ACCEPT_BOOKING_REQUEST",
    "REJECT_BOOKING_REQUEST", "SUBMIT_REPORT", "CREATE_ROBOT_ACCOUNT", "UPDATE_ROBOT_ACCOUNT",
    "DELETE_ROBOT_ACCOUNT", "CONSUMPTION_LIMITATION",
)  # fmt: skip
_PROVIDER_DESK = _of(
    "SERVICE_PROVIDER", "GET_API_SECRET_CODE", "GENERATE_API_SECRET_CODE", "LIST_CUSTOMERS",
    "LIST_CUSTOMER_PROJECTS", "LIST_PROJECTS", "LIST_PROJECT_PERMISSIONS", "LIST_KEYS", "LIST_USERS",
    "LIST_USER_CUSTOMERS", "SET_OFFERINGS_USERNAME", "GET_STATISTICS", "GET_REVENUE",
    "GET_ROBOT_ACCOUNT_CUSTOMERS", "GET_ROBOT_ACCOUNT_PROJECTS",
)  # fmt: skip
# What the specification gives every provider role beyond Waldur's defaults.
_PROVIDER_REVIEW = frozenset({P.ORDER_APPROVE, P.ORDER_REJECT, P.RESOURCE_SET_USAGE, P.OFFERING_UPDATE_USER})
_PROJECT_WORK = _of("ORDER", "APPROVE_PRIVATE", "DESTROY", "CANCEL", "LIST", "CREATE", "SET_CONSUMER_INFO") | _of(
    "RESOURCE", "LIST", "TERMINATE", "LIST_IMPORTABLE", "SET_PLAN", "SET_LIMITS", "UPDATE", "MANAGE_API_KEY"
) | _of("PROJECT", "LIST", "CREATE_PERMISSION", "UPDATE_PERMISSION", "DELETE_PERMISSION", "UPDATE") | {
    P.INVITATION_LIST, P.PROJECT_COURSE_ACCOUNT_MANAGE
}  # fmt: skip
_OWNER = (
    _OFFERING_OWNERSHIP
    | _PROVIDER_RESOURCE
    | _PROVIDER_DESK
    | _PROVIDER_REVIEW
    | _PROJECT_WORK
    | _of("OFFERING", "MANAGE_USER_ROLE", "CREATE_PERMISSION", "UPDATE_PERMISSION", "DELETE_PERMISSION")
    | _of("OFFERING", "ACCEPT_CALL_REQUEST")
    | _of("RESOURCE", "MANAGE_USERS", "UPDATE_OPTIONS")
    | _of("PROJECT", "CREATE", "DELETE")
    | _of("CUSTOMER", "UPDATE", "LIST_PERMISSION_REVIEWS", "LIST_USERS")
    | _of("CUSTOMER", "CREATE_PERMISSION", "UPDATE_PERMISSION", "DELETE_PERMISSION")
    | _of("CALL", "APPROVE_AND_REJECT_PROPOSALS", "CLOSE_ROUNDS")
    | _of("ACCESS_SUBNET", "CREATE", "UPDATE", "DELETE")
    | {P.OFFERINGUSER_UPDATE_RESTRICTION, P.SERVICE_PROVIDER_REGISTER, P.SERVICE_ACCOUNT_MANAGE}
)
_MANAGER = (
    _OFFERING_OWNERSHIP
    | _PROVIDER_RESOURCE
    | _PROVIDER_DESK
    | _PROVIDER_REVIEW
    | {
        P.OFFERINGUSER_UPDATE_RESTRICTION,
        P.SERVICE_ACCOUNT_MANAGE,
        P.SERVICE_PROVIDER_OPENSTACK_IMAGE_MANAGEMENT,
    }
)
_OFFERING_MANAGER = (
    _OFFERING_WORK
    | _PROVIDER_REVIEW
    | _of("OFFERING", "ACCEPT_CALL_REQUEST")
    | _of("RESOURCE", "SET_BACKEND_ID", "SET_BACKEND_METADATA", "SET_STATE")
    | _of("RESOURCE", "ACCEPT_BOOKING_REQUEST", "REJECT_BOOKING_REQUEST")
)

DEFAULT_ROLES: Final = (
    DefaultRole(RoleName.CUSTOMER_OWNER, Scope.CUSTOMER, "Full control of an organization", _OWNER),
    DefaultRole(RoleName.CUSTOMER_MANAGER, Scope.CUSTOMER, "Manages an organization's services", _MANAGER),
    DefaultRole(
        RoleName.CUSTOMER_SUPPORT,
        Scope.CUSTOMER,
        "Reads everything of an organization",
        _of("CUSTOMER", "LIST_USERS"),
    ),
    DefaultRole(RoleName.PROJECT_ADMIN, Scope.PROJECT, "Full control of a project", _PROJECT_WORK),
    DefaultRole(RoleName.PROJECT_MANAGER, Scope.PROJECT, "Requests resources for a project", _PROJECT_WORK),
    DefaultRole(
        RoleName.PROJECT_MEMBER, Scope.PROJECT, "Uses a project", frozenset({P.RESOURCE_LIST, P.PROJECT_LIST})
    ),
    DefaultRole(RoleName.OFFERING_MANAGER, Scope.OFFERING, "Manages one offering", _OFFERING_MANAGER),
)

# The permission that giving, changing or ending a role in a scope needs (contract §3.2).
_MEMBER_PERMISSION: Final = {
    (scope, verb): P(f"{scope.value.upper()}.{verb}_PERMISSION")
    for scope in (Scope.CUSTOMER, Scope.PROJECT, Scope.OFFERING)
    for verb in ("CREATE", "UPDATE", "DELETE")
}


def member_permission(scope: Scope, verb: str) -> P:
    """`verb` is CREATE, UPDATE or DELETE."""
    return _MEMBER_PERMISSION[scope, verb]


def unheld(needed: Iterable[P]) -> set[P]:
    """The permissions that no default role holds: only staff can do what needs them."""
    held = frozenset[P]().union(*(role.permissions for role in DEFAULT_ROLES))
    return set(needed) - held
