"""One service provider: how it is doing, what it shows of itself, whom it serves."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from mercato.schemas import Nothing, providers, tenants
from mercato.schemas.files import Upload
from mercato_tui.api import ApiError
from mercato_tui.i18n import _
from mercato_tui.modals.ask import AskModal
from mercato_tui.modals.confirm import ConfirmModal
from mercato_tui.modals.tell import TellModal
from mercato_tui.screens.base import Page
from mercato_tui.session import uuid
from mercato_tui.text import Piece, lines, prose, say
from mercato_tui.widgets.block import Block
from mercato_tui.widgets.facts import facts
from mercato_tui.widgets.fields import LongField, TextField
from mercato_tui.widgets.vtable import Column, VTable

MOST = 300
SHOWN = 8
LARGEST = 10_000_000


class Plain(VTable[Any]):
    """Rows to read: none of them opens."""

    opens = False


class ProviderPage(Page):
    """A provider, for its own people. The argument is the organisation's uuid."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", _("Description"), id="provider.edit"),
        Binding("i", "image", _("Image"), id="provider.image"),
        Binding("s", "secret", _("Secret code"), id="provider.secret"),
        Binding("S", "renew", _("New secret code"), id="provider.renew"),
        Binding("L", "log", _("Event log"), id="provider.log"),
    ]
    heading = _("Provider")
    help_text: ClassVar[str] = _(
        "How you are doing as a provider, and whom you serve. e changes what you say of yourself, i your image. "
        "s shows the secret code with which you sign usage reports from outside, S makes another. L shows what "
        "happened to your offerings and to what customers have of them."
    )

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.provider: providers.ServiceProvider | None = None

    def body(self) -> ComposeResult:
        with VerticalScroll(classes="scroll", can_focus=True):
            yield Block(skeleton=2, id="provider-title", classes="title-line")
            with Vertical(classes="columns"):
                with Vertical(classes="column -main"):
                    yield Static(say((_("How it is going"), "label")), markup=False)
                    yield Block(skeleton=4, id="provider-figures", classes="section")
                with Vertical(classes="column"):
                    yield Static(say((_("About"), "label")), markup=False)
                    yield Block(skeleton=3, id="provider-facts", classes="section")
            yield Static(say((_("Customers"), "label")), markup=False)
            yield Plain(
                (
                    Column(_("Organisation"), lambda row: (row.name, "strong"), flex=2, least=14),
                    Column(_("Projects"), _projects, flex=3, drop=1),
                    Column(_("People"), lambda row: (str(row.users_count), "muted"), width=7, align="right"),
                    Column(_("E-mail"), lambda row: (row.email or "–", "muted"), flex=2, drop=2),
                ),
                id="provider-customers",
            )
            yield Static(say((_("People"), "label")), markup=False)
            yield Plain(
                (
                    Column(_("Name"), lambda row: (row.full_name or row.username or "–", "strong"), flex=2),
                    Column(_("User name"), lambda row: row.username or ("–", "faint"), flex=2, drop=1),
                    Column(_("E-mail"), lambda row: (row.email or "–", "muted"), flex=2, drop=2),
                    Column(
                        _("Projects"), lambda row: (str(row.projects_count), "muted"), width=9, align="right"
                    ),
                ),
                id="provider-people",
            )

    async def fetch(self) -> None:
        query = providers.ServiceProviderQuery(page=1, customer_uuid=uuid(self.argument))
        found = (await self.api(providers.PROVIDERS, query))[0]
        self.provider = found
        self.rename(found.customer_name)
        figures = await self.api(providers.STATISTICS, Nothing(), uuid=found.uuid)
        self._show(found, figures)
        self.refresh_bindings()
        who = tenants.CustomerQuery(page=1, page_size=MOST)
        self._fill(
            "#provider-customers", (await self.api.page(providers.CUSTOMERS, who, uuid=found.uuid)).rows
        )
        people = providers.ProviderUserQuery(page=1, page_size=MOST)
        self._fill("#provider-people", (await self.api.page(providers.USERS, people, uuid=found.uuid)).rows)

    def _fill(self, name: str, rows: Sequence[Any]) -> None:
        table = self.query_one(name, Plain)
        table.put_all(list(rows))
        # A line for the head, and one to the next heading.
        table.styles.height = min(SHOWN, max(1, len(rows))) + 2

    def _show(self, found: providers.ServiceProvider, figures: providers.ProviderStatistics) -> None:
        head = [say((found.customer_name, "strong"), ("   " + _("provider"), "accent"))]
        if found.description:
            head.append(prose((found.description, "muted")))
        numbers: list[tuple[str, Piece]] = [
            (_("Customers"), _changed(figures.current_customers, figures.customers_number_change)),
            (_("Resources"), _changed(figures.active_resources, figures.resources_number_change)),
            (_("Offerings"), str(figures.active_and_paused_offerings)),
            (_("Orders waiting"), (str(figures.pending_orders), "warn" if figures.pending_orders else "")),
            (_("Failed"), (str(figures.erred_resources), "bad" if figures.erred_resources else "")),
        ]
        about: list[tuple[str, Piece]] = [
            (_("Image"), _("there is one") if found.image else ("–", "faint")),
            (_("Endpoints in"), ", ".join(found.allowed_domains) or _("anywhere")),
        ]
        self.query_one("#provider-title", Block).show(lines(head))
        self.query_one("#provider-figures", Block).show(lambda width: facts(numbers, width, 16))
        self.query_one("#provider-facts", Block).show(lambda width: facts(about, width, 14))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What my role allows."""
        needs = {
            "edit": "CUSTOMER.UPDATE",
            "image": "CUSTOMER.UPDATE",
            "secret": "SERVICE_PROVIDER.GET_API_SECRET_CODE",
            "renew": "SERVICE_PROVIDER.GENERATE_API_SECRET_CODE",
        }
        if action in needs:
            return self.provider is not None and self.session.may(needs[action], self.argument)
        return True

    def action_log(self) -> None:
        self.mercato.nav.open(f"log-of/organisation/{self.argument}")

    async def _send(self, change: providers.ServiceProviderChange) -> Any:
        assert self.provider is not None
        return await self.api(providers.PROVIDER_UPDATE, change, uuid=self.provider.uuid)

    def _sent(self, sent: bool | None) -> None:
        if sent:
            self.mercato.say(_("Changed."))
            self.load()

    def action_edit(self) -> None:
        if self.provider is None:
            return

        async def send(values: dict[str, Any]) -> Any:
            return await self._send(providers.ServiceProviderChange(description=values["description"] or ""))

        field = LongField("description", _("Description"), self.provider.description)
        self.app.push_screen(
            AskModal(_("What you say of yourself"), [field], send, yes=_("Save")), self._sent
        )

    def action_image(self) -> None:
        async def send(values: dict[str, Any]) -> Any:
            path = (values["image"] or "").strip()
            image = await asyncio.to_thread(picture, path) if path else None
            return await self._send(providers.ServiceProviderChange(image=image))

        field = TextField("image", _("File"), hint=_("PNG, JPEG, GIF, WebP or SVG; empty removes it"))
        self.app.push_screen(AskModal(_("Your image"), [field], send, yes=_("Save")), self._sent)

    def action_secret(self) -> None:
        found = self.provider
        if found is not None:
            self.act(
                lambda: self.api(providers.SECRET_CODE, Nothing(), uuid=found.uuid), "", self._tell_secret
            )

    def action_renew(self) -> None:
        found = self.provider
        if found is None:
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.act(
                    lambda: self.api(providers.SECRET_CODE_RENEW, Nothing(), uuid=found.uuid),
                    _("There is a new secret code."),
                    self._tell_secret,
                )

        text = _("Whatever still signs with the old code is refused from now on.")
        self.app.push_screen(ConfirmModal(_("Make another secret code?"), text, _("Make it")), answered)

    def _tell_secret(self, found: providers.SecretCode) -> None:
        self.app.push_screen(TellModal(_("Secret code"), found.api_secret_code, found.api_secret_code))


def _projects(row: providers.ProviderCustomer) -> Piece:
    return ", ".join(project.name for project in row.projects)


def _changed(number: int, change: int) -> Piece:
    """`12 (+3 this month)`."""
    return f"{number} " + _("({change} this month)").format(change=f"{change:+d}") if change else str(number)


def picture(path: str) -> Upload:
    """A file of this machine. Raises ApiError, as the server would, saying what is wrong with it."""
    file = Path(path).expanduser()
    if not (mimetypes.guess_type(file.name)[0] or "").startswith("image/"):
        raise _refused(_("An image file, please."))
    try:
        if file.stat().st_size > LARGEST:
            raise _refused(_("The file is larger than 10 MB."))
        return Upload(name=file.name, data=file.read_bytes())
    except OSError as problem:
        raise _refused(problem.strerror or str(problem)) from None


def _refused(why: str) -> ApiError:
    return ApiError(400, "", fields={"image": [why]})
