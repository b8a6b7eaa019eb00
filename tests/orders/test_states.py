"""The order's table against the specification's picture, and every state with every action."""

from __future__ import annotations

import itertools

import pytest

from mercato.kernel.errors import Conflict
from mercato.orders.rules import Waiting
from mercato.orders.states import EXTENSIONS, ORDER, PENDING, TERMINAL
from mercato.schemas.orders import OrderState as S

pytestmark = pytest.mark.pure

# The arrows of the specification's state diagram.
PICTURE = {
    (S.PENDING_CONSUMER, S.PENDING_PROVIDER),
    (S.PENDING_CONSUMER, S.PENDING_PROJECT),
    (S.PENDING_CONSUMER, S.PENDING_START_DATE),
    (S.PENDING_CONSUMER, S.CANCELED),
    (S.PENDING_CONSUMER, S.REJECTED),
    (S.PENDING_PROVIDER, S.PENDING_START_DATE),
    (S.PENDING_PROVIDER, S.EXECUTING),
    (S.PENDING_PROVIDER, S.CANCELED),
    (S.PENDING_PROVIDER, S.REJECTED),
    (S.PENDING_PROJECT, S.PENDING_PROVIDER),
    (S.PENDING_PROJECT, S.PENDING_START_DATE),
    (S.PENDING_PROJECT, S.EXECUTING),
    (S.PENDING_PROJECT, S.CANCELED),
    (S.PENDING_START_DATE, S.EXECUTING),
    (S.PENDING_START_DATE, S.CANCELED),
    (S.EXECUTING, S.DONE),
    (S.EXECUTING, S.ERRED),
}
# Approval that nothing holds up (specification 003, approval logic flow).
FLOW = {(S.PENDING_CONSUMER, S.EXECUTING)}
ACTIONS = sorted({row.action for row in ORDER.rows})
FREE = Waiting(project_starts_later=False, provider_reviews=False, order_starts_later=False)


def test_the_table_is_the_picture_and_the_listed_extensions() -> None:
    drawn = {(row.source, row.target) for row in ORDER.rows if (row.source, row.action) not in EXTENSIONS}
    assert drawn == PICTURE | FLOW


def test_extensions_are_only_those_listed() -> None:
    beyond = {(r.source, r.action) for r in ORDER.rows if (r.source, r.target) not in PICTURE | FLOW}
    assert beyond <= set(EXTENSIONS)


@pytest.mark.parametrize(("state", "action"), list(itertools.product(S, ACTIONS)))
def test_every_empty_cell_is_a_conflict(state: S, action: str) -> None:
    if any(row.source == state and row.action == action for row in ORDER.rows):
        assert isinstance(ORDER.step(state, action, FREE), S)
    else:
        with pytest.raises(Conflict, match=state.value):
            ORDER.step(state, action, FREE)


@pytest.mark.parametrize("state", PENDING)
def test_every_pending_state_can_be_cancelled(state: S) -> None:
    assert ORDER.step(state, "cancel", FREE) is S.CANCELED


@pytest.mark.parametrize("state", [S.EXECUTING, *TERMINAL])
def test_nothing_else_can_be_cancelled(state: S) -> None:
    with pytest.raises(Conflict):
        ORDER.step(state, "cancel", FREE)


@pytest.mark.parametrize("state", [S.DONE, S.CANCELED, S.REJECTED])
def test_terminal_states_have_no_way_out(state: S) -> None:
    assert ORDER.actions(state) == ()


@pytest.mark.parametrize(
    ("project", "provider", "order", "expected"),
    [
        (True, True, True, S.PENDING_PROJECT),
        (False, True, True, S.PENDING_PROVIDER),
        (False, False, True, S.PENDING_START_DATE),
        (False, False, False, S.EXECUTING),
    ],
)
def test_consumer_approval_is_evaluated_in_the_documented_order(
    project: bool, provider: bool, order: bool, expected: S
) -> None:
    facts = Waiting(project, provider, order)
    assert ORDER.step(S.PENDING_CONSUMER, "approve_by_consumer", facts) is expected


@pytest.mark.parametrize(
    ("provider", "order", "expected"),
    [(True, True, S.PENDING_PROVIDER), (False, True, S.PENDING_START_DATE), (False, False, S.EXECUTING)],
)
def test_a_started_project_lets_its_orders_go(provider: bool, order: bool, expected: S) -> None:
    facts = Waiting(False, provider, order)
    assert ORDER.step(S.PENDING_PROJECT, "project_started", facts) is expected


def test_provider_approval_waits_for_the_start_date() -> None:
    later = Waiting(False, True, True)
    assert ORDER.step(S.PENDING_PROVIDER, "approve_by_provider", later) is S.PENDING_START_DATE
    assert ORDER.step(S.PENDING_PROVIDER, "approve_by_provider", FREE) is S.EXECUTING


def test_the_picture_can_be_drawn() -> None:
    assert "executing --> done : complete" in ORDER.mermaid()
