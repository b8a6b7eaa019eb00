"""Organizations, their projects and fields of science, and who of them sells."""

from __future__ import annotations

from sqlalchemy import Index, Table, text

from mercato.kernel import columns as c

customers = Table(
    "customers",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.text("slug", length=80, index=True),
    c.moment("created", nullable=False),
    c.text("name", length=150),
    *(
        c.text(name, default="")
        for name in (
            "native_name", "abbreviation", "description", "contact_details", "email", "phone_number", "homepage",
            "registration_code", "vat_code", "agreement_number", "country", "address", "city", "postal",
            "bank_name", "bank_account", "backend_id", "domain", "state", "parish", "street", "house_nr",
            "apartment_nr", "household", "notification_emails",
        )
    ),
    c.real("latitude"),
    c.real("longitude"),
    c.number("sponsor_number", nullable=True),
    c.flag("display_billing_info_in_projects"),
    c.ref("image_id", "files.id", nullable=True, index=False),
    c.exact("default_tax_percent"),
    c.moment("accounting_start_date"),
    # Billing months, days and "today" are this zone's.
    c.text("time_zone", length=64),
    c.flag("blocked"),
    c.flag("archived"),
    c.moment("removed_at"),
    Index("ix_customers_name", "name"),
)  # fmt: skip

projects = Table(
    "projects",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.text("slug", length=80, index=True),
    c.moment("created", nullable=False),
    c.ref("customer_id", "customers.id"),
    c.text("name", length=500),
    c.text("description", default=""),
    c.day("start_date"),
    c.day("end_date"),
    c.text("backend_id", length=255, default=""),
    c.flag("is_industry"),
    c.text("oecd_fos_2007_code", length=5, nullable=True),
    c.ref("science_sub_domain_id", "science_sub_domains.id", nullable=True),
    c.text("kind", length=10, default="default"),
    c.ref("type_id", "project_types.id", nullable=True, index=False),
    c.ref("image_id", "files.id", nullable=True, index=False),
    c.text("staff_notes", default=""),
    c.ref("end_date_requested_by_id", "users.id", nullable=True, index=False),
    c.moment("end_date_updated_at"),
    # Set when the end date has been acted on, so that it is acted on once.
    c.moment("ended_at"),
    c.moment("removed_at"),
    Index("ix_projects_name", "name"),
)

project_types = Table(
    "project_types",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.text("name", length=150),
    c.text("description", default=""),
)

# Kinds of organizations, in a tree; offerings and plans can be for some of them alone.
organization_groups = Table(
    "organization_groups",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.text("name", length=150),
    c.ref("parent_id", "organization_groups.id", nullable=True),
)

customer_groups = Table(
    "customer_organization_groups",
    c.metadata,
    c.pk(),
    c.ref("customer_id", "customers.id", index=False),
    c.ref("group_id", "organization_groups.id"),
    Index("uq_customer_organization_groups_member", "customer_id", "group_id", unique=True),
)

service_providers = Table(
    "service_providers",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.ref("customer_id", "customers.id", index=False),
    c.text("description", default=""),
    c.ref("image_id", "files.id", nullable=True, index=False),
    c.flag("enable_notifications", default=True),
    c.json("allowed_domains", nullable=True),
    # Signs usage reports of the public interface; sealed, and shown to those who may see it.
    c.text("api_secret_code", nullable=True),
    c.moment("removed_at"),
    Index(
        "uq_service_providers_customer",
        "customer_id",
        unique=True,
        sqlite_where=text("removed_at IS NULL"),
        postgresql_where=text("removed_at IS NULL"),
    ),
)

science_domains = Table(
    "science_domains",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.text("code", length=10, unique=True),
    c.text("name", length=255, unique=True),
)

science_sub_domains = Table(
    "science_sub_domains",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.ref("domain_id", "science_domains.id", index=False),
    c.text("code", length=10, unique=True),
    c.text("name", length=255),
    Index("uq_science_sub_domains_domain_id_name", "domain_id", "name", unique=True),
)

# From time to time somebody looks whether all the people of an organization still belong there.
permission_reviews = Table(
    "permission_reviews",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.ref("customer_id", "customers.id", index=False),
    c.moment("closed"),
    c.ref("reviewer_id", "users.id", nullable=True, index=False),
    Index(
        "uq_permission_reviews_pending",
        "customer_id",
        unique=True,
        sqlite_where=text("closed IS NULL"),
        postgresql_where=text("closed IS NULL"),
    ),
    Index("ix_permission_reviews_customer_id_created", "customer_id", "created"),
)
