"""`mercato api`: any request, signed in. What has no command of its own is never out of reach."""

from __future__ import annotations

import sys

import click
import msgspec

from mercato_tui.api import Api, read_error
from mercato_tui.commands import options, printing
from mercato_tui.commands.connecting import SERVER, address, speak, token_for, words

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@click.command("api")
@SERVER
@click.argument("method", type=click.Choice(_METHODS, case_sensitive=False))
@click.argument("path")
@click.option("--field", "-f", "fields", multiple=True, metavar="NAME=VALUE", help="A query or body field.")
@click.option("--input", "input_", metavar="FILE|-", help="The body, as JSON, from a file or standard input.")
@click.option("--include", "-i", is_flag=True, help="Show status and headers too.")
@click.pass_context
def api_(
    context: click.Context,
    server: str | None,
    method: str,
    path: str,
    fields: tuple[str, ...],
    input_: str | None,
    include: bool,
) -> None:
    """Ask the REST API: `mercato api GET customers/ -f page_size=5`.

    The values of -f are JSON where they can be read as such (3, true, ["a"]), else text.
    """
    method, given = method.upper(), dict(options.pair(text, "--field") for text in fields)
    content: bytes | None = None
    if input_ is not None:
        content = sys.stdin.buffer.read() if input_ == "-" else _file(input_)
    elif method not in ("GET", "HEAD"):
        content = msgspec.json.encode(given)
    query = given if method in ("GET", "HEAD") else None
    url = address(context, server)
    place = path if path.startswith("/") else f"/api/{path}"
    token = token_for(url)

    async def work(api: Api) -> tuple[int, str, list[tuple[str, str]], bytes]:
        answer = await api.client.request(
            method,
            place,
            params={k: v if isinstance(v, str) else printing.as_json(v) for k, v in (query or {}).items()}
            or None,
            content=content,
            headers={"Authorization": f"Token {token}", "Content-Type": "application/json"},
        )
        return answer.status_code, answer.reason_phrase, list(answer.headers.items()), answer.content

    status, reason, headers, body = speak(url, token, work)
    if include:
        printing.say("\n".join([f"{status} {reason}", *(f"{k}: {v}" for k, v in headers), ""]))
    _print(body)
    if status >= 400:
        raise click.ClickException(words(read_error(status, body), url))


def _print(body: bytes) -> None:
    if not body:
        return
    try:
        printing.say(printing.as_json(msgspec.json.decode(body)))
    except msgspec.DecodeError:
        sys.stdout.flush()
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()


def _file(name: str) -> bytes:
    try:
        with open(name, "rb") as file:
            return file.read()
    except OSError as error:
        raise click.BadParameter(f"{name}: {error.strerror or error}", param_hint="--input") from None


COMMANDS: dict[str, click.Command] = {"api": api_}
