"""What stands inside an offering's document: its components, its plans with their prices, its links."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, case, column, exists, func, literal, not_, select, table

from mercato.catalog.tables import (
    components,
    offering_endpoints,
    offerings,
    plan_components,
    plan_groups,
    plans,
    screenshots,
)
from mercato.kernel.columns import Json
from mercato.kernel.wiresql import (
    children,
    in_json,
    json_list,
    json_map,
    json_members,
    json_object,
    link,
    mapping,
    spliced_children,
)
from mercato.tenants.group_listings import groups_of

# A room above counts here; only these of its columns matter.
_resources = table("resources", column("id"), column("plan_id"), column("state"))
_overage = components.alias("overage")

_plan_parts = plan_components.join(components, components.c.id == plan_components.c.component_id)
_of_plan = plan_components.c.plan_id == plans.c.id
# The order of the components, as the index of plan_components has it.
_part_order = [plan_components.c.component_id]
_has_future = plan_components.c.future_price.is_not(None)

_PART = {
    "type": components.c.type,
    "name": components.c.name,
    "measured_unit": components.c.measured_unit,
    "amount": plan_components.c.amount,
    "price": plan_components.c.price,
    "future_price": plan_components.c.future_price,
}

PLAN_COLUMNS: dict[str, Any] = {
    "uuid": plans.c.uuid,
    "name": plans.c.name,
    "description": plans.c.description,
    "article_code": plans.c.article_code,
    "unit": plans.c.unit,
    "unit_price": plans.c.unit_price,
    "max_amount": plans.c.max_amount,
    "archived": plans.c.archived,
    "is_active": ~plans.c.archived,
    "backend_id": plans.c.backend_id,
    "organization_groups": groups_of(plan_groups, plan_groups.c.plan_id, plans),
    "components": children(
        _PART,
        _plan_parts,
        where=_of_plan,
        order=_part_order,
        of=plans,
    ),
    "prices": mapping(
        components.c.type,
        plan_components.c.price,
        _plan_parts,
        where=_of_plan,
        order=_part_order,
        of=plans,
    ),
    "future_prices": mapping(
        components.c.type,
        plan_components.c.future_price,
        _plan_parts,
        where=_of_plan & _has_future,
        order=_part_order,
        of=plans,
    ),
    "quotas": mapping(
        components.c.type,
        plan_components.c.amount,
        _plan_parts,
        where=_of_plan,
        order=_part_order,
        of=plans,
    ),
    "resources_count": select(func.count())
    .select_from(_resources)
    .where(_resources.c.plan_id == plans.c.id, _resources.c.state != "Terminated")
    .correlate(plans)
    .scalar_subquery(),
    "plan_type": literal("", String()),
    "minimal_price": plans.c.unit_price,
}


def plan_url(offering_uuid: ColumnElement[Any]) -> ColumnElement[Any]:
    before = link("/api/marketplace-public-offerings/{}/plans/", offering_uuid)
    return before + plans.c.uuid + literal("/", literal_execute=True)


def _json_number(expr: ColumnElement[Any]) -> ColumnElement[Any]:
    """An exact decimal's own digits as a JSON number."""
    return expr.cast(String()).cast(Json())


COMPONENT_COLUMNS: dict[str, Any] = {
    **{
        name: components.c[name]
        for name in (
            "uuid", "type", "name", "description", "billing_type", "measured_unit", "unit_factor", "limit_period",
            "limit_amount", "article_code", "min_value", "max_value", "max_available_limit", "default_limit",
            "is_boolean", "is_builtin", "is_prepaid", "min_prepaid_duration", "max_prepaid_duration",
            "prepaid_duration_step", "min_renewal_duration", "max_renewal_duration", "renewal_duration_step",
        )
    },
    "offering_uuid": offerings.c.uuid,
    "overage_component": _overage.c.uuid,
}  # fmt: skip

_component_source = components.outerjoin(_overage, _overage.c.id == components.c.overage_component_id)

LINKS = children(
    {
        "uuid": offering_endpoints.c.uuid,
        "name": offering_endpoints.c.name,
        "url": offering_endpoints.c.url,
    },
    offering_endpoints,
    where=offering_endpoints.c.offering_id == offerings.c.id,
    order=[offering_endpoints.c.id],
    of=offerings,
)


_PICTURE = link("/api/marketplace-screenshots/{}/image/", screenshots.c.uuid)
SCREENSHOTS_OF = children(
    {
        **{name: screenshots.c[name] for name in ("uuid", "name", "description", "created")},
        "image": _PICTURE,
        "thumbnail": _PICTURE,
    },
    screenshots,
    where=screenshots.c.offering_id == offerings.c.id,
    order=[screenshots.c.id],
    of=offerings,
)


def _has(billing_type: str) -> ColumnElement[bool]:
    return exists().where(
        components.c.offering_id == offerings.c.id, components.c.billing_type == billing_type
    )


CLASSIFICATION = case(
    (_has("limit") & not_(_has("usage")), "limit_only"),
    (_has("usage") & not_(_has("limit")), "usage_only"),
    else_="mixed",
)


def offering_components() -> ColumnElement[Any]:
    """The components of the current offering, as a JSON array."""
    return children(
        COMPONENT_COLUMNS,
        _component_source,
        where=components.c.offering_id == offerings.c.id,
        order=[components.c.id],
        of=offerings,
    )


def _plan_members() -> ColumnElement[Any]:
    """What a plan's components say, all of it from one look at them."""
    rows = (
        select(*(expr.label(name) for name, expr in _PART.items()))
        .select_from(_plan_parts)
        .where(_of_plan)
        .order_by(*_part_order)
        .correlate(plans)
        .subquery()
    )
    part = rows.c
    members = json_members(
        {
            "components": json_list(json_object({name: part[name] for name in _PART})),
            "prices": json_map(part.type, in_json(part.price)),
            "future_prices": json_map(part.type, in_json(part.future_price), part.future_price.is_not(None)),
            "quotas": json_map(part.type, in_json(part.amount)),
        }
    )
    return select(members).select_from(rows).scalar_subquery()


_SPLICED = ("components", "prices", "future_prices", "quotas")


def offering_plans(where: ColumnElement[bool]) -> ColumnElement[Any]:
    return spliced_children(
        _plan_members(),
        {
            "url": plan_url(offerings.c.uuid),
            **{name: expr for name, expr in PLAN_COLUMNS.items() if name not in _SPLICED},
            "init_price": _json_number(plans.c.init_price),
            "switch_price": _json_number(plans.c.switch_price),
        },
        plans,
        where=where,
        order=[plans.c.id],
        of=offerings,
    )
