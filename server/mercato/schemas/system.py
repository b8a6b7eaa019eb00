"""The server itself: version, public configuration, health."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from mercato.schemas import DetailQuery, Endpoint


class Version(Struct, kw_only=True):
    version: str
    latest_version: str = ""


class Health(Struct, kw_only=True):
    """`status` is `ok` or `degraded`; `checks` says what each part answered."""

    status: str
    checks: dict[str, str]


VERSION = Endpoint("GET", "/api/version/", DetailQuery, Version, summary="Version of the server")
CONFIGURATION = Endpoint("GET", "/api/configuration/", DetailQuery, dict[str, Any], summary="Public settings")
HEALTH = Endpoint("GET", "/health/", DetailQuery, Health, summary="Is everything well?", own=True)
LIVE = Endpoint("GET", "/health/live/", DetailQuery, Health, summary="Is the process alive?", own=True)
READY = Endpoint("GET", "/health/ready/", DetailQuery, Health, summary="Can it take requests?", own=True)
