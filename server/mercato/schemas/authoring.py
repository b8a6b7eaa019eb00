"""How a provider writes an offering beyond its overview: place, category, attributes, pictures, its backend."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing, Status
from mercato.schemas.catalog import DetailState, Options
from mercato.schemas.files import Download, Upload


class CategoryChoice(Struct, kw_only=True):
    category: str


class Location(Struct, kw_only=True):
    """Degrees north and east; null where it is nowhere in particular."""

    latitude: float | None = None
    longitude: float | None = None
    country: str | UnsetType = UNSET


class ResourceOptionsChange(Struct, kw_only=True):
    resource_options: Options


class TypeChange(Struct, kw_only=True):
    type: str


class OfferingMetadata(Struct, kw_only=True):
    backend_metadata: dict[str, Any] = {}


class Thumbnail(Struct, kw_only=True):
    thumbnail: Upload


class Picture(Struct, kw_only=True):
    image: Upload


class Screenshot(Struct, kw_only=True):
    url: str
    uuid: str
    name: str
    description: str
    created: datetime
    image: str
    thumbnail: str | None = None
    offering: str
    customer_uuid: str


class ScreenshotQuery(ListQuery, kw_only=True):
    offering: str | UnsetType = UNSET
    offering_uuid: list[UUID] | UnsetType = UNSET
    offering_slug: list[str] | UnsetType = UNSET


class NewScreenshot(Struct, kw_only=True):
    name: str
    offering: str
    image: Upload
    description: str = ""


class ScreenshotChange(Struct, kw_only=True):
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    image: Upload | UnsetType = UNSET


class BackendIdQuestion(Struct, kw_only=True):
    backend_id: str
    check_all_offerings: bool = False


class BackendIdAnswer(Struct, kw_only=True):
    is_unique: bool


_MINE = "/api/marketplace-provider-offerings/{uuid}/"
_S = "/api/marketplace-screenshots/"


def _changing(action: str, takes: type, what: str) -> Endpoint:  # type: ignore[type-arg]
    return Endpoint("POST", f"{_MINE}{action}/", takes, Nothing, 200, what)


UPDATE_DESCRIPTION = _changing("update_description", CategoryChoice, "Change the category")
UPDATE_LOCATION = _changing("update_location", Location, "Change the place")
UPDATE_RESOURCE_OPTIONS = _changing(
    "update_resource_options", ResourceOptionsChange, "Change the form of resources' options"
)
UPDATE_TYPE = _changing("update_type", TypeChange, "Change the type")
SET_OFFERING_METADATA = _changing("set_backend_metadata", OfferingMetadata, "Set what the backend knows")
UPDATE_THUMBNAIL = _changing("update_thumbnail", Thumbnail, "Set the small picture")
UPDATE_IMAGE = _changing("update_image", Picture, "Set the large picture")
UPDATE_ATTRIBUTES: Endpoint[Any, Any] = Endpoint(
    "POST",
    _MINE + "update_attributes/",
    dict[str, Any],
    Nothing,
    200,
    "Say what its category asks for",
)
DELETE_THUMBNAIL = Endpoint(
    "POST", _MINE + "delete_thumbnail/", Nothing, Nothing, 204, "Remove the small picture"
)
DELETE_IMAGE = Endpoint("POST", _MINE + "delete_image/", Nothing, Nothing, 204, "Remove the large picture")
MAKE_AVAILABLE = Endpoint("POST", _MINE + "make_available/", Nothing, DetailState, 200, "Sell again")
MAKE_UNAVAILABLE = Endpoint("POST", _MINE + "make_unavailable/", Nothing, DetailState, 200, "Sell no more")
SYNC = Endpoint("POST", _MINE + "sync/", Nothing, Status, 202, "Look whether the backend can be reached")
BACKEND_ID_CHECK = Endpoint(
    "POST",
    _MINE + "check_unique_backend_id/",
    BackendIdQuestion,
    BackendIdAnswer,
    200,
    "Is this backend id free?",
)
PICTURES = tuple(
    Endpoint(
        "GET",
        f"/api/marketplace-public-offerings/{{uuid}}/{name}/",
        Nothing,
        Download,
        200,
        "Get its picture",
        own=True,
    )
    for name in ("thumbnail", "image")
)

SCREENSHOTS = Endpoint("GET", _S, ScreenshotQuery, list[Screenshot], 200, "List screenshots")
SCREENSHOT = Endpoint("GET", _S + "{uuid}/", DetailQuery, Screenshot, 200, "Get a screenshot")
SCREENSHOT_CREATE = Endpoint("POST", _S, NewScreenshot, Screenshot, 201, "Add a screenshot")
SCREENSHOT_UPDATE = Endpoint("PATCH", _S + "{uuid}/", ScreenshotChange, Screenshot, 200, "Change one")
SCREENSHOT_DELETE = Endpoint("DELETE", _S + "{uuid}/", Nothing, Nothing, 204, "Remove a screenshot")
SCREENSHOT_IMAGE = Endpoint("GET", _S + "{uuid}/image/", Nothing, Download, 200, "Get the picture", own=True)
