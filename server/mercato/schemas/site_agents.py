"""Site agents: who they are, what runs in them, what they log (contract 11.1, 11.2, 11.7)."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing, Status
from mercato.schemas.queues import AgentSubscription, QueueAccess, QueueRequest, Subscription

Name = Annotated[str, Meta(min_length=1, max_length=150)]
Word = Annotated[str, Meta(max_length=100)]


class ServiceState(StrEnum):
    """Idle: not heard of for an hour."""

    ACTIVE = "Active"
    IDLE = "Idle"
    ERROR = "Error"


class ServiceStateChoice(StrEnum):
    """Old clients ask by number."""

    ACTIVE_NUMBER = "1"
    IDLE_NUMBER = "2"
    ERROR_NUMBER = "3"
    ACTIVE = "Active"
    IDLE = "Idle"
    ERROR = "Error"


class LogLevel(StrEnum):
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"


class Dependency(Struct, kw_only=True):
    package: str
    version: str


class NewIdentity(Struct, kw_only=True):
    """`name` is the agent's within its offering; the same name twice is the same agent."""

    offering: UUID
    name: Name
    version: Word | None = None
    dependencies: list[Dependency] = []
    config_file_path: Annotated[str, Meta(max_length=150)] | None = None
    config_file_content: str | None = None
    last_restarted: dt.datetime | UnsetType = UNSET


class NestedService(Struct, kw_only=True):
    uuid: str
    url: str
    name: str
    state: str
    created: dt.datetime
    modified: dt.datetime
    mode: str | None = None
    statistics: dict[str, Any]


class CompatibilityStatus(StrEnum):
    COMPATIBLE = "compatible"
    INCOMPATIBLE = "incompatible"
    UNKNOWN = "unknown"


class Compatibility(Struct, kw_only=True):
    """Whether an agent of its version can work with this marketplace."""

    status: CompatibilityStatus
    message: str
    minimum_required: str


class Identity(Struct, kw_only=True):
    uuid: str
    url: str
    offering: str
    created_by: str | None = None
    name: str
    created: dt.datetime
    modified: dt.datetime
    services: list[NestedService]
    compatibility: Compatibility
    version: str | None = None
    dependencies: list[Dependency]
    config_file_path: str | None = None
    config_file_content: str | None = None
    last_restarted: dt.datetime | UnsetType = UNSET


class IdentityQuery(ListQuery, kw_only=True):
    name: str | UnsetType = UNSET
    offering_uuid: UUID | UnsetType = UNSET
    version: str | UnsetType = UNSET
    last_restarted: dt.datetime | UnsetType = UNSET
    orphaned: bool | UnsetType = UNSET


class NewService(Struct, kw_only=True):
    name: Name
    mode: Word | None = None


class NestedProcessor(Struct, kw_only=True):
    uuid: str
    url: str
    name: str
    backend_type: str
    backend_version: str | None = None
    last_run: dt.datetime | None = None
    created: dt.datetime
    modified: dt.datetime


class Service(Struct, kw_only=True):
    uuid: str
    url: str
    identity: str
    identity_name: str
    name: str
    state: str
    created: dt.datetime
    modified: dt.datetime
    processors: list[NestedProcessor]
    mode: str | None = None
    statistics: dict[str, Any]


class ServiceQuery(ListQuery, kw_only=True):
    identity_uuid: UUID | UnsetType = UNSET
    mode: str | UnsetType = UNSET
    state: list[ServiceStateChoice] | UnsetType = UNSET
    modified_after: dt.datetime | UnsetType = UNSET
    modified_before: dt.datetime | UnsetType = UNSET
    stale: bool | UnsetType = UNSET


class NewProcessor(Struct, kw_only=True):
    name: Name
    backend_type: Annotated[str, Meta(min_length=1, max_length=100)]
    backend_version: Word | None = None


class Processor(Struct, kw_only=True):
    uuid: str
    url: str
    service: str
    service_name: str
    name: str
    backend_type: str
    backend_version: str | None = None
    last_run: dt.datetime | None = None
    created: dt.datetime
    modified: dt.datetime


class ProcessorQuery(ListQuery, kw_only=True):
    service_uuid: UUID | UnsetType = UNSET
    backend_type: str | UnsetType = UNSET
    backend_version: str | UnsetType = UNSET
    last_run: dt.datetime | UnsetType = UNSET
    last_run_before: dt.datetime | UnsetType = UNSET
    stale: bool | UnsetType = UNSET


class NewStatistics(Struct, kw_only=True):
    statistics: dict[str, Any]


class NewLogEntry(Struct, kw_only=True):
    """`timestamp`: seconds since 1970, with fractions."""

    agent_identity_uuid: UUID
    timestamp: float
    level: LogLevel
    message: str
    module: Annotated[str, Meta(max_length=255)]


class LogEntry(Struct, kw_only=True):
    uuid: str
    offering: str
    offering_uuid: str
    agent_identity_uuid: str
    timestamp: float
    level: str
    message: str
    module: str
    created: dt.datetime


class LogQuery(ListQuery, kw_only=True):
    agent_identity_uuid: UUID | UnsetType = UNSET
    offering_uuid: UUID | UnsetType = UNSET
    level: list[LogLevel] | UnsetType = UNSET
    timestamp_from: float | UnsetType = UNSET
    timestamp_to: float | UnsetType = UNSET


class OfferingCount(Struct, kw_only=True):
    """Clients differ in how they spell the offering's fields."""

    offering_name: str
    offering_uuid: str
    also_name: str = field(name="offering__name")
    also_uuid: str = field(name="offering__uuid")
    count: int


