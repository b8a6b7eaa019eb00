"""What people and agents do with an order: approve, reject, cancel, report, try again, withdraw."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.catalog import queries as catalog
from mercato.kernel import clock
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from mercato.orders import costs, info, moves, progress, queries
from mercato.orders.states import PENDING
from mercato.orders.tables import orders
from mercato.resources import service as resources
from mercato.schemas.access import Scope
from mercato.schemas.orders import Failure, OrderChange, OrderState, OrderType, Rejection
from mercato.schemas.permissions import Permission as P
from mercato.tenants import rules as tenant_rules


def _order(tx: Tx, uuid: str) -> Any:
    row = queries.order_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    return row


def _must(tx: Tx, actor: Actor, permission: P, scopes: list[tuple[Scope, int]]) -> None:
    access.must(tx.conn, actor, permission, scopes, tx.now)


def _must_be_open(tx: Tx, row: Any) -> None:
    """Approvals fail when the organization is closed or the project has ended (contract §4.1)."""
    if row.type == OrderType.TERMINATE:
        return
    if row.blocked or row.archived:
        raise Invalid("Customer is not available.", code="closed_customer")
    if tenant_rules.ended(row.project_end, clock.day_of(tx.now, row.time_zone)):
        raise Invalid("Project end date has passed.", code="ended_project")


def approve_by_consumer(tx: Tx, actor: Actor, uuid: str) -> str:
    row = _order(tx, uuid)
    _must(tx, actor, P.ORDER_APPROVE, queries.consumer_scopes(row))
    _must_be_open(tx, row)
    moves.approve_for_consumer(tx, actor, row)
    return "Order has been approved."


def approve_by_provider(tx: Tx, actor: Actor, uuid: str, attributes: dict[str, Any]) -> str:
    """Approve for the provider; given attributes are merged into the order's."""
    row = _order(tx, uuid)
    _must(tx, actor, P.ORDER_APPROVE, queries.provider_scopes(row))
    _must_be_open(tx, row)
    values: dict[str, Any] = {"provider_reviewed_by_id": actor.id, "provider_reviewed_at": tx.now}
    if attributes:
        values["attributes"] = {**row.attributes, **attributes}
    moves.move(tx, row, "approve_by_provider", **values)
    return "Order has been approved."


def reject_by_consumer(tx: Tx, actor: Actor, uuid: str, data: Rejection) -> str:
    """By whoever asked for it, or by whoever may reject for the customer."""
    row = _order(tx, uuid)
    if row.created_by_id != actor.id or not actor.signed_in:
        _must(tx, actor, P.ORDER_REJECT, queries.consumer_scopes(row))
    values = {
        "consumer_reviewed_by_id": actor.id,
        "consumer_reviewed_at": tx.now,
        "consumer_rejection_comment": data.consumer_rejection_comment,
    }
    moves.move(tx, row, "reject_by_consumer", **values)
    return "Order has been rejected."


def reject_by_provider(tx: Tx, actor: Actor, uuid: str, data: Rejection) -> str:
    row = _order(tx, uuid)
    _must(tx, actor, P.ORDER_REJECT, queries.provider_scopes(row))
    values = {
        "provider_reviewed_by_id": actor.id,
        "provider_reviewed_at": tx.now,
        "provider_rejection_comment": data.provider_rejection_comment,
    }
    moves.move(tx, row, "reject_by_provider", **values)
    return "Order has been rejected."


def cancel(tx: Tx, actor: Actor, uuid: str) -> str:
    """By the customer in every pending state, and by the provider while it waits for the provider."""
    row = _order(tx, uuid)
    if not may_cancel(tx, actor, row):
        raise Forbidden(permission=P.ORDER_CANCEL.value)
    moves.move(tx, row, "cancel")
    return "Order has been canceled."


def may_cancel(tx: Tx, actor: Actor, row: Any) -> bool:
    if access.holds(tx.conn, actor, P.ORDER_CANCEL, queries.consumer_scopes(row), tx.now):
        return True
    by_provider = row.state == OrderState.PENDING_PROVIDER
    return by_provider and access.holds(tx.conn, actor, P.ORDER_REJECT, queries.provider_scopes(row), tx.now)


def set_done(tx: Tx, actor: Actor, uuid: str) -> str:
    """The provider (or its agent) has done the work."""
    row = _order(tx, uuid)
    _must(tx, actor, P.ORDER_APPROVE, queries.provider_scopes(row))
    moves.move(tx, row, "complete")
    return "Order has been completed."


def set_erred(tx: Tx, actor: Actor, uuid: str, data: Failure) -> str:
    """The provider (or its agent) has failed; the reason is shown to the customer."""
    row = _order(tx, uuid)
    _must(tx, actor, P.ORDER_APPROVE, queries.provider_scopes(row))
    moves.move(tx, row, "fail", error_message=data.error_message, error_traceback=data.error_traceback)
    return "Order has been marked as failed."


def set_executing(tx: Tx, actor: Actor, uuid: str) -> str:
    """The agent works on it (again)."""
    row = _order(tx, uuid)
    _must(tx, actor, P.ORDER_APPROVE, queries.provider_scopes(row))
    _must_be_open(tx, row)
    progress.begin_anew(tx, row)
    moves.move(tx, row, "set_state_executing", provider_reviewed_by_id=actor.id, provider_reviewed_at=tx.now)
    return "Order is executing."


