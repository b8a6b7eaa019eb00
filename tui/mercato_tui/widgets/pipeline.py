"""Where an order stands: its steps in a row, who has the ball, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from mercato_tui import dates
from mercato_tui.i18n import _
from mercato_tui.text import fit_content, lines, say

if TYPE_CHECKING:
    from mercato.schemas.orders import Order

DONE, HERE, AHEAD, FAILED, SKIPPED = "done", "here", "ahead", "failed", "skipped"

LOOKS = {
    DONE: ("●", "ok", "━"),
    HERE: ("◉", "primary", "─"),
    AHEAD: ("○", "faint", "─"),
    FAILED: ("✖", "bad", "─"),
    SKIPPED: ("·", "faint", "─"),
}

STEP_OF = {
    "pending-consumer": 1,
    "pending-provider": 2,
    "pending-project": 3,
    "pending-start-date": 3,
    "executing": 4,
    "done": 5,
}


@dataclass(frozen=True)
class Step:
    """One step: its name, how it stands, and who or when."""

    title: str
    how: str
    note: str = ""


def steps(order: Order, now: datetime) -> list[Step]:
    """The steps of an order from request to result."""
    at = _reached(order)
    failed = order.state in ("rejected", "canceled", "erred")

    def how(index: int) -> str:
        if order.state == "done" or index < at:
            return DONE
        if index == at:
            return FAILED if failed else HERE
        return SKIPPED if failed else AHEAD

    notes = {
        0: dates.ago(order.created, now),
        1: order.consumer_reviewed_by_full_name or order.consumer_reviewed_by_username or "",
        2: order.provider_reviewed_by_full_name or order.provider_reviewed_by_username or "",
        3: dates.day(order.start_date) if order.start_date else "",
        4: "",
        5: dates.ago(order.completed_at, now) if order.completed_at and order.state == "done" else "",
    }
    titles = [
        _("Ordered"),
        _("Customer"),
        order.provider_name or _("Provider"),
        _("Start"),
        _("Set up") if order.type == "Create" else _("Change") if order.type == "Update" else _("End"),
        _("Done"),
    ]
    found = [Step(title, how(index), notes[index]) for index, title in enumerate(titles)]
    waits_for_start = order.start_date is not None or order.state.startswith(("pending-pro", "pending-start"))
    if not waits_for_start or (order.start_date is None and at != 3):
        del found[3]
    return found


def _reached(order: Order) -> int:
    """The step where the order is, or where it ended."""
    if order.state in STEP_OF:
        return STEP_OF[order.state]
    if order.state == "erred" or order.provider_reviewed_at is not None:
        return 2 if order.state == "rejected" else 4
    if order.state == "rejected" and order.consumer_rejection_comment:
        return 1
    return 2 if order.consumer_reviewed_at is not None else 1


def ball(order: Order, now: datetime) -> tuple[str, str]:
    """Who has to act next, as a sentence, and its tone."""
    since = dates.ago(order.modified, now)
    match order.state:
        case "pending-consumer":
            return _("Waits for the approval of {customer}, since {since}.").format(
                customer=order.customer_name, since=since
            ), "warn"
        case "pending-provider":
            return _("Waits for {provider} to approve it, since {since}.").format(
                provider=order.provider_name, since=since
            ), "warn"
        case "pending-project":
            return _("Waits until the project {project} starts.").format(
                project=order.project_name
            ), "secondary"
        case "pending-start-date":
            return _("Starts on {day}.").format(day=dates.day(order.start_date)), "secondary"
        case "executing":
            return _("{provider} is setting it up, since {since}.").format(
                provider=order.provider_name, since=since
            ), "secondary"
        case "done":
            return _("Done {when}.").format(when=dates.ago(order.completed_at or order.modified, now)), "ok"
        case "rejected":
            said = order.consumer_rejection_comment or order.provider_rejection_comment
            return (_("Rejected: {why}").format(why=said) if said else _("Rejected.")), "bad"
        case "canceled":
            return _("Canceled {when}.").format(when=since), "muted"
        case "erred":
            return _("Failed: {why}").format(
                why=order.error_message or _("the provider gave no reason")
            ), "bad"
    return order.state, "muted"


def draw(found: list[Step], cells: int) -> Content:
    """The steps in a row of `cells` cells; below each other where that is too narrow."""
    if cells < 12 * len(found):
        return lines(
            say((LOOKS[step.how][0], LOOKS[step.how][1]), " ", step.title, (f"  {step.note}", "muted"))
            for step in found
        )
    each = min(22, cells // len(found))
    line, titles, notes = [], [], []
    for index, step in enumerate(found):
        sign, tone, rule = LOOKS[step.how]
        last = index == len(found) - 1
        line.append(
            say((sign, tone), " " if last else (f" {rule * (each - 3)} ", "ok" if rule == "━" else "faint"))
        )
        strong = "strong" if step.how in (HERE, FAILED) else "" if step.how == DONE else "muted"
        titles.append(fit_content(say((step.title, strong)), each - 1) + " ")
        notes.append(fit_content(say((step.note, "muted")), each - 1) + " ")
    return lines([Content.assemble(*line), Content.assemble(*titles), Content.assemble(*notes)])
