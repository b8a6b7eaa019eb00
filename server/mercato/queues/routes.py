"""Event subscriptions and their queues over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mercato.access.rules import SIGNED_IN
from mercato.catalog.listings import PROVIDED
from mercato.kernel.db import Tx
from mercato.kernel.errors import NotFound
from mercato.kernel.http import Answer, Call, Route, acting, detail, listed
from mercato.kernel.listing import Listing
from mercato.queues import service
from mercato.queues.listings import QUEUES, SUBSCRIPTIONS
from mercato.schemas import queues as api


def _on(listing: Listing, act: Callable[..., Any]) -> Callable[..., Any]:
    def run(tx: Tx, call: Call, uuid: str, *data: Any) -> Any:
        if not listing.count(tx.conn, call.looker, None, uuid=uuid):
            raise NotFound
        return act(tx, call, uuid, *data)

    return run


def _subscribe(tx: Tx, call: Call, data: api.NewSubscription) -> str:
    return service.subscribe(tx, call.actor, data, address=call.credentials.address)


def _create_queue(tx: Tx, call: Call, uuid: str, data: api.NewSubscriptionQueue) -> Answer:
    if not PROVIDED.count(tx.conn, call.looker, None, uuid=data.offering_uuid.hex):
        raise NotFound
    made, fresh = service.create_queue(tx, call.actor, uuid, data)
    return Answer(made, 201 if fresh else 200)


def _drop(act: Callable[..., None]) -> Callable[..., None]:
    return lambda tx, call, uuid: act(tx, call.actor, uuid)


ROUTES: list[Route] = [
    listed(api.SUBSCRIPTIONS, SUBSCRIPTIONS, needs=SIGNED_IN),
    detail(api.SUBSCRIPTION, SUBSCRIPTIONS, needs=SIGNED_IN),
    acting(api.SUBSCRIBE, _subscribe, needs=SIGNED_IN, then=SUBSCRIPTIONS),
    acting(api.UNSUBSCRIBE, _on(SUBSCRIPTIONS, _drop(service.unsubscribe)), needs=SIGNED_IN),
    acting(api.CREATE_QUEUE, _on(SUBSCRIPTIONS, _create_queue), needs=SIGNED_IN, then=QUEUES),
    listed(api.QUEUES, QUEUES, needs=SIGNED_IN),
    detail(api.QUEUE, QUEUES, needs=SIGNED_IN),
    acting(api.QUEUE_DELETE, _on(QUEUES, _drop(service.remove_queue)), needs=SIGNED_IN),
]
