"""A noun's commands from a table: its list, one of it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

import click
import msgspec

from mercato.schemas import DetailQuery, Endpoint, Nothing
from mercato_tui.api import Api
from mercato_tui.commands import options, printing
from mercato_tui.commands.connecting import SERVER, confirm, connected
from mercato_tui.commands.printing import Column
from mercato_tui.text import clean

ROWS = 50
LARGEST_PAGE = 300


class Act(NamedTuple):
    """Something that is done to one thing, or (without `{uuid}` in its path) makes one.

    `asks` is the question before what cannot be taken back, with `{name}`. `choose(api, uuid)` picks the
    endpoint where it depends on who asks (then `endpoint` gives the options). `skip` leaves fields out.
    """

    name: str
    endpoint: Endpoint[Any, Any]
    help: str
    done: str
    asks: str = ""
    choose: Callable[[Api, str], Awaitable[Endpoint[Any, Any]]] | None = None
    skip: frozenset[str] = frozenset()
    argument: str = ""


class Other(NamedTuple):
    """The same kind of thing seen from another side: `--mine`, `--provided`."""

    flag: str
    help: str
    list: Endpoint[Any, Any]
    one: Endpoint[Any, Any]


class Part(NamedTuple):
    """A list that belongs to one thing: the team of a project, the lines of an invoice.

    `within` names the query field that holds the thing's uuid, where the path does not.
    """

    name: str
    list: Endpoint[Any, Any]
    help: str
    columns: Sequence[Column]
    empty: str = "Nothing."
    within: str = ""


class Noun(NamedTuple):
    """`label` is the field that names one, `names` the query fields by which one may be called."""

    name: str
    one: str
    help: str
    list: Endpoint[Any, Any]
    detail: Endpoint[Any, Any] | None
    columns: Sequence[Column]
    facts: Sequence[Column] = ()
    acts: Sequence[Act] = ()
    parts: Sequence[Part] = ()
    label: str = "name"
    names: Sequence[str] = ("slug", "name_exact")
    sort: str = ""
    empty: str = "Nothing."
    other: Other | None = None
    id: str = "uuid"

    def side(self, other: bool) -> tuple[Endpoint[Any, Any], Endpoint[Any, Any] | None]:
        return (self.other.list, self.other.one) if other and self.other else (self.list, self.detail)


def group(noun: Noun, *more: click.Command) -> click.Group:
    """`mercato NOUN list|show|…`; without a verb it lists."""
    made = _Listing(noun.name, help=noun.help, invoke_without_command=True)
    commands = [_list(noun), *([_show(noun)] if noun.detail else []), *more]
    commands += [_part(noun, part) for part in noun.parts]
    for command in (*commands, *(_act(noun, act) for act in noun.acts)):
        made.add_command(command)
    return made


class _Listing(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        if not ctx._protected_args:
            return self.commands["list"].main(
                [], prog_name=f"{ctx.command_path} list", parent=ctx, standalone_mode=False
            )
        return super().invoke(ctx)


def _list(noun: Noun) -> click.Command:
    query = noun.list.takes
    fields = options.fields_of(query, options.PAGING)
    params: list[click.Parameter] = [
        *options.as_options(fields),
        click.Option(
            ["--sort"], default=noun.sort or None, metavar="FIELD,…", help="`-FIELD` turns it around."
        ),
        click.Option(["--rows"], default=ROWS, show_default=True, type=click.IntRange(1), metavar="N"),
        click.Option(["--all", "everything"], is_flag=True, help="Every row, however many."),
        click.Option(["--json", "json_"], is_flag=True, help="Whole objects for programs."),
        click.Option(["--csv", "csv_"], is_flag=True, help="The table for spreadsheets."),
        *_sided(noun),
    ]

    def run(
        context: click.Context,
        /,
        *,
        server: str | None,
        sort: str | None,
        rows: int,
        everything: bool,
        json_: bool,
        csv_: bool,
        other: bool = False,
        **given: Any,
    ) -> None:
        async def work(api: Api) -> tuple[list[dict[str, Any]], int]:
            asked = await options.struct_from(api, query, fields, given)
            if sort:
                asked = msgspec.structs.replace(asked, o=sort.split(","))
            return await pages(api, noun.side(other)[0], asked, None if everything else rows)

        found, total = connected(context, server, work)
        if json_:
            printing.say(printing.as_json(found))
        elif csv_:
            printing.say(printing.as_csv(found, noun.columns))
        elif not found:
            printing.aside(noun.empty)
        else:
            printing.say(printing.table(found, noun.columns))
        if len(found) < total:
            printing.aside(f"{len(found)} of {total}. --rows N shows more, --all everything.")

    return _command("list", run, params, f"List {noun.help[0].lower()}{noun.help[1:]}")


async def pages(
    api: Api, endpoint: Endpoint[Any, Any], query: Any, most: int | None, **path: str
) -> tuple[list[dict[str, Any]], int]:
    """The first rows of a list (None: all of them) and how many there are."""
    found: list[dict[str, Any]] = []
    number = 0
    while True:
        number += 1
        size = LARGEST_PAGE if most is None else min(LARGEST_PAGE, most)
        page = await api.documents(
            endpoint, msgspec.structs.replace(query, page=number, page_size=size), **path
        )
        found += page.rows
        if not page.rows or len(found) >= (page.total if most is None else min(most, page.total)):
            return found[:most], page.total


def _show(noun: Noun) -> click.Command:
    params: list[click.Parameter] = [
        click.Argument(["which"], metavar=noun.one.upper()),
        click.Option(["--json", "json_"], is_flag=True, help="The whole object for programs."),
        *_sided(noun),
    ]

    def run(
        context: click.Context, /, *, server: str | None, which: str, json_: bool, other: bool = False
    ) -> None:
        many, one = noun.side(other)

        async def work(api: Api) -> Any:
            found = await find(api, noun, which, many)
            assert one is not None
            return await api.document(one, DetailQuery(), **{noun.id: str(found[noun.id])})

        row = connected(context, server, work)
        printing.say(printing.as_json(row) if json_ else printing.facts(row, noun.facts or noun.columns))

    return _command("show", run, params, f"Everything about one {noun.one}.")


def _part(noun: Noun, part: Part) -> click.Command:
    params: list[click.Parameter] = [
        click.Argument(["which"], metavar=noun.one.upper()),
        click.Option(["--json", "json_"], is_flag=True, help="Whole objects for programs."),
        click.Option(["--csv", "csv_"], is_flag=True, help="The table for spreadsheets."),
    ]

    def run(context: click.Context, /, *, server: str | None, which: str, json_: bool, csv_: bool) -> None:
        async def work(api: Api) -> list[dict[str, Any]]:
            uuid = str((await find(api, noun, which))["uuid"])
            query = part.list.takes(**({part.within: uuid} if part.within else {}))
            path = {} if part.within else {"uuid": uuid}
            return (await pages(api, part.list, query, None, **path))[0]

        found = connected(context, server, work)
        if json_:
            printing.say(printing.as_json(found))
        elif csv_:
            printing.say(printing.as_csv(found, part.columns))
        elif not found:
            printing.aside(part.empty)
        else:
            printing.say(printing.table(found, part.columns))

    return _command(part.name, run, params, part.help)


async def find(api: Api, noun: Noun, which: str, many: Endpoint[Any, Any] | None = None) -> Mapping[str, Any]:
    """The one that is called so: by uuid, short name or name. Raises BadParameter."""
    endpoint = many or noun.list
    if options.is_uuid(which):
        return {"uuid": which, noun.label: which}
    if noun.id != "uuid" and which.isdigit():
        return {noun.id: which, noun.label: which}
    known = set(endpoint.takes.__struct_fields__)
    for name in noun.names:
        if name not in known:
            continue
        page = await api.documents(endpoint, endpoint.takes(**{name: which, "page_size": 20}))
        if page.rows:
            return options.only_one(page.rows, which, noun.one.upper(), noun.label)
    return options.only_one([], which, noun.one.upper(), noun.label)


def _act(noun: Noun, act: Act) -> click.Command:
    at_one = "{uuid}" in act.endpoint.path
    takes = act.endpoint.takes
    fields = options.fields_of(takes, act.skip)
    params: list[click.Parameter] = [*options.as_options(fields)]
    if at_one:
        params.insert(0, click.Argument(["which"], metavar=noun.one.upper()))
    if act.asks:
        params.append(click.Option(["--yes", "-y"], is_flag=True, help="Do not ask."))
    params.append(click.Option(["--json", "json_"], is_flag=True, help="The answer for programs."))

    def run(
        context: click.Context,
        /,
        *,
        server: str | None,
        json_: bool,
        which: str = "",
        yes: bool = True,
        **given: Any,
    ) -> None:
        async def look(api: Api) -> tuple[Mapping[str, Any], Any]:
            found = await find(api, noun, which) if at_one else {}
            body = None if takes is Nothing else await options.struct_from(api, takes, fields, given)
            return found, body

        found, body = connected(context, server, look)
        name = clean(found.get(noun.label) or which)
        if act.asks:
            confirm(act.asks.format(name=name), yes=yes)

        async def work(api: Api) -> Any:
            path = {"uuid": str(found["uuid"])} if at_one else {}
            endpoint = act.endpoint if act.choose is None else await act.choose(api, path["uuid"])
            return await api.document(endpoint, body, **path)

        answer = connected(context, server, work)
        if json_:
            printing.say(printing.as_json(answer))
            return
        made = answer if isinstance(answer, Mapping) else {}
        printing.say(act.done.format(name=name or clean(made.get(noun.label, "")), **_safe(made)))

    return _command(act.name, run, params, act.help)


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _safe(made: Mapping[str, Any]) -> _Blank:
    return _Blank({k: printing.text_of(v) for k, v in made.items() if k != "name"})


def _sided(noun: Noun) -> list[click.Parameter]:
    if noun.other is None:
        return []
    return [click.Option([f"--{noun.other.flag}", "other"], is_flag=True, help=noun.other.help)]


def _command(
    name: str, run: Callable[..., None], params: Sequence[click.Parameter], help_text: str
) -> click.Command:
    command = click.Command(name, callback=click.pass_context(run), params=list(params), help=help_text)
    return SERVER(command)
