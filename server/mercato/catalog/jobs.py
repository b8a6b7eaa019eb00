"""Looking at backends: the plugin asks outside any transaction, what it found is written in one."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from sqlalchemy import Connection

from mercato.catalog import authoring, queries
from mercato.kernel.db import Database
from mercato.plugins import Registry
from mercato.sdk import Failed

_log = structlog.get_logger("mercato.catalog")


def checker(plugins: Registry) -> Callable[..., Awaitable[None]]:
    """The task `offerings.check`."""

    async def check(db: Database, offering: str) -> None:
        found = await db.read(_settings, offering)
        if found is None:
            return
        type_, settings = found
        await db.write(authoring.backend_was, offering, await _look(plugins, type_, settings))

    return check


def _settings(conn: Connection, uuid: str) -> tuple[str, Mapping[str, Any]] | None:
    row = queries.offering_row(conn, uuid)
    return None if row is None else (row.type, {**row.plugin_options, **row.secret_options})


async def _look(plugins: Registry, type_: str, settings: Mapping[str, Any]) -> str:
    """What is wrong with the backend; empty if it is well, or if the type has none to look at."""
    plugin = plugins.get(type_)
    if plugin is None:
        return f"No plugin provides {type_} here."
    check = getattr(plugin.code, "check", None)
    if not inspect.iscoroutinefunction(check):
        return ""
    try:
        await check(settings)
    except Failed as problem:
        return str(problem) or "The backend refused."
    except Exception as error:
        _log.exception("a plugin's check broke", type=type_)
        return f"{type(error).__name__}: {error}"
    return ""


async def check_is_dead(db: Database, _name: str, ids: dict[str, Any], error: BaseException) -> None:
    await db.write(authoring.backend_was, ids["offering"], f"{type(error).__name__}: {error}")
