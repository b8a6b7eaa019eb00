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
    c.ref("end_date_requested_by_id", "users.id", nullable=True, index=False),
    c.moment("end_date_updated_at"),
    c.flag("paused"),
    c.flag("downscaled"),
    c.flag("restrict_member_access"),
    c.text("error_message", default=""),
    c.text("error_traceback", default=""),
    c.moment("last_sync"),
    # What the provider reports in words: [{header, body}].
    c.json("report", nullable=True),
    # Since when it belongs to its organization, if it came from another: earlier months were the other's.
    c.moment("came_at"),
    c.moment("members_synced_at"),
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

# What was paid for in advance, as it was quoted: `allowance` of a component for so many periods, each a month or
# one of the `length` days of a month.
prepaid_charges = Table(
    "prepaid_charges",
    c.metadata,
    c.pk(),
    c.ref("resource_id", "resources.id"),
    c.moment("at", nullable=False),
    c.ref("plan_id", "plans.id", index=False),
    c.text("component", length=50),
    c.exact("unit_price"),
    c.number("allowance"),
    c.number("periods"),
    c.number("length"),
)

# How far each member's access has got on the provider's side, as its agent last reported it.
member_syncs = Table(
    "member_syncs",
    c.metadata,
    c.pk(),
    c.ref("resource_id", "resources.id", index=False),
    c.ref("user_id", "users.id", index=False),
    c.text("scope_type", length=20),
    c.text("scope", length=32, default=""),
    c.text("role_name", length=120),
    c.text("state", length=20),
    c.text("message", default=""),
    c.moment("modified", nullable=False),
    Index(
        "uq_member_syncs_member", "resource_id", "user_id", "scope_type", "scope", "role_name", unique=True
    ),
)

# Whose a resource was before it went to another organization: what of a month is told late is still theirs.
resource_moves = Table(
    "resource_moves",
    c.metadata,
    c.pk(),
    c.ref("resource_id", "resources.id", index=False),
    c.moment("at", nullable=False),
    c.ref("from_project_id", "projects.id", index=False),
    c.ref("from_customer_id", "customers.id", index=False),
    Index("ix_resource_moves_resource_id_at", "resource_id", "at"),
)

# A provider who keeps a copy of the project elsewhere is asked to take its changes over.
project_updates = Table(
    "project_update_requests",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.ref("project_id", "projects.id", index=False),
    c.ref("offering_id", "offerings.id", index=False),
    c.ref("created_by_id", "users.id", nullable=True, index=False),
    c.text("state", length=8),
    # The values of the fields that differ, before and after.
    c.json("before"),
    c.json("after"),
    c.moment("reviewed_at"),
    c.ref("reviewed_by_id", "users.id", nullable=True, index=False),
    c.text("review_comment", default=""),
    Index("ix_project_update_requests_project_id_state", "project_id", "state"),
    Index("ix_project_update_requests_offering_id_state", "offering_id", "state"),
)
