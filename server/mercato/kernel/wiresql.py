"""SQL that produces wire text, the same on both databases, so that rows pass through undecoded.

Every column of a listing is wrapped in `shown`; inside a JSON document in `in_json`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, Date, FromClause, Select, String, bindparam, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from mercato.kernel.columns import ExactDecimal, Json, Utc

POSTGRES_MOMENT = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


class shown(FunctionElement[Any]):
    """A column as the driver should hand it over: text for everything but numbers and booleans."""

    inherit_cache = True
    name = "shown"

    def __init__(self, expr: ColumnElement[Any]) -> None:
        super().__init__(expr)
        self.type = expr.type


class in_json(FunctionElement[Any]):
    """A column as a value inside a JSON document."""

    inherit_cache = True
    name = "in_json"

    def __init__(self, expr: ColumnElement[Any]) -> None:
        super().__init__(expr)
        self.type = expr.type


class json_object(FunctionElement[Any]):
    """`{name: value, …}`; names are ours, values are wrapped by `in_json`."""

    inherit_cache = True
    name = "json_object"
    type: TypeEngine[Any] = Json()

    def __init__(self, fields: Mapping[str, ColumnElement[Any]]) -> None:
        parts: list[ColumnElement[Any]] = []
        for name, expr in fields.items():
            parts += [literal(name, String(), literal_execute=True), in_json(expr)]
        super().__init__(*parts)


class json_list(FunctionElement[Any]):
    """An aggregate: all values as one JSON array, never null."""

    inherit_cache = True
    name = "json_list"
    type: TypeEngine[Any] = Json()


class json_map(FunctionElement[Any]):
    """An aggregate: `{key: value, …}` over the rows (or those that meet a condition), never null."""

    inherit_cache = True
    name = "json_map"
    type: TypeEngine[Any] = Json()


class json_members(FunctionElement[Any]):
    """`"name": document, …` as text without braces: several aggregates of one scan, for `json_spliced`."""

    inherit_cache = True
    name = "json_members"
    type = String()

    def __init__(self, documents: Mapping[str, ColumnElement[Any]]) -> None:
        parts: list[ColumnElement[Any]] = []
        for name, document in documents.items():
            parts += [literal(f'{"," if parts else ""}"{name}":', String(), literal_execute=True), document]
        super().__init__(*parts)


class json_spliced(FunctionElement[Any]):
    """A `json_object` that begins with `json_members`, as text."""

    inherit_cache = True
    name = "json_spliced"
    type = String()

    def __init__(self, members: ColumnElement[Any], rest: json_object) -> None:
        super().__init__(members, rest)


class json_texts(FunctionElement[Any]):
    """An aggregate: finished JSON texts as one array, never null."""

    inherit_cache = True
    name = "json_texts"
    type: TypeEngine[Any] = Json()


def constant(value: str | int) -> ColumnElement[Any]:
    """A value written into the SQL itself, never one from outside.

    For what a partial index hangs on: where its choice depends on a parameter's value, SQLite prepares the
    statement anew on every execution (a page of resources: 3.0 ms instead of 1.2).
    """
    return literal(value, literal_execute=True)


def _inner(element: FunctionElement[Any], compiler: Any, **kw: Any) -> list[str]:
    return [compiler.process(clause, **kw) for clause in element.clauses]


@compiles(shown)
def _shown(element: shown, compiler: Any, **kw: Any) -> str:
    return _inner(element, compiler, **kw)[0]


@compiles(shown, "postgresql")
def _shown_postgres(element: shown, compiler: Any, **kw: Any) -> str:
    [sql] = _inner(element, compiler, **kw)
    if isinstance(element.type, Utc):
        return POSTGRES_MOMENT.format(sql)
    if isinstance(element.type, (ExactDecimal, Date, Json)):
        return f"({sql})::text"
    return sql


@compiles(in_json)
def _in_json(element: in_json, compiler: Any, **kw: Any) -> str:
    [sql] = _inner(element, compiler, **kw)
    if isinstance(element.type, Boolean):
        # The constants are made once for a statement, not once for a row.
        return f"CASE {sql} WHEN 1 THEN json('true') WHEN 0 THEN json('false') END"
    if isinstance(element.type, Json):
        return f"json({sql})"
    return sql


@compiles(in_json, "postgresql")
def _in_json_postgres(element: in_json, compiler: Any, **kw: Any) -> str:
    [sql] = _inner(element, compiler, **kw)
    if isinstance(element.type, Utc):
        return POSTGRES_MOMENT.format(sql)
    if isinstance(element.type, (ExactDecimal, Date)):
        return f"({sql})::text"
    if isinstance(element.type, Json):
        return f"({sql})::json"
    return sql


@compiles(json_object)
def _object(element: json_object, compiler: Any, **kw: Any) -> str:
    return f"json_object({', '.join(_inner(element, compiler, **kw))})"


@compiles(json_object, "postgresql")
def _object_postgres(element: json_object, compiler: Any, **kw: Any) -> str:
    return f"json_build_object({', '.join(_inner(element, compiler, **kw))})"


@compiles(json_list)
def _list(element: json_list, compiler: Any, **kw: Any) -> str:
    return f"json_group_array({', '.join(_inner(element, compiler, **kw))})"


@compiles(json_list, "postgresql")
def _list_postgres(element: json_list, compiler: Any, **kw: Any) -> str:
    return f"COALESCE(json_agg({', '.join(_inner(element, compiler, **kw))}), '[]'::json)"


def _filtered(aggregate: str, pair: list[str]) -> str:
    where = f" FILTER (WHERE {pair[2]})" if len(pair) > 2 else ""
    return f"{aggregate}({pair[0]}, {pair[1]}){where}"


@compiles(json_map)
def _map(element: json_map, compiler: Any, **kw: Any) -> str:
    return _filtered("json_group_object", _inner(element, compiler, **kw))


@compiles(json_map, "postgresql")
def _map_postgres(element: json_map, compiler: Any, **kw: Any) -> str:
    return f"COALESCE({_filtered('json_object_agg', _inner(element, compiler, **kw))}, '{{}}'::json)"


@compiles(json_members)
def _members(element: json_members, compiler: Any, **kw: Any) -> str:
    return " || ".join(_inner(element, compiler, **kw))


@compiles(json_members, "postgresql")
def _members_postgres(element: json_members, compiler: Any, **kw: Any) -> str:
    parts = _inner(element, compiler, **kw)
    return " || ".join(f"({part})::text" if i % 2 else part for i, part in enumerate(parts))


@compiles(json_spliced)
def _spliced(element: json_spliced, compiler: Any, **kw: Any) -> str:
    members, rest = _inner(element, compiler, **kw)
    return f"'{{' || {members} || ',' || substr({rest}, 2)"


@compiles(json_spliced, "postgresql")
def _spliced_postgres(element: json_spliced, compiler: Any, **kw: Any) -> str:
    members, rest = _inner(element, compiler, **kw)
    return f"'{{' || {members} || ',' || substr(({rest})::text, 2)"


@compiles(json_texts)
def _texts(element: json_texts, compiler: Any, **kw: Any) -> str:
    [text] = _inner(element, compiler, **kw)
    return f"'[' || coalesce(group_concat({text}, ','), '') || ']'"


@compiles(json_texts, "postgresql")
def _texts_postgres(element: json_texts, compiler: Any, **kw: Any) -> str:
    [text] = _inner(element, compiler, **kw)
    return f"('[' || coalesce(string_agg({text}, ','), '') || ']')::json"


class minor_text(FunctionElement[Any]):
    """Minor units and the currency's exponent as decimal text: (1234, 2) is `12.34`."""

    inherit_cache = True
    name = "minor_text"
    type = String()


