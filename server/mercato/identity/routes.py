"""Signing in and out, users and oneself over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from mercato.access.rules import PUBLIC, SIGNED_IN, STAFF
from mercato.config import Settings
from mercato.identity import keys, personal, rules, service
from mercato.identity.bridge_routes import routes as bridge_routes
from mercato.identity.listings import AUTH_TOKENS, KEYS, ME, TOKENS, USERS
from mercato.kernel import clock, crypto
from mercato.kernel.db import Tx
from mercato.kernel.errors import Forbidden, NotFound
from mercato.kernel.http import Call, Door, Route, acting, detail, listed, raw, reading
from mercato.kernel.incoming import Incoming, Reply
from mercato.kernel.listing import Listing
from mercato.kernel.wirebody import read_body
from mercato.schemas import DetailQuery, Nothing
from mercato.schemas import identity as api


def _sign_in(door: Door, _route: Route) -> Callable[..., Any]:
    """The password is checked in a thread between two units: argon2 must hold up nobody."""

    async def handler(request: Incoming) -> Reply:
        kind = request.header(b"content-type")
        data = read_body(await request.body(), kind, api.SignIn, strict_names=False)
        address = request.client
        now = clock.now()
        worth, stored = await door.db.read(service.stored_hash, data.username, address, now)
        verified = worth and await asyncio.to_thread(crypto.verify_password, stored, data.password)
        key = await door.db.write(service.sign_in, data.username, address, verified=verified)
        if key is None:
            raise service.refused()
        if isinstance(key, service.KeptOut):
            raise Forbidden(key.why, code="wrong_network")
        return raw(api.Token(token=key), 200)

    return handler


def _me(conn: Connection, call: Call, query: DetailQuery) -> bytes:
    return ME.one(conn, call.looker, query)


def _sign_out(tx: Tx, call: Call) -> None:
    service.sign_out(tx, call.actor)


def _hashing(_conn: Connection, _call: Call, data: api.NewUser | api.FirstAdministrator) -> Callable[[], Any]:
    return lambda: None if data.password is None else service.hashed(data.password, data.username)


def _create(tx: Tx, _call: Call, data: api.NewUser, password_hash: str | None) -> str:
    return service.create_user(tx, data, password_hash=password_hash)


def _change(tx: Tx, call: Call, uuid: str, data: api.UserChange) -> str:
    USERS.one(tx.conn, call.looker, uuid=uuid)
    return service.change_user(tx, call.actor, uuid, data)


def _remove(tx: Tx, _call: Call, uuid: str) -> None:
    service.remove_user(tx, uuid)


def _check_password(conn: Connection, call: Call, uuid: str, data: api.NewPassword) -> Callable[[], Any]:
    USERS.one(conn, call.looker, uuid=uuid)
    return service.check_password(conn, call.actor, uuid, data.new_password, data.old_password)


def _password(
    tx: Tx, call: Call, uuid: str, _data: api.NewPassword, checked: service.CheckedPassword
) -> None:
    service.set_password(tx, call.actor, uuid, checked)


def first_administrator(code_is_right: Callable[[str], bool]) -> Route:
    """The one-time code is the server process's own: it prints it and forgets it with the first use."""

    def prepare(conn: Connection, call: Call, data: api.FirstAdministrator) -> Callable[[], Any]:
        if not code_is_right(data.code):
            raise Forbidden("This code is not valid (any more).", code="wrong_code")
        return _hashing(conn, call, data)

    def act(tx: Tx, _call: Call, data: api.FirstAdministrator, password_hash: str) -> api.Token:
        key = service.first_administrator(tx, data.username, data.password, data.email, password_hash)
        return api.Token(token=key)

    return acting(api.FIRST_ADMINISTRATOR, act, needs=PUBLIC, prepare=prepare)


def _add_key(tx: Tx, call: Call, data: api.NewSshKey) -> str:
    return keys.add(tx, call.actor, data)


