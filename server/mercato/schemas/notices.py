"""What people are told: short messages that wait for them until they have read them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import Endpoint, ListQuery, Nothing


class Notice(Struct, kw_only=True):
    """`kind` is stable (`order_canceled`); `object_type` and `object_uuid` say what it is about."""

    url: str
    uuid: UUID
    created: datetime
    kind: str
    text: str
    object_type: str
    object_uuid: str
    read_at: datetime | None = None


class NoticeQuery(ListQuery, kw_only=True):
    is_read: bool | UnsetType = UNSET
    kind: list[str] | UnsetType = UNSET


class NoticesRead(Struct, kw_only=True):
    """How many were read with that."""

    count: int


_N = "/api/notices/"
NOTICES = Endpoint("GET", _N, NoticeQuery, list[Notice], 200, "List what I was told", own=True)
READ = Endpoint("POST", _N + "{uuid}/read/", Nothing, NoticesRead, 200, "Note that I read it", own=True)
READ_ALL = Endpoint(
    "POST", _N + "read_all/", Nothing, NoticesRead, 200, "Note that I read them all", own=True
)
