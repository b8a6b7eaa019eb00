"""What is for sale: categories, offerings, components, plans and their prices, terms."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing
from mercato.schemas.files import Upload
from mercato.schemas.groups import GroupSketch
from mercato.schemas.plans import NewPlan, Plan


class OfferingState(StrEnum):
    DRAFT = "Draft"
    ACTIVE = "Active"
    PAUSED = "Paused"
    ARCHIVED = "Archived"
    UNAVAILABLE = "Unavailable"


class BillingType(StrEnum):
    FIXED = "fixed"
    USAGE = "usage"
    LIMIT = "limit"
    ONE_TIME = "one"
    ON_PLAN_SWITCH = "few"


class LimitPeriod(StrEnum):
    MONTH = "month"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"
    TOTAL = "total"


class OptionType(StrEnum):
    """How an option of the order form is asked for."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    STRING = "string"
    TEXT = "text"
    MONEY = "money"
    DATE = "date"
    TIME = "time"
    SELECT_STRING = "select_string"
    SELECT_STRING_MULTI = "select_string_multi"


class Option(Struct, kw_only=True, omit_defaults=True):
    """One field of the order form."""

    type: OptionType
    label: str = ""
    help_text: str = ""
    required: bool = False
    default: Any = None
    choices: list[str] = []
    min: int | None = None
    max: int | None = None


class Options(Struct, kw_only=True):
    """The order form: `order` names the fields from top to bottom."""

    order: list[str] = []
    options: dict[str, Option] = {}


class Link(Struct, kw_only=True):
    """An access endpoint: any address, not only http."""

    uuid: str
    name: str
    url: str


class NewLink(Struct, kw_only=True):
    name: str
    url: str


class Component(Struct, kw_only=True):
    """One billable thing of an offering. Amounts are whole numbers of `measured_unit` × `unit_factor`; durations
    are months."""

    uuid: str
    offering_uuid: str
    type: str
    name: str
    description: str
    billing_type: str
    measured_unit: str
    unit_factor: int
    limit_period: str | None = None
    limit_amount: int | None = None
    article_code: str
    min_value: int | None = None
    max_value: int | None = None
    max_available_limit: int | None = None
    default_limit: int | None = None
    is_boolean: bool
    is_builtin: bool
    is_prepaid: bool
    overage_component: str | None = None
    min_prepaid_duration: int | None = None
    max_prepaid_duration: int | None = None
    prepaid_duration_step: int | None = None
    min_renewal_duration: int | None = None
    max_renewal_duration: int | None = None
    renewal_duration_step: int | None = None


class NewComponent(Struct, kw_only=True):
    type: str
    name: str
    billing_type: BillingType
    description: str = ""
    measured_unit: str = ""
    unit_factor: int = 1
    limit_period: LimitPeriod | None = None
    limit_amount: int | None = None
    article_code: str = ""
    min_value: int | None = None
    max_value: int | None = None
    max_available_limit: int | None = None
    default_limit: int | None = None
    is_boolean: bool = False
    is_prepaid: bool = False
    overage_component: str | None = None
    min_prepaid_duration: int | None = None
    max_prepaid_duration: int | None = None
    prepaid_duration_step: int | None = None
    min_renewal_duration: int | None = None
    max_renewal_duration: int | None = None
    renewal_duration_step: int | None = None


class ComponentChange(NewComponent, kw_only=True):
    """The whole component again, found by `uuid`."""

    uuid: str = ""


class ComponentRef(Struct, kw_only=True):
    uuid: str


class ScreenshotSketch(Struct, kw_only=True):
    """A picture inside its offering's document."""

    uuid: str
    name: str
    description: str
    image: str
    thumbnail: str | None = None
    created: datetime


