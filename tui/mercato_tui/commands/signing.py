"""`mercato login`, `logout`, `whoami`: the sessions are those of the app."""

from __future__ import annotations

import sys
from typing import Any

import click

from mercato.schemas import identity
from mercato_tui.api import Api, ApiError
from mercato_tui.commands import printing
from mercato_tui.commands.connecting import SERVER, address, connected, local, speak, token_for
from mercato_tui.commands.printing import Column
from mercato_tui.server import Persona, Tokens, read_personas
from mercato_tui.text import clean


@click.command()
@SERVER
@click.option("--username", "-u", help="A local account; asked for when it is not given.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--token", help="A key made elsewhere instead of a password (it is checked first).")
@click.option("--persona", metavar="NAME", help="Somebody of the demo on this machine: no password.")
@click.pass_context
def login(
    context: click.Context,
    server: str | None,
    username: str | None,
    password_stdin: bool,
    token: str | None,
    persona: str | None,
) -> None:
    """Sign in to a marketplace; the app is signed in with it."""
    url = address(context, server)
    if persona:
        token = _persona(context, persona).token
    elif token is None:
        username = username or click.prompt("Username")
        password = (
            sys.stdin.readline().rstrip("\n") if password_stdin else click.prompt("Password", hide_input=True)
        )
        token = speak(url, None, lambda api: _sign_in(api, str(username), password))
    me = speak(url, token, _me)
    Tokens.default().put(url, token)
    printing.say(f"You are {clean(me.full_name or me.username)} at {url}.")


async def _me(api: Api) -> identity.Me:
    return await api(identity.ME)


async def _sign_in(api: Api, username: str, password: str) -> str:
    try:
        answer = await api(identity.PASSWORD, identity.SignIn(username=username, password=password))
    except ApiError as problem:
        if problem.status == 401:  # there is no session yet that could have ended
            raise click.ClickException(problem.detail) from None
        raise
    return answer.token


def _persona(context: click.Context, name: str) -> Persona:
    here = local(context)
    personas = read_personas(here.personas if here is not None else None)
    if not personas:
        raise click.UsageError("No demo marketplace runs on this machine. Open one with `mercato demo`.")
    for persona in personas:
        if name.casefold() in (persona.key.casefold(), persona.name.casefold()):
            return persona
    known = ", ".join(persona.key for persona in personas)
    raise click.BadParameter(f"Nobody is called {name!r}. There are: {known}.", param_hint="--persona")


@click.command()
@SERVER
@click.pass_context
def logout(context: click.Context, server: str | None) -> None:
    """End the session here and at the marketplace."""
    url = address(context, server)
    tokens = Tokens.default()
    token = tokens.get(url)
    if token is None:
        printing.say(f"You were not signed in to {url}.")
        return

    async def end(api: Api) -> None:
        try:
            await api(identity.LOGOUT)
        except ApiError as problem:
            if problem.status != 401:  # it had ended already
                raise

    speak(url, token, end)
    tokens.forget(url)
    printing.say(f"Signed out of {url}.")


_FACTS = (
    Column("Name", "full_name"),
    Column("Username", "username"),
    Column("E-mail", "email"),
    Column("Organization", "organization"),
    Column("Staff", "is_staff"),
    Column("Support", "is_support"),
)
_ROLES = (
    Column("ROLE", "role_name"),
    Column("ON", "scope_name"),
    Column("UNTIL", "expiration_time", printing.when),
)


@click.command()
@SERVER
@click.option("--json", "json_", is_flag=True, help="The whole object for programs.")
@click.pass_context
def whoami(context: click.Context, server: str | None, json_: bool) -> None:
    """Who I am, where, and in which roles."""

    async def work(api: Api) -> Any:
        return await api.document(identity.ME)

    url = address(context, server)
    token_for(url)
    me = connected(context, server, work)
    if json_:
        printing.say(printing.as_json(me))
        return
    printing.say(printing.facts({**me, "server": url}, (Column("At", "server"), *_FACTS)))
    mine = [grant for grant in me.get("permissions", ()) if grant.get("user_uuid") == me["uuid"]]
    if mine:
        printing.say("\n" + printing.table(mine, _ROLES))


COMMANDS: dict[str, click.Command] = {"login": login, "logout": logout, "whoami": whoami}
