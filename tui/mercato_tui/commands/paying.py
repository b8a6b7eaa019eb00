"""Invoices and usage."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import click
import msgspec

from mercato.schemas import billing, resources, usage
from mercato_tui.api import Api
from mercato_tui.commands import printing
from mercato_tui.commands.buying import RESOURCES
from mercato_tui.commands.connecting import SERVER, connected
from mercato_tui.commands.nouns import Noun, Part, find, group
from mercato_tui.commands.printing import Column, when

_LINES = (
    Column("LINE", "name"),
    Column("PROJECT", "project_name"),
    Column("QUANTITY", "quantity", right=True),
    Column("UNIT", "measured_unit"),
    Column("UNIT PRICE", "unit_price", right=True),
    Column("PRICE", "price", right=True),
    Column("TOTAL", "total", right=True),
)
INVOICES = Noun(
    name="invoices",
    one="invoice",
    help="What is billed.",
    list=billing.INVOICES,
    detail=billing.INVOICE,
    label="number",
    names=(),
    columns=(
        Column("NUMBER", "number", right=True),
        Column("ORGANIZATION", "customer_name"),
        Column("YEAR", "year", right=True),
        Column("MONTH", "month", right=True),
        Column("STATE", "state"),
        Column("PRICE", "price", right=True),
        Column("TAX", "tax", right=True),
        Column("TOTAL", "total", right=True),
        Column("", "currency"),
        Column("UUID", "uuid"),
    ),
    facts=(
        Column("Invoice", "number"),
        Column("Organization", "customer_name"),
        Column("Year", "year"),
        Column("Month", "month"),
        Column("State", "state"),
        Column("Issued", "invoice_date"),
        Column("Due", "due_date"),
        Column("Price", "price"),
        Column("Tax", "tax"),
        Column("Total", "total"),
        Column("Currency", "currency"),
        Column("UUID", "uuid"),
    ),
    sort="-year,-month",
    empty="No invoices that you can see.",
    parts=(
        Part("lines", billing.INVOICE_ITEMS, "Line by line.", _LINES, "It has no lines.", "invoice_uuid"),
    ),
)
USAGE = Noun(
    name="usage",
    one="usage",
    help="What was used.",
    list=usage.USAGES,
    detail=None,
    columns=(
        Column("MONTH", "billing_period"),
        Column("RESOURCE", "resource_name"),
        Column("COMPONENT", "name"),
        Column("USED", "usage", right=True),
        Column("UNIT", "measured_unit"),
        Column("PROJECT", "project_name"),
        Column("REPORTED", "date", when),
    ),
    sort="-billing_period",
    empty="No usage has been reported.",
)


@click.command("report")
@SERVER
@click.argument("which", metavar="RESOURCE")
@click.argument("amounts", metavar="COMPONENT=AMOUNT…", nargs=-1, required=True)
@click.option("--month", metavar="YYYY-MM", help="Of another month than this one.")
@click.option("--description", default="", help="What is to be said of it.")
@click.pass_context
def report(
    context: click.Context,
    server: str | None,
    which: str,
    amounts: tuple[str, ...],
    month: str | None,
    description: str,
) -> None:
    """Report what a resource of my offerings used: `mercato usage report run-1 cpu=120 storage=3.5`.

    A report replaces an earlier one of the same component and month.
    """
    usages = [_item(text, description) for text in amounts]
    at = _in_month(month)

    async def work(api: Api) -> None:
        found = await find(api, RESOURCES, which, resources.PROVIDER_RESOURCES)
        body = usage.UsageReport(usages=usages, resource=str(found["uuid"]), date=at)
        await api.document(usage.SET_USAGE, body)

    connected(context, server, work)
    printing.say("Reported.")


def _item(text: str, description: str) -> usage.UsageItem:
    name, sign, amount = text.partition("=")
    if not name or not sign:
        raise click.BadParameter(f"{text!r} is not COMPONENT=AMOUNT.")
    try:
        exact = Decimal(amount)
    except InvalidOperation:
        raise click.BadParameter(f"{amount!r} is no amount.") from None
    return msgspec.convert(
        {"type": name, "amount": str(exact), "description": description}, usage.UsageItem, strict=False
    )


def _in_month(month: str | None) -> datetime | None:
    if month is None:
        return None
    try:
        return datetime.strptime(month, "%Y-%m").replace(day=15, tzinfo=UTC)
    except ValueError:
        raise click.BadParameter(f"{month!r} is not YYYY-MM.", param_hint="--month") from None


COMMANDS: dict[str, click.Command] = {"invoices": group(INVOICES), "usage": group(USAGE, report)}
