"""Short lists that are the same for everybody and never change while we run: all of it on one page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mercato.kernel import clock
from mercato.kernel.http import Door, Route, _credentials, encode
from mercato.kernel.incoming import Incoming, Reply
from mercato.schemas import Endpoint


def whole(endpoint: Endpoint[Any, Any], rows: Sequence[Any], *, needs: Any) -> Route:
    """These Structs, with their count; pages are not asked for, since clients fill menus with them."""
    body, headers = encode(list(rows)), {"X-Result-Count": str(len(rows))}

    def mount(door: Door, route: Route) -> Callable[..., Any]:
        async def handler(request: Incoming) -> Reply:
            credentials, now = _credentials(request), clock.now()
            await door.db.look(lambda conn: door.identify(conn, credentials, route.needs, now))
            return Reply(b"" if request.method == "HEAD" else body, 200, headers)

        return handler

    return Route(endpoint, needs, mount, "whole")
