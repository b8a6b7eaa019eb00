"""How resources are listed, for their customers and for their providers."""

from __future__ import annotations

import operator
from functools import reduce
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    String,
    and_,
    bindparam,
    case,
    column,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    table,
)

from mercato.access import queries as access
from mercato.catalog.documents import offering_components
from mercato.catalog.tables import categories, components, offerings, plans
from mercato.identity.tables import users
from mercato.kernel.columns import Json, Utc
from mercato.kernel.filters import equals
from mercato.kernel.listing import Listing, omit
from mercato.kernel.wiresql import (
    children,
    constant,
    hex_text,
    in_json,
    json_map,
    json_text,
    link,
    minor_text,
    sketch,
)
from mercato.resources.filters import FILTERS, ORDER, has_component
from mercato.resources.tables import member_syncs, resource_endpoints, resource_history, resources
from mercato.schemas.access import Scope
from mercato.schemas.permissions import Permission as P
from mercato.schemas.resource_acts import MemberSyncStatus
from mercato.schemas.resources import PlanPeriod, Resource
from mercato.tenants.queries import provider_description
from mercato.tenants.tables import customers, projects

providers = customers.alias("providers")
_orders = table(
    "orders",
    column("id"),
    column("uuid", String()),
    column("type", String()),
    column("state", String()),
    column("created", Utc()),
    column("limits", Json()),
    column("attributes", Json()),
    column("resource_id"),
)
_usages = table(
    "component_usages",
    column("id"),
    column("uuid", String()),
    column("created", Utc()),
    column("date", Utc()),
    column("description", String()),
    column("recurring", Boolean()),
    column("resource_id"),
    column("component_id"),
    column("plan_id"),
    column("billing_period"),
    column("hundredths"),
)
_accounts = table(
    "offering_users", column("user_id"), column("offering_id"), column("username", String()), column("state")
)
_ORDER_SKETCH: dict[str, Any] = {
    name: _orders.c[name] for name in ("uuid", "type", "state", "created", "limits", "attributes")
}
_OPEN = (
    "pending-consumer", "pending-provider", "pending-project", "pending-start-date", "executing",
)  # fmt: skip


def consumed(kind: str) -> ColumnElement[bool] | None:
    """Resources of my projects and organizations, and those of the offerings I provide."""
    if kind == access.EVERYTHING:
        return None
    return or_(
        access.sees_project(projects.c.id, projects.c.customer_id),
        access.provides(offerings.c.id, offerings.c.customer_id),
    )


def provided(kind: str) -> ColumnElement[bool] | None:
    if kind == access.EVERYTHING:
        return None
    return access.provides(offerings.c.id, offerings.c.customer_id)


def _limit_usage() -> ColumnElement[Any]:
    """Usage since the start of each component's current limit period; the starts are bound as dates."""
    start = case(
        (components.c.limit_period == "month", bindparam("month_start", None, type_=String())),
        (components.c.limit_period == "quarterly", bindparam("quarter_start", None, type_=String())),
        (components.c.limit_period == "annual", bindparam("year_start", None, type_=String())),
        else_=literal("0001-01-01"),
    )

    since_start = func.coalesce(
        func.sum(case((_usages.c.billing_period.cast(String()) >= start, _usages.c.hundredths), else_=0)), 0
    )
    rows = (
        select(components.c.type.label("k"), (since_start / 100.0).label("v"))
        .select_from(_usages.join(components, components.c.id == _usages.c.component_id))
        .where(_usages.c.resource_id == resources.c.id)
        .group_by(components.c.type)
        .order_by(components.c.type)
        .correlate(resources)
        .subquery()
    )

    return select(json_map(rows.c.k, in_json(rows.c.v))).select_from(rows).scalar_subquery()


