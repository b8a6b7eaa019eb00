"""Ordering: creating requests and bringing them into their first state."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import insert, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.catalog import queries as catalog
from mercato.catalog import rules as forms
from mercato.files import service as files
from mercato.kernel import clock
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, Forbidden, Invalid, NotFound, invalid
from mercato.kernel.fixed import fixed
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.orders import costs, moves, prepaid, queries, rules
from mercato.orders.states import ORDER
from mercato.orders.tables import orders
from mercato.resources import queries as resource_queries
from mercato.resources import service as resources
from mercato.resources.service import NewResource
from mercato.schemas.access import Scope
from mercato.schemas.catalog import OfferingState, Options
from mercato.schemas.files import Upload
from mercato.schemas.orders import NewLimits, NewOrder, OrderState, OrderType, Termination
from mercato.schemas.permissions import Permission as P
from mercato.schemas.resources import ResourceState
from mercato.tenants import queries as tenants
from mercato.tenants import rules as tenant_rules

NOT_AVAILABLE = "Offering is not available."
_INSERT = fixed(insert(orders))
NOT_REVIEWED: dict[str, Any] = {
    "consumer_reviewed_by_id": None,
    "consumer_reviewed_at": None,
    "provider_reviewed_by_id": None,
    "provider_reviewed_at": None,
}


class Wish(NamedTuple):
    """An order before it has a state."""

    type: OrderType
    offering: Any
    plan: Any
    old_plan: Any
    project: Any
    resource_id: int
    attributes: dict[str, Any]
    limits: dict[str, int]
    cost: Decimal | None
    start_date: date | None = None
    request_comment: str | None = None
    callback_url: str | None = None
    termination_comment: str | None = None
    request_key: str | None = None
    attachment: Upload | None = None


def create_order(tx: Tx, actor: Actor, data: NewOrder, *, sees_offering: Any, request_key: str = "") -> str:
    """Order a new resource; the order's uuid. `sees_offering(uuid)` says whether the caller can see it.

    The same `request_key` of the same person gives the same order again. 400 names every wrong field.
    """
    if request_key:
        before = queries.same_request(tx.conn, actor.id, request_key[:200])
        if before is not None:
            return before
    project = _project_for(tx, actor, data.project)
    offering = _offering_for(tx, data.offering, project, sees_offering)
    plan = plan_for(tx, offering, data.plan)
    check_groups(tx, offering, plan, project)
    _check_terms(offering, accepted=data.accepting_terms_of_service)
    attributes = _answers(offering, data.attributes)
    components = catalog.components_of(tx.conn, offering.id)
    term = prepaid.term(components, attributes, data.start_date or clock.day_of(tx.now, project.time_zone))
    limits = resources.checked_limits(tx, components, offering.id, dict(data.limits), complete=True)
    name = rules.resource_name(attributes, offering.name)
    kept = _form_of(offering.resource_options).options
    resource_id = resources.create(
        tx,
        NewResource(
            name=name,
            offering_id=offering.id,
            plan_id=plan.id if plan else None,
            project_id=project.id,
            attributes=attributes,
            options={k: v for k, v in attributes.items() if k in kept},
            limits=limits,
        ),
    )
    wish = Wish(
        type=OrderType.CREATE,
        offering=offering,
        plan=plan,
        old_plan=None,
        project=project,
        resource_id=resource_id,
        attributes={**attributes, **_remembered(tx, term, plan, components, limits)},
        limits=limits,
        cost=costs.order_cost(
            tx, plan, components, limits, OrderType.CREATE, months=term.months if term else None
        ),
        start_date=data.start_date,
        request_comment=data.request_comment,
        callback_url=data.callback_url,
        request_key=request_key[:200] or None,
    )
    return place(tx, actor, wish)


def _remembered(
    tx: Tx, term: prepaid.Term | None, plan: Any, components: list[Any], limits: dict[str, int]
) -> dict[str, Any]:
    if term is None:
        return {}
    priced = None if plan is None else costs.core_plan(tx.conn, plan)
    return prepaid.remembered(priced, components, limits, term)


def _project_for(tx: Tx, actor: Actor, link: str) -> Any:
    """The project with its organization open and its end not passed, for somebody who may order there."""
    row = tenants.project_row(tx.conn, uuid_of_link(link) or "")
    if row is None:
        raise invalid("project", "Project is not found.", code="unknown_project")
    scopes = [(Scope.PROJECT, row.id), (Scope.CUSTOMER, row.customer_id)]
    if not access.holds(tx.conn, actor, P.ORDER_CREATE, scopes, tx.now):
        held = (access.has_role(tx.conn, actor.id, scope, number, tx.now) for scope, number in scopes)
        if actor.is_support or any(held):
            raise Forbidden(permission=P.ORDER_CREATE.value)
        raise invalid("project", "Project is not found.", code="unknown_project")
    check_open(tx, row)
    return row


def check_open(tx: Tx, project: Any) -> None:
    """400 when the organization is closed or the project is past its end."""
    if project.blocked or project.archived:
        raise invalid("project", "Customer is not available.", code="closed_customer")
    if tenant_rules.ended(project.end_date, clock.day_of(tx.now, project.time_zone)):
        raise invalid("project", "Project end date has passed.", code="ended_project")


def _offering_for(tx: Tx, link: str, project: Any, sees_offering: Any) -> Any:
    uuid = uuid_of_link(link)
    offering = catalog.offering_row(tx.conn, uuid or "")
    # A shared offering is everybody's; who sees a private one is asked.
    if offering is None or not (offering.shared or sees_offering(offering.uuid)):
        raise invalid("offering", "Offering is not found.", code="unknown_offering")
    if offering.state != OfferingState.ACTIVE:
        raise invalid("offering", NOT_AVAILABLE, code="offering_not_available")
    foreign = offering.customer_id != project.customer_id
    elsewhere = offering.project_id is not None and offering.project_id != project.id
    if not offering.shared and (foreign or elsewhere):
        raise invalid("offering", "This offering is not available for ordering.", code="private_offering")
    return offering


def plan_for(tx: Tx, offering: Any, link: str | None) -> Any:
    live = [plan for plan in catalog.plans_of(tx.conn, offering.id) if not plan.archived]
    if not link:
        if not offering.billable or not live:
            return None
        if len(live) == 1:
            return checked_plan(tx, live[0])
        raise invalid("plan", "This field is required.", code="required")
    uuid = uuid_of_link(link)
    plan = next((plan for plan in live if plan.uuid == uuid), None)
    if plan is None:
        message = "This plan is not available for selected offering."
        raise invalid("plan", message, code="unknown_plan")
    return checked_plan(tx, plan)


def check_groups(tx: Tx, offering: Any, plan: Any, project: Any) -> None:
    """400 where the offering or the plan is for other groups of organizations."""
    both = catalog.is_for(tx.conn, offering.id, plan.id if plan else None, project.customer_id)
    if offering.shared and not both[0]:
        raise invalid("offering", "This offering is not available for ordering.", code="other_groups")
    if not both[1]:
        raise invalid("plan", "This plan is not available for selected offering.", code="other_groups")


def checked_plan(tx: Tx, plan: Any) -> Any:
    if plan.max_amount is not None and resource_queries.plan_uses(tx.conn, plan.id) >= plan.max_amount:
        message = "Plan is not available because limit has been reached."
        raise invalid("plan", message, code="plan_is_full")
    return plan


def _form_of(stored: dict[str, Any]) -> Options:

    return msgspec.convert(stored, Options)


def _answers(offering: Any, given: dict[str, Any]) -> dict[str, Any]:
    """The order form's answers with its defaults, or 400 with everything that is wrong."""
    form = _form_of(offering.options)
    wrong = forms.answer_problems(form, given)
    if wrong:
        messages = [f"{name}: {m}" for name, ms in wrong.items() for m in ms]
        raise Invalid(fields={"attributes": messages}, code="bad_options")
    answers = forms.with_defaults(form, given)
    return {name: value for name, value in answers.items() if name not in prepaid.OURS}


