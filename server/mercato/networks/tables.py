"""Networks of organizations."""

from __future__ import annotations

from sqlalchemy import Index, Table

from mercato.kernel import columns as c

# Networks of an organization: from where its people may sign in, and which of its offerings they may reach.
access_subnets = Table(
    "access_subnets",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.ref("customer_id", "customers.id", index=False),
    # As the network is written: 192.0.2.0/24, 2001:db8::/32.
    c.text("inet", length=50),
    c.text("description", default=""),
    c.flag("applies_to_portal"),
    c.flag("is_staff_managed"),
    Index("uq_access_subnets_customer_id_inet", "customer_id", "inet", unique=True),
)

# The services that a network shall be let in to; their providers read it.
subnet_offerings = Table(
    "access_subnet_offerings",
    c.metadata,
    c.pk(),
    c.ref("subnet_id", "access_subnets.id", index=False),
    c.ref("offering_id", "offerings.id"),
    Index("uq_access_subnet_offerings_offering", "subnet_id", "offering_id", unique=True),
)
