"""What clients read when something was refused: Waldur-shaped bodies, a stable code beside the English."""

from __future__ import annotations

from typing import Any

import msgspec
import structlog
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.response import Response

from mercato.kernel import trace
from mercato.kernel.errors import Invalid, MercatoError
from mercato.kernel.incoming import Reply

_log = structlog.get_logger("mercato.web")
JSON = "application/json"
CODE_HEADER = "X-Mercato-Code"
_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def answer_of(error: Exception, method: str, path: str) -> Reply:
    """The answer to a request that raised this."""
    if isinstance(error, MercatoError):
        return _refused(error)
    if isinstance(error, HTTPException):
        return _not_taken(error, method)
    _log.exception("request failed", method=method, path=path, exc_info=error)
    return _reply(
        500, {"detail": "The server met an error. It has been recorded.", "code": "internal"}, "internal"
    )


def _reply(status: int, content: Any, code: str, headers: dict[str, str] | None = None) -> Reply:
    named = {trace.HEADER: request} if (request := trace.current()) else {}
    return Reply(msgspec.json.encode(content), status, {CODE_HEADER: code, **named, **(headers or {})})


def _refused(error: MercatoError) -> Reply:
    """400 with the fields named, or `{"detail", "code", …parameters}`."""
    if isinstance(error, Invalid) and error.fields:
        return _reply(400, error.fields, error.code)
    headers = {"WWW-Authenticate": "Token"} if error.status == 401 else None
    content = {"detail": error.detail, "code": error.code, **error.params}
    return _reply(error.status, content, error.code, headers)


def _not_taken(error: HTTPException, method: str) -> Reply:
    """What the framework itself refuses (unknown path, wrong method, too large a body)."""
    detail, code = error.detail, _CODES.get(error.status_code, "refused")
    if error.status_code == 404:
        detail = "Not found."
    elif error.status_code == 405:
        detail = f'Method "{method}" not allowed.'
    return _reply(error.status_code, {"detail": detail, "code": code}, code, dict(error.headers or {}))


def respond(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The same for Litestar."""
    answer = answer_of(error, request.method, request.url.path)
    return Response(
        answer.body, status_code=answer.status, media_type=JSON, headers=dict(answer.headers or {})
    )
