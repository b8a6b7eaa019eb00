"""What happened: the facts that rooms tell one another inside the same transaction."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct


class Fact(Struct, frozen=True, kw_only=True):
    """Something that happened to `object` (a uuid). Each kind says to which room it belongs."""

    room: ClassVar[str] = ""
    object: str


class Granted(Fact, frozen=True, kw_only=True):
    """A role was given, changed or taken; `object` is the person."""

    room: ClassVar[str] = "access"
    role: str
    scope_type: str
    scope: str
    granted: bool


class UserChanged(Fact, frozen=True, kw_only=True):
    room: ClassVar[str] = "identity"


class SignedIn(Fact, frozen=True, kw_only=True):
    """Somebody signed in, out, or was refused."""

    room: ClassVar[str] = "sessions"
    address: str = ""


class CustomerChanged(Fact, frozen=True, kw_only=True):
    room: ClassVar[str] = "tenants"
    id: int
    closed: bool = False
    """True when the organization was blocked, archived or removed."""


class ProjectChanged(Fact, frozen=True, kw_only=True):
    room: ClassVar[str] = "tenants"
    id: int
    closed: bool = False
    """True when the project was removed or is past its end date."""
    start_moved: bool = False
    """True when the start date was cleared, reached or moved."""


class ProviderChanged(Fact, frozen=True, kw_only=True):
    room: ClassVar[str] = "tenants"


class CatalogChanged(Fact, frozen=True, kw_only=True):
    """A category, offering, component, plan or price changed."""

    room: ClassVar[str] = "catalog"


class OrderMoved(Fact, frozen=True, kw_only=True):
    room: ClassVar[str] = "orders"
    type: str
    state: str
    previous: str
    resource: str
    offering: str
    project: str


class ResourceChanged(Fact, frozen=True, kw_only=True):
    """State, name, backend id, endpoints, metadata."""

    room: ClassVar[str] = "resources"
    id: int
    state: str
    offering: str
    project: str


class ResourceBilled(Fact, frozen=True, kw_only=True):
    """The billing history of a resource has a new entry: created, limits, plan, terminated."""

    room: ClassVar[str] = "resources"
    id: int
    kind: str


class UsageReported(Fact, frozen=True, kw_only=True):
    """`object` is the resource."""

    room: ClassVar[str] = "usage"
    id: int
    period: str
    """First day of the billing month, ISO."""


class InvoiceChanged(Fact, frozen=True, kw_only=True):
    room: ClassVar[str] = "billing"
    state: str
