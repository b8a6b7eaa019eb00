"""Everything that can go wrong on purpose. `web/problems.py` turns these into response bodies.

`code` and `params` are stable for programs; `detail` and the field messages are English for people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class MercatoError(Exception):
    """The act was refused; nothing was changed."""

    status = 500
    code = "error"

    def __init__(self, detail: str, *, code: str | None = None, **params: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.params = params


class Invalid(MercatoError):
    """400. `fields` maps a field's wire name to its messages; without it the body is `{"detail": …}`."""

    status = 400
    code = "invalid"

    def __init__(
        self,
        detail: str = "",
        *,
        fields: Mapping[str, Sequence[str]] | None = None,
        code: str | None = None,
        **params: Any,
    ) -> None:
        self.fields = {name: list(messages) for name, messages in (fields or {}).items()}
        first = next(iter(self.fields.items()), None)
        super().__init__(detail or (f"{first[0]}: {first[1][0]}" if first else ""), code=code, **params)


def invalid(field: str, message: str, *, code: str | None = None, **params: Any) -> Invalid:
    """One wrong field."""
    return Invalid(fields={field: [message]}, code=code, **params)


class UnsupportedMedia(MercatoError):
    status = 415
    code = "unsupported_media_type"


class NotSignedIn(MercatoError):
    status = 401
    code = "not_signed_in"

    def __init__(self, detail: str = "Authentication credentials were not provided.", **kw: Any) -> None:
        super().__init__(detail, **kw)


class Forbidden(MercatoError):
    status = 403
    code = "forbidden"

    def __init__(self, detail: str = "You do not have permission to perform this action.", **kw: Any) -> None:
        super().__init__(detail, **kw)


class NotFound(MercatoError):
    status = 404
    code = "not_found"

    def __init__(self, detail: str = "Not found.", **kw: Any) -> None:
        super().__init__(detail, **kw)


class Conflict(MercatoError):
    status = 409
    code = "conflict"


class TooManyRequests(MercatoError):
    status = 429
    code = "throttled"
