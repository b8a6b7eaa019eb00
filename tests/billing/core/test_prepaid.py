"""What was paid for in advance is a line of its month, at the price that was quoted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from mercato.billing.core.history import Change, Component, History, Plan, Prepaid, Price
from mercato.billing.core.invoice import invoice
from mercato.billing.core.lines import at_price
from mercato.billing.core.periods import Month
from mercato.billing.core.renewal import whole_months

pytestmark = pytest.mark.pure

AT = datetime(2026, 4, 10, 12, tzinfo=UTC)


def history(*paid: Prepaid, factor: int = 1) -> History:
    part = Component("h", "Hours", "usage", is_prepaid=True, unit_factor=factor)
    plan = Plan("p", "P", "month", {"h": Price(Decimal("1"))})
    change = Change(AT, "created", "p", {"h": 100})
    return History("r", "R", "O", (part,), {"p": plan}, (change,), prepaid=paid)


def paid(price: str, limit: int, periods: int, length: int = 1) -> Prepaid:
    return Prepaid(AT, "p", "h", Decimal(price), Decimal(limit), periods, length)


@pytest.mark.parametrize(
    ("entry", "factor", "amount"),
    [
        (paid("0.10", 100, 6), 1, "60.00"),
        (paid("0.333", 1, 3), 1, "1.00"),
        (paid("3", 2, 1), 3, "2.00"),  # 2/3 × 3 is 2, not 2.01
        (paid("0.333", 100, 15, 30), 1, "16.65"),
        (paid("1", 1, 1, 31), 1, "0.04"),
        (paid("1", 0, 3), 1, "0.00"),
    ],
)
def test_amounts_are_exact(entry: Prepaid, factor: int, amount: str) -> None:
    [line] = invoice(history(entry, factor=factor), Month(2026, 4))
    assert (line.kind, str(line.amount), line.unit) == ("prepaid", amount, "quantity")
    assert at_price(line, line.unit_price, 2) == line
    assert invoice(history(entry, factor=factor), Month(2026, 5)) == ()


def test_months_and_the_rest_of_one_are_two_lines() -> None:
    made = invoice(history(paid("1", 10, 3), paid("1", 10, 15, 30)), Month(2026, 4))
    assert len({line.key for line in made}) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        Prepaid(AT, "p", "ghost", Decimal(1), Decimal(1), 1),
        Prepaid(AT, "ghost", "h", Decimal(1), Decimal(1), 1),
        Prepaid(AT.replace(tzinfo=None), "p", "h", Decimal(1), Decimal(1), 1),
        Prepaid(AT, "p", "h", Decimal(-1), Decimal(1), 1),
        Prepaid(AT, "p", "h", Decimal(1), Decimal(1), 1, 0),
    ],
)
def test_what_cannot_be_is_refused(wrong: Prepaid) -> None:
    with pytest.raises(ValueError, match="prepaid"):
        invoice(history(wrong), Month(2026, 4))


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ("2026-01-31", "2026-02-28", 1),
        ("2026-01-31", "2026-04-30", 3),
        ("2026-01-15", "2027-01-15", 12),
        ("2026-01-15", "2026-02-14", None),
        ("2026-01-15", "2026-01-15", None),
        ("2026-01-15", "2025-12-15", None),
    ],
)
def test_whole_months(first: str, last: str, months: int | None) -> None:
    assert whole_months(date.fromisoformat(first), date.fromisoformat(last)) == months
