"""The life of an account as specification 004 draws it, arrow by arrow."""

from __future__ import annotations

import itertools

import pytest

from mercato.accounts.states import OFFERING_USER
from mercato.kernel.errors import Conflict
from mercato.schemas.accounts import AccountState as S

pytestmark = pytest.mark.pure

# The specification's table: (allowed sources, target) of each action.
SPECIFIED = {
    "begin_creating": ({S.REQUESTED, S.ERROR_CREATING}, S.CREATING),
    "set_ok": ({S.REQUESTED, S.CREATING, S.ERROR_CREATING, S.ERROR_DELETING}, S.OK),
    "set_pending_account_linking": ({S.CREATING, S.ERROR_CREATING}, S.PENDING_ACCOUNT_LINKING),
    "set_pending_additional_validation": ({S.CREATING, S.ERROR_CREATING}, S.PENDING_ADDITIONAL_VALIDATION),
    "set_validation_complete": ({S.PENDING_ACCOUNT_LINKING, S.PENDING_ADDITIONAL_VALIDATION}, S.OK),
    "request_deletion": ({S.OK}, S.DELETION_REQUESTED),
    "set_deleting": ({S.DELETION_REQUESTED, S.ERROR_DELETING}, S.DELETING),
    "set_deleted": ({S.DELETING}, S.DELETED),
    "set_error_creating": (
        {S.REQUESTED, S.CREATING, S.PENDING_ACCOUNT_LINKING, S.PENDING_ADDITIONAL_VALIDATION},
        S.ERROR_CREATING,
    ),
    "set_error_deleting": ({S.DELETION_REQUESTED, S.DELETING}, S.ERROR_DELETING),
    "set_username": (set(S) - {S.DELETION_REQUESTED, S.DELETING, S.DELETED}, S.OK),
}


@pytest.mark.parametrize(("action", "state"), list(itertools.product(SPECIFIED, S)))
def test_every_action_in_every_state(action: str, state: S) -> None:
    sources, target = SPECIFIED[action]
    if state in sources:
        assert OFFERING_USER.step(state, action, None) is target
        return
    with pytest.raises(Conflict) as refused:
        OFFERING_USER.step(state, action, None)
    # Section 0 of the contract: 409, naming the state and the transition.
    assert refused.value.status == 409
    assert state.value in refused.value.detail
    assert action.replace("_", " ") in refused.value.detail


def test_there_are_ten_states_and_no_other_arrows() -> None:
    assert [s.value for s in S] == [
        "Requested",
        "Creating",
        "Pending account linking",
        "Pending additional validation",
        "OK",
        "Requested deletion",
        "Deleting",
        "Deleted",
        "Error creating",
        "Error deleting",
    ]
    assert {row.action for row in OFFERING_USER.rows} == set(SPECIFIED)
    assert len(OFFERING_USER.rows) == sum(len(sources) for sources, _ in SPECIFIED.values())
    assert OFFERING_USER.actions(S.DELETED) == ()
