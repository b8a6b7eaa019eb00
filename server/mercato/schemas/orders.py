"""Requests to create, change or end a resource, and their reviews."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import Detail, DetailQuery, Endpoint, ListQuery, Nothing, Status
from mercato.schemas.files import Download, Upload


class OrderState(StrEnum):
    PENDING_CONSUMER = "pending-consumer"
    PENDING_PROVIDER = "pending-provider"
    PENDING_PROJECT = "pending-project"
    PENDING_START_DATE = "pending-start-date"
    EXECUTING = "executing"
    DONE = "done"
    ERRED = "erred"
    CANCELED = "canceled"
    REJECTED = "rejected"


class OrderType(StrEnum):
    CREATE = "Create"
    UPDATE = "Update"
    TERMINATE = "Terminate"
    RESTORE = "Restore"


class NewOrder(Struct, kw_only=True):
    """What a customer asks for. `offering`, `project` and `plan` are hyperlinks or uuids."""

    offering: str
    project: str
    plan: str | None = None
    attributes: dict[str, Any] = {}
    limits: dict[str, int | float | str] = {}
    accepting_terms_of_service: bool = False
    request_comment: str | None = None
    start_date: date | None = None
    callback_url: str | None = None


class Order(Struct, kw_only=True):
    url: str
    uuid: str
    slug: str
    created: datetime
    modified: datetime
    type: str
    state: str
    offering: str
    offering_uuid: str
    offering_name: str
    offering_type: str
    offering_description: str
    offering_shared: bool
    offering_billable: bool
    offering_plugin_options: dict[str, Any]
    provider_name: str
    provider_uuid: str
    provider_slug: str
    provider_description: str
    category_title: str
    category_uuid: str
    category_icon: str | None = None
    plan: str | None = None
    plan_uuid: str | None = None
    plan_name: str | None = None
    plan_unit: str | None = None
    plan_description: str | None = None
    old_plan_uuid: str | None = None
    old_plan_name: str | None = None
    new_plan_uuid: str | None = None
    new_plan_name: str | None = None
    marketplace_resource_uuid: str | UnsetType = UNSET
    resource_name: str
    resource_uuid: str | None = None
    resource_type: str | None = None
    project_uuid: str
    project_name: str
    project_slug: str
    project_description: str
    customer_uuid: str
    customer_name: str
    customer_slug: str
    attributes: dict[str, Any]
    limits: dict[str, int]
    cost: str | None = None
    start_date: date | None = None
    request_comment: str | None = None
    created_by_username: str | None = None
    created_by_full_name: str | None = None
    created_by_email: str | None = None
    created_by_organization: str | None = None
    consumer_reviewed_by: str | None = None
    consumer_reviewed_by_username: str | None = None
    consumer_reviewed_by_full_name: str | None = None
    consumer_reviewed_at: datetime | None = None
    provider_reviewed_by: str | None = None
    provider_reviewed_by_username: str | None = None
    provider_reviewed_by_full_name: str | None = None
    provider_reviewed_at: datetime | None = None
    consumer_rejection_comment: str
    provider_rejection_comment: str
    termination_comment: str | None = None
    backend_id: str
    output: str
    error_message: str
    error_traceback: str
    completed_at: datetime | None = None
    callback_url: str | None = None
    attachment: str | None = None
    consumer_message: str
    consumer_message_attachment: str | None = None
    consumer_message_updated_at: datetime | None = None
    provider_message: str
    provider_message_url: str
    provider_message_attachment: str | None = None
    provider_message_updated_at: datetime | None = None
    fixed_price: float
    activation_price: float
    can_terminate: bool


class OrderQuery(ListQuery, kw_only=True):
    state: list[OrderState] | UnsetType = UNSET
    type: list[OrderType] | UnsetType = UNSET
    query: str | UnsetType = UNSET
    uuid: list[UUID] | UnsetType = UNSET
    slug: str | UnsetType = UNSET
    offering: str | UnsetType = UNSET
    offering_uuid: list[UUID] | UnsetType = UNSET
    offering_slug: list[str] | UnsetType = UNSET
    offering_type: list[str] | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    service_provider_uuid: UUID | UnsetType = UNSET
    provider_uuid: UUID | UnsetType = UNSET
    service_manager_uuid: UUID | UnsetType = UNSET
    category_uuid: UUID | UnsetType = UNSET
    resource: str | UnsetType = UNSET
    resource_uuid: UUID | UnsetType = UNSET
    resource_name: str | UnsetType = UNSET
    marketplace_resource_uuid: UUID | UnsetType = UNSET
    created: datetime | UnsetType = UNSET
    created_before: datetime | UnsetType = UNSET
    modified: datetime | UnsetType = UNSET
    modified_before: datetime | UnsetType = UNSET
    can_approve_as_consumer: bool | UnsetType = UNSET
    can_approve_as_provider: bool | UnsetType = UNSET


class Approval(Struct, kw_only=True):
    """`attributes` are merged into the order's (contract §4.1)."""

    attributes: dict[str, Any] = {}


