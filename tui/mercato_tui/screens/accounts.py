"""People's accounts at my offerings: named, made, questioned and deleted where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import UNSET
from textual.binding import Binding, BindingType
from textual.content import Content

from mercato.schemas import Nothing, accounts
from mercato.schemas.accounts import AccountState as S
from mercato.schemas.accounts import RuntimeState as R
from mercato_tui import dates
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.modals.ask import AskModal
from mercato_tui.modals.confirm import ConfirmModal
from mercato_tui.modals.picker import PickModal
from mercato_tui.screens.list_page import ListPage
from mercato_tui.session import uuid
from mercato_tui.text import Piece, lines, prose, say
from mercato_tui.views import AccountRow, CustomerRow
from mercato_tui.widgets.account import GOING, MINE, PENDING, Step, account_badge, person, steps
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.facts import facts
from mercato_tui.widgets.fields import LongField, TextField
from mercato_tui.widgets.vlist import VList
from mercato_tui.widgets.vtable import Column, VTable

MOVES = {endpoint.path.rstrip("/").rsplit("/", 1)[-1]: endpoint for endpoint in accounts.MOVES}
GROUPS: dict[str, tuple[S, ...]] = {
    "waiting": MINE,
    "asked": PENDING,
    "used": (S.OK,),
    "deleted": (S.DELETED,),
}
NAME, COMMENT, RESTRICT, FREE = "name", "comment", "restrict", "free"
RUNTIME, FORGET = "runtime", "forget"
ALL = "all"


class AccountTable(VTable[AccountRow]):
    """Enter does not open an account, it asks what to do with it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", _("What now"), id="accounts.next"),
    ]