_is_open = exists().where(_orders.c.resource_id == resources.c.id, _orders.c.state.in_(_OPEN))
_at_rest = resources.c.state.in_(["OK", "Erred"]) & not_(_is_open)
_manageable = (resources.c.state == "OK") & not_(_is_open) & offerings.c.state.in_(["Active", "Paused"])
_consumer = ((Scope.PROJECT, projects.c.id), (Scope.CUSTOMER, projects.c.customer_id))
_provider = (Scope.CUSTOMER, offerings.c.customer_id)
_can_end = _at_rest & access.i_may(P.RESOURCE_TERMINATE, *_consumer, _provider)
_other_plans = plans.alias("other_plans")
_has_other_plan = exists().where(
    _other_plans.c.offering_id == offerings.c.id,
    _other_plans.c.removed_at.is_(None),
    ~_other_plans.c.archived,
    _other_plans.c.id != func.coalesce(resources.c.plan_id, 0),
)
_has_prepaid = exists().where(components.c.offering_id == offerings.c.id, components.c.is_prepaid)
_sets_limits = access.i_may(P.RESOURCE_SET_LIMITS, *_consumer)
_options_form = json_text(offerings.c.resource_options, constant("options"))
_has_options = func.coalesce(_options_form, "{}") != "{}"
_ACTIONS = {
    "update_limits": _manageable & has_component("limit") & _sets_limits,
    "switch_plan": _manageable & _has_other_plan & access.i_may(P.RESOURCE_SET_PLAN, *_consumer),
    "renew": _manageable & _has_prepaid & _sets_limits,
    "update_options": _manageable
    & _has_options
    & access.i_may(P.RESOURCE_UPDATE_OPTIONS, *_consumer, _provider),
    "terminate": _can_end,
    "restore": (resources.c.state == "Terminated")
    & not_(_is_open)
    & offerings.c.state.in_(["Active", "Paused"])
    & access.i_may(P.ORDER_CREATE, *_consumer),
}


def _available_actions() -> ColumnElement[Any]:
    """The names of the acts whose conditions hold, as a JSON array."""
    parts = [case((when, constant(f'"{name}",')), else_="") for name, when in _ACTIONS.items()]
    named = func.rtrim(reduce(operator.add, parts), ",")
    return (constant("[") + named + constant("]")).cast(Json())


def _my_username() -> ColumnElement[Any]:
    """What whoever asks is called on the service."""
    return (
        select(func.nullif(_accounts.c.username, "", type_=String()))
        .where(
            _accounts.c.offering_id == offerings.c.id,
            _accounts.c.user_id == access.ME,
            _accounts.c.state != constant("Deleted"),
        )
        .limit(1)
        .correlate(offerings)
        .scalar_subquery()
    )


