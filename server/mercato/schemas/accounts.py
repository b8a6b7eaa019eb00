"""People's accounts at offerings, and accounts that belong to projects (specification 004; contract §4.4, §16)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import Detail, DetailQuery, Endpoint, ListQuery, Nothing, Status
from mercato.schemas.identity import ATTRIBUTES


class AccountState(StrEnum):
    """Where the making or removing of an account stands (OfferingUserState on the wire)."""

    REQUESTED = "Requested"
    CREATING = "Creating"
    PENDING_ACCOUNT_LINKING = "Pending account linking"
    PENDING_ADDITIONAL_VALIDATION = "Pending additional validation"
    OK = "OK"
    DELETION_REQUESTED = "Requested deletion"
    DELETING = "Deleting"
    DELETED = "Deleted"
    ERROR_CREATING = "Error creating"
    ERROR_DELETING = "Error deleting"


class RuntimeState(StrEnum):
    """What a service that is in use still expects of the person."""

    ACTIVE = "Active"
    PENDING_ACCOUNT_LINKING = "Pending account linking"
    PENDING_ADDITIONAL_VALIDATION = "Pending additional validation"


class UsernamePolicy(StrEnum):
    """Who names the accounts of an offering (`plugin_options.username_generation_policy`)."""

    SERVICE_PROVIDER = "service_provider"
    ANONYMIZED = "anonymized"
    FULL_NAME = "full_name"
    WALDUR_USERNAME = "waldur_username"
    FREEIPA = "freeipa"
    IDENTITY_CLAIM = "identity_claim"


class OfferingUser(Struct, kw_only=True):
    """A person's account at an offering. Of the person it shows what the offering may see (`user_…`)."""

    url: str
    uuid: str
    user: str
    user_uuid: str
    offering: str
    offering_uuid: str
    offering_name: str
    customer_uuid: str
    customer_name: str
    username: str
    created: datetime
    modified: datetime
    state: str
    runtime_state: str
    is_restricted: bool
    service_provider_comment: str
    service_provider_comment_url: str
    has_consent: bool
    requires_reconsent: bool
    offering_has_active_tos: bool
    consent_data: dict[str, str] | None = None
    is_profile_complete: bool
    missing_profile_attributes: list[str]
    user_username: str | UnsetType = UNSET
    user_full_name: str | UnsetType = UNSET
    user_first_name: str | UnsetType = UNSET
    user_last_name: str | UnsetType = UNSET
    user_email: str | UnsetType = UNSET
    user_phone_number: str | UnsetType = UNSET
    user_organization: str | UnsetType = UNSET
    user_organization_country: str | UnsetType = UNSET
    user_organization_type: str | UnsetType = UNSET
    user_organization_registry_code: str | UnsetType = UNSET
    user_organization_vat_code: str | UnsetType = UNSET
    user_organization_address: str | UnsetType = UNSET
    user_job_title: str | UnsetType = UNSET
    user_affiliations: list[str] | UnsetType = UNSET
    user_gender: str | UnsetType = UNSET
    user_personal_title: str | UnsetType = UNSET
    user_place_of_birth: str | UnsetType = UNSET
    user_address: str | UnsetType = UNSET
    user_country_of_residence: str | UnsetType = UNSET
    user_nationality: str | UnsetType = UNSET
    user_nationalities: list[str] | UnsetType = UNSET
    user_eduperson_assurance: list[str] | UnsetType = UNSET
    user_identity_source: str | UnsetType = UNSET
    user_civil_number: str | UnsetType = UNSET
    user_birth_date: date | UnsetType = UNSET
    user_active_isds: list[str] | UnsetType = UNSET
    user_uid_number: int | UnsetType = UNSET
    user_primary_gid: int | UnsetType = UNSET


class OfferingUserQuery(ListQuery, kw_only=True):
    """Dates are inclusive. `provider_uuid` is a service provider's uuid or that of its organization."""

    uuid: list[UUID] | UnsetType = UNSET
    state: list[AccountState] | UnsetType = UNSET
    runtime_state: list[RuntimeState] | UnsetType = UNSET
    offering: str | UnsetType = UNSET
    offering_uuid: list[UUID] | UnsetType = UNSET
    offering_slug: list[str] | UnsetType = UNSET
    provider_uuid: UUID | UnsetType = UNSET
    user_uuid: UUID | UnsetType = UNSET
    user_username: str | UnsetType = UNSET
    is_restricted: bool | UnsetType = UNSET
    has_consent: bool | UnsetType = UNSET
    has_complete_profile: bool | UnsetType = UNSET
    offering_has_active_tos: bool | UnsetType = UNSET
    created: datetime | UnsetType = UNSET
    created_after: datetime | UnsetType = UNSET
    created_before: datetime | UnsetType = UNSET
    modified: datetime | UnsetType = UNSET
    modified_after: datetime | UnsetType = UNSET
    modified_before: datetime | UnsetType = UNSET
    query: str | UnsetType = UNSET


