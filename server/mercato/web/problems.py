"""What clients read when something was refused: Waldur-shaped bodies, a stable code beside the English."""

from __future__ import annotations

from typing import Any

import msgspec
import structlog
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.response import Response

from mercato.kernel.errors import Invalid, MercatoError

_log = structlog.get_logger("mercato.web")
JSON = "application/json"
CODE_HEADER = "X-Mercato-Code"


def _body(status: int, content: Any, code: str, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(
        msgspec.json.encode(content),
        status_code=status,
        media_type=JSON,
        headers={CODE_HEADER: code, **(headers or {})},
    )


def on_market_error(request: Request[Any, Any, Any], error: MercatoError) -> Response[bytes]:
    """400 with the fields named, or `{"detail", "code", …parameters}`."""
    if isinstance(error, Invalid) and error.fields:
        return _body(400, error.fields, error.code)
    headers = {"WWW-Authenticate": "Token"} if error.status == 401 else None
    content = {"detail": error.detail, "code": error.code, **error.params}
    return _body(error.status, content, error.code, headers)


_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework itself refuses (unknown path, wrong method, too large a body)."""
    detail, code = error.detail, _CODES.get(error.status_code, "refused")
    if error.status_code == 404:
        detail = "Not found."
    elif error.status_code == 405:
        detail = f'Method "{request.method}" not allowed.'
    return _body(error.status_code, {"detail": detail, "code": code}, code, dict(error.headers or {}))


def on_crash(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A defect of ours: nothing of it is shown, everything of it is logged."""
    _log.exception("request failed", method=request.method, path=request.url.path, exc_info=error)
    return _body(
        500, {"detail": "The server met an error. It has been recorded.", "code": "internal"}, "internal"
    )
