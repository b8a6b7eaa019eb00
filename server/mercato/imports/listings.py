"""How requests and what was found are listed: for the offering's provider."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, literal

from mercato.access import queries as access
from mercato.catalog.tables import offerings
from mercato.imports.tables import backend_resource_requests, backend_resources
from mercato.kernel.filters import contains, equals, since, until
from mercato.kernel.listing import Listing
from mercato.kernel.wiresql import link
from mercato.schemas.imports import BackendRequest, BackendResource, ImportableResource
from mercato.tenants.tables import projects


def provided(kind: str) -> ColumnElement[bool] | None:
    if kind == access.EVERYTHING:
        return None
    return access.provides(offerings.c.id, offerings.c.customer_id)


_OFFERING: dict[str, Any] = {
    "offering": offerings.c.uuid,
    "offering_name": offerings.c.name,
    "offering_url": link("/api/marketplace-provider-offerings/{}/", offerings.c.uuid),
}
_requests = backend_resource_requests
REQUESTS = Listing(
    BackendRequest,
    table=_requests,
    source=_requests.join(offerings, offerings.c.id == _requests.c.offering_id),
    visible=provided,
    columns={
        "url": link("/api/backend-resource-requests/{}/", _requests.c.uuid),
        **_OFFERING,
        **{
            name: _requests.c[name]
            for name in (
                "uuid", "created", "modified", "started", "finished", "state", "error_message", "error_traceback",
            )
        },
    },
    filters={
        "uuid": equals(_requests.c.uuid),
        "offering_uuid": equals(offerings.c.uuid),
        "state": equals(_requests.c.state),
        "created": since(_requests.c.created),
        "created_before": until(_requests.c.created),
        "modified": since(_requests.c.modified),
        "modified_before": until(_requests.c.modified),
        "started": since(_requests.c.started),
        "finished": since(_requests.c.finished),
    },
    order={"created": _requests.c.created},
    default_order=("-created",),
)  # fmt: skip

_found = backend_resources.join(offerings, offerings.c.id == backend_resources.c.offering_id).join(
    projects, projects.c.id == backend_resources.c.project_id
)
FOUND = Listing(
    BackendResource,
    table=backend_resources,
    source=_found,
    visible=provided,
    columns={
        "url": link("/api/backend-resources/{}/", backend_resources.c.uuid),
        **_OFFERING,
        "project": projects.c.uuid,
        "project_name": projects.c.name,
        "project_url": link("/api/projects/{}/", projects.c.uuid),
        **{
            name: backend_resources.c[name]
            for name in ("uuid", "name", "created", "modified", "backend_id", "backend_metadata")
        },
    },
    filters={
        "uuid": equals(backend_resources.c.uuid),
        "name": contains(backend_resources.c.name),
        "name_exact": equals(backend_resources.c.name),
        "backend_id": equals(backend_resources.c.backend_id),
        "project_uuid": equals(projects.c.uuid),
        "offering_uuid": equals(offerings.c.uuid),
        "created": since(backend_resources.c.created),
        "created_before": until(backend_resources.c.created),
        "modified": since(backend_resources.c.modified),
        "modified_before": until(backend_resources.c.modified),
    },
    order={"created": backend_resources.c.created},
    default_order=("-created",),
)

IMPORTABLE = Listing(
    ImportableResource,
    table=backend_resources,
    source=_found,
    visible=provided,
    columns={
        "backend_id": backend_resources.c.backend_id,
        "name": backend_resources.c.name,
        "type": offerings.c.type,
        "description": literal("") + projects.c.name,
    },
    filters={"offering_uuid": equals(offerings.c.uuid)},
)
