"""The `mercato` command: the top floor, which alone knows the server and the terminal app, both lazily."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mercato.config import VERSION, Settings, SettingsError, load, without_password
from mercato_tui.commands import FIND, Twins


def _settings(data_dir: str | None = None) -> Settings:
    try:
        return load(data_dir=data_dir)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def _perform(settings: Settings, command: str, **args: Any) -> Any:
    from mercato.commands.run import perform
    from mercato.commands.running import CommandRefused
    from mercato.migrations import CannotMigrate

    try:
        return perform(settings, command, **args)
    except (CommandRefused, CannotMigrate) as error:
        raise click.ClickException(str(error)) from error


DATA_DIR = click.option(
    "--data-dir", metavar="DIR", envvar="MERCATO_DATA_DIR", help="Where the marketplace is kept."
)
THEME = click.option("--theme", metavar="NAME", help="The app's colours.")


@click.group(cls=Twins, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="mercato")
@click.option("--server", metavar="URL", help="Use a marketplace that runs elsewhere.")
@DATA_DIR
@THEME
@click.pass_context
def main(context: click.Context, server: str | None, data_dir: str | None, theme: str | None) -> None:
    """Mercato: publish, order, provision and bill research and cloud services.

    Without a command the terminal app opens on its own embedded server.
    """
    if context.invoked_subcommand is not None:
        context.obj = data_dir
        context.meta[FIND] = lambda: _local(data_dir)
        return
    from mercato.apps import open_app

    if server is not None and not server.startswith(("http://", "https://")):
        raise click.BadParameter("An address starts with http:// or https://.", param_hint="--server")
    open_app(_settings(data_dir), server=server, theme=theme)


def _local(data_dir: str | None) -> Any:
    """The marketplace that runs on this machine: that of the data directory, else its demo."""
    from mercato.commands.running import find
    from mercato.server_files import personas_file
    from mercato_tui.commands.connecting import Local

    data = _settings(data_dir).data
    for place in (data, data / "demo"):
        running = find(place)
        if running is not None:
            return Local(running.url, personas_file(place))
    return None


@main.command()
@DATA_DIR
@THEME
@click.pass_obj
def demo(parent: str | None, data_dir: str | None, theme: str | None) -> None:
    """Open the app on a ready demo marketplace, no questions asked."""
    from mercato.apps import open_demo

    open_demo(_settings(data_dir or parent), theme=theme)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--workers",
    default=1,
    show_default=True,
    metavar="N",
    type=click.IntRange(1, 64),
    help="So many processes behind one address (PostgreSQL only).",
)
@click.option(
    "--no-worker", is_flag=True, help="Leave jobs and schedule to `mercato worker` (PostgreSQL only)."
)
@click.option("--embedded", is_flag=True, hidden=True, help="End with the last app on this data directory.")
@click.option("--share", type=int, hidden=True, help="The socket that this process shares with others.")
@DATA_DIR
@click.pass_obj
def serve(parent: str | None, /, data_dir: str | None, **options: Any) -> None:
    """Run the server: REST API, worker and schedule in one process."""
    from mercato.processes import serve as run

    _run(lambda: run(_settings(data_dir or parent), say=_say, **options))


@main.command()
@click.option(
    "--queues", metavar="NAME,…", help="Only jobs of these queues: default, events, provision, system."
)
@click.option("--concurrency", metavar="N", type=click.IntRange(1, 256), help="Jobs at once.")
@DATA_DIR
@click.pass_obj
def worker(parent: str | None, data_dir: str | None, queues: str | None, concurrency: int | None) -> None:
    """Run jobs and the schedule, without a web (PostgreSQL only). As many of these as are needed."""
    from mercato.processes import work

    chosen = {name.strip() for name in queues.split(",") if name.strip()} if queues else None
    settings = _settings(data_dir or parent)
    _run(lambda: work(settings, queues=chosen, concurrency=concurrency, say=_say))


def _say(text: str) -> None:
    click.echo(text)
    sys.stdout.flush()


def _run(process: Callable[[], None]) -> None:
    """Something that runs until it is told to stop, or says why it does not start."""
    from mercato.migrations import CannotMigrate
    from mercato.server import EXIT_TAKEN, CannotServe

    try:
        process()
    except (CannotServe, CannotMigrate) as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(EXIT_TAKEN) from error


@main.group()
def user() -> None:
    """People."""


@user.command("create")
@click.argument("name")
@click.option("--staff", is_flag=True, help="May administrate the whole marketplace.")
@click.option("--email", default="", help="Where to reach them.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--no-password", is_flag=True, help="Tokens only: nobody can sign in with a password.")
@DATA_DIR
@click.pass_obj
def user_create(
    parent: str | None,
    name: str,
    staff: bool,
    email: str,
    password_stdin: bool,
    no_password: bool,
    data_dir: str | None,
) -> None:
    """Create a local account (asks for its password)."""
    password: str | None = None
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    elif not no_password:
        password = click.prompt("Password (12 characters or more)", hide_input=True, confirmation_prompt=True)
    args = {"username": name, "email": email, "password": password, "staff": staff}
    made = _perform(_settings(data_dir or parent), "user-create", **args)
    click.echo(f"Created {'administrator' if staff else 'user'} {made['username']}.")


@main.group()
def token() -> None:
    """Keys for programs."""


@token.command("create")
@click.argument("name")
@click.option("--label", default="command line", help="What the key is for.")
@DATA_DIR
@click.pass_obj
def token_create(parent: str | None, name: str, label: str, data_dir: str | None) -> None:
    """Make a key for the user NAME and print it; it is shown this once."""
    made = _perform(_settings(data_dir or parent), "token-create", username=name, name=label)
    click.echo(made["token"])


@main.group()
def preset() -> None:
    """Whole marketplaces from one file."""


@preset.command("load")
@click.argument("source", metavar="FILE|NAME")
@DATA_DIR
@click.pass_obj
def preset_load(parent: str | None, source: str, data_dir: str | None) -> None:
    """Load a preset: all of it, or (if a row is wrong) nothing. Loading twice changes nothing.

    Give a JSON file, or the name of a bundled preset: marketplace (where the demo begins).
    """
    from mercato.demo import bundled

    try:
        document = json.loads((bundled(source) or Path(source)).read_text(encoding="utf-8"))
    except OSError as error:
        raise click.ClickException(f"{source}: {error.strerror or error}") from error
    except ValueError as error:
        raise click.ClickException(f"{source}: this is not JSON: {error}") from error
    made = _perform(_settings(data_dir or parent), "preset-load", document=document)
    new = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in made.items() if count)
    click.echo(f"Loaded {new}." if new else "Everything was there already.")


@main.group()
def billing() -> None:
    """Invoices."""


@billing.command("close-month")
@click.option("--month", metavar="YYYY-MM", help="Fail unless this month is over.")
@DATA_DIR
@click.pass_obj
def close_month(parent: str | None, month: str | None, data_dir: str | None) -> None:
    """Issue the invoices of months that are over and begin the current one. Safe to repeat."""
    done = _perform(_settings(data_dir or parent), "close-month", month=month)
    number = done["organizations"]
    click.echo(f"Dealt with {number} organizations." if number else "Nothing was due.")


@main.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
@DATA_DIR
@click.pass_obj
def db_upgrade(parent: str | None, data_dir: str | None) -> None:
    """Create the database or bring it to this version; keeps a copy of a SQLite file first."""
    from mercato.commands.running import being_server, find, prepare
    from mercato.jobs.alone import AnotherProcess
    from mercato.migrations import CannotMigrate, upgrade

    settings = _settings(data_dir or parent)
    running = find(settings.data)
    if running is not None:
        raise click.ClickException(f"The server at {running.url} uses this database; stop it first.")
    prepare(settings.data)
    try:
        with being_server(settings.data):
            report = upgrade(settings.database)
    except (CannotMigrate, AnotherProcess) as error:
        raise click.ClickException(str(error)) from error
    if report.before == report.after:
        click.echo(f"The database is at {report.after} already.")
        return
    copy = f"; the copy from before is {report.backup}" if report.backup else ""
    click.echo(f"The database is at {report.after} now{copy}.")


@main.command()
@click.argument("target", metavar="FILE|DIRECTORY", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Overwrite the file.")
@DATA_DIR
@click.pass_obj
def backup(parent: str | None, target: Path, replace: bool, data_dir: str | None) -> None:
    """Copy the whole marketplace into one file, also while it runs. Whoever has the file has everything."""
    from mercato.commands import copies

    report = _copying(lambda: copies.backup(_settings(data_dir or parent), target, replace=replace))
    click.echo(f"{report.file}: {report.size:,} bytes, database at {report.manifest.revision}.")


@main.command()
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Give up the marketplace that is there.")
@DATA_DIR
@click.pass_obj
def restore(parent: str | None, source: Path, replace: bool, data_dir: str | None) -> None:
    """Make the marketplace what it was when a backup was taken. The server must not run."""
    from mercato.commands import copies

    report = _copying(lambda: copies.restore(_settings(data_dir or parent), source, replace=replace))
    click.echo(f"The marketplace is as it was on {report.manifest.taken:%Y-%m-%d %H:%M} UTC.")
    if report.before is not None:
        click.echo(f"What was there before is in {report.before}.")


def _copying(work: Callable[[], Any]) -> Any:
    from mercato.commands.copies import Refused
    from mercato.commands.postgres_copies import ToolFailed
    from mercato.migrations import CannotMigrate

    try:
        return work()
    except (Refused, ToolFailed, CannotMigrate) as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("name", metavar="FILE", required=False)
def deploy(name: str | None) -> None:
    """Print a file for operators: units for systemd, containers, and the page that explains them."""
    from mercato.deploy import FILES, text_of

    if name is None:
        for known in FILES:
            click.echo(known)
        return
    try:
        click.echo(text_of(name), nl=False)
    except KeyError:
        raise click.BadParameter(f"There is no {name}. There are {', '.join(FILES)}.") from None


@main.group()
def plugins() -> None:
    """Offering types."""


@plugins.command("list")
@DATA_DIR
@click.pass_obj
def plugins_list(parent: str | None, data_dir: str | None) -> None:
    """List the offering types that can be provisioned here."""
    from mercato.plugins import discover, folders

    found = discover(folders(_settings(data_dir or parent).plugins))
    width = max((len(id_) for id_ in found), default=0)
    for id_, plugin in sorted(found.items()):
        manifest = plugin.manifest
        click.echo(f"{id_:<{width}}  {manifest.name} {manifest.version}  {manifest.description}")


@main.command()
@DATA_DIR
@click.pass_obj
def locate(parent: str | None, data_dir: str | None) -> None:
    """Say where everything is kept."""
    import platformdirs

    from mercato.commands.running import find
    from mercato.plugins import folders

    settings = _settings(data_dir or parent)
    running = find(settings.data)
    rows: list[tuple[str, Callable[[], str]]] = [
        ("data", lambda: str(settings.data)),
        ("database", lambda: without_password(settings.database)),
        ("demo", lambda: str(settings.data / "demo")),
        ("settings", lambda: str(settings.data / "mercato.toml")),
        ("app", lambda: str(platformdirs.user_config_path("mercato"))),
        ("plugins", lambda: ", ".join(str(place) for place in folders(settings.plugins))),
        ("server", lambda: running.url if running else "not running"),
    ]
    for name, value in rows:
        click.echo(f"{name:<9} {value()}")
