"""Roles, what they allow, and who holds them where."""

from __future__ import annotations

from sqlalchemy import Index, Table, text

from mercato.kernel import columns as c

roles = Table(
    "roles",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.text("name", length=150),
    c.text("description"),
    c.text("content_type", length=32),
    c.flag("is_system_role"),
    c.flag("is_active", default=True),
    c.moment("created", nullable=False),
    # Who held the role once stays on record with it.
    c.moment("removed_at"),
    Index(
        "uq_roles_living_name",
        "name",
        unique=True,
        sqlite_where=text("removed_at IS NULL"),
        postgresql_where=text("removed_at IS NULL"),
    ),
)

role_permissions = Table(
    "role_permissions",
    c.metadata,
    c.pk(),
    c.ref("role_id", "roles.id", index=False),
    c.text("permission", length=80),
    Index("uq_role_permissions_role_id_permission", "role_id", "permission", unique=True),
)

grants = Table(
    "grants",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.ref("user_id", "users.id", index=False),
    c.ref("role_id", "roles.id"),
    c.text("scope_type", length=32),
    c.number("scope_id"),
    c.moment("created", nullable=False),
    c.ref("created_by_id", "users.id", nullable=True, index=False),
    c.moment("expiration_time"),
    c.flag("is_active", default=True),
    c.moment("revoked_at"),
    c.ref("revoked_by_id", "users.id", nullable=True, index=False),
    c.text("revoke_reason", nullable=True),
    Index("ix_grants_user_scope", "user_id", "scope_type", "is_active"),
    Index("ix_grants_scope", "scope_type", "scope_id", "is_active"),
    Index(
        "uq_grants_active",
        "user_id",
        "role_id",
        "scope_type",
        "scope_id",
        unique=True,
        sqlite_where=text("is_active"),
        postgresql_where=text("is_active"),
    ),
)
