"""Robot accounts of a resource: names under which programs work there, made by its provider."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import UNSET
from textual.binding import Binding, BindingType
from textual.content import Content

from mercato.schemas import Endpoint, Nothing, resources
from mercato.schemas import robot_accounts as robots
from mercato.schemas.robot_accounts import RobotAccountDetails, RobotState
from mercato_tui import dates
from mercato_tui.api import ApiError
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.modals.ask import AskModal
from mercato_tui.modals.confirm import ConfirmModal
from mercato_tui.modals.picker import PickModal
from mercato_tui.screens.keys import one_line
from mercato_tui.screens.list_page import ListPage
from mercato_tui.session import uuid
from mercato_tui.text import Piece, lines, prose, say
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.facts import facts
from mercato_tui.widgets.fields import LongField, TextField
from mercato_tui.widgets.robot import GOING, robot_badge, steps
from mercato_tui.widgets.vlist import VList
from mercato_tui.widgets.vtable import Column, VTable

MOVES: dict[str, Endpoint[Any, RobotAccountDetails]] = {
    "creating": robots.SET_CREATING,
    "ok": robots.SET_OK,
    "erred": robots.SET_ERRED,
    "request_deletion": robots.SET_GOING,
    "deleted": robots.SET_DELETED,
}
CHANGE, FORGET = "change", "forget"


class RobotTable(VTable[RobotAccountDetails]):
    """Enter does not open an account, it asks what to do with it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", _("What now"), id="robots.next"),
    ]


