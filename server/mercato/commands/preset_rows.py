"""The rows of a preset, as they stand in its JSON lists. Unknown keys are ignored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from mercato.schemas.access import Scope
from mercato.schemas.catalog import OfferingState

STATES = {
    1: OfferingState.DRAFT,
    2: OfferingState.ACTIVE,
    3: OfferingState.PAUSED,
    4: OfferingState.ARCHIVED,
    5: OfferingState.UNAVAILABLE,
}
SCOPES = {
    "structure.customer": Scope.CUSTOMER,
    "structure.project": Scope.PROJECT,
    "marketplace.offering": Scope.OFFERING,
    "customer": Scope.CUSTOMER,
    "project": Scope.PROJECT,
    "offering": Scope.OFFERING,
}


class PresetUser(Struct, kw_only=True):
    uuid: str
    username: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    password: str | None = None
    is_staff: bool = False
    is_support: bool = False
    is_active: bool = True
    job_title: str = ""
    organization: str = ""


class AuthToken(Struct, kw_only=True):
    key: str
    user_uuid: str


class PresetCustomer(Struct, kw_only=True):
    uuid: str
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
    country: str = ""
    address: str = ""
    city: str = ""
    postal: str = ""
    backend_id: str = ""
    default_tax_percent: str | int | float = "0"
    time_zone: str = ""


class PresetProject(Struct, kw_only=True):
    uuid: str
    name: str
    customer_uuid: str
    description: str = ""
    start_date: str | None = None
    end_date: str | None = None
    backend_id: str = ""


class PresetCategory(Struct, kw_only=True):
    uuid: str
    title: str
    description: str = ""
    icon: str | None = None
    group_uuid: str | None = None


class PresetProvider(Struct, kw_only=True):
    uuid: str
    customer_uuid: str
    description: str = ""


class PresetOffering(Struct, kw_only=True):
    uuid: str
    name: str
    type: str
    category_uuid: str
    customer_uuid: str
    project_uuid: str | None = None
    state: int = 2
    shared: bool = True
    billable: bool = True
    description: str = ""
    full_description: str = ""
    vendor_details: str = ""
    getting_started: str = ""
    integration_guide: str = ""
    access_url: str = ""
    terms_of_service: str = ""
    terms_of_service_link: str = ""
    privacy_policy_link: str = ""
    backend_id: str = ""
    attributes: dict[str, Any] = {}
    options: dict[str, Any] | None = None
    resource_options: dict[str, Any] | None = None
    plugin_options: dict[str, Any] = {}
    secret_options: dict[str, Any] = {}


class PresetComponent(Struct, kw_only=True):
    uuid: str
    offering_uuid: str
    type: str
    name: str
    billing_type: str
    description: str = ""
    measured_unit: str = ""
    unit_factor: int = 1
    limit_period: str | None = None
    limit_amount: int | None = None
    article_code: str = ""
    min_value: int | None = None
    max_value: int | None = None
    max_available_limit: int | None = None
    default_limit: int | None = None
    is_boolean: bool = False
    is_prepaid: bool = False
    overage_component_uuid: str | None = None


class PresetPlan(Struct, kw_only=True):
    uuid: str
    name: str
    offering_uuid: str
    description: str = ""
    unit: str = "month"
    article_code: str = ""
    max_amount: int | None = None
    archived: bool = False
    backend_id: str = ""


class PresetPrice(Struct, kw_only=True):
    plan_uuid: str
    component_uuid: str = ""
    component_type: str = ""
    price: str | int | float = "0"
    amount: int | None = None


class PresetRole(Struct, kw_only=True):
    user_uuid: str
    role_name: str
    scope_type: str
    scope_uuid: str
    uuid: str = ""
    is_active: bool = True
    expiration_time: datetime | None = None


class PresetAccount(Struct, kw_only=True):
    offering_uuid: str
    user_uuid: str
    uuid: str = ""
    username: str | None = None
    is_restricted: bool = False


class Preset(Struct, kw_only=True):
    users: list[PresetUser] = []
    auth_tokens: list[AuthToken] = []
    customers: list[PresetCustomer] = []
    projects: list[PresetProject] = []
    category_groups: list[PresetCategory] = []
    categories: list[PresetCategory] = []
    service_providers: list[PresetProvider] = []
    offerings: list[PresetOffering] = []
    offering_components: list[PresetComponent] = []
    plans: list[PresetPlan] = []
    plan_components: list[PresetPrice] = []
    user_roles: list[PresetRole] = []
    offering_users: list[PresetAccount] = []
