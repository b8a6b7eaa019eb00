"""Tax and due dates: values in, values out."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal


def tax_minor(price_minor: int, percent: Decimal) -> int:
    """The tax on an amount, both in minor units, rounded half away from zero."""
    return int((Decimal(price_minor) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))


def due_date(invoice_date: date, interval_days: int) -> date:
    return invoice_date + timedelta(days=interval_days)
