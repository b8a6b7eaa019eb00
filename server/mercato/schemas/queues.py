"""Live events: who waits for which, and the queues they are delivered from (contract 11.2-11.4)."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing


class ObjectType(StrEnum):
    """What a message can be about: the `object_type` in its body."""

    COURSE_ACCOUNT = "course_account"
    IMPORTABLE_RESOURCES = "importable_resources"
    OFFERING_RESOURCES_SYNC = "offering_resources_sync"
    OFFERING_USER = "offering_user"
    ORDER = "order"
    RESOURCE = "resource"
    RESOURCE_API_KEY_ROTATION = "resource_api_key_rotation"
    RESOURCE_END_DATE_CHANGE_REQUEST = "resource_end_date_change_request"
    RESOURCE_PERIODIC_LIMITS = "resource_periodic_limits"
    SERVICE_ACCOUNT = "service_account"
    USER_LIFECYCLE = "user_lifecycle"
    USER_PROFILE = "user_profile"
    USER_ROLE = "user_role"
    USER_SSH_KEY = "user_ssh_key"


class QueueRequest(Struct, kw_only=True):
    """`object_types`: an empty list means all; absent leaves what was chosen before."""

    object_types: list[ObjectType] | UnsetType = UNSET


class QueueAccess(Struct, kw_only=True):
    """How to read the queue over STOMP: login, destination `/amq/queue/{queue_name}`, host."""

    rmq_username: str
    queue_name: str
    vhost: str
    observable_object_types: list[str]


class ObservedObject(Struct, kw_only=True, omit_defaults=True):
    object_type: ObjectType
    offering_uuid: UUID | UnsetType = UNSET
    object_id: int | UnsetType = UNSET


class NewSubscription(Struct, kw_only=True):
    description: str = ""
    observable_objects: list[ObservedObject] = []


class AgentSubscription(Struct, kw_only=True):
    """What an agent of the older generation asks for: one kind of object."""

    observable_object_type: ObjectType
    description: str = ""


class Subscription(Struct, kw_only=True):
    url: str
    uuid: str
    user: str
    user_uuid: str
    user_username: str
    user_full_name: str
    created: dt.datetime
    modified: dt.datetime
    source_ip: str | None = None
    description: str
    observable_objects: list[dict[str, Any]]


class SubscriptionQuery(ListQuery, kw_only=True):
    user_uuid: UUID | UnsetType = UNSET
    user_username: str | UnsetType = UNSET


class NewSubscriptionQueue(Struct, kw_only=True):
    offering_uuid: UUID
    object_type: ObjectType


class SubscriptionQueue(Struct, kw_only=True):
    url: str
    uuid: str
    event_subscription: str
    event_subscription_uuid: str
    offering_uuid: str
    object_type: str
    queue_name: str
    vhost: str
    created: dt.datetime


class SubscriptionQueueQuery(ListQuery, kw_only=True):
    event_subscription_uuid: UUID | UnsetType = UNSET
    object_type: list[ObjectType] | UnsetType = UNSET
    offering_uuid: UUID | UnsetType = UNSET


_S = "/api/event-subscriptions/"
_Q = "/api/event-subscription-queues/"

SUBSCRIPTIONS = Endpoint("GET", _S, SubscriptionQuery, list[Subscription], 200, "List my event subscriptions")
SUBSCRIPTION = Endpoint("GET", _S + "{uuid}/", DetailQuery, Subscription, 200, "Get an event subscription")
SUBSCRIBE = Endpoint("POST", _S, NewSubscription, Subscription, 201, "Subscribe to events")
UNSUBSCRIBE = Endpoint("DELETE", _S + "{uuid}/", Nothing, Nothing, 204, "End a subscription and its queues")
CREATE_QUEUE = Endpoint(
    "POST",
    _S + "{uuid}/create_queue/",
    NewSubscriptionQueue,
    SubscriptionQueue,
    201,
    "Make a queue of events",
)
QUEUES = Endpoint("GET", _Q, SubscriptionQueueQuery, list[SubscriptionQueue], 200, "List event queues")
QUEUE = Endpoint("GET", _Q + "{uuid}/", DetailQuery, SubscriptionQueue, 200, "Get an event queue")
QUEUE_DELETE = Endpoint("DELETE", _Q + "{uuid}/", Nothing, Nothing, 204, "Remove an event queue")
