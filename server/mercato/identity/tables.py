"""Users, their sessions, keys and personal access tokens, and failed attempts to sign in."""

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
    # What identity providers tell about a person, and who told it.
    c.text("civil_number", length=50, nullable=True),
    c.text("gender", length=10, nullable=True),
    c.text("personal_title", length=50, default=""),
    c.text("place_of_birth", length=255, default=""),
    c.text("address", default=""),
    c.text("country_of_residence", length=2, default=""),
    c.text("nationality", length=2, default=""),
    c.json("nationalities", default=list),
    c.json("affiliations", default=list),
    c.text("organization_country", length=2, default=""),
    c.text("organization_type", length=255, default=""),
    c.text("organization_registry_code", length=255, default=""),
    c.text("organization_vat_code", length=255, default=""),
    c.text("organization_address", default=""),
    c.json("eduperson_assurance", default=list),
    c.text("identity_source", length=50, default=""),
    c.number("uid_number", nullable=True),
    c.number("primary_gid", nullable=True),
    c.json("attribute_sources", default=dict),
    c.json("active_isds", default=list),
    c.json("managed_isds", default=list),
    c.flag("is_identity_manager"),
    c.flag("can_use_personal_access_tokens", default=True),
    c.flag("notifications_enabled", default=True),
    c.text("deactivation_reason", default=""),
    # An administrator's word: no identity provider brings the account back.
    c.flag("is_admin_deactivated"),
    c.moment("modified"),
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

ssh_keys = Table(
    "ssh_keys",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.ref("user_id", "users.id", index=False),
    c.text("name", length=150),
    c.text("type", length=50),
    c.text("public_key", length=2000),
    c.text("fingerprint_md5", length=47),
    c.text("fingerprint_sha256", length=64),
    c.text("fingerprint_sha512", length=128),
    # Offered to everybody by the operator, not to be changed by its owner.
    c.flag("is_shared"),
    Index("uq_ssh_keys_user_id_fingerprint_sha256", "user_id", "fingerprint_sha256", unique=True),
)

personal_tokens = Table(
    "personal_tokens",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.ref("user_id", "users.id"),
    c.text("name", length=150),
    # Enough of the key to recognise it, too little to use it.
    c.text("token_prefix", length=16),
    c.text("key_hash", length=64, unique=True),
    # The permissions that the token may use, of those that its owner holds.
    c.json("scopes"),
    # Where it may use them: `{type, uuid}`; empty means wherever its owner may.
    c.json("allowed_scopes"),
    # From where: networks as `10.0.0.0/8`; empty means from anywhere.
    c.json("allowed_networks"),
    c.moment("expires_at", nullable=False),
    c.moment("revoked_at"),
    c.moment("last_used_at"),
    c.text("last_used_ip", length=64, default=""),
    c.number("use_count", default=0),
)
