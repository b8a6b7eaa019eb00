"""Decisions about site agents: values in, values out."""

from __future__ import annotations

import re

from mercato.schemas.site_agents import Compatibility, CompatibilityStatus

# Agents before this one speak to other endpoints.
OLDEST = (1, 0, 0)
_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?")


def compatibility(version: str | None) -> Compatibility:
    """Whether an agent of this version can work with us."""
    minimum = ".".join(map(str, OLDEST))
    found = _VERSION.match(version or "")
    if found is None:
        status, message = CompatibilityStatus.UNKNOWN, "The agent does not tell its version."
    elif tuple(int(part or 0) for part in found.groups()) < OLDEST:
        status, message = (
            CompatibilityStatus.INCOMPATIBLE,
            f"Agents need to be of version {minimum} or newer.",
        )
    else:
        status, message = CompatibilityStatus.COMPATIBLE, ""
    return Compatibility(status=status, message=message, minimum_required=minimum)
