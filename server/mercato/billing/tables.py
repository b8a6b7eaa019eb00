"""Monthly invoices and their lines. Amounts are minor units of the invoice's one currency."""

from __future__ import annotations

from sqlalchemy import Index, Table

from mercato.kernel import columns as c

invoices = Table(
    "invoices",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.ref("customer_id", "customers.id", index=False),
    c.number("year"),
    c.number("month"),
    c.text("state", length=20),
    c.text("currency", length=3),
    # How many decimals the currency has: what one minor unit means.
    c.number("exponent"),
    # Frozen with the invoice: the zone decides which moments belong to its month.
    c.text("time_zone", length=64),
    c.exact("tax_percent"),
    c.number("price"),
    c.number("tax"),
    c.number("total"),
    c.day("invoice_date"),
    c.day("due_date"),
    c.json("issuer_details"),
    c.json("customer_details", nullable=True),
    c.text("backend_id", length=255, default=""),
    c.text("payment_url", default=""),
    c.text("reference_number", length=300, default=""),
    Index("uq_invoices_customer_id_year_month", "customer_id", "year", "month", unique=True),
    Index("ix_invoices_year_month", "year", "month"),
)

invoice_items = Table(
    "invoice_items",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.ref("invoice_id", "invoices.id", index=False),
    c.ref("resource_id", "resources.id", nullable=True),
    c.ref("project_id", "projects.id", nullable=True),
    # The billing core's name of the line: recomputing finds it again.
    c.text("key", length=300),
    c.text("name"),
    c.text("billing_type", length=12),
    c.text("unit", length=12),
    c.text("measured_unit", length=30, default=""),
    c.exact("quantity"),
    c.exact("unit_price"),
    c.number("price"),
    c.number("tax"),
    c.number("total"),
    c.moment("start", nullable=False),
    c.moment("end", nullable=False),
    c.text("article_code", length=30, default=""),
    c.text("project_name", length=500, default=""),
    c.text("project_uuid", length=32, nullable=True),
    c.text("resource_name", length=150, default=""),
    c.json("details"),
    # The core's whole line, so that it can be compared without guessing.
    c.json("line"),
    Index("uq_invoice_items_invoice_id_key", "invoice_id", "key", unique=True),
)

# Months that were begun: the organization's invoice, or (without organization) the price list.
opened_months = Table(
    "opened_months",
    c.metadata,
    c.pk(),
    c.ref("customer_id", "customers.id", nullable=True, index=False),
    c.number("year"),
    c.number("month"),
    c.moment("at", nullable=False),
    Index("uq_opened_months_customer_id_year_month", "customer_id", "year", "month", unique=True),
)
