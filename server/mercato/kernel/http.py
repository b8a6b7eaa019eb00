"""How an Endpoint becomes a Litestar handler: parse, one unit of work, answer. Async lives only here.

Authentication, permission and the act itself run in the same unit, so one thread hop serves a request
and nothing about the caller is remembered between requests.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import Connection

from mercato.kernel import clock
from mercato.kernel.cache import Cached, ListCache
from mercato.kernel.db import Database, Tx
from mercato.kernel.errors import MercatoError, NotFound
from mercato.kernel.ids import as_hex
from mercato.kernel.incoming import Incoming, Reply
from mercato.kernel.listing import Listing, Looker, Page
from mercato.kernel.wirebody import read_body, read_query
from mercato.schemas import Endpoint, Nothing

_encode = msgspec.json.Encoder(decimal_format="string", uuid_format="hex").encode
_IN_PATH = re.compile(r"\{(\w+)\}")


class Credentials(NamedTuple):
    """What a request carries about its sender; `key` is the bearer's secret or empty."""

    key: str
    address: str
    agent: str


class Call(NamedTuple):
    """A request as services may see it: who asks, from which base, with which idempotency key."""

    actor: Any
    looker: Looker
    credentials: Credentials
    base: str
    request_key: str


class Answer(NamedTuple):
    """What an act gives where the status depends on what it found: 201 made, 200 was there."""

    result: Any
    status: int


class Door(Protocol):
    """What the composition root gives every handler."""

    db: Database
    cache: ListCache

    def base_of(self, request: Incoming) -> str: ...

    def identify(self, conn: Connection, credentials: Credentials, needs: Any, now: datetime) -> Any:
        """The actor. Raises NotSignedIn, or Forbidden where `needs` cannot be met anywhere."""
        ...

    def looker(self, actor: Any, base: str, now: datetime) -> Looker: ...

    def cache_key(self, conn: Connection, actor: Any, now: datetime) -> Any: ...


class Route(NamedTuple):
    """One row of a room's routes. `needs` has no default: it is PUBLIC, SIGNED_IN, STAFF or a Permission."""

    endpoint: Endpoint[Any, Any]
    needs: Any
    mount: Callable[[Door, Route], Callable[..., Any]]
    kind: str


def read_key(header: str) -> str:
    """The secret in `Authorization: Token|Bearer <key>`; the scheme's case does not matter."""
    scheme, _, key = header.partition(" ")
    return key.strip() if scheme.lower() in ("token", "bearer") else ""


def _credentials(request: Incoming) -> Credentials:
    return Credentials(
        read_key(request.header(b"authorization")), request.client, request.header(b"user-agent")
    )


def _path_values(request: Incoming, endpoint: Endpoint[Any, Any]) -> list[str]:
    """The path's values in order; what should be a UUID and is none names nothing: 404."""
    values = []
    for name in _names_in(endpoint.path):
        raw = request.value(name)
        if name.endswith("uuid"):
            found = as_hex(raw)
            if found is None:
                raise NotFound
            raw = found
        values.append(raw)
    return values


def raw(value: Any, status: int, headers: Mapping[str, str] | None = None) -> Reply:
    """A Struct as the answer of a handler written by hand."""
    return Reply(encode(value), status, headers)


def encode(value: Any) -> bytes:
    return b"" if value is None else _encode(value)


@cache
def _names_in(path: str) -> list[str]:
    return _IN_PATH.findall(path)


class ListPlan(NamedTuple):
    """How a list answers: `scope` names the filter that the path's uuid fills, `within` the listing of that
    thing (404 when the caller cannot see it), `without` columns nobody gets here. `rooms` makes the pages
    cacheable: they stay valid until one of these rooms changes. `also` gives further filters by who asks (never
    with `rooms`), `instead` another listing for certain questions, `seen` another way to look at it (never with
    `rooms` either)."""

    listing: Listing
    scope: str | None = None
    within: Listing | None = None
    without: Sequence[str] = ()
    rooms: Sequence[str] = ()
    also: Callable[[Credentials], Mapping[str, Any]] | None = None
    instead: Callable[[Any], Listing | None] | None = None
    seen: Callable[[Any, Looker], Looker] | None = None


