"""Invoices follow what happened: the wanted lines are computed anew, the difference is stored."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
from sqlalchemy import delete, func, insert, select, update

from mercato.billing import history as histories
from mercato.billing import queries, rules
from mercato.billing.core.invoice import difference, lines_of
from mercato.billing.core.lines import Line, Period, at_price
from mercato.billing.core.money import exponent, to_minor
from mercato.billing.core.periods import Month
from mercato.billing.core.timeline import Life, live
from mercato.billing.history import Billed
from mercato.billing.moves import came, formerly, quarter_settled
from mercato.billing.tables import invoice_items, invoices, opened_months
from mercato.catalog.pricing import apply_future_prices
from mercato.kernel import clock
from mercato.kernel.columns import plain
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict
from mercato.kernel.ids import new_uuid
from mercato.resources import queries as resources
from mercato.schemas.billing import InvoiceState
from mercato.schemas.facts import InvoiceChanged, ResourceBilled, ResourceMoved, UsageReported
from mercato.tenants import queries as tenants
from mercato.tenants.service import CustomerGoes
from mercato.usage import service as usage

# Lines that come with reports of usage.
_USED = ("usage", "overage")


class Terms(NamedTuple):
    """What the issuer decided."""

    currency: str
    payment_interval: int
    issuer: dict[str, str]
    zone: str = "UTC"
    """Where a month's turn lets future prices become current."""


