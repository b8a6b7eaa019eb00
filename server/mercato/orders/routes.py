"""Orders over HTTP, and the acts on resources that make orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Connection

from mercato.access.rules import SIGNED_IN, STAFF
from mercato.catalog.listings import PUBLIC as PUBLIC_OFFERINGS
from mercato.catalog.listings import SOLD
from mercato.files import queries as files
from mercato.kernel.db import Tx
from mercato.kernel.downloads import serving
from mercato.kernel.errors import NotFound
from mercato.kernel.http import Answer, Call, Route, acting, detail, listed, reading
from mercato.kernel.listing import Listing
from mercato.orders import changes, holds, info, progress, queries, reviews, service
from mercato.orders.listings import ORDERS
from mercato.orders.states import TERMINAL
from mercato.resources.listings import PROVIDED_RESOURCES, RESOURCES
from mercato.schemas import Detail, DetailQuery, Status
from mercato.schemas import orders as api
from mercato.schemas import resource_acts as acts
from mercato.schemas.files import Download
from mercato.schemas.permissions import Permission as P


def _create(tx: Tx, call: Call, data: api.NewOrder) -> str:
    def sees(uuid: str) -> bool:
        return PUBLIC_OFFERINGS.count(tx.conn, call.looker, None, uuid=uuid) > 0

    return service.create_order(tx, call.actor, data, sees_offering=sees, request_key=call.request_key)


def _on(listing: Listing, act: Callable[..., Any]) -> Callable[..., Any]:
    def run(tx: Tx, call: Call, uuid: str, *data: Any) -> Any:
        if not listing.count(tx.conn, call.looker, None, uuid=uuid):
            raise NotFound
        return act(tx, call.actor, uuid, *data)

    return run


def _said(act: Callable[..., str]) -> Callable[..., Any]:
    """An act whose sentence is the answer."""
    return _on(ORDERS, lambda tx, actor, uuid, *data: Detail(detail=act(tx, actor, uuid, *data)))


def _ordered(listing: Listing, act: Callable[..., str]) -> Callable[..., Any]:
    """An act on a resource that makes an order."""
    return _on(listing, lambda tx, actor, uuid, *data: api.OrderRef(order_uuid=act(tx, actor, uuid, *data)))


def _taken(act: Callable[..., str]) -> Callable[..., Any]:
    """The same, and the agent whose act it is has the order to itself for a while."""
    run = _said(act)

    def take(tx: Tx, call: Call, uuid: str, *data: Any) -> Any:
        answer = run(tx, call, uuid, *data)
        holds.take(tx, call, uuid)
        return answer

    return take


def _approve(tx: Tx, actor: Any, uuid: str, data: api.Approval) -> str:
    return reviews.approve_by_provider(tx, actor, uuid, data.attributes)


def _backend_id(tx: Tx, actor: Any, uuid: str, data: api.BackendId) -> Status:
    reviews.set_backend_id(tx, actor, uuid, data.backend_id)
    return Status(status="Order backend ID has been changed.")


def _switch(tx: Tx, actor: Any, uuid: str, data: api.NewPlanChoice) -> str:
    return service.order_plan(tx, actor, uuid, data.plan)


def _options(tx: Tx, actor: Any, uuid: str, data: acts.NewOptions) -> Any:
    order = changes.change_options(tx, actor, uuid, data.options or {})
    if order is None:
        return Status(status="Resource options have been updated.")
    return Answer(api.OrderRef(order_uuid=order), 201)


def _actions(conn: Connection, call: Call, uuid: str, _query: DetailQuery) -> api.ActionsOf:
    ORDERS.one(conn, call.looker, DetailQuery(field=["uuid"]), uuid=uuid)
    tx = Tx(conn, now=call.looker.params["now"])
    return api.ActionsOf(actions=reviews.actions(tx, call.actor, uuid))


def _steps(conn: Connection, call: Call, uuid: str, _query: DetailQuery) -> list[api.OrderStep]:
    ORDERS.one(conn, call.looker, DetailQuery(field=["uuid"]), uuid=uuid)
    row = queries.order_row(conn, uuid)
    return [
        api.OrderStep(
            name=step.name,
            state=_shown(api.OrderState(row.state), api.StepState(step.state)),
            tries=step.tries,
            message=step.message,
            began=step.began,
            changed=step.changed,
        )
        for step in progress.steps_of(conn, row.id)
    ]


def _shown(order: api.OrderState, step: api.StepState) -> api.StepState:
    """What ran or waited is over when the order is, whoever ended it."""
    if order not in TERMINAL or step not in (api.StepState.RUNNING, api.StepState.WAITING):
        return step
    return api.StepState.DONE if order is api.OrderState.DONE else api.StepState.FAILED


def _attach(tx: Tx, call: Call, uuid: str, data: api.Attachment) -> api.AttachmentLink:
    _on(ORDERS, info.attach)(tx, call, uuid, data.attachment)
    found = msgspec.json.decode(
        ORDERS.one(tx.conn, call.looker, DetailQuery(field=["attachment"]), uuid=uuid)
    )
    return api.AttachmentLink(attachment=found["attachment"])


def _detach(tx: Tx, actor: Any, uuid: str) -> None:
    info.attach(tx, actor, uuid, None)


def _file(column: str) -> Callable[..., Download]:
    """A file of an order for whoever sees the order."""

    def read(conn: Connection, call: Call, uuid: str) -> Download:
        if not ORDERS.count(conn, call.looker, None, uuid=uuid):
            raise NotFound
        return files.download(conn, getattr(queries.order_row(conn, uuid), column))

    return read


def _related(listing: Listing, field: str) -> Callable[..., Any]:
    """The resource or the offering of an order that the caller sees."""

    def read(conn: Connection, call: Call, uuid: str, query: DetailQuery) -> bytes:
        order = msgspec.json.decode(ORDERS.one(conn, call.looker, DetailQuery(field=[field]), uuid=uuid))
        return listing.one(conn, call.looker, query, uuid=order[field])

    return read


_WITH_ORDERS: list[Route] = [
    reading(acts.ORDER_RESOURCE, _related(RESOURCES, "resource_uuid"), needs=SIGNED_IN),
    reading(acts.ORDER_OFFERING, _related(SOLD, "offering_uuid"), needs=SIGNED_IN),
    acting(api.SET_CONSUMER_INFO, _said(info.set_consumer_info), needs=P.ORDER_SET_CONSUMER_INFO),
    acting(api.SET_PROVIDER_INFO, _said(info.set_provider_info), needs=P.ORDER_APPROVE),
    acting(api.UPDATE_ATTACHMENT, _attach, needs=P.ORDER_CREATE),
    acting(api.DELETE_ATTACHMENT, _on(ORDERS, _detach), needs=P.ORDER_CREATE),
    *(
        serving(endpoint, _file(column), needs=SIGNED_IN)
        for endpoint, column in zip(api.ATTACHMENTS, info.FILES.values(), strict=True)
    ),
    acting(api.ORDER_UNLINK, _on(ORDERS, info.unlink), needs=STAFF),
]

ROUTES: list[Route] = [
    *_WITH_ORDERS,
    listed(api.ORDERS, ORDERS, needs=SIGNED_IN, also=holds.for_agents),
    detail(api.ORDER, ORDERS, needs=SIGNED_IN),
    reading(api.ORDER_ACTIONS, _actions, needs=SIGNED_IN),
    reading(api.ORDER_STEPS, _steps, needs=SIGNED_IN),
    acting(api.ORDER_CREATE, _create, needs=P.ORDER_CREATE, then=ORDERS),
    acting(api.ORDER_UPDATE, _on(ORDERS, reviews.change), needs=P.ORDER_CREATE, then=ORDERS),
    acting(api.ORDER_REPLACE, _on(ORDERS, reviews.change), needs=P.ORDER_CREATE, then=ORDERS),
    acting(api.ORDER_DELETE, _on(ORDERS, reviews.withdraw), needs=P.ORDER_DESTROY),
    acting(api.APPROVE_BY_CONSUMER, _said(reviews.approve_by_consumer), needs=P.ORDER_APPROVE),
    acting(api.APPROVE_BY_PROVIDER, _taken(_approve), needs=P.ORDER_APPROVE),
    acting(api.REJECT_BY_CONSUMER, _said(reviews.reject_by_consumer), needs=P.ORDER_REJECT),
    acting(api.REJECT_BY_PROVIDER, _said(reviews.reject_by_provider), needs=P.ORDER_REJECT),
    acting(api.CANCEL, _said(reviews.cancel), needs=P.ORDER_CANCEL),
    acting(api.RETRY, _said(reviews.retry), needs=P.ORDER_APPROVE),
    acting(api.SET_DONE, _said(reviews.set_done), needs=P.ORDER_APPROVE),
    acting(api.SET_ERRED, _said(reviews.set_erred), needs=P.ORDER_APPROVE),
    acting(api.SET_EXECUTING, _taken(reviews.set_executing), needs=P.ORDER_APPROVE),
    acting(api.SET_ORDER_BACKEND_ID, _on(ORDERS, _backend_id), needs=P.RESOURCE_SET_BACKEND_ID),
    acting(api.UPDATE_LIMITS, _ordered(RESOURCES, service.order_limits), needs=P.RESOURCE_SET_LIMITS),
    acting(api.SWITCH_PLAN, _ordered(RESOURCES, _switch), needs=P.RESOURCE_SET_PLAN),
    acting(api.TERMINATE, _ordered(RESOURCES, service.order_end), needs=P.RESOURCE_TERMINATE),
    acting(acts.UPDATES_OPTIONS[0], _on(RESOURCES, _options), needs=P.RESOURCE_UPDATE_OPTIONS),
    acting(acts.UPDATES_OPTIONS[1], _on(PROVIDED_RESOURCES, _options), needs=P.RESOURCE_UPDATE_OPTIONS),
    acting(api.RENEW, _ordered(RESOURCES, changes.order_renewal), needs=P.RESOURCE_SET_LIMITS),
    acting(api.ESTIMATE_RENEWAL, _on(RESOURCES, changes.estimate_renewal), needs=P.RESOURCE_SET_LIMITS),
    acting(api.RESTORES[0], _ordered(RESOURCES, changes.order_restoration), needs=P.ORDER_CREATE),
    acting(
        api.RESTORES[1], _ordered(PROVIDED_RESOURCES, changes.order_restoration), needs=P.RESOURCE_TERMINATE
    ),
    acting(
        api.PROVIDER_TERMINATE, _ordered(PROVIDED_RESOURCES, service.order_end), needs=P.RESOURCE_TERMINATE
    ),
]
