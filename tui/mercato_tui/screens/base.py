"""What every page has: the frame, loading in the background, errors that say what to do, keys to leave."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.worker import Worker

from mercato_tui import background
from mercato_tui.api import ApiError
from mercato_tui.i18n import _
from mercato_tui.widgets.frame import ContextBar, Crumbs, KeyBar, Sidebar
from mercato_tui.widgets.notice import Notice

if TYPE_CHECKING:
    from textual.timer import Timer

    from mercato_tui.api import Api
    from mercato_tui.app import MercatoApp
    from mercato_tui.session import Session


class Page(Screen[None]):
    """A page in the frame.

    Subclasses compose `body`, read their data in `fetch` (which may raise ApiError) and show it there.
    `poll` seconds after an answer `fetch` runs again while the page is visible; 0 for never.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "reload", _("Refresh"), id="page.refresh", show=False),
        Binding("q,escape", "leave", _("Back"), id="page.leave"),
    ]
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it as an instance attribute
        (0, "-narrow"),
        (100, "-medium"),
        (136, "-wide"),
    ]
    help_text: ClassVar[str] = ""
    heading: str = ""

    def __init__(self, argument: str = "") -> None:
        super().__init__()
        self.argument = argument
        self.route = ""
        self.poll = 0.0
        self._visited = False
        self._again: Timer | None = None
        # What an act was answered stays until the next act; a reading that went well does not wipe it away.
        self._answered = False

    @property
    def mercato(self) -> MercatoApp:
        return cast("MercatoApp", self.app)

    @property
    def api(self) -> Api:
        return self.mercato.api

    @property
    def session(self) -> Session:
        session = self.mercato.session
        if session is None:
            raise ApiError(401, _("You are signed out."))
        return session

    @property
    def now(self) -> datetime:
        return self.mercato.now()

    @property
    def crumb(self) -> str:
        """What the way here calls this page."""
        return self.heading

    def rename(self, heading: str) -> None:
        """The page knows its name now."""
        if heading != self.heading:
            self.heading = heading
            self.mercato.frame_changed()

    # Composition.

    def compose(self) -> ComposeResult:
        yield ContextBar(id="context-bar")
        with Horizontal(id="frame"):
            yield Sidebar(id="sidebar")
            with Vertical(id="main"):
                yield Crumbs(id="crumbs")
                yield Notice(id="notice")
                with Vertical(id="body"):
                    yield from self.body()
        yield KeyBar(id="key-bar")

    def body(self) -> ComposeResult:
        """The page's own content."""
        yield from ()

    # Loading.

    async def fetch(self) -> None:
        """Read from the server and show. ApiError goes to the notice."""

    def load(self) -> Worker[None]:
        """Read again in the background; a reading under way is given up."""
        return background.run(self, self._load, "load")

    async def _load(self) -> None:
        if self.mercato.session is None:
            return
        try:
            await self.fetch()
        except ApiError as problem:
            self.failed(problem)
        else:
            if not self._answered:
                self.query_one(Notice).clear()
        if self.poll and self.is_current:
            self._again = self.set_timer(self.poll, self.load)

    def failed(self, problem: ApiError) -> None:
        """Say what went wrong and what to do about it; ask for a new sign-in where that is it."""
        if problem.status == 401:
            self.mercato.entry.sign_in_again()
        self.query_one(Notice).show_problem(problem)

    def act(
        self,
        doing: Callable[[], Awaitable[Any]],
        done: str = "",
        then: Callable[[Any], None] | None = None,
    ) -> None:
        """Do something to the server in the background: `done` is the toast, `then` gets the answer.

        One act at a time; its failure is shown, the page reloaded.
        """

        async def work() -> None:
            self._answered = False
            try:
                answer = await doing()
            except ApiError as problem:
                self._answered = True
                self.failed(problem)
                return
            self.query_one(Notice).clear()
            if done:
                self.mercato.say(done)
            if then is not None:
                then(answer)
            else:
                self.load()
            self.mercato.count_waiting()

        background.run(self, work, "act")

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A page's work that broke is told by the app (these messages do not bubble)."""
        self.mercato.on_worker_state_changed(event)

    # Being visible.

    def on_screen_resume(self) -> None:
        if self._visited or self.mercato.session is not None:
            self._visited = True
            self.load()

    def on_screen_suspend(self) -> None:
        """A hidden page keeps no timer (Textual's go on ticking)."""
        if self._again is not None:
            self._again.stop()
            self._again = None

    # Keys.

    def action_reload(self) -> None:
        self._answered = False
        self.load()

    def action_leave(self) -> None:
        self.mercato.nav.up()

    def arrive(self, search: str, filters: dict[str, str]) -> None:
        """Come here with a search and filters, from the `:` line."""
