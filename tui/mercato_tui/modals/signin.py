"""Sign in with a name and a password."""

from __future__ import annotations

from typing import Any

from mercato_tui.i18n import _
from mercato_tui.modals.ask import AskModal
from mercato_tui.widgets.fields import PasswordField, TextField


class SignInModal(AskModal):
    """Signs in and enters. With a `username` it is the same person coming back."""

    def __init__(self, username: str = "") -> None:
        super().__init__(
            _("Sign in again") if username else _("Sign in"),
            [
                TextField("username", _("User name"), username, required=True),
                PasswordField("password", _("Password"), required=True),
            ],
            self._sign_in,
            yes=_("Sign in"),
            text=_("Your session has ended. What you typed is still here.") if username else "",
        )
        self.known = bool(username)

    def on_mount(self) -> None:
        if self.known:
            self.query_one("#password-field", PasswordField).input.focus()

    async def _sign_in(self, values: dict[str, Any]) -> None:
        await self.mercato.entry.sign_in(values["username"], values["password"])