class Billing:
    """The room's acts under one issuer's terms; registered as listener by the composition root."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms

    # -- facts that change invoices --------------------------------------------------------

    def on_resource(self, tx: Tx, fact: ResourceBilled) -> None:
        """Something that matters for money happened to a resource now."""
        self.settle(tx, fact.id)

    def on_usage(self, tx: Tx, fact: UsageReported) -> None:
        """Usage of a month was reported; only months whose invoice is open follow, and only that month."""
        billed = histories.load(tx.conn, fact.id, self.terms.currency)
        if billed is None:
            return
        months = {Month.parse(fact.period[:7])}
        for month in months:
            self._told_late(tx, billed, month)
        if any(component.is_prepaid for component in billed.history.components):
            # What was used earlier leaves less of the balance for now.
            months.add(Month.of(tx.now, billed.history.zone))
        self._bring_in_line(tx, billed, months)

    def on_moved(self, tx: Tx, fact: ResourceMoved) -> None:
        """The current month's lines of a resource go with it to its new project (contract 8.15)."""
        billed = histories.load(tx.conn, fact.id, self.terms.currency)
        if billed is None:
            return
        current = Month.of(tx.now, billed.history.zone)
        for invoice in queries.open_invoices(tx.conn, fact.from_customer, current):
            mine = (invoice_items.c.invoice_id == invoice.id) & (invoice_items.c.resource_id == fact.id)
            if fact.customer == fact.from_customer:
                tx.conn.execute(update(invoice_items).where(mine), _place(billed))
            else:
                tx.conn.execute(delete(invoice_items).where(mine))
                self._sum_up(tx, invoice)
            text = f"Invoice {invoice.year}-{invoice.month:02} follows {billed.row.name} to {billed.project.name}."
            changed = InvoiceChanged(object=invoice.uuid, state=invoice.state)
            tx.emit(changed, event="invoice_item_updated", message=text)
        if fact.customer != fact.from_customer:
            self._part(tx, formerly(tx, billed, fact.from_project, fact.from_customer))
        self.settle(tx, fact.id)

    def _part(self, tx: Tx, billed: Billed) -> None:
        """An organization lets go of a resource: of a quarter that it was charged for it owes the months until this
        one; the rest is credited to it now, and whoever has the resource now is charged for it."""
        current = Month.of(tx.now, billed.history.zone)
        if _has_quarters(billed) and current != current.quarter:
            self._store(tx, billed, current, quarter_settled(tx.conn, billed, current, leaving=True))

    def _told_late(self, tx: Tx, billed: Billed, month: Month) -> None:
        """What was used in a month when the resource was another organization's is that organization's to pay."""
        since = came(billed)
        if since is None or month >= since:
            return
        for move in resources.moves_of(tx.conn, billed.row.id):
            former = formerly(tx, billed, move.from_project_id, move.from_customer_id)
            if Month.of(move.at, former.history.zone) > month:
                break
        else:
            return
        invoice = queries.invoice_of(tx.conn, former.customer.id, month)
        stored = queries.stored_lines(tx.conn, invoice.id, billed.row.id) if invoice is not None else []
        used = [line for line in lines_of(live(former.history), month) if line.kind in _USED]
        self._store(tx, former, month, (*(line for line in stored if line.kind not in _USED), *used))

    def on_customer_goes(self, tx: Tx, question: CustomerGoes) -> None:
        if not question.by_staff and queries.owes(tx.conn, question.id):
            raise Conflict("Organization has invoices that are not pending or not zero.", code="has_invoices")

    # -- lines ------------------------------------------------------------------------------

    def settle(self, tx: Tx, resource_id: int, *more: Month) -> None:
        """Bring the open invoices of a resource's organization in line with the resource's history.

        The current month, the month that billed the current quarter and `more` are computed anew; what
        differs on an invoice that is closed already is settled on the current one.
        """
        billed = histories.load(tx.conn, resource_id, self.terms.currency)
        if billed is not None:
            current = Month.of(tx.now, billed.history.zone)
            self._bring_in_line(tx, billed, {current.quarter, current, *more})

    def _bring_in_line(self, tx: Tx, billed: Billed, months: set[Month]) -> None:
        life = live(billed.history)
        since = came(billed)
        for month in sorted(month for month in months if since is None or month >= since):
            self._store(tx, billed, month, self._wanted(tx, billed, life, month))

    def _wanted(self, tx: Tx, billed: Billed, life: Life, month: Month) -> tuple[Line, ...]:
        """The lines that the month's invoice should have; on the current one also what corrects closed ones."""
        wanted = lines_of(life, month)
        if month != Month.of(tx.now, billed.history.zone) or not _has_quarters(billed):
            return wanted
        return wanted + self._corrections(tx, billed, month)

    def _corrections(self, tx: Tx, billed: Billed, current: Month) -> tuple[Line, ...]:
        """What the quarter's closed invoice charged too much or too little, at the prices it charged by; of a quarter
        that began with another organization, what that one was not charged for."""
        since = came(billed)
        if since is None or since <= current.quarter:
            invoice = queries.invoice_of(tx.conn, billed.customer.id, current.quarter)
            if invoice is None or invoice.state in queries.MUTABLE:
                return ()
        return quarter_settled(tx.conn, billed, current)

    def _store(self, tx: Tx, billed: Billed, month: Month, wanted: tuple[Line, ...]) -> None:
        invoice = queries.invoice_of(tx.conn, billed.customer.id, month, lock=True)
        if invoice is not None and invoice.state not in queries.MUTABLE:
            return
        stored = queries.stored_lines(tx.conn, invoice.id, billed.row.id) if invoice is not None else []
        if month < Month.of(tx.now, self.terms.zone):
            wanted = _at_stored_prices(stored, wanted, exponent(self.terms.currency))
        change = difference(stored, wanted)
        if not change:
            return
        if invoice is None:
            invoice = self._create(tx, billed.customer, month)
        for line in change.delete:
            tx.conn.execute(delete(invoice_items).where(_is_line(invoice.id, line)))
        for line in change.insert:
            tx.conn.execute(insert(invoice_items), self._item(invoice, billed, line))
        for line in change.update:
            values = self._item(invoice, billed, line)
            # Names survive renames; only the periods of the details follow the line.
            for kept in ("uuid", "name", "article_code", "resource_name", "project_name"):
                del values[kept]
            before = tx.conn.execute(select(invoice_items.c.details).where(_is_line(invoice.id, line)))
            periods = {
                k: v for k, v in values["details"].items() if k in ("resource_limit_periods", "unit_price")
            }
            values["details"] = {**before.scalar_one(), **periods}
            tx.conn.execute(update(invoice_items).where(_is_line(invoice.id, line)), values)
        self._sum_up(tx, invoice)
        fact = InvoiceChanged(object=invoice.uuid, state=invoice.state)
        text = f"Invoice {month} of {billed.customer.name} follows {billed.row.name}."
        tx.emit(fact, event="invoice_item_updated", message=text)

    def _item(self, invoice: Any, billed: Billed, line: Line) -> dict[str, Any]:
        price = to_minor(line.amount, invoice.currency)
        tax = rules.tax_minor(price, invoice.tax_percent)
        return {
            "uuid": new_uuid(),
            "invoice_id": invoice.id,
            "resource_id": billed.row.id,
            **_place(billed),
            "key": line.key,
            "name": line.name,
            "billing_type": line.kind,
            "unit": line.unit,
            "measured_unit": line.measured_unit,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "price": price,
            "tax": tax,
            "total": price + tax,
            "start": line.start,
            "end": line.end,
            "article_code": line.article_code,
            "resource_name": billed.row.name,
            "details": _details(billed, line),
            "line": line,
        }

    def _create(self, tx: Tx, customer: Any, month: Month) -> Any:
        row = {
            "uuid": new_uuid(),
            "created": tx.now,
            "customer_id": customer.id,
            "year": month.year,
            "month": month.month,
            "state": InvoiceState.PENDING.value,
            "currency": self.terms.currency,
            "exponent": exponent(self.terms.currency),
            "time_zone": customer.time_zone,
            "tax_percent": customer.default_tax_percent,
            "price": 0,
            "tax": 0,
            "total": 0,
            "issuer_details": self.terms.issuer,
        }
        tx.conn.execute(insert(invoices), row)
        made = queries.invoice_of(tx.conn, customer.id, month)
        text = f"Invoice {month} of {customer.name} has been created."
        tx.emit(InvoiceChanged(object=made.uuid, state=made.state), event="invoice_created", message=text)
        return made

    def _sum_up(self, tx: Tx, invoice: Any) -> None:
        found = select(func.coalesce(func.sum(invoice_items.c.price), 0))
        price = int(tx.conn.execute(found.where(invoice_items.c.invoice_id == invoice.id)).scalar_one())
        tax = rules.tax_minor(price, invoice.tax_percent)
        sums = {"price": price, "tax": tax, "total": price + tax}
        tx.conn.execute(update(invoices).where(invoices.c.id == invoice.id), sums)

    # -- months -----------------------------------------------------------------------------

    def close_months(self, tx: Tx, customer_id: int) -> int:
        """Issue the invoices of months that are over, for one organization."""
        customer = tenants.customer_by_id(tx.conn, customer_id)
        current = Month.of(tx.now, customer.time_zone)
        overdue = queries.pending_before(tx.conn, customer_id, current)
        for invoice in overdue:
            self._finalise(tx, invoice, customer)
        return len(overdue)

    def begin_prices(self, tx: Tx) -> None:
        """Let future prices become current, once a month, after the old months are closed."""
        month = Month.of(tx.now, self.terms.zone)
        if queries.opened_at(tx.conn, None, month) is None:
            apply_future_prices(tx)
            _mark_opened(tx, None, month)

    def begin_month(self, tx: Tx, customer_id: int) -> None:
        """Begin the current month's invoice with a line for everything that runs.

        Months that nobody began (the server was down) are made up for and issued at once. A month that was
        begun before its prices were known (east of the issuer) is computed anew.
        """
        customer = tenants.customer_by_id(tx.conn, customer_id)
        current = Month.of(tx.now, customer.time_zone)
        if not is_due(tx, customer_id, current):
            return
        mine = resources.billed_resources(tx.conn, customer_id)
        month = self._first_to_begin(tx, customer, current)
        while month <= current:
            for resource_id in mine:
                usage.carry_recurring(tx, resource_id, month.first)
                self.settle(tx, resource_id, month)
            _mark_opened(tx, customer_id, month)
            month = month.plus(1)
        for invoice in queries.pending_before(tx.conn, customer_id, current):
            self._finalise(tx, invoice, customer)

    def _first_to_begin(self, tx: Tx, customer: Any, current: Month) -> Month:
        last = queries.last_opened(tx.conn, customer.id)
        if last is not None:
            return min(last.plus(1), current)
        first = resources.first_life(tx.conn, customer.id)
        return current if first is None else Month.of(first, customer.time_zone)

    def _finalise(self, tx: Tx, invoice: Any, customer: Any) -> None:
        today = clock.day_of(tx.now, invoice.time_zone)
        values = {
            "state": InvoiceState.CREATED.value,
            "invoice_date": today,
            "due_date": rules.due_date(today, self.terms.payment_interval),
            "customer_details": _customer_details(customer),
        }
        tx.conn.execute(update(invoices).where(invoices.c.id == invoice.id), values)
        fact = InvoiceChanged(object=invoice.uuid, state=InvoiceState.CREATED.value)
        text = f"Invoice {invoice.year}-{invoice.month:02} of {customer.name} has been issued."
        tx.emit(fact, event="invoice_updated", message=text)