class NewOfferingUser(Struct, kw_only=True):
    """A person and an offering, each by hyperlink or uuid."""

    user: str = ""
    user_uuid: UUID | None = None
    offering: str = ""
    offering_uuid: UUID | None = None
    username: str | None = None


class OfferingUserChange(Struct, kw_only=True):
    """Person and offering of an account stay; clients that send the whole thing back may send them too."""

    username: str | UnsetType | None = UNSET


class NewResourceUser(Struct, kw_only=True):
    """Who gets an account at the offering of the resource."""

    user: str
    username: str | None = None


class Remark(Struct, kw_only=True):
    """What the person is asked to do, and where."""

    comment: str = ""
    comment_url: str = ""


class Comments(Struct, kw_only=True):
    service_provider_comment: str
    service_provider_comment_url: str


class CommentsChange(Struct, kw_only=True):
    service_provider_comment: str | UnsetType = UNSET
    service_provider_comment_url: str | UnsetType = UNSET


class Restriction(Struct, kw_only=True):
    is_restricted: bool


class NewRuntimeState(Struct, kw_only=True):
    runtime_state: RuntimeState
    service_provider_comment: str | UnsetType = UNSET
    service_provider_comment_url: str | UnsetType = UNSET


class ProviderUsername(Struct, kw_only=True):
    """One person's name at all offerings of a provider that the person uses."""

    user_uuid: UUID
    username: str


class TeamMember(Struct, kw_only=True):
    """Somebody with a role in a resource's project, and their account at its offering (ProjectUser)."""

    url: str
    uuid: str
    username: str
    full_name: str
    email: str
    role: str
    expiration_time: datetime | None = None
    offering_user_username: str | None = None
    offering_user_state: str | None = None
    has_consent: bool


class TeamQuery(Struct, kw_only=True):
    has_consent: bool | UnsetType = UNSET


class _Exposed(Struct, kw_only=True):
    uuid: str
    created: datetime
    modified: datetime
    offering_uuid: str
    offering_name: str
    is_default: bool
    exposed_fields: list[str]


AttributeConfig = msgspec.defstruct(
    "AttributeConfig", [(f"expose_{name}", bool) for name in ATTRIBUTES], bases=(_Exposed,), kw_only=True
)
"""Which attributes of its users an offering sees."""
AttributeConfigChange: Any = msgspec.defstruct(
    "AttributeConfigChange",
    [(f"expose_{name}", bool | UnsetType, UNSET) for name in ATTRIBUTES],
    kw_only=True,
)
"""Every field optional; what is not named stays."""


class Consent(Struct, kw_only=True):
    """Somebody's agreement to an offering's terms of service (UserOfferingConsent)."""

    uuid: str
    user_uuid: str
    user_username: str
    user_full_name: str
    user_email: str
    offering_uuid: str
    offering_name: str
    offering_slug: str
    offering_url: str
    created: datetime
    modified: datetime
    agreement_date: datetime
    revocation_date: datetime | None = None
    version: str
    has_consent: bool
    requires_reconsent: bool
    collected_attributes: list[str]


class ConsentQuery(ListQuery, kw_only=True):
    uuid: list[UUID] | UnsetType = UNSET
    user: str | UnsetType = UNSET
    user_uuid: UUID | UnsetType = UNSET
    offering: str | UnsetType = UNSET
    offering_uuid: UUID | UnsetType = UNSET
    version: str | UnsetType = UNSET
    has_consent: bool | UnsetType = UNSET
    requires_reconsent: bool | UnsetType = UNSET


class NewConsent(Struct, kw_only=True):
    offering: str


class ConsentGiven(Struct, kw_only=True):
    uuid: str
    offering: str


_U = "/api/marketplace-offering-users/"
_PO = "/api/marketplace-provider-offerings/"
_SP = "/api/marketplace-service-providers/"
_CO = "/api/marketplace-user-offering-consents/"

