"""Column types that mean the same on SQLite and on PostgreSQL, and the naming of constraints.

- uuid: CHAR(32) hex on both. - moments: ISO text with microseconds and `Z` on SQLite (sorts as time),
  timestamptz on PostgreSQL; aware UTC in Python. - money: BIGINT minor units. - unit prices and
  quantities: `ExactDecimal`, TEXT on SQLite (its own NUMERIC is a float), NUMERIC on PostgreSQL;
  never compared, sorted or summed in SQL. - JSON: text on SQLite, json on PostgreSQL.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    String,
    Text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigId = BigInteger().with_variant(Integer, "sqlite")


def wire_moment(moment: datetime) -> str:
    """The one spelling of a moment, on the wire and in SQLite: `2026-11-20T12:00:00.000000Z`."""
    # Nearly every statement of a unit has the unit's own moment in it.
    before, spelled = _latest[0]
    if moment is before:
        return spelled
    # Three times as fast as strftime.
    spelled = moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"
    _latest[0] = (moment, spelled)
    return spelled


_latest: list[tuple[datetime | None, str]] = [(None, "")]


class Utc(TypeDecorator[datetime]):
    """An aware moment. A naive one is refused: its zone would be a guess."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs a time zone.")
        return value.astimezone(UTC) if dialect.name == "postgresql" else wire_moment(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        moment: datetime = value
        return moment.astimezone(UTC)


def plain(value: Decimal) -> str:
    """A decimal without exponent and without trailing zeros: `12.5`, `100`, `0`."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


class ExactDecimal(TypeDecorator[Decimal]):
    """An exact decimal number of at most 12 digits before and 10 after the point."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Numeric())
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        text = plain(Decimal(value))
        return Decimal(text) if dialect.name == "postgresql" else text

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Json(TypeDecorator[Any]):
    """Any JSON document. Listings pass its text through undecoded."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.JSON(none_as_null=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        if dialect.name == "postgresql":
            return msgspec.to_builtins(value, str_keys=True)
        return msgspec.json.encode(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return value  # decoded by the driver
        return msgspec.json.decode(value) if isinstance(value, str) else value


def pk() -> Column[int]:
    return Column("id", BigId, primary_key=True, autoincrement=True)


def uuid(name: str = "uuid") -> Column[str]:
    """The public identifier of a row."""
    return Column(name, String(32), nullable=False, unique=True)


def ref(name: str, target: str, *, nullable: bool = False, index: bool = True) -> Column[int]:
    """A reference to another table's `id`. Nothing cascades: business rows are never deleted in passing."""
    return Column(name, BigId, ForeignKey(target), nullable=nullable, index=index)


def text(name: str, *, length: int | None = None, nullable: bool = False, **kw: Any) -> Column[str]:
    return Column(name, String(length) if length else Text(), nullable=nullable, **kw)


def moment(name: str, *, nullable: bool = True, **kw: Any) -> Column[datetime]:
    return Column(name, Utc(), nullable=nullable, **kw)


def day(name: str, *, nullable: bool = True) -> Column[Any]:
    return Column(name, Date(), nullable=nullable)


def flag(name: str, *, default: bool = False) -> Column[bool]:
    return Column(name, Boolean(create_constraint=False), nullable=False, default=default)


def number(name: str, *, nullable: bool = False, **kw: Any) -> Column[int]:
    return Column(name, BigId, nullable=nullable, **kw)


def exact(name: str, *, nullable: bool = False) -> Column[Decimal]:
    return Column(name, ExactDecimal(), nullable=nullable)


def real(name: str) -> Column[float]:
    """A measured number, like a place on the globe; never money."""
    return Column(name, Double(), nullable=True)


def json(name: str, *, nullable: bool = False, **kw: Any) -> Column[Any]:
    return Column(name, Json(), nullable=nullable, **kw)
