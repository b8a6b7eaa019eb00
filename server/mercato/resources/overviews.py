"""What there is of resources, over HTTP: by category, by offering, by the states that backends give them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, String, exists, func, literal, select

from mercato.access.rules import SIGNED_IN
from mercato.catalog.tables import categories, offerings
from mercato.catalog.taxonomy_listings import CATEGORIES
from mercato.kernel.errors import NotFound
from mercato.kernel.filters import contains, equals
from mercato.kernel.grouping import GroupedListing
from mercato.kernel.http import Call, Route, listed, reading
from mercato.kernel.listing import MAX_PAGE_SIZE, Listing, converted
from mercato.kernel.wiresql import json_text
from mercato.resources.listings import PROVIDED_RESOURCES, RESOURCES, consumed
from mercato.resources.tables import resources
from mercato.schemas import ListQuery
from mercato.schemas import overviews as api
from mercato.schemas.resources import ResourceState
from mercato.tenants.tables import customers, projects

_living = resources.c.state != ResourceState.TERMINATED.value
_placed = (
    resources.join(offerings, offerings.c.id == resources.c.offering_id)
    .join(categories, categories.c.id == offerings.c.category_id)
    .join(projects, projects.c.id == resources.c.project_id)
    .join(customers, customers.c.id == projects.c.customer_id)
)
_state = json_text(resources.c.backend_metadata, literal("runtime_state", String(), literal_execute=True))

COUNTS = GroupedListing(
    api.CategoryCount,
    table=resources,
    source=_placed,
    by=(categories.c.id,),
    visible=consumed,
    where=_living,
    columns={"category": categories.c.uuid, "count": func.count()},
    filters={"customer_uuid": equals(customers.c.uuid), "project_uuid": equals(projects.c.uuid)},
)

RUNTIME_STATES = GroupedListing(
    api.RuntimeState,
    table=resources,
    source=_placed,
    by=(_state,),
    visible=consumed,
    where=_living & (func.coalesce(_state, "") != ""),
    columns={
        "value": _state,
        "label": converted(_state, lambda name: str(name).replace("_", " ").capitalize()),
    },
    filters={
        "category_uuid": equals(categories.c.uuid),
        "offering_uuid": equals(offerings.c.uuid),
        "project_uuid": equals(projects.c.uuid),
    },
)


def _with_mine(kind: str) -> ColumnElement[bool] | None:
    """Offerings that living resources of mine are of."""
    mine = (
        select(resources.c.id)
        .select_from(resources.join(projects, projects.c.id == resources.c.project_id))
        .where(_living, resources.c.offering_id == offerings.c.id)
    )
    seen = consumed(kind)
    return exists((mine if seen is None else mine.where(seen)).correlate(offerings))


OFFERINGS = Listing(
    api.OfferingName,
    table=offerings,
    source=offerings.join(categories, categories.c.id == offerings.c.category_id),
    visible=_with_mine,
    columns={"name": offerings.c.name, "uuid": offerings.c.uuid},
    filters={
        "category": equals(categories.c.uuid),
        "name": contains(offerings.c.name),
        "name_exact": equals(offerings.c.name),
    },
    order={"name": offerings.c.name},
    default_order=("name",),
)


def _subresources(within: Listing) -> Callable[..., Any]:
    """Elsewhere a resource (a cloud) can itself be what further offerings (its machines) are made in; here none is."""

    def read(conn: Connection, call: Call, uuid: str, _query: ListQuery) -> list[api.Subresource]:
        if not within.count(conn, call.looker, None, uuid=uuid):
            raise NotFound
        return []

    return read


def _global_categories(conn: Connection, call: Call, query: api.PlaceQuery) -> dict[str, int]:
    place: dict[str, Any] = {
        name: value.hex
        for name in ("customer_uuid", "project_uuid")
        if (value := getattr(query, name)) is not msgspec.UNSET
    }
    found: dict[str, int] = {}
    number = 1
    while True:
        asked = ListQuery(page=number, page_size=MAX_PAGE_SIZE)
        page = COUNTS.page(conn, call.looker, asked, **place)
        found |= {row["category"]: row["count"] for row in msgspec.json.decode(page.body)}
        if number * MAX_PAGE_SIZE >= page.total:
            return found
        number += 1


ROUTES: list[Route] = [
    reading(api.GLOBAL_CATEGORIES, _global_categories, needs=SIGNED_IN),
    listed(api.RUNTIME_STATES, RUNTIME_STATES, needs=SIGNED_IN),
    listed(api.RESOURCE_OFFERINGS, OFFERINGS, needs=SIGNED_IN, scope="category", within=CATEGORIES),
    *(
        reading(endpoint, _subresources(listing), needs=SIGNED_IN)
        for endpoint, listing in zip(api.SUBRESOURCES, (RESOURCES, PROVIDED_RESOURCES), strict=True)
    ),
]
