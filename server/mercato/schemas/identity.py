"""Who you are: users, signing in, tokens."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing

# What an offering may be allowed to see of the people who use it (contract §17, OfferingUserAttributeConfig).
ATTRIBUTES = (
    "full_name", "email", "username", "registration_method", "organization", "organization_country",
    "organization_type", "organization_registry_code", "organization_vat_code", "organization_address",
    "affiliations", "phone_number", "job_title", "gender", "personal_title", "place_of_birth", "address",
    "country_of_residence", "nationality", "nationalities", "eduperson_assurance", "identity_source",
    "civil_number", "birth_date", "active_isds", "uid_number", "primary_gid",
)  # fmt: skip


class SignIn(Struct, kw_only=True):
    username: str
    password: str


class Token(Struct, kw_only=True):
    token: str


class MyPermission(Struct, kw_only=True):
    """One role of mine."""

    uuid: str
    created: datetime
    expiration_time: datetime | None = None
    user_uuid: str
    role_name: str
    role_uuid: str
    role_description: str
    scope_type: str
    scope_uuid: str
    scope_name: str
    customer_uuid: str | UnsetType = UNSET
    customer_name: str | None = None


class User(Struct, kw_only=True):
    url: str
    uuid: str
    username: str
    slug: str
    email: str
    first_name: str
    last_name: str
    full_name: str
    native_name: str
    job_title: str
    organization: str
    phone_number: str
    description: str
    is_staff: bool
    is_support: bool
    is_active: bool
    date_joined: datetime
    agreement_date: datetime | None = None
    token_lifetime: int | None = None
    registration_method: str
    preferred_language: str
    has_usable_password: bool
    birth_date: date | None = None


class Me(User, kw_only=True):
    permissions: list[MyPermission]


class UserQuery(ListQuery, kw_only=True):
    username: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    full_name: str | UnsetType = UNSET
    is_active: list[bool] | UnsetType = UNSET
    is_staff: bool | UnsetType = UNSET
    is_support: bool | UnsetType = UNSET
    user_keyword: str | UnsetType = UNSET
    query: str | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET


class NewUser(Struct, kw_only=True):
    username: str
    email: str
    first_name: str = ""
    last_name: str = ""
    password: str | None = None
    is_staff: bool = False
    is_support: bool = False
    is_active: bool = True
    job_title: str = ""
    organization: str = ""
    phone_number: str = ""
    description: str = ""
    native_name: str = ""


class UserChange(Struct, kw_only=True):
    """Every field optional; `is_staff`, `is_support`, `is_active` by staff only."""

    email: str | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    job_title: str | UnsetType = UNSET
    organization: str | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    native_name: str | UnsetType = UNSET
    preferred_language: str | UnsetType = UNSET
    is_staff: bool | UnsetType = UNSET
    is_support: bool | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    token_lifetime: int | UnsetType | None = UNSET


class NewPassword(Struct, kw_only=True):
    new_password: str
    old_password: str = ""


class FirstAdministrator(Struct, kw_only=True):
    """The one-time code that the server printed, and the account to make with it."""

    code: str
    username: str
    password: str
    email: str = ""


PASSWORD = Endpoint("POST", "/api-auth/password/", SignIn, Token, 200, "Sign in with a local account")
LOGOUT = Endpoint("POST", "/api-auth/logout/", Nothing, Nothing, 204, "End this session")
FIRST_ADMINISTRATOR = Endpoint(
    "POST", "/api-auth/first-administrator/", FirstAdministrator, Token, 201,
    "Create the first administrator with the one-time code", own=True,
)  # fmt: skip
ME = Endpoint("GET", "/api/users/me/", DetailQuery, Me, summary="Who am I")
USERS = Endpoint("GET", "/api/users/", UserQuery, list[User], summary="List users")
USER = Endpoint("GET", "/api/users/{uuid}/", DetailQuery, User, summary="Get a user")
USER_CREATE = Endpoint("POST", "/api/users/", NewUser, User, 201, "Create a user")
USER_UPDATE = Endpoint("PATCH", "/api/users/{uuid}/", UserChange, User, summary="Change a user")
USER_DELETE = Endpoint("DELETE", "/api/users/{uuid}/", Nothing, Nothing, 204, "Remove a user")
USER_PASSWORD = Endpoint(
    "POST", "/api/users/{uuid}/change_password/", NewPassword, Nothing, 200, "Change a password"
)
