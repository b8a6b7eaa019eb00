"""Identity service domains (ISDs) that tell about people: who they are, and that they are no more."""

from __future__ import annotations

from datetime import date

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import Endpoint, Nothing
from mercato.schemas.identity import Gender


class BridgeUser(Struct, kw_only=True):
    """What an ISD (`source`, like `isd:puhuri`) knows about a person; what it does not name stays."""

    username: str
    source: str
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    organization: str | UnsetType = UNSET
    affiliations: list[str] | UnsetType = UNSET
    civil_number: str | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    identity_source: str | UnsetType = UNSET
    gender: Gender | UnsetType | None = UNSET
    personal_title: str | UnsetType = UNSET
    birth_date: date | UnsetType | None = UNSET
    place_of_birth: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    country_of_residence: str | UnsetType = UNSET
    nationality: str | UnsetType = UNSET
    nationalities: list[str] | UnsetType = UNSET
    organization_country: str | UnsetType = UNSET
    organization_type: str | UnsetType = UNSET
    eduperson_assurance: list[str] | UnsetType = UNSET


class BridgeResult(Struct, kw_only=True):
    uuid: str
    created: bool
    updated_fields: list[str]


class BridgeRemoval(Struct, kw_only=True):
    username: str
    source: str


class BridgeRemovalResult(Struct, kw_only=True):
    uuid: str
    deactivated: bool


class AllowedFields(Struct, kw_only=True):
    allowed_fields: list[str]


class EduteamsUser(Struct, kw_only=True):
    """A person by the identifier that eduTEAMS gives (CUID)."""

    cuid: str


class EduteamsResult(Struct, kw_only=True):
    uuid: str


_B = "/api/identity-bridge/"
BRIDGE = Endpoint("POST", _B, BridgeUser, BridgeResult, 200, "Tell about a person")
BRIDGE_REMOVE = Endpoint(
    "POST", _B + "remove/", BridgeRemoval, BridgeRemovalResult, 200, "Tell that a person is no more"
)
BRIDGE_FIELDS = Endpoint("GET", _B + "allowed-fields/", Nothing, AllowedFields, 200, "What may be told")
EDUTEAMS = Endpoint("POST", "/api/remote-eduteams/", EduteamsUser, EduteamsResult, 200, "Fetch a person")