class Rejection(Struct, kw_only=True):
    consumer_rejection_comment: str = ""
    provider_rejection_comment: str = ""


class Failure(Struct, kw_only=True):
    error_message: str = ""
    error_traceback: str = ""


class OrderChange(Struct, kw_only=True):
    request_comment: str | UnsetType | None = UNSET
    attributes: dict[str, Any] | UnsetType = UNSET
    limits: dict[str, int | float | str] | UnsetType = UNSET
    start_date: date | UnsetType | None = UNSET


class OrderReplacement(OrderChange, kw_only=True):
    """What PUT takes: the same; what it does not name stays."""


class StepState(StrEnum):
    """A step of an order's execution. `waiting`: for the backend, for the next try, or for somebody to act."""

    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"


class OrderStep(Struct, kw_only=True):
    """What was done of an order so far; `tries` says how often it was begun."""

    name: str
    state: StepState
    tries: int
    message: str
    began: datetime
    changed: datetime


class Attachment(Struct, kw_only=True):
    """Null removes the one there is."""

    attachment: Upload | None = None


class AttachmentLink(Struct, kw_only=True):
    attachment: str | None = None


class ConsumerInfo(Struct, kw_only=True):
    consumer_message: str | UnsetType = UNSET
    consumer_message_attachment: Upload | UnsetType | None = UNSET


class ProviderInfo(Struct, kw_only=True):
    provider_message: str | UnsetType = UNSET
    provider_message_url: str | UnsetType = UNSET
    provider_message_attachment: Upload | UnsetType | None = UNSET


class BackendId(Struct, kw_only=True):
    backend_id: str = ""


class OrderRef(Struct, kw_only=True):
    order_uuid: str


class NewLimits(Struct, kw_only=True):
    limits: dict[str, int | float | str]
    request_comment: str | None = None
    attachment: Upload | None = None


class NewPlanChoice(Struct, kw_only=True):
    plan: str


class Termination(Struct, kw_only=True):
    attributes: dict[str, Any] = {}
    termination_comment: str | None = None


class Renewal(Struct, kw_only=True):
    """For how many months more, and (upwards only) with which limits."""

    extension_months: int
    limits: dict[str, int | float | str] = {}
    request_comment: str | None = None
    attachment: Upload | None = None


class RenewalCost(Struct, kw_only=True):
    """One prepaid component of a renewal; amounts are decimal strings."""

    component_type: str
    component_name: str
    billing_type: str
    billing_period: str | None = None
    current_limit: int
    new_limit: int
    unit_price: str
    measured_unit: str
    period_description: str
    total: str


class RenewalEstimate(Struct, kw_only=True):
    """`limit_change_total` is for higher limits during the `remaining_days`."""

    components: list[RenewalCost]
    subscription_total: str
    limit_change_total: str
    total: str
    remaining_days: int
    new_end_date: date


class Restoration(Struct, kw_only=True):
    """How a resource that has ended is taken up again; what is not said is as it was."""

    plan: str | None = None
    limits: dict[str, int | float | str] = {}
    end_date: date | None = None
    request_comment: str | None = None


class ActionsOf(Struct, kw_only=True):
    """What the asking person may do with this order now, in the order of importance."""

    actions: list[str]


_O = "/api/marketplace-orders/"
_R = "/api/marketplace-resources/{uuid}/"
_P = "/api/marketplace-provider-resources/{uuid}/"