def _check_terms(offering: Any, *, accepted: bool) -> None:
    if offering.shared and (offering.terms_of_service or offering.terms_of_service_link) and not accepted:
        message = f"Terms of service for offering '{offering.name}' have not been accepted."
        raise invalid("accepting_terms_of_service", message, code="terms_not_accepted")


def place(tx: Tx, actor: Actor, wish: Wish) -> str:
    """Write the order down in the state that the rules give it; its uuid."""
    case = moves.case_of(actor, wish)
    state = OrderState.PENDING_CONSUMER
    reviews: dict[str, Any] = {}
    if rules.consumer_review_skipped(moves.consumer_facts(tx, actor, case)):
        held = moves.waiting(tx, case)
        state = ORDER.step(state, "approve_by_consumer", held)
        reviews = moves.reviewed_by(actor, tx.now, held)
    made = _write_down(tx, actor, wish, state, reviews)
    if wish.attachment is not None:
        file_id = files.store(tx, wish.attachment, field="attachment")
        tx.conn.execute(update(orders).where(orders.c.uuid == made), {"attachment_id": file_id})
    moves.placed(tx, made, state)
    return made


def done_already(tx: Tx, actor: Actor, wish: Wish) -> None:
    """The order of what its backend has made before it was ordered: done from the start."""
    reviews = {
        "consumer_reviewed_by_id": actor.id or None,
        "consumer_reviewed_at": tx.now,
        "provider_reviewed_by_id": actor.id or None,
        "provider_reviewed_at": tx.now,
    }
    made = _write_down(tx, actor, wish, OrderState.EXECUTING, reviews)
    moves.move(tx, queries.order_row(tx.conn, made), "complete")


