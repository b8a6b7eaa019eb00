"""Networks of organizations (contract §16, access_subnets)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing


class AccessSubnet(Struct, kw_only=True):
    """A network (`192.0.2.0/24`, `2001:db8::/32`).

    `applies_to_portal`: people of the organization sign in from such networks only. `offerings` are those that the
    network shall be let in to; `scoped_offerings` the same with their names and whether anything of them runs.
    """

    uuid: str
    inet: str
    customer: str
    customer_uuid: str
    customer_name: str
    description: str
    applies_to_portal: bool
    is_staff_managed: bool
    offerings: list[str]
    scoped_offerings: list[dict[str, Any]]


class AccessSubnetQuery(ListQuery, kw_only=True):
    """`customer` is a hyperlink or a uuid."""

    customer: str | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    offering_uuid: UUID | UnsetType = UNSET
    inet: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    applies_to_portal: bool | UnsetType = UNSET
    is_staff_managed: bool | UnsetType = UNSET


class NewAccessSubnet(Struct, kw_only=True):
    inet: str
    customer: str
    description: str = ""
    applies_to_portal: bool = False
    offerings: list[str] = []


class AccessSubnetChange(Struct, kw_only=True):
    """The organization of a network stays; clients that send the whole thing back may send it too."""

    inet: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    applies_to_portal: bool | UnsetType = UNSET
    offerings: list[str] | UnsetType = UNSET


class AccessSubnetReplacement(AccessSubnetChange, kw_only=True):
    inet: str


class Admitted(Struct, kw_only=True):
    """A network that an organization wants let in to an offering (OfferingAccessSubnetExpanded)."""

    inet: str
    description: str
    is_staff_managed: bool
    customer_uuid: str
    customer_name: str
    offering_uuid: str
    offering_name: str


class AdmittedNetworks(Struct, kw_only=True):
    """Who shall get in to an offering: each network with whose it is, and all of them in as few as will do for a
    firewall. `defaults` are let in for everybody."""

    expanded: list[Admitted]
    packed: list[str]
    defaults: list[str]


_N = "/api/access-subnets/"

SUBNETS = Endpoint("GET", _N, AccessSubnetQuery, list[AccessSubnet], 200, "List networks")
SUBNET = Endpoint("GET", _N + "{uuid}/", DetailQuery, AccessSubnet, 200, "Get a network")
SUBNET_CREATE = Endpoint("POST", _N, NewAccessSubnet, AccessSubnet, 201, "Add a network")
SUBNET_UPDATE = Endpoint("PATCH", _N + "{uuid}/", AccessSubnetChange, AccessSubnet, 200, "Change a network")
SUBNET_REPLACE = Endpoint(
    "PUT", _N + "{uuid}/", AccessSubnetReplacement, AccessSubnet, 200, "Replace a network"
)
ADMITTED = Endpoint(
    "GET", "/api/marketplace-provider-offerings/{uuid}/access_subnets/", Nothing, AdmittedNetworks, 200,
    "Which networks shall be let in to an offering",
)  # fmt: skip
SUBNET_DELETE = Endpoint("DELETE", _N + "{uuid}/", Nothing, Nothing, 204, "Remove a network")
