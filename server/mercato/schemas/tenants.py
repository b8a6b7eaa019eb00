"""Who buys and who sells: customers (organizations), projects, service providers."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing
from mercato.schemas.files import Download, Upload
from mercato.schemas.groups import GroupSketch


class PriceEstimate(Struct, kw_only=True):
    """Sums over a month's invoice lines: `total` with tax, `current` without (contract §8.14)."""

    total: str
    current: str
    tax: str
    tax_current: str


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
    notification_emails: str
    country: str | UnsetType = UNSET
    country_name: str
    address: str
    city: str
    postal: str
    state: str
    parish: str
    street: str
    house_nr: str
    apartment_nr: str
    household: str
    latitude: float | None = None
    longitude: float | None = None
    bank_name: str
    bank_account: str
    sponsor_number: int | None = None
    backend_id: str
    domain: str
    image: str | None = None
    access_subnets: str
    organization_groups: list[GroupSketch]
    blocked: bool
    archived: bool
    display_billing_info_in_projects: bool
    default_tax_percent: str
    accounting_start_date: datetime | UnsetType = UNSET
    billing_price_estimate: PriceEstimate
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
    agreement_number: str | UnsetType = UNSET
    contact_details: str | UnsetType = UNSET
    organization_group_name: str | UnsetType = UNSET
    organization_group_uuid: list[UUID] | UnsetType = UNSET
    accounting_is_running: bool | UnsetType = UNSET
    current_user_has_role: list[str] | UnsetType = UNSET
    current_user_has_project_create_permission: bool | UnsetType = UNSET
    owned_by_current_user: bool | UnsetType = UNSET
    service_provider_uuid: UUID | UnsetType = UNSET
    user_uuid: UUID | UnsetType = UNSET


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
    notification_emails: str = ""
    state: str = ""
    parish: str = ""
    street: str = ""
    house_nr: str = ""
    apartment_nr: str = ""
    household: str = ""
    latitude: float | None = None
    longitude: float | None = None
    sponsor_number: int | None = None
    display_billing_info_in_projects: bool = False
    image: Upload | None = None
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
    notification_emails: str | UnsetType = UNSET
    state: str | UnsetType = UNSET
    parish: str | UnsetType = UNSET
    street: str | UnsetType = UNSET
    house_nr: str | UnsetType = UNSET
    apartment_nr: str | UnsetType = UNSET
    household: str | UnsetType = UNSET
    latitude: float | UnsetType | None = UNSET
    longitude: float | UnsetType | None = UNSET
    sponsor_number: int | UnsetType | None = UNSET
    display_billing_info_in_projects: bool | UnsetType = UNSET
    image: Upload | UnsetType | None = UNSET
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
    customer_display_billing_info_in_projects: bool
    created: datetime
    type: str | None = None
    type_name: str | None = None
    type_uuid: str | None = None
    start_date: date | None = None
    end_date: date | None = None
    end_date_requested_by: str | None = None
    end_date_updated_at: datetime | None = None
    backend_id: str
    image: str | None = None
    staff_notes: str | UnsetType = UNSET
    is_industry: bool
    oecd_fos_2007_code: str | None = None
    oecd_fos_2007_label: str
    is_removed: bool
    resources_count: int
    kind: str
    science_sub_domain: str | None = None
    science_sub_domain_name: str
    science_sub_domain_code: str
    science_domain_uuid: str | UnsetType = UNSET
    science_domain_name: str
    science_domain_code: str
    billing_price_estimate: PriceEstimate


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
    include_terminated: bool | UnsetType = UNSET
    is_removed: bool | UnsetType = UNSET
    conceal_finished_projects: bool | UnsetType = UNSET
    accounting_is_running: bool | UnsetType = UNSET
    current_user_has_role: list[str] | UnsetType = UNSET
    can_admin: bool | UnsetType = UNSET
    can_manage: bool | UnsetType = UNSET
    user_uuid: UUID | UnsetType = UNSET


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
    type: str | None = None
    staff_notes: str = ""
    image: Upload | None = None


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
    type: str | UnsetType | None = UNSET
    staff_notes: str | UnsetType = UNSET
    image: Upload | UnsetType | None = UNSET


class ProjectReplacement(ProjectChange, kw_only=True):
    """What PUT takes: a name, and whatever else is to be changed. Its organization stays."""

    name: str


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
PROJECT_REPLACE = Endpoint(
    "PUT", "/api/projects/{uuid}/", ProjectReplacement, Project, 200, "Replace a project"
)
PROJECT_DELETE = Endpoint("DELETE", "/api/projects/{uuid}/", Nothing, Nothing, 204, "Remove a project")

CUSTOMER_IMAGE = Endpoint(
    "GET", "/api/customers/{uuid}/image/", Nothing, Download, 200, "An organization's picture", own=True
)
PROJECT_IMAGE = Endpoint(
    "GET", "/api/projects/{uuid}/image/", Nothing, Download, 200, "A project's picture", own=True
)