class AccountsPage(ListPage[AccountRow]):
    """Accounts by state, those that need the provider first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "name", _("User name"), id="accounts.name"),
        Binding("o", "provider", _("Organisation"), id="accounts.provider"),
    ]
    heading = _("Accounts")
    renew_every = 15.0
    placeholder = _("/ person or name")
    preview_pane = True
    help_text: ClassVar[str] = _(
        "People's accounts at your offerings. enter offers all that can be done with the one under the cursor: "
        "make it, ask the person for something, report that it works or that it failed, delete it. u gives it its "
        "user name, which makes it usable. o chooses among the organisations that you work for."
    )
    provider = ""

    def filters(self) -> list[Item]:
        return [
            Item("waiting", _("Needs you")),
            Item("asked", _("Needs them")),
            Item("used", _("In use")),
            Item("deleted", _("Deleted")),
            Item("", _("All")),
        ]

    def columns(self) -> Sequence[Column[AccountRow]]:
        return (
            Column(_("State"), lambda row: account_badge(row.state, restricted=row.is_restricted), width=18),
            Column(_("Person"), lambda row: (person(row), "strong"), flex=2, least=14),
            Column(_("User name"), lambda row: row.username or ("–", "faint"), flex=2, least=10),
            Column(_("Offering"), lambda row: (row.offering_name, "muted"), flex=2, least=12, drop=2),
            Column(_("Since"), lambda row: (dates.ago(row.modified, self.now), "muted"), width=11, drop=1),
        )

    def make_list(self) -> VList[AccountRow]:
        return AccountTable(self.columns())

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[AccountRow]:
        query = accounts.OfferingUserQuery(
            page=page,
            page_size=size,
            query=text or UNSET,
            state=list(GROUPS.get(choice, ())) or ([S(choice)] if choice in list(S) else UNSET),
            o=["-modified"] if choice in ("used", "deleted", "") else ["created"],
        )
        provider = self._provider()
        if provider:
            query.provider_uuid = uuid(provider)
        return await self.api.some(accounts.OFFERING_USERS, AccountRow, query)

    def _mine(self) -> list[CustomerRow]:
        """The organisations that sell and in which I work."""
        scopes = {grant.scope_uuid for grant in self.session.me.permissions}
        every = self.session.customers.values()
        seen = self.session.sees_everything
        return [row for row in every if row.is_service_provider and (seen or row.uuid in scopes)]

    def action_provider(self) -> None:
        """Whose accounts are shown, where I work for several."""
        items = [Item(ALL, _("All of them")), *(Item(row.uuid, row.name) for row in self._mine())]

        def chosen(value: str | None) -> None:
            if value is not None:
                self.provider = value
                self.restart()

        self.app.push_screen(PickModal(_("Whose accounts?"), items, self.provider), chosen)

    def _provider(self) -> str:
        """The one provider whose accounts are shown: the one chosen or looked at, or my only one; else all I see."""
        session = self.session
        if self.provider:
            return "" if self.provider == ALL else self.provider
        looked = session.customers.get(session.context.customer_uuid)
        if looked is not None and looked.is_service_provider:
            return looked.uuid
        mine = [row.uuid for row in self._mine()]
        elsewhere = any(grant.scope_type.endswith("offering") for grant in session.me.permissions)
        return mine[0] if len(mine) == 1 and not elsewhere and not session.sees_everything else ""

    def preview(self, row: AccountRow) -> Content:
        rows: list[tuple[str, Piece]] = [
            (_("User name"), row.username or "–"),
            (_("Offering"), row.offering_name),
            (_("E-mail"), row.user_email or "–" if isinstance(row.user_email, str) else "–"),
            (_("Asked for"), dates.moment(row.created)),
            (_("Changed"), dates.moment(row.modified)),
        ]
        if row.runtime_state != "Active":
            rows.append((_("In use, but"), (row.runtime_state, "warn")))
        if row.offering_has_active_tos:
            agreed = row.has_consent and not row.requires_reconsent
            rows.append((_("Terms"), _("agreed to") if agreed else (_("not agreed to"), "warn")))
        badge = say(account_badge(row.state, restricted=row.is_restricted))
        shown = [say((person(row), "strong")), badge, Content(""), facts(rows, 38, 11)]
        if row.service_provider_comment or row.service_provider_comment_url:
            shown += [
                Content(""),
                say((_("What they are told"), "label")),
                prose(row.service_provider_comment),
            ]
            shown.append(say((row.service_provider_comment_url, "secondary")))
        can = [step.label for step in steps(row.state)] if self._may(row) else []
        if can:
            shown += [Content(""), say((_("What now: enter"), "label")), *(say("• ", one) for one in can)]
        return lines(shown)

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if text:
            return super().nothing(text, choice)
        if choice == "waiting":
            return _("No account needs you."), _("New ones show up here by themselves; → shows the others.")
        return _("No such accounts."), _("People get one when they use an offering that makes accounts.")

    # What can be done.

    def _may(self, row: AccountRow) -> bool:
        return self.session.may("OFFERING.UPDATE_USER", row.offering_uuid, row.customer_uuid)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what my role allows and the account's state bears."""
        if action == "provider":
            return self.mercato.session is not None and len(self._mine()) > 1
        if action == "name" and self.is_mounted:
            row: AccountRow | None = self.chosen_row
            return True if row is not None and self._may(row) and row.state not in GOING else None
        return super().check_action(action, parameters)

    def choose(self, row: AccountRow) -> None:
        """Everything that can be done with it."""
        if not self._may(row):
            return
        found = steps(row.state)
        items = [Item(str(index), step.label) for index, step in enumerate(found)]
        if row.state not in GOING:
            items.insert(0, Item(NAME, _("Give it its user name"), "u"))
        if row.state == S.OK:
            items.append(Item(FREE, _("Lift the restriction")) if row.is_restricted else
                         Item(RESTRICT, _("Restrict it for now")))  # fmt: skip
            items.append(Item(RUNTIME, _("Say what it still waits for")))
        if row.state != S.DELETED:
            items.append(Item(COMMENT, _("Change what they are told")))
        elif self.session.may("OFFERING.DELETE_USER", row.offering_uuid, row.customer_uuid):
            items.append(Item(FORGET, _("Forget it")))
        if not items:
            self.mercato.say(_("Nothing can be done with a deleted account."))
            return

        def chosen(value: str | None) -> None:
            match value:
                case None:
                    return
                case "name":
                    self.name_it(row)
                case "comment":
                    self.tell_them(row)
                case "runtime":
                    self.wait_for(row)
                case "forget":
                    self.forget(row)
                case "restrict" | "free":
                    self.restrict(row, restricted=value == RESTRICT)
                case _:
                    self.take(row, found[int(value)])

        self.app.push_screen(PickModal(f"{person(row)} · {row.offering_name}", items), chosen)

    def action_name(self) -> None:
        if self.chosen_row is not None:
            self.name_it(self.chosen_row)

    def take(self, row: AccountRow, step: Step) -> None:
        """One arrow of the account's life; with words for the person, or a question, where it needs one."""
        done = f"{person(row)}: {step.label}"
        if step.remark:
            self._ask(step.label, row, lambda said: self.api(MOVES[step.action], said, uuid=row.uuid))
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.act(lambda: self.api(MOVES[step.action], Nothing(), uuid=row.uuid), done)

        if not step.sure:
            answered(True)
            return
        text = _("{label}: the account {name} of {person} at {offering}.").format(
            label=step.label, name=row.username or "–", person=person(row), offering=row.offering_name
        )
        self.app.push_screen(ConfirmModal(_("Sure?"), text, _("Yes")), answered)

    def tell_them(self, row: AccountRow) -> None:
        """Other words for the person, whatever the state."""

        async def send(said: accounts.Remark) -> Any:
            change = accounts.CommentsChange(
                service_provider_comment=said.comment, service_provider_comment_url=said.comment_url
            )
            return await self.api(accounts.UPDATE_COMMENTS, change, uuid=row.uuid)

        self._ask(_("What they are told"), row, send)

    def _ask(self, title: str, row: AccountRow, send: Any) -> None:
        fields = [
            LongField(
                "comment", _("What to do"), row.service_provider_comment, hint=_("They read it as it is")
            ),
            TextField("comment_url", _("Where"), row.service_provider_comment_url, placeholder="https://…"),
        ]

        async def sent(values: dict[str, Any]) -> Any:
            said = accounts.Remark(comment=values["comment"] or "", comment_url=values["comment_url"] or "")
            return await send(said)

        text = _("{person} reads this at their account for {offering}.").format(
            person=person(row), offering=row.offering_name
        )
        self.app.push_screen(AskModal(title, fields, sent, yes=_("Send"), text=text), self._sent)

    def name_it(self, row: AccountRow) -> None:
        """The user name; an account that is being made becomes usable with it."""

        async def send(values: dict[str, Any]) -> Any:
            change = accounts.OfferingUserChange(username=values["username"])
            return await self.api(accounts.OFFERING_USER_UPDATE, change, uuid=row.uuid)

        field = TextField("username", _("User name"), row.username, required=True)
        text = _("{person} at {offering}. With a name the account can be used.").format(
            person=person(row), offering=row.offering_name
        )
        self.app.push_screen(AskModal(_("User name"), [field], send, yes=_("Give"), text=text), self._sent)

    def _sent(self, sent: bool | None) -> None:
        if sent:
            self.mercato.say(_("Done."))
            self.load()

    def wait_for(self, row: AccountRow) -> None:
        """What the service still expects of the person, though the account is in use."""
        words = {
            R.ACTIVE: _("Nothing, all is well"),
            R.PENDING_ACCOUNT_LINKING: _("They link an account"),
            R.PENDING_ADDITIONAL_VALIDATION: _("They are validated"),
        }
        items = [Item(state.value, label) for state, label in words.items()]

        def chosen(value: str | None) -> None:
            if value is not None:
                change = accounts.NewRuntimeState(runtime_state=R(value))
                self.act(
                    lambda: self.api(accounts.UPDATE_RUNTIME_STATE, change, uuid=row.uuid),
                    _("{person} waits for: {what}").format(person=person(row), what=words[R(value)]),
                )

        self.app.push_screen(PickModal(_("What is missing?"), items, row.runtime_state), chosen)

    def forget(self, row: AccountRow) -> None:
        """Take a deleted account off the record."""

        def answered(sure: bool | None) -> None:
            if sure:
                self.act(
                    lambda: self.api(accounts.OFFERING_USER_DELETE, Nothing(), uuid=row.uuid),
                    _("Forgotten: {name}").format(name=person(row)),
                    lambda _done: self.restart(),
                )

        text = _(
            "The account {name} of {person} at {offering} is gone. Its user name may be given again."
        ).format(name=row.username or "–", person=person(row), offering=row.offering_name)
        self.app.push_screen(ConfirmModal(_("Forget the account?"), text, _("Forget")), answered)

    def restrict(self, row: AccountRow, *, restricted: bool) -> None:
        """Keep the account from being used, or no longer."""
        change = accounts.Restriction(is_restricted=restricted)
        self.act(
            lambda: self.api(accounts.UPDATE_RESTRICTED, change, uuid=row.uuid),
            _("Restricted: {name}").format(name=person(row))
            if restricted
            else _("No longer restricted: {name}").format(name=person(row)),
        )
