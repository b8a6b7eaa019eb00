"""My accounts at the services that I use, and what their providers ask of me."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec import UNSET
from textual.binding import Binding, BindingType
from textual.content import Content

from mercato.schemas import accounts
from mercato.schemas.accounts import AccountState as S
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.modals.confirm import ConfirmModal
from mercato_tui.screens.list_page import ListPage
from mercato_tui.session import uuid
from mercato_tui.text import fit_content, say, spread
from mercato_tui.views import AccountRow
from mercato_tui.widgets.account import PENDING, account_badge, asked, waits
from mercato_tui.widgets.vlist import VList

if TYPE_CHECKING:
    from mercato_tui.api import Api
    from mercato_tui.session import Session


class AccountLines(VList[AccountRow]):
    """Two lines each: state, service and user name; then what I am asked to do, and where."""

    def draw_row(self, row: AccountRow, width: int) -> list[Content]:
        badge = fit_content(say(account_badge(row.state, restricted=row.is_restricted)), 20)
        name = say((_("as "), "muted"), (row.username, "strong")) if row.username else say()
        what = say((row.offering_name, "strong"), (f"  {row.customer_name}", "muted"))
        return [badge + spread(what, name, width - 20), Content(" " * 20) + self._what(row)]

    def _what(self, row: AccountRow) -> Content:
        words = asked(row)
        if words:
            return say(("! ", "warn"), words, (f"  {row.service_provider_comment_url}", "secondary"))
        return say((_("Nothing is asked of you."), "faint"))


class AskLines(VList[AccountRow]):
    """What providers ask of me, one line each, for home."""

    def draw_row(self, row: AccountRow, width: int) -> list[Content]:
        where = say((row.service_provider_comment_url, "secondary"))
        return [spread(say(("! ", "warn"), (f"{row.offering_name}  ", "strong"), asked(row)), where, width)]


async def asks_of(session: Session, api: Api, most: int) -> list[AccountRow]:
    """My accounts that wait for something that I must do. Raises ApiError."""
    query = accounts.OfferingUserQuery(
        page=1, page_size=50, user_uuid=uuid(session.me.uuid), state=[*PENDING, S.OK], o=["-modified"]
    )
    found = await api.some(accounts.OFFERING_USERS, AccountRow, query)
    return [row for row in found.rows if waits(row)][:most]


class MyAccountsPage(ListPage[AccountRow]):
    """One's own accounts."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "follow", _("Open the link"), id="my-accounts.follow"),
        Binding("y", "copy", _("Copy the link"), id="my-accounts.copy"),
        Binding("t", "agree", _("Agree to the terms"), id="my-accounts.agree"),
    ]
    heading = _("My accounts")
    renew_every = 30.0
    placeholder = _("/ service or name")
    help_text: ClassVar[str] = _(
        "Your accounts at the services that you use, with the name to sign in there. Where a provider needs "
        "something of you its words stand below the account: o opens their link, y copies it. Enter opens the "
        "service."
    )

    def make_list(self) -> VList[AccountRow]:
        return AccountLines(row_height=2)

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[AccountRow]:
        query = accounts.OfferingUserQuery(
            page=page,
            page_size=size,
            query=text or UNSET,
            user_uuid=uuid(self.session.me.uuid),
            state=[state for state in S if state is not S.DELETED],
            o=["-modified"],
        )
        return await self.api.some(accounts.OFFERING_USERS, AccountRow, query)

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if text:
            return super().nothing(text, choice)
        return _("You have no account anywhere yet."), _(
            "You get one with the first service that makes them."
        )

    def choose(self, row: AccountRow) -> None:
        self.mercato.nav.open(f"offering/{row.offering_uuid}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A link only where there is one, agreement only where it is missing."""
        if action in ("follow", "copy", "agree") and self.is_mounted:
            row: AccountRow | None = self.chosen_row
            if row is None:
                return False
            if action == "agree":
                return row.offering_has_active_tos and (not row.has_consent or row.requires_reconsent)
            return bool(row.service_provider_comment_url)
        return super().check_action(action, parameters)

    def action_follow(self) -> None:
        self.app.open_url(self.chosen_row.service_provider_comment_url)
        self.action_copy()

    def action_copy(self) -> None:
        address = self.chosen_row.service_provider_comment_url
        self.app.copy_to_clipboard(address)
        self.mercato.say(_("Sent to the terminal's clipboard: {text}").format(text=address))

    def action_agree(self) -> None:
        row: AccountRow = self.chosen_row

        def answered(sure: bool | None) -> None:
            if sure:
                self.act(
                    lambda: self.api(
                        accounts.CONSENT_CREATE, accounts.NewConsent(offering=row.offering_uuid)
                    ),
                    _("Agreed."),
                )

        text = _("You agree to the terms of service of {offering}. Enter on the account opens the offering, "
                 "which has their text.").format(offering=row.offering_name)  # fmt: skip
        self.app.push_screen(ConfirmModal(_("Agree to the terms?"), text, _("I agree")), answered)