def _earlier(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    """The earlier of two days, either of which may be missing."""
    return case((one < func.coalesce(other, one), one), else_=func.coalesce(other, one))


_requesters = users.alias("requesters")

_COLUMNS: dict[str, Any] = {
    **{
        name: resources.c[name]
        for name in (
            "uuid", "name", "slug", "description", "state", "created", "modified", "attributes", "options",
            "limits", "current_usages", "backend_id", "effective_id", "backend_metadata", "end_date",
            "end_date_updated_at", "paused", "downscaled", "restrict_member_access", "error_message",
            "error_traceback",
        )
    },
    "report": omit(resources.c.report),
    "offering": link("/api/marketplace-public-offerings/{}/", offerings.c.uuid),
    "offering_uuid": offerings.c.uuid,
    "offering_name": offerings.c.name,
    "offering_slug": offerings.c.slug,
    "offering_type": offerings.c.type,
    "offering_description": offerings.c.description,
    "offering_shared": offerings.c.shared,
    "offering_billable": offerings.c.billable,
    "offering_state": offerings.c.state,
    "offering_backend_id": offerings.c.backend_id,
    "offering_plugin_options": offerings.c.plugin_options,
    "offering_components": offering_components(),
    "provider_name": providers.c.name,
    "provider_uuid": providers.c.uuid,
    "provider_slug": providers.c.slug,
    "provider_description": provider_description(providers.c.id),
    "category_title": categories.c.title,
    "category_uuid": categories.c.uuid,
    "category_icon": categories.c.icon,
    "plan": link("/api/marketplace-plans/{}/", plans.c.uuid),
    "plan_uuid": plans.c.uuid,
    "plan_name": plans.c.name,
    "plan_unit": plans.c.unit,
    "plan_description": plans.c.description,
    "project": link("/api/projects/{}/", projects.c.uuid),
    "project_uuid": projects.c.uuid,
    "project_name": projects.c.name,
    "project_slug": projects.c.slug,
    "project_description": projects.c.description,
    "project_end_date": projects.c.end_date,
    "project_effective_end_date": projects.c.end_date,
    "resource_effective_end_date": _earlier(resources.c.end_date, projects.c.end_date),
    "customer_uuid": customers.c.uuid,
    "customer_name": customers.c.name,
    "customer_slug": customers.c.slug,
    "limit_usage": _limit_usage(),
    "endpoints": children(
        {
            "uuid": resource_endpoints.c.uuid,
            "name": resource_endpoints.c.name,
            "url": resource_endpoints.c.url,
        },
        resource_endpoints,
        where=resource_endpoints.c.resource_id == resources.c.id,
        order=[resource_endpoints.c.id],
        of=resources,
    ),
    "is_usage_based": has_component("usage"),
    "is_limit_based": has_component("limit"),
    "last_sync": omit(resources.c.last_sync),
    "username": _my_username(),
    "end_date_requested_by": link("/api/users/{}/", _requesters.c.uuid),
    "getting_started": offerings.c.getting_started,
    "order_in_progress": sketch(
        _ORDER_SKETCH,
        _orders,
        where=and_(_orders.c.resource_id == resources.c.id, _orders.c.state.in_(_OPEN)),
        order=[_orders.c.id.desc()],
        of=resources,
    ),
    "creation_order": sketch(
        _ORDER_SKETCH,
        _orders,
        where=and_(_orders.c.resource_id == resources.c.id, _orders.c.type == "Create"),
        order=[_orders.c.id],
        of=resources,
    ),
    "can_terminate": _can_end,
    "available_actions": _available_actions(),
}  # fmt: skip

_SOURCE = (
    resources.join(offerings, offerings.c.id == resources.c.offering_id)
    .join(providers, providers.c.id == offerings.c.customer_id)
    .join(categories, categories.c.id == offerings.c.category_id)
    .join(projects, projects.c.id == resources.c.project_id)
    .join(customers, customers.c.id == projects.c.customer_id)
    .outerjoin(plans, plans.c.id == resources.c.plan_id)
    .outerjoin(_requesters, _requesters.c.id == resources.c.end_date_requested_by_id)
)

RESOURCES = Listing(
    Resource,
    table=resources,
    source=_SOURCE,
    visible=consumed,
    columns={"url": link("/api/marketplace-resources/{}/", resources.c.uuid), **_COLUMNS},
    filters=FILTERS,
    order=ORDER,
    default_order=("-created",),
)
PROVIDED_RESOURCES = Listing(
    Resource,
    table=resources,
    source=_SOURCE,
    visible=provided,
    columns={"url": link("/api/marketplace-provider-resources/{}/", resources.c.uuid), **_COLUMNS},
    filters=FILTERS,
    order=ORDER,
    default_order=("-created",),
)

_plan_turns = resource_history.alias("plan_turns")
_later = resource_history.alias("later")
_period_end = (
    select(_later.c.at)
    .where(
        _later.c.resource_id == _plan_turns.c.resource_id,
        _later.c.id > _plan_turns.c.id,
        _later.c.kind.in_(["plan", "terminated"]),
    )
    .order_by(_later.c.id)
    .limit(1)
    .correlate(_plan_turns)
    .scalar_subquery()
)
# When a resource began to be on a plan, and until when; its uuid is made of the resource's and the number.
PLAN_PERIODS = Listing(
    PlanPeriod,
    table=_plan_turns,
    source=_plan_turns.join(resources, resources.c.id == _plan_turns.c.resource_id).join(
        plans, plans.c.id == _plan_turns.c.plan_id
    ),
    visible=lambda _kind: None,  # the route first asks whether the resource itself is visible
    where=_plan_turns.c.kind.in_(["created", "plan", "restored"]),
    columns={
        "uuid": func.substr(resources.c.uuid, 1, 16, type_=String()) + hex_text(_plan_turns.c.id),
        "plan_name": plans.c.name,
        "plan_uuid": plans.c.uuid,
        "start": _plan_turns.c.at,
        "end": _period_end,
        "components": children(
            {
                "uuid": _usages.c.uuid,
                "created": _usages.c.created,
                "type": components.c.type,
                "name": components.c.name,
                "measured_unit": components.c.measured_unit,
                "date": _usages.c.date,
                "description": _usages.c.description,
                "usage": minor_text(_usages.c.hundredths, constant(2)),
                "recurring": _usages.c.recurring,
            },
            _usages.join(components, components.c.id == _usages.c.component_id),
            where=and_(
                _usages.c.resource_id == _plan_turns.c.resource_id,
                _usages.c.plan_id == _plan_turns.c.plan_id,
                _usages.c.date >= _plan_turns.c.at,
                or_(_period_end.is_(None), _usages.c.date < _period_end),
            ),
            order=[_usages.c.id],
            of=_plan_turns,
        ),
    },
    filters={"resource": equals(resources.c.uuid)},
)

MEMBER_SYNCS = Listing(
    MemberSyncStatus,
    table=member_syncs,
    source=member_syncs.join(resources, resources.c.id == member_syncs.c.resource_id).join(
        users, users.c.id == member_syncs.c.user_id
    ),
    visible=lambda _kind: None,  # the same
    columns={
        "user_uuid": users.c.uuid,
        "user_username": users.c.username,
        "user_full_name": users.c.full_name,
        **{
            name: member_syncs.c[name] for name in ("scope_type", "role_name", "state", "message", "modified")
        },
    },
    filters={"resource": equals(resources.c.uuid), "state": equals(member_syncs.c.state)},
    order={"username": users.c.username, "modified": member_syncs.c.modified},
    default_order=("username",),
)
