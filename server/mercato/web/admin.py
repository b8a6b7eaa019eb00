"""How commands on this machine ask the running server: one own endpoint, behind the data directory's secret."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

import msgspec

from mercato.access.rules import PUBLIC
from mercato.commands.acts import ACTS
from mercato.commands.running import ADMIN_HEADER
from mercato.kernel.errors import Forbidden, Invalid, NotFound
from mercato.kernel.http import Door, Route, raw
from mercato.kernel.incoming import Incoming, Reply
from mercato.kernel.wirebody import read_body
from mercato.market import Market
from mercato.schemas import Endpoint

LOOPBACK = frozenset({"127.0.0.1", "::1", "testclient"})


class CommandCall(msgspec.Struct, kw_only=True):
    args: dict[str, Any] = {}


class CommandResult(msgspec.Struct, kw_only=True):
    result: Any


COMMAND = Endpoint(
    "POST",
    "/api/mercato-commands/{name}/",
    CommandCall,
    CommandResult,
    200,
    "Do what a command asks",
    own=True,
)


def command_route(market: Market, secret: Callable[[], str]) -> Route:
    """Only from this machine, only with the secret that the data directory's owner can read."""

    def mount(_door: Door, _route: Route) -> Callable[..., Any]:
        async def handler(request: Incoming) -> Reply:
            given = request.header(ADMIN_HEADER.lower().encode())
            known = secret()
            local = request.client in LOOPBACK
            if not (local and known and hmac.compare_digest(given, known)):
                raise Forbidden
            act = ACTS.get(request.value("name"))
            if act is None:
                raise NotFound("There is no such command.", code="unknown_command")
            call = read_body(await request.body(), "application/json", CommandCall, strict_names=True)
            try:
                return raw(CommandResult(result=await act(market, **call.args)), 200)
            except TypeError as error:
                raise Invalid(f"Wrong arguments: {error}", code="bad_arguments") from error

        return handler

    return Route(COMMAND, PUBLIC, mount, "act")
