"""Rows of policies for services, whoever asks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from mercato.catalog.tables import offerings
from mercato.slurm_policies.tables import slurm_policies

_POLICY = select(
    slurm_policies,
    offerings.c.uuid.label("offering_uuid"),
    offerings.c.name.label("offering_name"),
    offerings.c.customer_id.label("provider_id"),
).join(offerings, offerings.c.id == slurm_policies.c.offering_id)


def policy_row(conn: Connection, uuid: str) -> Any:
    """The policy with offering_uuid, offering_name and provider_id (organization); or None."""
    return conn.execute(_POLICY.where(slurm_policies.c.uuid == uuid)).first()