def listed(endpoint: Endpoint[Any, Any], listing: Listing, *, needs: Any, **plan: Any) -> Route:
    """A list with pages; for `plan` see ListPlan."""
    how = ListPlan(listing, **plan)

    def mount(door: Door, route: Route) -> Callable[..., Any]:
        async def handler(request: Incoming) -> Reply:
            asked = _Asked.of(request, door, endpoint, how)
            found = await door.db.look(asked.answer, door, route.needs)
            if isinstance(found, Cached):
                if request.header(b"if-none-match") == found.etag:
                    return Reply(b"", 304, {"ETag": found.etag})
                return Reply(found.body, 200, found.headers)
            return Reply(found.body, 200, asked.headers(found))

        return handler

    return Route(endpoint, needs, mount, "list")


class _Asked(NamedTuple):
    """A list request, parsed; `answer` is its unit of work."""

    how: ListPlan
    path: str
    text: bytes
    query: Any
    fixed: dict[str, Any]
    credentials: Credentials
    base: str
    url: str
    now: datetime
    only_count: bool
    versions: tuple[int, ...]

    @classmethod
    def of(cls, request: Incoming, door: Door, endpoint: Endpoint[Any, Any], how: ListPlan) -> _Asked:
        text, base = request.scope["query_string"], door.base_of(request)
        credentials = _credentials(request)
        fixed = {how.scope: _path_values(request, endpoint)[0]} if how.scope else {}
        return cls(
            how=how,
            path=endpoint.path,
            text=text,
            query=read_query(text, endpoint.takes),
            fixed={**fixed, **how.also(credentials)} if how.also else fixed,
            credentials=credentials,
            base=base,
            url=base + request.scope["raw_path"].decode("latin-1"),
            now=clock.now(),
            only_count=request.method == "HEAD",
            # Read before the snapshot begins, so that old rows can never be kept under new versions.
            versions=tuple(door.db.versions[room] for room in how.rooms),
        )

    def answer(self, conn: Connection, door: Door, needs: Any) -> Page | Cached:
        how = self.how
        actor = door.identify(conn, self.credentials, needs, self.now)
        key = None
        if how.rooms and not self.only_count:
            who = door.cache_key(conn, actor, self.now)
            key = (self.path, self.text, self.base, who, self.versions)
            hit = door.cache.get(key)
            if hit is not None:
                return hit
        looker = door.looker(actor, self.base, self.now)
        if how.within is not None and not how.within.count(
            conn, looker, None, uuid=self.fixed[how.scope or ""]
        ):
            raise NotFound
        listing = (how.instead(self.query) if how.instead else None) or how.listing
        looker = how.seen(self.query, looker) if how.seen else looker
        if self.only_count:
            return Page(b"", listing.count(conn, looker, self.query, **self.fixed), 1, 0)
        kept = None
        if key is not None and door.cache.enabled:
            kept = partial(door.cache.rows.of, valid=self.versions)
        page = listing.page(conn, looker, self.query, without=how.without, kept=kept, **self.fixed)
        return page if key is None else door.cache.put(key, page.body, self.headers(page))

    def headers(self, page: Page) -> dict[str, str]:
        return _page_headers(self.url, self.text, page)


