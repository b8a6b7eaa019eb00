"""Names for new resources: by the offering's pattern, or after project and offering."""

from __future__ import annotations

from string import Formatter
from typing import Any

from sqlalchemy import func, select

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.catalog import queries as catalog
from mercato.kernel.db import Tx
from mercato.kernel.errors import invalid
from mercato.kernel.ids import uuid_of_link
from mercato.resources.tables import resources
from mercato.schemas.access import Scope
from mercato.schemas.permissions import Permission as P
from mercato.schemas.resource_acts import NameQuestion
from mercato.tenants import queries as tenants

PATTERN = "resource_name_pattern"
PLAIN = "{project_slug}-{offering_slug}-{counter}"
LONGEST = 150


def suggest(tx: Tx, actor: Actor, data: NameQuestion) -> str:
    """A name for what somebody may order in the project: by `plugin_options.resource_name_pattern`, counted on
    from the project's resources of this offering."""
    project = tenants.project_row(tx.conn, uuid_of_link(data.project) or "")
    offering = catalog.offering_row(tx.conn, uuid_of_link(data.offering) or "")
    if project is None or offering is None:
        raise invalid("project" if project is None else "offering", "Not found.", code="unknown")
    scopes = [(Scope.PROJECT, project.id), (Scope.CUSTOMER, project.customer_id)]
    access.must(tx.conn, actor, P.ORDER_CREATE, scopes, tx.now)
    customer = tenants.customer_by_id(tx.conn, project.customer_id)
    plan = catalog.plan_row(tx.conn, uuid_of_link(data.plan or "") or "")
    if data.plan and (plan is None or plan.offering_id != offering.id):
        message = "This plan is not available for selected offering."
        raise invalid("plan", message, code="unknown_plan")
    before = select(func.count()).where(
        resources.c.project_id == project.id, resources.c.offering_id == offering.id
    )
    values = {
        "customer_name": customer.name,
        "customer_slug": customer.slug,
        "project_name": project.name,
        "project_slug": project.slug,
        "offering_name": offering.name,
        "offering_slug": offering.slug,
        "plan_name": plan.name if plan else "",
        "counter": str(int(tx.conn.execute(before).scalar_one()) + 1),
    }
    pattern = offering.plugin_options.get(PATTERN)
    return filled(pattern if isinstance(pattern, str) and pattern else PLAIN, values, data.attributes)


def filled(pattern: str, values: dict[str, str], attributes: dict[str, Any]) -> str:
    """The pattern with `{name}` and `{attributes[KEY]}` put in. What it does not know, or would reach into
    (`{name.x}`, `{name!r}`), stays as it is written: the pattern is data."""
    parts = []
    try:
        pieces = list(Formatter().parse(pattern))
    except ValueError:  # an unbalanced brace
        return pattern.strip()[:LONGEST]
    for text, field, spec, conversion in pieces:
        parts.append(text)
        if field is None:
            continue
        inside = field[len("attributes[") : -1] if field.startswith("attributes[") else None
        if inside is not None and field.endswith("]"):
            parts.append(str(attributes.get(inside, "")))
        elif field in values and not spec and not conversion:
            parts.append(values[field])
        else:
            parts.append("{" + field + "}")
    return "".join(parts).strip()[:LONGEST]
