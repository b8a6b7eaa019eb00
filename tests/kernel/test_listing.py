"""One declaration, one SELECT: what a list promises whatever it lists."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from msgspec import UNSET, Struct, UnsetType
from sqlalchemy import MetaData, Table, insert

from mercato.kernel import columns as c
from mercato.kernel.db import Database, Tx
from mercato.kernel.errors import NotFound
from mercato.kernel.filters import contains, equals, since, until, whether
from mercato.kernel.listing import Listing, Looker, converted, numeric, omit
from mercato.kernel.wiresql import children, link, minor_text
from mercato.schemas import ListQuery

pytestmark = pytest.mark.db

metadata = MetaData()
boxes = Table(
    "boxes",
    metadata,
    c.pk(),
    c.uuid(),
    c.text("name"),
    c.exact("price"),
    c.number("cents"),
    c.flag("open"),
    c.moment("at"),
    c.json("data"),
)
balls = Table(
    "balls",
    metadata,
    c.pk(),
    c.ref("box_id", "boxes.id"),
    c.text("colour"),
    c.flag("round"),
    c.exact("weight"),
)


class Ball(Struct):
    colour: str
    round: bool
    weight: str


class Box(Struct, kw_only=True):
    url: str
    uuid: str
    name: str
    price: str
    number: float
    cents: str
    doubled: int
    open: bool
    at: dt.datetime | UnsetType = UNSET
    data: dict[str, Any]
    balls: list[Ball]


class BoxQuery(ListQuery, kw_only=True):
    name: str | UnsetType = UNSET
    price: str | UnsetType = UNSET
    open: bool | UnsetType = UNSET
    empty: bool | UnsetType = UNSET
    since: dt.datetime | UnsetType = UNSET
    until: dt.datetime | UnsetType = UNSET


COLUMNS: dict[str, Any] = {
    "url": link("/boxes/{}/", boxes.c.uuid),
    "uuid": boxes.c.uuid,
    "name": boxes.c.name,
    "price": boxes.c.price,
    "number": numeric(boxes.c.price),
    "cents": minor_text(boxes.c.cents, boxes.c.id % 2 + 2),
    "doubled": converted(boxes.c.cents, lambda value: value * 2),
    "open": boxes.c.open,
    "at": omit(boxes.c.at),
    "data": boxes.c.data,
    "balls": children(
        {"colour": balls.c.colour, "round": balls.c.round, "weight": balls.c.weight},
        balls,
        where=balls.c.box_id == boxes.c.id,
        order=[balls.c.colour],
        of=boxes,
    ),
}


def listing(**change: Any) -> Listing:
    plain: dict[str, Any] = {
        "table": boxes,
        "source": boxes,
        "visible": lambda kind: boxes.c.open if kind == "own" else None,
        "columns": COLUMNS,
        "filters": {
            "uuid": equals(boxes.c.uuid),
            "name": contains(boxes.c.name),
            "open": equals(boxes.c.open),
            "empty": whether(boxes.c.cents == 0),
            "since": since(boxes.c.at),
            "until": until(boxes.c.at),
        },
        "order": {"name": boxes.c.name, "open": boxes.c.open},
        "default_order": ("name",),
    }
    return Listing(Box, **{**plain, **change})


EVERYTHING, OWN = Looker("everything", {}, "http://x"), Looker("own", {}, "http://x")
MAY = dt.datetime(2026, 5, 10, tzinfo=dt.UTC)
QUOTES = 'it\'s "here" \\ [bold]'


def fill(tx: Tx) -> None:
    metadata.create_all(tx.conn)
    for n, name in enumerate(("b", "a", QUOTES)):
        row = {
            "uuid": f"{n:032}",
            "name": name,
            "price": "1.50",
            "cents": 1234 * n - 5,
            "open": n != 1,
            "data": {"n": [n, None]},
        }
        tx.conn.execute(insert(boxes), {**row, "at": MAY if n == 0 else None})
    for colour, round_ in (("red", True), (QUOTES, False)):
        tx.conn.execute(insert(balls), {"box_id": 1, "colour": colour, "round": round_, "weight": "0.10"})


@pytest.fixture
async def filled(db: Database) -> Database:
    await db.write(fill)
    return db


async def page(db: Database, looker: Looker = EVERYTHING, **query: Any) -> list[Any]:
    found = await db.read(listing().page, looker, BoxQuery(**query))
    return list(json.loads(found.body))


async def names(db: Database, looker: Looker = EVERYTHING, **query: Any) -> list[str]:
    return [row["name"] for row in await page(db, looker, **query)]


async def test_a_row_as_the_wire_has_it(filled: Database) -> None:
    [row] = await page(filled, name="b", since=MAY)
    assert row == {
        "url": f"http://x/boxes/{0:032}/",
        "uuid": f"{0:032}",
        "name": "b",
        "price": "1.5",
        "number": 1.5,
        "cents": "-0.005",
        "doubled": -10,
        "open": True,
        "at": "2026-05-10T00:00:00.000000Z",
        "data": {"n": [0, None]},
        "balls": [
            {"colour": QUOTES, "round": False, "weight": "0.1"},
            {"colour": "red", "round": True, "weight": "0.1"},
        ],
    }
    [other] = await page(filled, name="it's")
    assert "at" not in other
    assert (other["name"], other["balls"], other["cents"]) == (QUOTES, [], "2.463")


async def test_only_what_may_be_seen_counts(filled: Database) -> None:
    assert await names(filled) == ["a", "b", QUOTES]
    assert await names(filled, OWN) == ["b", QUOTES]
    assert await filled.read(listing().count, OWN, None) == 2
    assert await filled.read(listing().count, OWN, None, uuid=f"{1:032}") == 0
    with pytest.raises(NotFound):
        await filled.read(listing().one, OWN, uuid=f"{1:032}")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"open": False}, ["a"]),
        ({"empty": True}, []),
        ({"empty": False}, ["a", "b", QUOTES]),
        ({"since": dt.datetime(2026, 5, 10)}, ["b"]),
        ({"since": dt.datetime(2026, 5, 10, 0, 0, 1)}, []),
        ({"until": dt.datetime(2026, 5, 10)}, ["b"]),
        ({"name": "'; DROP TABLE boxes; --"}, []),
        ({"name": QUOTES}, [QUOTES]),
        ({"o": ["-name"]}, [QUOTES, "b", "a"]),
        ({"o": ["open,-name"]}, ["a", QUOTES, "b"]),
        ({"o": ["name; DROP TABLE boxes"]}, ["a", "b", QUOTES]),
        ({"page_size": 2, "page": 2}, [QUOTES]),
        ({"page_size": 0}, ["a"]),
        ({"page_size": -5}, ["a"]),
    ],
)
async def test_questions(filled: Database, query: dict[str, Any], found: list[str]) -> None:
    assert await names(filled, **query) == found


async def test_what_a_caller_may_not_have_is_not_there_even_when_asked_for(filled: Database) -> None:
    body = await filled.read(
        listing().one, EVERYTHING, BoxQuery(field=["name", "data"]), without=("data",), uuid=f"{0:032}"
    )
    assert json.loads(body) == {"name": "b"}


async def test_totals_are_of_all_pages(filled: Database) -> None:
    for size, number, total in ((1, 1, 3), (2, 2, 3), (3, 1, 3), (10, 1, 3)):
        found = await filled.read(listing().page, EVERYTHING, BoxQuery(page_size=size, page=number))
        assert (found.total, found.page, found.page_size) == (total, number, size)
    for beyond in (2, 2**31, 2**63, 0, -1):
        with pytest.raises(NotFound, match="Invalid page"):
            await filled.read(listing().page, EVERYTHING, BoxQuery(page=beyond))


def test_columns_are_the_fields_of_the_answer() -> None:
    with pytest.raises(TypeError, match="price"):
        listing(columns={k: v for k, v in COLUMNS.items() if k != "price"})
