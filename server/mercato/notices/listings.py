"""Notices as their reader sees them; nobody sees another's, not even staff."""

from __future__ import annotations

from mercato.access import queries as access
from mercato.kernel.filters import equals, whether
from mercato.kernel.listing import Listing
from mercato.kernel.wiresql import link
from mercato.notices.tables import notices
from mercato.schemas.notices import Notice

NOTICES = Listing(
    Notice,
    table=notices,
    source=notices,
    visible=lambda _kind: notices.c.user_id == access.ME,
    columns={
        "url": link("/api/notices/{}/", notices.c.uuid),
        **{
            name: notices.c[name]
            for name in ("uuid", "created", "kind", "text", "object_type", "object_uuid", "read_at")
        },
    },
    filters={
        "uuid": equals(notices.c.uuid),
        "is_read": whether(notices.c.read_at.is_not(None)),
        "kind": equals(notices.c.kind),
    },
    order={"created": notices.c.created},
    default_order=("-created",),
)
