"""`mercato orders create`: the price first, from the same billing core as the invoice, then the order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple
from uuid import uuid4

import click
import msgspec

from mercato.billing.core.receipt import Receipt
from mercato.schemas import DetailQuery, catalog, orders, tenants
from mercato.schemas.plans import Plan
from mercato_tui import dates
from mercato_tui.api import Api
from mercato_tui.commands import options, printing
from mercato_tui.commands.connecting import SERVER, confirm, connected
from mercato_tui.money import money, price
from mercato_tui.pricing_input import order_receipt
from mercato_tui.session import Session, read_session
from mercato_tui.text import clean

_SKIP = frozenset({"plan", "attributes"})
_FIELDS = options.fields_of(orders.NewOrder, _SKIP)


class _Asked(NamedTuple):
    """What is to be ordered, and what it will cost (None: free of charge)."""

    order: orders.NewOrder
    offering: catalog.Offering
    plan: Plan | None
    receipt: Receipt | None
    project: str


@click.command("create", params=[*options.as_options(_FIELDS)])
@SERVER
@click.option("--name", required=True, help="What the resource will be called.")
@click.option("--plan", metavar="NAME|UUID", help="Where the offering has more than one.")
@click.option("--option", "answers", multiple=True, metavar="NAME=VALUE", help="An answer to the order form.")
@click.option("--estimate", is_flag=True, help="Only say what it would cost.")
@click.option("--yes", "-y", is_flag=True, help="Order without asking.")
@click.option("--json", "json_", is_flag=True, help="The order for programs.")
@click.pass_context
def create(
    context: click.Context,
    /,
    server: str | None,
    name: str,
    plan: str | None,
    answers: tuple[str, ...],
    estimate: bool,
    yes: bool,
    json_: bool,
    **given: Any,
) -> None:
    """Order a resource, once its price has been seen.

    mercato orders create --offering "HPC Cluster" --project Genomics --name run-1 --limit cpu=100
    """
    asked = connected(context, server, lambda api: _asked(api, name, plan, answers, given))
    if not json_:
        printing.say(_price(asked))
    if estimate:
        return
    confirm(f"Order {clean(name)} for {clean(asked.project)}?", yes=yes or json_)
    key = uuid4().hex

    async def send(api: Api) -> orders.Order:
        return await api(orders.ORDER_CREATE, asked.order, headers={"Idempotency-Key": key})

    made = connected(context, server, send)
    if json_:
        printing.say(printing.as_json(msgspec.to_builtins(made)))
    else:
        printing.say(f"Ordered. {made.slug} is {made.state}.")


async def _asked(
    api: Api, name: str, plan_name: str | None, answers: tuple[str, ...], given: dict[str, Any]
) -> _Asked:
    order: orders.NewOrder = await options.struct_from(api, orders.NewOrder, _FIELDS, given)
    offering = await api(
        catalog.PUBLIC_OFFERING, DetailQuery(), uuid=order.offering.rstrip("/").split("/")[-1]
    )
    project = await api(tenants.PROJECT, DetailQuery(), uuid=order.project.rstrip("/").split("/")[-1])
    plan = _plan(offering, plan_name)
    order.plan = plan.uuid if plan is not None else None
    order.attributes = {"name": name, **dict(options.pair(text, "--option") for text in answers)}
    session = await read_session(api)
    return _Asked(order, offering, plan, _receipt(session, order, offering, plan, project), project.name)


def _plan(offering: catalog.Offering, wanted: str | None) -> Plan | None:
    live = [plan for plan in offering.plans if not plan.archived]
    if wanted is None:
        if len(live) > 1:
            names = ", ".join(clean(plan.name) for plan in live)
            raise click.UsageError(f"Choose a plan with --plan: {names}.")
        return live[0] if live else None
    rows = [
        {"uuid": p.uuid, "name": p.name} for p in live if wanted.casefold() in (p.name.casefold(), p.uuid)
    ]
    uuid = options.only_one(rows, wanted, "--plan", "name")["uuid"]
    return next(plan for plan in live if plan.uuid == uuid)


def _receipt(
    session: Session,
    order: orders.NewOrder,
    offering: catalog.Offering,
    plan: Plan | None,
    project: tenants.Project,
) -> Receipt | None:
    if plan is None:
        return None
    typed = {name: Decimal(str(value)) for name, value in order.limits.items()}
    try:
        return order_receipt(
            plan,
            offering.components,
            typed,
            at=dates.now(),
            zone=session.zone(project.customer_uuid),
            currency=session.currency,
            resource_name=str(order.attributes["name"]),
            offering_name=offering.name,
        )
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None


def _price(asked: _Asked) -> str:
    found, title = asked.receipt, clean(asked.offering.name)
    if found is None or asked.plan is None:
        return f"{title}: free of charge."
    lines = [f"{title} · {clean(asked.plan.name)}"]
    rows = [
        ("now", found.now_total),
        ("this month", found.this_month_total),
        ("every month from the next", found.full_month_total),
    ]
    for what, total in rows:
        if total or what != "now":
            lines.append(f"  {what:<26}{money(total, found.currency):>16}")
    for rate in found.rates:
        per = f"per {clean(rate.measured_unit)}" if rate.measured_unit else "for each"
        lines.append(
            f"  {clean(rate.component_name):<26}{price(rate.unit_price, found.currency):>16} {per} used"
        )
    return "\n".join([*lines, "  Taxes are added on the invoice."])
