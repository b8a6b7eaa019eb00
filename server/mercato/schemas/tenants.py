"""Who buys and who sells: customers (organizations), projects, service providers."""

from __future__ import annotations

from datetime import date, datetime
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


class ProjectQuery(ListQuery, kw_only=True):
    name: str | UnsetType = UNSET
    name_exact: str | UnsetType = UNSET
    query: str | UnsetType = UNSET
    customer: list[UUID] | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    backend_id: str | UnsetType = UNSET
    slug: str | UnsetType = UNSET
    uuid: list[UUID] | UnsetType = UNSET
    description: str | UnsetType = UNSET


class NewProject(Struct, kw_only=True):
    name: str
    customer: str
    description: str = ""
    start_date: date | None = None
    end_date: date | None = None
    backend_id: str = ""
    is_industry: bool = False
    oecd_fos_2007_code: str | None = None


class ProjectChange(Struct, kw_only=True):
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    start_date: date | UnsetType | None = UNSET
    end_date: date | UnsetType | None = UNSET
    backend_id: str | UnsetType = UNSET
    is_industry: bool | UnsetType = UNSET
    oecd_fos_2007_code: str | UnsetType | None = UNSET


class ServiceProvider(Struct, kw_only=True):
    url: str
    uuid: str
    created: datetime
    description: str
    customer: str
    customer_uuid: str
    customer_name: str
    customer_abbreviation: str
    customer_slug: str
    customer_native_name: str
    customer_country: str
    offering_count: int


class NameUuid(Struct, kw_only=True):
    uuid: str
    name: str


class ServiceProviderQuery(ListQuery, kw_only=True):
    customer: str | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    customer_keyword: str | UnsetType = UNSET


class NewServiceProvider(Struct, kw_only=True):
    customer: str
    description: str = ""


class ServiceProviderChange(Struct, kw_only=True):
    description: str | UnsetType = UNSET


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

PROVIDERS = Endpoint(
    "GET",
    "/api/marketplace-service-providers/",
    ServiceProviderQuery,
    list[ServiceProvider],
    summary="List providers",
)
PROVIDER = Endpoint(
    "GET",
    "/api/marketplace-service-providers/{uuid}/",
    DetailQuery,
    ServiceProvider,
    summary="Get a provider",
)
PROVIDER_CREATE = Endpoint(
    "POST",
    "/api/marketplace-service-providers/",
    NewServiceProvider,
    ServiceProvider,
    201,
    "Register a provider",
)
PROVIDER_UPDATE = Endpoint(
    "PATCH",
    "/api/marketplace-service-providers/{uuid}/",
    ServiceProviderChange,
    ServiceProvider,
    200,
    "Change a provider",
)
PROVIDER_DELETE = Endpoint(
    "DELETE", "/api/marketplace-service-providers/{uuid}/", Nothing, Nothing, 204, "Unregister a provider"
)
