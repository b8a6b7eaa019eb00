"""What commands do, by name: the same function whether the server does it or the command itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from mercato.billing.core.periods import Month
from mercato.billing.jobs import turn_months
from mercato.commands import preset
from mercato.identity import service as identity
from mercato.kernel import clock
from mercato.kernel.db import Tx
from mercato.kernel.errors import Invalid, NotFound
from mercato.market import Market
from mercato.schemas.identity import NewUser

Act = Callable[..., Awaitable[Any]]


async def create_user(
    market: Market, *, username: str, email: str = "", password: str | None = None, staff: bool = False
) -> dict[str, str]:
    """A local account. Without password it can only be used through tokens."""
    new = NewUser(username=username, email=email, password=password or None, is_staff=staff)
    slow = await asyncio.to_thread(identity.hashed, password, username) if password else None
    uuid = await market.db.write(identity.create_user, new, password_hash=slow)
    return {"uuid": uuid, "username": username}


def _make_token(tx: Tx, username: str, name: str) -> str:
    row = identity.find_user(tx, username=username)
    if row is None:
        raise NotFound(f"There is no user {username}.", code="unknown_user")
    return identity.make_token(tx, row.id, name=name, keeps=True)


async def create_token(market: Market, *, username: str, name: str = "command line") -> dict[str, str]:
    """A key that does not expire; it is shown this once."""
    return {"token": await market.db.write(_make_token, username, name)}


async def first_administrator(
    market: Market, *, username: str, password: str, email: str = ""
) -> dict[str, str]:
    """The first staff account, and a session for it."""
    slow = await asyncio.to_thread(identity.hashed, password, username)
    key = await market.db.write(identity.first_administrator, username, password, email, slow)
    return {"token": key}


async def is_empty(market: Market) -> bool:
    """Whether nobody can administrate this marketplace yet."""
    return await market.db.write(identity.nobody_is_staff)


async def load_preset(market: Market, *, document: dict[str, Any]) -> dict[str, int]:
    """Load a preset, all of it or nothing; how many rows of each kind were new."""
    zone = market.settings.time_zone
    return await market.db.write(preset.load, preset.parse(document), default_zone=zone)


async def close_month(market: Market, *, month: str | None = None) -> dict[str, int]:
    """Issue the invoices of months that are over (the named one and all before it), begin the current one."""
    if month is not None:
        try:
            wanted = Month.parse(month)
        except ValueError as error:
            raise Invalid(str(error), code="bad_month") from error
        if wanted >= Month.of(clock.now()):
            raise Invalid(f"{month} is not over yet.", code="month_not_over")
    return {"organizations": await turn_months(market.db, market.billing)}


ACTS: Mapping[str, Act] = {
    "user-create": create_user,
    "token-create": create_token,
    "first-administrator": first_administrator,
    "is-empty": is_empty,
    "preset-load": load_preset,
    "close-month": close_month,
}
