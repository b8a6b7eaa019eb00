"""Lists, declared once: columns, filters, order, pages, `field=`, counts and visibility become one SELECT.

Rows pass through: text, JSON and numbers go from the database to the wire without becoming objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    String,
    bindparam,
    func,
    literal_column,
    select,
)

from mercato.kernel.columns import Json
from mercato.kernel.errors import NotFound, invalid
from mercato.kernel.filters import Filter
from mercato.kernel.fixed import execute_raw
from mercato.kernel.joins import needed
from mercato.kernel.wiresql import shown

PAGE_SIZE = 10
MAX_PAGE_SIZE = 300
LARGEST = 2**63 - 1
LAST_PAGE = 2**31  # so that what is skipped fits the databases' whole numbers
_encode = msgspec.json.Encoder().encode


class Looker(NamedTuple):
    """Who looks: `kind` chooses the visibility predicate, `params` fill it, `base` starts hyperlinks."""

    kind: str
    params: Mapping[str, Any]
    base: str


class Page(NamedTuple):
    """One page of wire bytes."""

    body: bytes
    total: int
    page: int
    page_size: int


class Shape(NamedTuple):
    """A column with something to do after the database: omit nulls, or turn text into a JSON number."""

    expr: ColumnElement[Any]
    omit_null: bool = False
    as_number: bool = False
    show: Callable[[Any], Any] | None = None


def omit(expr: ColumnElement[Any]) -> Shape:
    """Null is left out: clients refuse null in this field (contract: never null)."""
    return Shape(expr, omit_null=True)


def numeric(expr: ColumnElement[Any]) -> Shape:
    """An exact decimal as a JSON number, digit by digit."""
    return Shape(expr, as_number=True)


def converted(expr: ColumnElement[Any], show: Callable[[Any], Any]) -> Shape:
    """A value that Python finishes (money from minor units)."""
    return Shape(expr, show=show)


class _Prepared(NamedTuple):
    sql: str
    fields: tuple[str, ...]
    names: list[str]
    processors: Mapping[str, Callable[[Any], Any]]
    struct: type | None
    finish: list[tuple[int, Callable[[Any], Any]]]
    fixed: Mapping[str, Any]


class Listing:
    """One kind of thing as lists and details show it.

    `visible(kind)` is the only scope rule: None hides nothing. `columns` must be the fields of `out`. `many`:
    the source has several rows for one of the table, and the filters say which.
    """

    def __init__(
        self,
        out: type[msgspec.Struct],
        *,
        table: FromClause,
        source: FromClause,
        columns: Mapping[str, ColumnElement[Any] | Shape],
        visible: Callable[[str], ColumnElement[bool] | None],
        filters: Mapping[str, Filter] | None = None,
        order: Mapping[str, ColumnElement[Any]] | None = None,
        default_order: Sequence[str] = (),
        where: ColumnElement[bool] | None = None,
        many: bool = False,
    ) -> None:
        fields = {f.encode_name for f in msgspec.structs.fields(out)}
        if fields != set(columns):
            raise TypeError(
                f"{out.__name__}: {sorted(fields ^ set(columns))} differ from the listing's columns"
            )
        self.table, self.source, self.where = table, source, where
        self.columns = {n: c if isinstance(c, Shape) else Shape(c) for n, c in columns.items()}
        self.visible, self.filters = visible, dict(filters or {})
        self.order, self.default_order = dict(order or {}), tuple(default_order)
        self.many = many
        self._cache: dict[Any, _Prepared] = {}
        self._id: ColumnElement[Any] = table.c.id

    # -- asking ------------------------------------------------------------------------------

    def page(
        self,
        conn: Connection,
        looker: Looker,
        query: Any,
        *,
        without: Sequence[str] = (),
        kept: Callable[[Any], dict[int, bytes]] | None = None,
        **scope: Any,
    ) -> Page:
        """The page that the query asks for. `scope` fixes further filters (by filter name), `without`
        names columns that this caller may not have. `kept(key)` keeps the rows' documents by id (only for
        columns that are the same whoever looks).

        Raises NotFound for a page past the end.
        """
        size = min(max(_given(query, "page_size", PAGE_SIZE), 1), MAX_PAGE_SIZE)
        number = _given(query, "page", 1)
        if not 1 <= number <= LAST_PAGE:
            raise NotFound("Invalid page.", code="invalid_page")
        values = self._values(query, scope)
        fields = self._fields(_given(query, "field", None), without)
        order = self._ordering(_given(query, "o", None))
        params = {**self._params(looker, values), "limit_": size, "offset_": (number - 1) * size}
        if kept is None:
            prepared = self._prepare("page", conn, looker, fields, values, order)
            rows = self._run(conn, prepared, params)
            n, body = len(rows), _encode(self._structs(prepared, rows))
        else:
            prepared = self._prepare("ids", conn, looker, (), values, order)
            ids = [row[0] for row in self._run(conn, prepared, params)]
            n, body = len(ids), self._documents(conn, looker, fields, ids, kept)
        total = (number - 1) * size + n
        if n == size or (not n and number > 1):
            total = self.count(conn, looker, query, **scope)
        if not n and number > 1:
            raise NotFound("Invalid page.", code="invalid_page")
        return Page(body, total, number, size)

    def _documents(
        self,
        conn: Connection,
        looker: Looker,
        fields: tuple[str, ...],
        ids: list[int],
        kept: Callable[[Any], dict[int, bytes]],
    ) -> bytes:
        """These rows as a JSON array; those whose documents are not there yet are read and kept."""
        known = kept((id(self), fields, looker.base))
        missing = [number for number in ids if number not in known]
        if missing:
            prepared = self._prepare("rows", conn, looker, fields, {}, ())
            params = {"base": looker.base, **looker.params, "ids_": _encode(missing).decode()}
            rows = self._run(conn, prepared, params)
            made = self._structs(prepared, [row[:-1] for row in rows])
            for row, struct in zip(rows, made, strict=True):
                known[row[-1]] = _encode(struct)
        return b"[" + b",".join([known[number] for number in ids]) + b"]"

    def count(self, conn: Connection, looker: Looker, query: Any, **scope: Any) -> int:
        """How many rows the query finds, on all pages."""
        values = self._values(query, scope)
        prepared = self._prepare("count", conn, looker, (), values, ())
        return int(self._run(conn, prepared, self._params(looker, values))[0][0])

    def one(
        self,
        conn: Connection,
        looker: Looker,
        query: Any = None,
        *,
        without: Sequence[str] = (),
        **scope: Any,
    ) -> bytes:
        """The one thing that the scope names (`uuid=…`). Raises NotFound when it is not visible."""
        values = self._values(None, scope)
        fields = self._fields(_given(query, "field", None), without)
        prepared = self._prepare("one", conn, looker, fields, values, ())
        rows = self._run(conn, prepared, self._params(looker, values))
        if not rows:
            raise NotFound
        return _encode(self._structs(prepared, rows)[0])

    # -- compiling ---------------------------------------------------------------------------

    def _fields(self, asked: list[str] | None, without: Sequence[str]) -> tuple[str, ...]:
        if not asked and not without:
            return tuple(self.columns)
        wanted = set(asked or self.columns) - set(without)
        return tuple(name for name in self.columns if name in wanted)

    def _ordering(self, asked: list[str] | None) -> tuple[tuple[str, bool], ...]:
        names: Iterable[str] = (n for item in asked or () for n in item.split(","))
        known = [n for n in names if n.lstrip("-") in self.order] or self.default_order
        return tuple((n.lstrip("-"), n.startswith("-")) for n in known)

    def _values(self, query: Any, scope: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Filter name → bound values, leaving out what was not asked."""
        found: dict[str, list[Any]] = {}
        for name, rule in self.filters.items():
            value = scope[name] if name in scope else _given(query, name, None)
            if value is not None:
                many = value if isinstance(value, list) else [value]
                if rule.spellings is not None:
                    many = [spelled for one in many for spelled in rule.spellings(one)]
                if many:
                    found[name] = [rule.value(v) for v in many]
                    if any(isinstance(v, (int, float)) and not abs(v) <= LARGEST for v in found[name]):
                        raise invalid(name, "A valid integer is required.", code="too_large")
        return found

    @staticmethod
    def _params(looker: Looker, values: Mapping[str, list[Any]]) -> dict[str, Any]:
        params = {"base": looker.base, **looker.params}
        for name, many in values.items():
            for i, value in enumerate(many):
                params[f"f_{name}_{i}"] = value
        return params

    def _prepare(
        self,
        mode: str,
        conn: Connection,
        looker: Looker,
        fields: tuple[str, ...],
        values: Mapping[str, list[Any]],
        order: tuple[tuple[str, bool], ...],
    ) -> _Prepared:
        shape = tuple((name, len(many)) for name, many in values.items())
        key = (mode, conn.dialect.name, looker.kind, fields, shape, order)
        prepared = self._cache.get(key)
        if prepared is None:
            statement = self._statement(mode, looker.kind, fields, shape, order)
            prepared = self._cache[key] = self._compile(
                statement, conn, None if mode in ("count", "ids") else fields
            )
        return prepared

    def _statement(
        self,
        mode: str,
        kind: str,
        fields: tuple[str, ...],
        shape: tuple[tuple[str, int], ...],
        order: tuple[tuple[str, bool], ...],
    ) -> Select[Any]:
        conditions = [] if self.where is None else [self.where]
        scope = self.visible(kind)
        if scope is not None:
            conditions.append(scope)
        for name, n in shape:
            conditions.append(self.filters[name].clause([f"f_{name}_{i}" for i in range(n)]))
        if mode == "count":
            return select(func.count()).select_from(needed(self.source, conditions)).where(*conditions)
        sorting = [self.order[n].desc() if down else self.order[n].asc() for n, down in order]
        sorting.append(self._id.desc() if order and order[0][1] else self._id.asc())
        shown_columns = [shown(self.columns[name].expr).label(name) for name in fields]
        # An unknown `field` is ignored: a row is still a row.
        wanted = select(*(shown_columns or [literal_column("1").label("nothing_")])).select_from(self.source)
        if mode == "one":
            return wanted.where(*conditions).limit(1)
        if mode == "rows":
            asked = func.json_each(bindparam("ids_", None, type_=String())).table_valued("value")
            return wanted.add_columns(self._id.label("id_")).where(self._id.in_(select(asked.c.value)))
        limit, offset = (
            bindparam("limit_", None, type_=self._id.type),
            bindparam("offset_", None, type_=self._id.type),
        )
        # Late row lookup: rows that are skipped or sorted away must not build their documents.
        found = needed(self.source, [self._id, *conditions, *sorting])
        ids = select(self._id).select_from(found).where(*conditions).order_by(*sorting)
        ids = ids.limit(limit).offset(offset)
        again = conditions if self.many else []
        return ids if mode == "ids" else wanted.where(self._id.in_(ids), *again).order_by(*sorting)

    def _compile(self, statement: Select[Any], conn: Connection, fields: tuple[str, ...] | None) -> _Prepared:
        compiled: Any = statement.compile(dialect=conn.dialect, compile_kwargs={"render_postcompile": True})
        names = list(compiled.positiontup or ())
        fixed = dict(compiled.params)
        struct, finish = None, []
        if fields is not None:
            struct = msgspec.defstruct("Row", [(name, Any) for name in fields])
            for i, name in enumerate(fields):
                step = _finish(self.columns[name], conn.dialect.name)
                if step is not None:
                    finish.append((i, step))
        return _Prepared(
            compiled.string, fields or (), names, compiled._bind_processors, struct, finish, fixed
        )

    @staticmethod
    def _run(conn: Connection, prepared: _Prepared, params: Mapping[str, Any]) -> Sequence[Any]:
        bound = []
        for name in prepared.names:
            value = params[name] if name in params else prepared.fixed[name]
            process = prepared.processors.get(name)
            bound.append(process(value) if process else value)
        if not conn.in_transaction():
            conn.begin()
        return execute_raw(conn, prepared.sql, tuple(bound)).rows

    @staticmethod
    def _structs(prepared: _Prepared, rows: Sequence[Any]) -> list[Any]:
        struct, finish = prepared.struct, prepared.finish
        assert struct is not None
        if not prepared.fields:
            return [struct() for _ in rows]
        made = []
        for row in rows:
            cells = list(row)
            for i, step in finish:
                cells[i] = step(cells[i])
            made.append(struct(*cells))
        return made


def _given(query: Any, name: str, default: Any) -> Any:
    value = getattr(query, name, UNSET)
    return default if value is UNSET or value is None else value


def _raw(value: Any) -> Any:
    return None if value is None else msgspec.Raw(value.encode())


def _raw_number(value: Any) -> Any:
    return None if value is None else msgspec.Raw(str(value).encode())


def _bool(value: Any) -> Any:
    return None if value is None else bool(value)


def _or_unset(value: Any) -> Any:
    return UNSET if value is None else value


def _finish(shape: Shape, dialect: str) -> Callable[[Any], Any] | None:
    """What remains to be done with a cell once it is here; None for most."""
    step: Callable[[Any], Any] | None = shape.show
    if shape.as_number:
        step = _raw_number
    elif step is None and isinstance(shape.expr.type, Json):
        step = _raw
    elif step is None and isinstance(shape.expr.type, Boolean) and dialect == "sqlite":
        step = _bool
    if not shape.omit_null:
        return step
    inner = step
    return _or_unset if inner is None else lambda value: UNSET if value is None else inner(value)
