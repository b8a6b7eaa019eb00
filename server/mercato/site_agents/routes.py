"""Site agents over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from mercato.access.rules import SIGNED_IN, STAFF
from mercato.catalog.listings import PROVIDED
from mercato.kernel.acts import on_visible
from mercato.kernel.db import Tx
from mercato.kernel.errors import NotFound, invalid
from mercato.kernel.http import Answer, Call, Route, acting, detail, listed, reading
from mercato.kernel.listing import Listing
from mercato.queues.listings import SUBSCRIPTIONS
from mercato.queues.presence import Presence
from mercato.schemas import DetailQuery, Status
from mercato.schemas import agent_upkeep as upkeep
from mercato.schemas import site_agents as api
from mercato.schemas.permissions import Permission as P
from mercato.schemas.queues import AgentSubscription, QueueRequest
from mercato.site_agents import cleanup, connections, logs, service, statistics
from mercato.site_agents.listings import IDENTITIES, LOGS, PROCESSORS, SERVICES


def _found(listing: Listing, act: Callable[..., tuple[Any, bool]]) -> Callable[..., Answer]:
    """An act that says whether what it gives is new: 201, else 200."""

    def run(tx: Tx, actor: Any, uuid: str, *data: Any) -> Answer:
        made, fresh = act(tx, actor, uuid, *data)
        return Answer(made, 201 if fresh else 200)

    return on_visible(listing, run)


def _create(tx: Tx, call: Call, data: api.NewIdentity) -> str:
    if not PROVIDED.count(tx.conn, call.looker, None, uuid=data.offering.hex):
        raise invalid("offering", "Offering is not found.", code="unknown_offering")
    return service.register_identity(tx, call.actor, data)


def _queue(tx: Tx, call: Call, uuid: str, data: QueueRequest) -> Answer:
    answer: Answer = _found(IDENTITIES, service.register_queue)(tx, call, uuid, data)
    return answer


def _subscription(tx: Tx, call: Call, uuid: str, data: AgentSubscription) -> Answer:
    def act(tx: Tx, actor: Any, uuid: str, data: AgentSubscription) -> tuple[str, bool]:
        return service.register_subscription(tx, actor, uuid, data, call.credentials.address)

    answer: Answer = _found(IDENTITIES, act)(tx, call, uuid, data)
    return answer


def _sync(tx: Tx, actor: Any, uuid: str) -> Status:
    service.request_sync(tx, actor, uuid)
    return Status(status="Synchronization of resources has been requested.")


def _statistics(tx: Tx, actor: Any, uuid: str, data: api.NewStatistics) -> str:
    return service.set_statistics(tx, actor, uuid, data.statistics)


def _logs(tx: Tx, call: Call, data: list[api.NewLogEntry]) -> list[api.LogEntry]:
    for uuid in {entry.agent_identity_uuid.hex for entry in data}:
        if not IDENTITIES.count(tx.conn, call.looker, None, uuid=uuid):
            raise NotFound
    return logs.write(tx, call.actor, data, call.base)


def _connections(presence: Presence) -> Route:
    def read(conn: Connection, call: Call, _query: DetailQuery) -> api.Connections:
        return connections.connections(conn, call.looker, presence)

    return reading(api.CONNECTIONS, read, needs=SIGNED_IN)


def _figures(conn: Connection, call: Call, _query: DetailQuery) -> api.Statistics:
    return statistics.figures(conn, call.looker)


def _tasks(conn: Connection, call: Call, _query: DetailQuery) -> upkeep.TaskStatistics:
    return cleanup.tasks(conn, call.looker.params["now"])


def _by_staff(act: Callable[..., Any]) -> Callable[..., Any]:
    return lambda tx, _call, data: act(tx, data)


_ROUTES: list[Route] = [
    acting(upkeep.CLEANUP_ORPHANED, _by_staff(cleanup.forget_orphaned), needs=STAFF),
    acting(upkeep.CLEANUP_STALE, _by_staff(cleanup.forget_stale), needs=STAFF),
    reading(upkeep.TASKS, _tasks, needs=STAFF),
    listed(api.IDENTITIES, IDENTITIES, needs=SIGNED_IN),
    detail(api.IDENTITY, IDENTITIES, needs=SIGNED_IN),
    acting(api.IDENTITY_CREATE, _create, needs=P.OFFERING_UPDATE, then=IDENTITIES),
    acting(
        api.IDENTITY_UPDATE,
        on_visible(IDENTITIES, service.change_identity),
        needs=P.OFFERING_UPDATE,
        then=IDENTITIES,
    ),
    acting(api.IDENTITY_DELETE, on_visible(IDENTITIES, service.forget_identity), needs=P.OFFERING_UPDATE),
    acting(
        api.REGISTER_SERVICE,
        _found(IDENTITIES, service.register_service),
        needs=P.OFFERING_UPDATE,
        then=SERVICES,
    ),
    acting(api.REGISTER_QUEUE, _queue, needs=P.OFFERING_UPDATE),
    acting(api.REGISTER_SUBSCRIPTION, _subscription, needs=P.OFFERING_UPDATE, then=SUBSCRIPTIONS),
    acting(api.SYNC_RESOURCES, on_visible(PROVIDED, _sync), needs=P.OFFERING_UPDATE),
    listed(api.SERVICES, SERVICES, needs=SIGNED_IN),
    detail(api.SERVICE, SERVICES, needs=SIGNED_IN),
    acting(api.SERVICE_DELETE, on_visible(SERVICES, service.forget_service), needs=P.OFFERING_UPDATE),
    acting(api.SET_STATISTICS, on_visible(SERVICES, _statistics), needs=P.OFFERING_UPDATE, then=SERVICES),
    acting(
        api.REGISTER_PROCESSOR,
        _found(SERVICES, service.register_processor),
        needs=P.OFFERING_UPDATE,
        then=PROCESSORS,
    ),
    listed(api.PROCESSORS, PROCESSORS, needs=SIGNED_IN),
    detail(api.PROCESSOR, PROCESSORS, needs=SIGNED_IN),
    acting(api.PROCESSOR_DELETE, on_visible(PROCESSORS, service.forget_processor), needs=P.OFFERING_UPDATE),
    listed(api.LOGS, LOGS, needs=SIGNED_IN),
    acting(api.LOGS_CREATE, _logs, needs=P.OFFERING_UPDATE),
    reading(api.STATISTICS, _figures, needs=SIGNED_IN),
]


def routes(presence: Presence) -> list[Route]:
    """`presence`: who reads events in this process."""
    return [*_ROUTES, _connections(presence)]
