"""Small answers about the whole: what can be sold, which categories and states there are, who may do what."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery


class CategoryUsage(Struct, kw_only=True):
    """What was used in a month of all components of one kind in a category's offerings, in whole units:
    `reported_usage` was measured, `fixed_usage` comes with the plans. `date` is the month's first day; `scope` the
    project or organization that was asked for."""

    name: str
    type: str
    measured_unit: str
    category_title: str
    category_uuid: str
    date: dt.date
    reported_usage: int | None = None
    fixed_usage: int | None = None
    scope: str | UnsetType = UNSET


class CategoryUsageQuery(ListQuery, kw_only=True):
    """`scope`: the hyperlink of a project or an organization."""

    scope: str | UnsetType = UNSET
    date_after: dt.date | UnsetType = UNSET
    date_before: dt.date | UnsetType = UNSET


class PlaceQuery(DetailQuery, kw_only=True):
    customer_uuid: UUID | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET


class CategoryCount(Struct, kw_only=True):
    category: str
    count: int


class PluginComponent(Struct, kw_only=True):
    type: str
    name: str
    measured_unit: str
    billing_type: str


class PluginType(Struct, kw_only=True):
    """A type of offerings that can be provisioned here; `available_limits`: which components take limits."""

    offering_type: str
    components: list[PluginComponent]
    available_limits: list[str]


class OfferingName(Struct, kw_only=True):
    name: str
    uuid: str


class NameQuery(ListQuery, kw_only=True):
    name: str | UnsetType = UNSET
    name_exact: str | UnsetType = UNSET


class Subresource(Struct, kw_only=True):
    uuid: str
    type: str


class RuntimeState(Struct, kw_only=True):
    """What backends call the states of their things; `label` is for people."""

    value: str
    label: str


class RuntimeStateQuery(ListQuery, kw_only=True):
    category_uuid: UUID | UnsetType = UNSET
    offering_uuid: UUID | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET


CATEGORY_USAGES = Endpoint(
    "GET",
    "/api/marketplace-category-component-usages/",
    CategoryUsageQuery,
    list[CategoryUsage],
    200,
    "Usage by category, component and month",
)
GLOBAL_CATEGORIES = Endpoint(
    "GET",
    "/api/marketplace-global-categories/",
    PlaceQuery,
    dict[str, int],
    200,
    "How many resources each category has, by its uuid",
)
PLUGINS = Endpoint(
    "GET", "/api/marketplace-plugins/", DetailQuery, list[PluginType], 200, "Types of offerings"
)
RESOURCE_OFFERINGS = Endpoint(
    "GET",
    "/api/marketplace-resource-offerings/{uuid}/",
    NameQuery,
    list[OfferingName],
    200,
    "The offerings of a category that my resources are of",
)
SUBRESOURCES = tuple(
    Endpoint(
        "GET",
        f"/api/{resources}/{{uuid}}/offering_for_subresources/",
        ListQuery,
        list[Subresource],
        200,
        "What can be ordered inside a resource",
    )
    for resources in ("marketplace-resources", "marketplace-provider-resources")
)
RUNTIME_STATES = Endpoint(
    "GET",
    "/api/marketplace-runtime-states/",
    RuntimeStateQuery,
    list[RuntimeState],
    200,
    "The states of my resources at their backends",
)
