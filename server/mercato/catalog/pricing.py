"""Components and plans: what is billed and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import delete, insert, select, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.catalog import queries, rules
from mercato.catalog.tables import components, offerings, plan_components, plans
from mercato.kernel.db import Tx
from mercato.kernel.errors import Invalid, NotFound, invalid
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.schemas.access import Scope
from mercato.schemas.catalog import ComponentChange, NewComponent, OfferingState
from mercato.schemas.facts import CatalogChanged
from mercato.schemas.permissions import Permission as P
from mercato.schemas.plans import NewPlan, PlanChange, PlanReplacement


class PlanInUse(NamedTuple):
    """Asked before prices change: true from whoever has resources on the plan."""

    id: int


class ComponentInUse(NamedTuple):
    """Asked before a component goes: true from whoever has billed or measured it."""

    id: int


def _told(tx: Tx, uuid: str, event: str, message: str) -> None:
    tx.emit(CatalogChanged(object=uuid), event=event, message=message)


def _editable(tx: Tx, actor: Actor, uuid: str) -> Any:
    row = queries.offering_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    access.must(tx.conn, actor, P.OFFERING_UPDATE_COMPONENTS, queries.offering_scopes(row), tx.now)
    _must_be_open(row)
    return row


def _must_be_open(offering: Any) -> None:
    if offering.state == OfferingState.ARCHIVED:
        raise Invalid("It is not possible to update archived offering.", code="archived")


# -- components --------------------------------------------------------------------------------


def add_components(tx: Tx, offering_id: int, new: Sequence[NewComponent], uuids: Sequence[str] = ()) -> None:
    """Add components; overage components are found by type (or uuid) among all of the offering's."""
    for i, component in enumerate(new):
        _check_component(tx, offering_id, component)
        values = _component_values(component)
        row = {**values, "uuid": uuids[i] if i < len(uuids) else new_uuid(), "offering_id": offering_id}
        tx.conn.execute(insert(components), row)
    for component in new:
        if component.overage_component:
            _link_overage(tx, offering_id, component.type, component.overage_component)


def _check_component(tx: Tx, offering_id: int, new: NewComponent, own: int = 0) -> None:
    problem = rules.component_problem(new)
    if problem:
        raise invalid(*problem, code="bad_component")
    same = [r for r in queries.components_of(tx.conn, offering_id) if r.type == new.type and r.id != own]
    if same:
        raise invalid("type", f"Component {new.type} exists already.", code="component_exists")


def _component_values(new: NewComponent) -> dict[str, Any]:
    values = msgspec.structs.asdict(new)
    values.pop("uuid", None)
    del values["overage_component"]
    return {**values, "billing_type": new.billing_type.value, "limit_period": rules.limit_period(new)}


def _link_overage(tx: Tx, offering_id: int, type_: str, wanted: str) -> None:
    mine = queries.components_of(tx.conn, offering_id)
    uuid = uuid_of_link(wanted)
    target = next((r for r in mine if wanted == r.type or (uuid and uuid == r.uuid)), None)
    if target is None or target.type == type_:
        raise invalid("overage_component", "Overage component is not found.", code="unknown_component")
    tx.conn.execute(
        update(components).where(components.c.offering_id == offering_id, components.c.type == type_),
        {"overage_component_id": target.id},
    )


def create_component(tx: Tx, actor: Actor, uuid: str, data: NewComponent) -> None:
    """Add a component; plans price it at 0 until somebody says otherwise."""
    row = _editable(tx, actor, uuid)
    add_components(tx, row.id, [data])
    for plan in queries.plans_of(tx.conn, row.id):
        set_prices(tx, plan, {}, {})
    _told(tx, uuid, "marketplace_offering_component_created", f"Component {data.name} added to {row.name}.")


def change_component(tx: Tx, actor: Actor, uuid: str, data: ComponentChange) -> None:
    """Built-in components keep type and billing type (contract §6)."""
    row = _editable(tx, actor, uuid)
    found = queries.component_row(tx.conn, row.id, uuid_of_link(data.uuid) or "")
    if found is None:
        raise invalid("uuid", "Component is not found.", code="unknown_component")
    if found.is_builtin and (data.type != found.type or data.billing_type != found.billing_type):
        raise invalid("type", "A built-in component keeps its type and billing type.", code="builtin")
    _keep_what_is_billed(tx, found, data)
    _check_component(tx, row.id, data, own=found.id)
    values = {**_component_values(data), "overage_component_id": None}
    tx.conn.execute(update(components).where(components.c.id == found.id), values)
    if data.overage_component:
        _link_overage(tx, row.id, data.type, data.overage_component)
    for plan in queries.plans_of(tx.conn, row.id):
        set_prices(tx, plan, {}, {})
    _told(tx, uuid, "marketplace_offering_component_updated", f"Component {data.name} of {row.name} updated.")


