"""Keeping and forgetting files, for the rooms whose things they belong to."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_postgres
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from mercato.files import rules
from mercato.files.tables import blobs, files
from mercato.kernel.db import Tx
from mercato.kernel.errors import invalid
from mercato.kernel.ids import new_uuid
from mercato.schemas.files import Upload


def store(tx: Tx, upload: Upload, *, field: str, image: bool = False) -> int:
    """Keep a file of at most 10 MB; its id, which the thing it belongs to refers to. 400 names `field`."""
    if not upload.data:
        raise invalid(field, "The submitted file is empty.", code="empty_file")
    if len(upload.data) > rules.LARGEST:
        raise invalid(field, "The file is larger than 10 MB.", code="too_large")
    kind = rules.media_type(upload.data)
    if image and not rules.is_image(kind):
        raise invalid(field, "Upload a valid image: PNG, JPEG, GIF, WebP or SVG.", code="no_image")
    row = {
        "uuid": new_uuid(),
        "created": tx.now,
        "blob_id": _blob(tx, upload.data),
        "created_by_id": tx.who,
        "name": rules.safe_name(upload.name),
        "media_type": kind,
        "size": len(upload.data),
    }
    return int(tx.conn.execute(insert(files).returning(files.c.id), row).scalar_one())


def _blob(tx: Tx, data: bytes) -> int:
    digest = hashlib.sha256(data).hexdigest()
    there = select(blobs.c.id).where(blobs.c.sha256 == digest)
    number = tx.conn.execute(there).scalar()
    if number is None:
        make: Any = insert_postgres if tx.conn.dialect.name == "postgresql" else insert_sqlite
        made = make(blobs).values(sha256=digest, data=data).on_conflict_do_nothing(index_elements=["sha256"])
        tx.conn.execute(made)
        number = tx.conn.execute(there).scalar_one()
    return int(number)


def forget(tx: Tx, file_id: int) -> None:
    """Remove a file that nothing refers to any more, and its content if nobody else handed in the same."""
    row = tx.conn.execute(select(files.c.blob_id).where(files.c.id == file_id)).first()
    if row is None:
        return
    tx.conn.execute(delete(files).where(files.c.id == file_id))
    shared = select(files.c.id).where(files.c.blob_id == row.blob_id)
    if tx.conn.execute(shared.limit(1)).first() is None:
        tx.conn.execute(delete(blobs).where(blobs.c.id == row.blob_id))
