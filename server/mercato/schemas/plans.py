"""Plans: what an offering costs, per unit and component."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import Detail, DetailQuery, Endpoint, ListQuery, Nothing
from mercato.schemas.groups import GroupSketch


class Unit(StrEnum):
    """The span of time (or the thing) that a plan's price is for."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_MONTH = "half_month"
    DAY = "day"
    HOUR = "hour"
    QUANTITY = "quantity"


class PlanComponent(Struct, kw_only=True):
    type: str
    name: str
    measured_unit: str
    amount: int
    price: str
    future_price: str | None = None


class Plan(Struct, kw_only=True):
    """Prices per `unit`, as decimal strings. `init_price` and `switch_price` are charged once."""

    url: str
    uuid: str
    name: str
    description: str
    article_code: str
    unit: str
    unit_price: str
    init_price: float
    switch_price: float
    max_amount: int | None = None
    archived: bool
    is_active: bool
    backend_id: str
    organization_groups: list[GroupSketch] = []
    components: list[PlanComponent]
    prices: dict[str, str]
    future_prices: dict[str, str | None]
    quotas: dict[str, int]
    resources_count: int
    plan_type: str
    minimal_price: str


class ProviderPlan(Plan, kw_only=True):
    offering: str
    offering_uuid: str
    offering_name: str


class PlanQuery(ListQuery, kw_only=True):
    offering: str | UnsetType = UNSET
    offering_slug: list[str] | UnsetType = UNSET
    offering_uuid: UUID | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class NewPlan(Struct, kw_only=True):
    """`prices` and `quotas` by component type; prices as decimal strings or numbers."""

    name: str
    offering: str = ""
    description: str = ""
    unit: Unit = Unit.MONTH
    article_code: str = ""
    max_amount: int | None = None
    backend_id: str = ""
    prices: dict[str, str | int | float] = {}
    quotas: dict[str, int] = {}


class PlanChange(Struct, kw_only=True):
    name: str | UnsetType = UNSET
    unit: Unit | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    description: str | UnsetType = UNSET
    article_code: str | UnsetType = UNSET
    max_amount: int | UnsetType | None = UNSET
    backend_id: str | UnsetType = UNSET


class PlanReplacement(Struct, kw_only=True):
    """What PUT takes: a name, and whatever else is to be changed. An offering's plans stay with it."""

    name: str
    description: str | UnsetType = UNSET
    article_code: str | UnsetType = UNSET
    max_amount: int | UnsetType | None = UNSET
    backend_id: str | UnsetType = UNSET
    unit: Unit | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class PlanPart(Struct, kw_only=True):
    """What a component costs in a plan."""

    offering_uuid: str
    offering_name: str
    plan_uuid: str
    plan_name: str
    plan_unit: str
    component_name: str
    measured_unit: str
    billing_type: str
    amount: int
    price: str
    future_price: str | None = None


class PlanPartQuery(ListQuery, kw_only=True):
    offering_uuid: UUID | UnsetType = UNSET
    plan_uuid: UUID | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    shared: bool | UnsetType = UNSET


class PlanUsage(Struct, kw_only=True):
    """How many resources a plan has, of how many there may be (0: any number)."""

    plan_uuid: str
    plan_name: str
    limit: int
    usage: int
    remaining: int
    offering_uuid: str
    offering_name: str
    customer_provider_uuid: str
    customer_provider_name: str


class PlanUsageQuery(ListQuery, kw_only=True):
    offering: str | UnsetType = UNSET
    offering_slug: list[str] | UnsetType = UNSET
    offering_uuid: UUID | UnsetType = UNSET
    customer_provider_uuid: UUID | UnsetType = UNSET


class NewPrices(Struct, kw_only=True):
    prices: dict[str, str | int | float]


class NewQuotas(Struct, kw_only=True):
    quotas: dict[str, int]


_PUBLIC = "/api/marketplace-public-offerings/"
_PLANS = "/api/marketplace-plans/"

PUBLIC_OFFERING_PLANS = Endpoint(
    "GET", _PUBLIC + "{uuid}/plans/", PlanQuery, list[Plan], 200, "List its plans"
)
PUBLIC_OFFERING_PLAN = Endpoint(
    "GET", _PUBLIC + "{uuid}/plans/{plan_uuid}/", DetailQuery, Plan, 200, "Get one of its plans"
)
PUBLIC_PLANS = Endpoint(
    "GET",
    "/api/marketplace-public-plans/",
    PlanQuery,
    list[ProviderPlan],
    200,
    "List all public plans",
    own=True,
)
PUBLIC_PLAN = Endpoint(
    "GET",
    "/api/marketplace-public-plans/{uuid}/",
    DetailQuery,
    ProviderPlan,
    200,
    "Get a public plan",
    own=True,
)

PLANS = Endpoint("GET", _PLANS, PlanQuery, list[ProviderPlan], 200, "List plans of my offerings")
PLAN = Endpoint("GET", _PLANS + "{uuid}/", DetailQuery, ProviderPlan, 200, "Get a plan")
PLAN_CREATE = Endpoint("POST", _PLANS, NewPlan, ProviderPlan, 201, "Add a plan")
PLAN_UPDATE = Endpoint("PATCH", _PLANS + "{uuid}/", PlanChange, ProviderPlan, 200, "Change a plan")
PLAN_REPLACE = Endpoint("PUT", _PLANS + "{uuid}/", PlanReplacement, ProviderPlan, 200, "Replace a plan")
PLAN_DELETE = Endpoint("DELETE", _PLANS + "{uuid}/", Nothing, Nothing, 204, "Remove an unused plan")
PLAN_USAGE = Endpoint(
    "GET", _PLANS + "usage_stats/", PlanUsageQuery, list[PlanUsage], 200, "How full my plans are"
)
PLAN_PARTS = Endpoint(
    "GET", "/api/marketplace-plan-components/", PlanPartQuery, list[PlanPart], 200, "What components cost"
)
PLAN_ARCHIVE = Endpoint("POST", _PLANS + "{uuid}/archive/", Nothing, Detail, 200, "Archive a plan")
PLAN_PRICES = Endpoint("POST", _PLANS + "{uuid}/update_prices/", NewPrices, Detail, 200, "Set prices")
PLAN_QUOTAS = Endpoint(
    "POST", _PLANS + "{uuid}/update_quotas/", NewQuotas, Detail, 200, "Set included amounts"
)
