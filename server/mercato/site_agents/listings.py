"""How site agents, what runs in them and what they log are listed: for the offering's provider."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists

from mercato.access import queries as access
from mercato.catalog.tables import offerings
from mercato.identity.tables import users
from mercato.kernel.filters import Filter, equals, instant, since, until, whether
from mercato.kernel.listing import Listing, converted, omit
from mercato.kernel.wiresql import children, link
from mercato.schemas.site_agents import Identity, LogEntry, Processor, Service, ServiceStateChoice
from mercato.site_agents.rules import compatibility
from mercato.site_agents.tables import agent_identities, agent_logs, agent_processors, agent_services

_STATES = {"1": "Active", "2": "Idle", "3": "Error"}


def provided(kind: str) -> ColumnElement[bool] | None:
    """What belongs to offerings that I provide."""
    if kind == access.EVERYTHING:
        return None
    return access.provides(offerings.c.id, offerings.c.customer_id)


_agents = agent_identities.join(offerings, offerings.c.id == agent_identities.c.offering_id)
_services = _agents.join(agent_services, agent_services.c.identity_id == agent_identities.c.id)
_SERVICE: dict[str, Any] = {
    "url": link("/api/marketplace-site-agent-services/{}/", agent_services.c.uuid),
    **{
        name: agent_services.c[name]
        for name in ("uuid", "name", "state", "created", "modified", "mode", "statistics")
    },
}
_PROCESSOR: dict[str, Any] = {
    "url": link("/api/marketplace-site-agent-processors/{}/", agent_processors.c.uuid),
    **{
        name: agent_processors.c[name]
        for name in ("uuid", "name", "backend_type", "backend_version", "last_run", "created", "modified")
    },
}

IDENTITIES = Listing(
    Identity,
    table=agent_identities,
    source=_agents.outerjoin(users, users.c.id == agent_identities.c.created_by_id),
    visible=provided,
    columns={
        "url": link("/api/marketplace-site-agent-identities/{}/", agent_identities.c.uuid),
        "offering": offerings.c.uuid,
        "created_by": users.c.uuid,
        **{
            name: agent_identities.c[name]
            for name in (
                "uuid", "name", "created", "modified", "version", "dependencies", "config_file_path",
                "config_file_content",
            )
        },
        "services": children(
            _SERVICE,
            agent_services,
            where=agent_services.c.identity_id == agent_identities.c.id,
            order=[agent_services.c.id],
            of=agent_identities,
        ),
        "compatibility": converted(agent_identities.c.version, compatibility),
        "last_restarted": omit(agent_identities.c.last_restarted),
    },
    filters={
        "uuid": equals(agent_identities.c.uuid),
        "name": equals(agent_identities.c.name),
        "offering_uuid": equals(offerings.c.uuid),
        "version": equals(agent_identities.c.version),
        "last_restarted": since(agent_identities.c.last_restarted),
        "orphaned": whether(~exists().where(agent_services.c.identity_id == agent_identities.c.id)),
    },
)  # fmt: skip


def _state(value: Any) -> str:
    chosen = value.value if isinstance(value, ServiceStateChoice) else str(value)
    return _STATES.get(chosen, chosen)


SERVICES = Listing(
    Service,
    table=agent_services,
    source=_services,
    visible=provided,
    columns={
        **_SERVICE,
        "identity": agent_identities.c.uuid,
        "identity_name": agent_identities.c.name,
        "processors": children(
            _PROCESSOR,
            agent_processors,
            where=agent_processors.c.service_id == agent_services.c.id,
            order=[agent_processors.c.id],
            of=agent_services,
        ),
    },
    filters={
        "uuid": equals(agent_services.c.uuid),
        "identity_uuid": equals(agent_identities.c.uuid),
        "mode": equals(agent_services.c.mode),
        "state": equals(agent_services.c.state)._replace(value=_state),
        "modified_after": since(agent_services.c.modified),
        "modified_before": until(agent_services.c.modified),
        "stale": whether(agent_services.c.modified < access.DAY_AGO),
    },
)

PROCESSORS = Listing(
    Processor,
    table=agent_processors,
    source=_services.join(agent_processors, agent_processors.c.service_id == agent_services.c.id),
    visible=provided,
    columns={
        **_PROCESSOR,
        "service": agent_services.c.uuid,
        "service_name": agent_services.c.name,
    },
    filters={
        "uuid": equals(agent_processors.c.uuid),
        "service_uuid": equals(agent_services.c.uuid),
        "backend_type": equals(agent_processors.c.backend_type),
        "backend_version": equals(agent_processors.c.backend_version),
        "last_run": since(agent_processors.c.last_run),
        "last_run_before": until(agent_processors.c.last_run),
        "stale": whether(agent_processors.c.last_run < access.DAY_AGO),
    },
)


def _seconds(value: Any) -> float:
    """A moment as agents count it: seconds since 1970."""
    return datetime.fromisoformat(value).timestamp()


def _from(rule: Filter) -> Filter:
    return rule._replace(value=instant)


LOGS = Listing(
    LogEntry,
    table=agent_logs,
    source=_agents.join(agent_logs, agent_logs.c.identity_id == agent_identities.c.id),
    visible=provided,
    columns={
        "uuid": agent_logs.c.uuid,
        "offering": link("/api/marketplace-provider-offerings/{}/", offerings.c.uuid),
        "offering_uuid": offerings.c.uuid,
        "agent_identity_uuid": agent_identities.c.uuid,
        "timestamp": converted(agent_logs.c.at, _seconds),
        "level": agent_logs.c.level,
        "message": agent_logs.c.message,
        "module": agent_logs.c.module,
        "created": agent_logs.c.created,
    },
    filters={
        "uuid": equals(agent_logs.c.uuid),
        "agent_identity_uuid": equals(agent_identities.c.uuid),
        "offering_uuid": equals(offerings.c.uuid),
        "level": equals(agent_logs.c.level),
        "timestamp_from": _from(since(agent_logs.c.at)),
        "timestamp_to": _from(until(agent_logs.c.at)),
    },
    order={"timestamp": agent_logs.c.at, "created": agent_logs.c.created},
    default_order=("-timestamp",),
)