def _keep_what_is_billed(tx: Tx, found: Any, data: ComponentChange) -> None:
    """What invoices and limits were made by stays: changing it would change them in hindsight."""
    wanted = {
        "type": data.type,
        "billing_type": data.billing_type.value,
        "limit_period": rules.limit_period(data),
        "unit_factor": data.unit_factor,
        "is_prepaid": data.is_prepaid,
    }
    changed = [name for name, value in wanted.items() if value != getattr(found, name)]
    if changed and any(tx.ask(ComponentInUse(found.id))):
        message = "A component that is used can not be changed so."
        raise Invalid(fields={name: [message] for name in changed}, code="component_in_use")


def remove_component(tx: Tx, actor: Actor, uuid: str, component: str) -> None:
    row = _editable(tx, actor, uuid)
    found = queries.component_row(tx.conn, row.id, uuid_of_link(component) or "")
    if found is None:
        raise invalid("uuid", "Component is not found.", code="unknown_component")
    if any(tx.ask(ComponentInUse(found.id))):
        raise Invalid("Component is used and can not be removed.", code="component_in_use")
    tx.conn.execute(delete(plan_components).where(plan_components.c.component_id == found.id))
    tx.conn.execute(
        update(components).where(components.c.overage_component_id == found.id),
        {"overage_component_id": None},
    )
    tx.conn.execute(delete(components).where(components.c.id == found.id))
    for plan in queries.plans_of(tx.conn, row.id):
        set_prices(tx, plan, {}, {})
    _told(
        tx, uuid, "marketplace_offering_component_deleted", f"Component {found.name} removed from {row.name}."
    )


# -- plans -------------------------------------------------------------------------------------


def insert_plan(tx: Tx, offering_id: int, data: NewPlan, *, uuid: str = "") -> str:
    """A plan with its prices; every component gets a row, 0 where nothing was said."""
    _check_plan(data.name, data.max_amount)
    made = uuid or new_uuid()
    row = {
        "uuid": made,
        "created": tx.now,
        "offering_id": offering_id,
        "name": data.name,
        "description": data.description,
        "article_code": data.article_code,
        "unit": data.unit.value,
        "unit_price": Decimal(0),
        "init_price": Decimal(0),
        "switch_price": Decimal(0),
        "max_amount": data.max_amount,
        "backend_id": data.backend_id,
    }
    tx.conn.execute(insert(plans), row)
    set_prices(tx, queries.plan_row(tx.conn, made), data.prices, data.quotas)
    return made


def _check_plan(name: str, max_amount: int | None) -> None:
    if not name.strip():
        raise invalid("name", "This field may not be blank.", code="blank")
    if max_amount is not None and max_amount < 0:
        raise invalid("max_amount", "Ensure this value is greater than or equal to 0.", code="too_small")


def set_prices(
    tx: Tx, plan: Any, prices: dict[str, str | int | float], quotas: dict[str, int], *, later: bool = False
) -> None:
    """Write prices and included amounts by component type and keep the plan's sums.

    `later` stores future prices, which become current with the next month (contract §6).
    """
    mine = {c.type: c for c in queries.components_of(tx.conn, plan.offering_id)}
    for name, given in (("prices", prices), ("quotas", quotas)):
        unknown = sorted(set(given) - set(mine))
        if unknown:
            raise invalid(name, f"Invalid types: {', '.join(unknown)}", code="unknown_component")
    known = {r.type for r in queries.prices_of(tx.conn, plan.id)}
    for type_, component in mine.items():
        values = _priced(type_, component, prices, quotas, later=later)
        where = (plan_components.c.plan_id == plan.id) & (plan_components.c.component_id == component.id)
        if type_ not in known:
            fresh = {"price": Decimal(0), "amount": _default_amount(component), **values}
            tx.conn.execute(
                insert(plan_components), {**fresh, "plan_id": plan.id, "component_id": component.id}
            )
        elif values:
            tx.conn.execute(update(plan_components).where(where), values)
    parts = [(r.billing_type, r.price, r.amount) for r in queries.prices_of(tx.conn, plan.id)]
    unit, once, switch = rules.plan_sums(parts)
    sums = {"unit_price": unit, "init_price": once, "switch_price": switch}
    tx.conn.execute(update(plans).where(plans.c.id == plan.id), sums)


def _default_amount(component: Any) -> int:
    return 1 if component.billing_type == "fixed" else 0