def due_customers(tx: Tx) -> list[int]:
    """The organizations whose month has turned and has not been dealt with."""
    due = []
    for row in queries.customers_with_zone(tx.conn):
        current = Month.of(tx.now, row.time_zone)
        begins = row.removed_at is None and is_due(tx, row.id, current)
        if begins or queries.pending_before(tx.conn, row.id, current):
            due.append(row.id)
    return due


def is_due(tx: Tx, customer_id: int, month: Month) -> bool:
    """Whether the month is still to be begun, or was begun before its prices became current."""
    begun = queries.opened_at(tx.conn, customer_id, month)
    prices = queries.opened_at(tx.conn, None, month)
    return begun is None or (prices is not None and begun < prices)


def _at_stored_prices(stored: list[Line], wanted: tuple[Line, ...], places: int) -> tuple[Line, ...]:
    """The price list has gone on to another month: what this one charges keeps the prices it began with."""
    prices = {line.key: line.unit_price for line in stored}
    return tuple(at_price(line, prices.get(line.key, line.unit_price), places) for line in wanted)


def _has_quarters(billed: Billed) -> bool:
    return any(component.limit_period == "quarterly" for component in billed.history.components)


def _mark_opened(tx: Tx, customer_id: int | None, month: Month) -> None:
    row = {"customer_id": customer_id, "year": month.year, "month": month.month, "at": tx.now}
    if queries.opened_at(tx.conn, customer_id, month) is None:
        tx.conn.execute(insert(opened_months), row)
    else:
        tx.conn.execute(update(opened_months).where(queries.of_month(customer_id, month)), {"at": tx.now})


