"""How a file leaves: as what it is, never as something that a browser would run in our name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection

from mercato.kernel import clock
from mercato.kernel.http import Call, Door, Route, _credentials, _path_values
from mercato.kernel.incoming import Incoming, Reply
from mercato.schemas import Endpoint
from mercato.schemas.files import Download

# Pictures may be shown where they are linked; everything else is saved.
_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"})


def serving(
    endpoint: Endpoint[Any, Any], fn: Callable[..., Download], *, needs: Any, kind: str = "file"
) -> Route:
    """A file: `fn(conn, call, *path values)` gives it or raises NotFound. Answers 304 to whoever has it."""

    def mount(door: Door, route: Route) -> Callable[..., Any]:
        async def handler(request: Incoming) -> Reply:
            values = _path_values(request, endpoint)
            credentials, base, now = _credentials(request), door.base_of(request), clock.now()

            def unit(conn: Connection) -> Download:
                actor = door.identify(conn, credentials, route.needs, now)
                call = Call(actor, door.looker(actor, base, now), credentials, base, "")
                return fn(conn, call, *values)

            found = await door.db.read(unit)
            headers = _headers(found)
            if request.header(b"if-none-match") == headers["ETag"]:
                return Reply(b"", 304, headers)
            return Reply(found.data, 200, headers)

        return handler

    return Route(endpoint, needs, mount, kind)


def _headers(found: Download) -> dict[str, str]:
    how = "inline" if found.media_type in _SHOWN else "attachment"
    return {
        "Content-Type": found.media_type,
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(found.name)}",
        "X-Content-Type-Options": "nosniff",
        # A picture can hold scripts (SVG): here it is nobody's page.
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "Cache-Control": "private, no-cache",
        "ETag": f'"{found.digest}"',
    }
