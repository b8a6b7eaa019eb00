"""People's accounts at offerings, what offerings see of people, and accounts that belong to projects."""

from __future__ import annotations

from sqlalchemy import Index, Table, text

from mercato.kernel import columns as c
from mercato.schemas.identity import ATTRIBUTES

offering_users = Table(
    "offering_users",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.ref("offering_id", "offerings.id", index=False),
    c.ref("user_id", "users.id"),
    c.text("username", length=100, default=""),
    c.text("state", length=40),
    c.text("runtime_state", length=40, default="Active"),
    c.flag("is_restricted"),
    c.text("service_provider_comment", default=""),
    c.text("service_provider_comment_url", length=200, default=""),
    # The person lost access while the account was being made: it is deleted as soon as it is OK.
    c.flag("leaving"),
    # Deleted accounts stay on record while a new one may be made for the same person.
    Index(
        "uq_offering_users_living",
        "offering_id",
        "user_id",
        unique=True,
        sqlite_where=text("state <> 'Deleted'"),
        postgresql_where=text("state <> 'Deleted'"),
    ),
    Index("ix_offering_users_offering_id_state", "offering_id", "state"),
)

# Which attributes of its users an offering sees; an offering without a row has the defaults.
attribute_configs = Table(
    "attribute_configs",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.ref("offering_id", "offerings.id", index=False),
    *(c.flag(f"expose_{name}") for name in ATTRIBUTES),
    Index("uq_attribute_configs_offering_id", "offering_id", unique=True),
)

# Who agreed to which version of an offering's terms of service.
consents = Table(
    "consents",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.ref("user_id", "users.id", index=False),
    c.ref("offering_id", "offerings.id"),
    # The terms as they were: whoever agreed to others is asked again.
    c.text("terms", default=""),
    c.text("terms_link", default=""),
    c.text("version", length=64, default=""),
    c.moment("agreement_date", nullable=False),
    c.moment("revocation_date"),
    Index(
        "uq_consents_living",
        "user_id",
        "offering_id",
        unique=True,
        sqlite_where=text("revocation_date IS NULL"),
        postgresql_where=text("revocation_date IS NULL"),
    ),
)

# Programs that work in a project under a name of their own.
service_accounts = Table(
    "service_accounts",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.ref("project_id", "projects.id"),
    c.text("username", length=32, unique=True),
    c.text("preferred_identifier", length=32, default=""),
    c.text("email", length=320, default=""),
    c.text("description", default=""),
    c.text("state", length=8),
    c.text("error_message", default=""),
    c.text("error_traceback", default=""),
)

# People who take part in a course for as long as its project lasts.
course_accounts = Table(
    "course_accounts",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.ref("project_id", "projects.id"),
    c.ref("user_id", "users.id"),
    c.text("email", length=320, default=""),
    c.text("description", length=4096, default=""),
    c.text("state", length=8),
    c.text("error_message", default=""),
    c.text("error_traceback", default=""),
)
