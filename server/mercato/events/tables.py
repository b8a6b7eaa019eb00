"""Whom and what an audit row concerns: columns that this room adds to the kernel's table.

They are numbers of rows elsewhere, without foreign keys: a record outlives what it is about.
"""

from __future__ import annotations

from sqlalchemy import Index

from mercato.kernel import columns as c
from mercato.kernel.tables import audit

# The organization (who buys; of catalogue events: who sells), project, offering, resource, and the person
# whom it happened to (`user_id` is who did it).
PLACES = ("customer_id", "project_id", "offering_id", "resource_id", "subject_id")

for _name in PLACES:
    audit.append_column(c.number(_name, nullable=True))
for _name in ("at", "user_id", *PLACES):
    Index(f"ix_audit_{_name}", audit.c[_name])
