"""Which marketplace a command talks to, and as whom."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from mercato_tui.api import Api, ApiError
from mercato_tui.commands import FIND
from mercato_tui.server import Connection, Tokens

T = TypeVar("T")

SERVER = click.option(
    "--server", metavar="URL", envvar="MERCATO_SERVER", help="The marketplace; else the one on this machine."
)


class Local(NamedTuple):
    """A server on this machine; `personas` is the file of a demo's people."""

    url: str
    personas: Path | None = None


def local(context: click.Context) -> Local | None:
    find: Callable[[], Local | None] | None = context.meta.get(FIND)
    return find() if find is not None else None


def address(context: click.Context, server: str | None) -> str:
    """The marketplace's address. Raises UsageError where there is none to choose."""
    named = server or context.find_root().params.get("server")
    if named:
        if not str(named).startswith(("http://", "https://")):
            raise click.BadParameter("An address starts with http:// or https://.", param_hint="--server")
        return str(named).rstrip("/")
    here = local(context)
    if here is not None:
        return here.url.rstrip("/")
    known = Tokens.default().addresses()
    if len(known) == 1:
        return known[0]
    several = f" You are signed in to {', '.join(known)}." if known else ""
    raise click.UsageError(
        f"Which marketplace? None runs on this machine. Name one with --server URL.{several}"
    )


def token_for(url: str) -> str:
    """The key for this marketplace: MERCATO_TOKEN, or that of the last sign-in. Raises ClickException."""
    token = os.environ.get("MERCATO_TOKEN") or Tokens.default().get(url)
    if not token:
        raise click.ClickException(
            f"You are not signed in to {url}. Use `mercato login`, or put a key into MERCATO_TOKEN."
        )
    return token


def connected(context: click.Context, server: str | None, work: Callable[[Api], Awaitable[T]]) -> T:
    """Do something as the person who is signed in; what the server refuses becomes a message and exit code 1."""
    url = address(context, server)
    return speak(url, token_for(url), work)


def speak(url: str, token: str | None, work: Callable[[Api], Awaitable[T]]) -> T:
    """The same with this address and key."""

    async def run() -> T:
        client = Connection().client(url)
        try:
            return await work(Api(client, token))
        finally:
            await client.aclose()

    try:
        return asyncio.run(run())
    except ApiError as problem:
        raise click.ClickException(words(problem, url)) from None


def words(problem: ApiError, url: str) -> str:
    """What went wrong, every field on a line of its own."""
    if problem.offline:
        return f"{url} does not answer."
    if problem.status == 401:
        return f"{problem.detail} Sign in again with `mercato login`."
    if problem.fields:
        lines = [f"{name}: {' '.join(said)}" for name, said in problem.fields.items()]
        return "\n  ".join(["This cannot be accepted.", *lines])
    return problem.detail


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be taken back; a script says --yes."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} Say --yes to do it without being asked.")
    click.confirm(question, abort=True)


def said(answer: Any) -> str:
    """The sentence in an answer, if it has one."""
    detail = getattr(answer, "detail", None)
    return detail if isinstance(detail, str) else ""
