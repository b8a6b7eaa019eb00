"""A robot account: its state in words, and what its provider can do next."""

from __future__ import annotations

from mercato.schemas.robot_accounts import RobotState as S
from mercato_tui.i18n import _

TONES: dict[str, tuple[str, str]] = {
    S.REQUESTED: ("◔", "warn"),
    S.CREATING: ("◐", "secondary"),
    S.OK: ("●", "ok"),
    S.DELETION_REQUESTED: ("◔", "warn"),
    S.DELETED: ("○", "muted"),
    S.ERROR: ("✖", "bad"),
}
GOING = (S.DELETION_REQUESTED, S.DELETED)
# The last part of the server's address of a transition, by the states in which it can be taken.
STEPS: tuple[tuple[str, str, tuple[S, ...]], ...] = (
    ("creating", _("Begin to make it"), (S.REQUESTED,)),
    ("ok", _("It can be used"), (S.REQUESTED, S.CREATING, S.ERROR)),
    ("erred", _("Something went wrong"), (S.REQUESTED, S.CREATING, S.OK, S.ERROR, S.DELETION_REQUESTED)),
    ("request_deletion", _("It shall go"), (S.REQUESTED, S.CREATING, S.OK, S.ERROR)),
    ("deleted", _("It is deleted"), (S.DELETION_REQUESTED, S.ERROR)),
)


def robot_badge(state: str) -> tuple[str, str]:
    """Its state as a piece of text."""
    words: dict[str, str] = {
        S.REQUESTED: _("requested"),
        S.CREATING: _("being made"),
        S.OK: _("in use"),
        S.DELETION_REQUESTED: _("to be deleted"),
        S.DELETED: _("deleted"),
        S.ERROR: _("failed"),
    }
    sign, tone = TONES.get(state, ("·", "muted"))
    return f"{sign} {words.get(state, state)}", tone


def steps(state: str) -> list[tuple[str, str]]:
    """(server's name, words) of what can be done to an account in this state."""
    return [(name, label) for name, label, sources in STEPS if state in sources]
