"""The typed client. Speaks the server's own endpoint table and nothing else.

`await api(ENDPOINT, body_or_query, uuid=…)` gives the decoded answer; `await api.page(ENDPOINT, query)` one
page of a list with its total; `shape=` asks for a projection (`field=`) and decodes into that smaller Struct.
Whatever goes wrong is one `ApiError`; status 0 means that nobody answered.
"""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args
from uuid import UUID

import msgspec

from mercato.schemas import Endpoint, ListQuery, Nothing
from mercato_tui.i18n import _

if TYPE_CHECKING:
    import httpx

In = TypeVar("In")
Out = TypeVar("Out")
Row = TypeVar("Row")

OFFLINE = 0
FORM_ERROR_KEYS = ("non_field_errors", "detail", "code", "params")


class ApiError(Exception):
    """The server said no, or said nothing.

    `status` is the HTTP status (0: no answer), `detail` a sentence for people, `fields` the messages by
    field of what was sent, `code` the stable name of the problem.
    """

    def __init__(
        self, status: int, detail: str, *, fields: Mapping[str, list[str]] | None = None, code: str = ""
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.fields = dict(fields or {})
        self.code = code

    @property
    def offline(self) -> bool:
        return self.status == OFFLINE

    @property
    def advice(self) -> str:
        """What the person can do now."""
        return {
            OFFLINE: _("The app keeps trying. Nothing you typed is lost."),
            401: _("Sign in again; what you typed stays here."),
            403: _("Ask an owner of the organisation for the role you need."),
            404: _("It may have been removed, or it belongs to somebody else."),
            409: _("It changed in the meantime. Press r to see how it is now."),
            429: _("Wait a moment, then press r."),
        }.get(self.status, _("Press r to try again.") if self.status >= 500 else "")


class Page(msgspec.Struct, Generic[Row]):
    """One page of a list. `total` counts all rows that match, not only these."""

    rows: list[Row]
    total: int


class Api:
    """One person's connection to one server. `client` is any httpx.AsyncClient with its base URL set."""

    def __init__(self, client: httpx.AsyncClient, token: str | None = None) -> None:
        self.client = client
        self.token = token
        self.on_status: Callable[[bool], None] | None = None

    async def __call__(
        self,
        endpoint: Endpoint[In, Out],
        what: In | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **path: str,
    ) -> Out:
        """Ask, and decode the answer. Raises ApiError."""
        response = await self._send(endpoint, what, headers, path, None)
        if endpoint.gives is Nothing or not response.content:
            return _decode(b"{}", endpoint.gives)
        return _decode(response.content, endpoint.gives)

    async def page(
        self,
        endpoint: Endpoint[In, list[Row]],
        query: In | None = None,
        **path: str,
    ) -> Page[Row]:
        """One page of a list. Raises ApiError."""
        response = await self._send(endpoint, query, None, path, None)
        rows = _decode(response.content, endpoint.gives)
        return Page(rows, _total(response, len(rows)))

    async def some(
        self,
        endpoint: Endpoint[In, Any],
        shape: type[Row],
        query: In | None = None,
        **path: str,
    ) -> Page[Row]:
        """One page of a list with only the fields of `shape`. Raises ApiError."""
        response = await self._send(endpoint, query, None, path, shape)
        rows: list[Row] = _decode(response.content, list[shape])  # type: ignore[valid-type]
        return Page(rows, _total(response, len(rows)))

    async def one(self, endpoint: Endpoint[In, Any], shape: type[Row], **path: str) -> Row:
        """One object with only the fields of `shape`. Raises ApiError."""
        response = await self._send(endpoint, None, None, path, shape)
        return _decode(response.content, shape)

    async def documents(
        self, endpoint: Endpoint[In, Any], query: In | None = None, **path: str
    ) -> Page[dict[str, Any]]:
        """One page of a list as the wire has it: for programs and for tables. Raises ApiError."""
        response = await self._send(endpoint, query, None, path, None)
        rows: list[dict[str, Any]] = _decode(response.content, list[dict[str, Any]])
        return Page(rows, _total(response, len(rows)))

    async def document(self, endpoint: Endpoint[In, Any], what: In | None = None, **path: str) -> Any:
        """Any answer as the wire has it; None for an empty one. Raises ApiError."""
        response = await self._send(endpoint, what, None, path, None)
        return msgspec.json.decode(response.content) if response.content else None

    async def count(self, endpoint: Endpoint[In, Any], query: In, **path: str) -> int:
        """How many rows a list has, by asking for one of them. Raises ApiError."""
        params = {**_params(query), "page_size": "1", "field": "uuid"}
        response = await self._exchange(endpoint, params=params, path=path)
        return _total(response, 0)

    async def _send(
        self,
        endpoint: Endpoint[Any, Any],
        what: object,
        headers: Mapping[str, str] | None,
        path: Mapping[str, str],
        shape: type[Any] | None,
    ) -> httpx.Response:
        if endpoint.method == "GET":
            params = _params(what) if what is not None else {}
            if shape is not None:
                params["field"] = list(shape.__struct_fields__)
            return await self._exchange(endpoint, params=params, path=path, headers=headers)
        body = msgspec.json.encode(what) if what is not None else b"{}"
        return await self._exchange(endpoint, content=body, path=path, headers=headers)

    async def _exchange(
        self,
        endpoint: Endpoint[Any, Any],
        *,
        path: Mapping[str, str],
        params: dict[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        import httpx

        sent = {"Accept": "application/json", **(headers or {})}
        if self.token:
            sent["Authorization"] = f"Token {self.token}"
        if content is not None:
            sent["Content-Type"] = "application/json"
        try:
            response = await self.client.request(
                endpoint.method,
                endpoint.path.format(**path),
                params=params or None,
                content=content,
                headers=sent,
            )
        except httpx.HTTPError as problem:
            self._report(False)
            raise ApiError(OFFLINE, _("The server does not answer."), code=type(problem).__name__) from None
        self._report(True)
        if response.status_code >= 400:
            raise read_error(response.status_code, response.content)
        return response

    def _report(self, online: bool) -> None:
        if self.on_status is not None:
            self.on_status(online)


def read_error(status: int, content: bytes) -> ApiError:
    """The error body of the wire: `{"detail": …}`, `{"field": ["…"]}`, `["…"]`, or anything at all."""
    try:
        body = msgspec.json.decode(content)
    except msgspec.DecodeError:
        return ApiError(status, _("The server answered with an error ({status}).").format(status=status))
    if isinstance(body, list):
        return ApiError(status, " ".join(str(part) for part in body))
    if not isinstance(body, dict):
        return ApiError(status, str(body))
    fields = {name: _messages(said) for name, said in body.items() if name not in FORM_ERROR_KEYS}
    general = _messages(body.get("non_field_errors", [])) + _messages(body.get("detail", []))
    detail = " ".join(general)
    if not detail and fields:
        detail = _("Some of it cannot be accepted. See the marked fields.")
    return ApiError(
        status, detail or _("The server refused."), fields=fields, code=str(body.get("code") or "")
    )


def _messages(said: object) -> list[str]:
    if isinstance(said, str):
        return [said]
    if isinstance(said, list):
        return [str(part) for part in said]
    if isinstance(said, dict):
        return [f"{name}: {text}" for name, part in said.items() for text in _messages(part)]
    return [str(said)]


def _total(response: httpx.Response, rows: int) -> int:
    try:
        return int(response.headers.get("X-Result-Count", rows))
    except ValueError:
        return rows


def _decode(content: bytes, kind: type[Row]) -> Row:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError as problem:
        raise ApiError(
            502,
            _("The server speaks another language than this app: {problem}").format(problem=problem),
            code="undecodable",
        ) from None


def _params(query: object) -> dict[str, Any]:
    """A query Struct as request parameters: unset and null ones are left out, lists repeat their key."""
    if not isinstance(query, msgspec.Struct):
        return {}
    found: dict[str, Any] = {}
    for name in query.__struct_fields__:
        value = getattr(query, name)
        if value is msgspec.UNSET or value is None:
            continue
        found[name] = [_param(part) for part in value] if isinstance(value, list) else _param(value)
    return found


def _param(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return str(value)


def with_page(query: In, page: int, size: int) -> In:
    """The same list query for another page."""
    if not isinstance(query, ListQuery):
        raise TypeError("only lists have pages")
    return msgspec.structs.replace(query, page=page, page_size=size)


def plain_type(kind: object) -> object:
    """The type inside `X | None` or `X | UnsetType`; used to compare projections with the wire."""
    if isinstance(kind, types.UnionType):
        inside = [part for part in get_args(kind) if part not in (type(None), msgspec.UnsetType)]
        return inside[0] if len(inside) == 1 else kind
    return kind
