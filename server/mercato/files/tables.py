"""Files by their content: what was handed in twice is kept once."""

from __future__ import annotations

from sqlalchemy import LargeBinary, Table
from sqlalchemy.schema import Column

from mercato.kernel import columns as c

blobs = Table(
    "blobs",
    c.metadata,
    c.pk(),
    c.text("sha256", length=64, unique=True),
    Column("data", LargeBinary(), nullable=False),
)

# Who sees a file is decided by the thing it belongs to, which refers to it.
files = Table(
    "files",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.ref("blob_id", "blobs.id"),
    c.ref("created_by_id", "users.id", nullable=True, index=False),
    c.text("name", length=255),
    c.text("media_type", length=100),
    c.number("size"),
)
