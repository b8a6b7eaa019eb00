"""The application that a server runs: Litestar, and a shorter way around it.

Most requests go to paths without values in them. For those a dictionary is all the routing that is needed;
Litestar's (trie, scope state, exception middleware) costs as much as finding a kept page does (14 µs).
Everything else, unknown paths and wrong methods among it, is Litestar's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from mercato.kernel import trace
from mercato.kernel.incoming import Handler, Incoming, send_answer
from mercato.web import problems


class Front:
    """An ASGI application."""

    def __init__(self, app: Litestar, handlers: Iterable[HTTPRouteHandler]) -> None:
        self._app: Any = app
        self._short: dict[tuple[str, str], Handler] = {}
        for handler in handlers:
            for path in handler.paths:
                bare = path.rstrip("/")  # Litestar knows both spellings too
                for method in handler.http_methods if "{" not in path else ():
                    self._short[str(method), bare] = self._short[str(method), f"{bare}/"] = handler.opt[
                        "straight"
                    ]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        handler = self._handler(scope)
        token = trace.begin(scope if scope["type"] == "http" else None)
        try:
            if handler is None:
                await self._app(scope, receive, send)
                return
            try:
                answer = await handler(Incoming(scope, receive))
            except Exception as error:
                answer = problems.answer_of(error, scope["method"], scope["path"])
            await send_answer(send, answer)
        finally:
            trace.end(token)

    def _handler(self, scope: Any) -> Handler | None:
        if scope["type"] != "http" or scope.get("root_path"):
            return None
        return self._short.get((scope["method"], scope["path"]))
