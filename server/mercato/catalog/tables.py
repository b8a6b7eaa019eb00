"""What is for sale, and what it costs."""

from __future__ import annotations

from sqlalchemy import Index, Table

from mercato.kernel import columns as c

categories = Table(
    "categories",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.text("title", length=255),
    c.text("description", default=""),
    c.text("icon", nullable=True),
    c.ref("icon_id", "files.id", nullable=True, index=False),
    c.ref("group_id", "category_groups.id", nullable=True),
    c.moment("created", nullable=False),
)

category_groups = Table(
    "category_groups",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.text("title", length=255),
    c.text("description", default=""),
    c.ref("icon_id", "files.id", nullable=True, index=False),
)

# What can be said of every offering of a category: sections of attributes, some with options to choose from.
sections = Table(
    "category_sections",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.ref("category_id", "categories.id"),
    c.text("key", length=255, unique=True),
    c.text("title", length=255),
    c.flag("is_standalone"),
)

attributes = Table(
    "category_attributes",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.ref("section_id", "category_sections.id"),
    c.text("key", length=255, unique=True),
    c.text("title", length=255),
    c.text("type", length=10),
    c.flag("required"),
    c.json("default", nullable=True),
)

attribute_options = Table(
    "category_attribute_options",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.ref("attribute_id", "category_attributes.id", index=False),
    c.text("key", length=255),
    c.text("title", length=255),
    Index("uq_category_attribute_options_key", "attribute_id", "key", unique=True),
)

# Which columns a list of a category's resources shows.
category_columns = Table(
    "category_columns",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.ref("category_id", "categories.id"),
    c.number("index"),
    c.text("title", length=255),
    c.text("attribute", length=255, default=""),
    c.text("widget", length=20, nullable=True),
)

offerings = Table(
    "offerings",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.text("slug", length=80, index=True),
    c.moment("created", nullable=False),
    c.ref("customer_id", "customers.id"),
    c.ref("project_id", "projects.id", nullable=True, index=False),
    c.ref("category_id", "categories.id"),
    c.text("name", length=150),
    c.text("type", length=100),
    c.text("state", length=16),
    c.text("paused_reason", default=""),
    c.flag("shared", default=True),
    c.flag("billable", default=True),
    *(
        c.text(name, default="")
        for name in (
            "description", "full_description", "vendor_details", "getting_started", "integration_guide",
            "access_url", "documentation_url", "helpdesk_url", "privacy_policy_link", "terms_of_service",
            "terms_of_service_link", "backend_id",
        )
    ),
    c.json("attributes"),
    c.json("options"),
    c.json("resource_options"),
    c.json("plugin_options"),
    c.json("secret_options"),
    c.json("backend_metadata"),
    c.ref("thumbnail_id", "files.id", nullable=True, index=False),
    c.ref("image_id", "files.id", nullable=True, index=False),
    c.real("latitude"),
    c.real("longitude"),
    c.text("country", length=2, default=""),
    # How the backend was found when somebody last looked.
    c.text("check_state", length=10, nullable=True),
    c.text("check_error", default=""),
    c.moment("removed_at"),
    Index("ix_offerings_state_name", "state", "name"),
)  # fmt: skip

components = Table(
    "components",
    c.metadata,
    c.pk(),
    c.uuid(),
    # Besides the unique index: its rows come in the order of their ids, which is the order people gave them.
    c.ref("offering_id", "offerings.id"),
    c.text("type", length=50),
    c.text("name", length=150),
    c.text("description", default=""),
    c.text("billing_type", length=5),
    c.text("measured_unit", length=30, default=""),
    c.number("unit_factor", default=1),
    c.text("limit_period", length=10, nullable=True),
    c.number("limit_amount", nullable=True),
    c.text("article_code", length=30, default=""),
    c.number("min_value", nullable=True),
    c.number("max_value", nullable=True),
    c.number("max_available_limit", nullable=True),
    c.number("default_limit", nullable=True),
    c.flag("is_boolean"),
    c.flag("is_builtin"),
    c.flag("is_prepaid"),
    *(
        c.number(name, nullable=True)  # months
        for name in (
            "min_prepaid_duration", "max_prepaid_duration", "prepaid_duration_step", "min_renewal_duration",
            "max_renewal_duration", "renewal_duration_step",
        )
    ),
    c.ref("overage_component_id", "components.id", nullable=True, index=False),
    Index("uq_components_offering_id_type", "offering_id", "type", unique=True),
)  # fmt: skip

plans = Table(
    "plans",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.ref("offering_id", "offerings.id"),
    c.text("name", length=150),
    c.text("description", default=""),
    c.text("article_code", length=30, default=""),
    c.text("unit", length=12),
    # Sums over the plan's components, kept with them: decimals are never summed in SQL.
    c.exact("unit_price"),
    c.exact("init_price"),
    c.exact("switch_price"),
    c.number("max_amount", nullable=True),
    c.flag("archived"),
    c.text("backend_id", length=255, default=""),
    c.moment("removed_at"),
)

plan_components = Table(
    "plan_components",
    c.metadata,
    c.pk(),
    c.ref("plan_id", "plans.id", index=False),
    c.ref("component_id", "components.id"),
    c.exact("price"),
    c.exact("future_price", nullable=True),
    c.number("amount"),
    Index("uq_plan_components_plan_id_component_id", "plan_id", "component_id", unique=True),
)

# The organization groups that an offering, or a plan, is for; none means everybody.
offering_groups = Table(
    "offering_organization_groups",
    c.metadata,
    c.pk(),
    c.ref("offering_id", "offerings.id", index=False),
    c.ref("group_id", "organization_groups.id"),
    Index("uq_offering_organization_groups_group", "offering_id", "group_id", unique=True),
)

plan_groups = Table(
    "plan_organization_groups",
    c.metadata,
    c.pk(),
    c.ref("plan_id", "plans.id", index=False),
    c.ref("group_id", "organization_groups.id"),
    Index("uq_plan_organization_groups_group", "plan_id", "group_id", unique=True),
)

screenshots = Table(
    "screenshots",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.ref("offering_id", "offerings.id"),
    c.text("name", length=150),
    c.text("description", default=""),
    c.ref("image_id", "files.id", index=False),
)

offering_endpoints = Table(
    "offering_endpoints",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.ref("offering_id", "offerings.id"),
    c.text("name", length=255),
    c.text("url"),
)

OFFERING_TEXTS = (
    "name", "description", "full_description", "vendor_details", "getting_started", "integration_guide", "access_url",
    "documentation_url", "helpdesk_url", "privacy_policy_link", "terms_of_service", "terms_of_service_link",
)  # fmt: skip
