"""An order's way through its states: reviews, waiting, execution, and what each step does to the resource."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.kernel import clock
from mercato.kernel.db import Tx
from mercato.kernel.ids import new_uuid
from mercato.orders import prepaid, queries, rules
from mercato.orders.rules import ConsumerFacts, ProviderFacts, Waiting
from mercato.orders.states import ORDER
from mercato.orders.tables import orders
from mercato.resources import queries as resource_queries
from mercato.resources import service as resources
from mercato.resources.lanes import lane
from mercato.schemas.access import RoleName, Scope
from mercato.schemas.facts import OrderMoved
from mercato.schemas.orders import OrderState as S
from mercato.schemas.orders import OrderType
from mercato.schemas.permissions import Permission as P
from mercato.tenants.service import today_of

EXECUTE, WAKE = "orders.execute", "orders.wake"

_EVENT = {
    S.PENDING_CONSUMER: "marketplace_order_created",
    S.PENDING_PROVIDER: "marketplace_order_approved",
    S.PENDING_PROJECT: "marketplace_order_approved",
    S.PENDING_START_DATE: "marketplace_order_approved",
    S.EXECUTING: "marketplace_order_approved",
    S.DONE: "marketplace_order_completed",
    S.ERRED: "marketplace_order_failed",
    S.CANCELED: "marketplace_order_terminated",
    S.REJECTED: "marketplace_order_rejected",
}
# The resource's arrows while its order executes, succeeds, is tried again, or comes to nothing.
_STARTS = {
    OrderType.UPDATE: "update",
    OrderType.TERMINATE: "terminate",
    OrderType.CREATE: "create",
    OrderType.RESTORE: "restore",
}
# What is restored is made again.
_VERB = {kind: kind.value.lower() for kind in OrderType} | {OrderType.RESTORE: "create"}
RENEW = "renew"


def announce(tx: Tx, row: Any, previous: str, state: S, *, event: str = "") -> None:
    """Tell everybody that the order has moved, or (by an `event` of its own) that something was added to it."""
    fact = OrderMoved(
        object=row.uuid,
        type=row.type,
        state=state.value,
        previous=previous,
        resource=row.resource_uuid,
        offering=row.offering_uuid,
        project=row.project_uuid,
        reason=row.error_message if state is S.CANCELED else "",
    )
    text = f"{row.type} order of {row.offering_name} for {row.resource_name}: {state.value}."
    if row.error_message:
        text += f" {row.error_message}"
    tx.emit(fact, event=event or _EVENT[state], message=text)


# -- facts that the rules decide on ------------------------------------------------------------


class Case(NamedTuple):
    """An order that is not written yet, as the rules' facts need it; orders' rows have the same names."""

    type: str
    shared: bool
    plugin_options: Any
    offering_id: int
    offering_type: str
    provider_id: int
    project_id: int
    customer_id: int
    created_by_id: int | None
    project_start: date | None
    start_date: date | None
    time_zone: str


def case_of(actor: Actor, wish: Any) -> Case:
    return Case(
        type=wish.type.value,
        shared=wish.offering.shared,
        plugin_options=wish.offering.plugin_options,
        offering_id=wish.offering.id,
        offering_type=wish.offering.type,
        provider_id=wish.offering.customer_id,
        project_id=wish.project.id,
        customer_id=wish.project.customer_id,
        created_by_id=actor.id or None,
        project_start=wish.project.start_date,
        start_date=wish.start_date,
        time_zone=wish.project.time_zone,
    )


def consumer_facts(tx: Tx, actor: Actor, row: Any) -> ConsumerFacts:
    project = [(Scope.PROJECT, row.project_id)]
    may = access.holds(tx.conn, actor, P.ORDER_APPROVE, queries.consumer_scopes(row), tx.now)
    return ConsumerFacts(
        staff=actor.is_staff,
        shared=row.shared,
        may_approve_private=may
        or (not row.shared and access.holds(tx.conn, actor, P.ORDER_APPROVE_PRIVATE, project, tx.now)),
        same_organization=row.provider_id == row.customer_id,
        auto_approve_in_own_projects=_option(row, "auto_approve_in_service_provider_projects"),
        order_type=OrderType(row.type),
        owns_provider=row.type == OrderType.TERMINATE and _owns(tx, actor.id, row.provider_id),
        may_approve=may,
    )


def _option(row: Any, name: str) -> bool:
    options = resource_queries.decoded(row.plugin_options)
    return options.get(name) is True


def _owns(tx: Tx, user_id: int, customer_id: int) -> bool:
    return access.has_role(
        tx.conn, user_id, Scope.CUSTOMER, customer_id, tx.now, RoleName.CUSTOMER_OWNER.value
    )


def waiting(tx: Tx, row: Any) -> Waiting:
    """What may still hold the order up, on the organization's own calendar."""
    today = clock.day_of(tx.now, row.time_zone)
    remote = row.offering_type == rules.REMOTE
    creator = row.created_by_id or 0
    facts = ProviderFacts(
        offering_type=row.offering_type,
        auto_approve_remote_orders=remote and _option(row, "auto_approve_remote_orders"),
        owns_provider=remote and _owns(tx, creator, row.provider_id),
        manages_provider=remote
        and access.has_role(
            tx.conn, creator, Scope.CUSTOMER, row.provider_id, tx.now, RoleName.CUSTOMER_MANAGER.value
        ),
        has_offering_role=remote
        and access.has_role(tx.conn, creator, Scope.OFFERING, row.offering_id, tx.now),
    )
    return Waiting(
        project_starts_later=rules.lies_ahead(row.project_start, today),
        provider_reviews=rules.provider_review_needed(facts),
        order_starts_later=rules.lies_ahead(row.start_date, today) and start_dates_count(tx),
    )


