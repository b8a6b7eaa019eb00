"""Kinds of organizations: a tree of groups that offerings and plans can be for."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing, Status


class OrganizationGroup(Struct, kw_only=True):
    url: str
    uuid: str
    name: str
    parent: str | None = None
    parent_uuid: str | UnsetType = UNSET
    parent_name: str | UnsetType = UNSET
    customers_count: int


class GroupSketch(Struct, kw_only=True):
    """A group inside another thing's document."""

    url: str
    uuid: str
    name: str


class OrganizationGroupQuery(ListQuery, kw_only=True):
    name: str | UnsetType = UNSET
    name_exact: str | UnsetType = UNSET
    parent: str | UnsetType = UNSET


class NewOrganizationGroup(Struct, kw_only=True):
    name: str
    parent: str | None = None


class OrganizationGroupChange(Struct, kw_only=True):
    name: str | UnsetType = UNSET
    parent: str | UnsetType | None = UNSET


class Groups(Struct, kw_only=True):
    """All the groups that it shall have: hyperlinks or uuids."""

    organization_groups: list[str] = []


_G = "/api/organization-groups/"

GROUPS = Endpoint("GET", _G, OrganizationGroupQuery, list[OrganizationGroup], 200, "List groups")
GROUP = Endpoint("GET", _G + "{uuid}/", DetailQuery, OrganizationGroup, 200, "Get a group")
GROUP_CREATE = Endpoint("POST", _G, NewOrganizationGroup, OrganizationGroup, 201, "Create a group")
GROUP_REPLACE = Endpoint(
    "PUT", _G + "{uuid}/", NewOrganizationGroup, OrganizationGroup, 200, "Replace a group"
)
GROUP_UPDATE = Endpoint(
    "PATCH", _G + "{uuid}/", OrganizationGroupChange, OrganizationGroup, 200, "Change a group"
)
GROUP_DELETE = Endpoint("DELETE", _G + "{uuid}/", Nothing, Nothing, 204, "Remove a group")
CUSTOMER_GROUPS = Endpoint(
    "POST",
    "/api/customers/{uuid}/update_organization_groups/",
    Groups,
    Status,
    200,
    "Set an organization's groups",
)
OFFERING_GROUPS = Endpoint(
    "POST",
    "/api/marketplace-provider-offerings/{uuid}/update_organization_groups/",
    Groups,
    Status,
    200,
    "Set the groups that an offering is for",
)
OFFERING_GROUPS_DELETE = Endpoint(
    "POST",
    "/api/marketplace-provider-offerings/{uuid}/delete_organization_groups/",
    Nothing,
    Nothing,
    204,
    "Let an offering be for everybody",
)
PLAN_GROUPS = Endpoint(
    "POST",
    "/api/marketplace-plans/{uuid}/update_organization_groups/",
    Groups,
    Status,
    200,
    "Set the groups that a plan is for",
)
PLAN_GROUPS_DELETE = Endpoint(
    "POST",
    "/api/marketplace-plans/{uuid}/delete_organization_groups/",
    Nothing,
    Nothing,
    204,
    "Let a plan be for everybody",
)
