"""Which of the agents that somebody sees read their events now."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from mercato.catalog.tables import offerings
from mercato.kernel.listing import Looker
from mercato.queues.presence import Presence, Reader
from mercato.queues.tables import event_queues, event_subscriptions, queued_messages
from mercato.schemas import site_agents as api
from mercato.site_agents.listings import provided
from mercato.site_agents.tables import agent_identities, agent_services

_AGENTS = (
    select(
        agent_identities,
        offerings.c.uuid.label("offering_uuid"),
        offerings.c.name.label("offering_name"),
    )
    .join(offerings, offerings.c.id == agent_identities.c.offering_id)
    .order_by(agent_identities.c.id)
)


def connections(conn: Connection, looker: Looker, presence: Presence) -> api.Connections:
    scope = provided(looker.kind)
    statement = _AGENTS if scope is None else _AGENTS.where(scope)
    found = conn.execute(statement, dict(looker.params)).fetchall()
    queues, subscriptions = _queues(conn), _subscriptions(conn)
    services: dict[int, list[Any]] = {}
    for row in conn.execute(select(agent_services).order_by(agent_services.c.id)):
        services.setdefault(row.identity_id, []).append(row)
    reading = presence.everywhere(conn)
    agents, connected, waiting = [], 0, 0
    for agent in found:
        wished = subscriptions.get(agent.uuid, [])
        mine = [*queues.get(agent.uuid, ()), *(q for s in wished for q in queues.get(s.uuid, ()))]
        readers = [reader for queue in mine for reader in reading.get(queue.id, ())]
        connected += bool(readers)
        waiting += sum(queue.waiting for queue in mine)
        agents.append(_agent(agent, services.get(agent.id, []), wished, mine, queues, reading))
    summary = api.ConnectionSummary(
        total_agents=len(agents),
        connected_agents=connected,
        disconnected_agents=len(agents) - connected,
        total_queued_messages=waiting,
    )
    return api.Connections(agents=agents, summary=summary)


def _queues(conn: Connection) -> dict[str, list[Any]]:
    """The queues by login, with how many messages wait."""
    number = func.count(queued_messages.c.id).label("waiting")
    counted = (
        select(event_queues, number)
        .outerjoin(queued_messages, queued_messages.c.queue_id == event_queues.c.id)
        .group_by(event_queues.c.id)
        .order_by(event_queues.c.id)
    )
    found: dict[str, list[Any]] = {}
    for row in conn.execute(counted):
        found.setdefault(row.login, []).append(row)
    return found


def _subscriptions(conn: Connection) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    of_agents = select(event_subscriptions).where(event_subscriptions.c.agent != "")
    for row in conn.execute(of_agents.order_by(event_subscriptions.c.id)):
        found.setdefault(row.agent, []).append(row)
    return found


def _agent(
    agent: Any,
    services: list[Any],
    wished: list[Any],
    mine: list[Any],
    queues: Any,
    reading: dict[int, list[Reader]],
) -> api.AgentConnection:
    subscriptions = [
        api.SubscriptionConnection(
            uuid=row.uuid,
            created=row.created,
            observable_objects=row.observable_objects,
            rmq_connection=_connection(queues.get(row.uuid, []), reading),
        )
        for row in wished
    ]
    subscriptions += [
        api.SubscriptionConnection(
            uuid=queue.uuid,
            created=queue.created,
            observable_objects=[{"object_type": kind} for kind in queue.object_types],
            rmq_connection=_connection([queue], reading),
        )
        for queue in mine
        if queue.subscription_id is None
    ]
    return api.AgentConnection(
        uuid=agent.uuid,
        name=agent.name,
        offering_uuid=agent.offering_uuid,
        offering_name=agent.offering_name,
        version=agent.version,
        last_restarted=agent.last_restarted or agent.created,
        services=[
            api.ServiceStatus(uuid=row.uuid, name=row.name, state=row.state.upper(), modified=row.modified)
            for row in services
        ],
        event_subscriptions=subscriptions,
        queues=[
            api.QueueState(
                name=queue.name,
                messages=queue.waiting,
                consumers=len(reading.get(queue.id, ())),
                object_type=queue.object_type or None,
            )
            for queue in mine
        ],
    )


def _connection(rows: list[Any], reading: dict[int, list[Reader]]) -> api.ConnectedSubscription:
    readers = [reader for queue in rows for reader in reading.get(queue.id, ())]
    return _connected(readers[0]) if readers else api.ConnectedSubscription(connected=False)


def _connected(reader: Reader) -> api.ConnectedSubscription:
    return api.ConnectedSubscription(
        connected=True,
        source_ip=reader.address or None,
        connected_at=reader.since,
        state="running",
        recv_oct=reader.octets.received,
        send_oct=reader.octets.sent,
    )