OFFERING_USERS = Endpoint("GET", _U, OfferingUserQuery, list[OfferingUser], 200, "List accounts at offerings")
OFFERING_USER = Endpoint("GET", _U + "{uuid}/", DetailQuery, OfferingUser, 200, "Get an account")
OFFERING_USER_CREATE = Endpoint("POST", _U, NewOfferingUser, OfferingUser, 201, "Request an account")
OFFERING_USER_UPDATE = Endpoint(
    "PATCH", _U + "{uuid}/", OfferingUserChange, OfferingUser, 200, "Name an account"
)
OFFERING_USER_REPLACE = Endpoint(
    "PUT", _U + "{uuid}/", OfferingUserChange, OfferingUser, 200, "Name an account"
)
OFFERING_USER_DELETE = Endpoint("DELETE", _U + "{uuid}/", Nothing, Nothing, 204, "Forget an account")
RESOURCE_USER_CREATE = Endpoint(
    "POST", "/api/marketplace-resources/{uuid}/create_user/", NewResourceUser, OfferingUser, 201,
    "Request an account at the offering of a resource", own=True,
)  # fmt: skip


def _move(action: str, summary: str, takes: type = Nothing) -> Endpoint[Any, Detail]:
    return Endpoint("POST", f"{_U}{{uuid}}/{action}/", takes, Detail, 200, summary)


MOVES = (
    _move("begin_creating", "Begin to make an account, or try again"),
    _move("set_ok", "Report an account usable"),
    _move("set_pending_account_linking", "Ask the person to link an account", Remark),
    _move("set_pending_additional_validation", "Ask the person for more", Remark),
    _move("set_validation_complete", "Report that the person did as asked"),
    _move("set_error_creating", "Report that an account could not be made"),
    _move("request_deletion", "Request the deletion of an account"),
    _move("set_deleting", "Begin to delete an account, or try again"),
    _move("set_deleted", "Report an account deleted"),
    _move("set_error_deleting", "Report that an account could not be deleted"),
)
UPDATE_COMMENTS = Endpoint(
    "PATCH", _U + "{uuid}/update_comments/", CommentsChange, Comments, 200, "Change what the person is told"
)
UPDATE_RESTRICTED = Endpoint(
    "POST", _U + "{uuid}/update_restricted/", Restriction, Detail, 200, "Restrict an account, or no longer"
)
UPDATE_RUNTIME_STATE = Endpoint(
    "POST", _U + "{uuid}/update_runtime_state/", NewRuntimeState, Detail, 200, "Report what is still expected"
)
SET_OFFERINGS_USERNAME = Endpoint(
    "POST", _SP + "{uuid}/set_offerings_username/", ProviderUsername, Detail, 201,
    "Name a person's accounts at all offerings of a provider",
)  # fmt: skip
REFRESH_USERNAMES = Endpoint(
    "POST",
    _PO + "{uuid}/refresh_offering_usernames/",
    Nothing,
    Status,
    200,
    "Name accounts that have no name",
)
TEAM = Endpoint(
    "GET", "/api/marketplace-resources/{uuid}/team/", TeamQuery, list[TeamMember], 200, "Who uses a resource"
)
PROVIDER_TEAM = Endpoint(
    "GET", "/api/marketplace-provider-resources/{uuid}/team/", TeamQuery, list[TeamMember], 200,
    "Who uses a resource of my offering",
)  # fmt: skip
ATTRIBUTE_CONFIG = Endpoint(
    "GET", _PO + "{uuid}/user-attribute-config/", Nothing, AttributeConfig, 200,
    "Which attributes of its users an offering sees",
)  # fmt: skip
ATTRIBUTE_CONFIG_CHANGES = tuple(
    Endpoint(
        method, _PO + "{uuid}/update-user-attribute-config/", AttributeConfigChange, AttributeConfig, 200,
        "Choose which attributes of its users an offering sees",
    )
    for method in ("POST", "PUT", "PATCH")
)  # fmt: skip
ATTRIBUTE_CONFIG_DELETE = Endpoint(
    "DELETE", _PO + "{uuid}/delete-user-attribute-config/", Nothing, Nothing, 204,
    "Let an offering see the usual attributes",
)  # fmt: skip
CONSENTS = Endpoint("GET", _CO, ConsentQuery, list[Consent], 200, "List agreements to terms of service")
CONSENT = Endpoint("GET", _CO + "{uuid}/", DetailQuery, Consent, 200, "Get an agreement")
CONSENT_CREATE = Endpoint(
    "POST", _CO, NewConsent, ConsentGiven, 201, "Agree to an offering's terms of service"
)
CONSENT_REVOKE = Endpoint("POST", _CO + "{uuid}/revoke/", Nothing, Consent, 200, "Revoke an agreement")
