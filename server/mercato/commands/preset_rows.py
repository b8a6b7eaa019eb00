"""The rows of a preset, as they stand in its JSON lists. Unknown keys are ignored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct, field

from mercato.schemas.access import Scope
from mercato.schemas.accounts import AccountState, RuntimeState
from mercato.schemas.catalog import OfferingState
from mercato.schemas.identity import NewUser
from mercato.schemas.tenants import ProjectKind

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


class PresetUser(NewUser, kw_only=True):
    uuid: str
    email: str = ""
    civil_number: str | None = None
    identity_source: str = ""
    registration_method: str = ""
    active_isds: list[str] = field(default_factory=list)
    uid_number: int | None = None
    primary_gid: int | None = None


class AuthToken(Struct, kw_only=True):
    key: str
    user_uuid: str


class PresetPersonalToken(Struct, kw_only=True):
    key: str
    user_uuid: str
    name: str
    scopes: list[str]
    expires_at: datetime
    allowed_networks: list[str] = []


class PresetKey(Struct, kw_only=True):
    user_uuid: str
    public_key: str
    name: str = ""
    uuid: str = ""


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
    state: str = ""
    parish: str = ""
    street: str = ""
    house_nr: str = ""
    apartment_nr: str = ""
    household: str = ""
    latitude: float | None = None
    longitude: float | None = None
    agreement_number: str = ""
    bank_name: str = ""
    bank_account: str = ""
    domain: str = ""
    notification_emails: str = ""
    sponsor_number: int | None = None
    display_billing_info_in_projects: bool = False
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
    kind: ProjectKind = ProjectKind.DEFAULT
    type_uuid: str | None = None
    is_industry: bool = False
    oecd_fos_2007_code: str | None = None
    staff_notes: str = ""
    science_sub_domain: str | None = None
    """The code of a field of science ("1.2"), or its uuid."""


class PresetProjectType(Struct, kw_only=True):
    uuid: str
    name: str
    description: str = ""


class PresetSubnet(Struct, kw_only=True):
    """A network of an organization."""

    uuid: str
    inet: str
    customer_uuid: str
    description: str = ""
    applies_to_portal: bool = False


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
    name: str
    content_type: str
    permissions: list[str] = []
    description: str = ""
    is_active: bool = True
    uuid: str = ""


class PresetRoleGrant(Struct, kw_only=True):
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
    state: AccountState | int | None = None
    """A name, or Waldur's number for it; without one, OK with a username and Requested without."""
    runtime_state: RuntimeState = RuntimeState.ACTIVE
    is_restricted: bool = False
    service_provider_comment: str = ""
    service_provider_comment_url: str = ""


def account_state(given: AccountState | int | None) -> AccountState | None:
    """The state, its number counted from 1. Raises ValueError for a number that is none."""
    if given is None or isinstance(given, AccountState):
        return given
    if not 1 <= given <= len(AccountState):
        raise ValueError(f"state: there is no state {given}")
    return list(AccountState)[given - 1]


class PresetExposure(Struct, kw_only=True):
    """What of its users an offering sees: these attributes and no others."""

    offering_uuid: str
    exposed_fields: list[str]


class PresetServiceAccount(Struct, kw_only=True):
    project_uuid: str
    username: str
    preferred_identifier: str = ""
    email: str = ""
    description: str = ""
    uuid: str = ""


class PresetCourseAccount(Struct, kw_only=True):
    uuid: str
    project_uuid: str
    email: str = ""
    description: str = ""


class Preset(Struct, kw_only=True):
    users: list[PresetUser] = []
    auth_tokens: list[AuthToken] = []
    personal_access_tokens: list[PresetPersonalToken] = []
    ssh_keys: list[PresetKey] = []
    roles: list[PresetRole] = []
    customers: list[PresetCustomer] = []
    project_types: list[PresetProjectType] = []
    projects: list[PresetProject] = []
    access_subnets: list[PresetSubnet] = []
    category_groups: list[PresetCategory] = []
    categories: list[PresetCategory] = []
    service_providers: list[PresetProvider] = []
    offerings: list[PresetOffering] = []
    offering_components: list[PresetComponent] = []
    plans: list[PresetPlan] = []
    plan_components: list[PresetPrice] = []
    user_roles: list[PresetRoleGrant] = []
    user_attribute_configs: list[PresetExposure] = []
    offering_users: list[PresetAccount] = []
    project_service_accounts: list[PresetServiceAccount] = []
    course_accounts: list[PresetCourseAccount] = []