class OrderStartDates(NamedTuple):
    """Asked whether orders wait for their start date at all (the operator decides; default: they do)."""


def start_dates_count(tx: Tx) -> bool:
    return all(tx.ask(OrderStartDates()))


# -- steps -------------------------------------------------------------------------------------


def move(tx: Tx, row: Any, action: str, **values: Any) -> Any:
    """Take one arrow of the table, with its effects on the resource; the order afterwards.

    Raises Conflict (409) where the table has none.
    """
    state = ORDER.step(S(row.state), action, waiting(tx, row))
    changed = {**values, "state": state.value, "modified": tx.now}
    if state in (S.DONE, S.ERRED, S.CANCELED, S.REJECTED):
        changed["completed_at"] = tx.now
    if state is S.EXECUTING:
        changed |= {"run_token": None, "completed_at": None, "error_message": "", "error_traceback": ""}
    tx.conn.execute(update(orders).where(orders.c.id == row.id), changed)
    after = queries.order_row(tx.conn, row.uuid)
    _affect_resource(tx, after, S(row.state), state)
    announce(tx, after, row.state, state)
    if state is S.EXECUTING:
        execute_now(tx, after)
    return after


def reviewed_by(actor: Actor, now: datetime, held: Waiting) -> dict[str, Any]:
    """Who reviewed for the consumer, and (where the provider's review is skipped) for the provider."""
    reviewed = {"consumer_reviewed_by_id": actor.id or None, "consumer_reviewed_at": now}
    if not held.provider_reviews and not held.project_starts_later:
        reviewed |= {"provider_reviewed_by_id": actor.id or None, "provider_reviewed_at": now}
    return reviewed


def approve_for_consumer(tx: Tx, actor: Actor, row: Any) -> Any:
    """The consumer's approval."""
    return move(tx, row, "approve_by_consumer", **reviewed_by(actor, tx.now, waiting(tx, row)))


