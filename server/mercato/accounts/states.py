"""The life of an account at an offering (specification 004; contract §4.4)."""

from __future__ import annotations

from collections.abc import Sequence

from mercato.kernel.states import Machine, Row
from mercato.schemas.accounts import AccountState as S

_MAKING = (S.REQUESTED, S.CREATING, S.PENDING_ACCOUNT_LINKING, S.PENDING_ADDITIONAL_VALIDATION)
PENDING = (S.PENDING_ACCOUNT_LINKING, S.PENDING_ADDITIONAL_VALIDATION)
# An account that goes takes no name any more.
GOING = (S.DELETION_REQUESTED, S.DELETING, S.DELETED)


def _from(sources: Sequence[S], action: str, target: S) -> list[Row[S, None]]:
    return [Row(source, action, target) for source in sources]


OFFERING_USER: Machine[S, None] = Machine(
    "Offering user",
    [
        *_from((S.REQUESTED, S.ERROR_CREATING), "begin_creating", S.CREATING),
        *_from((S.REQUESTED, S.CREATING, S.ERROR_CREATING, S.ERROR_DELETING), "set_ok", S.OK),
        *_from((S.CREATING, S.ERROR_CREATING), "set_pending_account_linking", S.PENDING_ACCOUNT_LINKING),
        *_from(
            (S.CREATING, S.ERROR_CREATING),
            "set_pending_additional_validation",
            S.PENDING_ADDITIONAL_VALIDATION,
        ),
        *_from(PENDING, "set_validation_complete", S.OK),
        *_from((S.OK,), "request_deletion", S.DELETION_REQUESTED),
        *_from((S.DELETION_REQUESTED, S.ERROR_DELETING), "set_deleting", S.DELETING),
        *_from((S.DELETING,), "set_deleted", S.DELETED),
        *_from(_MAKING, "set_error_creating", S.ERROR_CREATING),
        *_from((S.DELETION_REQUESTED, S.DELETING), "set_error_deleting", S.ERROR_DELETING),
        # A name makes an account usable, wherever its making stands.
        *_from((*_MAKING, S.OK, S.ERROR_CREATING, S.ERROR_DELETING), "set_username", S.OK),
    ],
)
