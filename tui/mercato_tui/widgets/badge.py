"""States in words and a sign, so that nothing depends on colour alone."""

from __future__ import annotations

from typing import Protocol

from mercato_tui.i18n import _


class HasState(Protocol):
    """An order, of whatever projection."""

    @property
    def state(self) -> str: ...


ORDER_TONES = {
    "pending-consumer": ("◔", "warn"),
    "pending-provider": ("◑", "warn"),
    "pending-project": ("◌", "secondary"),
    "pending-start-date": ("◌", "secondary"),
    "executing": ("◐", "secondary"),
    "done": ("✔", "ok"),
    "erred": ("✖", "bad"),
    "canceled": ("○", "muted"),
    "rejected": ("✖", "bad"),
}

RESOURCE_TONES = {
    "Creating": ("◐", "secondary"),
    "OK": ("●", "ok"),
    "Erred": ("✖", "bad"),
    "Updating": ("◐", "secondary"),
    "Terminating": ("◐", "warn"),
    "Terminated": ("○", "muted"),
    "REJECTED": ("✖", "bad"),
}

OFFERING_TONES = {
    "Draft": ("◌", "secondary"),
    "Active": ("●", "ok"),
    "Paused": ("◑", "warn"),
    "Archived": ("○", "muted"),
    "Unavailable": ("✖", "bad"),
}

INVOICE_TONES = {
    "pending": ("◔", "secondary"),
    "pending_finalization": ("◑", "secondary"),
    "created": ("●", "warn"),
    "paid": ("✔", "ok"),
    "canceled": ("○", "muted"),
}

RUNNING = ("pending-consumer", "pending-provider", "pending-project", "pending-start-date", "executing")
REJECTED = "REJECTED"


def order_words(state: str) -> str:
    """An order's state in words."""
    return {
        "pending-consumer": _("customer approval"),
        "pending-provider": _("provider approval"),
        "pending-project": _("project start"),
        "pending-start-date": _("start date"),
        "executing": _("executing"),
        "done": _("done"),
        "erred": _("erred"),
        "canceled": _("canceled"),
        "rejected": _("rejected"),
    }.get(state, state)


def order_badge(state: str) -> tuple[str, str]:
    """An order's state as a piece of text."""
    sign, tone = ORDER_TONES.get(state, ("·", "muted"))
    return f"{sign} {order_words(state)}", tone


def resource_state(state: str, creation_order: HasState | None) -> str:
    """A resource's state as people see it: one whose creation was refused is REJECTED."""
    if state == "Terminated" and creation_order is not None and creation_order.state == "rejected":
        return REJECTED
    return state


def resource_badge(state: str) -> tuple[str, str]:
    """A resource's state as a piece of text."""
    sign, tone = RESOURCE_TONES.get(state, ("·", "muted"))
    return f"{sign} {state.upper()}", tone


def offering_badge(state: str) -> tuple[str, str]:
    """An offering's state as a piece of text."""
    sign, tone = OFFERING_TONES.get(state, ("·", "muted"))
    return f"{sign} {state}", tone


def invoice_badge(state: str) -> tuple[str, str]:
    """An invoice's state as a piece of text."""
    sign, tone = INVOICE_TONES.get(state, ("·", "muted"))
    words = {
        "pending": _("open"),
        "pending_finalization": _("closing"),
        "created": _("to be paid"),
        "paid": _("paid"),
        "canceled": _("canceled"),
    }.get(state, state)
    return f"{sign} {words}", tone
