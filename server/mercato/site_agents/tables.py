"""Agents at providers' sites, what runs in them, and what they log."""

from __future__ import annotations

from sqlalchemy import Index, Table

from mercato.kernel import columns as c

agent_identities = Table(
    "agent_identities",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.ref("offering_id", "offerings.id", index=False),
    c.ref("created_by_id", "users.id", nullable=True, index=False),
    c.text("name", length=150, index=True),
    c.text("version", length=100, nullable=True),
    c.json("dependencies"),
    c.text("config_file_path", length=150, nullable=True),
    c.text("config_file_content", nullable=True),
    c.moment("last_restarted"),
    Index("uq_agent_identities_offering_id_name", "offering_id", "name", unique=True),
)

agent_services = Table(
    "agent_services",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.ref("identity_id", "agent_identities.id", index=False),
    c.text("name", length=150),
    c.text("mode", length=100, nullable=True),
    c.text("state", length=6),
    c.json("statistics"),
    Index("uq_agent_services_identity_id_name", "identity_id", "name", unique=True),
)

agent_processors = Table(
    "agent_processors",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.ref("service_id", "agent_services.id", index=False),
    c.text("name", length=150),
    c.text("backend_type", length=100),
    c.text("backend_version", length=100, nullable=True),
    c.moment("last_run"),
    Index("uq_agent_processors_service_id_name", "service_id", "name", unique=True),
)

agent_logs = Table(
    "agent_logs",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.ref("identity_id", "agent_identities.id", index=False),
    c.moment("at", nullable=False),
    c.text("level", length=8),
    c.text("message"),
    c.text("module", length=255),
    Index("ix_agent_logs_identity_id_at", "identity_id", "at"),
    Index("ix_agent_logs_at", "at"),
)
