"""Resources over HTTP: looking for customers, reporting for providers, upkeep by staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Connection

from mercato.access.rules import SIGNED_IN, STAFF
from mercato.catalog.listings import PROVIDED, PUBLIC, SOLD
from mercato.kernel.acts import on_visible
from mercato.kernel.db import Tx
from mercato.kernel.errors import invalid
from mercato.kernel.http import Call, Route, acting, detail, listed, reading
from mercato.kernel.ids import uuid_of_link
from mercato.kernel.listing import Listing
from mercato.resources import moves, naming, project_updates, service, upkeep
from mercato.resources.listings import MEMBER_SYNCS, PLAN_PERIODS, PROVIDED_RESOURCES, RESOURCES
from mercato.schemas import DetailQuery, Status, project_acts
from mercato.schemas import authoring as catalog_api
from mercato.schemas import resource_acts as acts
from mercato.schemas import resources as api
from mercato.schemas.permissions import Permission as P
from mercato.schemas.project_acts import ReviewState
from mercato.tenants.listings import PROJECTS

BOTH = (RESOURCES, PROVIDED_RESOURCES)


def _mine(act: Callable[..., Any]) -> Callable[..., Any]:
    return on_visible(PROVIDED_RESOURCES, act)


def _saying(act: Callable[..., Any], field: str, sentence: str) -> Callable[..., Any]:
    """An act with one field of the body, answered by a sentence."""

    def run(tx: Tx, actor: Any, uuid: str, data: Any) -> Status:
        act(tx, actor, uuid, getattr(data, field))
        return Status(status=sentence)

    return run


def _dated(act: Callable[..., Any]) -> Callable[..., Any]:
    return lambda tx, actor, uuid, data: act(tx, actor, uuid, data.end_date)


def _flag(name: str, *, for_provider: bool) -> Callable[..., Any]:
    def run(tx: Tx, actor: Any, uuid: str, data: Any) -> Status:
        upkeep.set_flag(tx, actor, uuid, name, on=getattr(data, name), for_provider=for_provider)
        return Status(status=f"Resource {name} flag has been updated.")

    return run


def _failed(tx: Tx, actor: Any, uuid: str, data: acts.Problem) -> None:
    service.set_failed(tx, actor, uuid, data.error_message, data.error_traceback)


def _state_ok(tx: Tx, actor: Any, uuid: str) -> Status:
    service.set_ok(tx, actor, uuid)
    return Status(status="Resource state has been set to OK.")


def _synced(tx: Tx, actor: Any, uuid: str, data: acts.MemberSyncs) -> acts.MemberSyncResult:
    return upkeep.sync_members(tx, actor, uuid, data.statuses)


def _options(tx: Tx, actor: Any, uuid: str, data: acts.NewOptions) -> Status:
    upkeep.options_by_provider(tx, actor, uuid, data.options or {})
    return Status(status="Resource options have been updated.")


def _move(tx: Tx, actor: Any, uuid: str, data: acts.Move) -> str:
    link = data.project if isinstance(data.project, str) else data.project.url
    return moves.move_to(tx, actor, uuid, link)


def _is_unique(
    tx: Tx, call: Call, uuid: str, data: catalog_api.BackendIdQuestion
) -> catalog_api.BackendIdAnswer:
    PROVIDED.one(tx.conn, call.looker, uuid=uuid)
    everywhere = data.check_all_offerings
    unique = service.is_unique_backend_id(tx, call.actor, uuid, data.backend_id, everywhere=everywhere)
    return catalog_api.BackendIdAnswer(is_unique=unique)


def _offering(listing: Listing) -> Callable[..., Any]:
    def read(conn: Connection, call: Call, uuid: str, query: DetailQuery) -> bytes:
        found = msgspec.json.decode(listing.one(conn, call.looker, _ONLY_OFFERING, uuid=uuid))
        return SOLD.one(conn, call.looker, query, uuid=found["offering_uuid"])

    return read


_ONLY_OFFERING = DetailQuery(field=["offering_uuid"])
_DETAILS = [field.encode_name for field in msgspec.structs.fields(api.BackendDetails)]


def _details(listing: Listing) -> Callable[..., Any]:
    def read(conn: Connection, call: Call, uuid: str, _query: DetailQuery) -> bytes:
        return listing.one(conn, call.looker, DetailQuery(field=_DETAILS), uuid=uuid)

    return read


def _suggest(tx: Tx, call: Call, data: acts.NameQuestion) -> acts.NameAnswer:
    for field, listing in (("project", PROJECTS), ("offering", PUBLIC)):
        uuid = uuid_of_link(getattr(data, field))
        if uuid is None or not listing.count(tx.conn, call.looker, None, uuid=uuid):
            raise invalid(field, f"{field.capitalize()} is not found.", code=f"unknown_{field}")
    return acts.NameAnswer(name=naming.suggest(tx, call.actor, data))


def _looking() -> list[Route]:
    made = [
        listed(api.RESOURCES, RESOURCES, needs=SIGNED_IN),
        detail(api.RESOURCE, RESOURCES, needs=SIGNED_IN),
        listed(api.PROVIDER_RESOURCES, PROVIDED_RESOURCES, needs=SIGNED_IN),
        detail(api.PROVIDER_RESOURCE, PROVIDED_RESOURCES, needs=SIGNED_IN),
    ]
    for i, listing in enumerate(BOTH):
        inside: dict[str, Any] = {"needs": SIGNED_IN, "scope": "resource", "within": listing}
        made += [
            reading(api.OFFERINGS_OF[i], _offering(listing), needs=SIGNED_IN),
            reading(api.DETAILS_OF[i], _details(listing), needs=SIGNED_IN),
            listed(api.PLAN_PERIODS_OF[i], PLAN_PERIODS, **inside),
            listed(acts.MEMBER_SYNCS[i], MEMBER_SYNCS, **inside),
        ]
    return made


def _reporting() -> list[Route]:
    """What agents and providers say."""
    id_set = _saying(service.set_backend_id, "backend_id", "Resource backend ID has been changed.")
    metadata = _saying(
        service.set_backend_metadata, "backend_metadata", "Resource backend metadata has been changed."
    )
    effective = _saying(upkeep.set_effective_id, "effective_id", "Resource effective ID has been changed.")
    endpoints = _saying(service.provider_endpoints, "endpoints", "Resource endpoints have been changed.")
    limits = _saying(service.report_limits, "limits", "Resource limits have been changed.")
    report = _saying(upkeep.submit_report, "report", "Report is submitted.")
    return [
        acting(catalog_api.BACKEND_ID_CHECK, _is_unique, needs=P.OFFERING_UPDATE),
        acting(acts.SET_BACKEND_ID, _mine(id_set), needs=P.RESOURCE_SET_BACKEND_ID),
        acting(acts.SET_BACKEND_ID_ALIAS, on_visible(RESOURCES, id_set), needs=P.RESOURCE_SET_BACKEND_ID),
        acting(acts.SET_BACKEND_METADATA, _mine(metadata), needs=P.RESOURCE_SET_BACKEND_METADATA),
        acting(acts.SET_EFFECTIVE_ID, _mine(effective), needs=P.RESOURCE_SET_BACKEND_ID),
        acting(acts.SET_ENDPOINTS, _mine(endpoints), needs=P.RESOURCE_SET_BACKEND_METADATA),
        acting(acts.SET_LIMITS, _mine(limits), needs=P.RESOURCE_SET_STATE),
        acting(acts.SET_OK, _mine(service.set_ok), needs=P.RESOURCE_SET_STATE),
        acting(acts.SET_STATE_OK, _mine(_state_ok), needs=P.RESOURCE_SET_STATE),
        acting(acts.SET_FAILED, _mine(_failed), needs=P.RESOURCE_SET_STATE),
        acting(acts.REFRESH_LAST_SYNC, _mine(upkeep.refresh_last_sync), needs=P.RESOURCE_SET_STATE),
        acting(acts.SET_MEMBER_SYNCS, _mine(_synced), needs=P.RESOURCE_SET_STATE),
        acting(acts.SUBMIT_REPORT, _mine(report), needs=P.RESOURCE_SUBMIT_REPORT),
        acting(acts.UPDATE_OPTIONS_DIRECT, _mine(_options), needs=P.RESOURCE_UPDATE_OPTIONS),
        acting(
            acts.SET_END_DATE_BY_PROVIDER,
            _mine(_dated(upkeep.end_by_provider)),
            needs=P.RESOURCE_SET_END_DATE,
        ),
        acting(
            acts.PROVIDER_SET_END_DATE, _mine(_dated(upkeep.end_by_provider)), needs=P.RESOURCE_SET_END_DATE
        ),
        acting(
            acts.SET_END_DATE,
            on_visible(RESOURCES, _dated(upkeep.end_by_customer)),
            needs=P.RESOURCE_SET_END_DATE,
        ),
        acting(acts.SUGGEST_NAME, _suggest, needs=P.ORDER_CREATE),
    ]


def _keeping() -> list[Route]:
    """What is there for customers and for providers alike."""
    slug = _saying(upkeep.set_slug, "slug", "Resource slug has been changed.")
    changes = (
        (api.RESOURCE_UPDATE, api.RESOURCE_REPLACE),
        (api.PROVIDER_RESOURCE_UPDATE, api.PROVIDER_RESOURCE_REPLACE),
    )
    flags: dict[str, Any] = {
        "paused": acts.SETS_PAUSED,
        "downscaled": acts.SETS_DOWNSCALED,
        "restrict_member_access": acts.SETS_MEMBER_ACCESS,
    }
    made = []
    for i, listing in enumerate(BOTH):
        for endpoint in changes[i]:
            made.append(
                acting(endpoint, on_visible(listing, service.change), needs=P.RESOURCE_UPDATE, then=listing)
            )
        for name, endpoints in flags.items():
            act = _flag(name, for_provider=listing is PROVIDED_RESOURCES)
            made.append(
                acting(endpoints[i], on_visible(listing, act), needs=P.RESOURCE_CONSUMPTION_LIMITATION)
            )
        end = on_visible(listing, _dated(upkeep.end_by_staff))
        made += [
            acting(acts.SETS_END_DATE_BY_STAFF[i], end, needs=STAFF),
            acting(acts.SETS_SLUG[i], on_visible(listing, slug), needs=STAFF),
            acting(acts.UNLINKS[i], on_visible(listing, upkeep.unlink), needs=STAFF),
            acting(acts.MOVES[i], on_visible(listing, _move), needs=STAFF, then=listing),
        ]
    return made


def _reviewing(state: ReviewState) -> Callable[..., Status]:
    def run(tx: Tx, actor: Any, uuid: str, data: project_acts.ReviewComment) -> Status:
        project_updates.review(tx, actor, uuid, state, data.comment)
        return Status(status=f"Project update request has been {state.value}.")

    return on_visible(project_updates.UPDATES, run)


_UPDATES = [
    listed(project_acts.UPDATES, project_updates.UPDATES, needs=SIGNED_IN),
    detail(project_acts.UPDATE, project_updates.UPDATES, needs=SIGNED_IN),
    acting(project_acts.UPDATE_APPROVE, _reviewing(ReviewState.APPROVED), needs=P.OFFERING_UPDATE),
    acting(project_acts.UPDATE_REJECT, _reviewing(ReviewState.REJECTED), needs=P.OFFERING_UPDATE),
]
ROUTES: list[Route] = [*_looking(), *_reporting(), *_keeping(), *_UPDATES]
