"""How the catalogue is ordered, over HTTP: shown to whoever may browse, kept by staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Table, select

from mercato.access.rules import SIGNED_IN, STAFF
from mercato.catalog import taxonomy
from mercato.catalog import taxonomy_listings as listings
from mercato.catalog.seeing import browsed
from mercato.catalog.tables import categories, category_groups
from mercato.files import queries as files
from mercato.kernel.downloads import serving
from mercato.kernel.http import Call, Route, acting, detail, listed
from mercato.kernel.listing import Listing
from mercato.schemas import Endpoint
from mercato.schemas import taxonomy as api
from mercato.schemas.files import Download


def _by_staff(act: Callable[..., Any]) -> Callable[..., Any]:
    return lambda tx, _call, *args: act(tx, *args)


def _kept(
    endpoints: tuple[Endpoint[Any, Any], ...], listing: Listing, kept: taxonomy.Kept, needs: Any
) -> list[Route]:
    every, one, create, replace, change, remove = endpoints
    return [
        listed(every, listing, needs=needs),
        detail(one, listing, needs=needs),
        acting(create, _by_staff(kept.create), needs=STAFF, then=listing),
        acting(replace, _by_staff(kept.change), needs=STAFF, then=listing),
        acting(change, _by_staff(kept.change), needs=STAFF, then=listing),
        acting(remove, _by_staff(kept.remove), needs=STAFF),
    ]


def _icon(table: Table) -> Callable[..., Download]:
    def read(conn: Connection, _call: Call, uuid: str) -> Download:
        found = select(table.c.icon_id).where(table.c.uuid == uuid)
        return files.download(conn, conn.execute(found).scalar())

    return read


def _categories(browse: Any) -> list[Route]:
    one, group = listings.CATEGORIES, listings.CATEGORY_GROUPS
    change, change_group = _by_staff(taxonomy.change_category), _by_staff(taxonomy.change_group)
    return [
        browsed(api.CATEGORIES, one, needs=browse),
        detail(api.CATEGORY, one, needs=browse),
        acting(api.CATEGORY_CREATE, _by_staff(taxonomy.create_category), needs=STAFF, then=one),
        acting(api.CATEGORY_REPLACE, change, needs=STAFF, then=one),
        acting(api.CATEGORY_UPDATE, change, needs=STAFF, then=one),
        acting(api.CATEGORY_DELETE, _by_staff(taxonomy.remove_category), needs=STAFF),
        serving(api.CATEGORY_ICON, _icon(categories), needs=browse),
        listed(api.CATEGORY_GROUPS, group, needs=browse),
        detail(api.CATEGORY_GROUP, group, needs=browse),
        acting(api.CATEGORY_GROUP_CREATE, _by_staff(taxonomy.create_group), needs=STAFF, then=group),
        acting(api.CATEGORY_GROUP_REPLACE, change_group, needs=STAFF, then=group),
        acting(api.CATEGORY_GROUP_UPDATE, change_group, needs=STAFF, then=group),
        acting(api.CATEGORY_GROUP_DELETE, _by_staff(taxonomy.remove_group), needs=STAFF),
        serving(api.CATEGORY_GROUP_ICON, _icon(category_groups), needs=browse),
    ]


def routes(browse: Any) -> list[Route]:
    """`browse`: who may look at the catalogue."""
    columns = (
        api.COLUMNS,
        api.COLUMN,
        api.COLUMN_CREATE,
        api.COLUMN_REPLACE,
        api.COLUMN_UPDATE,
        api.COLUMN_DELETE,
    )
    return [
        *_categories(browse),
        *_kept(columns, listings.COLUMNS, taxonomy.COLUMNS, SIGNED_IN),
        *_kept(api.SECTIONS, listings.SECTIONS, taxonomy.SECTIONS, SIGNED_IN),
        *_kept(api.ATTRIBUTES, listings.ATTRIBUTES, taxonomy.ATTRIBUTES, SIGNED_IN),
        *_kept(api.ATTRIBUTE_OPTIONS, listings.ATTRIBUTE_OPTIONS, taxonomy.OPTIONS, SIGNED_IN),
    ]
