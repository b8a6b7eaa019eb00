"""Fields of science and their parts, as OECD's classification (FOS 2007) has them (contract §16)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing


class ScienceDomain(Struct, kw_only=True):
    """A field of science, with its code as OECD's classification (FOS 2007) has it."""

    url: str
    uuid: str
    name: str
    code: str
    created: datetime
    modified: datetime
    subdomains_count: int


class ScienceDomainQuery(ListQuery, kw_only=True):
    uuid: list[UUID] | UnsetType = UNSET
    name: str | UnsetType = UNSET
    name_exact: str | UnsetType = UNSET


class NewScienceDomain(Struct, kw_only=True):
    """Without a code it gets the next one."""

    name: str
    code: str = ""


class ScienceDomainChange(Struct, kw_only=True):
    name: str | UnsetType = UNSET
    code: str | UnsetType = UNSET


class ScienceSubDomain(Struct, kw_only=True):
    url: str
    uuid: str
    name: str
    code: str
    created: datetime
    modified: datetime
    domain: str
    domain_uuid: str
    domain_name: str
    domain_code: str
    projects_count: int


class ScienceSubDomainQuery(ListQuery, kw_only=True):
    uuid: list[UUID] | UnsetType = UNSET
    name: str | UnsetType = UNSET
    name_exact: str | UnsetType = UNSET
    domain_uuid: UUID | UnsetType = UNSET
    domain_name: str | UnsetType = UNSET


class NewScienceSubDomain(Struct, kw_only=True):
    """`domain` is a hyperlink or a uuid; without a code it gets the next one of its domain."""

    name: str
    domain: str
    code: str = ""


class ScienceSubDomainChange(Struct, kw_only=True):
    name: str | UnsetType = UNSET
    code: str | UnsetType = UNSET


_D, _F = "/api/science-domains/", "/api/science-sub-domains/"
DOMAINS = Endpoint("GET", _D, ScienceDomainQuery, list[ScienceDomain], 200, "List fields of science")
DOMAIN = Endpoint("GET", _D + "{uuid}/", DetailQuery, ScienceDomain, 200, "Get a field of science")
DOMAIN_CREATE = Endpoint("POST", _D, NewScienceDomain, ScienceDomain, 201, "Add a field of science")
DOMAIN_UPDATE = Endpoint("PATCH", _D + "{uuid}/", ScienceDomainChange, ScienceDomain, 200, "Rename a field")
DOMAIN_REPLACE = Endpoint("PUT", _D + "{uuid}/", NewScienceDomain, ScienceDomain, 200, "Rename a field")
DOMAIN_DELETE = Endpoint("DELETE", _D + "{uuid}/", Nothing, Nothing, 204, "Remove a field of science")
SUB_DOMAINS = Endpoint("GET", _F, ScienceSubDomainQuery, list[ScienceSubDomain], 200, "List subfields")
SUB_DOMAIN = Endpoint("GET", _F + "{uuid}/", DetailQuery, ScienceSubDomain, 200, "Get a subfield of science")
SUB_DOMAIN_CREATE = Endpoint("POST", _F, NewScienceSubDomain, ScienceSubDomain, 201, "Add a subfield")
SUB_DOMAIN_UPDATE = Endpoint(
    "PATCH", _F + "{uuid}/", ScienceSubDomainChange, ScienceSubDomain, 200, "Rename a subfield"
)
SUB_DOMAIN_REPLACE = Endpoint(
    "PUT", _F + "{uuid}/", NewScienceSubDomain, ScienceSubDomain, 200, "Rename a subfield"
)
SUB_DOMAIN_DELETE = Endpoint("DELETE", _F + "{uuid}/", Nothing, Nothing, 204, "Remove a subfield")
