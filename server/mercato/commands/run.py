"""Running a command: the data directory's server does it if there is one, else this process, alone."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from mercato.commands.running import CommandRefused, ask, being_server, find, prepare
from mercato.config import Settings
from mercato.jobs.alone import AnotherProcess
from mercato.kernel.errors import Invalid, MercatoError
from mercato.market import Market


def perform(settings: Settings, command: str, **args: Any) -> Any:
    """The command's result. Raises CommandRefused."""
    server = find(settings.data)
    if server is not None:
        return ask(server, command, args)
    prepare(settings.data)
    if not settings.database.startswith("sqlite"):
        return asyncio.run(_here(settings, command, args))
    try:
        with being_server(settings.data):
            return asyncio.run(_here(settings, command, args))
    except AnotherProcess:
        raise CommandRefused("A server is just starting on this data directory. Try again.") from None


async def _here(settings: Settings, command: str, args: dict[str, Any]) -> Any:
    from mercato.commands.acts import ACTS
    from mercato.kernel.db import open_database
    from mercato.migrations import upgrade

    upgrade(settings.database)
    market = Market(open_database(settings.database), settings)
    try:
        await market.prepare()
        return msgspec.to_builtins(await ACTS[command](market, **args))
    except MercatoError as error:
        raise CommandRefused(sentence(error)) from error
    finally:
        await market.close()


def sentence(error: MercatoError) -> str:
    """An error in one line for the terminal."""
    if isinstance(error, Invalid) and error.fields:
        return "; ".join(f"{name}: {' '.join(messages)}" for name, messages in error.fields.items())
    return error.detail
