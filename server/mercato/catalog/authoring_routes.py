"""Writing an offering beyond its overview, over HTTP: place, category, attributes, pictures, groups, backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from mercato.access.rules import Actor
from mercato.catalog import authoring, listings, plan_listings, queries
from mercato.catalog.seeing import must_see, on_mine
from mercato.files import queries as files
from mercato.kernel.acts import on_visible
from mercato.kernel.db import Tx
from mercato.kernel.downloads import serving
from mercato.kernel.errors import NotFound
from mercato.kernel.http import Call, Route, acting, detail, listed
from mercato.schemas import Status
from mercato.schemas import authoring as api
from mercato.schemas import groups as group_api
from mercato.schemas.files import Download, Upload
from mercato.schemas.permissions import Permission as P

_GROUPS_ARE_SET = Status(status="Organization groups have been updated.")


def _category(tx: Tx, actor: Actor, uuid: str, data: api.CategoryChoice) -> None:
    authoring.set_category(tx, actor, uuid, data.category)


def _resource_form(tx: Tx, actor: Actor, uuid: str, data: api.ResourceOptionsChange) -> None:
    authoring.set_resource_form(tx, actor, uuid, data.resource_options)


def _type(tx: Tx, actor: Actor, uuid: str, data: api.TypeChange) -> None:
    authoring.set_type(tx, actor, uuid, data.type)


def _metadata(tx: Tx, actor: Actor, uuid: str, data: api.OfferingMetadata) -> None:
    authoring.set_metadata(tx, actor, uuid, data.backend_metadata)


def _set_picture(field: str) -> Callable[..., Any]:
    def run(tx: Tx, actor: Actor, uuid: str, data: Any) -> None:
        upload: Upload = getattr(data, field)
        authoring.set_picture(tx, actor, uuid, field, upload)

    return on_mine(run)


def _no_picture(field: str) -> Callable[..., Any]:
    return on_mine(lambda tx, actor, uuid: authoring.set_picture(tx, actor, uuid, field, None))


def _picture(field: str) -> Callable[..., Download]:
    """A picture of an offering for whoever may look at the offering."""

    def read(conn: Connection, call: Call, uuid: str) -> Download:
        if not listings.PICTURED.count(conn, call.looker, None, uuid=uuid):
            raise NotFound
        return files.download(conn, getattr(queries.offering_row(conn, uuid), f"{field}_id"))

    return read


def _screenshot(conn: Connection, call: Call, uuid: str) -> Download:
    if not listings.SCREENSHOTS.count(conn, call.looker, None, uuid=uuid):
        raise NotFound
    return files.download(conn, queries.screenshot_row(conn, uuid).image_id)


def _add_screenshot(tx: Tx, call: Call, data: api.NewScreenshot) -> str:
    must_see(tx, call, listings.PROVIDED, "offering", data.offering, "Offering is not found.")
    return authoring.add_screenshot(tx, call.actor, data)


def _sync(tx: Tx, actor: Actor, uuid: str) -> Status:
    authoring.ask_backend(tx, actor, uuid)
    return Status(status="The backend is being looked at.")


def _groups(tx: Tx, actor: Actor, uuid: str, data: group_api.Groups) -> Status:
    authoring.set_groups(tx, actor, uuid, data.organization_groups)
    return _GROUPS_ARE_SET


def _plan_groups(tx: Tx, actor: Actor, uuid: str, data: group_api.Groups) -> Status:
    authoring.set_plan_groups(tx, actor, uuid, data.organization_groups)
    return _GROUPS_ARE_SET


def _for_everybody(act: Callable[..., None]) -> Callable[..., None]:
    return lambda tx, actor, uuid: act(tx, actor, uuid, [])


def _texts() -> list[Route]:
    said = P.OFFERING_UPDATE
    return [
        acting(api.UPDATE_DESCRIPTION, on_mine(_category), needs=P.OFFERING_UPDATE_DESCRIPTION),
        acting(api.UPDATE_LOCATION, on_mine(authoring.set_location), needs=P.OFFERING_UPDATE_LOCATION),
        acting(api.UPDATE_ATTRIBUTES, on_mine(authoring.set_attributes), needs=P.OFFERING_UPDATE_ATTRIBUTES),
        acting(api.UPDATE_RESOURCE_OPTIONS, on_mine(_resource_form), needs=P.OFFERING_UPDATE_OPTIONS),
        acting(api.UPDATE_TYPE, on_mine(_type), needs=said),
        acting(api.SET_OFFERING_METADATA, on_mine(_metadata), needs=said),
        acting(api.SYNC, on_mine(_sync), needs=P.OFFERING_UPDATE_COMPONENTS),
    ]


def _pictures(browse: Any) -> list[Route]:
    shots, change = listings.SCREENSHOTS, on_visible(listings.SCREENSHOTS, authoring.change_screenshot)
    return [
        acting(api.UPDATE_THUMBNAIL, _set_picture("thumbnail"), needs=P.OFFERING_UPDATE_THUMBNAIL),
        acting(api.UPDATE_IMAGE, _set_picture("image"), needs=P.OFFERING_UPDATE_THUMBNAIL),
        acting(api.DELETE_THUMBNAIL, _no_picture("thumbnail"), needs=P.OFFERING_UPDATE_THUMBNAIL),
        acting(api.DELETE_IMAGE, _no_picture("image"), needs=P.OFFERING_UPDATE_THUMBNAIL),
        *(
            serving(endpoint, _picture(field), needs=browse)
            for endpoint, field in zip(api.PICTURES, ("thumbnail", "image"), strict=True)
        ),
        listed(api.SCREENSHOTS, shots, needs=browse),
        detail(api.SCREENSHOT, shots, needs=browse),
        serving(api.SCREENSHOT_IMAGE, _screenshot, needs=browse),
        acting(api.SCREENSHOT_CREATE, _add_screenshot, needs=P.OFFERING_CREATE_SCREENSHOT, then=shots),
        acting(api.SCREENSHOT_UPDATE, change, needs=P.OFFERING_UPDATE_SCREENSHOT, then=shots),
        acting(
            api.SCREENSHOT_DELETE,
            on_visible(shots, authoring.remove_screenshot),
            needs=P.OFFERING_DELETE_SCREENSHOT,
        ),
    ]


def _whom_for() -> list[Route]:
    plans = plan_listings.PROVIDER_PLANS
    nobody, nobody_plan = _for_everybody(authoring.set_groups), _for_everybody(authoring.set_plan_groups)
    return [
        acting(group_api.OFFERING_GROUPS, on_mine(_groups), needs=P.OFFERING_UPDATE),
        acting(group_api.OFFERING_GROUPS_DELETE, on_mine(nobody), needs=P.OFFERING_UPDATE),
        acting(group_api.PLAN_GROUPS, on_visible(plans, _plan_groups), needs=P.OFFERING_UPDATE_PLAN),
        acting(group_api.PLAN_GROUPS_DELETE, on_visible(plans, nobody_plan), needs=P.OFFERING_UPDATE_PLAN),
    ]


def routes(browse: Any) -> list[Route]:
    """`browse`: who may look at the catalogue."""
    return [*_texts(), *_pictures(browse), *_whom_for()]