class Offering(Struct, kw_only=True):
    """An offering as a buyer sees it. `billing_type_classification`: limit_only, usage_only or mixed."""

    url: str
    uuid: str
    created: datetime
    name: str
    slug: str
    description: str
    full_description: str
    vendor_details: str
    getting_started: str
    integration_guide: str
    access_url: str
    documentation_url: str
    helpdesk_url: str
    privacy_policy_link: str
    customer: str
    customer_uuid: str
    customer_name: str
    project: str | None = None
    project_uuid: str | None = None
    project_name: str | None = None
    category: str
    category_uuid: str
    category_title: str
    type: str
    state: str
    paused_reason: str
    shared: bool
    billable: bool
    attributes: dict[str, Any]
    options: Options
    resource_options: Options
    plugin_options: dict[str, Any]
    backend_id: str
    backend_metadata: dict[str, Any]
    terms_of_service: str
    terms_of_service_link: str
    order_count: int
    thumbnail: str | None = None
    image: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    country: str | UnsetType = UNSET
    screenshots: list[ScreenshotSketch]
    billing_type_classification: str
    endpoints: list[Link]
    organization_groups: list[GroupSketch]
    components: list[Component]
    plans: list[Plan]


class ProviderOffering(Offering, kw_only=True):
    """An offering as its provider sees it; `scope_state` is how its backend was found at the last look."""

    scope_state: str | None = None
    scope_error_message: str | None = None
    secret_options: dict[str, Any] | UnsetType = UNSET


class OfferingQuery(ListQuery, kw_only=True):
    """`uuid_list` holds uuids separated by commas."""

    name: str | UnsetType = UNSET
    name_exact: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    query: str | UnsetType = UNSET
    keyword: str | UnsetType = UNSET
    uuid: list[UUID] | UnsetType = UNSET
    uuid_list: str | UnsetType = UNSET
    slug: str | UnsetType = UNSET
    category_uuid: UUID | UnsetType = UNSET
    category_group_uuid: UUID | UnsetType = UNSET
    customer: str | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    provider_uuid: UUID | UnsetType = UNSET
    service_manager_uuid: UUID | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET
    organization_group_uuid: UUID | UnsetType = UNSET
    resource_customer_uuid: UUID | UnsetType = UNSET
    resource_project_uuid: UUID | UnsetType = UNSET
    state: list[OfferingState] | UnsetType = UNSET
    type: list[str] | UnsetType = UNSET
    shared: bool | UnsetType = UNSET
    billable: bool | UnsetType = UNSET
    accessible: bool | UnsetType = UNSET
    has_terms_of_service: bool | UnsetType = UNSET
    has_active_terms_of_service: bool | UnsetType = UNSET
    user_has_offering_user: bool | UnsetType = UNSET
    created: datetime | UnsetType = UNSET
    created_before: datetime | UnsetType = UNSET


class NewOffering(Struct, kw_only=True):
    """A draft. Components and plans may come with it or follow."""

    name: str
    category: str
    type: str
    customer: str = ""
    project: str | None = None
    description: str = ""
    full_description: str = ""
    vendor_details: str = ""
    getting_started: str = ""
    integration_guide: str = ""
    access_url: str = ""
    documentation_url: str = ""
    helpdesk_url: str = ""
    privacy_policy_link: str = ""
    terms_of_service: str = ""
    terms_of_service_link: str = ""
    shared: bool = True
    billable: bool = True
    attributes: dict[str, Any] = {}
    options: Options | None = None
    resource_options: Options | None = None
    plugin_options: dict[str, Any] = {}
    secret_options: dict[str, Any] = {}
    backend_id: str = ""
    backend_metadata: dict[str, Any] = {}
    latitude: float | None = None
    longitude: float | None = None
    country: str = ""
    thumbnail: Upload | None = None
    image: Upload | None = None
    components: list[NewComponent] = []
    plans: list[NewPlan] = []


class OverviewChange(Struct, kw_only=True):
    """What people read about an offering."""

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    full_description: str | UnsetType = UNSET
    vendor_details: str | UnsetType = UNSET
    getting_started: str | UnsetType = UNSET
    integration_guide: str | UnsetType = UNSET
    access_url: str | UnsetType = UNSET
    documentation_url: str | UnsetType = UNSET
    helpdesk_url: str | UnsetType = UNSET
    privacy_policy_link: str | UnsetType = UNSET
    terms_of_service: str | UnsetType = UNSET
    terms_of_service_link: str | UnsetType = UNSET
    backend_id: str | UnsetType = UNSET
    slug: str | UnsetType = UNSET


