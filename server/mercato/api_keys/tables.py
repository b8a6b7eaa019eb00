"""Keys of resources: the secret only sealed."""

from __future__ import annotations

from sqlalchemy import Index, Table

from mercato.kernel import columns as c

resource_api_keys = Table(
    "resource_api_keys",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    # When its present secret came.
    c.moment("issued_at"),
    c.ref("resource_id", "resources.id", index=False),
    c.text("client_id", length=255),
    c.text("sealed"),
    c.text("state", length=8),
    # What the agent still has to do with it.
    c.text("pending_action", length=10, default=""),
    c.text("error_message", default=""),
    Index("uq_resource_api_keys_resource_id_client_id", "resource_id", "client_id", unique=True),
)
