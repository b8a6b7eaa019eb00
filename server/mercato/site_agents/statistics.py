"""Figures about the site agents that somebody sees."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, select

from mercato.catalog.tables import offerings
from mercato.kernel.listing import Looker
from mercato.schemas import site_agents as api
from mercato.site_agents.listings import provided
from mercato.site_agents.tables import agent_identities, agent_processors, agent_services

# Not heard of for so long: somebody should look.
STALE_AFTER = timedelta(hours=24)


def _seen(statement: Any, looker: Looker) -> Any:
    scope = provided(looker.kind)
    return statement if scope is None else statement.where(scope)


def figures(conn: Connection, looker: Looker) -> api.Statistics:
    now: datetime = looker.params["now"]
    return api.Statistics(
        identities=_identities(conn, looker),
        services=_services(conn, looker, now - STALE_AFTER),
        processors=_processors(conn, looker, now - STALE_AFTER),
    )


def _identities(conn: Connection, looker: Looker) -> api.IdentityCounts:
    number = func.count()
    counted = (
        select(offerings.c.name, offerings.c.uuid, number)
        .select_from(agent_identities.join(offerings, offerings.c.id == agent_identities.c.offering_id))
        .group_by(offerings.c.id, offerings.c.name, offerings.c.uuid)
        .order_by(number.desc(), offerings.c.name)
    )
    rows = [
        api.OfferingCount(offering_name=name, offering_uuid=uuid, also_name=name, also_uuid=uuid, count=count)
        for name, uuid, count in _named(conn, looker, counted)
    ]
    return api.IdentityCounts(total=sum(row.count for row in rows), by_offering=rows)


def _named(conn: Connection, looker: Looker, counted: Any) -> list[Any]:
    return list(conn.execute(_seen(counted, looker), dict(looker.params)))


def _services(conn: Connection, looker: Looker, since: datetime) -> api.ServiceCounts:
    stale = func.sum(case((agent_services.c.modified < since, 1), else_=0))
    counted = (
        select(agent_services.c.state, func.count(), stale)
        .select_from(agent_services.join(agent_identities).join(offerings))
        .group_by(agent_services.c.state)
    )
    rows = _named(conn, looker, counted)
    by_state = {row[0].lower(): row[1] for row in rows}
    states = api.StateCounts(**{name: by_state.get(name, 0) for name in ("active", "idle", "error")})
    total, silent = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return api.ServiceCounts(total=total, by_state=states, stale_count=silent)


def _processors(conn: Connection, looker: Looker, since: datetime) -> api.ProcessorCounts:
    stale = func.sum(case((agent_processors.c.last_run < since, 1), else_=0))
    number = func.count()
    counted = (
        select(agent_processors.c.backend_type, number, stale)
        .select_from(agent_processors.join(agent_services).join(agent_identities).join(offerings))
        .group_by(agent_processors.c.backend_type)
        .order_by(number.desc(), agent_processors.c.backend_type)
    )
    rows = _named(conn, looker, counted)
    return api.ProcessorCounts(
        total=sum(row[1] for row in rows),
        by_backend_type=[api.BackendCount(backend_type=row[0], count=row[1]) for row in rows],
        stale_count=sum(row[2] for row in rows),
    )
