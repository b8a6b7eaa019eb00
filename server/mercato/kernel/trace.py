"""Which request something is done for: on every line of the log, in every job that comes of it, in every refusal.

A client (or a proxy) may name its request with `X-Request-ID`; else one is made, when somebody first asks for it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

HEADER = "X-Request-ID"
_HEADER = b"x-request-id"
_FINE = re.compile(r"[\w.:-]{1,64}", re.ASCII)
# ASGI's scope while a request is answered, the name itself in a job.
_present: ContextVar[Any] = ContextVar("request", default=None)


begin, end = _present.set, _present.reset


@contextmanager
def during(request: Any) -> Iterator[None]:
    """While this request is answered (its ASGI scope), or what came of it is done (its name; None: nobody's)."""
    before = _present.set(request)
    try:
        yield
    finally:
        _present.reset(before)


def current() -> str | None:
    """The name of the request that this is done for."""
    request = _present.get()
    if request is None or isinstance(request, str):
        return request
    state = request.setdefault("state", {})
    if "request_id" not in state:
        state["request_id"] = _given(request) or secrets.token_hex(8)
    return str(state["request_id"])


def _given(scope: Any) -> str:
    for name, value in scope["headers"]:
        if name == _HEADER:
            text = value.decode("latin-1")
            # What goes into the log cannot be of any length, or end a line.
            return text if _FINE.fullmatch(text) else ""
    return ""
