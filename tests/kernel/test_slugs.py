"""Slugs are nobody else's, however many people name something alike at the same time."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, text

from mercato.kernel.db import Database, Tx
from mercato.schemas.tenants import NewCustomer
from mercato.tenants import service as tenants
from mercato.tenants.tables import customers

pytestmark = pytest.mark.db


async def test_the_first_has_the_name_and_the_others_numbers(either_db: Database) -> None:
    found = [await either_db.write(_customer, "Thing") for _ in range(4)]
    assert found[0] == "thing"
    assert len(set(found)) == 4
    assert all(slug.startswith("thing-") and slug[6:].isdigit() for slug in found[1:])


async def test_what_looks_like_a_numbered_name_is_somebodys_too(either_db: Database) -> None:
    names = ["Thing 3", "Thing", "Thing", "Thing", "Thing", "Thing 3", "Thing 4", "Thing 5"]
    found = [await either_db.write(_customer, name) for name in names]
    assert len(set(found)) == len(names), found


async def test_many_at_once(postgres_db: Database) -> None:
    found = await asyncio.gather(*(postgres_db.write(_customer, "Thing") for _ in range(40)))
    assert len(set(found)) == 40


async def test_everybody_gets_through_to_one_row(postgres_db: Database) -> None:
    """Writers who all want the same row go one by one rather than fail."""

    def make(tx: Tx) -> None:
        tx.conn.execute(text("CREATE TABLE one_row (number INTEGER)"))
        tx.conn.execute(text("INSERT INTO one_row VALUES (0)"))

    def count(tx: Tx) -> None:
        number = tx.conn.execute(text("SELECT number FROM one_row")).scalar_one()
        tx.conn.execute(text("SELECT pg_sleep(0.003)"))
        tx.conn.execute(text("UPDATE one_row SET number = :n"), {"n": number + 1})

    await postgres_db.write(make)
    await asyncio.gather(*(postgres_db.write(count) for _ in range(150)))
    found = await postgres_db.read(lambda conn: conn.execute(text("SELECT number FROM one_row")).scalar_one())
    assert found == 150


def _customer(tx: Tx, name: str) -> str:
    made = tenants.create_customer(tx, NewCustomer(name=name))
    return str(tx.conn.execute(select(customers.c.slug).where(customers.c.uuid == made)).scalar_one())
