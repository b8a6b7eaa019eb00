"""Rows of the catalogue for services, whoever asks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, literal, or_, select

from mercato.catalog.rules import SaidOf
from mercato.catalog.tables import (
    attribute_options,
    attributes,
    categories,
    components,
    offering_endpoints,
    offering_groups,
    offerings,
    plan_components,
    plan_groups,
    plans,
    screenshots,
    sections,
)
from mercato.kernel.fixed import fixed
from mercato.schemas.access import Scope
from mercato.schemas.catalog import BillingType
from mercato.schemas.overviews import PluginComponent, PluginType
from mercato.sdk import Manifest
from mercato.tenants.tables import customer_groups

_OFFERING = fixed(
    select(offerings).where(offerings.c.uuid == bindparam("uuid"), offerings.c.removed_at.is_(None))
)
_OFFERING_BY_ID = fixed(select(offerings).where(offerings.c.id == bindparam("id")))
_PLAN = fixed(select(plans).where(plans.c.uuid == bindparam("uuid"), plans.c.removed_at.is_(None)))
_GROUPS = fixed(
    select(literal("offering"), offering_groups.c.group_id)
    .where(offering_groups.c.offering_id == bindparam("offering"))
    .union_all(
        select(literal("plan"), plan_groups.c.group_id).where(plan_groups.c.plan_id == bindparam("plan"))
    )
)
_TERMS = fixed(
    select(offerings).where(
        offerings.c.uuid == bindparam("uuid"),
        offerings.c.removed_at.is_(None),
        offerings.c.shared,
        or_(offerings.c.terms_of_service != "", offerings.c.terms_of_service_link != ""),
    )
)
_MEMBER_GROUPS = fixed(
    select(customer_groups.c.group_id).where(customer_groups.c.customer_id == bindparam("id"))
)
_PLAN_BY_ID = fixed(select(plans).where(plans.c.id == bindparam("id")))
_PLANS = fixed(
    select(plans)
    .where(plans.c.offering_id == bindparam("offering"), plans.c.removed_at.is_(None))
    .order_by(plans.c.id)
)
_COMPONENTS = fixed(
    select(components).where(components.c.offering_id == bindparam("offering")).order_by(components.c.id)
)
_PRICES = fixed(
    select(plan_components.c.price, plan_components.c.amount, components.c.type, components.c.billing_type)
    .join(components, components.c.id == plan_components.c.component_id)
    .where(plan_components.c.plan_id == bindparam("plan"))
    .order_by(components.c.id)
)


def offering_type(manifest: Manifest) -> PluginType:
    """What a plugin says of the offerings of its type."""
    named = manifest.components.items()
    return PluginType(
        offering_type=manifest.id,
        components=[
            PluginComponent(
                type=type_, name=one.name, measured_unit=one.measured_unit, billing_type=one.billing_type
            )
            for type_, one in named
        ],
        available_limits=[type_ for type_, one in named if one.billing_type == BillingType.LIMIT],
    )


def is_for(conn: Connection, offering_id: int, plan_id: int | None, customer_id: int) -> tuple[bool, bool]:
    """Whether the offering, and the plan, are for the organization: for everybody, or for a group it is in."""
    found = conn.execute(_GROUPS, {"offering": offering_id, "plan": plan_id or 0}).all()
    if not found:
        return True, True
    of_offering = {group for what, group in found if what == "offering"}
    of_plan = {group for what, group in found if what == "plan"}
    member = {row[0] for row in conn.execute(_MEMBER_GROUPS, {"id": customer_id})}
    return not of_offering or bool(of_offering & member), not of_plan or bool(of_plan & member)


def terms_of(conn: Connection, uuid: str) -> Any:
    """What has to be agreed to when the offering is ordered; None where a shared offering has no terms."""
    return conn.execute(_TERMS, {"uuid": uuid}).first()


def screenshot_row(conn: Connection, uuid: str) -> Any:
    """The screenshot with its offering's uuid and organization; or None."""
    found = (
        select(screenshots, offerings.c.uuid.label("offering_uuid"), offerings.c.customer_id)
        .join(offerings, offerings.c.id == screenshots.c.offering_id)
        .where(screenshots.c.uuid == uuid)
    )
    return conn.execute(found).first()


def attributes_of(conn: Connection, category_id: int) -> list[Any]:
    """What can be said of the category's offerings: attributes with the keys of their options."""
    found = (
        select(attributes)
        .join(sections, sections.c.id == attributes.c.section_id)
        .where(sections.c.category_id == category_id)
        .order_by(attributes.c.id)
    )
    rows = list(conn.execute(found))
    ids = [row.id for row in rows]
    keys: dict[int, set[str]] = {}
    at = attribute_options.c
    for row in conn.execute(select(at.attribute_id, at.key).where(at.attribute_id.in_(ids))) if ids else ():
        keys.setdefault(row.attribute_id, set()).add(row.key)
    return [SaidOf(r.key, r.type, r.required, r.default, frozenset(keys.get(r.id, ()))) for r in rows]


def offering_row(conn: Connection, uuid: str) -> Any:
    return conn.execute(_OFFERING, {"uuid": uuid}).first()


def offering_by_id(conn: Connection, number: int) -> Any:
    return conn.execute(_OFFERING_BY_ID, {"id": number}).one()


def plan_row(conn: Connection, uuid: str) -> Any:
    return conn.execute(_PLAN, {"uuid": uuid}).first()


def plan_by_id(conn: Connection, number: int) -> Any:
    return conn.execute(_PLAN_BY_ID, {"id": number}).one()


def components_of(conn: Connection, offering_id: int) -> list[Any]:
    """The offering's components in their order."""
    return list(conn.execute(_COMPONENTS, {"offering": offering_id}))


def prices_of(conn: Connection, plan_id: int) -> list[Any]:
    """(price, amount, type, billing_type) of each component that the plan prices."""
    return list(conn.execute(_PRICES, {"plan": plan_id}))


def plans_of(conn: Connection, offering_id: int) -> list[Any]:
    """The offering's plans, archived ones among them."""
    return list(conn.execute(_PLANS, {"offering": offering_id}))


def category_row(conn: Connection, uuid: str) -> Any:
    return conn.execute(select(categories).where(categories.c.uuid == uuid)).first()


def component_row(conn: Connection, offering_id: int, uuid: str) -> Any:
    found = select(components).where(components.c.offering_id == offering_id, components.c.uuid == uuid)
    return conn.execute(found).first()


def component_by_id(conn: Connection, number: int) -> Any:
    return conn.execute(select(components).where(components.c.id == number)).one()


def endpoint_row(conn: Connection, offering_id: int, uuid: str) -> Any:
    table = offering_endpoints
    return conn.execute(select(table).where(table.c.offering_id == offering_id, table.c.uuid == uuid)).first()


def offering_scopes(offering: Any) -> list[tuple[Scope, int]]:
    """Where a permission on an offering may come from: the offering itself or its organization."""
    return [(Scope.OFFERING, offering.id), (Scope.CUSTOMER, offering.customer_id)]
