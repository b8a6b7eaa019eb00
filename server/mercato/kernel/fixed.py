"""Statements that never change: compiled once, then straight to the driver.

`fixed(select(…))` is executed like any statement (`conn.execute(FOUND, {"uuid": …})`). What SQLAlchemy does
on each execution (cache key, context, result metadata) costs several times what SQLite needs for the row
itself: about 60 µs of 70. For module constants only; statements built on the spot are SQLAlchemy's.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import Connection, Insert, Table, Update
from sqlalchemy.sql.base import Executable

from mercato.kernel.fits import check, limits_of

S = TypeVar("S", bound=Executable)
_ROWS: dict[tuple[str, ...], type[Any]] = {}


def fixed(statement: S) -> S:
    """The statement, made to be executed often; its type says what SQLAlchemy would give."""
    return cast("S", _Fixed(statement))


class Rows(list[Any]):
    """What a fixed statement found: rows with attributes, and the few methods that services ask results for."""

    __slots__ = ("rowcount",)

    def __init__(self, rows: Sequence[Any], rowcount: int) -> None:
        super().__init__(rows)
        self.rowcount = rowcount

    def first(self) -> Any:
        return self[0] if self else None

    def one(self) -> Any:
        """The only row; ValueError when there is none or more."""
        [row] = self
        return row

    def all(self) -> Rows:
        return self

    def fetchall(self) -> Rows:
        return self

    def scalar(self) -> Any:
        return self[0][0] if self else None

    def scalar_one(self) -> Any:
        return self.one()[0]

    def scalars(self) -> Iterator[Any]:
        return (row[0] for row in self)

    def mappings(self) -> Iterator[Mapping[str, Any]]:
        return (row._mapping for row in self)


class _Shape(NamedTuple):
    """What becomes of a row: its type, and the columns that Python finishes."""

    make: Callable[[Any], Any]
    finish: list[tuple[int, Callable[[Any], Any]]]


class _Compiled:
    """A statement for one dialect and one set of parameters; its rows' shape is known once it has answered."""

    __slots__ = ("binds", "columns", "given", "limits", "shape", "sql")

    def __init__(self, compiled: Any, given: dict[str, Any], limits: list[tuple[str, int]]) -> None:
        processors = compiled._bind_processors
        self.sql: str = compiled.string
        self.binds = [(name, processors.get(name)) for name in compiled.positiontup or ()]
        self.given = given
        self.limits = limits
        self.columns = compiled._result_columns
        self.shape: _Shape | None = None

    def see(self, conn: Connection, description: Sequence[Any]) -> _Shape:
        # Hand-written SQL names its columns only when it answers; drivers tell types only then.
        names = [c.keyname for c in self.columns] or [told[0] for told in description]
        finish = []
        for i, (column, told) in enumerate(zip(self.columns, description, strict=False)):
            step = column.type._cached_result_processor(conn.dialect, told[1])
            if step is not None:
                finish.append((i, step))
        self.shape = _Shape(_row_type(tuple(names))._make, finish)
        return self.shape


class _Fixed(Executable):
    """Stands in for its statement when it is executed; `_execute_on_connection` is how SQLAlchemy asks it."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._compiled: dict[Any, _Compiled] = {}

    def __getattr__(self, name: str) -> Any:
        # What is built upon a fixed statement (`.where(…)`) is an ordinary one again.
        return getattr(self.statement, name)

    def _execute_on_connection(self, conn: Connection, params: Any, options: Any) -> Any:
        engine = conn.engine
        if engine._has_events and engine.dispatch.before_cursor_execute:
            return self.statement._execute_on_connection(conn, params, options)
        if not conn.in_transaction():
            conn.begin()
        every: Sequence[Mapping[str, Any]] = params or ({},)
        for values in every[:-1]:
            self._run(conn, values)
        return self._run(conn, every[-1])

    def _run(self, conn: Connection, values: Mapping[str, Any]) -> Rows:
        key = (conn.dialect.name, *values)
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = _compile(self.statement, conn, list(values))
        for name, limit in compiled.limits:
            check(name, values[name], limit)
        given = compiled.given
        bound = []
        for name, process in compiled.binds:
            value = values[name] if name in values else given[name]
            bound.append(value if process is None else process(value))
        return _fetch(conn, compiled, tuple(bound))


class Found(NamedTuple):
    """What the driver says: the columns (None for a statement without rows), the rows, how many it touched."""

    description: Sequence[Any] | None
    rows: Sequence[Any]
    touched: int


def execute_raw(conn: Connection, sql: str, bound: tuple[Any, ...]) -> Found:
    """Ask the driver; its errors become SQLAlchemy's."""
    raw: Any = conn.connection
    if conn.dialect.name == "sqlite":
        raw = (
            raw.dbapi_connection
        )  # the driver itself: the pool's own cursors are dearer than some statements
    cursor = raw.cursor()
    try:
        cursor.execute(sql, bound)
        if cursor.description is None:
            return Found(None, (), cursor.rowcount)
        return Found(cursor.description, cursor.fetchall(), cursor.rowcount)
    except conn.dialect.loaded_dbapi.Error as error:
        conn._handle_dbapi_exception(error, sql, bound, None, None)
        raise
    finally:
        cursor.close()


def _fetch(conn: Connection, compiled: _Compiled, bound: tuple[Any, ...]) -> Rows:
    description, rows, count = execute_raw(conn, compiled.sql, bound)
    if description is None:
        return Rows((), count)
    make, finish = compiled.shape or compiled.see(conn, description)
    if not finish:
        return Rows([make(row) for row in rows], count)
    made = []
    for row in rows:
        cells = list(row)
        for i, step in finish:
            cells[i] = step(cells[i])
        made.append(make(cells))
    return Rows(made, count)


def _compile(statement: Any, conn: Connection, names: list[str]) -> _Compiled:
    changes = isinstance(statement, (Insert, Update))
    if isinstance(statement, Insert) and not statement._returning:
        statement = statement.inline()  # nobody asks for the new id
    compiled: Any = statement.compile(
        dialect=conn.dialect,
        column_keys=names if changes else None,
        compile_kwargs={"render_postcompile": True},
    )
    given = dict(compiled.params)
    for column in compiled.insert_prefetch if changes else ():
        if not column.default.is_scalar:
            raise TypeError(f"{column} has a default that only SQLAlchemy can make")
        given[column.key] = column.default.arg
    limits = limits_of(statement.table) if changes and isinstance(statement.table, Table) else {}
    return _Compiled(compiled, given, [(name, limits[name]) for name in names if name in limits])


def _row_type(names: tuple[str, ...]) -> type[Any]:
    found = _ROWS.get(names)
    if found is None:
        make: Any = namedtuple
        base = make("Row", names, rename=True)
        found = _ROWS[names] = type("Row", (base,), {"__slots__": (), "_mapping": property(base._asdict)})
    return found
