"""Everything a plugin may import. An offering type is one class in one folder beside its `plugin.toml`.

A plugin's verbs run outside any transaction and may be repeated: after a crash the same order comes again
with the same `order` uuid, so look before you create, or send that uuid as idempotency key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct

__all__ = [
    "ActionRequired",
    "Component",
    "Failed",
    "Link",
    "Manifest",
    "OfferingType",
    "OrderFacts",
    "Result",
    "Retry",
]


class Component(Struct, frozen=True, kw_only=True):
    """A component that every offering of this type starts with."""

    name: str
    billing_type: str
    measured_unit: str = ""
    limit_period: str | None = None


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`plugin.toml`: readable without running the plugin's code."""

    id: str
    """The offering type on the wire, like `Marketplace.Basic`."""
    name: str
    api: int
    version: str = "0"
    description: str = ""
    components: dict[str, Component] = {}


class OrderFacts(Struct, frozen=True, kw_only=True):
    """An order as its plugin sees it. `limits` are whole numbers per component type, -1 unlimited."""

    order: str
    type: str
    resource: str
    resource_name: str
    resource_slug: str
    backend_id: str
    backend_metadata: Mapping[str, Any]
    attributes: Mapping[str, Any]
    limits: Mapping[str, int]
    old_limits: Mapping[str, int]
    plan: str
    offering: str
    project: str
    project_name: str
    customer: str
    customer_name: str
    settings: Mapping[str, Any]
    """The offering's plugin options and secret options together."""


class Link(Struct, frozen=True):
    """An access endpoint: any address."""

    name: str
    url: str


class Result(Struct, frozen=True, kw_only=True):
    """What came of it. `done=False`: somebody outside will report the end (`set_state_done`)."""

    done: bool = True
    backend_id: str = ""
    metadata: Mapping[str, Any] = {}
    endpoints: tuple[Link, ...] = ()
    message: str = ""


class Retry(Exception):
    """Not yet: ask again after this many seconds."""

    def __init__(self, after: float, message: str = "") -> None:
        super().__init__(message)
        self.after = after


class ActionRequired(Exception):
    """Somebody must act before it can go on; the message says what."""


class Failed(Exception):
    """It will not work; the message is for the customer."""


class OfferingType(Protocol):
    """The verbs. `create` and `terminate` are required; `update` if limits or plans can change.

    Optional: `async def check(self, settings)` looks whether the backend can be reached with the offering's
    settings (its plugin options and secret options together) and raises Failed, saying why, when it cannot.
    """

    async def create(self, order: OrderFacts) -> Result:
        """Make the resource; of an order of type `Restore` take up again what `backend_id` named before it ended.
        Raises Retry, ActionRequired or Failed."""
        ...

    async def update(self, order: OrderFacts) -> Result:
        """Bring the resource to the order's limits and plan."""
        ...

    async def terminate(self, order: OrderFacts) -> Result:
        """Remove the resource; one that is gone already counts as removed."""
        ...