ORDERS = Endpoint("GET", _O, OrderQuery, list[Order], 200, "List orders")
ORDER = Endpoint("GET", _O + "{uuid}/", DetailQuery, Order, 200, "Get an order")
ORDER_CREATE = Endpoint("POST", _O, NewOrder, Order, 201, "Create an order")
ORDER_UPDATE = Endpoint("PATCH", _O + "{uuid}/", OrderChange, Order, 200, "Change a pending order")
ORDER_DELETE = Endpoint("DELETE", _O + "{uuid}/", Nothing, Nothing, 204, "Remove a pending order")
ORDER_STEPS = Endpoint(
    "GET", _O + "{uuid}/steps/", DetailQuery, list[OrderStep], 200, "How far has it come?", own=True
)
ORDER_ACTIONS = Endpoint(
    "GET", _O + "{uuid}/actions/", DetailQuery, ActionsOf, 200, "What may I do?", own=True
)
APPROVE_BY_CONSUMER = Endpoint(
    "POST", _O + "{uuid}/approve_by_consumer/", Nothing, Detail, 200, "Approve for the customer"
)
APPROVE_BY_PROVIDER = Endpoint(
    "POST", _O + "{uuid}/approve_by_provider/", Approval, Detail, 200, "Approve for the provider"
)
REJECT_BY_CONSUMER = Endpoint(
    "POST", _O + "{uuid}/reject_by_consumer/", Rejection, Detail, 200, "Reject for the customer"
)
REJECT_BY_PROVIDER = Endpoint(
    "POST", _O + "{uuid}/reject_by_provider/", Rejection, Detail, 200, "Reject for the provider"
)
CANCEL = Endpoint("POST", _O + "{uuid}/cancel/", Nothing, Detail, 202, "Cancel a pending order")
RETRY = Endpoint("POST", _O + "{uuid}/retry/", Nothing, Detail, 200, "Try a failed order again")
SET_DONE = Endpoint("POST", _O + "{uuid}/set_state_done/", Nothing, Detail, 200, "Report success")
SET_ERRED = Endpoint("POST", _O + "{uuid}/set_state_erred/", Failure, Detail, 200, "Report failure")
SET_EXECUTING = Endpoint("POST", _O + "{uuid}/set_state_executing/", Nothing, Detail, 200, "Report a retry")
SET_ORDER_BACKEND_ID = Endpoint(
    "POST", _O + "{uuid}/set_backend_id/", BackendId, Status, 200, "Set the backend id"
)
ORDER_REPLACE = Endpoint(
    "PUT", _O + "{uuid}/", OrderReplacement, Order, 200, "Change a pending order (whole)"
)
SET_CONSUMER_INFO = Endpoint(
    "POST", _O + "{uuid}/set_consumer_info/", ConsumerInfo, Detail, 200, "Tell the provider something"
)
SET_PROVIDER_INFO = Endpoint(
    "POST", _O + "{uuid}/set_provider_info/", ProviderInfo, Detail, 200, "Tell the customer something"
)
UPDATE_ATTACHMENT = Endpoint(
    "POST", _O + "{uuid}/update_attachment/", Attachment, AttachmentLink, 200, "Attach a file"
)
DELETE_ATTACHMENT = Endpoint(
    "POST", _O + "{uuid}/delete_attachment/", Nothing, Nothing, 204, "Remove the attached file"
)
# The files of an order, by the name of the field that links to them.
ATTACHMENTS = tuple(
    Endpoint("GET", f"{_O}{{uuid}}/{name}/", Nothing, Download, 200, "Get the file", own=True)
    for name in ("attachment", "consumer_message_attachment", "provider_message_attachment")
)
ORDER_UNLINK = Endpoint("POST", _O + "{uuid}/unlink/", Nothing, Nothing, 204, "Remove an order that hangs")

UPDATE_LIMITS = Endpoint("POST", _R + "update_limits/", NewLimits, OrderRef, 200, "Order other limits")
SWITCH_PLAN = Endpoint("POST", _R + "switch_plan/", NewPlanChoice, OrderRef, 200, "Order another plan")
TERMINATE = Endpoint("POST", _R + "terminate/", Termination, OrderRef, 200, "Order the end")
PROVIDER_TERMINATE = Endpoint(
    "POST", _P + "terminate/", Termination, OrderRef, 200, "Order the end (provider)"
)
RESTORES = tuple(
    Endpoint("POST", at + "restore/", Restoration, OrderRef, 200, "Order that it is taken up again")
    for at in (_R, _P)
)
RENEW = Endpoint("POST", _R + "renew/", Renewal, OrderRef, 200, "Order more months")
ESTIMATE_RENEWAL = Endpoint(
    "POST", _R + "estimate_renewal/", Renewal, RenewalEstimate, 200, "What more months would cost"
)
