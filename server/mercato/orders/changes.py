"""Orders that take a resource up again, prolong it, or change its options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.billing.core import renewal as core
from mercato.catalog import queries as catalog
from mercato.catalog import rules as catalog_rules
from mercato.kernel.columns import plain
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, NotFound, invalid
from mercato.orders import costs, moves, prepaid, service
from mercato.orders.costs import Currency
from mercato.orders.service import Wish
from mercato.resources import queries as resource_queries
from mercato.resources import service as resources
from mercato.resources import upkeep
from mercato.schemas.access import Scope
from mercato.schemas.orders import (
    OrderType,
    Renewal,
    RenewalCost,
    RenewalEstimate,
    Restoration,
)
from mercato.schemas.permissions import Permission as P
from mercato.schemas.resources import ResourceState
from mercato.tenants import queries as tenants
from mercato.tenants.service import today_of

# The offering's option that makes an order of every change of options.
ORDERS_OPTIONS = "create_orders_on_resource_option_change"


def _there(tx: Tx, uuid: str) -> Any:
    """The resource whatever its state: who may not act on it learns nothing of that."""
    row = resource_queries.resource_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    return row


def order_restoration(tx: Tx, actor: Actor, uuid: str, data: Restoration) -> str:
    """Order that a resource which has ended is taken up again, by its customer or its provider."""
    row = _there(tx, uuid)
    provider = [(Scope.CUSTOMER, row.provider_id)]
    if not access.holds(tx.conn, actor, P.RESOURCE_TERMINATE, provider, tx.now):
        access.must(tx.conn, actor, P.ORDER_CREATE, resource_queries.consumer_scopes(row), tx.now)
    row = service.resource_for(tx, uuid, states=(ResourceState.TERMINATED,))
    if not resource_queries.history_of(tx.conn, row.id):
        raise Conflict("Resource has never been there.", code="wrong_state", state=row.state)
    offering = service.managed_offering(tx, row)
    project = tenants.project_by_id(tx.conn, row.project_id)
    service.check_open(tx, project)
    plan = service.plan_for(tx, offering, data.plan or _plan_uuid(tx, row))
    service.check_groups(tx, offering, plan, project)
    components = catalog.components_of(tx.conn, offering.id)
    known = {c.type for c in components if c.billing_type == "limit" or c.is_prepaid}
    wanted = {type_: value for type_, value in row.limits.items() if type_ in known} | data.limits
    limits = resources.checked_limits(tx, components, offering.id, wanted, complete=True, but=row.id)
    today = today_of(tx, row.customer_id)
    if data.end_date is not None and data.end_date < today:
        raise invalid("end_date", "End date can not be in the past.", code="past")
    end = data.end_date or (row.end_date if row.end_date and row.end_date >= today else None)
    wish = Wish(
        type=OrderType.RESTORE,
        offering=offering,
        plan=plan,
        old_plan=None,
        project=project,
        resource_id=row.id,
        attributes={"end_date": end.isoformat() if end else None},
        limits=limits,
        cost=costs.order_cost(tx, plan, components, limits, OrderType.RESTORE),
        request_comment=data.request_comment,
    )
    return service.place(tx, actor, wish)


def _plan_uuid(tx: Tx, row: Any) -> str | None:
    return catalog.plan_by_id(tx.conn, row.plan_id).uuid if row.plan_id else None


class _Prolonged(NamedTuple):
    """A renewal that was checked."""

    row: Any
    offering: Any
    plan: Any
    project: Any
    limits: dict[str, int]
    cost: core.Renewal


def _prolonged(tx: Tx, actor: Actor, uuid: str, data: Renewal) -> _Prolonged:
    scopes = resource_queries.consumer_scopes(_there(tx, uuid))
    access.must(tx.conn, actor, P.RESOURCE_SET_LIMITS, scopes, tx.now)
    row = service.resource_for(tx, uuid, states=(ResourceState.OK,))
    offering = service.managed_offering(tx, row)
    project = tenants.project_by_id(tx.conn, row.project_id)
    service.check_open(tx, project)
    components = catalog.components_of(tx.conn, offering.id)
    problem = catalog_rules.renewal_problem(components, data.extension_months)
    if problem:
        raise invalid("extension_months", problem, code="bad_duration")
    plan = catalog.plan_by_id(tx.conn, row.plan_id) if row.plan_id else None
    if plan is None:
        raise invalid("plan", "The resource has no plan.", code="no_plan")
    limits = _raised(tx, row, components, data.limits)
    cost = core.renewal(
        costs.core_plan(tx.conn, plan),
        costs.core_components(components),
        dict(row.limits),
        dict(limits),
        months=data.extension_months,
        today=today_of(tx, row.customer_id),
        end=row.end_date,
        currency=tx.ask(Currency())[0],
    )
    return _Prolonged(row, offering, plan, project, limits, cost)


def _raised(tx: Tx, row: Any, components: Sequence[Any], given: dict[str, Any]) -> dict[str, int]:
    checked = resources.checked_limits(
        tx, list(components), row.offering_id, given, complete=False, but=row.id
    )
    lower = sorted(type_ for type_, value in checked.items() if 0 <= value < row.limits.get(type_, 0))
    if lower:
        message = f"{', '.join(lower)}: a renewal can only raise limits."
        raise invalid("limits", message, code="lower_limits")
    return {**row.limits, **checked}


def order_renewal(tx: Tx, actor: Actor, uuid: str, data: Renewal) -> str:
    """Order more months of a prepaid resource, with higher limits if they are wished."""
    found = _prolonged(tx, actor, uuid, data)
    row = found.row
    attributes = {
        "action": moves.RENEW,
        "extension_months": data.extension_months,
        "old_end_date": row.end_date.isoformat() if row.end_date else None,
        "new_end_date": found.cost.new_end.isoformat(),
        "old_limits": row.limits,
        prepaid.CHARGES: prepaid.renewed(found.cost, data.extension_months),
    }
    wish = Wish(
        type=OrderType.UPDATE,
        offering=found.offering,
        plan=found.plan,
        old_plan=None,
        project=found.project,
        resource_id=row.id,
        attributes=attributes,
        limits=found.limits,
        cost=found.cost.total,
        request_comment=data.request_comment,
        attachment=data.attachment,
    )
    return service.place(tx, actor, wish)


def estimate_renewal(tx: Tx, actor: Actor, uuid: str, data: Renewal) -> RenewalEstimate:
    """What the same would cost; nothing is ordered."""
    cost = _prolonged(tx, actor, uuid, data).cost
    months = data.extension_months
    return RenewalEstimate(
        components=[
            RenewalCost(
                component_type=charge.component.type,
                component_name=charge.component.name,
                billing_type=charge.component.billing_type,
                billing_period=charge.component.limit_period,
                current_limit=charge.current_limit,
                new_limit=charge.new_limit,
                unit_price=plain(charge.unit_price),
                measured_unit=charge.component.measured_unit,
                period_description=f"{months} month{'s' if months > 1 else ''}",
                total=str(charge.subscription + charge.change),
            )
            for charge in cost.charges
        ],
        subscription_total=str(cost.subscription),
        limit_change_total=str(cost.change),
        total=str(cost.total),
        remaining_days=cost.remaining_days,
        new_end_date=cost.new_end,
    )


def change_options(tx: Tx, actor: Actor, uuid: str, given: dict[str, Any]) -> str | None:
    """Other options of a resource that is OK: at once, or (where the offering asks for it) by an order, whose uuid
    is given."""
    row = _there(tx, uuid)
    scopes = [*resource_queries.consumer_scopes(row), (Scope.CUSTOMER, row.provider_id)]
    access.must(tx.conn, actor, P.RESOURCE_UPDATE_OPTIONS, scopes, tx.now)
    row = service.resource_for(tx, uuid, states=(ResourceState.OK,))
    offering = service.managed_offering(tx, row)
    options = upkeep.checked_options(tx, row, given)
    if offering.plugin_options.get(ORDERS_OPTIONS) is not True:
        upkeep.set_options(tx, row, options)
        return None
    project = tenants.project_by_id(tx.conn, row.project_id)
    service.check_open(tx, project)
    wish = Wish(
        type=OrderType.UPDATE,
        offering=offering,
        plan=catalog.plan_by_id(tx.conn, row.plan_id) if row.plan_id else None,
        old_plan=None,
        project=project,
        resource_id=row.id,
        attributes={"new_options": options, "old_options": row.options or {}},
        limits=row.limits,
        cost=None,
    )
    return service.place(tx, actor, wish)
