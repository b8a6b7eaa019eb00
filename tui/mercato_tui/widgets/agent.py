"""A site agent: how it is, what runs in it, the colours of what it logs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import UnsetType
from textual.content import Content

from mercato_tui import dates
from mercato_tui.i18n import _, some
from mercato_tui.text import Piece, fit, say

if TYPE_CHECKING:
    from mercato.schemas.site_agents import AgentConnection, Identity, Service

LEVELS = {"DEBUG": "faint", "INFO": "secondary", "WARNING": "warn", "ERROR": "bad", "CRITICAL": "bad"}
SERVICES = {"Active": ("●", "ok"), "Idle": ("◌", "warn"), "Error": ("✖", "bad")}


def service_badge(state: str) -> tuple[str, str]:
    """A service's state as a piece of text."""
    sign, tone = SERVICES.get(state, ("·", "muted"))
    words = {"Active": _("active"), "Idle": _("silent"), "Error": _("failing")}.get(state, state)
    return f"{sign} {words}", tone


def agent_badge(agent: Identity) -> tuple[str, str]:
    """The worst of its services, which is how the agent is."""
    states = {service.state for service in agent.services}
    for state in ("Error", "Idle", "Active"):
        if state in states:
            return service_badge(state)
    return "○ " + _("no service"), "muted"


def heard(agent: Identity) -> datetime:
    """When it, or anything in it, was last heard of."""
    return max([agent.modified, *(service.modified for service in agent.services)])


def restarted(agent: Identity) -> datetime | None:
    return None if isinstance(agent.last_restarted, UnsetType) else agent.last_restarted


def listening(found: AgentConnection | None) -> Piece:
    """Whether it reads its events as they happen, and how many wait for it."""
    if found is None or not found.queues:
        return (_("asks now and then"), "muted")
    waiting = sum(queue.messages for queue in found.queues)
    if any(queue.consumers for queue in found.queues):
        return ("● " + _("live"), "ok")
    return ("○ " + some("away, {n} message waits", "away, {n} messages wait", waiting), "warn")


def service_lines(services: Iterable[Service], now: datetime, cells: int) -> list[Content]:
    """Each service with its processors below it."""
    rows: list[Content] = []
    for one in services:
        age = (f"  {dates.ago(one.modified, now)}", "muted")
        mode = (f"  {one.mode}" if one.mode else "", "muted")
        rows.append(say(fit_badge(one.state), (one.name, "strong"), mode, age))
        for part in one.processors:
            version = f" {part.backend_version}" if part.backend_version else ""
            ran = (
                _("ran {when}").format(when=dates.ago(part.last_run, now))
                if part.last_run
                else _("never ran")
            )
            rows.append(
                say(" " * 12, ("└ ", "faint"), part.name, (f"  {part.backend_type}{version}  {ran}", "muted"))
            )
    if not rows:
        rows.append(say((_("Nothing has been registered in it yet."), "muted")))
    return [row.truncate(cells, ellipsis=True) for row in rows]


def fit_badge(state: str) -> tuple[str, str]:
    words, tone = service_badge(state)
    return fit(words, 12), tone
