"""What agents found at their backends, and the requests to look."""

from __future__ import annotations

from sqlalchemy import Index, Table, text

from mercato.kernel import columns as c

backend_resource_requests = Table(
    "backend_resource_requests",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.moment("started"),
    c.moment("finished"),
    c.ref("offering_id", "offerings.id"),
    c.text("state", length=10),
    c.text("error_message", default=""),
    c.text("error_traceback", default=""),
)

backend_resources = Table(
    "backend_resources",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.text("name", length=150),
    c.ref("offering_id", "offerings.id", index=False),
    c.ref("project_id", "projects.id"),
    c.text("backend_id", length=255, default=""),
    c.json("backend_metadata"),
    # Two agents that find the same thing report it once.
    Index(
        "uq_backend_resources_found",
        "offering_id",
        "project_id",
        "backend_id",
        unique=True,
        sqlite_where=text("backend_id <> ''"),
        postgresql_where=text("backend_id <> ''"),
    ),
)
