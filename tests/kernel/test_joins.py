"""A question joins what it speaks of."""

from __future__ import annotations

import pytest
from sqlalchemy import Column as C
from sqlalchemy import ForeignKey, Integer, MetaData, Table, func, select

from mercato.kernel.joins import needed

pytestmark = pytest.mark.pure

meta = MetaData()
towns = Table("towns", meta, C("id", Integer, primary_key=True), C("name", Integer))
people = Table("people", meta, C("id", Integer, primary_key=True), C("town_id", ForeignKey("towns.id")))
books = Table(
    "books",
    meta,
    C("id", Integer, primary_key=True),
    C("author_id", ForeignKey("people.id"), nullable=False),
    C("owner_id", ForeignKey("people.id"), nullable=True),
    C("name", Integer),
)
owners = people.alias("owners")
SOURCE = (
    books.join(people, people.c.id == books.c.author_id)
    .outerjoin(owners, owners.c.id == books.c.owner_id)
    .outerjoin(towns, towns.c.id == people.c.town_id)
)


def names(source: object) -> str:
    return " ".join(str(source).split())


def test_nothing_but_the_table_when_nothing_else_is_spoken_of() -> None:
    assert needed(SOURCE, [books.c.name == 1]) is books


def test_what_is_spoken_of_stays_with_what_it_hangs_on() -> None:
    found = names(needed(SOURCE, [towns.c.name == 1]))
    assert found == (
        "books JOIN people ON people.id = books.author_id LEFT OUTER JOIN towns ON towns.id = people.town_id"
    )


def test_an_alias_is_a_table_of_its_own() -> None:
    found = names(needed(SOURCE, [owners.c.id == 1]))
    assert found == "books LEFT OUTER JOIN people AS owners ON owners.id = books.owner_id"


def test_what_a_subquery_speaks_of_stays() -> None:
    asked = books.c.id.in_(select(func.max(books.c.id)).where(books.c.id == people.c.id).correlate(people))
    assert names(needed(SOURCE, [asked])) == "books JOIN people ON people.id = books.author_id"


def test_a_join_that_hides_or_repeats_rows_stays() -> None:
    hides = books.join(people, people.c.id == books.c.owner_id)
    repeats = people.outerjoin(books, books.c.author_id == people.c.id)
    narrows = books.outerjoin(people, (people.c.id == books.c.author_id) & (people.c.town_id == 1))
    assert [needed(s, []) is s for s in (hides, repeats, narrows)] == [True, True, True]
