"""Who I am here: my roles, my keys, becoming another persona of the demo, signing out."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from mercato_tui import dates
from mercato_tui.i18n import _
from mercato_tui.modals.base import Dialog, complaint
from mercato_tui.nav.registry import MINE, shown_to
from mercato_tui.roles import role_label
from mercato_tui.server import Persona
from mercato_tui.text import Piece, lines, say
from mercato_tui.widgets.vlist import VList

ROLES_SHOWN = 5


@dataclass(frozen=True)
class Entry:
    """A line of the menu."""

    act: str
    title: str
    text: str
    token: str = ""
    """The persona's token, or the id of the place."""


class EntryList(VList[Entry]):
    """Two lines each: who, and what they are here for."""

    def draw_row(self, row: Entry, width: int) -> list[Content]:
        return [say((row.title, "strong")), say((row.text, "muted"))]


class MeModal(Dialog[None]):
    """The personas first, where there are any; then what is one's own; then signing out."""

    AUTO_FOCUS = "EntryList"

    def __init__(self) -> None:
        super().__init__(_("Me"), _("enter chooses · esc closes"))

    def inside(self) -> ComposeResult:
        yield Static(markup=False, classes="dialog-text", id="me-text")
        yield EntryList(row_height=2)
        yield complaint()

    def on_mount(self) -> None:
        session, personas = self.mercato.session, self.mercato.entry.personas
        self.query_one("#me-text", Static).update(lines(self._about()))
        entries = [persona_entry(persona) for persona in personas]
        if session is not None:
            entries += [
                Entry("go", place.label, place.help, place.id)
                for place in shown_to(session)
                if place.group == MINE
            ]
            entries.append(Entry("sign-out", _("Sign out"), _("Ends this session and asks who comes next")))
        entries.append(Entry("quit", _("Quit"), _("Leave Mercato (ctrl+q)")))
        self.query_one(EntryList).put_all(entries)

    def _about(self) -> list[Content]:
        session = self.mercato.session
        if session is None:
            return [say((_("Nobody is signed in."), "muted"))]
        me = session.me
        rows = [say((session.name, "strong"), (f"  {me.username}  {me.email}", "muted"))]
        if me.is_staff:
            rows.append(say((_("staff: sees and may do everything"), "accent")))
        for grant in me.permissions[:ROLES_SHOWN]:
            parts: list[Piece] = [
                (role_label(grant.role_name), "secondary"),
                (_(" of "), "muted"),
                grant.scope_name,
            ]
            if grant.expiration_time is not None:
                parts.append((f"  {dates.until(grant.expiration_time, self.mercato.now())}", "warn"))
            rows.append(say(*parts))
        if len(me.permissions) > ROLES_SHOWN:
            more = _("and {n} more roles").format(n=len(me.permissions) - ROLES_SHOWN)
            rows.append(say((more, "muted")))
        return rows

    def on_vlist_chosen(self, event: VList.Chosen) -> None:
        entry: Entry = event.row
        match entry.act:
            case "persona":
                self.in_background(lambda: self.mercato.entry.sign_in_with(entry.token))
            case "go":
                self.mercato.nav.go(entry.token)
            case "sign-out":
                self.dismiss(None)
                self.mercato.sign_out()
            case "quit":
                self.mercato.exit()


def persona_entry(persona: Persona) -> Entry:
    """A persona as a line of a menu."""
    return Entry("persona", f"{persona.name} · {persona.title}", persona.description, persona.token)
