"""The identity bridge and remote eduTEAMS over HTTP."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from mercato.access.rules import SIGNED_IN
from mercato.config import Settings
from mercato.identity import bridge, eduteams
from mercato.kernel.db import Tx
from mercato.kernel.errors import invalid
from mercato.kernel.http import Call, Route, acting, reading
from mercato.schemas import Nothing
from mercato.schemas import bridge as api


def _bridge_terms(settings: Settings) -> bridge.BridgeTerms:
    asked = settings.federated_identity_sync_allowed_attributes
    named = tuple(name.strip() for name in asked.split(",") if name.strip())
    return bridge.BridgeTerms(
        enabled=settings.federated_identity_sync_enabled,
        fields=tuple(name for name in bridge.FIELDS if not named or name in named),
        any_removal=settings.federated_identity_deactivation_policy == "any_isd_removed",
    )


def routes(settings: Settings) -> list[Route]:
    """What may be told, and where eduTEAMS is, the operator decides."""
    terms = _bridge_terms(settings)
    there = eduteams.EduteamsTerms(
        token_url=settings.remote_eduteams_token_url,
        userinfo_url=settings.remote_eduteams_userinfo_url,
        client_id=settings.remote_eduteams_client_id,
        secret=settings.remote_eduteams_secret,
        refresh_token=settings.remote_eduteams_refresh_token,
    )

    def tell(tx: Tx, call: Call, data: api.BridgeUser) -> api.BridgeResult:
        return bridge.tell(tx, call.actor, data, terms)

    def remove(tx: Tx, call: Call, data: api.BridgeRemoval) -> api.BridgeRemovalResult:
        return bridge.remove(tx, call.actor, data, terms)

    def fields(conn: Connection, call: Call, _query: Nothing) -> api.AllowedFields:
        bridge.may_manage(conn, call.actor, terms)
        return api.AllowedFields(allowed_fields=sorted(terms.fields))

    def fetching(
        conn: Connection, call: Call, data: api.EduteamsUser
    ) -> Callable[[], eduteams.Profile | None]:
        bridge.may_manage(conn, call.actor, terms._replace(enabled=True))
        if not data.cuid.strip():
            raise invalid("cuid", "This field may not be blank.", code="blank")
        return eduteams.fetching(data.cuid, there)

    def store(
        tx: Tx, call: Call, data: api.EduteamsUser, found: eduteams.Profile | None
    ) -> api.EduteamsResult:
        bridge.may_manage(tx.conn, call.actor, terms._replace(enabled=True))
        return api.EduteamsResult(uuid=eduteams.store(tx, data.cuid, found, there))

    return [
        acting(api.BRIDGE, tell, needs=SIGNED_IN),
        acting(api.BRIDGE_REMOVE, remove, needs=SIGNED_IN),
        reading(api.BRIDGE_FIELDS, fields, needs=SIGNED_IN),
        acting(api.EDUTEAMS, store, needs=SIGNED_IN, prepare=fetching),
    ]
