"""Who you are: users, signing in, tokens."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
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


class Gender(StrEnum):
    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


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
    notifications_enabled: bool
    # Only for oneself, staff and support.
    affiliations: list[str] | UnsetType = UNSET
    birth_date: date | UnsetType = UNSET
    civil_number: str | UnsetType = UNSET
    gender: Gender | UnsetType = UNSET
    personal_title: str | UnsetType = UNSET
    place_of_birth: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    country_of_residence: str | UnsetType = UNSET
    nationality: str | UnsetType = UNSET
    nationalities: list[str] | UnsetType = UNSET
    organization_country: str | UnsetType = UNSET
    organization_type: str | UnsetType = UNSET
    organization_registry_code: str | UnsetType = UNSET
    organization_vat_code: str | UnsetType = UNSET
    organization_address: str | UnsetType = UNSET
    eduperson_assurance: list[str] | UnsetType = UNSET
    identity_source: str | UnsetType = UNSET
    uid_number: int | UnsetType = UNSET
    primary_gid: int | UnsetType = UNSET
    is_identity_manager: bool | UnsetType = UNSET
    can_use_personal_access_tokens: bool | UnsetType = UNSET
    attribute_sources: dict[str, Any] | UnsetType = UNSET
    active_isds: list[str] | UnsetType = UNSET
    managed_isds: list[str] | UnsetType = UNSET
    deactivation_reason: str | UnsetType = UNSET
    is_admin_deactivated: bool | UnsetType = UNSET


class Me(User, kw_only=True):
    permissions: list[MyPermission]


class UserQuery(ListQuery, kw_only=True):
    uuid: list[UUID] | UnsetType = UNSET
    username: str | UnsetType = UNSET
    username_list: str | UnsetType = UNSET
    """Usernames, separated by commas."""
    native_name: str | UnsetType = UNSET
    job_title: str | UnsetType = UNSET
    organization: str | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    registration_method: str | UnsetType = UNSET
    civil_number: str | UnsetType = UNSET
    agreement_date: datetime | UnsetType = UNSET
    date_joined: datetime | UnsetType = UNSET
    modified: datetime | UnsetType = UNSET
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
    preferred_language: str = ""
    notifications_enabled: bool = True
    birth_date: date | None = None
    gender: Gender | None = None
    personal_title: str = ""
    place_of_birth: str = ""
    address: str = ""
    country_of_residence: str = ""
    nationality: str = ""
    nationalities: list[str] = []
    organization_country: str = ""
    organization_type: str = ""
    organization_registry_code: str = ""
    organization_vat_code: str = ""
    organization_address: str = ""
    affiliations: list[str] = []
    eduperson_assurance: list[str] = []
    is_identity_manager: bool = False
    can_use_personal_access_tokens: bool = True
    managed_isds: list[str] = []


class UserChange(Struct, kw_only=True):
    """Every field optional. What identity providers vouch for, flags and lifetimes are changed by staff only."""

    username: str | UnsetType = UNSET
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
    agree_with_policy: bool | UnsetType = UNSET
    notifications_enabled: bool | UnsetType = UNSET
    birth_date: date | UnsetType | None = UNSET
    gender: Gender | UnsetType | None = UNSET
    personal_title: str | UnsetType = UNSET
    place_of_birth: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    country_of_residence: str | UnsetType = UNSET
    nationality: str | UnsetType = UNSET
    nationalities: list[str] | UnsetType = UNSET
    organization_country: str | UnsetType = UNSET
    organization_type: str | UnsetType = UNSET
    organization_registry_code: str | UnsetType = UNSET
    organization_vat_code: str | UnsetType = UNSET
    organization_address: str | UnsetType = UNSET
    affiliations: list[str] | UnsetType = UNSET
    eduperson_assurance: list[str] | UnsetType = UNSET
    is_identity_manager: bool | UnsetType = UNSET
    can_use_personal_access_tokens: bool | UnsetType = UNSET
    managed_isds: list[str] | UnsetType = UNSET
    deactivation_reason: str | UnsetType = UNSET


class UserReplacement(UserChange, kw_only=True):
    """What PUT takes: username and email, and whatever else is to be changed."""

    username: str
    email: str


class NewPassword(Struct, kw_only=True):
    new_password: str
    old_password: str = ""


class FirstAdministrator(Struct, kw_only=True):
    """The one-time code that the server printed, and the account to make with it."""

    code: str
    username: str
    password: str
    email: str = ""


class SshKey(Struct, kw_only=True):
    """A person's public key. Fingerprints are written as OpenSSH writes them."""

    url: str
    uuid: str
    name: str
    type: str
    public_key: str
    fingerprint_md5: str
    fingerprint_sha256: str
    fingerprint_sha512: str
    user_uuid: str
    is_shared: bool


