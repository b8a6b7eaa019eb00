"""Acts for those who can see what they act on: everything else does not exist for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from mercato.catalog import listings
from mercato.kernel.acts import on_visible
from mercato.kernel.db import Tx
from mercato.kernel.errors import invalid
from mercato.kernel.http import Call, Door, Route, listed
from mercato.kernel.ids import uuid_of_link
from mercato.kernel.incoming import Incoming, Reply
from mercato.kernel.listing import Listing
from mercato.kernel.wirebody import SHORT
from mercato.schemas import Endpoint

# What the pages of the catalogue are made of, and the filters that ask for more than that, or for the person.
ROOMS = ("catalog", "tenants", "orders")
_OF_MORE = frozenset(
    {"user_has_offering_user", "service_manager_uuid", "resource_customer_uuid", "resource_project_uuid"}
)


def browsed(endpoint: Endpoint[Any, Any], listing: Listing, *, needs: Any) -> Route:
    """A list whose pages are kept until the catalogue changes, as far as they show the catalogue alone."""
    kept, fresh = listed(endpoint, listing, needs=needs, rooms=ROOMS), listed(endpoint, listing, needs=needs)

    def mount(door: Door, route: Route) -> Callable[..., Any]:
        from_kept, anew = kept.mount(door, route), fresh.mount(door, route)

        async def handler(request: Incoming) -> Reply:
            asked = request.scope["query_string"]
            if len(asked) > SHORT or _asks_for_more(asked):
                return await anew(request)  # type: ignore[no-any-return]
            return await from_kept(request)  # type: ignore[no-any-return]

        return handler

    return kept._replace(mount=mount)


@lru_cache(1024)
def _asks_for_more(query: bytes) -> bool:
    return not _OF_MORE.isdisjoint(name for name, _ in parse_qsl(query.decode("latin-1")))


def on_mine(act: Callable[..., Any]) -> Callable[..., Any]:
    """The same for the offerings that one provides."""
    return on_visible(listings.PROVIDED, act)


def must_see(tx: Tx, call: Call, listing: Listing, field: str, link: str, message: str) -> None:
    """What is made inside a thing that the caller cannot see is refused as if that thing did not exist."""
    uuid = uuid_of_link(link)
    if uuid is None or not listing.count(tx.conn, call.looker, None, uuid=uuid):
        raise invalid(field, message, code=f"unknown_{field}")