def _priced(
    type_: str,
    component: Any,
    prices: dict[str, str | int | float],
    quotas: dict[str, int],
    *,
    later: bool,
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if type_ in prices:
        exact = rules.price(prices[type_])
        if exact is None:
            raise invalid(
                "prices",
                f"{type_}: a price is a number of at least 0 with at most 10 decimals.",
                code="bad_price",
            )
        values["future_price" if later else "price"] = exact
    if type_ in quotas:
        if component.billing_type != "fixed":
            raise invalid(
                "quotas", f"{type_}: only fixed components have an included amount.", code="not_fixed"
            )
        if quotas[type_] < 0:
            raise invalid("quotas", f"{type_}: an amount is at least 0.", code="bad_amount")
        values["amount"] = quotas[type_]
    return values


def _plan_for(tx: Tx, actor: Actor, uuid: str, permission: P) -> tuple[Any, Any]:
    plan = queries.plan_row(tx.conn, uuid)
    if plan is None:
        raise NotFound
    offering = queries.offering_by_id(tx.conn, plan.offering_id)
    access.must(tx.conn, actor, permission, [(Scope.CUSTOMER, offering.customer_id)], tx.now)
    _must_be_open(offering)
    return plan, offering


def create_plan(tx: Tx, actor: Actor, data: NewPlan) -> str:
    offering = queries.offering_row(tx.conn, uuid_of_link(data.offering) or "")
    if offering is None:
        raise invalid("offering", "Offering is not found.", code="unknown_offering")
    access.must(tx.conn, actor, P.OFFERING_CREATE_PLAN, [(Scope.CUSTOMER, offering.customer_id)], tx.now)
    _must_be_open(offering)
    made = insert_plan(tx, offering.id, data)
    _told(
        tx, offering.uuid, "marketplace_plan_created", f"Plan {data.name} has been added to {offering.name}."
    )
    return made


def change_plan(tx: Tx, actor: Actor, uuid: str, data: PlanChange | PlanReplacement) -> str:
    """A plan that no resource uses (contract §6)."""
    plan, offering = _plan_for(tx, actor, uuid, P.OFFERING_UPDATE_PLAN)
    if any(tx.ask(PlanInUse(plan.id))):
        message = "It is not possible to update plan because it is used by resources."
        raise Invalid(message, code="plan_in_use")
    values = {k: v for k, v in msgspec.structs.asdict(data).items() if v is not msgspec.UNSET}
    _check_plan(values.get("name", plan.name), values.get("max_amount"))
    if "unit" in values:
        values["unit"] = values["unit"].value
    if values:
        tx.conn.execute(update(plans).where(plans.c.id == plan.id), values)
        _told(tx, offering.uuid, "marketplace_plan_updated", f"Plan {plan.name} has been updated.")
    return uuid


def remove_plan(tx: Tx, actor: Actor, uuid: str) -> None:
    """Hide a plan that no resource uses; what was billed by it keeps it."""
    plan, offering = _plan_for(tx, actor, uuid, P.OFFERING_UPDATE_PLAN)
    if any(tx.ask(PlanInUse(plan.id))):
        message = "It is not possible to delete plan because it is used by resources."
        raise Invalid(message, code="plan_in_use")
    tx.conn.execute(update(plans).where(plans.c.id == plan.id), {"removed_at": tx.now})
    _told(tx, offering.uuid, "marketplace_plan_deleted", f"Plan {plan.name} has been deleted.")


def archive_plan(tx: Tx, actor: Actor, uuid: str) -> str:
    plan, offering = _plan_for(tx, actor, uuid, P.OFFERING_ARCHIVE_PLAN)
    if plan.archived:
        raise Invalid("Plan is already archived.", code="archived")
    tx.conn.execute(update(plans).where(plans.c.id == plan.id), {"archived": True})
    _told(tx, offering.uuid, "marketplace_plan_archived", f"Plan {plan.name} has been archived.")
    return "Plan has been archived."


def update_prices(tx: Tx, actor: Actor, uuid: str, prices: dict[str, str | int | float]) -> str:
    """New prices: at once without resources, from the next month with them."""
    plan, offering = _plan_for(tx, actor, uuid, P.OFFERING_UPDATE_PLAN)
    later = any(tx.ask(PlanInUse(plan.id)))
    set_prices(tx, plan, prices, {}, later=later)
    kind = "future" if later else "current"
    _told(
        tx,
        offering.uuid,
        f"marketplace_plan_component_{kind}_price_updated",
        f"{kind.capitalize()} prices of plan {plan.name} have been updated.",
    )
    return "Future prices have been set." if later else "Prices have been updated."


def update_quotas(tx: Tx, actor: Actor, uuid: str, quotas: dict[str, int]) -> str:
    plan, offering = _plan_for(tx, actor, uuid, P.OFFERING_UPDATE_PLAN)
    set_prices(tx, plan, {}, quotas)
    message = f"Amounts included in plan {plan.name} have been updated."
    _told(tx, offering.uuid, "marketplace_plan_component_quota_updated", message)
    return "Quotas have been updated."


def apply_future_prices(tx: Tx) -> int:
    """Future prices become current; called once for each new month, before its invoices are made."""
    due = (
        select(plans, offerings.c.uuid.label("offering"))
        .join(offerings, offerings.c.id == plans.c.offering_id)
        .where(
            plans.c.id.in_(
                select(plan_components.c.plan_id).where(plan_components.c.future_price.is_not(None))
            )
        )
    )
    changed = 0
    for plan in tx.conn.execute(due).fetchall():
        tx.conn.execute(
            update(plan_components)
            .where(plan_components.c.plan_id == plan.id, plan_components.c.future_price.is_not(None))
            .values(price=plan_components.c.future_price, future_price=None)
        )
        set_prices(tx, plan, {}, {})
        changed += 1
        event = "marketplace_plan_component_current_price_updated"
        _told(tx, plan.offering, event, f"Future prices of plan {plan.name} are current now.")
    return changed
