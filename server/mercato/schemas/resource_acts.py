"""What can be said to a resource: by its provider and agents, its customer, and staff."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import Detail, DetailQuery, Endpoint, ListQuery, Nothing, Status
from mercato.schemas.catalog import NewLink, Offering
from mercato.schemas.orders import BackendId
from mercato.schemas.resources import ReportSection, Resource


class BackendMetadata(Struct, kw_only=True):
    backend_metadata: dict[str, Any]


class Endpoints(Struct, kw_only=True):
    endpoints: list[NewLink]


class ProviderLimits(Struct, kw_only=True):
    limits: dict[str, int]


class EndDate(Struct, kw_only=True):
    end_date: date | None = None


class EffectiveId(Struct, kw_only=True):
    effective_id: str = ""


class Slug(Struct, kw_only=True):
    slug: str


class Paused(Struct, kw_only=True):
    paused: bool = False


class Downscaled(Struct, kw_only=True):
    downscaled: bool = False


class MemberAccess(Struct, kw_only=True):
    restrict_member_access: bool = False


class Report(Struct, kw_only=True):
    report: list[ReportSection]


class NewOptions(Struct, kw_only=True):
    options: dict[str, Any] | None = None


class ProjectLink(Struct, kw_only=True):
    url: str


class Move(Struct, kw_only=True):
    """`project` is a hyperlink, alone or as {"url": …}."""

    project: ProjectLink | str


class MemberSyncScope(StrEnum):
    RESOURCE = "resource"
    RESOURCE_PROJECT = "resource_project"


class MemberSyncState(StrEnum):
    SYNCED = "synced"
    PENDING = "pending"
    ERROR = "error"
    MISSING_IN_IDP = "missing_in_idp"


class MemberSync(Struct, kw_only=True):
    """How far one member's access has got; the person by `user_uuid`, or by name here or on the service."""

    scope_type: MemberSyncScope
    role_name: str
    state: MemberSyncState
    username: str = ""
    user_uuid: str | None = None
    resource_project_uuid: str | None = None
    message: str = ""


class MemberSyncs(Struct, kw_only=True):
    statuses: list[MemberSync]


class MemberSyncResult(Struct, kw_only=True):
    """How many were stored, and who could not be found."""

    stored: int
    skipped: list[str]


class MemberSyncStatus(Struct, kw_only=True):
    """What the agent last said about one member."""

    user_uuid: str
    user_username: str
    user_full_name: str
    scope_type: str
    role_name: str
    state: str
    message: str
    modified: datetime


class MemberSyncQuery(ListQuery, kw_only=True):
    state: list[MemberSyncState] | UnsetType = UNSET


class NameQuestion(Struct, kw_only=True):
    project: str
    offering: str
    plan: str | None = None
    attributes: dict[str, Any] = {}


class NameAnswer(Struct, kw_only=True):
    name: str


class Problem(Struct, kw_only=True):
    error_message: str = ""
    error_traceback: str = ""


_C = "/api/marketplace-resources/{uuid}/"
_P = "/api/marketplace-provider-resources/{uuid}/"

