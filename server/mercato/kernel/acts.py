"""Acts on what the caller can see: everything else does not exist for them (404)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mercato.kernel.db import Tx
from mercato.kernel.errors import NotFound
from mercato.kernel.http import Call
from mercato.kernel.listing import Listing


def on_visible(listing: Listing, act: Callable[..., Any]) -> Callable[..., Any]:
    """`act(tx, actor, uuid, *data)` as a route's function; 404 for what the listing does not show the caller."""

    def run(tx: Tx, call: Call, uuid: str, *data: Any) -> Any:
        if not listing.count(tx.conn, call.looker, None, uuid=uuid):
            raise NotFound
        return act(tx, call.actor, uuid, *data)

    return run
