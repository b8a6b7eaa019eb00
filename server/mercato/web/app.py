"""The composition root: rooms, their listeners, plugins and the worker become one Litestar application."""

from __future__ import annotations

from litestar import Litestar
from litestar.exceptions import HTTPException

from mercato.access.routes import ROUTES as ACCESS
from mercato.config import Settings
from mercato.identity.routes import ROUTES as IDENTITY
from mercato.kernel.db import Database
from mercato.kernel.errors import MercatoError
from mercato.kernel.http import Route, handlers
from mercato.tenants import routes as tenants
from mercato.web import problems, system
from mercato.web.door import WebDoor


def create_app(db: Database, settings: Settings) -> Litestar:
    door = WebDoor(db, settings)
    routes: list[Route] = [
        *system.routes(settings, lambda: "ok"),
        *IDENTITY,
        *tenants.routes(settings.time_zone),
        *ACCESS,
    ]
    return Litestar(
        [*handlers(door, routes), *system.schema_handlers(routes)],
        exception_handlers={
            MercatoError: problems.on_market_error,
            HTTPException: problems.on_http_error,
            Exception: problems.on_crash,
        },
        openapi_config=None,
        logging_config=None,
    )
