"""A new personal access token: its name, its end, and what it may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from mercato.schemas import Nothing, identity
from mercato.schemas.identity import AvailableScope, PersonalTokenMade, PlaceRef
from mercato_tui import dates
from mercato_tui.api import ApiError
from mercato_tui.i18n import _, some
from mercato_tui.modals.picker import SearchEntry
from mercato_tui.screens.base import Page
from mercato_tui.screens.tokens import secret
from mercato_tui.text import fit, say, spread
from mercato_tui.widgets.fields import DateField, Field, TextField, TickField
from mercato_tui.widgets.form import Form
from mercato_tui.widgets.notice import Notice
from mercato_tui.widgets.vlist import VList

DAYS = 90


class ScopeList(VList[AvailableScope]):
    """Permissions to tick."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "choose", _("Tick"), id="scopes.tick"),
        Binding("a", "all", _("All of these"), id="scopes.all"),
    ]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ticked: set[str] = set()
        self.rows: list[AvailableScope] = []

    def draw_row(self, row: AvailableScope, width: int) -> list[Content]:
        on = row.permission in self.ticked
        box = ("[✓] ", "primary") if on else ("[ ] ", "muted")
        names = min(44, max(20, width // 2))
        left = say(box, (fit(row.description, names), "strong" if on else ""))
        return [spread(left, say((row.permission, "muted")), width)]

    def narrow(self, rows: list[AvailableScope]) -> None:
        self.rows = rows
        self.put_all(rows)

    def tick(self, permission: str) -> None:
        self.ticked ^= {permission}
        self.put_all(self.rows)

    def action_all(self) -> None:
        """Tick everything that is shown, or nothing of it where all is ticked."""
        shown = {row.permission for row in self.rows}
        self.ticked = self.ticked - shown if shown <= self.ticked else self.ticked | shown
        self.put_all(self.rows)


class NewTokenPage(Page):
    """Makes a token and shows its key once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "send", _("Make the token"), id="new-token.send", priority=True),
    ]
    AUTO_FOCUS = "#name-field Input"
    heading = _("New token")
    help_text: ClassVar[str] = _(
        "Name it after the program that will use it, and give it only what the program needs. Type in the search "
        "to find permissions, enter or space ticks one, a ticks all that are shown. ctrl+s makes the token."
    )

    def __init__(self, argument: str = "") -> None:
        super().__init__(argument)
        self.scopes: list[AvailableScope] = []

    def body(self) -> ComposeResult:
        yield Form(*self._fields(), id="token-form")
        yield Static(self._heading(), id="scopes-heading", markup=False)
        yield SearchEntry(placeholder=_("search permissions · enter ticks"), id="scopes-search")
        yield ScopeList(id="scopes")

    def _fields(self) -> list[Field]:
        end = (self.now + timedelta(days=DAYS)).date().isoformat()
        fields: list[Field] = [
            TextField("name", _("Name"), required=True, placeholder=_("the program that will use it")),
            DateField("expires_at", _("Ends"), end, required=True),
            TextField("allowed_networks", _("Networks"), placeholder=_("any; or 10.0.0.0/8, 192.0.2.7")),
        ]
        context = self.session.context
        name = context.project_name or context.customer_name
        if name:
            only = _("only in {name}, which you look at now").format(name=name)
            fields.append(TickField("allowed_scopes", _("Where"), sentence=only))
        return fields

    def _heading(self, problem: str = "") -> Content:
        found = self.query("#scopes").results(ScopeList)
        count = sum(len(one.ticked) for one in found)
        head = say((_("What it may"), "label"))
        if problem:
            return say(head, ("  ▲ ", "bad"), (problem, "bad"))
        return say(head, (f"  {some('{n} chosen', '{n} chosen', count)}" if count else "", "primary"))

    async def fetch(self) -> None:
        if self.scopes:
            return
        self.scopes = await self.api(identity.AVAILABLE_SCOPES, Nothing())
        self.query_one(ScopeList).narrow(self.scopes)
        if not self.scopes:
            self.query_one(Notice).show_note(
                _("You have no role yet, so there is nothing a token of yours could do."),
                _("Ask somebody to add you to a project first."),
            )

    # Choosing.

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id != "scopes-search":
            return
        words = event.value.casefold().split()
        matching = [
            row
            for row in self.scopes
            if all(word in f"{row.description} {row.permission}".casefold() for word in words)
        ]
        found = self.query_one(ScopeList)
        found.narrow(matching)
        found.cursor = 0

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to the next field; in the search it ticks."""
        if event.input.id == "scopes-search":
            self.query_one(ScopeList).action_choose()
        else:
            self.focus_next()

    def action_move(self, step: int) -> None:
        self.query_one(ScopeList).action_move(step)

    def on_vlist_chosen(self, event: VList.Chosen) -> None:
        event.stop()
        self.query_one(ScopeList).tick(event.row.permission)

    def on_vlist_moved(self, event: VList.Moved) -> None:
        event.stop()
        self.query_one("#scopes-heading", Static).update(self._heading())

    # Sending.

    def action_send(self) -> None:
        form, chosen = self.query_one(Form), self.query_one(ScopeList).ticked
        whole = form.check()
        if not chosen:
            self._complain(_("Choose at least one."))
        if whole and chosen:
            values = form.values()
            self.act(lambda: self._create(values, sorted(chosen)), "", self._made)
        elif whole:
            self.query_one("#scopes-search").focus()

    async def _create(self, values: dict[str, Any], scopes: list[str]) -> PersonalTokenMade:
        context = self.session.context
        places = []
        if values.get("allowed_scopes"):
            kind = "project" if context.project_uuid else "customer"
            places = [PlaceRef(type=kind, uuid=context.project_uuid or context.customer_uuid)]
        networks = (values["allowed_networks"] or "").replace(",", " ").split()
        new = identity.NewPersonalToken(
            name=values["name"],
            scopes=scopes,
            expires_at=dates.noon(values["expires_at"]),
            allowed_scopes=places,
            allowed_networks=networks,
        )
        return await self.api(identity.TOKEN_CREATE, new)

    def failed(self, problem: ApiError) -> None:
        """A refusal stands at the field that it is about."""
        scopes = problem.fields.pop("scopes", [])
        if scopes:
            self._complain(" ".join(scopes))
        homeless = self.query_one(Form).complain(problem.fields)
        problem.fields = homeless
        super().failed(problem)

    def _complain(self, text: str) -> None:
        self.query_one("#scopes-heading", Static).update(self._heading(text))

    def _made(self, made: PersonalTokenMade) -> None:
        self.app.push_screen(secret(made), lambda _answer: self.mercato.nav.up())
