"""The life of a resource (specification 003; contract §4.2)."""

from __future__ import annotations

from mercato.kernel.states import Machine, Row
from mercato.schemas.resources import ResourceState as S

_ARROWS: list[Row[S, None]] = [
    Row(S.CREATING, "provisioned", S.OK),
    Row(S.CREATING, "failed", S.ERRED),
    # The order was rejected or cancelled before anything was made; shown as REJECTED to people.
    Row(S.CREATING, "refused", S.TERMINATED),
    Row(S.OK, "update", S.UPDATING),
    Row(S.OK, "terminate", S.TERMINATING),
    Row(S.UPDATING, "updated", S.OK),
    Row(S.UPDATING, "failed", S.ERRED),
    Row(S.TERMINATING, "terminated", S.TERMINATED),
    Row(S.TERMINATING, "failed", S.ERRED),
    Row(S.ERRED, "resolved", S.OK),
    Row(S.ERRED, "update", S.UPDATING),
    Row(S.ERRED, "terminate", S.TERMINATING),
    # A failed creation is tried again from the start.
    Row(S.ERRED, "create", S.CREATING),
    # What has ended is taken up again under its own name, and once more where that failed.
    Row(S.TERMINATED, "restore", S.CREATING),
    Row(S.ERRED, "restore", S.CREATING),
    Row(S.OK, "broken", S.ERRED),
    Row(S.UPDATING, "broken", S.ERRED),
    Row(S.TERMINATING, "broken", S.ERRED),
    # Staff let go of what hangs, without asking the backend.
    Row(S.CREATING, "unlink", S.TERMINATED),
    Row(S.OK, "unlink", S.TERMINATED),
    Row(S.ERRED, "unlink", S.TERMINATED),
    Row(S.UPDATING, "unlink", S.TERMINATED),
    Row(S.TERMINATING, "unlink", S.TERMINATED),
]

RESOURCE: Machine[S, None] = Machine("Resource", _ARROWS)
