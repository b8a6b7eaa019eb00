"""Beginning: the first administrator, and the address of a server that somebody else runs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from mercato_tui.api import ApiError
from mercato_tui.i18n import _
from mercato_tui.modals.ask import AskModal
from mercato_tui.server import Ready
from mercato_tui.widgets.fields import PasswordField, TextField


class FirstAdminModal(AskModal):
    """Creates the first administrator and signs in as them."""

    def __init__(self) -> None:
        super().__init__(
            _("The first administrator"),
            [
                TextField("username", _("User name"), required=True),
                TextField("email", _("E-mail")),
                PasswordField("password", _("Password"), required=True, hint=_("At least 12 characters")),
                PasswordField("again", _("The same again"), required=True),
            ],
            self._create,
            yes=_("Create"),
            text=_("They may do everything, and give others their roles."),
        )

    async def _create(self, values: dict[str, Any]) -> None:
        if values["password"] != values["again"]:
            raise ApiError(400, "", fields={"again": [_("The two passwords differ.")]})
        create = self.mercato.entry.connection.first_admin
        if create is not None:
            token = await create(values["username"], values["password"], values["email"] or "")
            await self.mercato.entry.sign_in_with(token)


class ConnectModal(AskModal):
    """Takes a server's address and goes on to signing in there."""

    def __init__(self) -> None:
        super().__init__(
            _("Connect to a server"),
            [TextField("url", _("Address"), placeholder="https://mercato.example.org", required=True)],
            self._connect,
            yes=_("Connect"),
        )

    async def _connect(self, values: dict[str, Any]) -> None:
        address = server_address(values["url"])
        if address is None:
            raise ApiError(
                400, "", fields={"url": [_("An address like https://mercato.example.org, please.")]}
            )
        self.dismiss(True)
        await self.mercato.entry.use(Ready(address))


def server_address(typed: str) -> str | None:
    """The base URL of what was typed: https is added, and http only where it stays on this machine."""
    text = typed.strip().rstrip("/")
    if "://" not in text:
        host = text.split("/")[0].rsplit(":", 1)[0]
        text = f"{'http' if host in ('localhost', '127.0.0.1', '[::1]') else 'https'}://{text}"
    try:
        parts = urlsplit(text)
        _port = parts.port
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.hostname else None
