"""How far the execution of an order has come: its named steps, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from mercato_tui import dates
from mercato_tui.i18n import _
from mercato_tui.text import fit, lines, say

if TYPE_CHECKING:
    from mercato.schemas.orders import OrderStep

LOOKS = {
    "running": ("◐", "secondary"),
    "waiting": ("◔", "warn"),
    "done": ("●", "ok"),
    "failed": ("✖", "bad"),
    "undone": ("○", "muted"),
}
NAMES = 22


def _title(name: str) -> str:
    """What the market itself calls its steps; a plugin's own are shown as it names them."""
    return {
        "validate": _("Check the wish"),
        "create": _("Create"),
        "update": _("Change"),
        "terminate": _("Remove"),
        "undo": _("Remove what was begun"),
    }.get(name, name[:1].upper() + name[1:])


def _how(step: OrderStep) -> str:
    return {
        "running": _("is being done"),
        "waiting": _("waits"),
        "done": _("done"),
        "failed": _("failed"),
        "undone": _("removed again"),
    }[step.state.value]


def came(steps: Sequence[OrderStep], now: datetime, cells: int) -> Content:
    """A line for each step; below a step that is not done, what it says."""
    if not steps:
        return Content("")
    found = [say((_("Execution"), "label"))]
    for step in steps:
        sign, tone = LOOKS[step.state.value]
        tries = _("  {number} tries").format(number=step.tries) if step.tries > 1 else ""
        found.append(
            say(
                (f"{sign} ", tone), (fit(_title(step.name), NAMES), ""), (f" {_how(step)}", tone),
                (f"  {dates.ago(step.changed, now)}{tries}", "muted"),
            )
        )  # fmt: skip
        if step.message and step.state.value != "done":
            words = say((step.message, "muted")).wrap(max(10, cells - 2))
            found += [say("  ", line.rstrip()) for line in words]
    return lines(found)