SET_BACKEND_ID = Endpoint("POST", _P + "set_backend_id/", BackendId, Status, 200, "Set the backend id")
SET_BACKEND_ID_ALIAS = Endpoint(
    "POST", _C + "set_backend_id/", BackendId, Status, 200, "Set the backend id (alias)", own=True
)
SET_BACKEND_METADATA = Endpoint(
    "POST", _P + "set_backend_metadata/", BackendMetadata, Status, 200, "Set what the backend knows"
)
SET_EFFECTIVE_ID = Endpoint(
    "POST", _P + "set_effective_id/", EffectiveId, Status, 200, "Set the downstream provider's id"
)
SET_ENDPOINTS = Endpoint("POST", _P + "set_endpoints/", Endpoints, Status, 200, "Set access endpoints")
SET_LIMITS = Endpoint("POST", _P + "set_limits/", ProviderLimits, Status, 200, "Report actual limits")
SET_OK = Endpoint("POST", _P + "set_as_ok/", Nothing, Nothing, 200, "Report a resource healthy")
SET_STATE_OK = Endpoint("POST", _P + "set_state_ok/", Nothing, Status, 200, "Report a resource healthy")
SET_FAILED = Endpoint("POST", _P + "set_as_erred/", Problem, Nothing, 200, "Report a resource broken")
REFRESH_LAST_SYNC = Endpoint("POST", _P + "refresh_last_sync/", Nothing, Nothing, 200, "Note a look at it")
PULLS = tuple(
    Endpoint(
        "POST", f"/api/marketplace-{kind}/{{uuid}}/pull/", Nothing, Detail, 202, "Ask the backend about it"
    )
    for kind in ("resources", "provider-resources")
)
SUBMIT_REPORT = Endpoint("POST", _P + "submit_report/", Report, Status, 200, "Submit a report about it")
SET_MEMBER_SYNCS = Endpoint(
    "POST",
    _P + "set_membership_sync_statuses/",
    MemberSyncs,
    MemberSyncResult,
    200,
    "Report how far each member's access has got",
)
MEMBER_SYNCS = tuple(
    Endpoint(
        "GET",
        at + "membership_sync_statuses/",
        MemberSyncQuery,
        list[MemberSyncStatus],
        200,
        "How far each member's access has got",
        own=True,
    )
    for at in (_C, _P)
)

SET_END_DATE = Endpoint("POST", _C + "set_end_date/", EndDate, Nothing, 200, "Set or clear the end date")
PROVIDER_SET_END_DATE = Endpoint("POST", _P + "set_end_date/", EndDate, Nothing, 200, "Set the end date")
SET_END_DATE_BY_PROVIDER = Endpoint(
    "POST", _P + "set_end_date_by_provider/", EndDate, Nothing, 200, "Set the end date (provider)"
)
SETS_END_DATE_BY_STAFF = tuple(
    Endpoint("POST", at + "set_end_date_by_staff/", EndDate, Nothing, 200, "Set the end date (staff)")
    for at in (_C, _P)
)
SETS_SLUG = tuple(Endpoint("POST", at + "set_slug/", Slug, Status, 200, "Set the slug") for at in (_C, _P))
SETS_PAUSED = tuple(
    Endpoint("POST", at + "set_paused/", Paused, Status, 200, "Pause or resume") for at in (_C, _P)
)
SETS_DOWNSCALED = tuple(
    Endpoint("POST", at + "set_downscaled/", Downscaled, Status, 200, "Downscale or end that")
    for at in (_C, _P)
)
SETS_MEMBER_ACCESS = tuple(
    Endpoint(
        "POST",
        at + "set_restrict_member_access/",
        MemberAccess,
        Status,
        200,
        "Close to members, or open again",
    )
    for at in (_C, _P)
)
UPDATE_OPTIONS_DIRECT = Endpoint(
    "POST", _P + "update_options_direct/", NewOptions, Status, 200, "Change options without an order"
)
# 201 with {order_uuid} where the offering makes orders of changes.
UPDATES_OPTIONS = tuple(
    Endpoint("POST", at + "update_options/", NewOptions, Status, 200, "Change options") for at in (_C, _P)
)
UNLINKS = tuple(
    Endpoint("POST", at + "unlink/", Nothing, Nothing, 204, "Let go without asking the backend")
    for at in (_C, _P)
)
MOVES = tuple(
    Endpoint("POST", at + "move_resource/", Move, Resource, 200, "Give to another project") for at in (_C, _P)
)
SUGGEST_NAME = Endpoint(
    "POST",
    "/api/marketplace-resources/suggest_name/",
    NameQuestion,
    NameAnswer,
    200,
    "Suggest a name for a new resource",
)
ORDER_RESOURCE = Endpoint(
    "GET", "/api/marketplace-orders/{uuid}/resource/", DetailQuery, Resource, 200, "Get its resource"
)
ORDER_OFFERING = Endpoint(
    "GET", "/api/marketplace-orders/{uuid}/offering/", DetailQuery, Offering, 200, "Get its offering"
)
