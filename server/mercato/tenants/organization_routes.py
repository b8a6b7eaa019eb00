"""What belongs to organizations and projects besides themselves, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Connection

from mercato.access.rules import SIGNED_IN, STAFF, Actor
from mercato.files import queries as files
from mercato.kernel.db import Tx
from mercato.kernel.downloads import serving
from mercato.kernel.errors import NotFound
from mercato.kernel.http import Call, Route, acting, detail, listed
from mercato.kernel.listing import Listing
from mercato.kernel.wholes import whole
from mercato.schemas import Status, tenants
from mercato.schemas import organizations as api
from mercato.schemas import project_acts as acts
from mercato.schemas.countries import COUNTRIES
from mercato.schemas.files import Download
from mercato.schemas.permissions import Permission as P
from mercato.tenants import moves, project_types, queries, reviews, service
from mercato.tenants.listings import CUSTOMERS, EVERY_PROJECT, PROJECTS
from mercato.tenants.people import PEOPLE
from mercato.tenants.project_types import TYPES
from mercato.tenants.reviews import REVIEWS


def on_visible(listing: Listing, act: Callable[..., Any]) -> Callable[..., Any]:
    """Run an act on a thing that the caller can see; else it does not exist for them (404)."""

    def run(tx: Tx, call: Call, uuid: str, *data: Any) -> Any:
        if not listing.count(tx.conn, call.looker, None, uuid=uuid):
            raise NotFound
        return act(tx, call.actor, uuid, *data)

    return run


def by_staff(act: Callable[..., Any]) -> Callable[..., Any]:
    return lambda tx, _call, *args: act(tx, *args)


def _contact(tx: Tx, actor: Actor, uuid: str, data: api.ContactChange) -> api.Contact:
    row = service.change_contact(tx, actor, uuid, data)
    return api.Contact(**{f.name: getattr(row, f.name) for f in msgspec.structs.fields(api.Contact)})


def _close(tx: Tx, actor: Actor, uuid: str) -> Status:
    reviews.close(tx, actor, uuid)
    return Status(status="Review has been closed.")


def _picture(listing: Listing, row: Callable[[Connection, str], Any]) -> Callable[..., Download]:
    """A picture for whoever may look at what it is of."""

    def read(conn: Connection, call: Call, uuid: str) -> Download:
        if not listing.count(conn, call.looker, None, uuid=uuid):
            raise NotFound
        return files.download(conn, row(conn, uuid).image_id)

    return read


ROUTES: list[Route] = [
    whole(api.COUNTRIES, [api.Country(label=n, value=c) for c, n in COUNTRIES.items()], needs=SIGNED_IN),
    acting(api.CONTACT, on_visible(CUSTOMERS, _contact), needs=P.CUSTOMER_UPDATE),
    listed(api.USERS, PEOPLE, needs=SIGNED_IN, scope="customer", within=CUSTOMERS),
    serving(tenants.CUSTOMER_IMAGE, _picture(CUSTOMERS, queries.customer_row), needs=SIGNED_IN),
    serving(tenants.PROJECT_IMAGE, _picture(PROJECTS, queries.project_row), needs=SIGNED_IN),
    listed(api.REVIEWS, REVIEWS, needs=SIGNED_IN),
    detail(api.REVIEW, REVIEWS, needs=SIGNED_IN),
    acting(api.REVIEW_CLOSE, on_visible(REVIEWS, _close), needs=P.CUSTOMER_LIST_PERMISSION_REVIEWS),
    listed(acts.TYPES, TYPES, needs=SIGNED_IN),
    detail(acts.TYPE, TYPES, needs=SIGNED_IN),
    acting(acts.TYPE_CREATE, by_staff(project_types.create), needs=STAFF, then=TYPES),
    acting(acts.TYPE_UPDATE, by_staff(project_types.change), needs=STAFF, then=TYPES),
    acting(acts.TYPE_DELETE, by_staff(project_types.remove), needs=STAFF),
    acting(acts.MOVE, by_staff(moves.move), needs=STAFF, then=PROJECTS),
    acting(acts.RECOVER, on_visible(EVERY_PROJECT, moves.recover), needs=P.PROJECT_CREATE, then=PROJECTS),
]