def retry(tx: Tx, actor: Actor, uuid: str) -> str:
    """Try a failed order again, by its provider or staff; or let one go on that waited for somebody to act."""
    row = _order(tx, uuid)
    _must(tx, actor, P.ORDER_APPROVE, queries.provider_scopes(row))
    if progress.waits_for_somebody(tx.conn, row):
        progress.begin_anew(tx, row)
        moves.execute_now(tx, row)
        return "Order goes on."
    if queries.open_order(tx.conn, row.resource_id) is not None:
        raise Conflict("Pending order for resource already exists.", code="pending_order")
    _must_be_open(tx, row)
    progress.begin_anew(tx, row)
    moves.move(tx, row, "retry")
    return "Order is tried again."


def set_backend_id(tx: Tx, actor: Actor, uuid: str, backend_id: str) -> None:
    """What the order is called where it is carried out."""
    row = _order(tx, uuid)
    _must(tx, actor, P.RESOURCE_SET_BACKEND_ID, queries.provider_scopes(row))
    if backend_id != row.backend_id:
        values = {"backend_id": backend_id, "modified": tx.now}
        tx.conn.execute(update(orders).where(orders.c.id == row.id), values)
        after = queries.order_row(tx.conn, uuid)
        moves.announce(tx, after, row.state, OrderState(row.state), event="marketplace_order_updated")


def change(tx: Tx, actor: Actor, uuid: str, data: OrderChange) -> str:
    """Comment, form, limits or start date of an order that nobody has approved yet."""
    row = _order(tx, uuid)
    _must(tx, actor, P.ORDER_CREATE, queries.consumer_scopes(row))
    if row.state != OrderState.PENDING_CONSUMER:
        raise Conflict(
            "Only an order that waits for its customer can be changed.", code="wrong_state", state=row.state
        )
    values = {k: v for k, v in msgspec.structs.asdict(data).items() if v is not msgspec.UNSET}
    if "limits" in values:
        parts = catalog.components_of(tx.conn, row.offering_id)
        given = resources.checked_limits(
            tx, parts, row.offering_id, values["limits"], complete=False, but=row.resource_id
        )
        values["limits"] = {**row.limits, **given}
        plan = catalog.plan_by_id(tx.conn, row.plan_id) if row.plan_id else None
        values["cost"] = costs.order_cost(tx, plan, parts, values["limits"], OrderType(row.type))
    tx.conn.execute(update(orders).where(orders.c.id == row.id), {**values, "modified": tx.now})
    if row.type == OrderType.CREATE:
        resources.wish_changed(tx, row.resource_id, values.get("limits"), values.get("attributes"))
    after = queries.order_row(tx.conn, uuid)
    moves.announce(tx, after, row.state, OrderState(row.state))
    return uuid


def withdraw(tx: Tx, actor: Actor, uuid: str) -> None:
    """Remove an order that nobody has acted on; the resource it would have made ends with it."""
    row = _order(tx, uuid)
    _must(tx, actor, P.ORDER_DESTROY, queries.consumer_scopes(row))
    if row.state not in (OrderState.PENDING_CONSUMER, OrderState.PENDING_PROVIDER):
        raise Conflict("Only a pending order can be removed.", code="wrong_state", state=row.state)
    moves.move(tx, row, "cancel")
    info.remove(tx, row)


_TRIED_IN = {
    "approve_by_consumer": (OrderState.PENDING_CONSUMER,),
    "reject_by_consumer": (OrderState.PENDING_CONSUMER,),
    "approve_by_provider": (OrderState.PENDING_PROVIDER,),
    "reject_by_provider": (OrderState.PENDING_PROVIDER,),
    "set_state_done": (OrderState.EXECUTING,),
    "set_state_erred": (OrderState.EXECUTING,),
    "retry": (OrderState.ERRED,),
    "cancel": PENDING,
}


def actions(tx: Tx, actor: Actor, uuid: str) -> list[str]:
    """What this person may do with the order now; the same checks as the acts themselves."""
    row = _order(tx, uuid)
    state = OrderState(row.state)

    def may(permission: P, scopes: list[tuple[Scope, int]]) -> bool:
        return access.holds(tx.conn, actor, permission, scopes, tx.now)

    allowed = {
        "approve_by_consumer": may(P.ORDER_APPROVE, queries.consumer_scopes(row)),
        "reject_by_consumer": row.created_by_id == actor.id
        or may(P.ORDER_REJECT, queries.consumer_scopes(row)),
        "approve_by_provider": may(P.ORDER_APPROVE, queries.provider_scopes(row)),
        "reject_by_provider": may(P.ORDER_REJECT, queries.provider_scopes(row)),
        "cancel": may_cancel(tx, actor, row),
    }
    for name in ("set_state_done", "set_state_erred", "retry"):
        allowed[name] = allowed["approve_by_provider"]
    tried_in: dict[str, tuple[OrderState, ...]] = dict(_TRIED_IN)
    if progress.waits_for_somebody(tx.conn, row):
        tried_in["retry"] = (OrderState.EXECUTING,)
    return [name for name, states in tried_in.items() if state in states and allowed[name]]
