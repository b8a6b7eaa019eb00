"""State machines are tables: rows of (from, action, to), read by code, documents, buttons and tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from mercato.kernel.errors import Conflict

S = TypeVar("S", bound=StrEnum)
F = TypeVar("F")


class Row(NamedTuple, Generic[S, F]):
    """One arrow. `when` is a named predicate over the facts of the case; None means always."""

    source: S
    action: str
    target: S
    when: Callable[[F], bool] | None = None


class Machine(Generic[S, F]):
    """The first matching row wins, so the order of the lines is the documented order of evaluation."""

    def __init__(self, name: str, rows: Sequence[Row[S, F]]) -> None:
        self.name = name
        self.rows = tuple(rows)
        self._index: dict[tuple[S, str], list[Row[S, F]]] = {}
        for row in self.rows:
            self._index.setdefault((row.source, row.action), []).append(row)

    def step(self, state: S, action: str, facts: F) -> S:
        """The state after the action. Raises Conflict where the table has no row."""
        for row in self._index.get((state, action), ()):
            if row.when is None or row.when(facts):
                return row.target
        raise Conflict(
            f"{self.name} in state {state.value} does not allow {action.replace('_', ' ')}.",
            code="wrong_state",
            state=state.value,
            action=action,
        )

    def actions(self, state: S) -> tuple[str, ...]:
        """What may be tried in this state."""
        return tuple(dict.fromkeys(row.action for row in self.rows if row.source == state))

    def mermaid(self) -> str:
        """The picture of the table, for the documentation."""
        arrows = dict.fromkeys((r.source.value, r.target.value, r.action) for r in self.rows)
        return "\n".join(["stateDiagram-v2", *(f"    {a} --> {b} : {act}" for a, b, act in arrows)])