class IntegrationChange(Struct, kw_only=True):
    plugin_options: dict[str, Any] | UnsetType = UNSET
    secret_options: dict[str, Any] | UnsetType = UNSET
    backend_id: str | UnsetType = UNSET


class OptionsChange(Struct, kw_only=True):
    options: Options


class Pause(Struct, kw_only=True):
    paused_reason: str = ""


class DetailState(Struct, kw_only=True):
    detail: str
    state: str


class LinkRef(Struct, kw_only=True):
    uuid: str


_PUBLIC = "/api/marketplace-public-offerings/"
_MINE = "/api/marketplace-provider-offerings/"

PUBLIC_OFFERINGS = Endpoint("GET", _PUBLIC, OfferingQuery, list[Offering], 200, "Browse offerings")
PUBLIC_OFFERING = Endpoint("GET", _PUBLIC + "{uuid}/", DetailQuery, Offering, 200, "Get an offering")
OFFERINGS = Endpoint("GET", _MINE, OfferingQuery, list[ProviderOffering], 200, "List my offerings")
OFFERING = Endpoint("GET", _MINE + "{uuid}/", DetailQuery, ProviderOffering, 200, "Get my offering")
OFFERING_CREATE = Endpoint("POST", _MINE, NewOffering, ProviderOffering, 201, "Create an offering")
OFFERING_CREATE_ALIAS = Endpoint(
    "POST",
    "/api/marketplace-offerings/",
    NewOffering,
    ProviderOffering,
    201,
    "Create an offering (alias)",
    own=True,
)
OFFERING_DELETE = Endpoint("DELETE", _MINE + "{uuid}/", Nothing, Nothing, 204, "Remove a draft offering")
OFFERING_ACTIVATE = Endpoint("POST", _MINE + "{uuid}/activate/", Nothing, DetailState, 200, "Activate")
OFFERING_DRAFT = Endpoint("POST", _MINE + "{uuid}/draft/", Nothing, DetailState, 200, "Back to draft")
OFFERING_PAUSE = Endpoint("POST", _MINE + "{uuid}/pause/", Pause, DetailState, 200, "Pause")
OFFERING_UNPAUSE = Endpoint("POST", _MINE + "{uuid}/unpause/", Nothing, DetailState, 200, "Unpause")
OFFERING_ARCHIVE = Endpoint("POST", _MINE + "{uuid}/archive/", Nothing, DetailState, 200, "Archive")
OFFERING_OVERVIEW = Endpoint(
    "POST", _MINE + "{uuid}/update_overview/", OverviewChange, Nothing, 200, "Change what people read"
)
OFFERING_INTEGRATION = Endpoint(
    "POST", _MINE + "{uuid}/update_integration/", IntegrationChange, Nothing, 200, "Change the integration"
)
OFFERING_OPTIONS = Endpoint(
    "POST", _MINE + "{uuid}/update_options/", OptionsChange, Nothing, 200, "Change the order form"
)
COMPONENT_CREATE = Endpoint(
    "POST", _MINE + "{uuid}/create_offering_component/", NewComponent, Nothing, 201, "Add a component"
)
COMPONENT_UPDATE = Endpoint(
    "POST", _MINE + "{uuid}/update_offering_component/", ComponentChange, Nothing, 200, "Change a component"
)
COMPONENT_DELETE = Endpoint(
    "POST", _MINE + "{uuid}/remove_offering_component/", ComponentRef, Nothing, 200, "Remove a component"
)
ENDPOINT_ADD = Endpoint(
    "POST", _MINE + "{uuid}/add_endpoint/", NewLink, LinkRef, 201, "Add an access endpoint"
)
ENDPOINT_DELETE = Endpoint(
    "POST", _MINE + "{uuid}/delete_endpoint/", LinkRef, Nothing, 204, "Remove an access endpoint"
)