@compiles(minor_text)
def _minor_text(element: minor_text, compiler: Any, **kw: Any) -> str:
    amount, exponent = _inner(element, compiler, **kw)
    sign = f"CASE WHEN {amount} < 0 THEN '-' ELSE '' END"
    parts = {
        places: f"printf('%s%d.%0{places}d', {sign}, abs({amount}) / {10**places}, abs({amount}) % {10**places})"
        for places in (2, 3, 4)
    }
    cases = " ".join(f"WHEN {places} THEN {sql}" for places, sql in parts.items())
    return f"(CASE {exponent} {cases} ELSE printf('%d', {amount}) END)"


@compiles(minor_text, "postgresql")
def _minor_text_postgres(element: minor_text, compiler: Any, **kw: Any) -> str:
    amount, exponent = _inner(element, compiler, **kw)
    return f"round(({amount})::numeric / power(10::numeric, {exponent}), ({exponent})::integer)::text"


class json_text(FunctionElement[Any]):
    """The text of one key of a JSON document, or null: (document, key)."""

    inherit_cache = True
    name = "json_text"
    type = String()


@compiles(json_text)
def _json_text(element: json_text, compiler: Any, **kw: Any) -> str:
    document, key = _inner(element, compiler, **kw)
    return f"""json_extract({document}, '$."' || {key} || '"')"""