def _write_down(tx: Tx, actor: Actor, wish: Wish, state: OrderState, reviews: dict[str, Any]) -> str:
    made = new_uuid()
    tx.conn.execute(
        _INSERT,
        {
            "uuid": made,
            # The tail: the head of a uuid is its time, the same for a minute.
            "slug": f"order-{made[-8:]}",
            "created": tx.now,
            "modified": tx.now,
            "type": wish.type.value,
            "state": state.value,
            "offering_id": wish.offering.id,
            "plan_id": wish.plan.id if wish.plan else None,
            "old_plan_id": wish.old_plan.id if wish.old_plan else None,
            "project_id": wish.project.id,
            "resource_id": wish.resource_id,
            "attributes": wish.attributes,
            "limits": wish.limits,
            "cost": wish.cost,
            "start_date": wish.start_date,
            "request_comment": wish.request_comment,
            "callback_url": wish.callback_url,
            "termination_comment": wish.termination_comment,
            "created_by_id": actor.id or None,
            "request_key": wish.request_key,
            **NOT_REVIEWED,
            **reviews,
        },
    )
    return made


# -- orders on a resource that exists ----------------------------------------------------------


def resource_for(tx: Tx, uuid: str, *, states: tuple[ResourceState, ...]) -> Any:
    row = resource_queries.resource_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    if row.state not in states:
        raise Conflict(
            f"Resource in state {row.state} does not allow this.", code="wrong_state", state=row.state
        )
    if queries.open_order(tx.conn, row.id) is not None:
        raise Invalid("Pending order for resource already exists.", code="pending_order")
    return row


def managed_offering(tx: Tx, row: Any) -> Any:
    offering = catalog.offering_by_id(tx.conn, row.offering_id)
    if offering.state not in (OfferingState.ACTIVE, OfferingState.PAUSED):
        raise Invalid(NOT_AVAILABLE, code="offering_not_available")
    return offering


def order_limits(tx: Tx, actor: Actor, uuid: str, data: NewLimits) -> str:
    """Order other limits of a resource that is OK."""
    row = resource_for(tx, uuid, states=(ResourceState.OK,))
    access.must(tx.conn, actor, P.RESOURCE_SET_LIMITS, resource_queries.consumer_scopes(row), tx.now)
    offering = managed_offering(tx, row)
    project = tenants.project_by_id(tx.conn, row.project_id)
    check_open(tx, project)
    components = catalog.components_of(tx.conn, offering.id)
    given = resources.checked_limits(
        tx, components, offering.id, dict(data.limits), complete=False, but=row.id
    )
    limits = {**row.limits, **given}
    if limits == row.limits:
        raise invalid("limits", "New limits are the same as the current limits.", code="same_limits")
    plan = catalog.plan_by_id(tx.conn, row.plan_id) if row.plan_id else None
    cost = costs.order_cost(tx, plan, components, limits, OrderType.UPDATE)
    charges, advance = prepaid.until_the_end(tx, row, plan, components, limits)
    wish = Wish(
        type=OrderType.UPDATE,
        offering=offering,
        plan=plan,
        old_plan=None,
        project=project,
        resource_id=row.id,
        attributes={"old_limits": row.limits, **({prepaid.CHARGES: charges} if charges else {})},
        limits=limits,
        cost=cost + advance if cost is not None else None,
        request_comment=data.request_comment,
        attachment=data.attachment,
    )
    return place(tx, actor, wish)


def order_plan(tx: Tx, actor: Actor, uuid: str, link: str) -> str:
    """Order another plan for a resource that is OK."""
    row = resource_for(tx, uuid, states=(ResourceState.OK,))
    access.must(tx.conn, actor, P.RESOURCE_SET_PLAN, resource_queries.consumer_scopes(row), tx.now)
    offering = managed_offering(tx, row)
    project = tenants.project_by_id(tx.conn, row.project_id)
    check_open(tx, project)
    plan = plan_for(tx, offering, link)
    if plan is None or plan.id == row.plan_id:
        raise invalid("plan", "The resource has this plan already.", code="same_plan")
    check_groups(tx, offering, plan, project)
    components = catalog.components_of(tx.conn, offering.id)
    wish = Wish(
        type=OrderType.UPDATE,
        offering=offering,
        plan=plan,
        old_plan=catalog.plan_by_id(tx.conn, row.plan_id) if row.plan_id else None,
        project=project,
        resource_id=row.id,
        attributes={},
        limits=row.limits,
        cost=costs.order_cost(tx, plan, components, row.limits, OrderType.UPDATE, plan_switched=True),
    )
    return place(tx, actor, wish)


def order_end(tx: Tx, actor: Actor, uuid: str, data: Termination) -> str:
    """Order the end of a resource that is OK or Erred; by its customer or its provider."""
    row = resource_for(tx, uuid, states=(ResourceState.OK, ResourceState.ERRED))
    provider = [(Scope.CUSTOMER, row.provider_id)]
    scopes = [*resource_queries.consumer_scopes(row), *provider]
    access.must(tx.conn, actor, P.RESOURCE_TERMINATE, scopes, tx.now)
    offering = catalog.offering_by_id(tx.conn, row.offering_id)
    wish = Wish(
        type=OrderType.TERMINATE,
        offering=offering,
        plan=catalog.plan_by_id(tx.conn, row.plan_id) if row.plan_id else None,
        old_plan=None,
        project=tenants.project_by_id(tx.conn, row.project_id),
        resource_id=row.id,
        attributes=data.attributes,
        limits=row.limits,
        cost=None,
        termination_comment=data.termination_comment,
    )
    return place(tx, actor, wish)
