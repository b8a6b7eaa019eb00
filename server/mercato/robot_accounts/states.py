"""The life of a robot account (contract §4.6)."""

from __future__ import annotations

from collections.abc import Sequence

from mercato.kernel.states import Machine, Row
from mercato.schemas.robot_accounts import RobotState as S

# What goes takes no changes any more.
GOING = (S.DELETION_REQUESTED, S.DELETED)
_LIVING = (S.REQUESTED, S.CREATING, S.OK, S.ERROR)


def _from(sources: Sequence[S], action: str, target: S) -> list[Row[S, None]]:
    return [Row(source, action, target) for source in sources]


ROBOT: Machine[S, None] = Machine(
    "Robot account",
    [
        *_from((S.REQUESTED,), "begin_creating", S.CREATING),
        *_from((S.REQUESTED, S.CREATING, S.ERROR), "set_ok", S.OK),
        *_from(_LIVING, "request_deletion", S.DELETION_REQUESTED),
        *_from((S.DELETION_REQUESTED, S.ERROR), "set_deleted", S.DELETED),
        *_from((*_LIVING, S.DELETION_REQUESTED), "set_erred", S.ERROR),
        # With its resource: what nobody has begun to make needs no deleting.
        *_from((S.REQUESTED,), "end", S.DELETED),
        *_from((S.CREATING, S.OK, S.ERROR), "end", S.DELETION_REQUESTED),
    ],
)