class RobotsPage(ListPage[RobotAccountDetails]):
    """The robot accounts of one resource."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", _("New"), id="robots.new"),
    ]
    heading = _("Robot accounts")
    placeholder = _("/ user name")
    renew_every = 15.0
    preview_pane = True
    help_text: ClassVar[str] = _(
        "Programs work at a resource under names of their own. Its provider makes them with n and says with enter "
        "how far they are; whoever uses the resource sees them with their keys and the people behind them."
    )

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.resource: resources.Resource | None = None

    async def fetch(self) -> None:
        if self.resource is None:
            self.resource = await self._read()
            self.rename(_("Robot accounts of {name}").format(name=self.resource.name))
            self.refresh_bindings()
        await super().fetch()

    async def _read(self) -> resources.Resource:
        try:
            return await self.api(resources.RESOURCE, uuid=self.argument)
        except ApiError as problem:
            if problem.status != 404:
                raise
        return await self.api(resources.PROVIDER_RESOURCE, uuid=self.argument)

    def columns(self) -> Sequence[Column[RobotAccountDetails]]:
        return (
            Column(_("State"), lambda row: robot_badge(row.state), width=16),
            Column(_("User name"), lambda row: (row.username or "–", "strong"), flex=2, least=12),
            Column(_("Kind"), lambda row: (row.type, "secondary"), width=7),
            Column(_("People"), lambda row: (str(len(row.users)), "muted"), width=7, drop=2),
            Column(_("Since"), lambda row: (dates.ago(row.modified, self.now), "muted"), width=11, drop=1),
        )

    def make_list(self) -> VList[RobotAccountDetails]:
        return RobotTable(self.columns())

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[RobotAccountDetails]:
        query = robots.RobotAccountQuery(
            page=page, page_size=size, resource_uuid=uuid(self.argument), username=text or UNSET
        )
        return await self.api.page(robots.ROBOT_ACCOUNTS, query)

    def preview(self, row: RobotAccountDetails) -> Content:
        responsible = row.responsible_user
        rows: list[tuple[str, Piece]] = [
            (_("User name"), row.username or "–"),
            (_("Kind"), row.type),
            (_("Answers for it"), responsible.full_name or responsible.username if responsible else "–"),
            (_("Asked for"), dates.moment(row.created)),
        ]
        shown = [say((row.username or row.type, "strong")), say(robot_badge(row.state)), Content("")]
        if row.error_message:
            shown += [prose((row.error_message, "bad")), Content("")]
        shown.append(facts(rows, 38, 15))
        if row.description:
            shown += [Content(""), prose((row.description, "muted"))]
        for label, values in (
            (_("People"), [user.full_name or user.username for user in row.users]),
            (_("Its own keys"), [mark.sha256 for mark in row.fingerprints]),
            (_("Their keys"), [f"{key.name} {key.fingerprint_sha256}" for key in row.user_keys]),
        ):
            if values:
                shown += [Content(""), say((label, "label")), *(prose(value) for value in values)]
        return lines(shown)

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if text:
            return super().nothing(text, choice)
        return _("No robot account."), _("The provider of the resource makes them, with n.")

    # What can be done.

    def _may(self, what: str) -> bool:
        found = self.resource
        return found is not None and self.session.may(
            f"RESOURCE.{what}_ROBOT_ACCOUNT", found.offering_uuid, found.provider_uuid
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """New ones only by the provider, while the resource lives."""
        if action == "new":
            found = self.resource
            return found is not None and found.state != "Terminated" and self._may("CREATE")
        return super().check_action(action, parameters)

    def choose(self, row: RobotAccountDetails) -> None:
        """All that can be done with it."""
        items = []
        if self._may("UPDATE"):
            items += [Item(name, label) for name, label in steps(row.state)]
            if row.state not in GOING:
                items.append(Item(CHANGE, _("Change it")))
        if self._may("DELETE"):
            items.append(Item(FORGET, _("Forget it")))
        if not items:
            return

        def chosen(value: str | None) -> None:
            match value:
                case None:
                    return
                case "change":
                    self._form(_("Change it"), row, lambda said: self._change(row, said))
                case "forget":
                    self.forget(row)
                case "erred":
                    self.went_wrong(row)
                case _:
                    self.act(
                        lambda: self.api(MOVES[value], Nothing(), uuid=row.uuid),
                        f"{row.username or row.type}: {dict(steps(row.state))[value]}",
                    )

        self.app.push_screen(PickModal(row.username or row.type, items), chosen)

    def action_new(self) -> None:
        async def send(said: dict[str, Any]) -> Any:
            found = self.resource
            assert found is not None
            new = robots.NewRobotAccount(resource=found.url, type=said.pop("type"), **said)
            return await self.api(robots.ROBOT_ACCOUNT_CREATE, new)

        self._form(_("A new robot account"), None, send)

    async def _change(self, row: RobotAccountDetails, said: dict[str, Any]) -> Any:
        return await self.api(robots.ROBOT_ACCOUNT_UPDATE, robots.RobotAccountChange(**said), uuid=row.uuid)

    def _form(self, title: str, row: RobotAccountDetails | None, send: Any) -> None:
        fields = [
            TextField("type", _("Kind"), row.type if row else "", required=True, hint=_("At most 5 letters: cicd")),
            TextField("username", _("User name"), row.username if row else ""),
            LongField("keys", _("Public key"), "\n".join(row.keys) if row else "", hint=_("One line, or empty")),
            TextField("description", _("What for"), row.description if row else ""),
        ]  # fmt: skip

        async def sent(values: dict[str, Any]) -> Any:
            key = one_line(values["keys"] or "")
            said = {name: values[name] or "" for name in ("type", "username", "description")}
            kept = row.keys if row is not None and len(row.keys) > 1 else [key] if key else []
            return await send({**said, "keys": kept})

        def answered(done: bool | None) -> None:
            if done:
                self.mercato.say(_("Done."))
                self.load()

        self.app.push_screen(AskModal(title, fields, sent, yes=_("Send")), answered)

    def went_wrong(self, row: RobotAccountDetails) -> None:
        """With words that the customer reads."""

        async def send(values: dict[str, Any]) -> Any:
            said = robots.RobotProblem(error_message=values["error_message"] or "")
            return await self.api(robots.SET_ERRED, said, uuid=row.uuid)

        def answered(done: bool | None) -> None:
            if done:
                self.mercato.say(_("Done."))
                self.load()

        field = LongField("error_message", _("What went wrong"), row.error_message, required=True)
        self.app.push_screen(AskModal(_("Something went wrong"), [field], send, yes=_("Send")), answered)

    def forget(self, row: RobotAccountDetails) -> None:
        """Off the record."""

        def answered(sure: bool | None) -> None:
            if sure:
                self.act(
                    lambda: self.api(robots.ROBOT_ACCOUNT_DELETE, Nothing(), uuid=row.uuid),
                    _("Forgotten: {name}").format(name=row.username or row.type),
                    lambda _done: self.restart(),
                )

        there = row.state in (RobotState.OK, RobotState.CREATING)
        text = _("{name} is taken off the record.").format(name=row.username or row.type)
        if there:
            text += " " + _("At the backend it is still there.")
        self.app.push_screen(ConfirmModal(_("Forget the account?"), text, _("Forget")), answered)
