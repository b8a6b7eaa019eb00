"""The life of an order (specification 003; contract §4.1 and §0.1)."""

from __future__ import annotations

from mercato.kernel.states import Machine, Row
from mercato.orders.rules import (
    Waiting,
    order_starts_later,
    project_starts_later,
    provider_reviews,
)
from mercato.schemas.orders import OrderState as S

_ARROWS: list[Row[S, Waiting]] = [
    #   from                   action                 to                       when
    Row(S.PENDING_CONSUMER, "approve_by_consumer", S.PENDING_PROJECT, project_starts_later),
    Row(S.PENDING_CONSUMER, "approve_by_consumer", S.PENDING_PROVIDER, provider_reviews),
    Row(S.PENDING_CONSUMER, "approve_by_consumer", S.PENDING_START_DATE, order_starts_later),
    Row(S.PENDING_CONSUMER, "approve_by_consumer", S.EXECUTING),
    Row(S.PENDING_CONSUMER, "reject_by_consumer", S.REJECTED),
    Row(S.PENDING_CONSUMER, "cancel", S.CANCELED),
    Row(S.PENDING_PROJECT, "project_started", S.PENDING_PROVIDER, provider_reviews),
    Row(S.PENDING_PROJECT, "project_started", S.PENDING_START_DATE, order_starts_later),
    Row(S.PENDING_PROJECT, "project_started", S.EXECUTING),
    Row(S.PENDING_PROJECT, "cancel", S.CANCELED),
    Row(S.PENDING_PROVIDER, "approve_by_provider", S.PENDING_START_DATE, order_starts_later),
    Row(S.PENDING_PROVIDER, "approve_by_provider", S.EXECUTING),
    Row(S.PENDING_PROVIDER, "reject_by_provider", S.REJECTED),
    Row(S.PENDING_PROVIDER, "cancel", S.CANCELED),
    Row(S.PENDING_START_DATE, "start_date_reached", S.EXECUTING),
    Row(S.PENDING_START_DATE, "cancel", S.CANCELED),
    Row(S.EXECUTING, "complete", S.DONE),
    Row(S.EXECUTING, "fail", S.ERRED),
    # Extensions beyond the specification's arrows: a failed order may be tried again, and an agent that
    # works on an order which still waits for its provider may say so at once.
    Row(S.ERRED, "retry", S.EXECUTING),
    Row(S.ERRED, "set_state_executing", S.EXECUTING),
    Row(S.PENDING_PROVIDER, "set_state_executing", S.EXECUTING),
    Row(S.PENDING_PROVIDER, "fail", S.ERRED),
]

ORDER: Machine[S, Waiting] = Machine("Order", _ARROWS)

OPEN = (S.PENDING_CONSUMER, S.PENDING_PROVIDER, S.PENDING_PROJECT, S.PENDING_START_DATE, S.EXECUTING)
PENDING = OPEN[:-1]
TERMINAL = (S.DONE, S.ERRED, S.CANCELED, S.REJECTED)
EXTENSIONS = (
    (S.ERRED, "retry"),
    (S.ERRED, "set_state_executing"),
    (S.PENDING_PROVIDER, "set_state_executing"),
    (S.PENDING_PROVIDER, "fail"),
)