def placed(tx: Tx, uuid: str, state: S) -> None:
    """Tell of a new order, and begin its execution where nothing holds it up."""
    told = queries.told_row(tx.conn, uuid)
    announce(tx, told, "", S.PENDING_CONSUMER)
    if state is S.PENDING_CONSUMER:
        return
    if state is not S.EXECUTING:
        announce(tx, told, S.PENDING_CONSUMER.value, state)
        return
    row = queries.order_row(tx.conn, uuid)
    _affect_resource(tx, row, S.PENDING_CONSUMER, state)
    announce(tx, row, S.PENDING_CONSUMER.value, state)
    execute_now(tx, row)


def execute_now(tx: Tx, row: Any) -> None:
    """Put in the job that executes it, unless one waits already."""
    lock = lane(tx, row.provider_id, row.resource_uuid)
    tx.enqueue(EXECUTE, key=f"order:{row.uuid}", lock=lock, queue="provision", order=row.uuid)


def wake_later(tx: Tx, row: Any, at: datetime) -> None:
    """Ask again at that moment. Not the job itself waits: what waits in a lane holds up those behind it."""
    tx.enqueue(WAKE, key=f"wake:{row.uuid}", queue="provision", at=at, order=row.uuid)


def _affect_resource(tx: Tx, order: Any, before: S, state: S) -> None:
    """What a step of the order does to its resource (contract §4.2)."""
    resource = resource_queries.resource_by_id(tx.conn, order.resource_id)
    kind = OrderType(order.type)
    verb = _VERB[kind]
    if state is S.EXECUTING:
        if kind is not OrderType.CREATE or before is S.ERRED:
            _step(tx, resource, _STARTS[kind], f"marketplace_resource_{verb}_requested")
        return
    if state is S.ERRED:
        if before is S.EXECUTING or kind is OrderType.CREATE:
            values = {"error_message": order.error_message, "error_traceback": order.error_traceback}
            _step(tx, resource, "failed", f"marketplace_resource_{verb}_failed", **values)
        return
    if state in (S.CANCELED, S.REJECTED) and kind is OrderType.CREATE:
        _step(tx, resource, "refused", "marketplace_resource_create_canceled")
    if state is S.DONE:
        _complete(tx, resource, order, kind)


def _step(tx: Tx, resource: Any, action: str, event: str, **values: Any) -> Any:
    text = f"Resource {resource.name}: {action}."
    return resources.move(tx, resource, action, event=event, message=text, **values)


def _complete(tx: Tx, resource: Any, order: Any, kind: OrderType) -> None:
    well: dict[str, Any] = {"error_message": "", "error_traceback": ""}
    if kind is OrderType.CREATE:
        _begin(tx, resource, order, well)
    elif kind is OrderType.TERMINATE:
        after = _step(tx, resource, "terminated", "marketplace_resource_terminate_succeeded", **well)
        resources.bill(tx, after, "terminated")
    elif kind is OrderType.RESTORE:
        values = {"limits": resource_queries.decoded(order.limits), "plan_id": order.plan_id}
        end = resource_queries.decoded(order.attributes).get("end_date")
        values["end_date"] = date.fromisoformat(end) if end else None
        event = "marketplace_resource_create_succeeded"
        after = _step(tx, resource, "provisioned", event, **values, **well)
        resources.bill(tx, after, "restored")
    else:
        _update(tx, resource, order, well)


def _begin(tx: Tx, resource: Any, order: Any, well: dict[str, Any]) -> None:
    """With the service the months begin that were ordered in advance, and are charged."""
    attributes = resource_queries.decoded(order.attributes)
    end = prepaid.end_of(attributes, today_of(tx, resource.customer_id))
    values = well if end is None else {**well, "end_date": end}
    after = _step(tx, resource, "provisioned", "marketplace_resource_create_succeeded", **values)
    resources.charge(tx, after, order.plan_id, attributes.get(prepaid.CHARGES, ()))
    resources.bill(tx, after, "created")


