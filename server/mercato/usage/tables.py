"""What was consumed, per resource, component and billing month."""

from __future__ import annotations

from sqlalchemy import Date, Index, Table
from sqlalchemy.schema import Column

from mercato.kernel import columns as c

component_usages = Table(
    "component_usages",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.ref("resource_id", "resources.id", index=False),
    c.ref("component_id", "components.id"),
    c.ref("plan_id", "plans.id", nullable=True, index=False),
    Column("billing_period", Date(), nullable=False),
    c.moment("date", nullable=False),
    # Usage has two decimals on the wire (contract §7), so hundredths are exact and can be summed in SQL.
    c.number("hundredths"),
    c.text("description", default=""),
    c.flag("recurring"),
    c.ref("modified_by_id", "users.id", nullable=True, index=False),
    # Later reports have higher numbers: the last one of a month counts.
    c.number("reported"),
    Index("uq_component_usages_record", "resource_id", "component_id", "billing_period", unique=True),
    Index("ix_component_usages_billing_period", "billing_period"),
)

# What of a record each of the service's users used; need not sum up to it.
user_usages = Table(
    "component_user_usages",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.ref("component_usage_id", "component_usages.id", index=False),
    # The account on the service; a name that is nobody's account is kept all the same.
    c.ref("user_id", "offering_users.id", nullable=True),
    c.text("username", length=100),
    c.number("hundredths"),
    c.moment("date", nullable=False),
    c.text("description", default=""),
    c.text("backend_id", length=255, default=""),
    Index("uq_component_user_usages_record", "component_usage_id", "username", unique=True),
    Index("ix_component_user_usages_username", "username"),
)

# How much of a component one of the service's users may use; agents keep them to it.
user_usage_limits = Table(
    "component_user_usage_limits",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.ref("resource_id", "resources.id", index=False),
    c.ref("component_id", "components.id"),
    c.ref("user_id", "offering_users.id"),
    c.number("hundredths"),
    Index("uq_component_user_usage_limits_record", "resource_id", "component_id", "user_id", unique=True),
)
