"""Resources that go from one organization to another: who owes what of a quarter (contract §0.5, §0.6, §8.15).

The current month goes with the resource. Of a quarter whose charge was issued before, whoever had the resource owes
the months until the current one, and whoever has it now the rest: together exactly what the quarter costs.
"""

from __future__ import annotations

from msgspec.structs import replace
from sqlalchemy import Connection

from mercato.billing import queries
from mercato.billing.core.invoice import corrections, lines_of
from mercato.billing.core.lines import Line, at_price
from mercato.billing.core.periods import Month
from mercato.billing.core.timeline import live, until
from mercato.billing.history import Billed
from mercato.kernel.db import Tx
from mercato.tenants import queries as tenants


def came(billed: Billed) -> Month | None:
    """Since which month the resource is this organization's; None: from its beginning."""
    return Month.of(billed.row.came_at, billed.history.zone) if billed.row.came_at else None


def formerly(tx: Tx, billed: Billed, project_id: int, customer_id: int) -> Billed:
    """The same when it was in that project of that organization."""
    customer = tenants.customer_by_id(tx.conn, customer_id)
    project = tenants.project_by_id(tx.conn, project_id)
    history = replace(billed.history, zone=customer.time_zone)
    return billed._replace(project=project, customer=customer, history=history)


def quarter_settled(
    conn: Connection, billed: Billed, current: Month, *, leaving: bool = False
) -> tuple[Line, ...]:
    """What must be on the organization's invoice of the current month so that all that anybody was charged for its
    quarter is what that costs: the whole of it, or (`leaving`) the months before the current one.

    Prices are those that the quarter was charged by, its days those of the zone where its charge began.
    """
    earlier = [
        row
        for row in queries.quarter_lines(conn, billed.row.id, current.quarter)
        if (row.customer_id, row.month) != (billed.customer.id, current)
    ]
    charges = [row for row in earlier if row.line.kind == "quarterly"]
    zone = charges[0].zone if charges else billed.history.zone
    life = live(replace(billed.history, zone=zone))
    if leaving:
        life = until(life, current.first)
    prices = {row.line.key: row.line.unit_price for row in charges}
    due = [
        at_price(line, prices.get(line.key, line.unit_price), life.places)
        for line in lines_of(life, current.quarter)
    ]
    return corrections([row.line for row in earlier], due, current, billed.history.zone)
