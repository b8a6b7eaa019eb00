"""A provider's getting-started text with the resource's own values in the places of its variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mercato.schemas.resources import Resource

VARIABLE = re.compile(r"\{([A-Za-z0-9_]+)\}")
METADATA, OPTIONS = "backend_metadata_", "options_"


def fill(text: str, resource: Resource) -> str:
    """`{resource_name}`, `{backend_id}`, `{backend_metadata_<key>}`, `{options_<key>}` as their values.

    What has no value yet stays as it is written, so that one sees that it will come.
    """
    return VARIABLE.sub(lambda found: _value(found.group(1), resource) or found.group(0), text)


def _value(name: str, resource: Resource) -> str:
    found: Any = {
        "resource_name": resource.name,
        "backend_id": resource.backend_id,
        "resource_username": resource.backend_metadata.get("username"),
    }.get(name)
    if name.startswith(METADATA):
        found = resource.backend_metadata.get(name.removeprefix(METADATA))
    elif name.startswith(OPTIONS):
        key = name.removeprefix(OPTIONS)
        found = (resource.options or {}).get(key, resource.attributes.get(key))
    return str(found) if found not in (None, "", [], {}) else ""
