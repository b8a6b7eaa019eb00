"""Roles, grants and the members of scopes over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Table

from mercato.access import queries, roles, service
from mercato.access.listings import GRANTS, OFFERING_GRANTS, OFFERING_GRANTS_EVER, ROLES, members_of
from mercato.access.rules import SIGNED_IN, STAFF, member_permission
from mercato.kernel.db import Tx
from mercato.kernel.errors import NotFound, invalid
from mercato.kernel.http import Call, Route, acting, detail, listed
from mercato.kernel.ids import uuid_of_link
from mercato.kernel.listing import Listing
from mercato.schemas import Detail
from mercato.schemas import access as api

# What hyperlinks to scopes are called.
_PLURALS = {
    "customers": api.Scope.CUSTOMER,
    "projects": api.Scope.PROJECT,
    **dict.fromkeys(
        ("marketplace-provider-offerings", "marketplace-public-offerings", "marketplace-offerings"),
        api.Scope.OFFERING,
    ),
}


def _scope_of(data: api.NewGrant) -> tuple[api.Scope, str]:
    """The scope that a grant names, by hyperlink or by type and uuid."""
    if data.scope:
        parts = [part for part in data.scope.split("/") if part]
        uuid = uuid_of_link(data.scope)
        kind = _PLURALS.get(parts[-2]) if len(parts) > 1 else None
        if uuid and kind:
            return kind, uuid
        raise invalid("scope", "Scope is not found.", code="unknown_scope")
    try:
        return api.Scope(data.scope_type), uuid_of_link(data.scope_uuid) or ""
    except ValueError:
        raise invalid("scope_type", "Scope type is not known.", code="unknown_scope") from None


def _visible_place(tx: Tx, call: Call, data: api.NewGrant) -> queries.ScopeRow:
    scope, uuid = _scope_of(data)
    listing = _WITHIN.get(scope)
    if listing is None or not listing.count(tx.conn, call.looker, None, uuid=uuid):
        raise invalid("scope", "Scope is not found.", code="unknown_scope")
    return service.place_of(tx, scope, uuid)


def _create(tx: Tx, call: Call, data: api.NewGrant) -> api.Expiration:
    place = _visible_place(tx, call, data)
    _, until = service.add_member(tx, call.actor, place, data.user, data.role, data.expiration_time)
    return api.Expiration(expiration_time=until)


def _delete(tx: Tx, call: Call, data: api.NewGrant) -> None:
    service.remove_member(tx, call.actor, _visible_place(tx, call, data), data.user, data.role)


def _defined(act: Callable[..., Any]) -> Callable[..., Any]:
    return lambda tx, _call, *args: act(tx, *args)


def _switched(*, active: bool) -> Callable[..., Any]:
    def run(tx: Tx, _call: Call, uuid: str) -> Detail:
        roles.switch(tx, uuid, active=active)
        return Detail(detail=f"Role has been {'enabled' if active else 'disabled'}.")

    return run


ROUTES = [
    listed(api.ROLES, ROLES, needs=SIGNED_IN),
    detail(api.ROLE, ROLES, needs=SIGNED_IN),
    acting(api.ROLE_CREATE, _defined(roles.create), needs=STAFF, then=ROLES),
    acting(api.ROLE_REPLACE, _defined(roles.replace), needs=STAFF, then=ROLES),
    acting(api.ROLE_UPDATE, _defined(roles.change), needs=STAFF, then=ROLES),
    acting(api.ROLE_DELETE, _defined(roles.remove), needs=STAFF),
    acting(api.ROLE_ENABLE, _switched(active=True), needs=STAFF),
    acting(api.ROLE_DISABLE, _switched(active=False), needs=STAFF),
    listed(api.GRANTS, GRANTS, needs=SIGNED_IN),
    detail(api.GRANT, GRANTS, needs=SIGNED_IN),
    listed(api.OFFERING_GRANTS, OFFERING_GRANTS, needs=SIGNED_IN),
    detail(api.OFFERING_GRANT, OFFERING_GRANTS, needs=SIGNED_IN, names=("id",)),
    listed(api.OFFERING_GRANTS_EVER, OFFERING_GRANTS_EVER, needs=SIGNED_IN),
    detail(api.OFFERING_GRANT_EVER, OFFERING_GRANTS_EVER, needs=SIGNED_IN, names=("id",)),
    acting(api.GRANT_CREATE, _create, needs=SIGNED_IN),
    acting(api.GRANT_DELETE, _delete, needs=SIGNED_IN),
]

_WITHIN: dict[api.Scope, Listing] = {}


def member_routes(scope: api.Scope, endpoints: Any, owner: Table, within: Listing) -> list[Route]:
    """list_users, add_user, update_user, delete_user of one kind of scope, for the room that owns it."""
    _WITHIN[scope] = within
    team, add, change, remove = endpoints

    def on_scope(act: Callable[[Tx, Call, queries.ScopeRow, api.NewMember], Any]) -> Callable[..., Any]:
        def run(tx: Tx, call: Call, uuid: str, data: api.NewMember) -> Any:
            if not within.count(tx.conn, call.looker, None, uuid=uuid):
                raise NotFound
            return act(tx, call, service.place_of(tx, scope, uuid), data)

        return run

    def add_user(tx: Tx, call: Call, place: queries.ScopeRow, data: api.NewMember) -> api.Expiration:
        _, until = service.add_member(tx, call.actor, place, data.user, data.role, data.expiration_time)
        return api.Expiration(expiration_time=until)

    def update_user(tx: Tx, call: Call, place: queries.ScopeRow, data: api.NewMember) -> api.Expiration:
        until = service.update_member(tx, call.actor, place, data.user, data.role, data.expiration_time)
        return api.Expiration(expiration_time=until)

    def delete_user(tx: Tx, call: Call, place: queries.ScopeRow, data: api.NewMember) -> None:
        service.remove_member(tx, call.actor, place, data.user, data.role)

    return [
        listed(team, members_of(scope, owner), needs=SIGNED_IN, scope="scope", within=within),
        acting(add, on_scope(add_user), needs=member_permission(scope, "CREATE")),
        acting(change, on_scope(update_user), needs=member_permission(scope, "UPDATE")),
        acting(remove, on_scope(delete_user), needs=member_permission(scope, "DELETE")),
    ]