class SshKeyQuery(ListQuery, kw_only=True):
    uuid: list[UUID] | UnsetType = UNSET
    name: str | UnsetType = UNSET
    name_exact: str | UnsetType = UNSET
    fingerprint_md5: str | UnsetType = UNSET
    fingerprint_sha256: str | UnsetType = UNSET
    fingerprint_sha512: str | UnsetType = UNSET
    user_uuid: UUID | UnsetType = UNSET
    is_shared: bool | UnsetType = UNSET
    created: datetime | UnsetType = UNSET
    created_before: datetime | UnsetType = UNSET
    modified: datetime | UnsetType = UNSET
    modified_before: datetime | UnsetType = UNSET


class NewSshKey(Struct, kw_only=True):
    """`type base64 comment` in one line; without a name it is named after the comment."""

    public_key: str
    name: str = ""


class Place(Struct, kw_only=True):
    """An organization, project or offering to which a token is bound."""

    type: str
    uuid: str | None = None
    name: str | None = None


class PlaceRef(Struct, kw_only=True):
    type: str
    uuid: str


class PersonalToken(Struct, kw_only=True):
    """A key for programs. A token that was never used shows its creation as its last use."""

    uuid: str
    name: str
    token_prefix: str
    scopes: list[str]
    allowed_scopes: list[Place]
    allowed_networks: list[str]
    expires_at: datetime
    is_active: bool
    last_used_at: datetime
    last_used_ip: str
    use_count: int
    created: datetime


class NewPersonalToken(Struct, kw_only=True):
    """`scopes` are permissions; `allowed_scopes` are places (none: everywhere), `allowed_networks` networks
    as `10.0.0.0/8` or single addresses (none: anywhere)."""

    name: str
    scopes: list[str]
    expires_at: datetime
    allowed_scopes: list[PlaceRef] = []
    allowed_networks: list[str] = []


class PersonalTokenMade(Struct, kw_only=True):
    """The only time that the key is shown."""

    uuid: str
    name: str
    token: str
    scopes: list[str]
    allowed_scopes: list[Place]
    allowed_networks: list[str]
    expires_at: datetime
    created: datetime


class Networks(Struct, kw_only=True):
    allowed_networks: list[str]


class AvailableScope(Struct, kw_only=True):
    """A permission that I can give to a token."""

    permission: str
    description: str


class BindingTarget(Struct, kw_only=True):
    """A permission, and the kinds of places to which a token with it can be bound."""

    permission: str
    types: list[str]


class AuthToken(Struct, kw_only=True):
    """The latest session or key of a person."""

    url: str
    created: datetime
    user: str
    user_first_name: str
    user_last_name: str
    user_username: str
    user_is_active: bool
    user_token_lifetime: int | None = None


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
USER_REPLACE = Endpoint("PUT", "/api/users/{uuid}/", UserReplacement, User, summary="Replace a user")
USER_DELETE = Endpoint("DELETE", "/api/users/{uuid}/", Nothing, Nothing, 204, "Remove a user")
USER_PASSWORD = Endpoint(
    "POST", "/api/users/{uuid}/change_password/", NewPassword, Nothing, 200, "Change a password"
)

_K, _T, _A = "/api/keys/", "/api/personal-access-tokens/", "/api/auth-tokens/"
KEYS = Endpoint("GET", _K, SshKeyQuery, list[SshKey], 200, "List SSH keys")
KEY = Endpoint("GET", _K + "{uuid}/", DetailQuery, SshKey, 200, "Get an SSH key")
KEY_CREATE = Endpoint("POST", _K, NewSshKey, SshKey, 201, "Add an SSH key")
KEY_DELETE = Endpoint("DELETE", _K + "{uuid}/", Nothing, Nothing, 204, "Remove an SSH key")
TOKENS = Endpoint("GET", _T, ListQuery, list[PersonalToken], 200, "List my personal access tokens")
TOKEN = Endpoint("GET", _T + "{uuid}/", DetailQuery, PersonalToken, 200, "Get a personal access token")
TOKEN_CREATE = Endpoint("POST", _T, NewPersonalToken, PersonalTokenMade, 201, "Make a personal access token")
TOKEN_DELETE = Endpoint("DELETE", _T + "{uuid}/", Nothing, Nothing, 204, "Revoke a personal access token")
TOKEN_ROTATE = Endpoint(
    "POST", _T + "{uuid}/rotate/", Nothing, PersonalTokenMade, 201, "Replace the key of a token"
)
TOKEN_NETWORKS = Endpoint(
    "POST", _T + "{uuid}/set_network_acl/", Networks, PersonalToken, 200, "Say from where a token may be used"
)
AVAILABLE_SCOPES = Endpoint(
    "GET", _T + "available_scopes/", Nothing, list[AvailableScope], 200, "What a token of mine can be for"
)
BINDING_TARGETS = Endpoint(
    "GET", _T + "available_binding_targets/", Nothing, list[BindingTarget], 200,
    "To what a token of mine can be bound",
)  # fmt: skip
AUTH_TOKENS = Endpoint("GET", _A, ListQuery, list[AuthToken], 200, "List everybody's sessions")
AUTH_TOKEN = Endpoint("GET", _A + "{user_id}/", DetailQuery, AuthToken, 200, "Get somebody's session")
AUTH_TOKEN_DELETE = Endpoint("DELETE", _A + "{user_id}/", Nothing, Nothing, 204, "End somebody's sessions")
