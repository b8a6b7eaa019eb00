"""One organisation: what it is, how it is reached, what it costs, and its people."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from mercato.schemas import Nothing, access, organizations, tenants
from mercato_tui import dates
from mercato_tui.i18n import _
from mercato_tui.modals.ask import AskModal
from mercato_tui.modals.confirm import ConfirmModal
from mercato_tui.money import money, number
from mercato_tui.screens.base import Page
from mercato_tui.session import Context, uuid
from mercato_tui.text import Piece, lines, prose, say
from mercato_tui.widgets import describing
from mercato_tui.widgets.block import Block
from mercato_tui.widgets.facts import facts
from mercato_tui.widgets.team import Team

UPDATE, REVIEW = "CUSTOMER.UPDATE", "CUSTOMER.LIST_PERMISSION_REVIEWS"


class OrganisationPage(Page):
    """An organisation and its team."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", _("Edit"), id="organisation.edit"),
        Binding("n", "add", _("Add somebody"), id="team.add"),
        Binding("x", "remove", _("Remove"), id="team.remove"),
        Binding("p", "people", _("Everybody"), id="organisation.people"),
        Binding("w", "networks", _("Networks"), id="organisation.networks"),
        Binding("c", "review", _("People reviewed"), id="organisation.review"),
        Binding("v", "view", _("Look at this organisation"), id="organisation.view"),
        Binding("s", "provider", _("As a provider"), id="organisation.provider"),
        Binding("L,l", "log", _("Event log"), id="organisation.log"),
    ]
    heading = _("Organisation")
    AUTO_FOCUS = "Team"
    help_text: ClassVar[str] = _(
        "n adds somebody with a role, x removes the role under the cursor, e changes what is written here, each "
        "where you may. p lists everybody in it and in its projects, w the networks that its people work from. "
        "Every 90 days somebody should look whether all of them still belong here: c says that it has been done. "
        "v narrows every list to this organisation, L shows what happened in it, s how it is doing as a provider."
    )

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.customer: tenants.Customer | None = None
        self.due: organizations.Review | None = None

    def body(self) -> ComposeResult:
        yield Block(skeleton=6, id="organisation-facts", classes="section")
        yield Static(say((_("Team"), "label")), markup=False)
        yield Team(self, access.CUSTOMER_MEMBERS, "customer")

    async def fetch(self) -> None:
        found = await self.api(tenants.CUSTOMER, uuid=self.argument)
        self.customer = found
        self.rename(found.name)
        self.due = await self._review()
        head = self._head(found)
        rows = self._rows(found)
        self.query_one("#organisation-facts", Block).show(lambda width: lines([*head, facts(rows, width)]))
        await self.query_one(Team).read(self.argument)
        self.refresh_bindings()

    async def _review(self) -> organizations.Review | None:
        """The review of its people that waits, for those who may close it."""
        if not self.session.may(REVIEW, self.argument):
            return None
        query = organizations.ReviewQuery(
            page=1, page_size=1, customer_uuid=uuid(self.argument), is_pending=True
        )
        found = await self.api.page(organizations.REVIEWS, query)
        return found.rows[0] if found.rows else None

    def _head(self, found: tenants.Customer) -> list[Content]:
        words = [(_("provider"), "accent")] if found.is_service_provider else []
        words += [(group.name, "secondary") for group in found.organization_groups]
        if found.blocked:
            words.append((_("blocked"), "bad"))
        if found.archived:
            words.append((_("archived"), "muted"))
        pieces: list[Any] = [(found.name, "strong")]
        for word, tone in words:
            pieces += ["   ", (word, tone)]
        head = [say(*pieces)]
        if found.native_name:
            head.append(say((found.native_name, "secondary")))
        if found.description:
            head.append(prose((found.description, "muted")))
        if self.due is not None:
            since = dates.day(self.due.created.date())
            text = _("Since {day} somebody should look whether all of these people still belong here.")
            head.append(prose(("◆ " + text.format(day=since) + " ", "warn"), (_("c: they do."), "muted")))
        return head

    def _rows(self, found: tenants.Customer) -> list[tuple[str, Piece]]:
        """What is known of it, several things on a line: the team below wants its place on small terminals."""
        month = money(found.billing_price_estimate.total, self.session.currency)
        inside = _("{projects} projects, {people} people")
        rows: list[tuple[str, Piece]] = [
            (_("Reached by"), _joined(found.email, found.phone_number, found.homepage) or "–"),
            (_("Notices to"), found.notification_emails),
            (_("Contact"), found.contact_details),
            (_("Address"), describing.place(found) or "–"),
            (
                _("Registration code"),
                _joined(found.registration_code, found.vat_code and f"VAT {found.vat_code}"),
            ),
            (_("Bank"), " ".join(part for part in (found.bank_name, found.bank_account) if part)),
            (
                _("Billing"),
                _("{tax} % tax · {zone}").format(tax=number(found.default_tax_percent), zone=found.time_zone),
            ),
            (_("Picture"), _("there is one") if found.image else ""),
            (_("Sign-in from"), found.access_subnets.replace(",", ", ") or _("anywhere")),
            (_("Inside"), inside.format(projects=found.projects_count, people=found.users_count)),
            (_("This month"), (month, "strong")),
        ]
        return [(label, value) for label, value in rows if value]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What changes something only where my role allows it."""
        names = {"add": "CUSTOMER.CREATE_PERMISSION", "remove": "CUSTOMER.DELETE_PERMISSION", "edit": UPDATE}
        if action == "provider":
            found = self.customer
            return found is not None and found.is_service_provider and self._works_here()
        if action in names:
            return self.customer is not None and self.session.may(names[action], self.argument)
        if action == "review":
            return self.due is not None
        return True

    def action_add(self) -> None:
        if self.customer is not None:
            self.query_one(Team).bring_in(self.argument, self.customer.name)

    def action_remove(self) -> None:
        if self.customer is not None:
            self.query_one(Team).take_away(self.argument, self.customer.name)

    def action_people(self) -> None:
        self.mercato.nav.open(f"people-of/{self.argument}")

    def action_networks(self) -> None:
        self.mercato.nav.open(f"networks-of/{self.argument}")

    def action_view(self) -> None:
        found = self.customer
        if found is not None:
            self.session.context = Context(found.uuid, found.name)
            self.mercato.frame_changed()
            self.mercato.nav.go("projects")

    def _works_here(self) -> bool:
        session = self.session
        roles = (grant.scope_uuid for grant in session.me.permissions)
        return session.sees_everything or self.argument in roles

    def action_provider(self) -> None:
        self.mercato.nav.open(f"provider/{self.argument}")

    def action_log(self) -> None:
        self.mercato.nav.open(f"log-of/organisation/{self.argument}")

    def action_edit(self) -> None:
        found = self.customer
        if found is None:
            return

        async def send(values: dict[str, Any]) -> None:
            change = describing.customer_change(found, values)
            if change is not None:
                await self.api(tenants.CUSTOMER_UPDATE, change, uuid=found.uuid)

        def answered(sent: bool | None) -> None:
            if sent:
                self.mercato.say(_("Saved."))
                self.load()

        title = _("Edit {name}").format(name=found.name)
        form = AskModal(title, describing.customer_fields(found), send, yes=_("Save"))
        self.app.push_screen(form, answered)

    def action_review(self) -> None:
        due = self.due
        if due is None:
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.act(
                    lambda: self.api(organizations.REVIEW_CLOSE, Nothing(), uuid=due.uuid),
                    _("Noted. The next look is due in 90 days."),
                )

        text = _(
            "You have looked at everybody in {name} and in its projects (p lists them), and whoever left has no "
            "role any more."
        ).format(name=due.customer_name)
        self.app.push_screen(ConfirmModal(_("All of them belong here?"), text, _("They do")), answered)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
