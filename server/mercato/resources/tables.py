"""What was bought and is running, and the history that billing reads."""

from __future__ import annotations

from sqlalchemy import Index, Table

from mercato.kernel import columns as c

resources = Table(
    "resources",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.text("slug", length=80, index=True),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.text("name", length=150),
    c.text("description", default=""),
    c.text("state", length=12),
    c.ref("offering_id", "offerings.id"),
    c.ref("plan_id", "plans.id", nullable=True),
    c.ref("project_id", "projects.id"),
    c.json("attributes"),
    c.json("options"),
    c.json("limits"),
    c.json("current_usages"),
    c.text("backend_id", length=255, default=""),
    c.text("effective_id", length=255, default=""),
    c.json("backend_metadata"),
    c.day("end_date"),
    c.flag("paused"),
    c.flag("downscaled"),
    c.flag("restrict_member_access"),
    c.text("error_message", default=""),
    c.text("error_traceback", default=""),
    c.moment("last_sync"),
    Index("ix_resources_state_created", "state", "created"),
    Index("ix_resources_created", "created"),
)

resource_endpoints = Table(
    "resource_endpoints",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.ref("resource_id", "resources.id"),
    c.text("name", length=255),
    c.text("url"),
)

# The whole state after each change that matters for money, in the order it happened.
resource_history = Table(
    "resource_history",
    c.metadata,
    c.pk(),
    c.ref("resource_id", "resources.id"),
    c.moment("at", nullable=False),
    c.text("kind", length=12),
    c.ref("plan_id", "plans.id", nullable=True, index=False),
    c.json("limits"),
)