def _page_headers(url: str, raw: bytes, page: Page) -> dict[str, str]:
    """`X-Result-Count` and `Link` (first, prev, next, last in this order: old clients count on it)."""
    headers = {"X-Result-Count": str(page.total)}
    if page.page_size == 0:
        return headers
    last = max(1, -(-page.total // page.page_size))
    pages = {"first": 1, "prev": page.page - 1, "next": page.page + 1, "last": last}
    kept = [(k, v) for k, v in parse_qsl(raw.decode("latin-1")) if k != "page"]
    entries = []
    for rel, number in pages.items():
        if (rel == "prev" and number < 1) or (rel == "next" and number > last):
            continue
        entries.append(f'<{url}?{urlencode([*kept, ("page", number)])}>; rel="{rel}"')
    headers["Link"] = ", ".join(entries)
    return headers


def detail(
    endpoint: Endpoint[Any, Any], listing: Listing, *, needs: Any, names: Sequence[str] = ("uuid",)
) -> Route:
    """One thing of a listing. `names` are the filters that the path's values fill, in order."""

    def mount(door: Door, route: Route) -> Callable[..., Any]:
        async def handler(request: Incoming) -> Reply:
            query = read_query(request.scope["query_string"], endpoint.takes)
            scope = dict(zip(names, _path_values(request, endpoint), strict=True))
            credentials, base, now = _credentials(request), door.base_of(request), clock.now()

            def unit(conn: Connection) -> bytes:
                actor = door.identify(conn, credentials, route.needs, now)
                return listing.one(conn, door.looker(actor, base, now), query, **scope)

            return Reply(await door.db.look(unit), 200)

        return handler

    return Route(endpoint, needs, mount, "detail")


def reading(endpoint: Endpoint[Any, Any], fn: Callable[..., Any], *, needs: Any) -> Route:
    """A question of its own: `fn(conn, call, *path values, query)` gives a Struct or finished bytes."""

    def mount(door: Door, route: Route) -> Callable[..., Any]:
        async def handler(request: Incoming) -> Reply:
            query = read_query(request.scope["query_string"], endpoint.takes)
            values = _path_values(request, endpoint)
            credentials, base, now = _credentials(request), door.base_of(request), clock.now()

            def unit(conn: Connection) -> Any:
                actor = door.identify(conn, credentials, route.needs, now)
                call = Call(actor, door.looker(actor, base, now), credentials, base, "")
                return fn(conn, call, *values, query)

            found = await door.db.look(unit)
            return Reply(found if isinstance(found, bytes) else encode(found), endpoint.status)

        return handler

    return Route(endpoint, needs, mount, "read")


def acting(
    endpoint: Endpoint[Any, Any],
    fn: Callable[..., Any],
    *,
    needs: Any,
    then: Listing | None = None,
    prepare: Callable[..., Callable[[], Any]] | None = None,
) -> Route:
    """A business act: `fn(tx, call, *path values, data)` in one transaction; `data` only if there is a body.

    With `then` the act gives a uuid and the answer is that thing as the listing shows it, read in the
    same transaction. An `Answer` brings a status of its own.

    What takes long (hashing passwords) must not hold up the writers: `prepare(conn, call,
    *path values, data)` reads what it needs and gives the work, which runs in a thread before the act, which
    gets its result as one more argument.
    """

    def mount(door: Door, route: Route) -> Callable[..., Any]:
        async def handler(request: Incoming) -> Reply:
            caller = _Caller.of(request, door, route)
            values: list[Any] = [*_path_values(request, endpoint), *await caller.body(request)]
            if prepare is not None:
                work = await door.db.read(lambda conn: prepare(conn, caller.call(conn, clock.now()), *values))
                values.append(await asyncio.to_thread(work))

            def unit(tx: Tx) -> Answer:
                call = caller.call(tx.conn, tx.now)
                tx.who = getattr(call.actor, "id", None)
                result, status = fn(tx, call, *values), endpoint.status
                if isinstance(result, Answer):
                    result, status = result
                shown = encode(result) if then is None else then.one(tx.conn, call.looker, uuid=result)
                return Answer(shown, status)

            body, status = await door.db.write(unit)
            return Reply(b"" if status == 204 else body or b"{}", status)

        return handler

    return Route(endpoint, needs, mount, "act")


class _Caller(NamedTuple):
    """Who sent a request, before anybody has looked whether they may."""

    door: Door
    route: Route
    credentials: Credentials
    base: str
    request_key: str

    @classmethod
    def of(cls, request: Incoming, door: Door, route: Route) -> _Caller:
        key = request.header(b"idempotency-key")
        return cls(door, route, _credentials(request), door.base_of(request), key)

    def call(self, conn: Connection, now: datetime) -> Call:
        actor = self.door.identify(conn, self.credentials, self.route.needs, now)
        looker = self.door.looker(actor, self.base, now)
        return Call(actor, looker, self.credentials, self.base, self.request_key)

    async def body(self, request: Incoming) -> list[Any]:
        """The Struct that the act takes, if it takes one."""
        text, endpoint = await request.body(), self.route.endpoint
        if endpoint.takes is Nothing:
            return []
        kind = request.header(b"content-type")
        try:
            return [read_body(text, kind, endpoint.takes, strict_names=endpoint.own)]
        except MercatoError:
            # Who may not ask at all learns that first, and nothing about the body.
            await self.door.db.read(self.call, clock.now())
            raise


def handlers(door: Door, routes: Sequence[Route]) -> list[HTTPRouteHandler]:
    """All routes as Litestar handlers; lists also answer HEAD. `Straight` must be among the middleware."""
    made = []
    for route in routes:
        endpoint = route.endpoint
        methods = ["GET", "HEAD"] if route.kind in ("list", "whole") else [endpoint.method]
        made.append(
            HTTPRouteHandler(
                _IN_PATH.sub(r"{\1:str}", endpoint.path),
                http_method=methods,  # type: ignore[arg-type]
                opt={"straight": route.mount(door, route)},
                include_in_schema=False,
            )(_never_asked)
        )
    return made


async def _never_asked() -> None:
    """Litestar wants a function of its own kind; requests go to `opt["straight"]`."""
