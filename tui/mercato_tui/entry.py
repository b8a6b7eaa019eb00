"""From nothing to somebody signed in: finding the server, asking who it is, keeping the connection."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mercato_tui import background
from mercato_tui.i18n import _
from mercato_tui.nav.registry import make
from mercato_tui.server import Connection, Persona, Ready, Tokens, read_personas

if TYPE_CHECKING:
    from mercato_tui.api import Api
    from mercato_tui.app import MercatoApp
    from mercato_tui.session import Session

RETRY = (1.0, 2.0, 4.0, 8.0, 15.0)


class Entry:
    """The door of the app. Everything here may raise ApiError unless it says otherwise."""

    def __init__(self, app: MercatoApp, connection: Connection, tokens: Tokens) -> None:
        self.app = app
        self.connection = connection
        self.tokens = tokens
        self.server: Ready | None = None
        self._api: Api | None = None
        self._asking_again = False
        self._leaving = False

    @property
    def api(self) -> Api:
        """The connection; RuntimeError before there is one."""
        if self._api is None:
            raise RuntimeError("no server yet")
        return self._api

    @property
    def personas(self) -> list[Persona]:
        return read_personas(self.server.personas_path) if self.server is not None else []

    async def connect(self) -> None:
        """Reach the server that the connection names, starting it if it must be started."""
        wanted = self.connection
        if wanted.start is not None:
            await self.use(await wanted.start())
        elif wanted.base_url is not None:
            await self.use(Ready(wanted.base_url, personas_path=wanted.personas_path, token=wanted.token))
        else:
            self.app.start_screen.offer()

    async def use(self, ready: Ready) -> None:
        """Talk to this server from now on; enter if somebody is signed in there, else ask who it is."""
        from mercato_tui.api import Api

        client = await asyncio.to_thread(self.connection.client, ready.base_url)
        await self.close()
        self.server = ready
        self._api = Api(client)
        self._api.on_status = self._heard
        if ready.empty:
            self.app.start_screen.offer()
            return
        personas = read_personas(ready.personas_path)
        token = ready.token or (None if personas else self.tokens.get(ready.base_url))
        if token and await self._still_valid(token, ready):
            return
        self.app.start_screen.ask(personas)

    async def _still_valid(self, token: str, ready: Ready) -> bool:
        from mercato_tui.api import ApiError

        try:
            await self.sign_in_with(token)
        except ApiError as problem:
            if problem.status != 401:
                raise
            self.tokens.forget(ready.base_url)
            return False
        return True

    async def close(self) -> None:
        """Let go of the connection."""
        if self._api is not None:
            await self._api.client.aclose()

    # Signing in and out.

    async def sign_in(self, username: str, password: str) -> None:
        """Sign in with a local account, enter, and remember it for this server."""
        from mercato.schemas.identity import PASSWORD, SignIn

        answer = await self.api(PASSWORD, SignIn(username=username, password=password))
        await self.sign_in_with(answer.token)
        if self.server is not None:
            self.tokens.put(self.server.base_url, answer.token)

    async def sign_in_with(self, token: str) -> None:
        """Enter by token: a persona, a remembered session, a first administrator."""
        from mercato_tui.session import read_session

        before, self.api.token = self.api.token, token
        try:
            session = await read_session(self.api)
        except Exception:
            self.api.token = before
            raise
        await self.enter(session)

    async def enter(self, session: Session) -> None:
        """Build this person's places and go home. The same person again stays where they were."""
        old = self.app.session
        if old is not None and old.me.uuid == session.me.uuid:
            session.context = old.context
            self.app.session = session
            self.app.frame_changed()
            return
        await self._leave()
        self.app.session = session
        await self.app.nav.build(session)
        self.app.count_waiting()

    async def sign_out(self) -> None:
        """End the session here and on the server, and ask who comes next."""
        from mercato.schemas.identity import LOGOUT
        from mercato_tui.api import ApiError

        personas = self.personas
        # Pages that ask meanwhile are told that nobody is signed in; that is meant so.
        self._leaving = True
        if not personas:
            try:
                await self.api(LOGOUT)
            except ApiError as problem:
                self.app.log.warning(problem.detail)
        if self.server is not None:
            self.tokens.forget(self.server.base_url)
        self.api.token = None
        await self._leave()
        self.app.start_screen.ask(personas)

    async def _leave(self) -> None:
        await self.app.nav.demolish()
        self.app.session = None
        self._leaving = False
        self.app.drafts.clear()

    def sign_in_again(self) -> None:
        """The session ended: ask for the password on top of the page, so that nothing typed is lost."""
        session = self.app.session
        if self._asking_again or self._leaving or session is None:
            return
        self._asking_again = True

        def answered(_signed_in: bool | None) -> None:
            self._asking_again = False

        self.app.push_screen(make("mercato_tui.modals.signin:SignInModal", session.me.username), answered)

    # The connection.

    def _heard(self, online: bool) -> None:
        before = self.app.link
        self.app.link = "online" if online else "offline"
        if before == "online" and not online and self.app.session is not None:
            background.run(self.app, self._reconnect, "reconnect")

    async def _reconnect(self) -> None:
        """Ask for the server's health, less and less often, until it answers; then refresh the page."""
        from mercato.schemas.system import HEALTH
        from mercato_tui.api import ApiError

        attempt = 0
        while self.app.link == "offline":
            await asyncio.sleep(RETRY[min(attempt, len(RETRY) - 1)])
            attempt += 1
            try:
                await self.api(HEALTH)
            except ApiError as problem:
                if problem.offline:
                    continue
                self.app.link = "online"
        self.app.say(_("The server is back."))
        pages = self.app.nav.pages
        if pages:
            pages[-1].load()
