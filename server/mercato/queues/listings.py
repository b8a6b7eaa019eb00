"""How subscriptions and their queues are listed: everybody sees their own."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from mercato.access import queries as access
from mercato.catalog.tables import offerings
from mercato.identity.tables import users
from mercato.kernel.filters import equals
from mercato.kernel.listing import Listing
from mercato.kernel.wiresql import link
from mercato.queues.tables import event_queues, event_subscriptions
from mercato.schemas.queues import Subscription, SubscriptionQueue


def _own(owner: ColumnElement[int]) -> ColumnElement[bool]:
    return owner == access.ME


def _mine(kind: str) -> ColumnElement[bool] | None:
    return None if kind == access.EVERYTHING else _own(event_subscriptions.c.user_id)


def _my_queues(kind: str) -> ColumnElement[bool] | None:
    return None if kind == access.EVERYTHING else _own(event_queues.c.user_id)


SUBSCRIPTIONS = Listing(
    Subscription,
    table=event_subscriptions,
    source=event_subscriptions.join(users, users.c.id == event_subscriptions.c.user_id),
    visible=_mine,
    columns={
        "url": link("/api/event-subscriptions/{}/", event_subscriptions.c.uuid),
        "user": link("/api/users/{}/", users.c.uuid),
        "user_uuid": users.c.uuid,
        "user_username": users.c.username,
        "user_full_name": users.c.full_name,
        **{
            name: event_subscriptions.c[name]
            for name in ("uuid", "created", "modified", "source_ip", "description", "observable_objects")
        },
    },
    filters={
        "uuid": equals(event_subscriptions.c.uuid),
        "user_uuid": equals(users.c.uuid),
        "user_username": equals(users.c.username),
    },
    order={"created": event_subscriptions.c.created},
    default_order=("-created",),
)

QUEUES = Listing(
    SubscriptionQueue,
    table=event_queues,
    source=event_queues.join(event_subscriptions, event_subscriptions.c.id == event_queues.c.subscription_id)
    .join(offerings, offerings.c.id == event_queues.c.offering_id)
    .join(users, users.c.id == event_queues.c.user_id),
    visible=_my_queues,
    columns={
        "url": link("/api/event-subscription-queues/{}/", event_queues.c.uuid),
        "uuid": event_queues.c.uuid,
        "event_subscription": link("/api/event-subscriptions/{}/", event_subscriptions.c.uuid),
        "event_subscription_uuid": event_subscriptions.c.uuid,
        "offering_uuid": offerings.c.uuid,
        "object_type": event_queues.c.object_type,
        "queue_name": event_queues.c.name,
        "vhost": users.c.uuid,
        "created": event_queues.c.created,
    },
    filters={
        "uuid": equals(event_queues.c.uuid),
        "event_subscription_uuid": equals(event_subscriptions.c.uuid),
        "object_type": equals(event_queues.c.object_type),
        "offering_uuid": equals(offerings.c.uuid),
    },
    order={"created": event_queues.c.created},
    default_order=("-created",),
)
