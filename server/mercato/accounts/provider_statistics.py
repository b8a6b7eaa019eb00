"""How a provider is doing: customers, resources, offerings and orders in numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from mercato.catalog.tables import offerings
from mercato.orders.tables import orders
from mercato.resources.tables import resource_history, resources
from mercato.schemas.catalog import OfferingState
from mercato.schemas.orders import OrderState
from mercato.schemas.providers import ProviderStatistics
from mercato.schemas.resources import ResourceState
from mercato.tenants.tables import projects

_ON_SHELF = (OfferingState.ACTIVE.value, OfferingState.PAUSED.value)
_gone = resources.c.state == ResourceState.TERMINATED.value


def of(conn: Connection, customer_id: int, now: datetime) -> ProviderStatistics:
    """The numbers of one provider (an organization). Its campaigns and tickets are none: there are none here."""
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ended = resource_history.alias("ended")
    ended_since = exists().where(
        ended.c.resource_id == resources.c.id, ended.c.kind == "terminated", ended.c.at >= month
    )
    # Those that were there when the month began: made before it, and not ended before it either.
    before = and_(resources.c.created < month, or_(~_gone, ended_since))
    placed = resources.join(offerings, offerings.c.id == resources.c.offering_id).join(
        projects, projects.c.id == resources.c.project_id
    )
    mine = offerings.c.customer_id == customer_id

    def count(statement: Select[Any]) -> int:
        return int(conn.execute(statement).scalar_one())

    def counted(where: ColumnElement[bool]) -> tuple[int, int]:
        """Resources and the organizations that they belong to."""
        columns = (func.count(), func.count(projects.c.customer_id.distinct()))
        row = conn.execute(select(*columns).select_from(placed).where(mine, where)).one()
        return int(row[0]), int(row[1])

    active, customers = counted(~_gone)
    active_then, customers_then = counted(before)
    erred, _ = counted(resources.c.state == ResourceState.ERRED.value)
    on_shelf = select(func.count()).where(
        mine, offerings.c.removed_at.is_(None), offerings.c.state.in_(_ON_SHELF)
    )
    waiting = (
        select(func.count())
        .select_from(orders.join(offerings, offerings.c.id == orders.c.offering_id))
        .where(mine, orders.c.state == OrderState.PENDING_PROVIDER.value)
    )
    return ProviderStatistics(
        active_campaigns=0,
        current_customers=customers,
        customers_number_change=customers - customers_then,
        active_resources=active,
        resources_number_change=active - active_then,
        active_and_paused_offerings=count(on_shelf),
        unresolved_tickets=0,
        pending_orders=count(waiting),
        erred_resources=erred,
    )
