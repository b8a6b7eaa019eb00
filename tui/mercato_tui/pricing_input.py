"""From the wire's offering and plan to the billing core's: the one place where the two vocabularies meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import cast, get_args

from mercato.billing.core.history import (
    BillingType,
    Change,
    Component,
    History,
    LimitPeriod,
    Limits,
    Plan,
    Price,
    Unit,
)
from mercato.billing.core.receipt import Receipt, preview, receipt
from mercato.schemas import catalog, plans


def component(wire: catalog.Component) -> Component:
    """One component. ValueError for a billing type or limit period this app does not know."""
    if wire.billing_type not in get_args(BillingType):
        raise ValueError(f"unknown billing type {wire.billing_type!r}")
    if wire.limit_period is not None and wire.limit_period not in get_args(LimitPeriod):
        raise ValueError(f"unknown limit period {wire.limit_period!r}")
    return Component(
        type=wire.type,
        name=wire.name or wire.type,
        billing_type=cast(BillingType, wire.billing_type),
        limit_period=cast("LimitPeriod | None", wire.limit_period),
        measured_unit=wire.measured_unit,
        unit_factor=wire.unit_factor or 1,
        is_prepaid=wire.is_prepaid,
        overage_component=wire.overage_component,
        article_code=wire.article_code,
    )


def components(wire: Iterable[catalog.Component]) -> tuple[Component, ...]:
    """All of an offering's components. An overage component that is not among them is forgotten."""
    found = tuple(component(one) for one in wire)
    known = {one.type for one in found}
    return tuple(
        one
        if one.overage_component is None or one.overage_component in known
        else Component(
            one.type,
            one.name,
            one.billing_type,
            one.limit_period,
            one.measured_unit,
            one.unit_factor,
            one.is_prepaid,
            None,
            one.article_code,
        )
        for one in found
    )


def plan(wire: plans.Plan) -> Plan:
    """One plan with its prices by component type. ValueError for a unit this app does not know."""
    if wire.unit not in get_args(Unit):
        raise ValueError(f"unknown plan unit {wire.unit!r}")
    prices = {
        kind: Price(Decimal(amount), int(wire.quotas.get(kind) or 0)) for kind, amount in wire.prices.items()
    }
    return Plan(wire.uuid, wire.name, cast(Unit, wire.unit), prices, wire.article_code)


def _sold(of: Plan, parts: tuple[Component, ...]) -> Plan:
    """The plan without prices of components that the offering no longer has."""
    known = {part.type for part in parts}
    kept = {kind: price for kind, price in of.prices.items() if kind in known}
    return of if len(kept) == len(of.prices) else Plan(of.uuid, of.name, of.unit, kept, of.article_code)


def limits(typed: Mapping[str, int | Decimal | None], parts: Iterable[Component]) -> Limits:
    """Only the limits that were given, of components that have one."""
    limited = {part.type for part in parts if part.billing_type in ("limit", "usage")}
    return {kind: value for kind, value in typed.items() if value is not None and kind in limited}


def order_receipt(
    wire_plan: plans.Plan,
    wire_components: Iterable[catalog.Component],
    typed: Mapping[str, int | Decimal | None],
    *,
    at: datetime,
    zone: str,
    currency: str,
    resource_name: str,
    offering_name: str,
    months: int | Decimal | None = None,
) -> Receipt:
    """What ordering a new resource now, `months` of it paid for in advance, will be billed. ValueError for numbers
    that cannot be."""
    parts = components(wire_components)
    return receipt(
        _sold(plan(wire_plan), parts),
        parts,
        limits(typed, parts),
        at=at,
        zone=zone or "UTC",
        resource_name=resource_name,
        offering_name=offering_name,
        currency=currency,
        months=int(months) if months is not None else 1,
        prepaid=months is not None,
    )


def change_receipts(
    old_plan: plans.Plan,
    new_plan: plans.Plan,
    wire_components: Iterable[catalog.Component],
    old: Mapping[str, int],
    new: Mapping[str, int | Decimal | None],
    *,
    since: datetime,
    at: datetime,
    zone: str,
    currency: str,
    resource_name: str,
    offering_name: str,
) -> tuple[Receipt, Receipt]:
    """A running resource's receipts as it is and as it would be after a change at `at`.

    The resource is taken to have had its present plan and limits `since` then; what happened earlier this
    month is in both receipts alike, so their difference is what the change costs. ValueError as above.
    """
    parts = components(wire_components)
    before, after = _sold(plan(old_plan), parts), _sold(plan(new_plan), parts)
    begun = Change(min(since, at), "created", before.uuid, limits(old, parts))
    changed = Change(at, "plan" if before.uuid != after.uuid else "limits", after.uuid, limits(new, parts), 1)
    history = History(
        resource="",
        resource_name=resource_name,
        offering_name=offering_name,
        components=parts,
        plans={before.uuid: before, after.uuid: after},
        changes=(begun,),
        zone=zone or "UTC",
        currency=currency,
    )
    later = History(
        history.resource,
        resource_name,
        offering_name,
        parts,
        history.plans,
        (begun, changed),
        (),
        history.zone,
        currency,
    )
    return preview(history, at=at, order_type="Update"), preview(later, at=at, order_type="Update")


def lowest(wire: Iterable[plans.Plan]) -> tuple[Decimal, str, bool] | None:
    """Where prices start: (amount, unit, whether it is a flat price for a span of time). The cheapest flat
    price if there is one, else the cheapest price of a component. None where every plan is on request.
    """
    sold = [one for one in wire if one.is_active and not one.archived]
    flat = [(Decimal(one.unit_price), one.unit, True) for one in sold if Decimal(one.unit_price) > 0]
    if flat:
        return min(flat)
    rates = [
        (Decimal(part.price), part.measured_unit or part.name, False)
        for one in sold
        for part in one.components
        if Decimal(part.price) > 0
    ]
    return min(rates) if rates else None
