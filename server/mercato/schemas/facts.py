"""What happened: the facts that rooms tell one another inside the same transaction."""

from __future__ import annotations

from typing import Any, ClassVar

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


class RoleChanged(Fact, frozen=True, kw_only=True):
    """A role was defined, redefined or removed; `object` is the role."""

    room: ClassVar[str] = "access"


class UserChanged(Fact, frozen=True, kw_only=True):
    room: ClassVar[str] = "identity"
    changed: tuple[str, ...] = ()
    """The fields that have other values than before."""


class KeyChanged(Fact, frozen=True, kw_only=True):
    """A person's SSH key came or went; `object` is the key."""

    room: ClassVar[str] = "identity"
    user: str
    action: str
    """`create` or `delete`."""


class TokenChanged(Fact, frozen=True, kw_only=True):
    """A personal access token was made, rotated, narrowed or revoked; `object` is the token."""

    room: ClassVar[str] = "sessions"
    user: str


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
    before: dict[str, Any] = {}
    """What of the project others keep copies of and has changed, as it was before."""


class ProjectMoved(Fact, frozen=True, kw_only=True):
    """A project belongs to another organization now, with all that is in it."""

    room: ClassVar[str] = "tenants"
    id: int
    from_customer: int
    customer: int


class ReviewChanged(Fact, frozen=True, kw_only=True):
    """It is time to look who belongs to an organization, or somebody has looked; `object` is the review."""

    room: ClassVar[str] = "tenants"
    customer: str
    closed: bool


class NetworkChanged(Fact, frozen=True, kw_only=True):
    """A network of an organization came, changed or went; `object` is the network."""

    room: ClassVar[str] = "tenants"
    customer: str


class ProjectUpdateMoved(Fact, frozen=True, kw_only=True):
    """A provider is asked to take over what has changed of a project, or has answered; `object` is the request."""

    room: ClassVar[str] = "resources"
    project: str
    offering: str
    state: str


class ProviderChanged(Fact, frozen=True, kw_only=True):
    room: ClassVar[str] = "tenants"


class GroupChanged(Fact, frozen=True, kw_only=True):
    """A group of organizations, or a type of projects."""

    room: ClassVar[str] = "tenants"


class CatalogChanged(Fact, frozen=True, kw_only=True):
    """A category, offering, component, plan or price changed."""

    room: ClassVar[str] = "catalog"


class OrderMoved(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """`reason` says why the system canceled it; empty when somebody did."""

    room: ClassVar[str] = "orders"
    reason: str = ""
    type: str
    state: str
    previous: str
    resource: str
    offering: str
    project: str


class OrderRemoved(Fact, frozen=True, kw_only=True):
    """Staff removed an order that hung; it is no longer there to be read."""

    room: ClassVar[str] = "orders"
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
    changed: tuple[str, ...] = ()
    """The columns that are other than before; "endpoints" where these were replaced."""


class ResourceMoved(Fact, frozen=True, kw_only=True):
    """A resource belongs to another project (ids of projects and organizations)."""

    room: ClassVar[str] = "resources"
    id: int
    from_project: int
    from_customer: int
    project: int
    customer: int


class ResourceUnlinked(Fact, frozen=True, kw_only=True):
    """Staff let go of a resource: whatever was under way for it is void."""

    room: ClassVar[str] = "resources"
    id: int


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


class UserUsageReported(Fact, frozen=True, kw_only=True):
    """What users used of a resource's component was reported; `object` is the usage record."""

    room: ClassVar[str] = "usage"
    resource: str
    usernames: tuple[str, ...]


class UsageLimitChanged(Fact, frozen=True, kw_only=True):
    """A user's limit of a resource's component was set, changed or lifted; `object` is the resource."""

    room: ClassVar[str] = "usage"
    username: str
    component: str


class InvoiceChanged(Fact, frozen=True, kw_only=True):
    room: ClassVar[str] = "billing"
    state: str


class AccountChanged(Fact, frozen=True, kw_only=True):
    """An offering user was made, changed, named or removed; `object` is the offering user (contract §11.4)."""

    room: ClassVar[str] = "accounts"
    action: str
    """`create`, `update`, `delete`, `attribute_update` or `username_set`."""
    user: str
    username: str
    """The name of the account at the offering; empty as long as it has none."""
    state: str
    offering: str
    attributes: dict[str, Any]
    """Those attributes of the person that the offering may see."""
    changed_attributes: list[str] = []
    """What changed of them (`attribute_update`)."""
    resource_backend_ids: list[str] = []
    """The resources to which the name belongs from now on (`username_set`)."""


class ProjectAccountChanged(Fact, frozen=True, kw_only=True):
    """A service or course account of a project; `object` is the account (contract §11.4)."""

    room: ClassVar[str] = "accounts"
    kind: str
    """`service_account` or `course_account`."""
    username: str
    project: str
    project_name: str
    action: str
    """`create`, `update` or `delete`."""


class TermsAccepted(Fact, frozen=True, kw_only=True):
    """Somebody agreed to an offering's terms of service, or no longer does; `object` is the agreement."""

    room: ClassVar[str] = "accounts"
    offering: str
    accepted: bool


class ClassificationChanged(Fact, frozen=True, kw_only=True):
    """A science domain or sub-domain; `object` is the domain or sub-domain."""

    room: ClassVar[str] = "tenants"


class SubscriptionChanged(Fact, frozen=True, kw_only=True):
    """A subscription to live events or one of their queues was made or removed."""

    room: ClassVar[str] = "queues"


class ResourceKeyChanged(Fact, frozen=True, kw_only=True):
    """A key of a resource was made, shown, rotated or removed, or shall be rotated; `object` is the key."""

    room: ClassVar[str] = "api_keys"
    action: str
    """`create`, `set`, `fail`, `delete`, `rotate` or `revoke` (asked for), or `reveal`."""
    resource: str
    offering: str
    client_id: str


class RobotAccountChanged(Fact, frozen=True, kw_only=True):
    """A robot account of a resource was asked for, changed or deleted; `object` is the account."""

    room: ClassVar[str] = "robot_accounts"
    resource: str
    username: str
    action: str
    """`create`, `update`, `delete` or `state`."""
    state: str


class SlurmPolicyChanged(Fact, frozen=True, kw_only=True):
    """A policy of periodic limits, or what an agent ran for it; `object` is the policy."""

    room: ClassVar[str] = "slurm_policies"
    offering: str


class SyncRequested(Fact, frozen=True, kw_only=True):
    """The agent of an offering shall restore everything at its backend; `object` is the offering."""

    room: ClassVar[str] = "site_agents"
    user: str


class BackendRequested(Fact, frozen=True, kw_only=True):
    """Somebody wants to know what could be imported; `object` is the request."""

    room: ClassVar[str] = "imports"
    offering: str
    state: str


class BackendFound(Fact, frozen=True, kw_only=True):
    """What a backend has was reported, imported or forgotten."""

    room: ClassVar[str] = "imports"
    offering: str
    project: str


class AgentChanged(Fact, frozen=True, kw_only=True):
    """A site agent was registered, started again, or forgotten."""

    room: ClassVar[str] = "site_agents"
    offering: str


class Reminded(Fact, frozen=True, kw_only=True):
    """People were reminded of something: `kind` says of what, `object` is the order, project or resource."""

    room: ClassVar[str] = "notices"
    kind: str
    text: str
    people: tuple[str, ...]
    """Who was reminded (uuids)."""
