"""Work behind the screen. One door, so that no task ever takes the app down or piles up on its like."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.worker import Worker


def run(node: DOMNode, work: Callable[[], Awaitable[None]], group: str) -> Worker[None]:
    """Run `work` as the node's, and give up what runs in the same group.

    It is a function, not a coroutine: a coroutine given up before it began would never be awaited.
    """
    worker: Worker[None] = node.run_worker(cast(Any, work), group=group, exclusive=True, exit_on_error=False)
    return worker
