"""The app: paints at once, connects behind it, and shows one place at a time.

It knows no screen and no wire type by import: places come from the registry and load when visited.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.screen import Screen
from textual.signal import Signal
from textual.worker import Worker, WorkerState

from mercato_tui import background, dates, themes
from mercato_tui.entry import Entry
from mercato_tui.i18n import _, use_language
from mercato_tui.nav.navigator import Navigator
from mercato_tui.nav.registry import make
from mercato_tui.server import Connection, Tokens
from mercato_tui.text import clean
from mercato_tui.type_ahead import TypeAhead

if TYPE_CHECKING:
    from mercato_tui.api import Api
    from mercato_tui.screens.start import StartScreen
    from mercato_tui.session import Session

Link = Literal["connecting", "online", "offline"]
Severity = Literal["information", "warning", "error"]

WAITING_EVERY = 20.0


class MercatoApp(App[None]):
    """Mercato in a terminal.

    `connection` says how to reach a server, `theme` which theme to start with, `now` what time it is.
    """

    CSS_PATH = "styles/mercato.tcss"
    TITLE = "Mercato"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", _("Quit"), id="app.quit", show=False, priority=True),
        Binding("ctrl+p", "palette", _("Commands"), id="app.palette", show=False),
        Binding("question_mark,f1", "help", _("Help"), id="app.help", show=False),
        Binding("g", "leader", _("Go to"), id="app.go"),
        Binding("colon", "line", _("Command line"), id="app.line", show=False),
        Binding("left_square_bracket", "back", _("Back in history"), id="app.back", show=False),
        Binding("right_square_bracket", "forward", _("Forward in history"), id="app.forward", show=False),
        Binding("at", "context", _("Organisation and project"), id="app.context", show=False),
        Binding("exclamation_mark", "waiting", _("What waits for me"), id="app.waiting", show=False),
        Binding("M", "me", _("Me: switch person, sign out"), id="app.me", show=False),
    ]

    link: reactive[Link] = reactive("connecting")

    def __init__(
        self,
        connection: Connection | None = None,
        *,
        theme: str | None = None,
        tokens: Tokens | None = None,
        now: Callable[[], datetime] = dates.now,
    ) -> None:
        use_language()
        super().__init__()
        self.now = now
        self.themes = themes.load()
        self.session: Session | None = None
        self.entry = Entry(self, connection or Connection(), tokens or Tokens.default())
        self.nav = Navigator(self)
        self.drafts: dict[str, dict[str, Any]] = {}
        self.frame_signal: Signal[str] = Signal(self, "frame")
        self.type_ahead = TypeAhead(self, super().on_event)
        self._asked_theme = theme or os.environ.get("MERCATO_THEME")

    # Start.

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our variables for themes that are not ours (Textual's own)."""
        theme = self.current_theme
        dark = theme.dark
        return {
            "muted": "#a0a0a0" if dark else "#5c5c5c",
            "faint": "#505050" if dark else "#bdbdbd",
            "line": "#505050" if dark else "#bdbdbd",
            "cursor": theme.panel or ("#303030" if dark else "#d0d0d0"),
            "field": theme.surface or ("#202020" if dark else "#f4f4f4"),
            "ink": "#000000" if dark else "#ffffff",
        }

    def on_mount(self) -> None:
        for file in self.themes.files.values():
            self.register_theme(file.theme)
        self.theme = themes.chosen(self._asked_theme, self.themes)
        self.add_mode("start", lambda: cast("Screen[Any]", make("mercato_tui.screens.start:StartScreen")))
        self.switch_mode("start")
        for problem in self.themes.problems:
            self.say(_("Theme left out: {problem}").format(problem=problem), "warning")
        self.connect()
        self.set_interval(WAITING_EVERY, self.count_waiting)

    def connect(self) -> None:
        """Reach the server in the background; the start screen shows how it goes."""
        self.link = "connecting"
        background.run(self, self._connect, "connect")

    async def _connect(self) -> None:
        try:
            await self.entry.connect()
        except Exception as problem:
            # Whatever keeps a server from starting (its own error text included) is the person's to see.
            self.link = "offline"
            self.start_screen.failed(problem)

    @property
    def start_screen(self) -> StartScreen:
        return cast("StartScreen", self._screen_stacks["start"][0])

    @property
    def api(self) -> Api:
        return self.entry.api

    @property
    def brand(self) -> str:
        """The name of this marketplace."""
        return (self.session.site_name if self.session is not None else "") or "Mercato"

    async def on_unmount(self) -> None:
        await self.entry.close()

    # What changes around the pages.

    def watch_link(self) -> None:
        self.frame_changed()

    def frame_changed(self) -> None:
        """The frame of every page draws itself anew."""
        self.frame_signal.publish("")

    def count_waiting(self) -> None:
        """Renew the number of orders that wait for me, in the background and without complaint."""
        if self.session is not None:
            background.run(self, self._count_waiting, "waiting")

    async def _count_waiting(self) -> None:
        from mercato_tui.api import ApiError

        session = self.session
        if session is None:
            return
        before = session.waiting
        try:
            await session.refresh_waiting(self.api)
        except ApiError as problem:
            self.log.warning(problem.detail)
        if session.waiting != before:
            self.frame_changed()

    def say(self, text: str, severity: Severity = "information") -> None:
        """A toast. The text is data, never markup."""
        self.notify(clean(text, one_line=False), severity=severity, markup=False, timeout=4)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A background task that broke is told, not swallowed, and does not take the app down."""
        if event.state is WorkerState.ERROR:
            problem = event.worker.error
            self.log.error(repr(problem))
            said = getattr(problem, "detail", "") or f"{type(problem).__name__}: {problem}"
            self.say(_("Something went wrong in the app: {problem}").format(problem=said), "error")

    # Keys.

    async def on_key_settled(self) -> None:
        await self.type_ahead.settled()

    async def on_event(self, event: events.Event) -> None:
        """A key that was pressed waits for its turn; everything else goes its way."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self.type_ahead.take(event)
        else:
            await super().on_event(event)

    def get_key_display(self, binding: Binding) -> str:
        """Keys as people call them: `enter` rather than a sign."""
        shown = super().get_key_display(binding)
        return "enter" if shown == "⏎" else shown

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Before signing in only what works without a session."""
        needs_session = ("leader", "line", "back", "forward", "context", "waiting")
        return not (action in needs_session and self.session is None)

    def action_help(self) -> None:
        self.push_screen(make("mercato_tui.modals.help:HelpModal", self.screen))

    def action_palette(self) -> None:
        self.push_screen(make("mercato_tui.modals.palette:PaletteModal", self.screen))

    def action_leader(self) -> None:
        self.push_screen(make("mercato_tui.modals.leader:LeaderModal"))

    def action_line(self) -> None:
        self.push_screen(make("mercato_tui.modals.line:LineModal"))

    async def action_back(self) -> None:
        self.nav.back()

    def action_forward(self) -> None:
        self.nav.forward()

    def action_context(self) -> None:
        self.push_screen(make("mercato_tui.modals.context:ContextModal"))

    def action_me(self) -> None:
        self.push_screen(make("mercato_tui.modals.me:MeModal"))

    def action_waiting(self) -> None:
        """To the list that holds what waits for me."""
        session = self.session
        if session is None:
            return
        if session.waiting.provider and not session.waiting.consumer:
            self.nav.go("inbox")
        else:
            self.nav.go("orders", filters={"state": "mine"})

    def sign_out(self) -> None:
        background.run(self, self.entry.sign_out, "connect")

    def copy_to_clipboard(self, text: str) -> None:
        """Also through tmux, which by default drops what an app copies."""
        super().copy_to_clipboard(text)
        if os.environ.get("TMUX") and self._driver is not None:
            packed = base64.b64encode(text.encode()).decode()
            self._driver.write(f"\x1bPtmux;\x1b\x1b]52;c;{packed}\a\x1b\\")


def run_app(connection: Connection, *, theme: str | None = None, mouse: bool = True) -> None:
    """Run the app in this terminal until the person leaves."""
    MercatoApp(connection, theme=theme).run(mouse=mouse)
