"""The turn of the month, asked for every hour: what is due, in each organization's own zone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from mercato.billing.service import Billing, due_customers
from mercato.kernel.db import Database


async def turn_months(db: Database, billing: Billing) -> int:
    """Close old months, let future prices become current, begin new months; how many organizations had work.

    Each organization is a transaction of its own, so this can be interrupted anywhere and run again.
    """
    over = await db.write(due_customers)
    for customer in over:
        await db.write(billing.close_months, customer)
    await db.write(billing.begin_prices)
    due = await db.write(due_customers)
    for customer in due:
        await db.write(billing.begin_month, customer)
    return len({*over, *due})


def month_end(billing: Billing) -> Callable[[Database], Awaitable[None]]:
    """The schedule's entry."""

    async def run(db: Database) -> None:
        await turn_months(db, billing)

    return run