def _on(listing: Listing, act: Callable[..., Any]) -> Callable[..., Any]:
    """Run an act on a thing that the caller can see; else it does not exist for them (404)."""

    def run(tx: Tx, call: Call, uuid: str, *data: Any) -> Any:
        if not listing.count(tx.conn, call.looker, None, uuid=uuid):
            raise NotFound
        return act(tx, call.actor, uuid, *data)

    return run


def _networks(tx: Tx, actor: Any, uuid: str, data: api.Networks) -> str:
    return personal.set_networks(tx, actor, uuid, data.allowed_networks)


def _scopes(conn: Connection, call: Call, _query: Nothing) -> list[api.AvailableScope]:
    found = personal.available(conn, call.actor, call.looker.params["now"])
    return [api.AvailableScope(permission=name, description=rules.sentence(name)) for name in found]


def _targets(conn: Connection, call: Call, _query: Nothing) -> list[api.BindingTarget]:
    found = personal.available(conn, call.actor, call.looker.params["now"])
    return [api.BindingTarget(permission=name, types=types) for name, types in found.items() if types]


def _end_sessions(tx: Tx, _call: Call, number: str) -> None:
    service.end_sessions_of(tx, number)


def _personal_tokens(settings: Settings) -> list[Route]:
    terms = personal.TokenTerms(
        settings.pat_enabled, settings.pat_max_lifetime_days, settings.pat_max_tokens_per_user
    )

    def create(tx: Tx, call: Call, data: api.NewPersonalToken) -> api.PersonalTokenMade:
        return personal.create(tx, call.actor, data, terms)

    return [
        listed(api.TOKENS, TOKENS, needs=SIGNED_IN),
        reading(api.AVAILABLE_SCOPES, _scopes, needs=SIGNED_IN),
        reading(api.BINDING_TARGETS, _targets, needs=SIGNED_IN),
        detail(api.TOKEN, TOKENS, needs=SIGNED_IN),
        acting(api.TOKEN_CREATE, create, needs=SIGNED_IN),
        acting(api.TOKEN_DELETE, _on(TOKENS, personal.revoke), needs=SIGNED_IN),
        acting(api.TOKEN_ROTATE, _on(TOKENS, personal.rotate), needs=SIGNED_IN),
        acting(api.TOKEN_NETWORKS, _on(TOKENS, _networks), needs=SIGNED_IN, then=TOKENS),
    ]


def routes(settings: Settings) -> list[Route]:
    """Accounts, sessions, keys, tokens, and what identity providers tell."""
    return [*_ROUTES, *_personal_tokens(settings), *bridge_routes(settings)]


_ROUTES = [
    Route(api.PASSWORD, PUBLIC, _sign_in, "act"),
    acting(api.LOGOUT, _sign_out, needs=SIGNED_IN),
    reading(api.ME, _me, needs=SIGNED_IN),
    listed(api.USERS, USERS, needs=SIGNED_IN),
    detail(api.USER, USERS, needs=SIGNED_IN),
    acting(api.USER_CREATE, _create, needs=STAFF, then=USERS, prepare=_hashing),
    acting(api.USER_UPDATE, _change, needs=SIGNED_IN, then=USERS),
    acting(api.USER_REPLACE, _change, needs=SIGNED_IN, then=USERS),
    acting(api.USER_DELETE, _remove, needs=STAFF),
    listed(api.KEYS, KEYS, needs=SIGNED_IN),
    detail(api.KEY, KEYS, needs=SIGNED_IN),
    acting(api.KEY_CREATE, _add_key, needs=SIGNED_IN, then=KEYS),
    acting(api.KEY_DELETE, _on(KEYS, keys.remove), needs=SIGNED_IN),
    listed(api.AUTH_TOKENS, AUTH_TOKENS, needs=STAFF),
    detail(api.AUTH_TOKEN, AUTH_TOKENS, needs=STAFF, names=("user_id",)),
    acting(api.AUTH_TOKEN_DELETE, _end_sessions, needs=STAFF),
    acting(api.USER_PASSWORD, _password, needs=SIGNED_IN, prepare=_check_password),
]
