"""Who sells: service providers, what they show of themselves, and how they are doing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing
from mercato.schemas.catalog import OfferingQuery, ProviderOffering
from mercato.schemas.files import Download, Upload
from mercato.schemas.groups import GroupSketch
from mercato.schemas.identity import SshKey, SshKeyQuery
from mercato.schemas.projects import CourseAccount, CourseAccountQuery, ServiceAccount, ServiceAccountQuery
from mercato.schemas.tenants import CustomerQuery, Project, ProjectQuery

Description = Annotated[str, Meta(max_length=4096)]
Domain = Annotated[str, Meta(min_length=1, max_length=253)]
Domains = Annotated[list[Domain], Meta(max_length=100)]


class ServiceProvider(Struct, kw_only=True):
    """`allowed_domains`: where endpoints of its offerings may lie; empty means anywhere."""

    url: str
    uuid: str
    created: datetime
    description: str
    enable_notifications: bool
    image: str | None = None
    allowed_domains: list[str]
    customer: str
    customer_uuid: str
    customer_name: str
    customer_abbreviation: str
    customer_slug: str
    customer_native_name: str
    customer_country: str
    customer_image: str | UnsetType = UNSET
    organization_groups: list[GroupSketch]
    offering_count: int


class ServiceProviderQuery(ListQuery, kw_only=True):
    customer: str | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    customer_keyword: str | UnsetType = UNSET


class NewServiceProvider(Struct, kw_only=True):
    """`image`: a file; a link is what we gave, given back, and changes nothing."""

    customer: str
    description: Description = ""
    enable_notifications: bool = True
    image: Upload | str | None = None
    allowed_domains: Domains = []


class ServiceProviderChange(Struct, kw_only=True):
    """What is left out stays as it is. A provider stays with its organization."""

    customer: str | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    enable_notifications: bool | UnsetType = UNSET
    image: Upload | str | UnsetType | None = UNSET
    allowed_domains: Domains | UnsetType = UNSET


class SecretCode(Struct, kw_only=True):
    """With which a provider signs reports of usage that come from outside."""

    api_secret_code: str


class ProviderStatistics(Struct, kw_only=True):
    """How a provider is doing now; the changes are those since the month began (UTC)."""

    active_campaigns: int
    current_customers: int
    customers_number_change: int
    active_resources: int
    resources_number_change: int
    active_and_paused_offerings: int
    unresolved_tickets: int
    pending_orders: int
    erred_resources: int


class ProjectName(Struct, kw_only=True):
    uuid: str
    name: str


class ProviderCustomer(Struct, kw_only=True):
    """An organization whose projects use what the provider offers; counted are only these."""

    uuid: str
    name: str
    slug: str
    abbreviation: str
    phone_number: str
    email: str
    projects_count: int
    users_count: int
    projects: list[ProjectName]


class CustomerProject(Struct, kw_only=True):
    """A project that uses what the provider offers, and how many such resources it has."""

    uuid: str
    name: str
    description: str
    end_date: date | None = None
    resources_count: int
    users_count: int


class ProviderUser(Struct, kw_only=True):
    """Somebody in such a project: what the offerings they use may see of them, the rest empty."""

    uuid: str
    is_active: bool
    username: str
    full_name: str
    first_name: str
    last_name: str
    email: str
    organization: str
    job_title: str
    projects_count: int


class UserCustomerQuery(CustomerQuery, kw_only=True):
    user_uuid: UUID | UnsetType = UNSET


class CustomerProjectQuery(ProjectQuery, kw_only=True):
    project_customer_uuid: UUID | UnsetType = UNSET


class ProviderUserQuery(ListQuery, kw_only=True):
    username: str | UnsetType = UNSET
    full_name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    user_keyword: str | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET


_S = "/api/marketplace-service-providers/"
_ONE = _S + "{uuid}/"
_Q = ServiceProviderQuery

PROVIDERS = Endpoint("GET", _S, _Q, list[ServiceProvider], 200, "List providers")
PROVIDER = Endpoint("GET", _ONE, DetailQuery, ServiceProvider, 200, "Get a provider")
PROVIDER_CREATE = Endpoint("POST", _S, NewServiceProvider, ServiceProvider, 201, "Register a provider")
PROVIDER_REPLACE = Endpoint("PUT", _ONE, ServiceProviderChange, ServiceProvider, 200, "Replace a provider")
PROVIDER_UPDATE = Endpoint("PATCH", _ONE, ServiceProviderChange, ServiceProvider, 200, "Change a provider")
PROVIDER_DELETE = Endpoint("DELETE", _ONE, Nothing, Nothing, 204, "Unregister a provider")
PROVIDER_IMAGE = Endpoint("GET", _ONE + "image/", Nothing, Download, 200, "A provider's image", own=True)
SECRET_CODE = Endpoint("GET", _ONE + "api_secret_code/", Nothing, SecretCode, 200, "Show the secret code")
SECRET_CODE_RENEW = Endpoint(
    "POST", _ONE + "api_secret_code/", Nothing, SecretCode, 200, "Make another secret code"
)
STATISTICS = Endpoint("GET", _ONE + "stat/", Nothing, ProviderStatistics, 200, "How a provider is doing")

CUSTOMERS = Endpoint(
    "GET", _ONE + "customers/", CustomerQuery, list[ProviderCustomer], 200, "Who uses what a provider offers"
)
USER_CUSTOMERS = Endpoint(
    "GET",
    _ONE + "user_customers/",
    UserCustomerQuery,
    list[ProviderCustomer],
    200,
    "Those of them in which a person works",
)
CUSTOMER_PROJECTS = Endpoint(
    "GET",
    _ONE + "customer_projects/",
    CustomerProjectQuery,
    list[CustomerProject],
    200,
    "Their projects that do, with numbers",
)
USERS = Endpoint("GET", _ONE + "users/", ProviderUserQuery, list[ProviderUser], 200, "The people who do")
PROJECTS = Endpoint("GET", _ONE + "projects/", ProjectQuery, list[Project], 200, "The projects that do")
KEYS = Endpoint("GET", _ONE + "keys/", SshKeyQuery, list[SshKey], 200, "The SSH keys of those who do")
SERVICE_ACCOUNTS = Endpoint(
    "GET",
    _ONE + "project_service_accounts/",
    ServiceAccountQuery,
    list[ServiceAccount],
    200,
    "The service accounts of these projects",
)
COURSE_ACCOUNTS = Endpoint(
    "GET",
    _ONE + "course_accounts/",
    CourseAccountQuery,
    list[CourseAccount],
    200,
    "The course accounts of these projects",
)
OFFERINGS = Endpoint(
    "GET", _ONE + "offerings/", OfferingQuery, list[ProviderOffering], 200, "What a provider offers"
)
