"""Files for those who may see what they belong to."""

from __future__ import annotations

from sqlalchemy import Connection, select

from mercato.files.tables import blobs, files
from mercato.kernel.errors import NotFound
from mercato.schemas.files import Download


def download(conn: Connection, file_id: int | None) -> Download:
    """The file with its content. Raises NotFound where there is none."""
    found = (
        select(files.c.name, files.c.media_type, blobs.c.sha256, blobs.c.data)
        .join(blobs, blobs.c.id == files.c.blob_id)
        .where(files.c.id == (file_id or 0))
    )
    row = conn.execute(found).first()
    if row is None:
        raise NotFound
    return Download(name=row.name, media_type=row.media_type, digest=row.sha256, data=bytes(row.data))
