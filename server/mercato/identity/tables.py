"""Users, their tokens, and failed attempts to sign in."""

from __future__ import annotations

from sqlalchemy import Index, Table, text

from mercato.kernel import columns as c

users = Table(
    "users",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.text("username", length=128),
    c.text("slug", length=80, index=True),
    c.text("email", length=254),
    c.text("first_name", length=150),
    c.text("last_name", length=150),
    c.text("full_name", length=301),
    c.text("native_name", length=150, default=""),
    c.text("job_title", length=120, default=""),
    c.text("organization", length=255, default=""),
    c.text("phone_number", length=255, default=""),
    c.text("description", default=""),
    c.text("preferred_language", length=10, default=""),
    c.text("registration_method", length=50, default="default"),
    c.text("password_hash", nullable=True),
    c.flag("is_staff"),
    c.flag("is_support"),
    c.flag("is_active", default=True),
    c.moment("date_joined", nullable=False),
    c.moment("agreement_date"),
    c.day("birth_date"),
    # Seconds a token lives after its last use; null means for ever.
    c.number("token_lifetime", nullable=True),
    c.moment("removed_at"),
    Index(
        "uq_users_username",
        "username",
        unique=True,
        sqlite_where=text("removed_at IS NULL"),
        postgresql_where=text("removed_at IS NULL"),
    ),
)

tokens = Table(
    "tokens",
    c.metadata,
    c.pk(),
    c.text("key_hash", length=64, unique=True),
    c.ref("user_id", "users.id"),
    c.text("name", length=150, default=""),
    c.moment("created", nullable=False),
    c.moment("last_used", nullable=False),
    # Kept tokens (made by command or preset) do not end with idleness.
    c.flag("keeps"),
    c.moment("revoked_at"),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    c.metadata,
    c.pk(),
    c.text("username", length=128),
    c.text("address", length=64),
    c.number("failures"),
    c.moment("last_failure", nullable=False),
    Index("uq_sign_in_attempts_username_address", "username", "address", unique=True),
)
