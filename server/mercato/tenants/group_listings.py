"""How organization groups are listed, alone and inside what they are of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, func, select

from mercato.kernel.filters import contains, equals, linked
from mercato.kernel.listing import Listing, omit
from mercato.kernel.wiresql import children, link
from mercato.schemas.groups import OrganizationGroup
from mercato.tenants.tables import customer_groups, customers, organization_groups

_parents = organization_groups.alias("parent_groups")
_URL = "/api/organization-groups/{}/"

GROUPS = Listing(
    OrganizationGroup,
    table=organization_groups,
    source=organization_groups.outerjoin(_parents, _parents.c.id == organization_groups.c.parent_id),
    visible=lambda _kind: None,
    columns={
        "url": link(_URL, organization_groups.c.uuid),
        "uuid": organization_groups.c.uuid,
        "name": organization_groups.c.name,
        "parent": link(_URL, _parents.c.uuid),
        "parent_uuid": omit(_parents.c.uuid),
        "parent_name": omit(_parents.c.name),
        "customers_count": select(func.count())
        .select_from(customer_groups.join(customers, customers.c.id == customer_groups.c.customer_id))
        .where(customer_groups.c.group_id == organization_groups.c.id, customers.c.removed_at.is_(None))
        .correlate(organization_groups)
        .scalar_subquery(),
    },
    filters={
        "uuid": equals(organization_groups.c.uuid),
        "name": contains(organization_groups.c.name),
        "name_exact": equals(organization_groups.c.name),
        "parent": linked(_parents.c.uuid),
    },
    order={"name": organization_groups.c.name},
    default_order=("name",),
)


def groups_of(members: Table, owner: ColumnElement[Any], of: FromClause) -> ColumnElement[Any]:
    """The groups of the current row of `of`, as a JSON array; `owner` is the column of `members` that names it."""
    return children(
        {
            "url": link(_URL, organization_groups.c.uuid),
            "uuid": organization_groups.c.uuid,
            "name": organization_groups.c.name,
        },
        members.join(organization_groups, organization_groups.c.id == members.c.group_id),
        where=owner == of.c.id,
        order=[organization_groups.c.name, organization_groups.c.id],
        of=of,
    )
