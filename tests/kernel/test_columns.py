"""Columns mean the same on both databases: moments, exact numbers, documents; and nothing too large gets in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, String, Table, insert, select, update
from sqlalchemy.exc import StatementError

from mercato.kernel import columns as c
from mercato.kernel.db import Database, Tx
from mercato.kernel.errors import Invalid

things = Table(
    "things",
    MetaData(),
    c.pk(),
    c.text("name", length=5, default=""),
    c.text("words", default=""),
    c.number("count", nullable=True),
    c.exact("amount", nullable=True),
    c.json("document", nullable=True),
    c.moment("at"),
    c.day("day"),
    c.flag("yes"),
)


@pytest.fixture
async def store(either_db: Database) -> Database:
    await either_db.write(lambda tx: things.create(tx.conn))
    return either_db


async def kept(store: Database, **values: Any) -> Any:
    def write(tx: Tx) -> None:
        tx.conn.execute(insert(things), values)

    def read(conn: Connection) -> Any:
        return conn.execute(select(things).order_by(things.c.id.desc())).first()

    await store.write(write)
    return await store.read(read)


@pytest.mark.db
@pytest.mark.parametrize(
    "text",
    ["0", "0.1", "-12.34", "999999999999.9999999999", "0.0000000001", "1E+3", "100.00"],
)
async def test_numbers_stay_exact(store: Database, text: str) -> None:
    row = await kept(store, amount=Decimal(text))
    assert row.amount == Decimal(text)
    spelled = await store.read(lambda conn: conn.execute(select(things.c.amount.cast(String()))).scalar())
    assert spelled == format(Decimal(text).normalize(), "f")


@pytest.mark.db
@pytest.mark.parametrize(
    "document", [{"a": [1, None, "ü\n"], "b": {}}, [], "text", 5, True, {"price": Decimal("1.50")}]
)
async def test_documents_come_back(store: Database, document: Any) -> None:
    row = await kept(store, document=document)
    assert row.document == (
        {"price": "1.50"} if isinstance(document, dict) and "price" in document else document
    )
    assert (await kept(store, document=None)).document is None


@pytest.mark.db
async def test_moments_are_utc_to_the_microsecond_and_sort_as_time(store: Database) -> None:
    east = timezone(timedelta(hours=5, minutes=45))
    moment = datetime(2026, 5, 10, 3, 4, 5, 678901, tzinfo=east)
    row = await kept(store, at=moment)
    assert row.at == moment
    assert row.at.utcoffset() == timedelta(0)
    await kept(store, at=datetime(2026, 5, 9, 23, 0, tzinfo=UTC))
    await kept(store, at=datetime(1999, 12, 31, 23, 59, 59, 1, tzinfo=UTC))

    def sorted_years(conn: Connection) -> list[int]:
        return [row[0].year for row in conn.execute(select(things.c.at).order_by(things.c.at))]

    assert await store.read(sorted_years) == [1999, 2026, 2026]


@pytest.mark.db
async def test_a_moment_needs_a_zone(store: Database) -> None:
    with pytest.raises(StatementError, match="time zone"):
        await kept(store, at=datetime(2026, 5, 10))


@pytest.mark.db
async def test_days_and_flags(store: Database) -> None:
    row = await kept(store, day=date(2026, 2, 28), yes=True)
    assert (row.day, row.yes) == (date(2026, 2, 28), True)


@pytest.mark.db
@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": "sixsix"}, "too_long"),
        ({"name": "a\0b"}, "null_character"),
        ({"words": "a\0b"}, "null_character"),
        ({"count": 2**63}, "too_large"),
        ({"count": -(2**63)}, "too_large"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name(
    store: Database, values: dict[str, Any], code: str
) -> None:
    [name] = values
    with pytest.raises(Invalid) as caught:
        await kept(store, **values)
    assert (list(caught.value.fields), caught.value.code) == ([name], code)

    def change(tx: Tx) -> None:
        tx.conn.execute(update(things), values)

    with pytest.raises(Invalid):
        await store.write(change)

    def many(tx: Tx) -> None:
        tx.conn.execute(insert(things), [{name: None if name == "count" else ""}, values])

    with pytest.raises(Invalid):
        await store.write(many)


@pytest.mark.db
async def test_what_just_fits_is_kept(store: Database) -> None:
    row = await kept(store, name="fivés", words="x" * 100_000, count=2**63 - 1)
    assert (row.name, len(row.words), row.count) == ("fivés", 100_000, 2**63 - 1)


@pytest.mark.pure
def test_the_one_spelling_of_a_moment() -> None:
    moment = datetime(2026, 11, 20, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    assert c.wire_moment(moment) == "2026-11-20T12:00:00.000000Z"


@pytest.mark.pure
@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("12.50", "12.5"),
        ("100", "100"),
        ("0.0", "0"),
        ("-0", "0"),
        ("1E+3", "1000"),
        ("1E-10", "0.0000000001"),
    ],
)
def test_plain_numbers(value: str, text: str) -> None:
    assert c.plain(Decimal(value)) == text
