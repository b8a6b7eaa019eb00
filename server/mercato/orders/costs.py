"""What an order costs, by the same pure code that bills (contract §5.9)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection

from mercato.billing.core import receipt
from mercato.billing.core.history import Component, Plan, Price
from mercato.catalog import queries as catalog
from mercato.kernel.db import Tx
from mercato.schemas.orders import OrderType


def core_components(rows: list[Any]) -> tuple[Component, ...]:
    """The offering's component rows as the billing core takes them."""
    types = {row.id: row.type for row in rows}
    return tuple(
        Component(
            type=row.type,
            name=row.name,
            billing_type=row.billing_type,
            limit_period=row.limit_period,
            measured_unit=row.measured_unit,
            unit_factor=row.unit_factor,
            is_prepaid=row.is_prepaid,
            overage_component=types.get(row.overage_component_id),
            article_code=row.article_code,
        )
        for row in rows
    )


def core_plan(conn: Connection, plan: Any) -> Plan:
    """The plan's row with its prices as the billing core takes it."""
    prices = {r.type: Price(price=r.price, amount=int(r.amount)) for r in catalog.prices_of(conn, plan.id)}
    return Plan(uuid=plan.uuid, name=plan.name, unit=plan.unit, prices=prices)


class Currency(NamedTuple):
    """Asked for the installation's one currency (ISO 4217), whose decimals amounts are rounded to."""


def order_cost(
    tx: Tx,
    plan: Any,
    components: list[Any],
    limits: dict[str, int],
    order_type: OrderType,
    *,
    plan_switched: bool = False,
    months: int | None = None,
) -> Decimal | None:
    """The price of one plan unit with these limits, and what is charged once, `months` paid for in advance among
    it; None without a plan."""
    if plan is None:
        return None
    found = receipt.order_cost(
        core_plan(tx.conn, plan),
        core_components(components),
        dict(limits),
        "Create" if order_type is OrderType.CREATE else "Update",
        currency=tx.ask(Currency())[0],
        plan_switched=plan_switched,
        months=months or 1,
        prepaid=months is not None,
    )
    return found.amount