@compiles(json_text, "postgresql")
def _json_text_postgres(element: json_text, compiler: Any, **kw: Any) -> str:
    document, key = _inner(element, compiler, **kw)
    return f"(({document})::json ->> {key})"


class hex_text(FunctionElement[Any]):
    """A whole number as 16 hex characters."""

    inherit_cache = True
    name = "hex_text"
    type = String()


@compiles(hex_text)
def _hex_text(element: hex_text, compiler: Any, **kw: Any) -> str:
    return f"printf('%016x', {_inner(element, compiler, **kw)[0]})"


@compiles(hex_text, "postgresql")
def _hex_text_postgres(element: hex_text, compiler: Any, **kw: Any) -> str:
    return f"lpad(to_hex({_inner(element, compiler, **kw)[0]}), 16, '0')"


def children(
    fields: Mapping[str, ColumnElement[Any]],
    source: FromClause,
    *,
    where: ColumnElement[bool],
    order: Sequence[ColumnElement[Any]],
    of: FromClause,
) -> ColumnElement[Any]:
    """The rows of `source` that belong to the current row of `of`, as a JSON array in this order."""
    rows = _belonging(fields, source, where, order, of)
    document = json_object({name: rows.c[name] for name in fields})
    return select(json_list(document)).select_from(rows).scalar_subquery()


def spliced_children(
    members: ColumnElement[Any],
    fields: Mapping[str, ColumnElement[Any]],
    source: FromClause,
    *,
    where: ColumnElement[bool],
    order: Sequence[ColumnElement[Any]],
    of: FromClause,
) -> ColumnElement[Any]:
    """`children` whose documents begin with `members` (see `json_members`): one scan for several of them."""
    rows = _belonging({**fields, "members_": members}, source, where, order, of)
    document = json_spliced(rows.c.members_, json_object({name: rows.c[name] for name in fields}))
    return select(json_texts(document)).select_from(rows).scalar_subquery()


def mapping(
    key: ColumnElement[Any],
    value: ColumnElement[Any],
    source: FromClause,
    *,
    where: ColumnElement[bool],
    order: Sequence[ColumnElement[Any]],
    of: FromClause,
) -> ColumnElement[Any]:
    """`{key: value, …}` over the rows of `source` that belong to the current row of `of`."""
    rows = _belonging({"k": key, "v": value}, source, where, order, of)
    return select(json_map(rows.c.k, in_json(rows.c.v))).select_from(rows).scalar_subquery()


def sketch(
    fields: Mapping[str, ColumnElement[Any]],
    source: FromClause,
    *,
    where: ColumnElement[bool],
    order: Sequence[ColumnElement[Any]],
    of: FromClause,
) -> ColumnElement[Any]:
    """The first of the rows that belong, as a JSON object, or null."""
    return (
        select(json_object(fields)).select_from(source).where(where).order_by(*order).limit(1).correlate(of)
    ).scalar_subquery()


def _belonging(
    fields: Mapping[str, ColumnElement[Any]],
    source: FromClause,
    where: ColumnElement[bool],
    order: Sequence[ColumnElement[Any]],
    of: FromClause,
) -> Any:
    rows: Select[Any] = select(*(expr.label(name) for name, expr in fields.items()))
    return rows.select_from(source).where(where).order_by(*order).correlate(of).subquery()


def link(path: str, expr: ColumnElement[Any]) -> ColumnElement[Any]:
    """An absolute hyperlink: `{}` in the path becomes the value; null stays null."""
    before, after = path.split("{}")
    return (
        bindparam("base", None, type_=String())
        + literal(before, literal_execute=True)
        + expr
        + literal(after, literal_execute=True)
    )
