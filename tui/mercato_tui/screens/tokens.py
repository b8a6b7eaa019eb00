"""My personal access tokens: keys for programs, for some things only and for a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from mercato.schemas import ListQuery, Nothing, identity
from mercato.schemas.identity import PersonalToken, PersonalTokenMade
from mercato_tui import dates
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _, some
from mercato_tui.modals.confirm import ConfirmModal
from mercato_tui.modals.tell import SecretModal, TellModal
from mercato_tui.screens.list_page import ListPage
from mercato_tui.text import Piece, lines, say
from mercato_tui.widgets.facts import facts
from mercato_tui.widgets.vtable import Column

CELLS = 38
SOON = 14 * 86400


class TokensPage(ListPage[PersonalToken]):
    """One's own tokens; those that have ended stay on the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", _("New token"), id="tokens.new"),
        Binding("t", "rotate", _("Another key"), id="tokens.rotate"),
        Binding("D", "revoke", _("Revoke"), id="tokens.revoke"),
    ]
    heading = _("Access tokens")
    searchable = False
    preview_pane = True
    help_text: ClassVar[str] = _(
        "A token lets a program act for you, for the permissions that you choose and until it ends. Its key is "
        "shown once. n makes one, t gives it another key and ends the old one at once, D revokes it for good."
    )

    def columns(self) -> Sequence[Column[PersonalToken]]:
        return (
            Column(_("State"), self._state, width=10),
            Column(_("Name"), lambda row: (row.name, "strong"), flex=3),
            Column(_("Key"), lambda row: (f"{row.token_prefix}…", "muted"), width=14, drop=2),
            Column(_("May"), lambda row: some("{n} thing", "{n} things", len(row.scopes)), width=10, drop=3),
            Column(_("Ends"), self._ends, width=14),
            Column(_("Used"), self._used, width=13, drop=1),
        )

    def _state(self, row: PersonalToken) -> Piece:
        if row.is_active:
            return ("● " + _("active"), "ok")
        gone = _("ended") if row.expires_at <= self.now else _("revoked")
        return (f"○ {gone}", "muted")

    def _ends(self, row: PersonalToken) -> Piece:
        soon = row.is_active and (row.expires_at - self.now).total_seconds() < SOON
        return (dates.until(row.expires_at, self.now), "warn" if soon else "")

    def _used(self, row: PersonalToken) -> Piece:
        return dates.ago(row.last_used_at, self.now) if row.use_count else (_("never"), "muted")

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[PersonalToken]:
        return await self.api.page(identity.TOKENS, ListQuery(page=page, page_size=size))

    def preview(self, row: PersonalToken) -> Content:
        return self._whole(row, CELLS)

    def choose(self, row: PersonalToken) -> None:
        self.app.push_screen(TellModal(row.name, self._whole(row, 54), row.token_prefix))

    def _whole(self, row: PersonalToken, cells: int) -> Content:
        places = ", ".join(place.name or place.type for place in row.allowed_scopes)
        rows: list[tuple[str, Piece]] = [
            (_("State"), self._state(row)),
            (_("Key"), (f"{row.token_prefix}…", "muted")),
            (_("Made"), dates.moment(row.created)),
            (_("Ends"), dates.moment(row.expires_at)),
            (_("Used"), self._times(row)),
            (_("Where"), places or _("everywhere")),
            (_("Networks"), ", ".join(row.allowed_networks) or _("any")),
        ]
        may = [say((_("May"), "label")), *(say("• ", scope) for scope in row.scopes)]
        return lines([say((row.name, "strong")), Content(""), facts(rows, cells, 10), Content(""), *may])

    def _times(self, row: PersonalToken) -> str:
        if not row.use_count:
            return _("never")
        times = some("once", "{n} times", row.use_count)
        last = _("last {when}").format(when=dates.ago(row.last_used_at, self.now))
        return f"{times}, {last}" + (f", {row.last_used_ip}" if row.last_used_ip else "")

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        return (
            _("No access token yet."),
            _("Press n to make a key for a program or a script. It may only what you choose."),
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """An ended token can be neither rotated nor revoked."""
        if action in ("rotate", "revoke") and self.is_mounted:
            row = self.chosen_row
            return True if row is not None and row.is_active else None
        return super().check_action(action, parameters)

    def action_new(self) -> None:
        self.mercato.nav.open("new-token")

    def action_rotate(self) -> None:
        row: PersonalToken | None = self.chosen_row
        if row is None:
            return

        def shown(made: PersonalTokenMade) -> None:
            self.restart()
            self.app.push_screen(secret(made))

        def answered(sure: bool | None) -> None:
            if sure:
                self.act(lambda: self.api(identity.TOKEN_ROTATE, Nothing(), uuid=row.uuid), "", shown)

        text = _("{name} gets another key with the same rights and the same end. The old key stops at once.")
        self.app.push_screen(
            ConfirmModal(_("Another key?"), text.format(name=row.name), _("Replace the key")), answered
        )

    def action_revoke(self) -> None:
        row: PersonalToken | None = self.chosen_row
        if row is None:
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.act(
                    lambda: self.api(identity.TOKEN_DELETE, Nothing(), uuid=row.uuid),
                    _("Revoked: {name}").format(name=row.name),
                    lambda _done: self.restart(),
                )

        text = _("Programs with the key of {name} are refused from now on. This cannot be taken back.")
        self.app.push_screen(
            ConfirmModal(_("Revoke the token?"), text.format(name=row.name), _("Revoke")), answered
        )


def secret(made: PersonalTokenMade) -> SecretModal:
    """The key of a token that was made just now."""
    text = _("The key of {name}, until {day}:").format(name=made.name, day=dates.day(made.expires_at))
    return SecretModal(_("Your new key"), text, made.token)
