"""A month's invoice lines of a resource, and what must be done to stored lines to become them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from mercato.billing.core.components import fixed_lines, one_time_lines, plan_switch_lines
from mercato.billing.core.history import Component, History
from mercato.billing.core.limits import month_lines, quarterly_lines, total_lines
from mercato.billing.core.lines import Line
from mercato.billing.core.money import exponent, roundup
from mercato.billing.core.periods import ONE, Month, month_window, zone_of
from mercato.billing.core.timeline import Life, live
from mercato.billing.core.usage import overage_lines, prepaid_lines, usage_lines


class Difference(Struct, frozen=True):
    """What turns stored lines into wanted ones; `update` holds wanted lines whose key is stored."""

    insert: tuple[Line, ...] = ()
    update: tuple[Line, ...] = ()
    delete: tuple[Line, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.insert or self.update or self.delete)


def invoice(history: History, month: Month) -> tuple[Line, ...]:
    """Every line of one resource on the invoice of `month`, for all that the history knows, in a fixed order.

    The same history always gives the same lines with the same keys, so a month can be computed again at
    any time. ValueError, naming the culprit, for a history that cannot be true.
    """
    return lines_of(live(history), month)


def lines_of(life: Life, month: Month) -> tuple[Line, ...]:
    """`invoice` for a history that is already in order; saves the work when several months are wanted."""
    return tuple(
        line
        for component in life.history.components
        for line in sorted(_component_lines(life, component, month), key=lambda line: (line.start, line.key))
    )


def _component_lines(life: Life, component: Component, month: Month) -> list[Line]:
    window = month_window(month, life.zone)
    lines: list[Line] = []
    match component.billing_type, component.limit_period:
        case "fixed", _:
            lines = fixed_lines(life, component, window)
        case "one", _:
            lines = one_time_lines(life, component, window)
        case "few", _:
            lines = plan_switch_lines(life, component, window)
        case "usage", _ if not component.is_prepaid:
            lines = usage_lines(life, component, month)
        case "limit", "total":
            lines = total_lines(life, component, window)
        case "limit", "quarterly":
            lines = quarterly_lines(life, component, month)
        case "limit", _:
            lines = month_lines(life, component, window)
    if component.is_prepaid:
        lines = lines + prepaid_lines(life, component, window) + overage_lines(life, component, month)
    return lines


def total(lines: Iterable[Line], currency: str = "EUR") -> Decimal:
    """The sum of the lines' amounts, before tax, with the decimals of the currency."""
    return sum((line.amount for line in lines), roundup(Decimal(0), exponent(currency)))


def difference(stored: Iterable[Line], wanted: Iterable[Line]) -> Difference:
    """What to insert, update and delete so that `stored` charges what `wanted` does, matched by key.

    Names and article codes of stored lines survive renames (contract 8.12): they alone make no update.
    """
    old = {line.key: line for line in stored}
    new = {line.key: line for line in wanted}
    return Difference(
        insert=tuple(line for key, line in new.items() if key not in old),
        update=tuple(line for key, line in new.items() if key in old and _charge(line) != _charge(old[key])),
        delete=tuple(line for key, line in old.items() if key not in new),
    )


def _charge(line: Line) -> tuple[object, ...]:
    return line.quantity, line.unit_price, line.amount, line.unit, line.start, line.end, line.periods


def corrections(
    closed: Iterable[Line], wanted: Iterable[Line], month: Month, zone: str = "UTC"
) -> tuple[Line, ...]:
    """Lines for the open invoice of `month` that settle what closed invoices charged for a quarter (0.6).

    `closed`: the lines of one resource on closed invoices, earlier corrections among them; `wanted`: what
    `invoice` now gives for the same months. Only quarterly lines are settled: everything else on a closed
    invoice stays as it is (8.6). A correction is one piece at the difference, negative for a credit; the
    lines of a quarter then sum exactly to what is wanted, and asking again with the correction on a
    closed invoice gives nothing.
    """
    charged: dict[str, Decimal] = {}
    models: dict[str, Line] = {}
    for line in closed:
        if line.kind in ("quarterly", "correction"):
            origin = line.corrects or line.key
            charged[origin] = charged.get(origin, Decimal(0)) + line.amount
            if line.kind == "quarterly":
                models[origin] = line
    due = {line.key: line for line in wanted if line.kind == "quarterly"}
    models |= due
    return tuple(
        _correction(models[origin], gap, month, zone)
        for origin in sorted(models)
        if (gap := (due[origin].amount if origin in due else Decimal(0)) - charged.get(origin, Decimal(0)))
    )


def _correction(model: Line, gap: Decimal, month: Month, zone: str) -> Line:
    window = month_window(month, zone_of(zone))
    return replace(
        model,
        key=f"{model.key}|correction|{month}",
        kind="correction",
        name=f"{model.name} (correction)",
        unit="quantity",
        quantity=ONE,
        unit_price=gap,
        amount=gap,
        start=window.start,
        end=window.end,
        corrects=model.key,
    )
