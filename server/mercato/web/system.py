"""The server about itself: version, public settings, health, its own description."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from litestar import MediaType, get
from litestar.response import Response
from sqlalchemy import Connection

from mercato.access.rules import PUBLIC
from mercato.config import VERSION, Settings
from mercato.kernel.http import Call, Route, reading
from mercato.schemas import DetailQuery
from mercato.schemas import system as api
from mercato.web import health


def _version(_conn: Connection, _call: Call, _query: DetailQuery) -> api.Version:
    return api.Version(version=VERSION, latest_version=VERSION)


def _configuration(settings: Settings) -> Callable[..., bytes]:
    """Public settings under Waldur's names."""
    body = msgspec.json.encode(
        {
            "SITE_NAME": settings.site_name,
            "SHORT_PAGE_TITLE": settings.site_name,
            "FULL_PAGE_TITLE": settings.site_name,
            "CURRENCY_NAME": settings.currency_name,
            "ENABLE_ORDER_START_DATE": settings.enable_order_start_date,
            "ANONYMOUS_USER_CAN_VIEW_OFFERINGS": settings.anonymous_user_can_view_offerings,
            "ANONYMOUS_USER_CAN_VIEW_PLANS": settings.anonymous_user_can_view_plans,
            "WALDUR_CORE": {"AUTHENTICATION_METHODS": ["LOCAL_SIGNIN"], "INVITATIONS_ENABLED": False},
            "TIME_ZONE": settings.time_zone,
        }
    )

    def read(_conn: Connection, _call: Call, _query: DetailQuery) -> bytes:
        return body

    return read


def routes(settings: Settings, worker: Callable[[], str]) -> list[Route]:
    """`worker` says `ok` or what is wrong with the job worker."""
    return [
        reading(api.VERSION, _version, needs=PUBLIC),
        reading(api.CONFIGURATION, _configuration(settings), needs=PUBLIC),
        *health.routes(worker),
    ]


def schema_handlers(all_routes: Sequence[Route]) -> list[Any]:
    """`/schema/` for people, `/schema/openapi.json` for tools; made on the first request."""
    made: dict[str, bytes] = {}

    @get("/schema", include_in_schema=False)
    async def page() -> Response[str]:
        from mercato.web import docs

        return Response(docs.page(all_routes), media_type=MediaType.HTML)

    @get("/schema/openapi.json", include_in_schema=False)
    async def document() -> Response[bytes]:
        from mercato.web import docs

        if "openapi" not in made:
            made["openapi"] = msgspec.json.encode(docs.openapi(all_routes))
        return Response(made["openapi"], media_type="application/json")

    return [page, document]
