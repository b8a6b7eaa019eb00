"""How networks are listed: one SELECT."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select

from mercato.access import queries as access
from mercato.catalog.tables import offerings
from mercato.kernel.filters import contains, equals, holds, linked
from mercato.kernel.listing import Listing
from mercato.kernel.wiresql import children, json_list, link
from mercato.networks.queries import LIVES
from mercato.networks.tables import access_subnets, subnet_offerings
from mercato.schemas.networks import AccessSubnet
from mercato.tenants.tables import customers

_scoped = and_(subnet_offerings.c.subnet_id == access_subnets.c.id, offerings.c.removed_at.is_(None))
_provided = access.provides(offerings.c.id, offerings.c.customer_id)


def _visible(kind: str) -> ColumnElement[bool] | None:
    """Networks are for the organization's own people, and for providers whose services they shall reach."""
    if kind == access.EVERYTHING:
        return None
    reaches_me = exists().where(_scoped, subnet_offerings.c.offering_id == offerings.c.id, _provided)
    return or_(access.in_customer(access_subnets.c.customer_id), reaches_me)


_known = or_(access.I_SEE_ALL, access.in_customer(access_subnets.c.customer_id), _provided)
_their_offerings = subnet_offerings.join(offerings, offerings.c.id == subnet_offerings.c.offering_id)


def _offering_uuids() -> ColumnElement[Any]:
    rows = (
        select(offerings.c.uuid)
        .select_from(_their_offerings)
        .where(_scoped, _known)
        .order_by(offerings.c.name, offerings.c.id)
        .correlate(access_subnets)
        .subquery()
    )
    return select(json_list(rows.c.uuid)).select_from(rows).scalar_subquery()


def _offerings(fields: dict[str, ColumnElement[Any]]) -> ColumnElement[Any]:
    """Those of the network's offerings that the caller may know of."""
    return children(
        fields,
        _their_offerings,
        where=and_(_scoped, _known),
        order=[offerings.c.name, offerings.c.id],
        of=access_subnets,
    )


SUBNETS = Listing(
    AccessSubnet,
    table=access_subnets,
    source=access_subnets.join(customers, customers.c.id == access_subnets.c.customer_id),
    visible=_visible,
    where=customers.c.removed_at.is_(None),
    columns={
        **{
            name: access_subnets.c[name]
            for name in ("uuid", "inet", "description", "applies_to_portal", "is_staff_managed")
        },
        "customer": link("/api/customers/{}/", customers.c.uuid),
        "customer_uuid": customers.c.uuid,
        "customer_name": customers.c.name,
        "offerings": _offering_uuids(),
        "scoped_offerings": _offerings(
            {"uuid": offerings.c.uuid, "name": offerings.c.name, "has_live_resources": LIVES}
        ),
    },
    filters={
        "uuid": equals(access_subnets.c.uuid),
        "customer": linked(customers.c.uuid),
        "customer_uuid": equals(customers.c.uuid),
        "offering_uuid": holds(
            lambda uuid: exists().where(
                _scoped, subnet_offerings.c.offering_id == offerings.c.id, offerings.c.uuid == uuid
            )
        ),
        "inet": contains(access_subnets.c.inet),
        "description": contains(access_subnets.c.description),
        "applies_to_portal": equals(access_subnets.c.applies_to_portal),
        "is_staff_managed": equals(access_subnets.c.is_staff_managed),
    },
    order={
        "inet": access_subnets.c.inet,
        "description": access_subnets.c.description,
        "customer_name": customers.c.name,
        "created": access_subnets.c.created,
    },
    default_order=("inet",),
)