class IdentityCounts(Struct, kw_only=True):
    total: int
    by_offering: list[OfferingCount]


class StateCounts(Struct, kw_only=True):
    active: int
    idle: int
    error: int


class ServiceCounts(Struct, kw_only=True):
    """`stale_count`: not heard of for a day."""

    total: int
    by_state: StateCounts
    stale_count: int


class BackendCount(Struct, kw_only=True):
    backend_type: str | None = None
    count: int


class ProcessorCounts(Struct, kw_only=True):
    total: int
    by_backend_type: list[BackendCount]
    stale_count: int


class Statistics(Struct, kw_only=True):
    """Of the agents that the asking person sees."""

    identities: IdentityCounts
    services: ServiceCounts
    processors: ProcessorCounts


class ConnectedSubscription(Struct, kw_only=True):
    """A reader of the agent's events as connected now; times in UTC, octets of this connection."""

    connected: bool
    source_ip: str | None = None
    connected_at: dt.datetime | None = None
    state: str | None = None
    recv_oct: int | None = None
    send_oct: int | None = None


class SubscriptionConnection(Struct, kw_only=True):
    uuid: str
    created: dt.datetime
    observable_objects: list[dict[str, Any]]
    rmq_connection: ConnectedSubscription | None


class QueueState(Struct, kw_only=True):
    name: str
    messages: int
    consumers: int
    object_type: str | None


class ServiceStatus(Struct, kw_only=True):
    """`state` in capitals, unlike everywhere else."""

    uuid: str
    name: str
    state: str
    modified: dt.datetime


class AgentConnection(Struct, kw_only=True):
    uuid: str
    name: str
    offering_uuid: str
    offering_name: str
    version: str | None
    last_restarted: dt.datetime
    services: list[ServiceStatus]
    event_subscriptions: list[SubscriptionConnection]
    queues: list[QueueState]


class ConnectionSummary(Struct, kw_only=True):
    total_agents: int
    connected_agents: int
    disconnected_agents: int
    total_queued_messages: int


class Connections(Struct, kw_only=True):
    agents: list[AgentConnection]
    summary: ConnectionSummary


_I = "/api/marketplace-site-agent-identities/"
_S = "/api/marketplace-site-agent-services/"
_P = "/api/marketplace-site-agent-processors/"
_L = "/api/marketplace-site-agent-logs/"

IDENTITIES = Endpoint("GET", _I, IdentityQuery, list[Identity], 200, "List site agents")
IDENTITY = Endpoint("GET", _I + "{uuid}/", DetailQuery, Identity, 200, "Get a site agent")
IDENTITY_CREATE = Endpoint("POST", _I, NewIdentity, Identity, 201, "Register a site agent")
IDENTITY_UPDATE = Endpoint("PUT", _I + "{uuid}/", NewIdentity, Identity, 200, "Register a site agent again")
IDENTITY_DELETE = Endpoint("DELETE", _I + "{uuid}/", Nothing, Nothing, 204, "Forget a site agent")
REGISTER_SERVICE = Endpoint(
    "POST", _I + "{uuid}/register_service/", NewService, Service, 201, "Register a service of an agent"
)
REGISTER_QUEUE = Endpoint(
    "POST", _I + "{uuid}/register_queue/", QueueRequest, QueueAccess, 201, "Register an agent's event queue"
)
REGISTER_SUBSCRIPTION = Endpoint(
    "POST",
    _I + "{uuid}/register_event_subscription/",
    AgentSubscription,
    Subscription,
    201,
    "Subscribe an agent to one kind of event (older agents)",
)
SYNC_RESOURCES = Endpoint(
    "POST",
    "/api/marketplace-provider-offerings/{uuid}/sync_resources/",
    Nothing,
    Status,
    202,
    "Let the agent restore and bring in line everything it looks after",
)
SERVICES = Endpoint("GET", _S, ServiceQuery, list[Service], 200, "List services of site agents")
SERVICE = Endpoint("GET", _S + "{uuid}/", DetailQuery, Service, 200, "Get a service of a site agent")
SERVICE_DELETE = Endpoint("DELETE", _S + "{uuid}/", Nothing, Nothing, 204, "Forget a service")
SET_STATISTICS = Endpoint(
    "POST", _S + "{uuid}/set_statistics/", NewStatistics, Service, 200, "Report figures"
)
REGISTER_PROCESSOR = Endpoint(
    "POST",
    _S + "{uuid}/register_processor/",
    NewProcessor,
    Processor,
    201,
    "Register a processor of a service",
)
PROCESSORS = Endpoint("GET", _P, ProcessorQuery, list[Processor], 200, "List processors of site agents")
PROCESSOR = Endpoint("GET", _P + "{uuid}/", DetailQuery, Processor, 200, "Get a processor")
PROCESSOR_DELETE = Endpoint("DELETE", _P + "{uuid}/", Nothing, Nothing, 204, "Forget a processor")
LOGS = Endpoint("GET", _L, LogQuery, list[LogEntry], 200, "List what agents logged")
LOGS_CREATE = Endpoint("POST", _L, list[NewLogEntry], list[LogEntry], 201, "Send what an agent logged")
STATISTICS = Endpoint(
    "GET", "/api/marketplace-site-agent-stats/", DetailQuery, Statistics, 200, "Figures about site agents"
)
CONNECTIONS = Endpoint(
    "GET",
    "/api/marketplace-site-agent-connection-stats/",
    DetailQuery,
    Connections,
    200,
    "Which site agents read their events now",
)