def _is_line(invoice_id: int, line: Line) -> Any:
    return (invoice_items.c.invoice_id == invoice_id) & (invoice_items.c.key == line.key)


def _place(billed: Billed) -> dict[str, Any]:
    project = billed.project
    return {"project_id": project.id, "project_name": project.name, "project_uuid": project.uuid}


def _details(billed: Billed, line: Line) -> dict[str, Any]:
    """What a line remembers whatever is renamed later (contract §8.12)."""
    details: dict[str, Any] = {
        "resource_name": billed.row.name,
        "resource_uuid": billed.row.uuid,
        "plan_name": line.plan_name,
        "plan_uuid": line.plan,
        "offering_type": billed.offering.type,
        "offering_name": billed.offering.name,
        "offering_uuid": billed.offering.uuid,
        "offering_component_type": line.component,
        "offering_component_name": line.component_name,
        "limit_period": line.limit_period,
        "unit_price": str(line.unit_price),
    }
    if line.kind == "overage":
        details["is_overage"] = True
    if line.periods:
        details["resource_limit_periods"] = [_period(period) for period in line.periods]
    return details


def _period(period: Period) -> dict[str, Any]:
    """Clients take whole numbers for what they count; where half months make parts, the exact ones as text."""
    counted = {"quantity": period.quantity, "billing_periods": period.billing_periods}
    whole = {name: int(value) if value % 1 == 0 else plain(value) for name, value in counted.items()}
    return {**msgspec.to_builtins(period), **whole}


def _customer_details(customer: Any) -> dict[str, str]:
    names = (
        "name", "native_name", "email", "address", "city", "postal", "country", "registration_code", "vat_code",
        "phone_number", "bank_name", "bank_account",
    )  # fmt: skip
    return {name: getattr(customer, name) for name in names}
