"""My SSH keys: what lets me in where I have accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import UNSET
from textual.binding import Binding, BindingType
from textual.content import Content

from mercato.schemas import Nothing, identity
from mercato.schemas.identity import SshKey
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.modals.ask import AskModal
from mercato_tui.modals.confirm import ConfirmModal
from mercato_tui.modals.tell import TellModal
from mercato_tui.screens.list_page import ListPage
from mercato_tui.session import uuid
from mercato_tui.text import lines, say
from mercato_tui.widgets.fields import LongField, TextField
from mercato_tui.widgets.vtable import Column

CELLS = 38


class KeysPage(ListPage[SshKey]):
    """One's own public keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", _("Add a key"), id="keys.new"),
        Binding("D", "delete", _("Delete"), id="keys.delete"),
        Binding("y", "copy", _("Copy fingerprint"), id="keys.copy", show=False),
    ]
    heading = _("SSH keys")
    placeholder = _("/ name")
    preview_pane = True
    help_text: ClassVar[str] = _(
        "Your public keys; the services where you have accounts let you in with them. n adds one by pasting it, "
        "D deletes the one under the cursor, y copies its fingerprint, enter shows it whole."
    )

    def columns(self) -> Sequence[Column[SshKey]]:
        return (
            Column(_("Name"), lambda row: (row.name, "strong"), flex=2),
            Column(_("Kind"), lambda row: (_kind(row.type), "secondary"), width=12),
            Column(_("Fingerprint"), lambda row: (row.fingerprint_sha256, "muted"), flex=3, least=20),
        )

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[SshKey]:
        query = identity.SshKeyQuery(
            page=page, page_size=size, name=text or UNSET, user_uuid=uuid(self.session.me.uuid)
        )
        return await self.api.page(identity.KEYS, query)

    def preview(self, row: SshKey) -> Content:
        return whole(row, CELLS)

    def choose(self, row: SshKey) -> None:
        self.app.push_screen(TellModal(row.name, whole(row, 54), row.public_key))

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if text:
            return super().nothing(text, choice)
        return (
            _("No SSH key yet."),
            _("Press n and paste the line of your public key, such as ~/.ssh/id_ed25519.pub."),
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Deleting and copying only what is there."""
        if action in ("delete", "copy") and self.is_mounted:
            return self.chosen_row is not None
        return super().check_action(action, parameters)

    def action_new(self) -> None:
        fields = [
            LongField(
                "public_key", _("Public key"), required=True,
                hint=_("One line, from your .pub file"),
            ),
            TextField("name", _("Name"), hint=_("Empty: the words at the end of the key")),
        ]  # fmt: skip

        def answered(sent: bool | None) -> None:
            if sent:
                self.mercato.say(_("The key is there."))
                self.restart()

        self.app.push_screen(AskModal(_("Add an SSH key"), fields, self._create, yes=_("Add")), answered)

    async def _create(self, values: dict[str, Any]) -> None:
        new = identity.NewSshKey(public_key=one_line(values["public_key"]), name=values["name"] or "")
        await self.api(identity.KEY_CREATE, new)

    def action_copy(self) -> None:
        row: SshKey = self.chosen_row
        self.app.copy_to_clipboard(row.fingerprint_sha256)
        self.mercato.say(_("Sent to the terminal's clipboard: {text}").format(text=row.fingerprint_sha256))

    def action_delete(self) -> None:
        row: SshKey | None = self.chosen_row
        if row is None:
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.act(
                    lambda: self.api(identity.KEY_DELETE, Nothing(), uuid=row.uuid),
                    _("Deleted: {name}").format(name=row.name),
                    lambda _done: self.restart(),
                )

        text = _("{name} will no longer let you in anywhere.\n{fingerprint}").format(
            name=row.name, fingerprint=row.fingerprint_sha256
        )
        self.app.push_screen(ConfirmModal(_("Delete the key?"), text, _("Delete")), answered)


def one_line(pasted: str) -> str:
    """The key as it was before a terminal broke its line: only after a word of its own is a break a space."""
    joined = ""
    for part in (line.strip() for line in pasted.splitlines()):
        broken = joined and " " in joined and joined.count(" ") < 2 and _BASE64.issuperset(part)
        joined += part if broken or not joined else f" {part}"
    return joined.strip()


_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")


def whole(row: SshKey, cells: int) -> Content:
    """A key with all its fingerprints."""
    rows = [say((row.name, "strong"), (f"  {row.type}", "secondary")), Content("")]
    for label, value in (
        ("SHA256", row.fingerprint_sha256),
        ("MD5", row.fingerprint_md5),
        ("SHA512", row.fingerprint_sha512),
        (_("Public key"), row.public_key),
    ):
        rows.append(say((label, "label")))
        rows += [line.rstrip() for line in say((value, "muted")).wrap(max(10, cells))]
        rows.append(Content(""))
    return lines(rows[:-1])


def _kind(kind: str) -> str:
    """`ssh-ed25519` as people say it."""
    return kind.removeprefix("ssh-").removeprefix("ecdsa-sha2-").removesuffix("@openssh.com")
