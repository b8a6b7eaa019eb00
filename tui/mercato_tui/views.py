"""What the screens ask for of larger objects: each Struct here is a projection of one of `mercato.schemas`."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas.catalog import Component, Options
from mercato.schemas.plans import Plan


class OrderRow(Struct, kw_only=True):
    """An order in a list."""

    uuid: str
    created: datetime
    type: str
    state: str
    resource_name: str
    offering_name: str
    provider_name: str
    provider_uuid: str
    customer_name: str
    project_name: str
    cost: str | None = None
    plan_unit: str | None = None
    created_by_full_name: str | None = None


class NoticeRow(Struct, kw_only=True):
    """What I was told."""

    uuid: UUID
    created: datetime
    text: str
    object_type: str
    object_uuid: str


class ResourceOrderSketch(Struct, kw_only=True):
    """Enough of a creation order to know that it was refused."""

    uuid: str
    state: str


class ResourceRow(Struct, kw_only=True):
    """A resource in a list."""

    uuid: str
    name: str
    state: str
    offering_name: str
    category_title: str
    provider_name: str
    customer_name: str
    project_name: str
    plan_name: str | None = None
    limits: dict[str, int]
    limit_usage: dict[str, float]
    current_usages: dict[str, float]
    created: datetime
    creation_order: ResourceOrderSketch | None = None


class OfferingCard(Struct, kw_only=True):
    """An offering in the catalogue."""

    uuid: str
    name: str
    description: str
    customer_name: str
    category_title: str
    category_uuid: str
    state: str
    plans: list[Plan]


class OfferingParts(Struct, kw_only=True):
    """What an order's limits and answers are called."""

    components: list[Component]
    options: Options


class ProviderOfferingRow(Struct, kw_only=True):
    """An offering in its provider's list."""

    uuid: str
    name: str
    state: str
    category_title: str
    customer_name: str
    customer_uuid: str
    type: str
    order_count: int
    shared: bool
    paused_reason: str


class InvoiceRow(Struct, kw_only=True):
    """An invoice in a list."""

    uuid: str
    number: int
    customer_name: str
    customer_uuid: str
    year: int
    month: int
    state: str
    price: str
    tax: str
    total: str
    currency: str


class CustomerRow(Struct, kw_only=True):
    """An organisation as the session knows it."""

    uuid: str
    name: str
    abbreviation: str
    time_zone: str
    is_service_provider: bool
    blocked: bool
    archived: bool
    projects_count: int
    users_count: int
    default_tax_percent: str


class ProjectRow(Struct, kw_only=True):
    """A project in a list or a choice."""

    uuid: str
    url: str
    name: str
    description: str
    customer_uuid: str
    customer_name: str
    start_date: date | None = None
    end_date: date | None = None
    resources_count: int


class UserRow(Struct, kw_only=True):
    """A person in a list."""

    uuid: str
    username: str
    full_name: str
    email: str
    organization: str
    is_staff: bool
    is_support: bool
    is_active: bool
    date_joined: datetime


class RoleRow(Struct, kw_only=True):
    """A role and what it allows."""

    uuid: str
    name: str
    description: str
    content_type: str
    permissions: list[str]
    is_active: bool


class AccountRow(Struct, kw_only=True):
    """A person's account at an offering."""

    uuid: str
    user_uuid: str
    user_username: str | UnsetType = UNSET
    user_full_name: str | UnsetType = UNSET
    user_email: str | UnsetType = UNSET
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
