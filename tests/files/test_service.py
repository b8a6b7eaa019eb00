"""Files are kept once by their content, and go when nothing refers to them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from mercato.files import queries, service
from mercato.files.tables import blobs, files
from mercato.kernel.db import Database, Tx
from mercato.kernel.errors import Invalid, NotFound
from mercato.schemas.files import Upload

pytestmark = pytest.mark.db


async def kept(db: Database, name: str, data: bytes, **kw: Any) -> int:
    return await db.write(lambda tx: service.store(tx, Upload(name=name, data=data), field="f", **kw))


async def numbers(db: Database) -> tuple[int, int]:
    def count(conn: Any) -> tuple[int, int]:
        counts = [conn.execute(select(func.count()).select_from(t)).scalar_one() for t in (files, blobs)]
        return counts[0], counts[1]

    return await db.read(count)


async def test_the_same_twice_is_kept_once(either_db: Database) -> None:
    db = either_db
    data = bytes(range(256)) * 1000
    first, second = await kept(db, "a.bin", data), await kept(db, "b.bin", data)
    assert await numbers(db) == (2, 1)
    found = await db.read(queries.download, second)
    assert (found.name, found.data, found.media_type) == ("b.bin", data, "application/octet-stream")
    await db.write(service.forget, first)
    assert await numbers(db) == (1, 1)
    await db.write(service.forget, second)
    assert await numbers(db) == (0, 0)
    await db.write(service.forget, second)
    with pytest.raises(NotFound):
        await db.read(queries.download, second)
    with pytest.raises(NotFound):
        await db.read(queries.download, None)


@pytest.mark.parametrize(
    ("data", "image", "text"),
    [
        (b"", False, "empty"),
        (b"x" * (10 * 1024 * 1024 + 1), False, "larger"),
        (b"%PDF-1.7", True, "image"),
    ],
)
async def test_what_is_not_kept(db: Database, data: bytes, image: bool, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        await kept(db, "x", data, image=image)
    assert list(refused.value.fields) == ["f"]
    assert text in str(refused.value.fields)
    assert await numbers(db) == (0, 0)


async def test_the_largest(db: Database) -> None:
    number = await kept(db, "x", b"x" * (10 * 1024 * 1024))
    assert len((await db.read(queries.download, number)).data) == 10 * 1024 * 1024


async def test_nothing_stays_of_what_came_to_nothing(db: Database) -> None:
    def fails(tx: Tx) -> None:
        service.store(tx, Upload(name="x", data=b"y"), field="f")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.write(fails)
    assert await numbers(db) == (0, 0)
