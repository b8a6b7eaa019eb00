"""The first screen: the name over the door while the server starts, then what one can do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from mercato_tui import background
from mercato_tui.i18n import _
from mercato_tui.modals.me import Entry, EntryList, persona_entry
from mercato_tui.text import lines, prose, say
from mercato_tui.widgets.vlist import VList

if TYPE_CHECKING:
    from mercato_tui.app import MercatoApp
    from mercato_tui.server import Persona

LETTERS = (
    "█▀▄▀█ █▀▀ █▀█ █▀▀ ▄▀█ ▀█▀ █▀█",
    "█ ▀ █ ██▄ █▀▄ █▄▄ █▀█  █  █▄█",
)
STRIPES = 10
PATIENCE = 2.5


def awning() -> list[Content]:
    """A market stall's striped awning over the name."""
    tones = ("primary", "accent")
    top = say(*(("▄▄▄", tones[stripe % 2]) for stripe in range(STRIPES)))
    edge = say(*(("▝▀▘", tones[stripe % 2]) for stripe in range(STRIPES)))
    return [top, edge]


class StartScreen(Screen[None]):
    """Waits for the server, offers what can be done without one, or asks who comes in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "app.quit", _("Quit"), id="start.quit"),
    ]
    help_text: ClassVar[str] = _(
        "Choose with the arrows and enter, or with the mouse. The demo needs nothing and changes nothing "
        "outside its own folder."
    )

    @property
    def mercato(self) -> MercatoApp:
        return cast("MercatoApp", self.app)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(
                lines([*awning(), Content(""), *(say((row, "primary")) for row in LETTERS)]),
                id="logo",
                markup=False,
            )
            yield Static(id="word", markup=False)
            yield EntryList(row_height=3)
            yield Static(
                say(("↑↓ ", "key"), (_("choose   "), "muted"), ("enter ", "key"), (_("takes it   "), "muted"),
                    ("? ", "key"), (_("help   "), "muted"), ("q ", "key"), (_("quit"), "muted")),
                id="keys",
                markup=False,
            )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[str, str, list[Entry], str] | None = None
        self._composed = False

    def on_mount(self) -> None:
        self._composed = True
        if self._shown is None:
            self.wait()
        else:
            self._show(*self._shown)

    def _show(self, title: str, text: str, entries: list[Entry], tone: str = "strong") -> None:
        self._shown = (title, text, entries, tone)
        if not self._composed:
            return
        self.query_one("#word", Static).update(lines([say((title, tone)), prose((text, "muted"))]))
        menu = self.query_one(EntryList)
        menu.put_all(entries)
        menu.display = bool(entries)
        if entries:
            menu.focus()

    def wait(self) -> None:
        """The server is being reached."""
        self._waiting(_("Opening the doors …"))
        self.set_timer(PATIENCE, self._still_waiting)

    def _waiting(self, text: str) -> None:
        self._show(_("An open marketplace for research and cloud services"), text, [])

    def _still_waiting(self) -> None:
        if self._shown is not None and not self._shown[2]:
            self._waiting(_("Setting up the stalls: the first time takes a few seconds …"))

    def offer(self) -> None:
        """Nobody can sign in yet: what can be done."""
        self._show(
            _("An open marketplace for research and cloud services"),
            _("Nothing is here yet. How do you want to begin?"),
            self._choices(),
        )

    def ask(self, personas: list[Persona]) -> None:
        """There is a server: who comes in?"""
        if personas:
            entries = [persona_entry(persona) for persona in personas]
            self._show(_("The demo marketplace"), _("Who do you want to be? M changes it any time."), entries)
            return
        server = self.mercato.entry.server
        where = server.base_url if server is not None else ""
        self._show(
            _("Welcome"),
            self.mercato.entry.connection.label or where,
            [Entry("sign-in", _("Sign in"), _("With your user name and password")), *self._elsewhere()],
        )
        self.mercato.call_later(self._sign_in)

    def failed(self, problem: Exception) -> None:
        """The server did not start or does not answer."""
        retry = Entry("again", _("Try again"), _("Reach the server once more"))
        self._show(_("The server cannot be reached"), str(problem), [retry, *self._choices()], "bad")

    def _choices(self) -> list[Entry]:
        wanted = self.mercato.entry.connection
        found = []
        if wanted.start_demo is not None:
            found.append(
                Entry(
                    "demo",
                    _("Explore the demo marketplace"),
                    _("Providers, offerings and people in every role; nothing to set up"),
                )
            )
        if wanted.first_admin is not None:
            found.append(
                Entry(
                    "admin",
                    _("Create the first administrator"),
                    _("Begin with an empty marketplace of your own on this machine"),
                )
            )
        return [*found, *self._elsewhere()]

    def _elsewhere(self) -> list[Entry]:
        return [
            Entry("connect", _("Connect to a server"), _("Somebody already runs Mercato: give its address"))
        ]

    # What happens on a choice.

    def on_vlist_chosen(self, event: VList.Chosen) -> None:
        entry: Entry = event.row
        match entry.act:
            case "persona":
                self._in_background(partial(self.mercato.entry.sign_in_with, entry.token))
            case "sign-in":
                self._sign_in()
            case "again":
                self.wait()
                self.mercato.connect()
            case "demo":
                self.wait()
                self._in_background(self._start_demo)
            case "admin":
                from mercato_tui.modals.first import FirstAdminModal

                self.app.push_screen(FirstAdminModal())
            case "connect":
                from mercato_tui.modals.first import ConnectModal

                self.app.push_screen(ConnectModal())

    def _sign_in(self) -> None:
        from mercato_tui.modals.signin import SignInModal

        if self.is_current:
            self.app.push_screen(SignInModal())

    async def _start_demo(self) -> None:
        start = self.mercato.entry.connection.start_demo
        if start is not None:
            await self.mercato.entry.use(await start())

    def _in_background(self, work: Callable[[], Awaitable[None]]) -> None:
        async def guarded() -> None:
            try:
                await work()
            except Exception as problem:
                # Starting a server may fail in any way; the person is told and can choose again.
                self.failed(problem)

        background.run(self.mercato, guarded, "connect")