def _update(tx: Tx, resource: Any, order: Any, well: dict[str, Any]) -> None:
    """Update orders are told apart by what they carry (contract §5.7)."""
    attributes = resource_queries.decoded(order.attributes)
    limits = resource_queries.decoded(order.limits)
    event, kind = "marketplace_resource_update_succeeded", ""
    values: dict[str, Any] = {}
    charges = attributes.get(prepaid.CHARGES, ())
    resources.charge(tx, resource, order.plan_id or resource.plan_id, charges)
    if order.plan_id is not None and order.plan_id != resource.plan_id:
        kind, values = "plan", {"plan_id": order.plan_id}
    elif attributes.get("action") == RENEW:
        kind = "limits" if charges or limits != resource.limits else ""
        values = {"limits": limits, **_renewed(resource, order, attributes)}
    elif "new_options" in attributes:
        values = {"options": attributes["new_options"]}
    else:
        event = "marketplace_resource_update_limits_succeeded"
        kind, values = "limits", {"limits": limits}
    after = _step(tx, resource, "updated", event, **values, **well)
    if kind:
        resources.bill(tx, after, kind)


def _renewed(resource: Any, order: Any, attributes: dict[str, Any]) -> dict[str, Any]:
    """The later end, and an entry in the resource's own history of renewals."""
    kept = ("extension_months", "old_end_date", "new_end_date", "old_limits")
    entry = {name: attributes.get(name) for name in kept} | {"order": order.uuid}
    history = [*resource.attributes.get("renewal_history", []), entry]
    return {
        "end_date": date.fromisoformat(attributes["new_end_date"]),
        "attributes": {**resource.attributes, "renewal_history": history},
    }


# -- the system's own steps --------------------------------------------------------------------


def start_run(tx: Tx, uuid: str) -> Any:
    """Claim an executing order for one run of its plugin; the row with its new token, or None."""
    row = queries.order_row(tx.conn, uuid)
    if row is None or row.state != S.EXECUTING:
        return None
    tx.conn.execute(update(orders).where(orders.c.id == row.id), {"run_token": new_uuid()})
    return queries.order_row(tx.conn, uuid)


def still_mine(tx: Tx, uuid: str, token: str) -> Any:
    """The order if this run still has the ball, else None: somebody else finished or took over."""
    row = queries.order_row(tx.conn, uuid)
    return row if row is not None and row.state == S.EXECUTING and row.run_token == token else None


def project_started(tx: Tx, project_id: int) -> int:
    """Let the orders go that waited for the project's start, if its day has come."""
    moved = 0
    for uuid in queries.waiting_orders(tx.conn, S.PENDING_PROJECT, orders.c.project_id == project_id):
        row = queries.order_row(tx.conn, uuid)
        if not waiting(tx, row).project_starts_later:
            after = move(tx, row, "project_started")
            if after.state != S.PENDING_PROVIDER:
                _note_skipped_review(tx, after)
            moved += 1
    return moved


def _note_skipped_review(tx: Tx, row: Any) -> None:
    reviewed = {"provider_reviewed_by_id": row.created_by_id, "provider_reviewed_at": tx.now}
    tx.conn.execute(update(orders).where(orders.c.id == row.id), reviewed)


def start_dates_reached(tx: Tx) -> int:
    """Let the orders go whose start date has come."""
    moved = 0
    for uuid in queries.waiting_orders(tx.conn, S.PENDING_START_DATE):
        row = queries.order_row(tx.conn, uuid)
        if not waiting(tx, row).order_starts_later:
            move(tx, row, "start_date_reached")
            moved += 1
    return moved


def give_up(tx: Tx, row: Any, reason: str) -> None:
    """End an open order without asking anybody: cancelled while it waits, failed while it executes."""
    move(tx, row, "fail" if row.state == S.EXECUTING else "cancel", error_message=reason)


def cancel_waiting(tx: Tx, reason: str, *where: Any, states: tuple[S, ...] = (S.PENDING_PROJECT,)) -> int:
    """The system cancels orders whose project or organization closed; the reason stays on them."""
    found = [uuid for state in states for uuid in queries.waiting_orders(tx.conn, state, *where)]
    for uuid in found:
        row = queries.order_row(tx.conn, uuid)
        move(tx, row, "cancel", error_message=reason)
    return len(found)
