"""An account at an offering: its state in words, what its provider can do next, and what its person is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mercato.schemas.accounts import AccountState as S
from mercato_tui.i18n import _

if TYPE_CHECKING:
    from mercato_tui.views import AccountRow

TONES: dict[str, tuple[str, str]] = {
    S.REQUESTED: ("◔", "warn"),
    S.CREATING: ("◐", "secondary"),
    S.PENDING_ACCOUNT_LINKING: ("◑", "accent"),
    S.PENDING_ADDITIONAL_VALIDATION: ("◑", "accent"),
    S.OK: ("●", "ok"),
    S.DELETION_REQUESTED: ("◔", "warn"),
    S.DELETING: ("◐", "secondary"),
    S.DELETED: ("○", "muted"),
    S.ERROR_CREATING: ("✖", "bad"),
    S.ERROR_DELETING: ("✖", "bad"),
}
PENDING = (S.PENDING_ACCOUNT_LINKING, S.PENDING_ADDITIONAL_VALIDATION)
GOING = (S.DELETION_REQUESTED, S.DELETING, S.DELETED)
# Where the ball is with the provider, what went wrong among it.
MINE = (S.REQUESTED, S.ERROR_CREATING, S.ERROR_DELETING, S.CREATING, S.DELETION_REQUESTED, S.DELETING)


def account_words(state: str) -> str:
    """An account's state in words."""
    words: dict[str, str] = {
        S.REQUESTED: _("requested"),
        S.CREATING: _("being made"),
        S.PENDING_ACCOUNT_LINKING: _("needs linking"),
        S.PENDING_ADDITIONAL_VALIDATION: _("needs validation"),
        S.OK: _("in use"),
        S.DELETION_REQUESTED: _("to be deleted"),
        S.DELETING: _("being deleted"),
        S.DELETED: _("deleted"),
        S.ERROR_CREATING: _("making failed"),
        S.ERROR_DELETING: _("deleting failed"),
    }
    return words.get(state, state)


def account_badge(state: str, *, restricted: bool = False) -> tuple[str, str]:
    """An account's state as a piece of text."""
    sign, tone = TONES.get(state, ("·", "muted"))
    if restricted and state == S.OK:
        return "◌ " + _("restricted"), "warn"
    return f"{sign} {account_words(state)}", tone


@dataclass(frozen=True)
class Step:
    """One thing that a provider can do to an account: the server's name of it, and how people call it."""

    action: str
    label: str
    sources: tuple[S, ...]
    remark: bool = False
    """Whether the person is told something with it."""
    sure: bool = False
    """Whether it is asked about before it is done."""


_MAKING = (S.REQUESTED, S.CREATING, *PENDING)
# The arrows of specification 004, as the server has them; it has the last word.
STEPS = (
    Step("begin_creating", _("Begin to make it"), (S.REQUESTED,)),
    Step("begin_creating", _("Try again to make it"), (S.ERROR_CREATING,)),
    Step("set_validation_complete", _("They did as asked: it can be used"), PENDING),
    Step("set_ok", _("It can be used"), (S.REQUESTED, S.CREATING, S.ERROR_CREATING, S.ERROR_DELETING)),
    Step(
        "set_pending_account_linking", _("Ask them to link an account"), (S.CREATING, S.ERROR_CREATING), True
    ),
    Step(
        "set_pending_additional_validation",
        _("Ask them for a validation"),
        (S.CREATING, S.ERROR_CREATING),
        True,
    ),
    Step("set_error_creating", _("It could not be made"), _MAKING),
    Step("request_deletion", _("Ask for its deletion"), (S.OK,), sure=True),
    Step("set_deleting", _("Begin to delete it"), (S.DELETION_REQUESTED,)),
    Step("set_deleting", _("Try again to delete it"), (S.ERROR_DELETING,)),
    Step("set_deleted", _("It is deleted"), (S.DELETING,), sure=True),
    Step("set_error_deleting", _("It could not be deleted"), (S.DELETION_REQUESTED, S.DELETING)),
)


def steps(state: str) -> list[Step]:
    """What can be done to an account in this state."""
    return [step for step in STEPS if state in step.sources]


def person(row: AccountRow) -> str:
    """Whose account it is, as far as the offering sees that."""
    for name in (row.user_full_name, row.user_username, row.user_email):
        if isinstance(name, str) and name:
            return name
    return _("person {start}…").format(start=row.user_uuid[:8])


def waits(row: AccountRow) -> str:
    """For which of the pending states the account waits for its person; empty for none."""
    where = row.runtime_state if row.state == S.OK else row.state
    return where if where in PENDING else ""


def asked(row: AccountRow) -> str:
    """What the person still has to do, in a sentence; empty where nothing."""
    waiting = waits(row)
    if waiting:
        if row.service_provider_comment:
            return row.service_provider_comment
        if waiting == S.PENDING_ACCOUNT_LINKING:
            return _("Link your account with {provider}.").format(provider=row.customer_name)
        return _("{provider} needs to know more about you.").format(provider=row.customer_name)
    if row.offering_has_active_tos and (not row.has_consent or row.requires_reconsent):
        return _("Agree to the terms of service.")
    return ""
