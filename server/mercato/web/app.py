"""The composition root: every room's routes become one Litestar application."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable

from litestar import Litestar
from litestar.exceptions import HTTPException

from mercato.access.routes import ROUTES as ACCESS
from mercato.accounts.project_routes import ROUTES as PROJECT_ACCOUNTS
from mercato.accounts.provider_routes import ROUTES as SERVED
from mercato.accounts.routes import ROUTES as ACCOUNTS
from mercato.api_keys.routes import ROUTES as API_KEYS
from mercato.billing.routes import ROUTES as BILLING
from mercato.catalog import routes as catalog
from mercato.config import Settings
from mercato.events.routes import ROUTES as EVENTS
from mercato.identity import routes as identity
from mercato.imports.routes import ROUTES as IMPORTS
from mercato.kernel.errors import MercatoError
from mercato.kernel.http import Route, handlers
from mercato.kernel.incoming import Straight
from mercato.market import Market
from mercato.networks.routes import ROUTES as NETWORKS
from mercato.notices.routes import ROUTES as NOTICES
from mercato.orders.routes import ROUTES as ORDERS
from mercato.queues.presence import Presence
from mercato.queues.routes import ROUTES as QUEUES
from mercato.queues.shared import presence_for
from mercato.resources.overviews import ROUTES as OVERVIEWS
from mercato.resources.routes import ROUTES as RESOURCES
from mercato.robot_accounts.routes import ROUTES as ROBOT_ACCOUNTS
from mercato.site_agents import routes as site_agents
from mercato.slurm_policies.routes import ROUTES as SLURM_POLICIES
from mercato.tenants import routes as tenants
from mercato.usage.routes import ROUTES as USAGE
from mercato.web import metadata, problems, system
from mercato.web.door import WebDoor
from mercato.web.front import Front
from mercato.web.live import Hub, live_handler

NOTE_TOKENS_EVERY = 20.0


def _never(_code: str) -> bool:
    return False


def all_routes(
    settings: Settings,
    *,
    worker: Callable[[], str] = lambda: "ok",
    code_is_right: Callable[[str], bool] = _never,
    presence: Presence | None = None,
) -> list[Route]:
    """Every room's rows, in the order of the house."""
    return [
        *system.routes(settings, worker),
        *metadata.ROUTES,
        *identity.routes(settings),
        identity.first_administrator(code_is_right),
        *tenants.routes(settings.time_zone),
        *catalog.routes(settings),
        *RESOURCES,
        *OVERVIEWS,
        *USAGE,
        *ORDERS,
        *ACCOUNTS,
        *PROJECT_ACCOUNTS,
        *SERVED,
        *BILLING,
        *IMPORTS,
        *API_KEYS,
        *SLURM_POLICIES,
        *ROBOT_ACCOUNTS,
        *QUEUES,
        *EVENTS,
        *site_agents.routes(presence or Presence()),
        *ACCESS,
        *NETWORKS,
        *NOTICES,
    ]


def create_app(
    market: Market,
    *,
    with_worker: bool = False,
    code_is_right: Callable[[str], bool] = _never,
    more: list[Route] | None = None,
) -> Front:
    """The web of a marketplace. `with_worker` runs its jobs in the same process; `more` adds routes."""
    door = WebDoor(market.db, market.settings)
    presence = presence_for(market.db)
    hub = Hub(door, presence)
    routes = all_routes(
        market.settings, worker=market.worker_health, code_is_right=code_is_right, presence=presence
    )
    routes += more or []

    @contextlib.asynccontextmanager
    async def life(_app: Litestar) -> AsyncGenerator[None]:
        await market.prepare()
        if with_worker:
            await market.start_worker()
        else:
            market.worked_elsewhere = True
        try:
            async with _beside(door), hub.running():
                yield
        finally:
            await door.note_used_tokens()
            await market.close()

    straight = handlers(door, routes)
    app = Litestar(
        [*straight, *system.schema_handlers(routes), live_handler(hub)],
        lifespan=[life],
        middleware=[Straight()],
        exception_handlers={
            MercatoError: problems.respond,
            HTTPException: problems.respond,
            Exception: problems.respond,
        },
        openapi_config=None,
        logging_config=None,
    )
    return Front(app, straight)


@contextlib.asynccontextmanager
async def _beside(door: WebDoor) -> AsyncGenerator[None]:
    """What goes on beside the requests: used tokens are noted, other processes' commits heard of."""
    tasks = [asyncio.create_task(_note_tokens(door))]
    if door.db.dialect == "postgresql":
        from mercato.kernel.news import News

        tasks.append(asyncio.create_task(News(door.db).run()))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _note_tokens(door: WebDoor) -> None:
    """Now and then write down which tokens were used, so that used sessions do not end."""
    while True:
        await asyncio.sleep(NOTE_TOKENS_EVERY)
        await door.note_used_tokens()
