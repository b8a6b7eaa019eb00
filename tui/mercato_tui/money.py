"""Amounts as people write them. Decimals in, text out; nothing here computes a price."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from mercato_tui.i18n import _, locale_name

PLACES = Decimal("0.01")


@lru_cache(maxsize=4)
def _locale(name: str) -> str:
    from babel import Locale
    from babel.core import UnknownLocaleError

    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return "en"
    return name


def money(amount: Decimal | str, currency: str) -> str:
    """An amount with its currency and exactly two decimals. Not rounded: callers give whole cents."""
    from babel.numbers import format_currency

    return format_currency(Decimal(amount).quantize(PLACES), currency, locale=_locale(locale_name()))


def price(amount: Decimal | str, currency: str) -> str:
    """A unit price: two decimals, or as many more (up to ten) as it has."""
    from babel.numbers import format_currency

    exact = Decimal(amount).normalize()
    digits = max(2, min(10, -int(exact.as_tuple().exponent)))
    pattern = "¤#,##0." + "0" * digits
    return format_currency(
        exact, currency, format=pattern, currency_digits=False, locale=_locale(locale_name())
    )


def change(amount: Decimal, currency: str) -> str:
    """A difference with its sign in front: `+€5.00`, `−€2.10`, `±€0.00`."""
    sign = "+" if amount > 0 else "−" if amount < 0 else "±"
    return sign + money(abs(amount), currency)


def number(amount: Decimal | int | float | str) -> str:
    """A quantity with thousands separated and no needless zeros."""
    from babel.numbers import format_decimal

    exact = Decimal(str(amount))
    return format_decimal(exact, format="#,##0.##########", locale=_locale(locale_name()))


def per(unit: str) -> str:
    """The span of time (or the thing) that a price is for, as it follows a price."""
    return {
        "month": _("per month"),
        "quarter": _("per quarter"),
        "half_month": _("per half month"),
        "day": _("per day"),
        "hour": _("per hour"),
        "quantity": _("once"),
    }.get(unit, unit)
