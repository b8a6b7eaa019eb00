"""Who buys and who sells: customers (organizations), projects, service providers."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing


class PriceEstimate(Struct, kw_only=True):
    """Sums over this month's invoice lines: `total` with tax, `current` without (contract §8.14)."""

    total: float
    current: float
    tax: float
    tax_current: float


class Customer(Struct, kw_only=True):
    url: str
    uuid: str
    created: datetime
    name: str
    display_name: str
    native_name: str
    abbreviation: str
    slug: str
    description: str
    contact_details: str
    email: str
    phone_number: str
    homepage: str
    registration_code: str
    vat_code: str
    agreement_number: str
    country: str | UnsetType = UNSET
    address: str
    city: str
    postal: str
    bank_name: str
    bank_account: str
    backend_id: str
    domain: str
    blocked: bool
    archived: bool
    default_tax_percent: str
    accounting_start_date: datetime | UnsetType = UNSET
    time_zone: str
    projects_count: int
    users_count: int
    is_service_provider: bool
    service_provider: str | None = None
    service_provider_uuid: str | None = None


class CustomerQuery(ListQuery, kw_only=True):
    name: str | UnsetType = UNSET
    name_exact: str | UnsetType = UNSET
    query: str | UnsetType = UNSET
    abbreviation: str | UnsetType = UNSET
    native_name: str | UnsetType = UNSET
    backend_id: str | UnsetType = UNSET
    registration_code: str | UnsetType = UNSET
    slug: str | UnsetType = UNSET
    uuid: list[UUID] | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    is_service_provider: bool | UnsetType = UNSET


class NewCustomer(Struct, kw_only=True):
    name: str
    native_name: str = ""
    abbreviation: str = ""
    description: str = ""
    contact_details: str = ""
    email: str = ""
    phone_number: str = ""
    homepage: str = ""
    registration_code: str = ""
    vat_code: str = ""
    agreement_number: str = ""
    country: str = ""
    address: str = ""
    city: str = ""
    postal: str = ""
    bank_name: str = ""
    bank_account: str = ""
    backend_id: str = ""
    domain: str = ""
    default_tax_percent: str | int | float = "0"
    accounting_start_date: datetime | None = None
    time_zone: str = ""


class CustomerChange(Struct, kw_only=True):
    name: str | UnsetType = UNSET
    native_name: str | UnsetType = UNSET
    abbreviation: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    contact_details: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    homepage: str | UnsetType = UNSET
    registration_code: str | UnsetType = UNSET
    vat_code: str | UnsetType = UNSET
    agreement_number: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    city: str | UnsetType = UNSET
    postal: str | UnsetType = UNSET
    bank_name: str | UnsetType = UNSET
    bank_account: str | UnsetType = UNSET
    backend_id: str | UnsetType = UNSET
    domain: str | UnsetType = UNSET
    default_tax_percent: str | int | float | UnsetType = UNSET
    accounting_start_date: datetime | UnsetType | None = UNSET
    time_zone: str | UnsetType = UNSET
    blocked: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class CustomerReplacement(CustomerChange, kw_only=True):
    """What PUT takes: a name, and whatever else is to be changed."""

    name: str


class Project(Struct, kw_only=True):
    url: str
    uuid: str
    name: str
    slug: str
    description: str
    customer: str
    customer_uuid: str
    customer_name: str
    customer_slug: str
    customer_native_name: str
    customer_abbreviation: str
    created: datetime
    start_date: date | None = None
    end_date: date | None = None
    backend_id: str
    is_industry: bool
    oecd_fos_2007_code: str | None = None
    is_removed: bool
    resources_count: int
    kind: str
    science_sub_domain: str | None = None
    science_sub_domain_name: str
    science_sub_domain_code: str
    science_domain_uuid: str | UnsetType = UNSET
    science_domain_name: str
    science_domain_code: str


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


class ProjectQuery(ListQuery, kw_only=True):
    science_domain_uuid: UUID | UnsetType = UNSET
    science_sub_domain_uuid: UUID | UnsetType = UNSET
    customer_name: str | UnsetType = UNSET
    customer_native_name: str | UnsetType = UNSET
    customer_abbreviation: str | UnsetType = UNSET
    created: datetime | UnsetType = UNSET
    created_before: datetime | UnsetType = UNSET
    name: str | UnsetType = UNSET
    name_exact: str | UnsetType = UNSET
    query: str | UnsetType = UNSET
    customer: list[UUID] | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    backend_id: str | UnsetType = UNSET
    slug: str | UnsetType = UNSET
    uuid: list[UUID] | UnsetType = UNSET
    description: str | UnsetType = UNSET


class ProjectKind(StrEnum):
    DEFAULT = "default"
    COURSE = "course"
    PUBLIC = "public"


class NewProject(Struct, kw_only=True):
    name: str
    customer: str
    description: str = ""
    start_date: date | None = None
    end_date: date | None = None
    backend_id: str = ""
    is_industry: bool = False
    oecd_fos_2007_code: str | None = None
    kind: ProjectKind = ProjectKind.DEFAULT
    science_sub_domain: str | None = None


class ProjectChange(Struct, kw_only=True):
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    start_date: date | UnsetType | None = UNSET
    end_date: date | UnsetType | None = UNSET
    backend_id: str | UnsetType = UNSET
    is_industry: bool | UnsetType = UNSET
    oecd_fos_2007_code: str | UnsetType | None = UNSET
    kind: ProjectKind | UnsetType = UNSET
    science_sub_domain: str | UnsetType | None = UNSET


class NameUuid(Struct, kw_only=True):
    uuid: str
    name: str


CUSTOMERS = Endpoint("GET", "/api/customers/", CustomerQuery, list[Customer], summary="List organizations")
CUSTOMER = Endpoint("GET", "/api/customers/{uuid}/", DetailQuery, Customer, summary="Get an organization")
CUSTOMER_CREATE = Endpoint("POST", "/api/customers/", NewCustomer, Customer, 201, "Create an organization")
CUSTOMER_UPDATE = Endpoint(
    "PATCH", "/api/customers/{uuid}/", CustomerChange, Customer, 200, "Change an organization"
)
CUSTOMER_REPLACE = Endpoint(
    "PUT", "/api/customers/{uuid}/", CustomerReplacement, Customer, 200, "Replace an organization"
)
CUSTOMER_DELETE = Endpoint(
    "DELETE", "/api/customers/{uuid}/", Nothing, Nothing, 204, "Remove an organization"
)

PROJECTS = Endpoint("GET", "/api/projects/", ProjectQuery, list[Project], summary="List projects")
PROJECT = Endpoint("GET", "/api/projects/{uuid}/", DetailQuery, Project, summary="Get a project")
PROJECT_CREATE = Endpoint("POST", "/api/projects/", NewProject, Project, 201, "Create a project")
PROJECT_UPDATE = Endpoint("PATCH", "/api/projects/{uuid}/", ProjectChange, Project, 200, "Change a project")
PROJECT_DELETE = Endpoint("DELETE", "/api/projects/{uuid}/", Nothing, Nothing, 204, "Remove a project")

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
